"""Cases that anyone can read: what is in some tables, and what a table then holds.

A file of `cases/` holds cases, each under a `# title`. In a case every `## schema.table` is followed by a
Markdown table; the last one is what is expected, the others are given. An empty cell is null. Tables
between the given ones and the expected one are computed, the others are empty. Columns left out of the given are
null, those left out of the expected are not compared; rows may stand in any order.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

import dbt_like_sql
from dbt_like_sql import SqlFile
from pipelines.functions import register

CASES = Path(__file__).parent / "cases"
Rows = list[list[str]]

SETTINGS = """
insert into settings.run values ('2026-03-01', 'EUR', 1, null, null);
insert into settings.currency values
    ('EUR', 2), ('USD', 2), ('GBP', 2), ('CHF', 2), ('SEK', 2), ('JPY', 0), ('KRW', 0), ('KWD', 3);
insert into settings.threshold values
    ('low_adoption_share', 0.5), ('priority_money_share_low', 0.05),
    ('renewal_window_days', 120), ('stale_mapping_days', 365),
    ('overlap_capability_share', 0.5), ('overlap_containment_share', 0.8), ('overlap_user_share', 0.5),
    ('incidents_per_100_users', 30), ('vendor_money_share', 0.25);
"""


@dataclass(frozen=True)
class Case:
    """What is given, by table with its header as first row, and what `target` then holds."""

    title: str
    file: str
    given: Mapping[str, Rows]
    target: str
    expected: Rows


@cache
def files() -> dict[str, SqlFile]:
    return dbt_like_sql.read()


def create_inputs(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables that the ingest gives, typed and empty."""
    for name, columns in dbt_like_sql.inputs().items():
        connection.execute(f"create schema if not exists {name.partition('.')[0]}")
        connection.execute(f"create table {name} ({', '.join(f'{c.name} {c.kind.duckdb}' for c in columns)})")


def create_files(connection: duckdb.DuckDBPyConnection) -> None:
    """What every SQL file makes, on what the tables hold; views become tables, so that a case can fill them."""
    register(connection)
    for name, file in files().items():
        connection.execute(f"create schema if not exists {name.partition('.')[0]}")
        connection.execute(f"create table {name} as {file.sql}")


def empty_warehouse() -> duckdb.DuckDBPyConnection:
    """Every table with its columns and types and no rows, save the settings."""
    connection = duckdb.connect(config={"threads": 2})
    create_inputs(connection)
    create_files(connection)
    connection.execute(SETTINGS)
    return connection


def read_cases(path: Path) -> Iterator[Case]:
    title, tables = "", dict[str, Rows]()
    rows: Rows = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), "# "]:
        if line.startswith("# "):
            if tables:
                *given, (target, expected) = tables.items()
                yield Case(title, path.stem, dict(given), target, expected)
            title, tables = line[2:], {}
        elif line.startswith("## "):
            rows = tables.setdefault(line[3:].strip(), [])
        elif line.startswith("|") and not re.fullmatch(r"[|:\s-]+", line):
            rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])


def all_cases() -> list[Case]:
    return [case for path in sorted(CASES.glob("*.md")) for case in read_cases(path)]


def between(case: Case) -> list[SqlFile]:
    """The files to compute before the target: those that it needs and that follow from what is given."""
    needed, todo = set[str](), [case.target]
    while todo:
        reads = files()[todo.pop()].reads - needed - case.given.keys()
        needed |= reads
        todo += [name for name in reads if name in files()]
    filled, ordered = set(case.given), []
    for name, file in files().items():
        if name in needed and file.reads & filled:
            filled.add(name)
            ordered.append(file)
    return ordered


def run(case: Case, warehouse: duckdb.DuckDBPyConnection) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The rows found and the rows expected, sorted alike; the warehouse is left as it was."""
    with warehouse.cursor() as connection:
        connection.execute("begin")
        try:
            for table, (header, *rows) in case.given.items():
                if table.startswith("settings."):
                    connection.execute(f"delete from {table}")
                insert(connection, table, header, rows)
            for file in between(case):
                connection.execute(f"insert into {file.name} by name {file.sql}")
            columns, *rows = case.expected
            found = connection.execute(f"select {', '.join(columns)} from ({files()[case.target].sql})")
            types = [str(column[1]) for column in found.description]
            actual = found.fetchall()
            wanted = [
                connection.execute(
                    f"select {', '.join(f'cast(? as {kind})' for kind in types)}", [cell or None for cell in row]
                ).fetchone()
                for row in rows
            ]
        finally:
            connection.execute("rollback")
    return sorted(actual, key=str), sorted(wanted, key=str)


def insert(connection: duckdb.DuckDBPyConnection, table: str, header: list[str], rows: Rows) -> None:
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"{table}: {row} has {len(row)} cells, the header {len(header)}")
        marks = ", ".join("?" * len(row))
        connection.execute(f"insert into {table} ({', '.join(header)}) values ({marks})", [c or None for c in row])
