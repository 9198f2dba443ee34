"""Every SQL file runs on an empty warehouse, keeps the conventions, and does what its cases in cases/ show."""

import re
from collections.abc import Iterator

import duckdb
import pytest
import sqlcase

import dbt_like_sql
from dbt_like_sql import SqlFile
from pipelines.functions import functions

FILES = sqlcase.files()
CASES = sqlcase.all_cases()
INPUTS = {name: {c.name: c.description for c in columns} for name, columns in dbt_like_sql.inputs().items()}
CLOCKS = r"\b(now|random|today|current_date|current_timestamp|uuid)\b"
ENDINGS = {
    "_amount": ("DECIMAL(18,4)", "DECIMAL(38,12)", "DECIMAL(38,4)"),
    "_on": ("DATE",),
    "_at": ("TIMESTAMP",),
    "_count": ("BIGINT",),
    "_share": ("DECIMAL(18,10)", "DOUBLE"),
    "_days": ("BIGINT",),
    "_id": ("VARCHAR",),
}


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with sqlcase.empty_warehouse() as connection:
        yield connection


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.title}")
def test_case(case: sqlcase.Case, warehouse: duckdb.DuckDBPyConnection) -> None:
    found, expected = sqlcase.run(case, warehouse)
    assert found == expected


def test_a_wrong_case_fails(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = [["owner_id", "name"], ["cfo", "Petra Lang"]]
    case = sqlcase.Case("", "", {"raw.owner": rows}, "core.owner", [["owner_name"], ["Somebody else"]])
    found, expected = sqlcase.run(case, warehouse)
    assert found != expected


def test_every_core_table_mart_figure_and_check_has_a_case() -> None:
    needed = {name for name in FILES if name.startswith(("core.", "audit.", "marts.", "checks.", "report."))}
    assert needed - {case.target for case in CASES} == set()


def test_every_column_has_a_description() -> None:
    described = dbt_like_sql.describe(FILES, INPUTS)
    missing = [
        f"{name}.{column}"
        for name in FILES
        if not name.startswith("checks.")
        for column, text in described[name].items()
        if not text
    ]
    assert missing == []


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_names_tell_the_type(file: SqlFile, warehouse: duckdb.DuckDBPyConnection) -> None:
    types = {row[0]: str(row[1]) for row in warehouse.execute(f"describe {file.name}").fetchall()}
    for column, kind in types.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column), f"{column}: small letters, digits and _"
        assert not kind.startswith(("FLOAT", "HUGEINT")), f"{column} is {kind}"
        if column == "month":
            assert kind == "DATE"
        for ending, kinds in ENDINGS.items():
            fits = not column.endswith(ending) or kind in kinds or column == "predecessor_ids"  # a list of ids by contract
            assert fits, f"{column} is {kind}, not {' or '.join(kinds)}"
        if column.startswith("is_"):
            assert kind == "BOOLEAN"
        if kind == "DATE":
            assert column.endswith(("_on", "month", "_start", "_end")), f"{column} is a day"
        if kind.startswith("TIMESTAMP"):
            assert column.endswith("_at"), f"{column} is an instant"


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_sql_is_plain(file: SqlFile) -> None:
    code = re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", file.sql).lower()
    assert not re.search(r"{[{%]", code), "no Jinja"
    assert not re.search(CLOCKS, code), "the same input gives the same rows: no clock and no chance"
    assert not re.search(r"_amount\s*/", code), "money is never divided: use whole minor units"
    assert not re.search(r"\bfloat\b", code)


def test_functions_are_called_by_tables_only() -> None:
    """A view would ask whoever opens the published file for a function that only a refresh knows."""
    called = {
        name: [file for file in sqlcase.files().values() if re.search(rf"\b{name}\(", file.sql)] for name in functions()
    }
    assert [name for name, files in called.items() if not files] == []
    assert [file.name for files in called.values() for file in files if file.materialized == "view"] == []
