"""From a path to its tables: what the bytes are, whatever the name says, and which reader takes them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from connectors.reading import delimited, encoding, jsonlines, parquet, workbook
from connectors.reading.archive import Source, sources
from connectors.reading.header import name_columns, normalise, repeated_names
from connectors.reading.nouns import Dialect, Layout, Reading, Refused, Row
from connectors.reading.settling import Table, settle
from connectors.reading.sniffing import SAMPLE, sniff

TEXT = frozenset({".csv", ".tsv", ".tab", ".txt", ".psv"})
WORKBOOK = frozenset({".xlsx", ".xlsm"})
JSON = frozenset({".json", ".ndjson", ".jsonl"})
KNOWN = TEXT | WORKBOOK | JSON | {".parquet"}
MAX_COLUMNS = 2_000
EXPORT_LIMITS = frozenset({500, 1_000, 2_000, 10_000, 50_000, 65_535, 65_536, 100_000, 1_048_575, 1_048_576})
"""Numbers of rows at which exports of known systems stop without a word."""

_KINDS = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook (.xlsx)", frozenset({".xlsx", ".xlsm"})),
    (b"PK\x05\x06", "an empty zip archive", frozenset()),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls) or an encrypted one", frozenset()),
    (b"\x1f\x8b", "gzip-compressed", frozenset()),
    (b"PAR1", "a Parquet file", frozenset({".parquet"})),
    (b"%PDF", "a PDF document", frozenset()),
    (b"{\\rtf", "an RTF document", frozenset()),
)
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table|head|body)\b", re.IGNORECASE)
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*(?:"|\}\s*$)|\[\s*[\[{]|\[\s*\]\s*$)')


def open_tables(path: Path, dialect: Dialect = Dialect()) -> list[Reading]:  # noqa: B008 - frozen, hence safe to share
    """The tables of a file: one for a text or JSON file, one for each sheet with content, and for each zip member.

    Every byte of a text file has been looked at when this returns, its records have not: what only they can show,
    and names that occur twice, is refused by `Reading.records`, so that a profile can be chosen by the header first.
    Raises `Refused`.
    """
    readings: list[Reading] = []
    for source in sources(Path(path), KNOWN):
        found = _tables(Path(path), source, dialect)
        for reading in found:
            reading.layout = replace(reading.layout, notes=source.notes + reading.layout.notes)
        readings += found
    return readings


def export_limit(records: int) -> tuple[str, ...]:
    """A note if a table stops exactly where an export limit would have cut it."""
    return (f"exactly {records:,} rows: this looks like an export limit",) if records in EXPORT_LIMITS else ()


def _tables(path: Path, source: Source, dialect: Dialect) -> list[Reading]:
    with source.open() as stream:
        head = stream.read(4096)
    if source.ending not in KNOWN:
        old = " (an old Excel file)" if source.ending == ".xls" else ""
        what = _what(head)
        why = f"files ending in «{source.ending}»{old} are not read" + (f"; this one is really {what}" if what else "")
        raise Refused(source.shown, why, "Save it as .xlsx or .csv.")
    for magic, name, endings in _KINDS:
        if head.startswith(magic) and source.ending not in endings:
            raise Refused(source.shown, f"is really {name}", _fix(name))
    if source.ending in WORKBOOK:
        return workbook.tables(path, source, dialect, head, _what(head))
    if source.ending == ".parquet":
        return parquet.tables(path, source, head)
    if source.ending in JSON:
        return jsonlines.tables(path, source, dialect)
    if what := _what(head):
        raise Refused(source.shown, f"is really {what}", _fix(what))
    return [_text_table(path, source, dialect)]


def _what(head: bytes) -> str | None:
    """What bytes with a lying name are, in words; None for plain text."""
    for magic, name, _ in _KINDS:
        if head.startswith(magic):
            return name
    if _MARKUP.match(head):
        return "a web page or XML (HTML)"
    return "JSON" if _JSON.match(head) else None


def _fix(what: str) -> str:
    if "HTML" in what or what == "JSON":
        return "If it is an error page of the system, sign in and export again; else save it as .csv or .json."
    return "Give the file its true ending, or save it as .xlsx or .csv."


def _text_table(path: Path, source: Source, dialect: Dialect) -> Reading:
    seen = encoding.survey(source, dialect.encoding)
    with encoding.text(source, seen.encoding, seen.line_end) as stream:
        sample = stream.read(SAMPLE)
        whole = not stream.read(1)
    guess = sniff(sample, whole, source.shown, dialect, seen.line_end)
    header_row, cells, header_text = guess.row
    if len(cells) > MAX_COLUMNS:
        why = f"has {len(cells):,} columns, more than {MAX_COLUMNS:,}"
        raise Refused(source.shown, why, "Export fewer columns.", line=header_row)
    lines = seen.line_feeds + (not seen.complete) if seen.line_end != "\r" else 0
    notes = seen.notes + export_limit(lines - header_row - header_text.count("\n"))
    layout = Layout(
        format="csv",
        member=source.member,
        encoding=seen.encoding,
        delimiter=guess.delimiter,
        quotes=dialect.quotes,
        line_end=seen.line_end,
        header_row=header_row,
        header=name_columns(cells),
        notes=notes + _repeats(cells),
    )
    table = Table(
        file=source.shown,
        header_row=header_row,
        header_cells=tuple(cells),
        quarantine_ragged=dialect.ragged == "quarantine",
        complete=seen.complete,
        names_are_declared=dialect.header is not None,
    )

    def rows() -> Iterator[Row]:
        with encoding.text(source, seen.encoding, seen.line_end) as stream:
            yield from delimited.rows(
                stream, source.shown, guess.delimiter, quotes=dialect.quotes, line_end=seen.line_end
            )

    return Reading(path, layout, lambda aside: settle(table, rows, aside))


def _repeats(cells: list[str]) -> tuple[str, ...]:
    names = repeated_names([normalise(cell) for cell in cells if cell.strip()])
    return tuple(f"the column «{name}» occurs more than once, if case and punctuation do not count" for name in names)
