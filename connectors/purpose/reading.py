"""The words of tools and capabilities, and the shipped tables of what such words mean.

`purposes.csv` holds what software is bought for: the words by which registers, makers and tickets call it, and the
wordings under which lists of capabilities keep it. `products.csv` says which purpose a well-known product serves. Both
are general knowledge of the field in our own words; neither holds a label that somebody gave to a tool of a company.
"""

import csv
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from connectors.catalogue import SPELLINGS
from connectors.resolution.vocabulary import folded, is_word, singular, vocabulary

TABLES = Path(__file__).parent
Words = tuple[str, ...]

SILENT_WORDS = (
    "the of and de der die das und fur von mit in im to for with by from a an on at or as its is are be our all any per into via our zum zur den des "
    "eine einer ein other various etc used use using"
)
"""Words that tell nothing of what a thing is for."""
FAINT_WORDS = (
    "management system service process operation business it platform solution software tool application online digital cloud enterprise suite "
    "information corporate company program programme team user new global central web app"
)
"""Words that stand in the names of too many things to tell one from another."""
EDITION_WORDS = "enterprise business premium standard professional pro plus basic advanced cloud online team teams e1 e3 e5 p1 p2 edition saas server"
"""What makers put behind a product's name for a size or price of it."""
FAINTNESS = 0.15
"""What a faint word counts for, beside 1."""
ENDING = re.compile("(?<!^product)(?:ization|izing|ized|ize|ation|ating|ated|ate|ment|ing|ed|ion|e)$")
"""What is taken off a word's end, so that «recruiting» and «recruitment», «personalized» and «personalization» are one; but production is no product."""


SILENT = frozenset(SILENT_WORDS.split())
WHOLE = frozenset(["booking", "localization", "marketing", "training", "organization", "location", "station"])
"""Words that are told from their stems: a marketing tool is none for markets, booking none for books."""
WEAK = 0.35
"""What a phrase counts that stands in many descriptions beside the matter; in the table it begins with ~."""


def spelled(text: str | None) -> Words:
    """The words of a text that say something, in small letters without accents."""
    return tuple(word for word in re.findall(r"[^\W_]+", folded(text or "")) if word not in SILENT)


def words(text: str | None) -> Words:
    """The words of a text as they are compared: singular, spelled as in America, without common endings."""
    return tuple(map(base, spelled(text)))


@cache
def base(word: str) -> str:
    for british, american in SPELLINGS:
        word = word.replace(british, american)
    if word in WHOLE:
        return word
    stem = ENDING.sub("", singular(word))
    return stem if len(stem) > 3 else singular(word)


FAINT, EDITIONS = frozenset(map(base, FAINT_WORDS.split())), frozenset(map(base, EDITION_WORDS.split()))


@dataclass(frozen=True)
class Purpose:
    """What software is bought for. `served`: wordings of the capabilities that it serves, as words; `weak`: phrases that tell little."""

    name: str
    phrases: tuple[Words, ...]
    served: tuple[Words, ...]
    weak: frozenset[Words] = frozenset()


@dataclass(frozen=True)
class Found:
    """A phrase of a text that tells a purpose, 0 to 1 how plainly."""

    purpose: str
    phrase: str
    strength: float


@cache
def purposes() -> Mapping[str, Purpose]:
    """The shipped purposes by name."""
    with (TABLES / "purposes.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["purpose"]: Purpose(row["purpose"], phrases(row["words"]), phrases(row["served"]), weak_phrases(row["words"])) for row in csv.DictReader(file)
        }


def phrases(cell: str) -> tuple[Words, ...]:
    return tuple(dict.fromkeys(words(part) for part in cell.split(";")))


def weak_phrases(cell: str) -> frozenset[Words]:
    return frozenset(words(part) for part in cell.split(";") if part.strip().startswith("~"))


@cache
def weight(word: str) -> float:
    """What a word counts for when wordings are compared: less the more purposes it stands in («customer»), least where it is faint."""
    if word in FAINT:
        return FAINTNESS
    count = len({purpose for purpose, _ in serving().get(word, ())})
    return 1 - math.log(max(count, 1)) / math.log(len(purposes()))


@cache
def serving() -> Mapping[str, Sequence[tuple[str, Words]]]:
    """Each word with the purposes and wordings in which capabilities are said by it."""
    found: dict[str, list[tuple[str, Words]]] = defaultdict(list)
    for purpose in purposes().values():
        for served in purpose.served:
            for word in dict.fromkeys(served):
                found[word].append((purpose.name, served))
    return found


@cache
def telling() -> Mapping[Words, Sequence[str]]:
    """Each phrase with the purposes that it tells."""
    told: dict[Words, list[str]] = defaultdict(list)
    for purpose in purposes().values():
        for phrase in purpose.phrases:
            told[phrase].append(purpose.name)
    return told


@cache
def products() -> Mapping[Words, str]:
    """The purpose of each well-known product, by the words of its name."""
    with (TABLES / "products.csv").open(encoding="utf-8", newline="") as file:
        return {words(row["product"]): row["purpose"] for row in csv.DictReader(file)}


@cache
def longest_phrase() -> int:
    return max(map(len, telling()))


def told_by(text: str | None) -> list[Found]:
    """The purposes that the phrases of a text tell; of phrases within each other only the longest counts."""
    written, given = spelled(text), words(text)
    found: list[Found] = []
    place = 0
    while place < len(given):
        size = next((n for n in range(min(longest_phrase(), len(given) - place), 0, -1) if given[place : place + n] in telling()), 0)
        if size:
            phrase = given[place : place + size]
            meant = telling()[phrase]
            plain = (0.9 if size > 1 else 0.7) / len(meant)
            said = " ".join(written[place : place + size])
            found += [Found(purpose, said, plain * (WEAK if phrase in purposes()[purpose].weak else 1.0)) for purpose in meant]
        place += size or 1
    return found


def product_in(name: str, vendor: str | None) -> Found | None:
    """What a tool serves whose name is that of a well-known product, or begins with one; None where it is none.

    A name of one common word («Board», «Front») must be all of the name, or its vendor's too: it begins many others.
    """
    given, maker = words(name), words(vendor)
    for own in (given, without(given, maker)):
        if own and own in products():
            return Found(products()[own], " ".join(own), 1.0)
    is_common = is_word(next(iter(spelled(name)), ""), vocabulary().words) and given[:1] != maker[:1]
    for size in range(len(given) - 1, 0, -1):
        head = given[:size]
        if head in products() and (size > 1 or not is_common):
            return Found(products()[head], " ".join(head), 1.0 if EDITIONS.issuperset(given[size:]) else 0.8)
    return None


def without(given: Words, vendor: Words) -> Words:
    """The name without its vendor's at the front: «Microsoft Power BI» is «Power BI»."""
    shared = next((n for n, (one, other) in enumerate(zip(given, vendor, strict=False)) if one != other), min(len(given), len(vendor)))
    return given[shared:]


def weights(texts: Iterable[tuple[Words, float]]) -> dict[str, float]:
    """How much each word of several weighted texts counts: its text's weight, less where the word is faint."""
    counted: dict[str, float] = {}
    for given, weight in texts:
        for word in given:
            counted[word] = max(counted.get(word, 0.0), weight * (FAINTNESS if word in FAINT else 1.0))
    return counted
