"""What the published month knows of tools, vendors and accounts that nobody has mapped, and what they may be for.

Asked for by `plumbline review`, never in a refresh: a suggestion is no figure, and whoever reads figures should not
wait for it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import duckdb

from connectors import catalogue
from connectors.purpose import Goal, Subject, Suggestion, suggest

KINDS = ("tool", "vendor", "gl_account", "cost_center")
"""What a mapping may be of, in the order in which a refresh looks for one."""
YEAR = "ledger.month > run.month - interval 12 months and ledger.month <= run.month"

UNMAPPED = f"""
select
    case when tool_id is not null then 'tool' when vendor_id is not null then 'vendor' when gl_account is not null then 'gl_account' else 'cost_center' end as subject_kind,
    coalesce(tool_id, vendor_id, lower(gl_account), lower(cost_center)) as subject_id,
    sum(ledger.billed_amount) as amount,
    count(*) as row_count
from core.ledger as ledger
cross join settings.run as run
where ledger.capability_id is null and {YEAR} and coalesce(tool_id, vendor_id, gl_account, cost_center) is not null
group by all
"""

TOOLS = """
select tool.tool_id, tool.tool_name, tool.category, tool.description, vendor.vendor_name
from core.tool as tool left join core.vendor as vendor on tool.vendor_id = vendor.vendor_id
"""
TICKETS = """
select name.tool_id, ticket.title from raw.ticket as ticket inner join staging.tool_name as name on ticket.tool_name = name.tool_name_raw
where ticket.title is not null group by name.tool_id, ticket.title qualify row_number() over (partition by name.tool_id order by count(*) desc, ticket.title) <= 12
"""
UNITS = """
select usage.tool_id, unit.name from core.usage as usage inner join raw.org_unit as unit on usage.org_unit_id = unit.org_unit_id
group by usage.tool_id, unit.name qualify row_number() over (partition by usage.tool_id order by count(*) desc, unit.name) <= 3
"""
LINES = """
select {column}, description from core.spend_line
where tool_id is null and {column} is not null and description is not null
group by {column}, description qualify row_number() over (partition by {column} order by sum(abs(billed_amount)) desc, description) <= 12
"""
SELLERS = """
select lower(line.{column}), vendor.vendor_name from core.spend_line as line inner join core.vendor as vendor on line.vendor_id = vendor.vendor_id
where line.tool_id is null and line.{column} is not null
group by lower(line.{column}), vendor.vendor_name qualify row_number() over (partition by lower(line.{column}) order by sum(abs(line.billed_amount)) desc, vendor.vendor_name) <= 5
"""


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """The second values by the first, in their order."""
    found: dict[str, list[str]] = {}
    for key, value in sorted(pairs):
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


def unmapped(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Decimal]:
    """Money of the last twelve months that no capability is known for, by what a mapping would settle it with."""
    return {(kind, subject_id): amount or Decimal(0) for kind, subject_id, amount, _ in rows(connection, UNMAPPED)}


def subjects(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Subject]:
    """Everything that may be mapped, by kind and id, with what the inputs say of it."""
    found: dict[tuple[str, str], Subject] = {}
    titles, units = gathered(rows(connection, TICKETS)), gathered(rows(connection, UNITS))
    for tool_id, name, category, description, vendor in rows(connection, TOOLS):
        found["tool", tool_id] = Subject(tool_id, name, category or "", description or "", vendor or "", titles.get(tool_id, ()), units.get(tool_id, ()))
    said = gathered(rows(connection, LINES.format(column="vendor_id")))
    for vendor_id, name in rows(connection, "select vendor_id, vendor_name from core.vendor"):
        found["vendor", vendor_id] = Subject(vendor_id, name, vendor=name, texts=said.get(vendor_id, ()))
    for kind in ("gl_account", "cost_center"):
        said = gathered(rows(connection, LINES.format(column=f"lower({kind})")))
        sellers = gathered(rows(connection, SELLERS.format(column=kind)))
        for number, name in rows(connection, f"select lower({kind}), min({kind}) from core.spend_line where {kind} is not null group by all"):
            found[kind, number] = Subject(number, name, texts=(*said.get(number, ()), *sellers.get(number, ())))
    return found


def goals(connection: duckdb.DuckDBPyConnection) -> list[Goal]:
    """The company's capabilities; one that has no description of its own takes that of the shipped catalogue."""
    own = rows(connection, "select capability_id, min_by(name, source), min_by(description, source), min_by(parent_id, source) from raw.capability group by all")
    names, parents = {row[0]: row[1] for row in own}, {row[0]: row[3] for row in own}
    found = []
    for capability_id, name, description, _ in own:
        listed = catalogue.find(capability_id) if capability_id.startswith("BC-") else None
        wider, above = [], parents.get(capability_id)
        while above and len(wider) < 5:
            known = catalogue.find(above) if above not in names and above.startswith("BC-") else None
            wider.append(names.get(above) or (known.name if known else ""))
            above = parents.get(above) or (known.parent_id if known else None)
        found.append(Goal(capability_id, name, description or (listed.description if listed else ""), tuple(filter(None, wider))))
    return found


def suggested(
    connection: duckdb.DuckDBPyConnection, wanted: Iterable[tuple[str, str]], known: Mapping[tuple[str, str], Subject], capabilities: list[Goal]
) -> dict[tuple[str, str], tuple[Suggestion, ...]]:
    """Up to three capabilities for each subject; tools that people have mapped are the examples."""
    decided: dict[str, dict[str, float]] = {}
    for tool_id, capability_id, share in rows(connection, "select subject_id, capability_id, max(weight_share) from staging.mapping where subject_kind = 'tool' group by all"):
        decided.setdefault(tool_id, {})[capability_id] = float(share)
    asked = [(key, known[key]) for key in sorted(wanted) if key in known and key[1] not in decided]
    examples = [known["tool", tool_id] for tool_id in sorted(decided) if ("tool", tool_id) in known]
    found = suggest([*(subject for _, subject in asked), *examples], capabilities, decided)
    return {key: found.get(subject.subject_id, ()) for key, subject in asked}


def inputs_key(kind: str, subject: Subject) -> str:
    """What a decision on the subject rests on, as a key that changes when its name, vendor or category does."""
    return hashlib.md5("|".join((kind, subject.name, subject.vendor, subject.category)).casefold().encode(), usedforsecurity=False).hexdigest()[:8]
