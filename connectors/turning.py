"""Turning wide tables long: one record for each cell that a profile's `unpivot` names."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.profile import Unpivot
from connectors.reading import Reading, Record, SetAside
from connectors.reading.header import normalise


def turned(reading: Reading, unpivot: Unpivot) -> Reading:
    """The same table long. Several records then stand on one line; a cell that says nothing gives none."""
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
