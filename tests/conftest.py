"""What the tests share."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import duckdb

    from pipelines.refresh import Refreshed
    from pipelines.report.page import Page, Reading


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data, which is not part of the project; its tests are skipped where it is absent."""
    folder = Path(os.environ.get("PLUMBLINE_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    if not folder.is_dir():
        pytest.skip("the real data are not here: set PLUMBLINE_SHARED to their folder")
    return folder


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> "Refreshed":
    """The sample company, written and refreshed once for all tests that only look at it.

    With all checks and as the program that it is, also where a module that refreshes without them is the first to ask for it.
    """
    from small import PROGRAM

    from pipelines.expectations.worker import start_worker
    from pipelines.refresh import refresh
    from pipelines.sample import MONTH, write_sample

    folder = tmp_path_factory.mktemp("sample") / "company"
    write_sample(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.refresh.start_worker", start_worker)
        patch.setattr("pipelines.basis.program", PROGRAM)
        return refresh(folder, MONTH)


@pytest.fixture(scope="session")
def sample_warehouse(sample: "Refreshed") -> Path:
    return sample.warehouse


@pytest.fixture(scope="module")
def warehouse(sample_warehouse: Path) -> "Iterator[duckdb.DuckDBPyConnection]":
    """The sample's warehouse, read-only. It is closed with the module: DuckDB opens a file only with one set of settings at a time."""
    import duckdb

    with duckdb.connect(str(sample_warehouse), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def reading(sample_warehouse: Path) -> "Reading":
    """The sample's figures and the rows behind them, read once for all forms of the report."""
    import duckdb
    from reported import FACTS

    from pipelines.report.page import read

    with duckdb.connect(str(sample_warehouse), read_only=True) as connection:
        return read(connection, FACTS)


@pytest.fixture(scope="session")
def page(reading: "Reading") -> "Page":
    """The page of the sample."""
    from pipelines.report.page import written

    return written(reading)
