"""One sha256 for what a warehouse holds, whatever the order of rows, the number of threads and the machine.

Of each row DuckDB takes two 64-bit hashes, the second over the same cells behind a salt. Each is mixed once more,
because DuckDB joins the hashes of the cells by a multiplication and an exclusive or: without it, two rows that
exchange a cell could cancel out. Over the table they are summed (128 bits) and exclusive-ored: commutative, so order
is nothing; the sum counts a row twice, so duplicates are something. These four numbers, the number of rows, the name
and the schema go through sha256. Two different tables agree by accident with a probability near 2**-64 for each hash.
It guards against mistakes and irregular runs, not against someone who forges collisions.

The row hash is DuckDB's own and promised only within one DuckDB version. Whoever keeps a fingerprint (the manifest, a
closed month) keeps the versions of Plumbline and DuckDB with it and compares those first: after an upgrade a
different fingerprint means «compare the rows», no more.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

SALT = "plumbline"
NO_ROWS = (0, None, None, None, None)
"""The count, the sums and the exclusive ors of no rows."""

# hash() takes [], [NULL] and NULL for the same, [[1], [2]] for [[1, 2]] and a month for 30 days; their texts differ.
_BY_TEXT = re.compile(r"(.*\[\d*\]|(STRUCT|TUPLE|MAP|UNION)\(.*\)|VARIANT|INTERVAL)", re.DOTALL)
_BINARY_FLOAT = re.compile(r"\b(FLOAT|DOUBLE)\b")


@dataclass(frozen=True)
class Fingerprint:
    """sha256 (hexadecimal) of each table and view by its full name `schema.name`, and of all of them together."""

    tables: Mapping[str, str]
    total: str


def fingerprint(connection: DuckDBPyConnection, schemas: Collection[str]) -> Fingerprint:
    """The fingerprint of every table and view in `schemas` of the connection's current database.

    A table's depends on its name, the names and types of its columns in order, the number of rows and every cell;
    NULL is not ''. A view's depends on its definition as DuckDB prints it, not on its rows: these follow from the
    tables it reads. FLOAT and DOUBLE are compared after rounding to 9 decimals, because a parallel sum of them
    differs in its last bits: they are for ratios; for money they are wrong anyway. Inside a LIST, STRUCT or MAP they
    cannot be rounded and raise ValueError.
    """
    found = connection.execute(
        """
        SELECT schema_name, table_name, list([column_name, data_type] ORDER BY column_index)
        FROM duckdb_columns() SEMI JOIN duckdb_tables() USING (database_oid, table_oid)
        WHERE database_name = current_database() AND list_contains(?, schema_name)
        GROUP BY ALL
        """,
        [list(schemas)],
    ).fetchall()
    empty = _without_rows(connection, [(schema, table) for schema, table, _ in found])
    tables = {
        f"{schema}.{table}": _table(connection, schema, table, columns, (schema, table) in empty) for schema, table, columns in found
    }
    views = {
        f"{schema}.{view}": _sha256([f"{schema}.{view}", "view", definition])
        for schema, view, definition in connection.execute(
            """
            SELECT schema_name, view_name, sql FROM duckdb_views()
            WHERE NOT internal AND database_name = current_database() AND list_contains(?, schema_name)
            """,
            [list(schemas)],
        ).fetchall()
    }
    both = dict(sorted((tables | views).items()))
    return Fingerprint(both, _sha256(list(both.items())))


def _without_rows(connection: DuckDBPyConnection, tables: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """The tables in which there is nothing to hash, which is most of a small company's; found in one query."""
    asked = [f"SELECT {place}, count(*) FROM {_quoted(schema)}.{_quoted(table)}" for place, (schema, table) in enumerate(tables)]
    return {tables[place] for place, counted in connection.execute(" UNION ALL ".join(asked)).fetchall() if not counted} if asked else set()


def _table(connection: DuckDBPyConnection, schema: str, table: str, columns: list[list[str]], is_empty: bool) -> str:
    cells = ", ".join(_cell(f"{schema}.{table}", name, kind) for name, kind in columns)
    if is_empty:
        return _sha256([f"{schema}.{table}", columns, NO_ROWS])
    numbers = connection.execute(
        f"""
        SELECT count(*), sum(first_hash), bit_xor(first_hash), sum(second_hash), bit_xor(second_hash)
        FROM (SELECT hash(hash({cells})) AS first_hash, hash(hash('{SALT}', {cells})) AS second_hash
              FROM {_quoted(schema)}.{_quoted(table)})
        """
    ).fetchone()
    return _sha256([f"{schema}.{table}", columns, numbers])


def _cell(table: str, column: str, kind: str) -> str:
    if kind in ("FLOAT", "DOUBLE"):
        return f"round({_quoted(column)}, 9)"
    by_text = _BY_TEXT.fullmatch(kind)
    if by_text and _BINARY_FLOAT.search(kind):
        raise ValueError(f"{table}.{column}: binary floats in {kind} do not repeat to the last bit; use DECIMAL")
    return f"{_quoted(column)}::VARCHAR" if by_text else _quoted(column)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sha256(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()
