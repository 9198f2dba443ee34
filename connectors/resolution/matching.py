"""Which readings mean one vendor: keys that names share, and edges between keys that are nearly the same.

A name's key is made of the name alone and of how brands stand in the other names; names with one key are one vendor.
Keys are then joined by edges, each with its method, evidence and confidence.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from connectors.resolution.reading import Reading, classed, read
from connectors.resolution.vocabulary import Kind, popular_words

SHORT = 3
HEAD = 5
"""Names that must begin with a common word, one of them with nothing else, before it passes for a brand."""
BUCKET = 40


@dataclass(frozen=True, slots=True)
class Key:
    """What a spelling has in common with the vendor's others, and how sure that is, 0 to 1."""

    text: str
    method: str
    confidence: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Edge:
    """Two keys that may be one vendor."""

    left: str
    right: str
    method: str
    confidence: float
    evidence: str


@dataclass(frozen=True)
class Corpus:
    """What the names show together: brands that stand alone in some name, and how many names a brand leads."""

    alone: frozenset[str]
    leads: Mapping[str, int]
    heads: frozenset[str]


def corpus_of(readings: Sequence[Reading]) -> Corpus:
    """Read the names together."""
    alone: set[str] = set()
    leads: Counter[str] = Counter()
    bare: set[str] = set()
    first: Counter[str] = Counter()
    for reading in readings:
        kinds = [k for _, k in reading.content]
        if kinds[0] in "ws" and all(k == Kind.TRADE for k in kinds[1:]):
            first[reading.content[0][0]] += 1
            if len(kinds) == 1:
                bare.add(reading.content[0][0])
        if Kind.BRAND in kinds:
            brand = reading.content[kinds.index(Kind.BRAND)][0]
            leads[brand] += 1
            if all(k in "bg" for k in kinds) and len({w for w, k in reading.content if k == Kind.BRAND}) == 1:
                alone.add(brand)
    heads = {word for word in bare if first[word] >= HEAD and word not in popular_words()}
    return Corpus(frozenset(alone), leads, frozenset(heads))


def key_of(reading: Reading, corpus: Corpus, known: "Known | None" = None) -> Key:
    """The key of a spelling, by the first rule that fits."""
    content = reading.content
    if known and (found := known.find(reading)):
        return found
    brands = [w for w, k in content if k == Kind.BRAND]
    if brands:
        return brand_key(content, brands, corpus)
    telling = [(w, k) for w, k in content if k in "ws"]
    if len(telling) >= 2:
        return phrase_key(content, telling)
    if telling and content[0] == telling[0] and telling[0][0] in corpus.heads:
        return Key(telling[0][0], "head", 0.9, f"begins with {telling[0][0]}, which stands alone elsewhere; the rest only says what it does")
    words = list(dict.fromkeys(w for w, k in zip(reading.words, reading.kinds, strict=True) if k in "wsg" or (k == Kind.PLACE and not telling)))
    words = words or [w for w, _ in content]
    return Key(" ".join(words), "name", 0.97, f"the same words: {' '.join(words)}")


def brand_key(content: Sequence[tuple[str, str]], brands: Sequence[str], corpus: Corpus) -> Key:
    """The key of a name that holds a word in no list: that word, once some name consists of it alone."""
    brand = brands[0]
    others = [w for w, k in content if k in "bws" and w != brand]
    if not others:
        if glued := unglued(brand, corpus):
            return Key(glued, "glued", 0.92, f"{brand} is {glued} and a common word")
        return Key(brand, "name", 0.97, f"the same name: {brand}")
    for brand in dict.fromkeys(b for b in (unglued(b, corpus) or b for b in brands) if b in corpus.alone):
        is_first = content[0][0].startswith(brand)
        if corpus.leads[brand] >= (1 if is_first and len(brand) > SHORT else SHORT):
            return Key(brand, "brand", 0.92 if is_first else 0.9, f"holds the brand {brand}, which stands alone elsewhere")
    telling = [(w, k) for w, k in content if k in "bws"]
    return phrase_key(content, telling)


def unglued(brand: str, corpus: Corpus) -> str | None:
    """The brand at the beginning of a word that goes on with a common word."""
    for end in range(len(brand) - 3, 3, -1):
        if brand[:end] in corpus.alone and corpus.leads[brand[:end]] >= 2 and classed(brand[end:])[1] in "gpl":
            return brand[:end]
    return None


def phrase_key(content: Sequence[tuple[str, str]], telling: Sequence[tuple[str, str]]) -> Key:
    """The key of a name of common words: the first two that tell anything; of a person's name also what he does."""
    words = [w for w, _ in telling[:2]]
    if all(k == Kind.PERSON for _, k in telling[:2]):
        words += [w for w, k in content if k == Kind.TRADE][:1]
    return Key(" ".join(words), "words", 0.92, f"the same words: {' '.join(words)}")


