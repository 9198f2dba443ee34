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
from pipelines.errors import ConfigError, DataRejected

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


def sql_files(workspace: Path | None = None) -> Mapping[str, SqlFile]:
    """The shipped SQL and the workspace's own, each after what it reads. Raises ConfigError for a file that breaks a rule."""
    return described(own_sql(workspace))[0]


def columns_of(workspace: Path | None = None) -> Mapping[str, Mapping[str, str]]:
    """Every table's columns with their descriptions."""
    return described(own_sql(workspace))[1]


def own_sql(workspace: Path | None) -> tuple[tuple[Path, tuple[tuple[Path, int], ...]], ...]:
    """The folders of a workspace's own SQL, each with its files and when they were changed."""
    homes = (workspace / "extensions" / "sql", workspace / "extensions" / "checks") if workspace else ()
    return tuple((home, tuple((path, path.stat().st_mtime_ns) for path in sorted(home.rglob("*.sql")))) for home in homes if home.is_dir())


@cache
def described(own: tuple[tuple[Path, tuple[tuple[Path, int], ...]], ...]) -> tuple[Mapping[str, SqlFile], Mapping[str, Mapping[str, str]]]:
    """The SQL files and the columns of all tables, read once for one state of the workspace's own files."""
    try:
        files = dbt_like_sql.read(dbt_like_sql.HOME, *(home for home, _ in own))
        return files, dbt_like_sql.describe(files, inputs())
    except dbt_like_sql.SqlFileError as error:
        raise ConfigError(str(error)) from None


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
