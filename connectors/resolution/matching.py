"""Which readings mean one vendor: the key of a name.

A key is made of the name itself and of how its words stand in the other names; names with one key are one vendor.
`joining` and `slips` then join keys.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from connectors.resolution.known import Key, Known
from connectors.resolution.public_bodies import government, university
from connectors.resolution.reading import FORMAL, Reading, classed
from connectors.resolution.vocabulary import STOP, Kind, popular_words

SHORT = 4
"""A brand of so few letters is only trusted where so many names hold it."""
PUBLIC = frozenset(
    ["airport", "bank", "city", "college", "cooperative", "county", "government", "hospital", "hydro", "library", "museum", "nation", "police", "province", "school",
     "state", "township", "university"]
)  # fmt: skip
"""Bodies that a place tells apart."""
SOCIETIES = frozenset(["association", "club", "league", "legion", "society", "societie"])
"""What has branches that are called by their places."""
CHAPTERS = 3
"""Names that begin with a society's before what follows is the place of a branch."""
SHORT_NUMBER = 3
"""Digits of a number that belongs to the name, as in Studio 54; longer ones are years and ids."""
ALWAYS = 0.6
"""Share of a word's names that hold a brand, typing errors in the others, before it never stands without it."""
COMPANION = 4
"""Names that begin with a brand before it passes for the vendor behind a word that never stands without it."""
STRONG = 10
"""Names that begin with a common word which stands alone elsewhere before any name beginning so is its own."""
HEAD = 3
"""Names that begin with a common word, one of them with nothing else, before it passes for a brand."""
POPULAR_HEAD = 10
"""The same for words under which many unrelated firms trade."""
OFTEN = 3
"""How many times as often a brand stands there than what may be a typing error of it."""
NEAR = 6
"""Letters that a brand must have before a typing error in it is mended."""
LED = 3
"""Names that begin with a word in no list before they are one vendor's, whatever follows."""
ESTABLISHED = 5
"""Names that begin with a brand of three or four letters before it is trusted."""
COMMON_LETTERS = frozenset(["aaa", "abc", "abs", "ace", "acs", "ams", "apm", "api", "ast", "ats", "pro"])
"""Letters that many unrelated firms chose."""

Content = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Corpus:
    """What the names show together.

    `leads` counts the names in which a brand is the first; `alone` are brands, `heads` common words, that some name
    consists of; `bare` those that stand without even a trade; `first` counts the names that begin with a word, `begins` those
    whose first telling word it is, `phrases` those that begin with two telling words; `companions` leads from a first word to
    the brand that its names hold; `near` leads from a brand's letters, one left out, to it; `chapters` are societies with branches.
    """

    alone: frozenset[str]
    leads: Mapping[str, int]
    bare: frozenset[str]
    heads: frozenset[str]
    first: Mapping[str, int]
    begins: Mapping[str, int]
    phrases: Mapping[tuple[str, str], int]
    companions: Mapping[str, str]
    near: Mapping[str, str]
    chapters: Mapping[tuple[str, ...], str]


def corpus_of(readings: Sequence[Reading]) -> Corpus:
    """Read the names together."""
    alone: set[str] = set()
    bare: set[str] = set()
    leads: Counter[str] = Counter()
    first: Counter[str] = Counter()
    headed: Counter[str] = Counter()
    begins: Counter[str] = Counter()
    phrases: Counter[tuple[str, str]] = Counter()
    beside: dict[str, Counter[str]] = defaultdict(Counter)
    for reading in readings:
        content = reading.content
        told = [w for w, k in content if k in "bws"]
        if told:
            begins[told[0]] += 1
            if len(told) > 1 and first_word(reading) == told[0]:
                phrases[told[0], told[1]] += 1
            beside[told[0]].update({w for w, k in content if k == Kind.BRAND and len(w) >= 3 and w != told[0]})
        words, kinds = {w for w, k in content if k in "bws"}, [k for _, k in content]
        first[first_word(reading)] += 1
        if Kind.BRAND in kinds:
            brand = content[kinds.index(Kind.BRAND)][0]
            leads[brand] += 1
            if words == {brand}:
                alone.add(brand)
                if len(content) == 1:
                    bare.add(brand)
        elif len(words) == 1:
            (word,) = words
            headed[word] += 1
            if len(content) == 1:
                bare.add(word)
    heads = {word for word in bare if word in headed and headed[word] >= (POPULAR_HEAD if word in popular_words() else HEAD)}
    near: dict[str, str] = {}
    for brand in sorted(alone, key=lambda b: (leads[b], b)):
        if len(brand) >= NEAR and leads[brand] > 1:
            near.update(dict.fromkeys(shortened(brand), brand))
    companions = {}
    for word, brands in beside.items():
        often = [b for b in sorted(brands) if brands[b] >= ALWAYS * begins[word] and begins[b] > begins[word] and begins[b] >= COMPANION]
        if often:
            companions[word] = max(often, key=lambda b: begins[b])
    branches = Counter(found for reading in readings if (found := chapter(reading)))
    chapters = {name: " ".join(name) for name, count in branches.items() if count >= CHAPTERS}
    return Corpus(frozenset(alone), leads, frozenset(bare), frozenset(heads), first, begins, phrases, companions, near, chapters)


