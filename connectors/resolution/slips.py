"""Names that are the same but for one word that was mistyped, or for where a word ends, or cut short."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import OSA

from connectors.resolution.joining import TIMES, Edge, digits
from connectors.resolution.matching import Corpus, shortened
from connectors.resolution.reading import Reading
from connectors.resolution.vocabulary import Kind, folded, vocabulary

BLOCK = 40
"""Words that are compared with one another at most, where so many names share all the others."""
OFTEN = 3
"""Names that begin with a word before it passes for a name of its own, not for a typing error of another."""
CUT = 12
"""Letters that a name must have before it may be the beginning of another that was cut short."""
SAME_BEGINNING = 3
"""Longer names that must begin so, all of one vendor, before a short one is taken for their beginning."""

NEARLY_ALL = 0.9
"""Share of them that must be."""
LAST = "\U0010ffff"
ONE_OFF = 2
"""Names of a vendor at most that may be another's with one letter wrong, however short the word."""
ONE_OFF_LETTERS = 5
"""Letters of the longer of the two words."""
SHORTEST = 3
"""Letters of a word that may be mistyped."""
LEADING = 10
"""Letters of a first word that is compared with others whatever follows."""
SPACED = 6
"""Letters that must be the same."""
SCRAP = 5
"""Letters of an unknown word at the end that tells nothing."""

Word = tuple[str, str]


def slips_of(readings: Sequence[Reading], keys: Sequence[str], corpus: Corpus) -> list[Edge]:
    """Edges between the keys of names that differ by one mistyped word, by a space, or by a missing end."""
    named = [(compared_words(reading), key) for reading, key in zip(readings, keys, strict=True)]
    return [*mistyped(readings, keys, corpus), *spaced(readings, named), *reordered(named), *continued(named), *misled(named, corpus)]


def compared_words(reading: Reading) -> tuple[Word, ...]:
    """The words of a name without its legal form; without places and numbers where a brand tells more than they do."""
    kinds = "bwsg" if Kind.BRAND in reading.kinds else "bwsgpn"
    return tuple((w, k) for w, k in zip(reading.words, reading.kinds, strict=True) if k in kinds)


def mistyped(readings: Sequence[Reading], keys: Sequence[str], corpus: Corpus) -> list[Edge]:
    """Names of as many words that differ in one, by few letters."""
    blocks: dict[tuple[int, tuple[Word, ...]], dict[Word, str]] = defaultdict(dict)
    for reading, key in zip(readings, keys, strict=True):
        for named in ways_to_compare(reading):
            words = tuple((w, k) for w, _, k in named)
            for place, (_, spelt, kind) in enumerate(named):
                if len(named) > 1 and len(spelt) >= SHORTEST:
                    blocks[place, words[:place] + words[place + 1 :]].setdefault((spelt, kind), key)
    counts, found = Counter(keys), []
    for (_, others), words in blocks.items():
        if len(words) < 2:
            continue
        is_telling = any(kind in "bws" for _, kind in others)
        for group in compared(sorted(words)):
            for place, one in enumerate(group):
                for other in group[place + 1 :]:
                    if words[one] != words[other] and (is_slip(one, other, is_telling, corpus) or is_one_off(one, other, counts[words[one]], counts[words[other]])):
                        left, right = sorted((words[one], words[other]))
                        found.append(Edge(left, right, "typo", 0.91, f"the same words but for a typing error: {one[0]} and {other[0]}"))
    return found


def ways_to_compare(reading: Reading) -> list[list[tuple[str, str, str]]]:
    """The words, as meant, as spelt and their kinds, without a legal form; with a brand among them also without places and numbers.

    Not only without: a common word mistyped looks like a brand.
    """
    told = zip(reading.words, reading.spelt, reading.kinds, strict=True)
    whole = [item for item in told if item[2] in "bwsgpn"]
    bare = [item for item in whole if item[2] in "bwsg"]
    return [bare, whole] if Kind.BRAND in reading.kinds and len(bare) < len(whole) else [whole]


def compared(words: Sequence[Word]) -> list[Sequence[Word]]:
    """The words to compare with one another: all, or where they are many those with the same first or the same last letters."""
    if len(words) <= BLOCK:
        return [words]
    groups: dict[str, list[Word]] = defaultdict(list)
    for word in words:
        groups[f"{word[0][:3]}-"].append(word)
        groups[f"-{word[0][-3:]}"].append(word)
    return [group[:BLOCK] for group in groups.values() if len(group) > 1]


def is_slip(one: Word, other: Word, is_telling: bool, corpus: Corpus) -> bool:
    """Whether one word is the other mistyped: few letters differ for their length, and not both are known words."""
    if Kind.BRAND not in (one[1], other[1]) or digits(one[0]) != digits(other[0]):
        return False
    rare, often = sorted((corpus.begins[one[0]], corpus.begins[other[0]]))
    if rare >= OFTEN and often < TIMES * rare:
        return False
    length = min(len(one[0]), len(other[0]))
    if is_telling:
        limit = (length >= 4 or max(len(one[0]), len(other[0])) >= 4) + (length >= 7) + (length >= 10)
    elif rare <= 1 and often >= OFTEN:
        limit = (length >= 5) + (length >= 7) + (length >= 10)
    else:
        limit = (length >= 6) + (length >= 8) + (length >= 12)
    return OSA.distance(one[0], other[0], score_cutoff=limit) <= limit


