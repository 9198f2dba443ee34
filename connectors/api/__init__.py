"""The engine that reads systems through their APIs, and what a connector is.

A connector is one module in `connectors/systems/` (or in a workspace's `extensions/connectors/`) that defines a
`Connector`: how to sign, and its streams as data. It is found by being there; no list names it. To add one:

1. `connectors/systems/NAME.py`: `NAME = Connector(...)`, with a `Stream(...)` for each list that is worth reading: path,
   place of the records, key, `Paging`, `Cursor` or `Bookmark`, how deletions show, which profile reads it, and what permission
   it takes. What can't be said as data is a small named function: `Stream.tidy`, `Stream.learn`, `Connector.zone`.
2. `connectors/profiles/NAME_api.yml`: what the fields mean. Records are kept as the server wrote them, one a line; a profile's
   `header` names fields that every record has, by which it is recognised, and whose absence the engine reports as drift.
   A document is kept whole; the profile makes a row of each of its lines: `unpivot: {each: Line}`, then `Line.Amount`.
   Where records can be marked as deleted, the profile excludes them: `{rule: deleted_in_source, when: {_plumbline_deleted: "true"}}`.
3. `tests/systems/NAME.yml`: how the real server behaves, written from its own documentation and not from the module: how
   it pages, filters and sorts, what it answers to a wrong key, and a record as it gives it. The conformance suite
   (`tests/test_conformance.py`) plays that server and finds the three files by their name.
4. Where a server that nobody here wrote can be had from a package: `tests/live/test_live_NAME.py`, and `proved` in the connector.

The parts: `client` (one connection: signed, paced, bounded), `auth` and `tokens`, `paging`, `cursor`, `following` (a chain of
pages and all that shows a loss), `spool` (rows to a file), `clients` (whose rows they are), `shrinking` (deletions, and what is
listed and never given), `engine` (a stream, unit by unit); `consent` (a person signs in).
"""

from connectors.api.auth import (
    Basic,
    ClientCredentials,
    Consent,
    Either,
    JwtBearer,
    Key,
    OAuth1,
    RotatingRefresh,
    Session,
    bearer,
)
from connectors.api.aws import Aws4
from connectors.api.connector import Check, Connector, Count, Deleted, Listing, Stream
from connectors.api.cursor import ACCOUNT, Bookmark, Cursor
from connectors.api.nouns import Budget, Option, Rule, Verdict
from connectors.api.paging import (
    BodyCursor,
    Keyset,
    LinkHeader,
    NextUrl,
    Offset,
    PageNumber,
    PostNext,
    Rising,
    Single,
    Token,
)

__all__ = [
    "ACCOUNT", "Aws4", "Basic", "BodyCursor", "Bookmark", "Budget", "Check", "ClientCredentials", "Connector", "Consent", "Count", "Cursor", "Deleted", "Either", "JwtBearer", "Key", "Keyset",
    "LinkHeader", "Listing", "NextUrl", "OAuth1", "Offset", "Option", "PageNumber", "PostNext", "Rising", "RotatingRefresh", "Rule", "Session", "Single", "Stream",
    "Token", "Verdict", "bearer",
]  # fmt: skip
