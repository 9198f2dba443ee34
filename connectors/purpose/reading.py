"""The words of tools and capabilities, and the shipped tables of what such words mean.

`purposes.csv` holds what software is bought for: the words by which registers, makers and tickets call it, and the
wordings under which lists of capabilities keep it. `areas.csv` holds the wide fields that short lists know instead,
«Finance» or «Developer tools», with the purposes in each, the nearest first. All of it is general knowledge of the
field in our own words; nothing in it is a label that somebody gave to a tool of a company.
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
from connectors.resolution.vocabulary import folded, singular

TABLES = Path(__file__).parent
Words = tuple[str, ...]

SILENT_WORDS = (
    "the of and de der die das und fur von mit in im to for with by from a an on at or as its is are be our all any per into via our zum zur den des "
    "eine einer ein other various etc used use using la le les l d du et au aux pour sur par dans un une"
)
"""Words that tell nothing of what a thing is for."""
FAINT_WORDS = (
    "management system service process operation business it platform solution software tool application online digital cloud enterprise suite "
    "information corporate company program programme team user new global central web app gestion verwaltung"
)
"""Words that stand in the names of too many things to tell one from another."""
FAINTNESS = 0.15
"""What a faint word counts for, beside 1."""
ENDING = re.compile("(?<!^product)(?:ization|izing|ized|ize|ation|ating|ated|ate|ment|ing|ed|ion|e)$")
"""What is taken off a word's end, so that «recruiting» and «recruitment», «personalized» and «personalization» are one; but production is no product."""


COMPOUND = re.compile(r"\b(\w{4,}?)s?(management|verwaltung|steuerung|planung|software|system|prozesse?|abwicklung|berichterstattung)\b")
"""German words that are two: «Beschaffungsmanagement» is the management of procurement."""


SILENT = frozenset(SILENT_WORDS.split())
WHOLE = frozenset(["booking", "source", "sourcing", "localization", "marketing", "training", "organization", "location", "station"])
"""Words that are told from their stems: a marketing tool is none for markets, booking none for books."""
WEAK = 0.35
"""What a phrase counts that stands in many descriptions beside the matter; in the table it begins with ~."""


def spelled(text: str | None) -> Words:
    """The words of a text that say something, in small letters without accents."""
    return tuple(word for word in re.findall(r"[^\W_]+", COMPOUND.sub(r"\1 \2", folded(text or ""))) if word not in SILENT)


def words(text: str | None) -> Words:
    """The words of a text as they are compared: singular, spelled as in America, without common endings."""
    return tuple(map(base, spelled(text)))


@cache
def base(word: str) -> str:
    if singular(word) in WHOLE:
        return singular(word)
    for british, american in SPELLINGS:
        word = word.replace(british, american)
    stem = ENDING.sub("", singular(word))
    return stem if len(stem) > 3 else singular(word)


FAINT = frozenset(map(base, FAINT_WORDS.split()))


@dataclass(frozen=True)
class Purpose:
    """What software is bought for. `served`: wordings of the capabilities that it serves, as words; `weak`: phrases that tell little."""

    name: str
    phrases: tuple[Words, ...]
    served: tuple[Words, ...]
    weak: frozenset[Words] = frozenset()


@dataclass(frozen=True)
class Area:
    """A wide field. `purposes`: what is bought for it, the nearest first; `served`: its names, as words."""

    name: str
    purposes: tuple[str, ...]
    served: tuple[Words, ...]


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
def areas() -> Sequence[Area]:
    """The shipped areas."""
    with (TABLES / "areas.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Area(row["area"], tuple(row["purposes"].split("; ")), phrases(row["served"])) for row in csv.DictReader(file))


@cache
def covering() -> Mapping[str, Sequence[tuple[Area, Words]]]:
    """Each word with the areas and wordings in which they are named by it."""
    found: dict[str, list[tuple[Area, Words]]] = defaultdict(list)
    for area in areas():
        for served in area.served:
            for word in dict.fromkeys(served):
                found[word].append((area, served))
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


def weights(texts: Iterable[tuple[Words, float]]) -> dict[str, float]:
    """How much each word of several weighted texts counts: its text's weight, less where the word is faint."""
    counted: dict[str, float] = {}
    for given, weight in texts:
        for word in given:
            counted[word] = max(counted.get(word, 0.0), weight * (FAINTNESS if word in FAINT else 1.0))
    return counted
