"""Public bodies: words that are the name of a town because it has a council, and what a state or province runs."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from connectors.resolution.reading import Reading, read
from connectors.resolution.vocabulary import TABLES, Kind, vocabulary

GOVERNED = frozenset(["council", "county", "parish", "borough", "township"])
"""Words after a place's name that say it is one."""
GOVERNING = frozenset(
    ["city", "commune", "council", "gemeinde", "kreis", "landkreis", "municipality", "stadt", "town", "township", "village", "ville"]
)
"""The same before it."""
PLACE_LETTERS = 5
"""Letters that a place's name must have: shorter ones are brands too often."""
STATE = frozenset(["government", "gov", "govt", "gvt", "gouv", "gouvernement", "province", "regierung", "landesregierung", "freistaat"])
MINISTRY = frozenset(["ministry", "ministere", "minister", "ministre", "ministerium", "department", "dept", "treasury", "treasurer"])
DEPARTMENTS = frozenset(
    ["agriculture", "environment", "environnement", "fishery", "forestry", "health", "highway", "infrastructure", "justice", "labor", "labour",
     "revenue", "sante", "transportation", "wildlife"]
)  # fmt: skip
"""What a state's departments are for. With its name alone before it and no legal form, such a word means the department."""
OTHERS = frozenset(
    ["association", "bank", "church", "club", "college", "employee", "federation", "hospital", "museum", "school", "society",
     "union", "universite", "university"]
)  # fmt: skip
"""Bodies of their own although they may be named after a state."""


UNIVERSITY = frozenset(["universidad", "universita", "universitat", "universite", "university"])
BESIDE = frozenset(["alumni", "association", "foundation", "heart", "hospital", "institute", "student", "union"])
"""Bodies that stand beside a university and have its name."""


def is_place(word: str) -> bool:
    return word in vocabulary().places


@cache
def regions() -> Mapping[tuple[str, ...], str]:
    """States and provinces by the words of their names, as in tables/regions.csv."""
    with (TABLES / "regions.csv").open(encoding="utf-8", newline="") as lines:
        return {told(read(row["region"])): row["name"] for row in csv.DictReader(lines)}


@cache
def region_words() -> frozenset[str]:
    return frozenset(word for region in regions() for word in region)


def told(reading: Reading) -> tuple[str, ...]:
    """A name's words as they are spelt, without articles and legal form."""
    return tuple(w for w, k in zip(reading.spelt, reading.kinds, strict=True) if k not in "xl")


def government(reading: Reading) -> str | None:
    """The state or province whose government, ministry or department a name means."""
    words = told(reading)
    if region_words().isdisjoint(words) or OTHERS.intersection(words):
        return None
    is_firm = Kind.LEGAL in reading.kinds
    for size in (3, 2, 1):
        for start in range(len(words) - size + 1):
            region = regions().get(words[start : start + size])
            if region is None:
                continue
            rest = words[:start] + words[start + size :]
            is_department = start == 0 and rest and not is_firm and DEPARTMENTS.issuperset(rest)
            if STATE.intersection(rest) or MINISTRY.intersection(rest) or is_department:
                return region
    return None


def university(reading: Reading) -> str | None:
    """The place of the university that a name means: that of the town after it or right before it.

    A state with a town behind it is one of several: Universite du Quebec a Montreal.
    """
    named = [(w, k) for w, k in zip(reading.spelt, reading.kinds, strict=True) if k != Kind.STOP]
    words = [w for w, _ in named]
    seat = next((place for place, word in enumerate(words) if word in UNIVERSITY), None)
    if seat is None or BESIDE.intersection(words):
        return None
    end = seat + 1
    while end < len(named) and named[end][1] == Kind.PLACE:
        end += 1
    start = seat
    while end == seat + 1 and start > 0 and named[start - 1][1] == Kind.PLACE:
        start -= 1
    place = tuple(words[seat + 1 : end] or words[start:seat])
    if not place:
        return None
    state = next((place[:size] for size in (3, 2, 1) if place[:size] in regions()), None)
    return " ".join(place if state else place[:1] if len(place) > 1 and is_place(place[0]) else place)


def with_local_places(readings: Sequence[Reading]) -> list[Reading]:
    """The readings with a word in no list seen as a place where the names themselves show it: Cherwell District Council."""
    local = {place for reading in readings for place in governed(reading)}
    return [
        replace(r, kinds="".join(Kind.PLACE if k == Kind.BRAND and w in local else k for w, k in zip(r.words, r.kinds, strict=True)))
        if local.intersection(r.words)
        else r
        for r in readings
    ]


def governed(reading: Reading) -> set[str]:
    """The words in no list that have a council, or are a town, in this name."""
    found = set()
    named = [(s, w, k) for s, w, k in zip(reading.spelt, reading.words, reading.kinds, strict=True) if k != Kind.STOP]
    for place, (spelt, word, kind) in enumerate(named):
        if kind != Kind.BRAND or len(word) < PLACE_LETTERS:
            continue
        after = {told for told, _, _ in named[place + 1 : place + 3]}
        before = named[place - 1][0] if place else ""
        if GOVERNED & after or before in GOVERNING or (spelt.endswith("shire") and len(spelt) > len("shire") + 2):
            found.add(word)
    return found
