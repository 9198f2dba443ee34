"""What a connector says of itself: how to connect, and its streams, all as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from connectors.api.auth import Auth
from connectors.api.cursor import Bookmark, Cursor
from connectors.api.nouns import Budget, Json, Option, Rule
from connectors.api.paging import Paging, Single

if TYPE_CHECKING:
    from connectors.api.client import Client


class Deleted(StrEnum):
    """How a stream tells that a record is gone."""

    STATUS = "status"
    """The record itself says so, and the profile excludes it."""
    SNAPSHOT = "snapshot"
    """Each read is complete: what it lacks is gone."""
    RECONCILE = "reconcile"
    """All keys are listed each few reads, and what they lack is marked as deleted."""
    NEVER = "never"
    """Records are only added."""


@dataclass(frozen=True)
class Listing:
    """How all keys of a stream are listed, for RECONCILE, each `every` reads."""

    params: Mapping[str, str] = field(default_factory=dict)
    paging: Paging | None = None
    every: int = 1
    path: str = ""
    records: str | None = None
    body: Mapping[str, Json] | None = None


@dataclass(frozen=True)
class Count:
    """A request of its own for the server's count of rows, where pages do not tell it."""

    place: str
    params: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    """Empty: the stream's own."""


@dataclass(frozen=True)
class Stream:
    """One list of records of a system.

    Texts of `path`, `params` and `body` may hold `{option}`, and those of `params` `{since}`, `{until}` and `{after}`,
    which the cursor and the paging fill; a parameter that stays empty is not sent, and one called `header:NAME` goes as a
    header. A paging whose own parameters are called `{start}` fills that into the others. `{month.N}` is the first day of
    the month N months ago, and `{month.next}` that of the next, for servers that give sums of spans. Places are dotted.
    """

    name: str
    about: str
    """What is loaded, in a few words, for the page of the system."""
    path: str
    profile: str
    """The profile in `connectors/profiles/` that reads the records; it names the contract they feed."""
    permission: str
    """What the account needs to read it."""
    key: tuple[str, ...] = ("id",)
    records: str = ""
    """Place of the list in the body; empty: the body is the list."""
    params: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: Mapping[str, Json] | None = None
    paging: Paging = Single()  # noqa: RUF009 - frozen
    cursor: Cursor | Bookmark | None = None
    deleted: Deleted = Deleted.SNAPSHOT
    listing: Listing | None = None
    count: Count | None = None
    """Asked before the first page: what comes must be as many."""
    sorted_by: str = ""
    """Field by which rows must rise within and across pages; the engine checks it, since offsets are good for nothing else."""
    unsure_total: float = 0.0
    """The server's count may be higher than what it gives this user, by this share of it, 1 being any: that is told, and is no failure."""
    parent: str = ""
    """Stream whose records each have a list of their own; `path` then holds `{parent.FIELD}`, and `carry` names fields of the parent that each record is given; `{option}` gives it what the connection says."""
    carry: Mapping[str, str] = field(default_factory=dict)
    leave_out: frozenset[str] = frozenset()
    """Members of a record that are not kept: bodies of tickets, personal data that nothing reads."""
    tidy: Callable[[str], str] | None = None
    """Mends the text of each record before it is read, where a server writes what it does not mean."""
    learn: Callable[["Client", Mapping[str, str]], Mapping[str, str]] | None = None
    """Asks before the first page how this site calls things, given the options; what it returns is filled in as options are."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Members that each site calls otherwise: their name there, with `{option}` -> the name that they are kept under."""
    rules: tuple[Rule, ...] = ()
    on_request: bool = False
    """Read only where plumbline.yml names it under `streams`: what not everybody wants among their figures."""
    client: str = ""
    """Place of the key of the client whose record it is, in a system that serves many clients."""

    @property
    def is_complete(self) -> bool:
        """Whether each read gives every record there is."""
        return self.cursor is None


@dataclass(frozen=True)
class Check:
    """The first request of every run: it must be answered 200 with something at `place`, or the credentials are not good.

    Some servers answer wrong credentials with 200 and an empty list; an empty stream would then look like no data.
    """

    path: str
    place: str = ""
    hint: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: Mapping[str, Json] | None = None


@dataclass(frozen=True)
class Connector:
    """A system. `base` is its address, with `{option}`."""

    name: str
    title: str
    about: str
    base: str
    auth: Auth
    check: Check
    options: tuple[Option, ...]
    streams: tuple[Stream, ...]
    credentials: tuple[str, ...]
    """What to click to get the credentials, a step each."""
    limits: str
    """The server's limits, in a sentence."""
    rules: tuple[Rule, ...] = ()
    budget: Budget = Budget()  # noqa: RUF009 - frozen
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with every request; `{option}` is filled, and what stays empty is not sent."""
    zone: Callable[["Client"], str] | None = None
    """Asks for the IANA zone in which the server understands times, where it is the account's or the user's."""
    proved: str = ""
    """The server that it was run against by `make live`, if it is one that we did not write; empty: only one that plays the system's description."""

    def stream(self, name: str) -> Stream:
        return next(stream for stream in self.streams if stream.name == name)