def is_one_off(one: Word, other: Word, ours: int, theirs: int) -> bool:
    """Whether a word in no list, of a vendor with hardly a name, is a letter off from that of a vendor with many."""
    (rare, few), (often, many) = sorted(((one, ours), (other, theirs)), key=lambda item: (item[1], item[0]))
    if rare[1] != Kind.BRAND or few > ONE_OFF or many < TIMES * few or digits(one[0]) != digits(other[0]):
        return False
    return max(len(rare[0]), len(often[0])) >= ONE_OFF_LETTERS and OSA.distance(rare[0], often[0], score_cutoff=1) <= 1


def misled(named: Iterable[tuple[tuple[Word, ...], str]], corpus: Corpus) -> list[Edge]:
    """Vendors of one word, long and in no list, with which their names begin, where that word is another's mistyped."""
    first: dict[str, str] = {}
    for words, key in named:
        if words and words[0][1] == Kind.BRAND and len(words[0][0]) >= LEADING and " " not in key:
            first.setdefault(words[0][0], key)
    buckets: dict[str, list[str]] = defaultdict(list)
    for word in sorted(first):
        for letters in shortened(word):
            buckets[letters].append(word)
    found = []
    for one, other in sorted({(group[0], word) for group in buckets.values() if len(group) > 1 for word in group[1:BLOCK]}):
        rare, often = sorted((corpus.begins[one], corpus.begins[other]))
        is_one_of_many = often >= OFTEN and often >= TIMES * rare
        if first[one] != first[other] and is_one_of_many and digits(one) == digits(other) and OSA.distance(one, other) <= 2:
            found.append(Edge(*sorted((first[one], first[other])), "typo", 0.91, f"{rare} names begin with one, {often} with the other: {one}, {other}"))
    return found


def spaced(readings: Sequence[Reading], named: Iterable[tuple[tuple[Word, ...], str]]) -> list[Edge]:
    """Names of the same letters, with their places and numbers or without."""
    letters: dict[str, set[str]] = defaultdict(set)
    for reading, (words, key) in zip(readings, named, strict=True):
        whole = bare_letters(reading)
        if any(kind in "bws" for _, kind in words):
            letters["".join(word for word, _ in words)].add(key)
            letters["".join(reading.spelt)].add(key)
            letters[whole].add(key)
        elif len(whole) >= LEADING:
            letters[whole].add(key)
    found = []
    for together, keys in letters.items():
        first, *rest = sorted(keys)
        if len(together) >= SPACED:
            found += [Edge(first, key, "spacing", 0.93, f"the same letters: {together}") for key in rest]
    return found


def bare_letters(reading: Reading) -> str:
    """The letters and digits as written, without a legal form at the end."""
    words = re.findall("[a-z0-9]+", folded(reading.written))
    if reading.former or reading.maker or reading.issuer:
        return "".join(reading.spelt)
    while len(words) > 1 and words[-1] in vocabulary().legal:
        words.pop()
    return "".join(words)


def reordered(named: Iterable[tuple[tuple[Word, ...], str]]) -> list[Edge]:
    """Names of the same words in another order, a brand among them; with two brands they may be partners that took turns, and a person's are asked about."""
    same: dict[tuple[Word, ...], set[str]] = defaultdict(set)
    for words, key in named:
        brands, persons = (sum(k == kind for _, k in words) for kind in (Kind.BRAND, Kind.PERSON))
        if len(words) > 1 and (brands == 1 or len(words) == brands + persons == 2):
            same[tuple(sorted(words))].add(key)
    found = []
    for words, keys in same.items():
        first, *rest = sorted(keys)
        sure = 0.92 if sum(kind == Kind.BRAND for _, kind in words) == 1 else 0.8
        found += [Edge(first, key, "words", sure, f"the same words in another order: {' '.join(w for w, _ in words)}") for key in rest]
    return found


def continued(named: Iterable[tuple[tuple[Word, ...], str]]) -> list[Edge]:
    """Names of which one goes on with nothing but places, numbers and scraps of words."""
    whole: dict[tuple[str, ...], str] = {}
    for words, key in named:
        whole.setdefault(tuple(word for word, _ in words), key)
    found = []
    for words, key in named:
        size = len(words)
        while size > 2 and (words[size - 1][1] in "pn" or (words[size - 1][1] == Kind.BRAND and len(words[size - 1][0]) <= SCRAP)):
            size -= 1
            begun = whole.get(tuple(word for word, _ in words[:size]))
            if begun and begun != key and (size > 2 or any(kind in "bws" for _, kind in words[:size])):
                found.append(Edge(*sorted((begun, key)), "cut", 0.9, f"the same words and then only {words[size][0]}"))
    return found


def cut_short(readings: Sequence[Reading], keys: Sequence[str]) -> list[Edge]:
    """Names that are the beginning of others, where nearly all that begin so are one vendor."""
    ordered = sorted(("".join(w for w, k in zip(r.spelt, r.kinds, strict=True) if k not in "xl"), key) for r, key in zip(readings, keys, strict=True))
    texts = [text for text, _ in ordered]
    found = []
    for place, (text, key) in enumerate(ordered):
        end = bisect_left(texts, text + LAST, place + 1)
        if len(text) < CUT or end - place <= SAME_BEGINNING or texts[place] == texts[place - 1]:
            continue
        longer, count = min(Counter(other for _, other in ordered[place + 1 : end]).items(), key=lambda item: (-item[1], item[0]))
        if longer != key and count >= max(SAME_BEGINNING, NEARLY_ALL * (end - place - 1)):
            found.append(Edge(*sorted((key, longer)), "cut", 0.9, f"{count} names that begin with these letters are {longer}"))
    return found
