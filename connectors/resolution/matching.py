"""Which readings mean one vendor: the key of a name.

A key is made of the name itself and of how its words stand in the other names; names with one key are one vendor.
`joining` then joins keys that are nearly the same.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from connectors.resolution.reading import Reading, classed, read
from connectors.resolution.vocabulary import STOP, Kind, popular_words

SHORT = 4
"""A brand of so few letters is only trusted where so many names hold it."""
PUBLIC = frozenset({"government", "province", "city", "university", "college", "school", "hospital"})
"""Bodies that a place tells apart."""
SHORT_NUMBER = 3
"""Digits of a number that belongs to the name, as in Studio 54; longer ones are years and ids."""
HEAD = 3
"""Names that begin with a common word, one of them with nothing else, before it passes for a brand."""
POPULAR_HEAD = 10
"""The same for words under which many unrelated firms trade."""
OFTEN = 3
"""How many times as often a brand stands there than what may be a typing error of it."""
NEAR = 6
"""Letters that a brand must have before a typing error in it is mended."""

Content = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Key:
    """What a spelling has in common with the vendor's others, and how sure that is, 0 to 1."""

    text: str
    method: str
    confidence: float
    evidence: str


@dataclass(frozen=True)
class Corpus:
    """What the names show together.

    `leads` counts the names in which a brand is the first; `alone` are brands, `heads` common words, that some name
    consists of; `bare` those that stand without even a trade; `first` counts the names that begin with a word; `near` leads from a brand's letters, one left out, to it.
    """

    alone: frozenset[str]
    leads: Mapping[str, int]
    bare: frozenset[str]
    heads: frozenset[str]
    first: Mapping[str, int]
    near: Mapping[str, str]


def corpus_of(readings: Sequence[Reading]) -> Corpus:
    """Read the names together."""
    alone: set[str] = set()
    bare: set[str] = set()
    leads: Counter[str] = Counter()
    first: Counter[str] = Counter()
    headed: Counter[str] = Counter()
    for reading in readings:
        content = reading.content
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
    return Corpus(frozenset(alone), leads, frozenset(bare), frozenset(heads), first, near)


