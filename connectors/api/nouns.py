"""What passes between the engine and a connector: requests, pages, verdicts, outcomes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = Any
"""A value as `json.loads` gives it."""


class Outcome(StrEnum):
    """How a stream ended. An empty stream is a claim of the server, never what a failure looks like."""

    OK = "ok"
    OK_EMPTY = "ok_empty"
    """The server said 200 with no rows."""
    SKIPPED = "skipped_no_permission"
    FAILED = "failed"

    @property
    def moves_state(self) -> bool:
        return self in (Outcome.OK, Outcome.OK_EMPTY)


class Verdict(StrEnum):
    """What an answer means for the run; rules of a connector and a default table give it."""

    FINE = "fine"
    RETRY = "retry"
    """A passing fault: ask again after a pause that doubles."""
    THROTTLE = "throttle"
    """Too many requests: wait as long as the server says."""
    THROTTLE_DAY = "throttle_day"
    """The day's quota is used up: stop cleanly and keep what is complete."""
    AUTH = "auth"
    PERMISSION = "permission"
    NOT_LICENSED = "not_licensed"
    NOT_FOUND = "not_found"
    CONFIG = "config"
    """The server did not understand the request."""
    BAD_BOOKMARK = "bad_bookmark"
    """The place to go on from is no longer known there: the stream is read anew."""
    FATAL = "fatal"


@dataclass(frozen=True)
class Rule:
    """An answer of this status, whose first 4,000 letters match `text`, means `verdict`. Rules are tried in order, before the default table."""

    verdict: Verdict
    status: tuple[int, ...] = ()
    text: str = ""
    hint: str = ""
    """What the reader of the message should do."""


@dataclass(frozen=True)
class Request:
    """One request before it is signed. `url` is absolute; `body` is sent as JSON."""

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: Mapping[str, Json] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        return repr((self.method, self.url, sorted(self.params.items()), self.body, sorted(self.headers.items())))


@dataclass(frozen=True)
class Page:
    """One answer: its records as the exact text they had and as values, and the rest of the body."""

    texts: Sequence[str]
    records: Sequence[Json]
    envelope: Json
    """The body with the list of records left empty."""
    links: Mapping[str, str]
    """Link header: relation -> absolute address."""
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Option:
    """One thing a person gives to connect: a line under `options` of a source in plumbline.yml. A secret is given as ${NAME} only."""

    name: str
    about: str
    secret: bool = False
    required: bool = True
    pattern: str = r".+"
    example: str = ""


@dataclass(frozen=True)
class Budget:
    """Requests that the server allows. `reserve` is the share left for others; `remaining` and `reset` name its headers."""

    per_minute: int = 0
    reserve: float = 0.2
    remaining: str = ""
    reset: str = ""


def pluck(value: Json, place: str) -> Json:
    """What stands at a dotted place; None where there is nothing. `""` is the value itself. A member whose own name is that, dots and all, comes first."""
    if isinstance(value, dict) and place in value:
        return value[place]
    for part in place.split(".") if place else ():
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value


def has(value: Json, place: str) -> bool:
    """Whether a record has the column of this dotted name, be it empty, or a member of that name itself. A parent that is null or a text speaks of none."""
    if isinstance(value, dict) and place in value:
        return True
    for part in place.split("."):
        if not isinstance(value, dict):
            return value is None or value == ""
        if part not in value:
            return False
        value = value[part]
    return True


def fill(text: str, given: Mapping[str, Json]) -> str:
    """A text with each `{name}` replaced, once; braces of other names stay, since JSON and query languages have their own."""
    return re.sub(r"\{([a-z_][\w.]*)\}", lambda found: str(given[found[1]]) if found[1] in given else found[0], text)