def edges_of(keys: Mapping[str, int]) -> list[Edge]:
    """Keys that are nearly the same, from keys with the number of names that have each.

    Only keys that share a beginning of their letters with one letter left out are compared, so the work grows with
    the number of keys, not with its square.
    """
    buckets: dict[str, list[str]] = defaultdict(list)
    for key in sorted(keys):
        letters = key.replace(" ", "")
        if len(letters) >= 4:
            for left_out in {letters, *(letters[:i] + letters[i + 1 :] for i in range(len(letters)))}:
                buckets[left_out].append(key)
    seen: set[tuple[str, str]] = set()
    made = []
    for _, found in sorted(buckets.items()):
        for place, left in enumerate(found[:BUCKET]):
            for right in found[place + 1 : BUCKET]:
                if (left, right) not in seen:
                    seen.add((left, right))
                    if edge := edge_between(left, right, keys):
                        made.append(edge)
    return made


def edge_between(left: str, right: str, keys: Mapping[str, int]) -> Edge | None:
    """The edge between two keys that are nearly the same letters."""
    letters = left.replace(" ", ""), right.replace(" ", "")
    length = min(map(len, letters))
    if letters[0] == letters[1]:
        return Edge(left, right, "spacing", 0.95 if length >= 5 else 0.85, f"the same letters: {left} = {right}")
    distance = OSA.distance(*letters)
    if distance > 2 or digits(letters[0]) != digits(letters[1]):
        return None
    pairs = differing(left, right)
    if pairs and all(classed(a)[1] != Kind.BRAND and classed(b)[1] != Kind.BRAND for a, b in pairs):
        return Edge(left, right, "typo", 0.75, f"{left} and {right} differ by a letter, yet both are words")
    shortest = min((min(len(a), len(b)) for a, b in pairs), default=length)
    whole = max(length, 0)
    both_common = min(keys[left], keys[right]) >= 3 and whole < 12
    sure = (distance == 1 and (shortest >= 6 or (shortest >= 4 and whole >= 11))) or (distance == 2 and (shortest >= 8 or (shortest >= 6 and whole >= 14)))
    if sure and not both_common:
        return Edge(left, right, "typo", 0.92, f"{distance} typing error{'s' * (distance > 1)}: {left} = {right}")
    return Edge(left, right, "typo", 0.8 if distance == 1 else 0.7, f"{left} and {right} differ by {distance}")


def differing(left: str, right: str) -> list[tuple[str, str]]:
    """The words in which two keys of as many words differ."""
    ours, theirs = left.split(), right.split()
    return [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b] if len(ours) == len(theirs) else []


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def groups_of(keys: Mapping[str, int], edges: Sequence[Edge], threshold: float) -> dict[str, str]:
    """Each key with the key that stands for its vendor: of the joined ones that which most names have."""
    leader = {key: key for key in keys}

    def top(key: str) -> str:
        while leader[key] != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    for edge in sorted(edges, key=lambda e: (-e.confidence, e.left, e.right)):
        if edge.confidence >= threshold:
            one, other = sorted((top(edge.left), top(edge.right)), key=lambda k: (-keys[k], len(k), k))
            leader[other] = one
    return {key: top(key) for key in keys}


@dataclass(frozen=True)
class Known:
    """Technology vendors by the words of their other names; see tables/technology_vendors.csv.

    `phrases` leads from the words of a name to the vendor's key, the relation and where it is said.
    """

    phrases: Mapping[tuple[str, ...], tuple[str, str, str]]
    telling: frozenset[tuple[str, ...]]
    """The phrases that hold a word in no list: whatever follows them, they name the vendor."""

    def find(self, reading: Reading) -> Key | None:
        """The known vendor whose name a spelling begins with, if what follows does not tell of another."""
        words = tuple(w for w, k in zip(reading.words, reading.kinds, strict=True) if k not in "x")
        rest = tuple(k for k in reading.kinds if k not in "x")
        for start in range(2 if rest[:1] and rest[0] in "np" else 1):
            for size in range(min(4, len(words) - start), 0, -1):
                phrase = words[start : start + size]
                if phrase not in self.phrases:
                    continue
                if phrase in self.telling or reading.is_domain or all(k in "gpln" for k in rest[start + size :]):
                    key, relation, source = self.phrases[phrase]
                    return Key(key, "known", 0.96 if relation == "same" else 0.93, f"{' '.join(phrase)} is {key}: {source}")
                return None
        return None


def known_of(rows: Sequence[tuple[str, str, str, str]]) -> Known:
    """The table of alias, vendor, relation and source, read as spellings are; an owned vendor stays its own."""
    phrases: dict[tuple[str, ...], tuple[str, str, str]] = {}
    telling: set[tuple[str, ...]] = set()
    for alias, vendor, relation, source in [*rows, *((vendor, vendor, "same", source) for _, vendor, relation, source in rows if relation == "same")]:
        if relation == "owns":
            continue
        reading = read(alias)
        phrase = tuple(w for w, k in zip(reading.words, reading.kinds, strict=True) if k not in "xl")
        key = " ".join(w for w, k in zip(read(vendor).words, read(vendor).kinds, strict=True) if k not in "xl")
        phrases.setdefault(phrase, (key, relation, source))
        if Kind.BRAND in reading.kinds and len(phrase[0]) > 2:
            telling.add(phrase)
    return Known(phrases, frozenset(telling))
