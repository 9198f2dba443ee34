"""Turning wide tables long: one record for each cell that a profile's `unpivot` names, or for each line of a document."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.profile import Unpivot
from connectors.reading import Reading, Record, SetAside
from connectors.reading.header import normalise
from connectors.reading.jsonlines import listed


def turned(reading: Reading, unpivot: Unpivot) -> Reading:
    """The same table long. Several records then stand on one line; a cell that says nothing gives none. Raises Refused."""
    if unpivot.each:
        return by_line(reading, unpivot.each)
    kept_names = {normalise(name) for name in unpivot.keep}
    header = reading.layout.header
    kept = [n for n, name in enumerate(header) if normalise(name) in kept_names]
    wide = [n for n in range(len(header)) if n not in kept]
    nothing = {"", *unpivot.skip}

    def produce(set_aside: list[SetAside]) -> Iterator[Record]:
        for line, values in reading.records():
            for n in wide:
                value = (values[n] or "").strip()
                if value not in nothing:
                    yield Record(line, (*(values[k] for k in kept), header[n], value))
        set_aside += reading.set_aside

    layout = replace(reading.layout, header=(*(header[k] for k in kept), unpivot.name, unpivot.value))
    return Reading(reading.path, layout, produce)


def by_line(reading: Reading, column: str) -> Reading:
    """Each object of a column's lists as a record of its own; a record whose list is empty stays as one without its members."""
    header, file = reading.layout.header, reading.path.name
    at = next((n for n, name in enumerate(header) if normalise(name) == normalise(column)), None)
    if at is None:
        return reading

    def objects(record: Record) -> list[dict[str, str | None]]:
        return listed(record.values[at] or "[]", file, record.line) or [{}]

    names = tuple(dict.fromkeys(name for record in reading.records() for one in objects(record) for name in one))

    def produce(set_aside: list[SetAside]) -> Iterator[Record]:
        for record in reading.records():
            kept = (*record.values[:at], *record.values[at + 1 :])
            for one in objects(record):
                yield Record(record.line, (*kept, *map(one.get, names)))
        set_aside += reading.set_aside

    layout = replace(reading.layout, header=(*header[:at], *header[at + 1 :], *(f"{header[at]}.{name}" for name in names)))
    return Reading(reading.path, layout, produce)