def shortened(word: str) -> set[str]:
    """The word, and the word with one letter left out."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def key_of(reading: Reading, corpus: Corpus, known: Known | None = None) -> Key:
    """The key of a spelling, by the first rule that fits."""
    if known and (found := known.find(reading, corpus.first[first_word(reading)])):
        return found
    if region := government(reading):
        return Key(f"government {region}", "public", 0.92, f"a body of the government of {region}")
    if place := university(reading):
        return Key(f"university {place}", "public", 0.92, f"the university of {place}")
    if name := corpus.chapters.get(chapter(reading)):
        return Key(name, "words", 0.92, f"{name}, of which {reading.written} is a branch")
    content = without_contact(reading, without_acronym(reading, tuple(dict.fromkeys(reading.content))))
    telling = [(w, k) for w, k in content if k in "bws"]
    if any(k == Kind.BRAND for _, k in telling):
        return beyond(reading, telling, corpus, known) or brand_key(content, telling, corpus)
    if len(telling) >= 2:
        if corpus.phrases[telling[0][0], telling[1][0]] >= STRONG:
            return Key(f"{telling[0][0]} {telling[1][0]}", "words", 0.92, f"{telling[0][0]} {telling[1][0]}, as many names begin")
        return beyond(reading, telling, corpus, known) or led(telling, corpus) or placed(phrase_key(content, telling), reading)
    if telling:
        return placed(head_key(reading, telling[0][0], corpus), reading)
    words = plain_words(reading) or [w for w, _ in content]
    return Key(" ".join(words), "name", 0.97, f"the same words: {' '.join(words)}")


def plain_words(reading: Reading) -> list[str]:
    """Trades, places and numbers of a name that has nothing else; what the firm does, and the place before it, where that is enough."""
    named = list(dict.fromkeys((w, k) for w, k in zip(reading.words, reading.kinds, strict=True) if k in "gpn"))
    told = [(w, k) for w, k in named if w not in FORMAL]
    if PUBLIC.intersection(w for w, _ in told):
        return [w for w, _ in (told if len(told) > 1 else named)]
    enough = [w for place, (w, k) in enumerate(told) if k == Kind.TRADE or (place == 0 and k == Kind.PLACE)]
    return enough if len(enough) > 1 else [w for w, _ in (told if len(told) > 1 else named)]


def without_acronym(reading: Reading, content: Content) -> Content:
    """The words without one that is only the first letters of the others: Ottawa Business Interiors OBI."""
    acronym = acronym_of(reading)
    return tuple(item for item in content if item != (acronym, str(Kind.BRAND))) or content


def without_contact(reading: Reading, content: Content) -> Content:
    """The words without a person's given name and surname behind what the firm does: Trelvano Consulting Jane Miller."""
    kinds = "".join(k for k in reading.kinds if k != Kind.STOP)
    if len(kinds) < 4 or kinds[-2:] != "ss" or kinds[-3] not in "gl" or not set("bws").intersection(kinds[:-3]):
        return content
    person = reading.words[-2:]
    return tuple(item for item in content if item[0] not in person) or content


def chapter(reading: Reading) -> tuple[str, ...]:
    """Whose society a name tells of, before the place of its branch: Elizabeth Fry Society of Ottawa; nothing where that is no person and no brand."""
    at = next((place for place, word in enumerate(reading.spelt) if place and word in SOCIETIES), None)
    if at is None or not set("bs").intersection(reading.kinds[:at]):
        return ()
    named = [(w, k) for w, k in zip(reading.words[:at], reading.kinds, strict=False) if k in "bwsp"]
    telling = tuple(w for w, k in named if k != Kind.PLACE)
    return telling if len(telling) > 1 else tuple(w for w, _ in named)


def acronym_of(reading: Reading) -> str | None:
    """A word of three letters or more that is made of the first letters of the words before or after it."""
    for place, (word, kind) in enumerate(zip(reading.words, reading.kinds, strict=True)):
        if kind == Kind.BRAND and 3 <= len(word) <= 6:
            for around in (reading.spelt[:place], reading.spelt[place + 1 :]):
                told = [w for w in around if w not in STOP]
                if word in {"".join(w[0] for w in told[: len(word)]), "".join(w[0] for w in told[-len(word) :]), "".join(w[0] for w in around[: len(word)])}:
                    return word
    return None


