"""What stands behind a finding, a spend line, a figure of the report, an id or a table: its row, its evidence with file and line, its SQL."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dbt_like_sql import HOME, SqlFile
from pipelines.build import columns_of, plain, sql_files
from pipelines.casting import quoted
from pipelines.errors import UsageError
from pipelines.evidence import LINES, beside, entities, evidence_for, rows_of, told
from pipelines.findings import first, reporting_currency
from pipelines.publish import MANIFEST, Run
from pipelines.query import QueryResult, to_table
from pipelines.recognition import near

LISTED = 20
PLACE = re.compile(r"\$(\w+)")


def explain(run: Run, wanted: str) -> dict[str, Any]:
    """All that is known of an id, a figure of the report, or a table. Raises UsageError where nothing has that name."""
    own = next((folder for folder in (run.folder, run.folder.parents[2]) if (folder / "extensions").is_dir()), None)
    files, known = sql_files(own), columns_of(own)
    with duckdb.connect(str(run.warehouse), read_only=True) as connection:
        found = finding(connection, wanted, files) or line(connection, run, wanted, files) or entity(connection, wanted, files)
        found = found or figure(connection, run, wanted, files) or table_named(connection, wanted, files, known)
    if found is None:
        raise UsageError(f"Nothing here is named {wanted}.{near(wanted, known)} Findings stand in marts.finding, column finding_id; figures of the report in report.*.")
    return found


def finding(connection: duckdb.DuckDBPyConnection, wanted: str, files: Mapping[str, SqlFile]) -> dict[str, Any] | None:
    """A finding of any kind: its row, why, what it rests on, and what other tables say of it."""
    rows = rows_of(connection, wanted)
    if not rows:
        return None
    table, row = next(iter(rows.items()))
    query = evidence_for(connection, table, row)
    behind = evidence_of(connection, query, row) if query else {}
    also = [{"table": other, "count": 1, "row": said, "sql": f"select * from {other} where finding_id = {quoted(wanted)}"} for other, said in rows.items() if other != table]
    return {"id": wanted, "table": table, "finding": told(table, rows, reporting_currency(connection)), "row": row, **behind, "also": also, "sql": sql_of(files.get(table))}


def line(connection: duckdb.DuckDBPyConnection, run: Run, wanted: str, files: Mapping[str, SqlFile]) -> dict[str, Any] | None:
    """A ledger row or spend line, with the line of the kept original."""
    for table, column in (("core.ledger", "ledger_id"), ("core.spend_line", "spend_line_id")):
        row = first(connection, f"select * from {table} where {column} = ?", [wanted])
        if row:
            shares = "select * from core.ledger where spend_line_id = $spend_line_id"
            return {"id": wanted, "table": table, "row": row, "original": original_line(run, row), **evidence_of(connection, shares, row), "sql": sql_of(files[table])}
    return None


def entity(connection: duckdb.DuckDBPyConnection, wanted: str, files: Mapping[str, SqlFile]) -> dict[str, Any] | None:
    """A tool, contract, risk or anything else that one id names, with its ledger lines and what marts say of it."""
    there = {name for (name,) in connection.execute("select distinct schema_name || '.' || table_name from duckdb_columns()").fetchall()}
    ledger = {name for (name,) in connection.execute("select column_name from duckdb_columns() where schema_name = 'core' and table_name = 'ledger'").fetchall()}
    for table, column in entities(files).items():
        row = first(connection, f"select * from {table} where cast({column} as varchar) = ?", [wanted]) if table in there else None
        if row:
            shares = f"{LINES}l.{column} = ${column}" if column in ledger else f"select * from {table} where {column} = ${column}"
            also = beside(connection, table, column, wanted)
            return {"id": wanted, "table": table, "row": row, **evidence_of(connection, shares, row), "also": also, "sql": sql_of(files.get(table))}
    return None


def figure(connection: duckdb.DuckDBPyConnection, run: Run, wanted: str, files: Mapping[str, SqlFile]) -> dict[str, Any] | None:
    """A figure of the report: its rows, and each number that the page prints of it with its proof."""
    from pipelines.report.proof import is_figure, proved  # brings the templates, which no other id needs

    name = wanted.removeprefix("report.")
    if not is_figure(name):
        return None
    table = f"report.{name}"
    return {"id": wanted, "table": table, "row": {}, "numbers": proved(connection, run.month, name), **evidence_of(connection, f"select * from {table}", {}), "sql": sql_of(files[table])}


def table_named(connection: duckdb.DuckDBPyConnection, wanted: str, files: Mapping[str, SqlFile], known: Mapping[str, object]) -> dict[str, Any] | None:
    """A table: its first rows, and the SELECT that makes it."""
    if wanted not in known:
        return None
    rows = files[wanted].sql if wanted in files and files[wanted].is_check else f"select * from {wanted}"
    return {"id": wanted, "table": wanted, "row": {}, **evidence_of(connection, rows, {}), "sql": sql_of(files.get(wanted))}


def evidence_of(connection: duckdb.DuckDBPyConnection, sql: str, row: Mapping[str, object]) -> dict[str, Any]:
    """The first rows behind, the number of all, and their sum where they are money."""
    given = {name: row[name] for name in PLACE.findall(sql)}
    cursor = connection.execute(f"select * from ({sql}) order by all limit {LISTED}", given)
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    is_money = "billed_amount" in names
    count, total = connection.execute(f"select count(*), {'sum(billed_amount)' if is_money else 'null'} from ({sql})", given).fetchone() or (0, None)
    found: dict[str, Any] = {"evidence": rows, "evidence_count": count, "evidence_sql": with_values(sql, given)}
    return found | ({"evidence_sum": total or Decimal(0)} if is_money else {})


def with_values(sql: str, given: Mapping[str, object]) -> str:
    """The SELECT as it can be given to `plumbline query`."""
    return PLACE.sub(lambda place: "null" if given[place[1]] is None else quoted(str(given[place[1]])), sql)


def sql_of(file: SqlFile | None) -> str | None:
    """The SELECT that makes a table, with its path; None for one that the ingest makes."""
    if file is None:
        return None
    shown = file.path.relative_to(HOME.parent) if file.path.is_relative_to(HOME.parent) else file.path
    return f"-- {shown}\n{file.sql}"


def original_line(run: Run, row: Mapping[str, object]) -> str | None:
    """The line of the kept original from which a spend line comes, where it is a text file."""
    workspace = run.folder.parents[2]
    kept = list((workspace / "deliveries").glob(f"*/{row['delivery_id']}/*"))
    file = next((path for path in kept if path.name != MANIFEST), None)
    if file is None or file.suffix.lower() not in {".csv", ".tsv", ".txt"} or not isinstance(row["source_row"], int):
        return None
    return line_of(file, row["source_row"])


def line_of(file: Path, number: int) -> str | None:
    """The physical line of a file, or None where it has none."""
    with file.open("rb") as lines:
        for position, line in enumerate(lines, 1):
            if position == number:
                return text_of(line).rstrip("\r\n")
    return None


def text_of(line: bytes) -> str:
    """UTF-8 where it is that, else cp1252, which is what other exports of text mostly are."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def to_text(found: Mapping[str, Any]) -> str:
    """The explanation for people."""
    lines = [f"{found['id']}  ({found['table']})", ""]
    if found.get("finding"):
        lines += [found["finding"], ""]
    lines += [f"  {name:<24} {shown(value)}" for name, value in found["row"].items() if value is not None]
    if found.get("original"):
        lines += ["", f"The line in the original:  {shown(found['original'])}"]
    if found.get("evidence"):
        count = found["evidence_count"]
        rests = f"Rests on {count:,} row{'' if count == 1 else 's'}{'' if count <= LISTED else f', the first {LISTED}'}:"
        lines += ["", rests if found["row"] else "Its first rows:", *aligned(found["evidence"])]
    if "evidence_sum" in found:
        lines.append(f"Sum of billed_amount: {found['evidence_sum']:,.2f}")
    if found.get("evidence_sql"):
        lines += ["", "All of them:", f"  {found['evidence_sql']}"]
    for other in found.get("also", ()):
        lines += ["", other["table"] + ("" if other["count"] == 1 else f", the first of {other['count']:,} rows") + ":"]
        lines += [f"  {name:<24} {shown(value)}" for name, value in other["row"].items() if value is not None]
    if found.get("numbers"):
        from pipelines.report.proof import lines as proofs

        lines += ["", f"On the page it prints {len(found['numbers']):,} number{'' if len(found['numbers']) == 1 else 's'}:", *proofs(found["numbers"])]
    if found.get("sql"):
        lines += ["", found["sql"]]
    return "\n".join(lines)


def aligned(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Rows as a table, each on one line, numbers to the right."""
    names = tuple(rows[0])
    types = tuple("BIGINT" if any(is_number(row[name]) for row in rows) else "VARCHAR" for name in names)
    cells = tuple(tuple(shown(row[name]) for name in names) for row in rows)
    return to_table(QueryResult(names, types, cells), terminal=False).splitlines()[:-1]


def is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def shown(value: object) -> str:
    """A value on one line: thousands apart, no zeros behind the second decimal, control characters made visible."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        whole, _, decimals = f"{value:,f}".partition(".")
        return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    text = json.dumps(value, ensure_ascii=False, default=plain) if isinstance(value, dict) else str(plain(value))
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
