"""Names whose accents a system spoilt: UTF-8 read as another encoding, and then often stripped of all signs.

«é» becomes «Ã©» so, and in a list of bare capitals «A C» or «AC»: QUA C BEC, LTACE; «É» becomes «A». A word is only mended
where that makes a listed one, or where nobody would write what stands there.
"""

import re
from functools import lru_cache

from connectors.resolution.vocabulary import is_word, vocabulary

LONG_ENOUGH = 4
"""Letters that a listed word must have before a spoilt one is read as it."""
LONG_PLACE = 6
"""Letters of a place."""
WORD = re.compile(r"\b[a-z]*a[a-z]*\b")


def decoded(written: str) -> str:
    """The text, if its UTF-8 was taken for the encoding of Western Windows."""
    if "Ã" not in written:
        return written
    try:
        return written.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return written


def accented(text: str) -> str:
    """The text in small bare letters with the letters that lost their accents."""
    return WORD.sub(lambda found: mended(found[0]), drawn_together(text) if " c " in f"{text} " else text)


def drawn_together(text: str) -> str:
    """Words of which a C that stands alone is the half of an accent."""
    words = text.split()
    made: list[str] = []
    while words:
        word = words.pop(0)
        follows = words[0] if words else ""
        if word != "c" or not made or len(made[-1]) < 2 or not made[-1].endswith("a") or is_listed(made[-1]) or follows == "o":
            made.append(word)
            continue
        stem = f"{made[-1][:-1]}e"
        if is_listed(stem + follows) or (len(follows) > 1 and not is_listed(stem) and not is_listed(follows)):
            made[-1] = stem + follows
            del words[:1]
        elif is_listed(stem) or not follows:
            made[-1] = stem
        else:
            made.append(word)
    return " ".join(made)


@lru_cache(maxsize=1 << 18)
def mended(word: str) -> str:
    """The listed word that was spoilt to this one, or stands in it after a French article; else the word."""
    if len(word) < LONG_ENOUGH or is_listed(word):
        return word
    if "ac" in word and len(whole := word.replace("ac", "e")) > LONG_ENOUGH and is_listed(whole):
        return whole
    if word[0] in "dl" and word[1] in "aeiou" and (whole := mended(word[1:])) in vocabulary().trades and len(whole) > LONG_ENOUGH:
        return whole
    lists, whole = vocabulary(), word.replace("ac", "e") if word.replace("ac", "e") in vocabulary().legal else word.replace("a", "e")
    return whole if whole in lists.legal or whole in lists.trades or (len(whole) >= LONG_PLACE and whole in lists.places) else word


def is_listed(word: str) -> bool:
    """Whether a word is a legal form, a trade, a place, a person's name or an English word."""
    lists = vocabulary()
    listed = word in lists.legal or word in lists.trades or word in lists.places or word in lists.people
    return len(word) >= LONG_ENOUGH and (listed or is_word(word, lists.words))
