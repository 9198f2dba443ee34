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
from pathlib import Path

import duckdb

from pipelines.report import quality, summary, workbook
from pipelines.report.page import Facts, Reading, read, written

FOLDER = "report"
PAGE = "report.html"
WORKBOOK = "it-spend.xlsx"
QUALITY = "quality.html"
SUMMARY = "summary.json"
PDF = "report.pdf"
DECK = "slides.pptx"


def write(connection: duckdb.DuckDBPyConnection, folder: Path, facts: Facts, pdf: bool = False, deck: bool = False, logo: Path | None = None) -> Path:
    """Write the report into `report/` of a run folder; the page. A PDF only where `pdf` is set, and then it takes seconds.

    Raises duckdb.Error where report.* is not there, ConfigError where a PDF can't be made on this machine.
    """
    reading = read(connection, facts)
    home = folder / FOLDER
    home.mkdir(exist_ok=True)
    for name, content in made(connection, reading, pdf, deck, logo):
        put(home / name, content)
    return home / PAGE


def made(connection: duckdb.DuckDBPyConnection, reading: Reading, pdf: bool, deck: bool, logo: Path | None) -> Iterator[tuple[str, bytes]]:
    """The files by name."""
    if pdf:
        from pipelines.report.pdf import printed

        yield PDF, printed(reading)
    if deck:
        from pipelines.report import slides
        from pipelines.report.deck import deck as drawn

        yield DECK, drawn(reading, slides.logo(logo))[0]
    yield PAGE, written(reading).html.encode()
    yield QUALITY, quality.page(connection, reading).encode()
    yield WORKBOOK, workbook.book(reading)
    yield SUMMARY, summary.told(reading)


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    aside = path.with_name(f".{path.name}")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
