"""Vendors that are known by public fact: other names, what they absorbed, and who sells for others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.resolution.reading import Reading, read
from connectors.resolution.vocabulary import Kind

BEFORE = frozenset(["group", "groupe", "gruppe", "team", "societe", "compagnie", "company", "corporation", "service"])
"""Words that may stand before a known vendor's name."""
LONGEST_PHRASE = 7
BEGUN = 6
"""Names that begin with a common word which is a known vendor's name, before whatever follows it is the vendor's."""
LETTERS = 4
"""Letters of an abbreviation that names a vendor whatever follows; of one that the vendor itself uses, OWN_LETTERS."""
OWN_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Key:
    """What a spelling has in common with the vendor's others, and how sure that is, 0 to 1."""

    text: str
    method: str
    confidence: float
    evidence: str


@dataclass(frozen=True)
class Known:
    """Vendors by the words of their names, from tables/technology_vendors.csv and tables/other_vendors.csv.

    `phrases` leads from the words of a name to the vendor's key, the relation and where it is said; `telling` are
    those that hold a word in no list: whatever follows them, they name the vendor. `sellers` sell what others make.
    """

    phrases: Mapping[tuple[str, ...], tuple[str, str, str]]
    telling: frozenset[tuple[str, ...]]
    sellers: Mapping[tuple[str, ...], tuple[str, str]]

    def find(self, reading: Reading, begun: int) -> Key | None:
        """The known vendor whose name a spelling begins with, if what follows does not tell of another.

        `begun` is how many names begin with the same word.
        """
        words = bare_words(reading)
        kinds = tuple(k for k in reading.kinds if k != Kind.STOP) or tuple(reading.kinds)
        for start in range(2 if kinds[:1] and (kinds[0] in "np" or words[0] in BEFORE) else 1):
            for size in range(min(LONGEST_PHRASE, len(words) - start), 0, -1):
                phrase = words[start : start + size]
                if phrase not in self.phrases:
                    continue
                key, relation, source = self.phrases[phrase]
                if sold := self.seller(words[start + size :]):
                    return Key(sold[0], "seller", 0.92, f"{sold[0]} sells what {key} makes: {sold[1]}")
                said = f"{' '.join(phrase)} is {key}: {source}"
                own = kinds[start : start + size]
                beside = "gpln" if any(k in "bws" for k in own) or {Kind.PLACE, Kind.TRADE} <= set(own) else "pln"
                if phrase in self.telling or reading.is_domain or all(k in beside for k in kinds[start + size :]):
                    return Key(key, "known", 0.96 if relation == "same" else 0.93, said)
                if begun >= BEGUN and kinds[start + size] != Kind.PERSON:
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
    names = {name: read(name) for name in sorted({name for alias, vendor, *_ in rows for name in (alias, vendor)})}
    keys = {vendor: " ".join(bare_words(names[vendor])) for _, vendor, _, _ in rows}
    sellers = {bare_words(names[alias]): (keys[vendor], source) for alias, vendor, relation, source in rows if relation == "sells"}
    for alias, vendor, relation, source in [*used, *((vendor, vendor, "", source) for _, vendor, _, source in used)]:
        reading = names[alias]
        phrase = bare_words(reading)
        if not relation and len(phrase) == 1 and Kind.BRAND not in reading.kinds:
            continue
        phrases.setdefault(phrase, (keys[vendor], relation or "same", source))
        is_own = " ".join(phrase) == phrases[phrase][0]
        if Kind.BRAND in reading.kinds and (len(phrase) > 1 or len(phrase[0]) >= (OWN_LETTERS if is_own else LETTERS) or not phrase[0].isalpha()):
            telling.add(phrase)
    return Known(phrases, frozenset(telling), sellers)


def bare_words(reading: Reading) -> tuple[str, ...]:
    """The words as they are spelt, in the singular and without articles."""
    return tuple(w for w, k in zip(reading.spelt, reading.kinds, strict=True) if k != Kind.STOP) or reading.spelt
