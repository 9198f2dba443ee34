"""SQL files become tables; checks become results."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

import dbt_like_sql
from dbt_like_sql import SqlFile
from dbt_like_sql.inputs import GIVEN
from models import tables
from pipelines import audit
from pipelines.casting import quoted
from pipelines.errors import DataRejected

CHECKS = "checks"
SAMPLE = 5


@dataclass(frozen=True)
class Checked:
    """The outcome of one check: how many rows break it, and the first of them."""

    table: str
    name: str
    kind: str
    severity: str
    description: str
    violation_count: int
    sample: str

    @property
    def passed(self) -> bool:
        return self.violation_count == 0

    @property
    def blocks(self) -> bool:
        return not self.passed and self.severity == "error"


def inputs() -> dict[str, dict[str, str]]:
    """Every table that no SQL file makes, with the description of each column."""
    return {name: {c.name: c.description for c in described} for name, described in audit.columns().items()}


def input_descriptions() -> dict[str, str]:
    """What a row of each of those tables is."""
    told = {f"raw.{t.name}": t.description for t in tables().values()} | {name: t.description for name, t in audit.OWN.items()}
    return told | {name: t.description for name, t in GIVEN.items()}


@cache
def sql_files(workspace: Path | None = None) -> Mapping[str, SqlFile]:
    """The shipped SQL and the workspace's own, each after what it reads."""
    homes = [dbt_like_sql.HOME]
    if workspace:
        homes += [home for home in (workspace / "extensions" / "sql", workspace / "extensions" / "checks") if home.is_dir()]
    return dbt_like_sql.read(*homes)


@cache
def columns_of(workspace: Path | None = None) -> Mapping[str, Mapping[str, str]]:
    """Every table's columns with their descriptions."""
    return dbt_like_sql.describe(sql_files(workspace), inputs())


def is_check(file: SqlFile) -> bool:
    return file.name.startswith(f"{CHECKS}.")


def build(connection: duckdb.DuckDBPyConnection, files: Mapping[str, SqlFile], step: Callable[[str], None] = lambda _: None) -> None:
    """Make every table and view in order. An error of DuckDB is told with the file it is in."""
    made: set[str] = set()
    for name, file in files.items():
        if is_check(file):
            continue
        schema = name.partition(".")[0]
        if schema not in made:
            connection.execute(f"create schema if not exists {schema}")
            made.add(schema)
        kind = "view" if file.materialized == "view" else "table"
        try:
            connection.execute(f"create {kind} {name} as {file.sql}")
        except duckdb.Error as error:
            raise DataRejected(f"{file.path}: DuckDB can't build {name}: {str(error).splitlines()[0]}") from error
        step(name)


def comment(connection: duckdb.DuckDBPyConnection, files: Mapping[str, SqlFile], columns: Mapping[str, Mapping[str, str]]) -> None:
    """Write the description of every table and column into DuckDB, for whoever opens the file."""
    kinds = dict(connection.execute(
        "select schema_name || '.' || table_name, 'table' from duckdb_tables() union all "
        "select schema_name || '.' || view_name, 'view' from duckdb_views() where not internal"
    ).fetchall())  # fmt: skip
    told = input_descriptions() | {name: file.description for name, file in files.items()}
    there = set(connection.execute("select schema_name || '.' || table_name, column_name from duckdb_columns() where not internal").fetchall())
    statements = []
    for name, kind in kinds.items():
        if name in told:
            statements.append(f"comment on {kind} {name} is {quoted(told[name])}")
        for column, description in columns.get(name, {}).items():
            if (name, column) in there:
                statements.append(f'comment on column {name}."{column}" is {quoted(description)}')
    connection.execute("begin")
    for statement in statements:
        connection.execute(statement)
    connection.execute("commit")


def check(connection: duckdb.DuckDBPyConnection, files: Mapping[str, SqlFile]) -> list[Checked]:
    """Run every check; its rows are violations."""
    order = list(files)
    results = []
    for file in (f for f in files.values() if is_check(f)):
        of = max((name for name in file.reads if name in files), key=order.index, default=min(file.reads, default=""))
        cursor = connection.execute(f"select * from ({file.sql}) order by all")
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
        sample = json.dumps([dict(zip(names, map(plain, row), strict=True)) for row in rows[:SAMPLE]], ensure_ascii=False)
        results.append(Checked(of, file.path.stem, "sql", file.severity, file.description, len(rows), sample))
    return results


def plain(value: object) -> object:
    """A value as JSON keeps it, with the exact digits of money."""
    return value if value is None or isinstance(value, bool | int | str) else str(value)