def brand_key(content: Content, telling: Content, corpus: Corpus) -> Key:
    """The key of a name that holds a word in no list: that word, where some name consists of it alone."""
    if len(telling) == 1:
        brand = telling[0][0]
        if found := mended_brand(brand, corpus):
            return Key(found, "typo", 0.91, f"{brand} is {found} with a typing error or a common word stuck to it")
        if len(brand) <= SHORT and brand not in corpus.bare and len(content) > 1 and not is_established(brand, corpus):
            words = " ".join(w for w, k in ([item for item in content if item[0] not in FORMAL] or content)[:2])
            return Key(words, "name", 0.97, f"the same words: {words}; {brand} alone is too short to tell")
        return Key(brand, "name", 0.97, f"the same name: {brand}")
    for place, (word, kind) in enumerate(telling):
        brand = (mended_brand(word, corpus) or word) if kind == Kind.BRAND else word
        if brand not in corpus.alone:
            if kind == Kind.BRAND and place == 0 and len(word) > SHORT:
                break
            continue
        is_first = content[0][0] == word
        is_telling = len(brand) > SHORT or (len(brand) == SHORT and brand in corpus.bare)
        if corpus.leads[brand] >= (1 if is_first and is_telling else SHORT):
            return Key(brand, "brand", 0.92 if is_first else 0.9, f"holds the brand {brand}, which stands alone elsewhere")
    return led(telling, corpus) or phrase_key(content, telling)


def beyond(reading: Reading, telling: Content, corpus: Corpus, known: Known | None) -> Key | None:
    """The key of the vendor behind a first word that never stands without it: Kavik Stantec is Stantec's."""
    word = telling[0][0]
    brand = corpus.companions.get(word)
    if brand is None or brand not in reading.words:
        return None
    start = reading.words.index(brand)
    if start <= reading.words.index(word):
        return None
    rest = replace(reading, words=reading.words[start:], kinds=reading.kinds[start:], spelt=reading.spelt[start:])
    key = key_of(rest, corpus, known)
    return Key(key.text, "partner", min(key.confidence, 0.9), f"{word} never stands without {brand}")


def led(telling: Content, corpus: Corpus) -> Key | None:
    """The key by the first telling word, where the other names show that it names one vendor."""
    word, kind = telling[0]
    if kind == Kind.BRAND and (is_established(word, corpus) or (len(word) > SHORT and corpus.begins[word] >= LED)):
        return Key(word, "brand", 0.91, f"begins with the brand {word}, as others do")
    if word in corpus.heads - popular_words() and corpus.begins[word] >= STRONG and telling[1][1] != Kind.PERSON:
        return Key(word, "head", 0.9, f"{word} stands alone elsewhere, and {corpus.begins[word]} names begin so")
    return None


def is_established(brand: str, corpus: Corpus) -> bool:
    """Whether so many names begin with a word of three or four letters that chance does not explain it."""
    return 3 <= len(brand) <= SHORT and brand not in COMMON_LETTERS and corpus.begins[brand] >= ESTABLISHED


def mended_brand(brand: str, corpus: Corpus) -> str | None:
    """A brand of other names from which this word differs by one typing error, or by a common word at its end."""
    for end in range(len(brand) - 2, 3, -1):
        if classed(brand[end:])[1] in ("gpl" if len(brand) - end > 2 else "g") and (brand[:end] in corpus.heads or (brand[:end] in corpus.alone and corpus.leads[brand[:end]] >= 2)):
            return brand[:end]
    if len(brand) >= NEAR and (corpus.leads[brand] <= 2 or len(brand) >= 2 * NEAR):
        for letters in sorted(shortened(brand)):
            found = corpus.near.get(letters)
            often = 1 if corpus.leads[brand] <= 2 else OFTEN
            if found and found != brand and corpus.leads[found] > often * corpus.leads[brand] and OSA.distance(found, brand) == 1:
                return found
    return None


def placed(key: Key, reading: Reading) -> Key:
    """The key of a name without a brand that begins with a place: the place is part of it, as in Ottawa Family Dental."""
    place = next((w for w, k in zip(reading.words, reading.kinds, strict=True) if k != Kind.STOP and w not in FORMAL), reading.words[0])
    if reading.kinds[reading.words.index(place)] != Kind.PLACE or place in key.text.split():
        return key
    return replace(key, text=f"{place} {key.text}")


def first_word(reading: Reading) -> str:
    """The first word that is no article."""
    return next((w for w, k in zip(reading.words, reading.kinds, strict=True) if k != Kind.STOP), reading.words[0])


def phrase_key(content: Content, telling: Content) -> Key:
    """The key of a name of common words: the first two that tell anything; of a person's name also what he does."""
    words = [w for w, _ in telling[:2]]
    if all(k == Kind.PERSON for _, k in telling[:2]):
        words += [w for w, k in content if k == Kind.TRADE and w not in FORMAL][:1]
    return Key(" ".join(words), "words", 0.92, f"the same words: {' '.join(words)}")


def head_key(reading: Reading, head: str, corpus: Corpus) -> Key:
    """The key of a name with one common word: that word where the other names show it to be a brand, else with the trade."""
    if head in corpus.heads:
        return Key(head, "head", 0.9, f"{head} stands alone elsewhere; the rest only says what it does")
    after = reading.words[reading.words.index(head) + 1 :][:1]
    number = [w for w in after if w.isdigit() and len(w) <= SHORT_NUMBER]
    trades = [w for w, k in reading.content if k == Kind.TRADE]
    trades = [w for w in trades if w not in FORMAL] or trades
    where = [w for w, k in zip(reading.words, reading.kinds, strict=True) if k == Kind.PLACE and PUBLIC & set(trades)]
    words = [head, *number, *trades[:1], *where]
    return Key(" ".join(words), "name", 0.95, f"the same words: {' '.join(words)}")
