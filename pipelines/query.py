"""Answer one SQL question from a published warehouse, and write the answer down for a person or a program.

Each query runs in a fresh process of its own (`query_child`, where the reasons are), so nothing a query does can
outlast it.
"""

import csv
import io
import json
import math
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.publish import refuse_wal

CHILD = Path(__file__).with_name("query_child.py")
ON_SCREEN = 200

_ENVIRONMENT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # what some Pythons need to start; all else may be a secret
_NUMERIC = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|UINTEGER|BIGNUM|DECIMAL\(.*\)|FLOAT|DOUBLE)", re.ASCII)
_FORMULA = re.compile("'*[=+@\t\r\n\0\uff1d\uff0b\uff20\uff0d-]")


class QueryError(Exception):
    """A query gave no answer; the text is for the person who asked."""

    exit_code = 2


class QueryRefused(QueryError):
    """The query is not one that a reader may run."""


class QueryFailed(QueryError):
    """DuckDB could not answer: a name it does not know, a cast that fails, too little memory."""


class QueryTimeout(QueryError):
    """The query was killed at its time limit."""


@dataclass(frozen=True)
class QueryResult:
    """An answer: column names (a SELECT may repeat one), DuckDB's type of each, and the rows as tuples.

    Values: None, bool, int, float, str, Decimal (its digits exact), date, datetime, time, UUID, bytes; list for LIST,
    dict for STRUCT and MAP. INTERVAL, TIMESTAMP_NS and TIMESTAMP WITH TIME ZONE (in UTC) are DuckDB's text, and so is
    a day beyond Python's years 1..9999. `truncated`: the query has more rows than these.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False


def run_query(
    warehouse: Path, sql: str, *, max_rows: int = 100_000, seconds: float = 10, memory: str = "1GB"
) -> QueryResult:
    """Run the one SELECT (or EXPLAIN of one) in `sql` on the published file `warehouse`; at most `max_rows` come back.

    Bounds: `seconds` of wall time, process start included, then SIGKILL; `memory` of DuckDB memory, without spilling
    to disk. It reads nothing but `warehouse` and writes nothing at all. Raises QueryRefused, QueryFailed or
    QueryTimeout; publish.Tampered when a .wal lies beside the warehouse; FileNotFoundError.
    """
    warehouse = warehouse.resolve(strict=True)
    refuse_wal(warehouse)
    request = {"warehouse": str(warehouse), "sql": sql, "max_rows": max_rows, "seconds": seconds, "memory": memory}
    try:
        # By its path and isolated (-I): with -m, a duckdb.py in the folder where the user stands would be imported.
        child = subprocess.run(
            [sys.executable, "-I", "-B", str(CHILD)],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=seconds,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
    except subprocess.TimeoutExpired:
        raise QueryTimeout(
            f"The query was stopped after {seconds:g} seconds. Filter earlier, join on keys, or ask month by month."
        ) from None
    lines = child.stdout.splitlines()
    end = json.loads(lines[-1]) if lines and child.returncode == 0 else {}
    if "refused" in end:
        raise QueryRefused(_without_paths(end["refused"], warehouse))
    if "failed" in end:
        raise QueryFailed(_without_paths(end["failed"], warehouse))
    if "truncated" not in end:
        last_words = child.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise QueryFailed(
            f"The query broke the process that ran it (status {child.returncode}); the warehouse is untouched. "
            + _without_paths("".join(last_words), warehouse)
        )
    head = json.loads(lines[0])
    decode = json.JSONDecoder(object_hook=_value).decode
    rows = tuple(tuple(row) for line in lines[1:-1] for row in decode(line.decode()))
    return QueryResult(tuple(head["columns"]), tuple(head["types"]), rows, end["truncated"])


def to_table(result: QueryResult, *, terminal: bool | None = None) -> str:
    """The answer as text for eyes: aligned columns and a last line with the number of rows.

    On a terminal (default: whether stdout is one) a table folded to its width, of the first 200 rows; else every row
    on one line of its own. Control characters, escape sequences and marks that reverse the direction of writing show
    as their codes, so no data can repaint the screen.
    """
    terminal = sys.stdout.isatty() if terminal is None else terminal
    shown = result.rows[:ON_SCREEN] if terminal else result.rows
    heads = [_visible(name) for name in result.columns]
    cells = [[_visible(_text(value)) for value in row] for row in shown]
    right = [bool(_NUMERIC.fullmatch(kind)) for kind in result.types]
    lines = _boxed(heads, cells, right) if terminal else _aligned(heads, cells, right)
    return "\n".join([*lines, _count(result, len(shown))]) + "\n"


def to_json(result: QueryResult) -> str:
    """The answer as a JSON array of row objects, one row a line, in ASCII.

    Decimals are JSON numbers with all their digits, days and instants ISO 8601 strings, blobs hexadecimal strings;
    NaN and the infinities, for which JSON has no number, are strings. A repeated column name gets _2, _3, ... The
    array does not say that it is truncated: the caller must.
    """
    keys = [json.dumps(name) for name in _distinct(result.columns)]
    rows = (", ".join(f"{key}: {_json(value)}" for key, value in zip(keys, row, strict=True)) for row in result.rows)
    return "[\n" + ",\n".join(f"{{{row}}}" for row in rows) + "\n]\n" if result.rows else "[]\n"


def to_csv(result: QueryResult) -> str:
    """The answer as CSV (RFC 4180, lines end with CR LF): NULL is an empty cell, numbers are plain.

    A text that a spreadsheet would run as a formula (it begins with = + - @, TAB, CR, LF, NUL or a full-width form)
    gets a leading apostrophe, as OWASP's ASVS 1.2.10 asks; so does one that begins with apostrophes before such a
    sign. The way back is exact: take one apostrophe from every cell that begins with apostrophes followed by such a
    sign.
    """
    out = io.StringIO()
    write = csv.writer(out)  # its default, CR LF: only then does it quote a lone CR inside a cell
    write.writerow([_inert(name) for name in result.columns])
    for row in result.rows:
        write.writerow([_inert(value) if isinstance(value, str) else _text(value, null="") for value in row])
    return out.getvalue()


_DECODE = {
    "decimal": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": str,
    "uuid": UUID,
    "bytes": bytes.fromhex,
    "map": lambda pairs: {_key(key): value for key, value in pairs},
}


def _value(tagged: dict[str, Any]) -> Any:
    [(kind, value)] = tagged.items()
    return _DECODE[kind](value)


def _key(key: Any) -> Any:
    return str(key) if isinstance(key, list | dict) else key


def _without_paths(text: str, warehouse: Path) -> str:
    names = {str(warehouse): "the published warehouse", f"{warehouse.parent}{os.sep}": "", str(CHILD): CHILD.name}
    for path, name in names.items():
        text = text.replace(path, name)
    return re.sub(r"\s*See also https?://\S+", "", text).strip()


def _text(value: Any, null: str = "NULL") -> str:
    if value is None:
        return null
    if isinstance(value, str):
        return value
    if isinstance(value, bool | list | dict):
        return _json(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


def _json(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float) and not math.isfinite(value):
        return f'"{value}"'
    if value is None or isinstance(value, bool | int | float | str):
        return json.dumps(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(_text(key))}: {_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, date | time):
        return json.dumps(value.isoformat())
    return json.dumps(value.hex() if isinstance(value, bytes) else str(value))


def _distinct(names: Sequence[str]) -> list[str]:
    taken = set(names)
    distinct: list[str] = []
    for name in names:
        ordinal, fresh = 1, name
        while fresh in distinct or (ordinal > 1 and fresh in taken):
            ordinal += 1
            fresh = f"{name}_{ordinal}"
        distinct.append(fresh)
    return distinct


def _inert(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _visible(text: str) -> str:
    return text if text.isprintable() else "".join(map(_visible_character, text))


def _visible_character(character: str) -> str:
    harmless = character.isprintable() or unicodedata.category(character) == "Zs"
    return character if harmless else character.encode("unicode_escape").decode()


def _count(result: QueryResult, shown: int) -> str:
    total = f"{len(result.rows):,} row{'' if len(result.rows) == 1 else 's'}"
    if result.truncated:
        total = f"the first {total}; there are more: filter or aggregate"
    hidden = len(result.rows) - shown
    return f"({total}{f'; {hidden:,} not shown' if hidden else ''})"


def _aligned(heads: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool]) -> Iterable[str]:
    widths = [max(map(cell_len, column)) for column in zip(heads, *cells, strict=True)]
    for row in (heads, ["-" * width for width in widths], *cells):
        padded = (
            " " * (width - cell_len(cell)) + cell if to_right else cell + " " * (width - cell_len(cell))
            for cell, width, to_right in zip(row, widths, right, strict=True)
        )
        yield "  ".join(padded).rstrip()


def _boxed(heads: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool]) -> Iterable[str]:
    table = Table()
    for head, to_right in zip(heads, right, strict=True):
        table.add_column(Text(head), justify="right" if to_right else "left", overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    console = Console(file=io.StringIO(), width=shutil.get_terminal_size().columns, color_system=None)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip("\n").splitlines()
