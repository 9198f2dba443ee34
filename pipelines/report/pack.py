"""The files of one report, made of one reading of the figures and written into the run folder whole or not at all.

    report.html     the page in which every figure shows its rows
    it-spend.xlsx   the same figures as formulas over the ledger
    quality.html    for the data engineer: what came, what did not, and what is wrong with it
    summary.json    what the landing page says of the month
    report.pdf      for paper, only where it is asked for
    slides.pptx     six slides for a board, only where they are asked for
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipelines.report import quality, rows, summary, workbook
from pipelines.report.page import Facts, Reading, read, written
from pipelines.report.sheets import Filled

FOLDER = "report"
PAGE = "report.html"
WORKBOOK = "it-spend.xlsx"
QUALITY = "quality.html"
SUMMARY = "summary.json"
PDF = "report.pdf"
DECK = "slides.pptx"


@dataclass(frozen=True)
class Begun:
    """What of a report does not wait for the checks of the run: the reading, and the sheets of the workbook."""

    reading: Reading
    sheets: Filled


def begin(connection: duckdb.DuckDBPyConnection, facts: Facts) -> Begun:
    """Read the figures and fill the workbook, half of a report's cost. Raises duckdb.Error where report.* is not there."""
    reading = read(connection, facts)
    return Begun(reading, workbook.begun(reading))


def write(connection: duckdb.DuckDBPyConnection, folder: Path, begun: Begun, pdf: bool = False, deck: bool = False, logo: Path | None = None) -> Path:
    """Write the report into `report/` of a run folder, with the checks that are in the warehouse now; the page. A PDF only where `pdf` is set, and then it takes seconds.

    Raises ConfigError where a PDF can't be made on this machine.
    """
    sets = {**begun.reading.sets, "check": rows.read(connection, "check")}
    home = folder / FOLDER
    home.mkdir(exist_ok=True)
    for name, content in made(connection, Begun(replace(begun.reading, sets=sets), begun.sheets), pdf, deck, logo):
        put(home / name, content)
    return home / PAGE


def made(connection: duckdb.DuckDBPyConnection, begun: Begun, pdf: bool, deck: bool, logo: Path | None) -> Iterator[tuple[str, bytes]]:
    """The files by name."""
    reading = begun.reading
    if pdf:
        from pipelines.report.pdf import printed

        yield PDF, printed(reading)
    if deck:
        from pipelines.report import slides
        from pipelines.report.deck import deck as drawn

        yield DECK, drawn(reading, slides.logo(logo))[0]
    yield PAGE, written(reading).html.encode()
    yield QUALITY, quality.page(connection, reading).encode()
    yield WORKBOOK, workbook.ended(begun.sheets, reading.sets["check"])
    yield SUMMARY, summary.told(reading)


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    aside = path.with_name(f".{path.name}")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
