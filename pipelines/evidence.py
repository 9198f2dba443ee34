"""Where an id stands in a published warehouse, and which ledger lines or records it rests on.

Nothing lists the tables of findings: they are those of marts with a column finding_id, as the catalogue of the warehouse
says, so a new table of findings is explained from its first day.
"""

from collections.abc import Mapping
from typing import Any

import duckdb

from dbt_like_sql import SqlFile
from models import tables
from pipelines.casting import quoted
from pipelines.findings import SENTENCES, first, money, sentence

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
"""For tables whose findings rest on a part of the money of their keys, that part. Names after `$` are columns of the finding's own row."""

SUBJECTS: Mapping[str, str] = {
    "link": LINES + YEAR + " and l.priority_id || '/' || l.capability_id = $subject_id",
    "cell": "select control_id, control_name, kind, status, is_working, control_owner_name, evidence_on, source_file, source_row from marts.control_cost "
    "where csf_function || '/' || asset_class = $subject_id",
    "owner": "select capability_id, capability_name, business_owner_id, it_owner_id from core.capability where $subject_id in (business_owner_id, it_owner_id)",
}
"""What a finding rests on whose subject is no single thing of the ledger."""

KEYS = (("tool_id", "other_tool_id"), ("initiative_id",), ("contract_id",), ("priority_id", "capability_id"), ("tool_id",), ("capability_id",), ("priority_id",), ("vendor_id",))
"""Columns by which a row of a table of findings chooses ledger lines; the first that it has counts."""


def finding_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables whose rows are findings: first those that say why, last those that follow what became of them."""
    columns: dict[str, set[str]] = {}
    for table, column in connection.execute("select table_name, column_name from duckdb_columns() where schema_name = 'marts'").fetchall():
        columns.setdefault(f"marts.{table}", set()).add(column)
    return sorted((t for t, c in columns.items() if "finding_id" in c), key=lambda t: (t not in EVIDENCE, "reason" not in columns[t], t == "marts.finding", t))


def rows_of(connection: duckdb.DuckDBPyConnection, finding_id: str) -> dict[str, dict[str, Any]]:
    """The rows of a finding by table, the one that found it first."""
    found = {table: first(connection, f"select * from {table} where finding_id = ?", [finding_id]) for table in finding_tables(connection)}
    return {table: row for table, row in found.items() if row}


def told(table: str, found: Mapping[str, Mapping[str, Any]], currency: str) -> str:
    """A finding in one sentence: that of its kind, else what, about whom, how much and why, as its rows say."""
    row, life = found[table], found.get("marts.finding", {})
    if table in SENTENCES:
        return sentence(table, row, currency)
    names = [str(row[name]) for name in ("tool_name", "other_tool_name", "initiative_name", "capability_name") if row.get(name)]
    kind = str(life.get("kind") or row.get("kind") or table.partition(".")[2]).replace("_", " ")
    condition = str(life.get("condition") or row.get("kind") or row.get("state") or kind).replace("_", " ")
    about = str(life.get("subject") or row.get("subject") or " and ".join(names) or row.get("subject_id") or row["finding_id"])
    amount = life.get("money_amount")
    head = kind.capitalize() if condition == kind else f"{kind.capitalize()}, {condition}"
    worth = f", {money(amount, currency)}" if amount is not None else ""
    why = f"; {row['reason']}" if row.get("reason") else ""
    return f"{head}: {about}{worth}{why}."


def evidence_for(connection: duckdb.DuckDBPyConnection, table: str, row: Mapping[str, Any]) -> str | None:
    """The SELECT of the ledger lines or records that a row rests on, with `$` before columns of it; None where no key leads to any."""
    if table in EVIDENCE:
        return EVIDENCE[table]
    if row.get("subject_id") is not None:
        return of_subject(connection, str(row["subject_kind"]))
    for names in KEYS:
        if all(row.get(name) is not None for name in names):
            return LINES + (f"l.{names[0]} = $initiative_id and l.month <= r.month" if names == ("initiative_id",) else f"{YEAR} and " + chosen(names))
    return None


def chosen(names: tuple[str, ...]) -> str:
    """A condition on ledger lines: two tools are either, other keys hold together."""
    return "l.tool_id in ($tool_id, $other_tool_id)" if "other_tool_id" in names else " and ".join(f"l.{name} = ${name}" for name in names)


def of_subject(connection: duckdb.DuckDBPyConnection, kind: str) -> str | None:
    """What is behind the subject of a finding: ledger lines where the ledger names its kind, else its own record."""
    if kind in SUBJECTS:
        return SUBJECTS[kind]
    having = connection.execute("select schema_name || '.' || table_name from duckdb_columns() where schema_name in ('core', 'raw') and column_name = ? order by 1", [f"{kind}_id"]).fetchall()
    places = {place for (place,) in having}
    if "core.ledger" in places:
        return f"{LINES}{'l.month <= r.month' if kind == 'initiative' else YEAR} and l.{kind}_id = $subject_id"
    return next((f"select * from {place} where {kind}_id = $subject_id" for place in (f"core.{kind}", f"raw.{kind}") if place in places), None)


def entities(files: Mapping[str, SqlFile]) -> dict[str, str]:
    """Tables whose rows one id names, such as tools, contracts, risks and controls, with that id's column: of core first, then marts, then what came in."""
    found = {name: file.grain[0] for name, file in sorted(files.items()) if name.startswith(("core.", "marts.")) and len(file.grain) == 1 and file.grain[0].endswith("_id")}
    came = {f"raw.{table.name}": table.key[0] for table in tables().values() if len(table.key) == 1 and table.key[0].endswith("_id") and f"core.{table.name}" not in files}
    return {name: column for name, column in (found | came).items() if column != "finding_id"}


def beside(connection: duckdb.DuckDBPyConnection, table: str, column: str, value: str) -> list[dict[str, Any]]:
    """What else marts say of an id: each table that has it, how many rows of it, the first, and the SELECT of all."""
    having = connection.execute("select 'marts.' || table_name from duckdb_columns() where schema_name = 'marts' and column_name = ? order by 1", [column]).fetchall()
    found = []
    for (other,) in having:
        query = f"select * from {other} where {column} = {quoted(value)}"
        row = first(connection, f"{query} order by all limit 1")
        if row and other != table:
            (count,) = connection.execute(f"select count(*) from ({query})").fetchone() or (0,)
            found.append({"table": other, "count": count, "row": row, "sql": query})
    return found