def shortened(word: str) -> set[str]:
    """The word, and the word with one letter left out."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def key_of(reading: Reading, corpus: Corpus, known: "Known | None" = None) -> Key:
    """The key of a spelling, by the first rule that fits."""
    if known and (found := known.find(reading, corpus)):
        return found
    content = without_acronym(reading, tuple(dict.fromkeys(reading.content)))
    telling = [(w, k) for w, k in content if k in "bws"]
    if any(k == Kind.BRAND for _, k in telling):
        return brand_key(content, telling, corpus)
    if len(telling) >= 2:
        return placed(phrase_key(content, telling), reading)
    if telling:
        return placed(head_key(reading, telling[0][0], corpus), reading)
    words = list(dict.fromkeys(w for w, k in zip(reading.words, reading.kinds, strict=True) if k in "gpn")) or [w for w, _ in content]
    return Key(" ".join(words), "name", 0.97, f"the same words: {' '.join(words)}")


def without_acronym(reading: Reading, content: Content) -> Content:
    """The words without one that is only the first letters of the others: Ottawa Business Interiors OBI."""
    return tuple(item for item in content if item != (acronym_of(reading), str(Kind.BRAND))) or content


def acronym_of(reading: Reading) -> str | None:
    """A word of three letters or more that is made of the first letters of the words before or after it."""
    for place, (word, kind) in enumerate(zip(reading.words, reading.kinds, strict=True)):
        if kind == Kind.BRAND and 3 <= len(word) <= 6:
            for around in (reading.words[:place], reading.words[place + 1 :]):
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
        if len(brand) <= SHORT and brand not in corpus.bare and len(content) > 1:
            words = " ".join(w for w, _ in content[:2])
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
    return phrase_key(content, telling)


def mended_brand(brand: str, corpus: Corpus) -> str | None:
    """A brand of other names from which this word differs by one typing error, or by a common word at its end."""
    for end in range(len(brand) - 3, 3, -1):
        if (brand[:end] in corpus.heads or (brand[:end] in corpus.alone and corpus.leads[brand[:end]] >= 2)) and classed(brand[end:])[1] in "gpl":
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
    place = first_word(reading)
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
        words += [w for w, k in content if k == Kind.TRADE][:1]
    return Key(" ".join(words), "words", 0.92, f"the same words: {' '.join(words)}")


def head_key(reading: Reading, head: str, corpus: Corpus) -> Key:
    """The key of a name with one common word: that word where the other names show it to be a brand, else with the trade."""
    if head in corpus.heads:
        return Key(head, "head", 0.9, f"{head} stands alone elsewhere; the rest only says what it does")
    after = reading.words[reading.words.index(head) + 1 :][:1]
    number = [w for w in after if w.isdigit() and len(w) <= SHORT_NUMBER]
    trades = [w for w, k in reading.content if k == Kind.TRADE]
    where = [w for w, k in zip(reading.words, reading.kinds, strict=True) if k == Kind.PLACE and PUBLIC & set(trades)]
    words = [head, *number, *trades[:1], *where]
    return Key(" ".join(words), "name", 0.95, f"the same words: {' '.join(words)}")


@dataclass(frozen=True)
class Known:
    """Technology vendors by the words of their names, from tables/technology_vendors.csv.

    `phrases` leads from the words of a name to the vendor's key, the relation and where it is said; `telling` are
    those that hold a word in no list: whatever follows them, they name the vendor. `sellers` sell what others make.
    """

    phrases: Mapping[tuple[str, ...], tuple[str, str, str]]
    telling: frozenset[tuple[str, ...]]
    sellers: Mapping[tuple[str, ...], tuple[str, str]]

    def find(self, reading: Reading, corpus: Corpus) -> Key | None:
        """The known vendor whose name a spelling begins with, if what follows does not tell of another."""
        words = tuple(w for w, k in zip(reading.words, reading.kinds, strict=True) if k != Kind.STOP)
        kinds = tuple(k for k in reading.kinds if k != Kind.STOP)
        for start in range(2 if kinds[:1] and kinds[0] in "np" else 1):
            for size in range(min(4, len(words) - start), 0, -1):
                phrase = words[start : start + size]
                if phrase not in self.phrases:
                    continue
                key, relation, source = self.phrases[phrase]
                if sold := self.seller(words[start + size :]):
                    return Key(sold[0], "seller", 0.92, f"{sold[0]} sells what {key} makes: {sold[1]}")
                said = f"{' '.join(phrase)} is {key}: {source}"
                if phrase in self.telling or reading.is_domain or all(k in "gpln" for k in kinds[start + size :]):
                    return Key(key, "known", 0.96 if relation == "same" else 0.93, said)
                if corpus.first[phrase[0]] >= 2 * HEAD:
                    return Key(key, "known", 0.9, said)
                return None
        return None


    def seller(self, words: Sequence[str]) -> tuple[str, str] | None:
        """A known reseller named after the maker."""
        phrases = (tuple(words[start : start + size]) for start in range(len(words)) for size in (3, 2, 1))
        return next((self.sellers[phrase] for phrase in phrases if phrase in self.sellers), None)


def known_of(rows: Sequence[tuple[str, str, str, str]]) -> Known:
    """The table of alias, vendor, relation and source, read as spellings are; an owned vendor stays its own."""
    phrases: dict[tuple[str, ...], tuple[str, str, str]] = {}
    telling: set[tuple[str, ...]] = set()
    used = [row for row in rows if row[2] in ("same", "absorbed")]
    sellers = {bare_words(read(alias)): (" ".join(bare_words(read(vendor))), source) for alias, vendor, relation, source in rows if relation == "sells"}
    for alias, vendor, relation, source in [*used, *((vendor, vendor, "same", source) for _, vendor, _, source in used)]:
        reading = read(alias)
        phrase = bare_words(reading)
        phrases.setdefault(phrase, (" ".join(bare_words(read(vendor))), relation, source))
        if Kind.BRAND in reading.kinds and (len(phrase[0]) > 2 or not phrase[0].isalpha()):
            telling.add(phrase)
    return Known(phrases, frozenset(telling), sellers)


def bare_words(reading: Reading) -> tuple[str, ...]:
    """Words without articles and legal forms."""
    return tuple(w for w, k in zip(reading.words, reading.kinds, strict=True) if k not in "xl") or reading.words
