"""Parquet carries its own schema and is read by DuckDB in the pipeline; here it is recognised and given a layout."""

from collections.abc import Iterator
from pathlib import Path

from connectors.reading.archive import Source
from connectors.reading.nouns import Layout, Reading, Record, Refused, SetAside

MAGIC = b"PAR1"


def tables(path: Path, source: Source, head: bytes) -> list[Reading]:
    """The one table of a Parquet file: a layout with an empty header, because the pipeline asks DuckDB for it.

    The reading's path is that of the plain bytes, also where they stand in an archive.
    """
    with source.open() as stream:
        stream.seek(-min(4, len(head)), 2)
        whole = head.startswith(MAGIC) and stream.read(4) == MAGIC
    if not whole:
        raise Refused(source.shown, "is not a whole Parquet file", "Download or export it again.")
    layout = Layout(format="parquet", member=source.member)
    return [Reading(source.path, layout, lambda aside: _records(source, aside))]


def _records(source: Source, aside: list[SetAside]) -> Iterator[Record]:
    """Every value as text, through pandas where it has an engine for Parquet; DuckDB needs none of this."""
    import pandas

    try:
        frame = pandas.read_parquet(source.path, dtype_backend="pyarrow")
    except ImportError as error:
        fix = "Let DuckDB read it (refresh does), or install pyarrow."
        raise Refused(source.shown, "no Parquet engine is installed for reading it row by row", fix) from error
    for ordinal, values in enumerate(frame.itertuples(index=False, name=None), 1):
        yield Record(ordinal, tuple(None if value is None or value is pandas.NA else str(value) for value in values))
