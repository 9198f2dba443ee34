"""Streams whose lists belong each to a record of another stream: the users of each application."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from connectors.api.connector import Connector, Stream
from connectors.api.nouns import Json
from connectors.api.spool import GONE, key_of

Kept = Callable[[str], Sequence[Path]]
"""The kept files of a stream that still count, oldest first."""


def parent_fields(path: str) -> list[str]:
    """The fields of the parent that a path names as `{parent.FIELD}`."""
    return re.findall(r"\{parent\.([^}]+)\}", path)


def parents(connector: Connector, stream: Stream, kept: Kept) -> Iterator[Mapping[str, Json]]:
    """The records whose lists a stream is made of, with the fields that it needs of them; one empty record for a stream of its own."""
    if not stream.parent:
        yield {}
        return
    parent = connector.stream(stream.parent)
    needed = {place.partition(".")[0] for place in (*stream.carry.values(), *parent_fields(stream.path), *parent.key)}
    living: dict[str, Mapping[str, Json]] = {}
    for path in kept(parent.name):
        with path.open(encoding="utf-8", newline="") as file:
            for line in file:
                record = json.loads(line)
                key = key_of(record, parent.key)
                living.pop(key, None)
                if not record.get(GONE):
                    living[key] = {name: record.get(name) for name in needed}
    yield from living.values()
