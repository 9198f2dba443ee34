"""Small companies for tests: files written from text, taken in without a refresh or refreshed without great-expectations."""

import csv
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines import basis
from pipelines.deliveries import Delivery, deliver, kept
from pipelines.ingest import Ingest, ingest
from pipelines.workspace import Workspace, init_workspace

ROOT = Path(__file__).parents[1]
NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)
SPEND = "document_id,line_id,posted_on,vendor_name,amount,currency"
"""Header of Plumbline's own template for spend, as far as these tests need it: it is taken `keyed` by document."""


def company(folder: Path, files: Mapping[str, str | bytes], settings: str = "") -> Path:
    """A workspace in EUR with these files in it, and lines added to plumbline.yml."""
    init_workspace(folder, name="Small", currency="EUR")
    with (folder / "plumbline.yml").open("a", encoding="utf-8") as file:
        file.write(settings)
    for name, content in files.items():
        put(folder, name, content)
    return folder


def put(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file of a workspace; of a text the bytes are UTF-8 with the line ends as given."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def lines(*rows: str, header: str = SPEND) -> str:
    """A CSV text of a header and rows."""
    return "\n".join([header, *rows]) + "\n"


def add_rows(path: Path, *rows: Sequence[object]) -> None:
    """Append rows to a file that people edit."""
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


@contextmanager
def taken_in(folder: Path, scratch: Path, deliveries: Sequence[Delivery] | None = None) -> Iterator[tuple[duckdb.DuckDBPyConnection, Ingest]]:
    """Deliver, and ingest into a DuckDB in memory; all that a refresh does before its SQL."""
    workspace = Workspace(folder)
    deliver(workspace, NOON)
    scratch.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        yield connection, ingest(connection, workspace, kept(folder) if deliveries is None else deliveries, date(2026, 1, 1), None, scratch)


def rows(connection: duckdb.DuckDBPyConnection, sql: str, *values: object) -> list[tuple[Any, ...]]:
    return connection.execute(sql, values).fetchall()


class Unasked:
    """In the place of the process that holds great-expectations: proves nothing."""

    def result(self, *_: object) -> list[object]:
        return []


PROGRAM = basis.program
"""What tells the program's version, before any test puts another in its place."""


@contextmanager
def unasked() -> Iterator[Unasked]:
    yield Unasked()


@pytest.fixture(scope="module")
def without_expectations() -> Iterator[None]:
    """Refreshes that do not start great-expectations: it has tests of its own, and importing it takes longer than all the rest.

    The program is one and the same throughout, also while somebody edits it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.refresh.start_worker", unasked)
        patch.setattr("pipelines.basis.program", lambda: "1.0+0123456789ab")
        yield


def python(code: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python code of its own process, with the project importable and these variables set."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )
