"""The shipped catalogue of business capabilities, and the short lists cut from it.

9,697 capabilities in three levels, offline, from the package `turbo-ea-capabilities`. Nobody starts with so many:
`starters/*.csv` name 25 to 40 of them for a kind of business, in the order of this business. A starter holds ids
only; names, parents and descriptions are the catalogue's own. Nothing requires the catalogue: a company may use other
capabilities, or another catalogue, in its own files.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STARTERS = Path(__file__).parent / "starters"
ATTRIBUTION = (
    "Capabilities: Turbo EA Capabilities by Vincent Verdet - Turbo EA, https://github.com/vincentmakes/turbo-ea-capabilities, "
    "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/); a selection, line breaks removed."
)
"""What the licence of the catalogue's texts asks to be said wherever they are shown."""
EVERYWHERE = "Cross-Industry"
CLOSE = 80
"""A word that the catalogue doesn't know is taken for one that is so similar, 0 to 100: «acess» for «access»."""

SPELLINGS = (("nce", "nse"), ("our", "or"), ("isation", "ization"), ("ising", "izing"), ("ise", "ize"), ("ogue", "og"), ("tre", "ter"))
"""British and American endings: the catalogue has a licence in one place and a license in another."""
Words = frozenset[str]


@dataclass(frozen=True)
class Capability:
    """One capability of the catalogue. `level` is 1 (widest) to 3; `industry` is «Cross-Industry» where it is anybody's."""

    capability_id: str
    name: str
    parent_id: str | None
    level: int
    description: str
    industry: str
    is_deprecated: bool = False


@cache
def catalogue() -> Mapping[str, Capability]:
    """Every capability by id, in the catalogue's order."""
    from turbo_ea_capabilities import load_all  # half a second of imports that no other command should wait for

    return {
        entry.id: Capability(
            entry.id, entry.name, entry.parent_id, entry.level, one_line(entry.description), entry.industry or EVERYWHERE, entry.deprecated
        )
        for entry in load_all()
    }


def one_line(text: str | None) -> str:
    """The text without line breaks, which would tear a row of a CSV file that people edit."""
    return " ".join((text or "").split())


def find(capability_id: str) -> Capability | None:
    """The capability of that id, or None: a company's own ids are not in the catalogue."""
    return catalogue().get(capability_id)


def starters() -> tuple[str, ...]:
    """The names of the starter sets."""
    return tuple(sorted(path.stem for path in STARTERS.glob("*.csv")))


def starter(name: str) -> tuple[Capability, ...]:
    """The capabilities of a starter set, in its order. Raises LookupError for a name that is none of `starters()`."""
    if name not in starters():
        raise LookupError(f"there is no starter set {name!r}; there are {', '.join(starters())}")
    return tuple(catalogue()[capability_id] for capability_id in starter_ids(name))


def starter_ids(name: str) -> tuple[str, ...]:
    """The ids in a starter's file, read without loading the catalogue."""
    with (STARTERS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(row["capability_id"] for row in csv.DictReader(file))


def industries() -> tuple[str, ...]:
    """The industries that the catalogue tells apart."""
    return tuple(sorted({part for c in catalogue().values() for part in c.industry.split("; ")}))


def search(words: str, industry: str | None = None, limit: int = 20) -> tuple[Capability, ...]:
    """The capabilities that the words fit, best first; always the same for the same words.

    Those that all the words fit; where there is none, those that most fit. A word in the name counts more than one in
    the description, and that more than one in the name of a wider capability. Then what is anybody's comes before what
    is one industry's, wide before narrow, a short name before a long one.
    `industry` keeps the capabilities of the industries whose name holds this text.
    """
    wanted = [nearest(word) for word in sorted(split(words))]
    found = []
    for place, (capability, texts) in enumerate(indexed()):
        if industry is not None and industry.casefold() not in capability.industry.casefold():
            continue
        scores = [weight(word, texts) for word in wanted]
        if fitting := sum(score > 0 for score in scores):
            rank = (-fitting, -sum(scores), capability.industry != EVERYWHERE, capability.level, len(texts[0]), place)
            found.append((rank, capability))
    most = min((rank[0] for rank, _ in found), default=0)
    return tuple(capability for rank, capability in sorted(found, key=lambda f: f[0]) if rank[0] == most)[:limit]


def weight(word: str, texts: Sequence[Words]) -> int:
    """What a word counts for: 6 in the name, 4 in the description, 2 in a wider capability's name, 0 in none.

    One less where a word there only begins with it.
    """
    for worth, words in zip((6, 4, 2), texts, strict=True):
        if word in words:
            return worth
        if begins(word, words):
            return worth - 1
    return 0


def begins(word: str, words: Iterable[str]) -> bool:
    """Whether one of the words begins with it; one or two letters begin too many."""
    return len(word) > 2 and any(other.startswith(word) for other in words)


def split(text: str) -> Words:
    """The words of a text as they are compared: without case, singular, and spelled as in America."""
    return frozenset(folded(word) for word in re.findall(r"\w+", text.casefold()))


@cache
def folded(word: str) -> str:
    for british, american in SPELLINGS:
        word = word.replace(british, american)
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@cache
def indexed() -> tuple[tuple[Capability, tuple[Words, Words, Words]], ...]:
    """Each capability with the words of its name, of its description, and of the names of those it is part of."""
    return tuple((c, (split(c.name), split(c.description), split(" ".join(w.name for w in wider(c))))) for c in catalogue().values() if not c.is_deprecated)


def wider(capability: Capability) -> tuple[Capability, ...]:
    """The capabilities it is part of, the nearest first."""
    parent = find(capability.parent_id) if capability.parent_id else None
    return (parent, *wider(parent)) if parent else ()


@cache
def vocabulary() -> tuple[str, ...]:
    return tuple(sorted({word for _, texts in indexed() for words in texts for word in words}))


def nearest(word: str) -> str:
    """The word, or the most similar one of the catalogue where it has neither it nor a word that begins with it."""
    if word in vocabulary() or begins(word, vocabulary()):
        return word
    from rapidfuzz import fuzz, process

    match = process.extractOne(word, vocabulary(), scorer=fuzz.ratio, score_cutoff=CLOSE)
    return match[0] if match else word
