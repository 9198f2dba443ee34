"""SQL files become tables; checks become results."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

import dbt_like_sql
from dbt_like_sql import SqlFile
from dbt_like_sql.inputs import GIVEN
from models import tables
from pipelines import audit
from pipelines.casting import quoted
from pipelines.errors import ConfigError, DataRejected

SAMPLE = 5
SIDE_BY_SIDE = 2
"""Tables made at a time. More would not be faster on a laptop, and would need the memory of more large ones at once."""


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


def build(connection: duckdb.DuckDBPyConnection, files: Mapping[str, SqlFile], columns: Mapping[str, Mapping[str, str]],
          step: Callable[[str], None] = lambda _: None) -> None:  # fmt: skip
    """Make every table and view after what it reads, two at a time, and describe it. An error of DuckDB is told with the file it is in.

    Most of the cost of a small table is DuckDB's planning, which keeps one core busy: the tables of two files that do not read
    each other are made side by side. Where several fail, the first in the order of the files is told.
    """
    made = {name: file for name, file in files.items() if not file.is_check}
    for schema in dict.fromkeys(name.partition(".")[0] for name in made):
        connection.execute(f"create schema if not exists {schema}")

    def make(file: SqlFile) -> None:
        kind = "view" if file.materialized == "view" else "table"
        with closing(connection.cursor()) as own:
            try:
                own.execute(f"create {kind} {file.name} as {file.sql}")
            except duckdb.Error as error:
                raise DataRejected(f"{file.path}: DuckDB can't build {file.name}: {str(error).splitlines()[0]}") from error
            describe(own, kind, file.name, file.description, columns[file.name])

    order = TopologicalSorter({name: file.reads & made.keys() for name, file in made.items()})
    order.prepare()
    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="build") as pool:
        described = pool.submit(describe_inputs, connection, columns)
        running: dict[Future[None], str] = {}
        while order.is_active():
            running |= {pool.submit(make, made[name]): name for name in order.get_ready()}
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            if failed := [future for future in done if future.exception()]:
                pool.shutdown(wait=True, cancel_futures=True)
                failed = [future for future in running if not future.cancelled() and future.exception()]
                raise min(failed, key=lambda future: list(made).index(running[future])).exception() or RuntimeError
            for future in done:
                order.done(running[future])
                step(running.pop(future))
        described.result()


def describe_inputs(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, Mapping[str, str]]) -> None:
    """Write the descriptions of the tables that no SQL file makes."""
    told = input_descriptions()
    with closing(connection.cursor()) as own:
        there = own.execute(
            "select schema_name || '.' || table_name, 'table' from duckdb_tables() union all select schema_name || '.' || view_name, 'view' from duckdb_views() where not internal"
        ).fetchall()
        for name, kind in there:
            if name in told:
                describe(own, kind, name, told[name], columns[name])


def describe(connection: duckdb.DuckDBPyConnection, kind: str, name: str, description: str, columns: Mapping[str, str]) -> None:
    """Write the description of a table and its columns into DuckDB, for whoever opens the file."""
    connection.execute("begin")
    connection.execute(f"comment on {kind} {name} is {quoted(description)}")
    for column, text in columns.items():
        connection.execute(f'comment on column {name}."{column}" is {quoted(text)}')
    connection.execute("commit")


def check(connection: duckdb.DuckDBPyConnection, files: Mapping[str, SqlFile]) -> list[Checked]:
    """Run every check; its rows are violations."""
    order = list(files)
    results = []
    for file in (f for f in files.values() if f.is_check):
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
