"""An SQLAlchemy dialect over a DuckDB connection that is already open.

great-expectations reads a result after it has given the SQLAlchemy connection back. SQLAlchemy then rolls back, and a
dialect whose cursor is the DuckDB connection itself loses the pending result («list index out of range» in every
expectation). Here each statement gets a cursor of its own and giving back does nothing, so a result lives until it is
read or the connection is detached.

Only what expectations need is here: SELECT with values in the order of their marks, and the columns of tables and
views. There are no transactions, since nothing is written.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import duckdb
from sqlalchemy import types
from sqlalchemy.dialects import registry
from sqlalchemy.engine import URL, default
from sqlalchemy.exc import NoSuchTableError

SQL_TYPES: dict[str, type[types.TypeEngine[Any]]] = {
    "BIGINT": types.BIGINT,
    "BOOLEAN": types.BOOLEAN,
    "DATE": types.DATE,
    "DOUBLE": types.DOUBLE,
    "INTEGER": types.INTEGER,
    "TIMESTAMP": types.TIMESTAMP,
    "VARCHAR": types.VARCHAR,
}

COLUMNS = """
SELECT column_name, data_type, is_nullable
FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = coalesce(?, current_schema()) AND table_name = ?
ORDER BY column_index
"""

_attached: dict[str, "Attached"] = {}
_numbers = count(1)


@contextmanager
def attach(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Make an open connection reachable by the SQLAlchemy URL that is yielded, such as `duckdb+plumbline://1`.

    The URL works in this process and until the block ends, which also closes every cursor made through it: DuckDB
    reports a cursor that outlives the interpreter on standard error. `connection` itself stays open. Cursors see what
    it has committed, and not its temporary tables.
    """
    name = str(next(_numbers))
    _attached[name] = Attached(connection)
    try:
        yield f"duckdb+plumbline://{name}"
    finally:
        _attached.pop(name).close_cursors()


class Attached:
    """What SQLAlchemy takes for a connection of its own; what it closes, commits or rolls back is left as it is."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._cursors: list[Cursor] = []

    def cursor(self) -> "Cursor":
        cursor = Cursor(self._connection.cursor())
        self._cursors.append(cursor)
        return cursor

    def close_cursors(self) -> None:
        while self._cursors:
            self._cursors.pop().close()

    def commit(self) -> None:
        """Nothing is written, so there is nothing to commit."""

    def rollback(self) -> None:
        """Would drop a result that great-expectations has yet to read."""

    def close(self) -> None:
        """The connection belongs to whoever attached it."""


class Cursor:
    """A DB-API cursor of which SQLAlchemy may read `description` before, after and without a result."""

    arraysize = 1
    rowcount = -1

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self.description: Sequence[Sequence[Any]] | None = None

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        self._cursor.execute(statement, list(values))
        self.description = self._cursor.description

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._cursor.fetchone()

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        return self._cursor.fetchmany(size or self.arraysize)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._cursor.fetchall()

    def close(self) -> None:
        with suppress(duckdb.Error):
            self._cursor.close()


class Dialect(default.DefaultDialect):
    """SQLAlchemy's default SQL, which DuckDB understands, over an `attach`ed connection."""

    name = "duckdb"
    driver = "plumbline"
    default_paramstyle = "qmark"
    default_schema_name = "main"
    supports_statement_cache = True
    supports_native_boolean = True
    # Without it SQLAlchemy makes money a float on its way to a comparison.
    supports_native_decimal = True

    @classmethod
    def import_dbapi(cls) -> Any:
        return duckdb

    def create_connect_args(self, url: URL) -> tuple[list[str], dict[str, Any]]:
        return [url.host or ""], {}

    def connect(self, name: str) -> Attached:  # type: ignore[override]
        """Raises LookupError for a URL whose `attach` block has ended."""
        if name not in _attached:
            raise LookupError(f"no DuckDB connection is attached as {name}: use its URL inside the block of attach()")
        return _attached[name]

    def initialize(self, connection: Any) -> None:
        """Nothing to ask the server: DefaultDialect would look for versions and isolation levels DuckDB has not."""

    def get_columns(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> list[dict[str, Any]]:
        """Columns of a table or view in their order. Raises NoSuchTableError."""
        rows = connection.exec_driver_sql(COLUMNS, (schema, table_name)).fetchall()
        if not rows:
            raise NoSuchTableError(f"{schema}.{table_name}" if schema else table_name)
        return [
            {"name": name, "type": _sql_type(declared), "nullable": nullable, "default": None}
            for name, declared, nullable in rows
        ]

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> bool:
        return bool(connection.exec_driver_sql(COLUMNS, (schema, table_name)).fetchall())

    def get_schema_names(self, connection: Any, **_: Any) -> list[str]:
        names: Iterable[Any] = connection.exec_driver_sql(
            "SELECT DISTINCT schema_name FROM duckdb_schemas() ORDER BY ALL"
        )
        return [name for (name,) in names]


def _sql_type(declared: str) -> types.TypeEngine[Any]:
    if declared.startswith("DECIMAL("):
        precision, scale = declared.removeprefix("DECIMAL(").removesuffix(")").split(",")
        return types.NUMERIC(int(precision), int(scale))
    return SQL_TYPES.get(declared, types.NullType)()


registry.register("duckdb.plumbline", __name__, "Dialect")
