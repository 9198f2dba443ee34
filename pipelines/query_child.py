"""Run one SELECT on one published warehouse, in a process that exists for nothing else.

`query.run_query` starts this file by its path with `python -I`, writes one request to stdin and reads the answer from
stdout; no part of Plumbline is imported, so that it starts quickly. Why a process: DuckDB's interrupt does not stop
every query, a hostile one may abort the process, and a read-only connection is not read-only (`COPY ... TO
'<database>.wal'` succeeds and forges what the next reader sees). Three walls, each of them enough against what we
know: one statement, and only a SELECT; DuckDB with its file system switched off and its settings locked; an operating
system that allows no byte to be written to any file.

Request:  one JSON object: warehouse, sql, max_rows, seconds, memory.
Answer:   lines of JSON. {"columns": [...], "types": [...]}, then lists of rows, then {"truncated": bool}; or
{"refused": text} or
          {"failed": text}. An answer without its last line is not one. A value JSON has no form for is an object of
          one key, see `plain`.
"""

import json
import re
import resource
import signal
import sys
from collections.abc import Iterator
from typing import Any

import duckdb

ADDRESS_SPACE = 4 << 30
ANSWER_BYTES = 64 << 20
BATCH = 100

READ_ONLY = (
    "A query is one SELECT: it reads what was published and changes nothing. "
    "SELECT, FROM, WITH, VALUES, DESCRIBE, SUMMARIZE, SHOW TABLES and EXPLAIN SELECT are answered."
)

# DuckDB's own SHOW TABLES lists the schema main, which a warehouse of named schemas leaves empty.
SHOW_TABLES = """
SELECT schema_name || '.' || name AS "table", comment AS description
FROM (SELECT schema_name, table_name AS name, comment FROM duckdb_tables() WHERE NOT internal
      UNION ALL SELECT schema_name, view_name, comment FROM duckdb_views() WHERE NOT internal)
ORDER BY ALL
"""

# Python's types would change these (a month into 30 days, nanoseconds into microseconds): they travel as text.
AS_TEXT = {"interval", "timestamp_ns", "time_ns", "timestamp with time zone"}
NESTED = {"list", "array", "struct", "tuple", "map", "union", "variant"}


class Refused(Exception):
    """The statement is not one that a reader may run; the text says why."""


def main() -> None:
    request = json.load(sys.stdin)
    confine(request["seconds"])
    try:
        written = 0
        write = json.JSONEncoder(default=plain).encode
        for line in answer(request):
            text = write(line)
            written += len(text)
            if written > ANSWER_BYTES:
                raise Refused(f"The answer is larger than {ANSWER_BYTES >> 20} MB. Select less of it, or aggregate.")
            print(text)
    except Refused as error:
        print(json.dumps({"refused": str(error)}))
    except duckdb.PermissionException as error:
        print(json.dumps({"refused": f"{READ_ONLY} DuckDB says: {error}"}))
    except (duckdb.OutOfMemoryException, MemoryError):
        enough = f"The query needs more memory than the {request['memory']} a query may use."
        print(json.dumps({"failed": f"{enough} Filter or aggregate earlier, or select fewer rows."}))
    except duckdb.Error as error:
        print(json.dumps({"failed": str(error)}))


def confine(seconds: float) -> None:
    """Limits of the operating system, out of SQL's reach: no file written, memory, an end even if the parent dies."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    processor = int(seconds * 2) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    if sys.platform == "linux":  # macOS reserves more address space than this before the first line of Python
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    signal.setitimer(signal.ITIMER_REAL, seconds + 5)


def open_confined(warehouse: str, memory: str) -> duckdb.DuckDBPyConnection:
    """A connection that reads `warehouse` and nothing else, uses `memory` at most, and cannot be talked out of it."""
    connection = duckdb.connect(
        warehouse,
        read_only=True,
        config={
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
            "threads": "2",
            "memory_limit": memory,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    # Only now, the database being open: from here DuckDB opens no file, not even its own .wal and spill files.
    connection.execute("SET disabled_filesystems = 'LocalFileSystem'")
    connection.execute("SET lock_configuration = true")
    return connection


def answer(request: dict[str, Any]) -> Iterator[Any]:
    """The lines of the answer: head, rows, end. Raises Refused, duckdb.Error or MemoryError."""
    statement = the_statement(request["sql"])
    rows = open_confined(request["warehouse"], request["memory"]).sql(statement)
    if statement.type == duckdb.StatementType.EXPLAIN:
        [(_, plan)] = rows.fetchall()
        yield {"columns": ["plan"], "types": ["VARCHAR"]}
        yield [[line] for line in plan.splitlines()]
        yield {"truncated": False}
        return
    names, types = rows.columns, rows.types
    if any(kind.id in AS_TEXT for kind in types):
        rows = rows.project(", ".join(f"#{i}::VARCHAR" if t.id in AS_TEXT else f"#{i}" for i, t in enumerate(types, 1)))
    yield {"columns": names, "types": [str(kind).strip('"') for kind in types]}
    fetched = rows.limit(request["max_rows"] + 1).fetchall()
    rows_sent = fetched[: request["max_rows"]]
    encode = plain if any(kind.id in NESTED for kind in types) else list
    for start in range(0, len(rows_sent), BATCH):
        yield encode(rows_sent[start : start + BATCH])
    yield {"truncated": len(fetched) > request["max_rows"]}


def the_statement(sql: str) -> Any:
    """The one statement of `sql`, a SELECT or an EXPLAIN of one, as DuckDB's own parser sees it; else Refused."""
    statements = duckdb.extract_statements(sql)
    if len(statements) != 1:
        raise Refused(f"{READ_ONLY} This text holds {len(statements) or 'no'} statements.")
    kind = statements[0].type
    if kind == duckdb.StatementType.MULTI:
        raise Refused(f"{READ_ONLY} A PIVOT must name its values: PIVOT ... ON column IN ('a', 'b') USING sum(amount).")
    if kind == duckdb.StatementType.EXPLAIN:
        explained = re.fullmatch(r"\s*EXPLAIN\s+(?:ANALYZE\s+)?(.*)", sql, re.IGNORECASE | re.DOTALL)
        try:
            kind = duckdb.extract_statements(explained[1])[0].type if explained else None
        except (duckdb.Error, IndexError):
            kind = None
        if kind != duckdb.StatementType.SELECT:
            raise Refused(f"{READ_ONLY} EXPLAIN [ANALYZE] takes a SELECT, without options or comments before it.")
    elif kind != duckdb.StatementType.SELECT:
        raise Refused(f"{READ_ONLY} This one is a {kind.name} statement.")
    if re.fullmatch(r"\s*SHOW\s+TABLES\s*;?\s*", sql, re.IGNORECASE):
        return duckdb.extract_statements(SHOW_TABLES)[0]
    return statements[0]


def plain(value: Any) -> Any:
    """`value` in JSON's forms; what has none is tagged: {"decimal": "1.20"}, {"map": [[key, value], ...]} and so on."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {"map": [[plain(key), plain(item)] for key, item in value.items()]}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    return {type(value).__name__.lower(): str(value)}


if __name__ == "__main__":
    main()
