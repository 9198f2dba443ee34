"""What stands behind a finding, a spend line, a ledger row or a table: its row, its evidence with file and line, its SQL."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dbt_like_sql import HOME, SqlFile
from pipelines.build import columns_of, is_check, plain, sql_files
from pipelines.casting import quoted
from pipelines.errors import UsageError
from pipelines.findings import first, reporting_currency, sentence
from pipelines.publish import MANIFEST, Run
from pipelines.query import QueryResult, to_table
from pipelines.recognition import near

LISTED = 20
PLACE = re.compile(r"\$(\w+)")
YEAR = "l.month > r.month - interval 12 months and l.month <= r.month"
LINES = (
    "select l.month, t.tool_name, l.vendor_name_raw, l.billed_amount, l.original_amount, l.original_currency, l.share, l.provenance, l.source_file, "
    "l.source_row, l.ledger_id from core.ledger as l cross join settings.run as r left join core.tool as t on t.tool_id = l.tool_id where "
)

EVIDENCE: Mapping[str, str] = {
    "marts.overlap": LINES + YEAR + " and l.capability_id = $capability_id and l.tool_id in (select unnest(o.tool_ids) from marts.overlap as o where o.finding_id = $finding_id)",
    "marts.gap": "select m.tool_id, t.tool_name, m.role, m.fit, m.weight_share, m.author, m.decided_on, m.is_stale from core.tool_capability as m "
    "left join core.tool as t using (tool_id) where m.capability_id = $capability_id",
    "marts.misalignment": LINES + YEAR + " and case $subject_kind when 'priority' then l.priority_id = $subject_id when 'capability' then l.capability_id = $subject_id "
    "and l.alignment = 'misaligned' when 'tool' then l.tool_id = $subject_id and l.alignment = 'unmapped' when 'vendor' then l.tool_id is null and "
    "l.vendor_id = $subject_id and l.alignment = 'unmapped' when 'gl_account' then l.tool_id is null and l.vendor_id is null and l.gl_account = $subject_id "
    "and l.alignment = 'unmapped' else l.tool_id is null and l.vendor_id is null and l.gl_account is null and l.alignment = 'unmapped' end",
    "marts.renewals": "select contract_id, contract_number, vendor_id, start_on, end_on, notice_on, annual_amount, source_file, source_row from core.contract where contract_id = $contract_id",
}
"""For each table of findings, the rows its figures rest on. Names after `$` are columns of the finding's own row."""


def explain(run: Run, wanted: str) -> dict[str, Any]:
    """All that is known of an id, or of a table. Raises UsageError where nothing has that name."""
    own = next((folder for folder in (run.folder, run.folder.parents[2]) if (folder / "extensions").is_dir()), None)
    files, known = sql_files(own), columns_of(own)
    with duckdb.connect(str(run.warehouse), read_only=True) as connection:
        for table, evidence in EVIDENCE.items():
            row = first(connection, f"select * from {table} where finding_id = ?", [wanted])
            if row:
                told = sentence(table, row, reporting_currency(connection))
                return {"id": wanted, "table": table, "finding": told, "row": row, **evidence_of(connection, evidence, row), "sql": sql_of(files[table])}
        for table, column in (("core.ledger", "ledger_id"), ("core.spend_line", "spend_line_id")):
            row = first(connection, f"select * from {table} where {column} = ?", [wanted])
            if row:
                shares = "select * from core.ledger where spend_line_id = $spend_line_id"
                original = {"original": original_line(run, row)}
                return {"id": wanted, "table": table, "row": row, **original, **evidence_of(connection, shares, row), "sql": sql_of(files[table])}
        for table, column in entities(files).items():
            row = first(connection, f"select * from {table} where cast({column} as varchar) = ?", [wanted])
            if row:
                shares = f"{LINES}l.{column} = ${column}" if column in known["core.ledger"] else f"select * from {table} where {column} = ${column}"
                return {"id": wanted, "table": table, "row": row, **evidence_of(connection, shares, row), "sql": sql_of(files[table])}
        if wanted in known:
            rows = files[wanted].sql if wanted in files and is_check(files[wanted]) else f"select * from {wanted}"
            return {"id": wanted, "table": wanted, "row": {}, **evidence_of(connection, rows, {}), "sql": sql_of(files.get(wanted))}
    raise UsageError(f"Nothing here is named {wanted}.{near(wanted, known)} Findings stand in marts.overlap, marts.gap, marts.misalignment and marts.renewals, column finding_id.")


def entities(files: Mapping[str, SqlFile]) -> dict[str, str]:
    """The core tables whose rows one id names, such as tools and contracts, with that id's column."""
    return {name: file.grain[0] for name, file in sorted(files.items()) if name.startswith("core.") and len(file.grain) == 1 and file.grain[0].endswith("_id")}


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
