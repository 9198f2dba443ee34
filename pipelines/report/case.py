"""What is known of one vendor, tool or initiative: the questions a justification asks of the warehouse, and the rows behind the answers.

Every SELECT is complete: given to `plumbline query` as it stands, it gives what the page says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from pipelines.report import rows

Row = Mapping[str, Any]
KINDS = ("vendor", "tool", "initiative")


@dataclass(frozen=True)
class Subject:
    """A vendor, tool or initiative, and the ids of what belongs to it: for a vendor its tools, for a tool its capabilities, and so on."""

    kind: str
    id: str
    name: str
    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def own(self) -> rows.Where:
        """What chooses the money of the subject."""
        return {f"{self.kind}_id": self.id}

    def among(self, column: str, of: str | None = None) -> rows.Where:
        """What chooses the rows of all that belongs to it; none where nothing does."""
        return {column: list(self.ids[of or column]) or [""]}


BELONGS: Mapping[str, Mapping[str, str]] = {
    "vendor": {
        "tool_id": "select tool_id from core.tool where vendor_id = $id union select tool_id from core.ledger where vendor_id = $id",
        "contract_id": "select contract_id from core.contract where vendor_id = $id",
    },
    "tool": {
        "tool_id": "select tool_id from core.tool where tool_id = $id",
        "contract_id": "select contract_id from core.contract where tool_id = $id",
    },
    "initiative": {
        "tool_id": "select null",
        "contract_id": "select contract_id from core.ledger where initiative_id = $id",
    },
}
SERVES: Mapping[str, str] = {
    "vendor": "select capability_id from core.tool_capability where list_contains($tools, tool_id)",
    "tool": "select capability_id from core.tool_capability where list_contains($tools, tool_id)",
    "initiative": "select capability_id from core.initiative_capability where initiative_id = $id",
}
WORKS: Mapping[str, str] = {
    "vendor": "select initiative_id from core.initiative_capability where list_contains($capabilities, capability_id)",
    "tool": "select initiative_id from core.initiative_capability where list_contains($capabilities, capability_id)",
    "initiative": "select $id",
}
"""Initiatives whose outcomes tell of the subject: those that improve a capability that it serves."""

YEAR = "l.month > r.month - interval 12 months and l.month <= r.month"

EVIDENCE: Mapping[str, str] = {
    "ledger": """select l.month, l.source, l.source_file, l.source_row, coalesce(v.vendor_name, l.vendor_name_raw) as vendor, t.tool_name as tool, c.capability_name as capability,
    l.vendor_id, l.tool_id, l.initiative_id, l.capability_id, l.priority_id, l.alignment, l.provenance, l.month > r.month - interval 12 months as is_recent, l.billed_amount
from core.ledger as l cross join settings.run as r
left join core.vendor as v on l.vendor_id = v.vendor_id left join core.tool as t on l.tool_id = t.tool_id left join core.capability as c on l.capability_id = c.capability_id
where l.month > r.month - interval 24 months and l.month <= r.month""",
    "effective": """select e.month, l.source, l.source_file, l.source_row, l.month as posted, l.service_start_on, l.service_end_on, e.vendor_id, e.tool_id, e.initiative_id,
    l.provenance, e.effective_amount
from core.ledger_effective as e inner join core.ledger as l on e.ledger_id = l.ledger_id cross join settings.run as r
where e.month > r.month - interval 12 months and e.month <= r.month""",
    "contract": """select contract_id, contract_name, vendor_name, state, end_on, notice_on, exit_on, exit_basis, source_file, source_row, 'contracted' as provenance, annual_amount, committed_amount
from marts.renewals where state not in ('ended', 'cancelled')""",
    "use": "select tool_id, tool_name, seats_purchased, seats_assigned, seats_active, is_by_person from marts.tool_use",
    "outcome": """select initiative_id, initiative_name, kpi_id, kpi_name, unit, rung, moved, reason, started_on, works_on, change_size, effect_size, before_count, after_count
from marts.outcome_effect""",
    "initiative": """select i.initiative_id, i.initiative_name, i.phase, i.status, i.start_on, i.end_on, i.source_file, i.source_row, 'typed' as provenance, i.capex_amount, i.opex_amount,
    s.spend_amount as spent_amount from core.initiative as i left join marts.initiative_slip as s on i.initiative_id = s.initiative_id""",
    "cover": """select distinct m.capability_id, c.capability_name, m.tool_id, t.tool_name, t.lifecycle from core.tool_capability as m
left join core.capability as c on m.capability_id = c.capability_id left join core.tool as t on m.tool_id = t.tool_id where coalesce(t.lifecycle, '') <> 'plan'""",
    "need": """select capability_id, capability_name, priority_id, priority_name, finding_id, state, required_level, covered_level, reason from marts.gap""",
    "pair": """select finding_id, tool_id, tool_name, other_tool_id, other_tool_name, kind, firmness, reason, capability_jaccard, user_containment, tool_spend_12m_amount, other_spend_12m_amount
from marts.overlap_pair where kind <> 'not_an_overlap'""",
    "saving": """select finding_id, tool_id, tool_name, kept_tool_id, kept_tool_name, state, exit_on, run_rate_amount, uplift_amount, switching_amount, net_saving_amount, counted_amount
from marts.saving""",
    "finding": "select finding_id, kind, subject, condition, firmness, finding_state, money_amount from marts.finding where finding_state <> 'resolved'",
}  # fmt: skip
"""For each kind of evidence the SELECT that gives it for all subjects; a mark chooses its rows."""

ASKED: Mapping[str, str] = {
    "months": """select l.month, l.month > r.month - interval 12 months as is_recent, sum(l.billed_amount) as billed_amount, count(*) as ledger_row_count
from core.ledger as l cross join settings.run as r where {own} and l.month > r.month - interval 24 months and l.month <= r.month group by all order by 1""",
    "effective": """select l.month, sum(l.effective_amount) as effective_amount from core.ledger_effective as l cross join settings.run as r
where {own} and """ + YEAR + " group by all order by 1",
    "provenance": "select l.provenance, sum(l.billed_amount) as billed_amount from core.ledger as l cross join settings.run as r where {own} and " + YEAR + " group by all order by 2 desc nulls last, 1",
    "purpose": """select l.capability_id, c.capability_name, l.priority_id, p.priority_name, p.theme, l.alignment, sum(l.billed_amount) as billed_amount
from core.ledger as l cross join settings.run as r left join core.capability as c on l.capability_id = c.capability_id left join core.priority as p on l.priority_id = p.priority_id
where {own} and """ + YEAR + " group by all order by billed_amount desc nulls last, 1, 3, 6",
    "mapped": "select coalesce(l.mapping_method, 'nothing') as mapped_by, sum(l.billed_amount) as billed_amount from core.ledger as l cross join settings.run as r where {own} and " + YEAR + " group by all order by 2 desc nulls last, 1",
    "decided": """select count(*) as mapping_count, count(*) filter (where is_stale) as stale_count, max(decided_on) as newest_on, string_agg(distinct author, ', ' order by author) as authors
from core.tool_capability where {tool_id}""",
    "use": "select tool_id, tool_name, seats_purchased, seats_assigned, seats_active, is_by_person from marts.tool_use where {tool_id} order by tool_name, tool_id",
    "outcome": """select initiative_id, initiative_name, kpi_id, kpi_name, unit, rung, moved, reason, change_size, initiative_owner_name from marts.outcome_effect where {initiative_id}
order by list_position(['beats_comparison', 'changed_after_start', 'target_met', 'cannot_tell'], rung), initiative_name, kpi_name, kpi_id""",
    "contract": """select contract_id, contract_name, vendor_name, state, end_on, notice_on, exit_on, exit_basis, annual_amount, committed_amount
from marts.renewals where {contract_id} and state not in ('ended', 'cancelled') order by committed_amount desc nulls last, contract_id""",
    "saving": """select finding_id, tool_id, tool_name, kept_tool_name, state, exit_on, run_rate_amount, switching_amount, net_saving_amount, counted_amount
from marts.saving where {finding_id} order by counted_amount desc, net_saving_amount desc nulls last, finding_id""",
    "loss": """with served as (
    select capability_id, list(distinct tool_name order by tool_name) filter (where not ({tool_id})) as others, count(distinct tool_id) filter (where not ({tool_id})) as other_count
    from core.tool_capability inner join core.tool using (tool_id) where {capability_id} and coalesce(lifecycle, '') <> 'plan' group by capability_id
)
select c.capability_id, c.capability_name, c.is_critical, coalesce(s.other_count, 0) as other_count, s.others,
    list(g.priority_name order by g.priority_name) filter (where g.priority_id is not null) as priorities, count(g.priority_id) as need_count,
    list(g.state order by g.priority_name) filter (where g.state <> 'covered') as gaps
from core.capability as c left join served as s on c.capability_id = s.capability_id left join marts.gap as g on c.capability_id = g.capability_id
where {c.capability_id} group by all order by other_count, need_count desc, c.capability_name, c.capability_id""",
    "pair": """select finding_id, tool_id, tool_name, other_tool_id, other_tool_name, kind, firmness, reason, capability_jaccard, kept_tool_id, kept_tool_name, tool_spend_12m_amount, other_spend_12m_amount
from marts.overlap_pair where kind <> 'not_an_overlap' and ({tool_id} or {other_tool_id}) order by list_position(['double_licensing', 'parallel_silo', 'add_on', 'cannot_tell'], kind), finding_id""",
    "finding": "select finding_id, kind, subject, condition, firmness, finding_state, money_amount from marts.finding where {finding_id} and finding_state <> 'resolved' order by money_amount desc nulls last, finding_id",
    "initiative": """select i.initiative_id, i.phase, i.status, i.priority_id, p.priority_name, p.theme, i.start_on, i.end_on, i.capex_amount, i.opex_amount, l.spend_amount as spent_amount, o.owner_name, s.delay_cost_points, s.is_must_do
from core.initiative as i left join core.priority as p on i.priority_id = p.priority_id left join core.owner as o on i.owner_id = o.owner_id
left join marts.initiative_score as s on i.initiative_id = s.initiative_id left join marts.initiative_slip as l on i.initiative_id = l.initiative_id where {i.initiative_id}""",
    "waiting": "select initiative_name from core.initiative where list_contains(string_split(replace(predecessor_ids::varchar, ' ', ''), ','), {id}) order by 1",
    "vendor": "select is_reseller from core.vendor where vendor_id = {id}",
}  # fmt: skip
"""What a justification asks. Braces name what chooses the rows: `own` the money of the subject, else a column and the ids that belong to it."""


@dataclass(frozen=True)
class Case:
    """All that a justification says of a subject: answers by question, each with its SELECT, and the rows behind them."""

    subject: Subject
    answers: Mapping[str, list[dict[str, Any]]]
    sql: Mapping[str, str]
    sets: Mapping[str, rows.RowSet]


def named(connection: duckdb.DuckDBPyConnection) -> list[Subject]:
    """Every vendor, tool and initiative by name."""
    found = " union all ".join(f"select '{kind}', {kind}_id, coalesce({kind}_name, {kind}_id) from core.{kind}" for kind in KINDS)
    return [Subject(*row) for row in connection.execute(f"{found} order by all").fetchall()]


def read(connection: duckdb.DuckDBPyConnection, subject: Subject) -> Case:
    """What the connection's warehouse knows of the subject. Raises duckdb.Error where it was published without the tables that are asked."""
    subject = with_ids(connection, subject)
    sql = {name: placed(query, subject) for name, query in ASKED.items()}
    sets = {
        "ledger": rows.read(connection, "ledger", subject.own, EVIDENCE), "effective": rows.read(connection, "effective", subject.own, EVIDENCE),
        "contract": rows.read(connection, "contract", subject.among("contract_id"), EVIDENCE), "use": rows.read(connection, "use", subject.among("tool_id"), EVIDENCE),
        "outcome": rows.read(connection, "outcome", subject.among("initiative_id"), EVIDENCE), "initiative": rows.read(connection, "initiative", subject.among("initiative_id"), EVIDENCE),
        "cover": rows.read(connection, "cover", subject.among("capability_id"), EVIDENCE), "need": rows.read(connection, "need", subject.among("capability_id"), EVIDENCE),
        "saving": rows.read(connection, "saving", subject.among("finding_id"), EVIDENCE), "finding": rows.read(connection, "finding", subject.among("finding_id"), EVIDENCE),
    }  # fmt: skip
    answers = {name: asked(connection, query) for name, query in sql.items()}
    pairs = [row["finding_id"] for row in answers["pair"]] or [""]
    return Case(subject, answers, sql, sets | {"pair": rows.read(connection, "pair", {"finding_id": pairs}, EVIDENCE)})


def with_ids(connection: duckdb.DuckDBPyConnection, subject: Subject) -> Subject:
    """The subject with the ids of what belongs to it."""

    def ids(query: str, **given: object) -> tuple[str, ...]:
        found = connection.execute(query, {name: value for name, value in given.items() if f"${name}" in query}).fetchall()
        return tuple(sorted({row[0] for row in found if row[0] is not None}))

    tools, contracts = (ids(query, id=subject.id) for query in BELONGS[subject.kind].values())
    capabilities = ids(SERVES[subject.kind], id=subject.id, tools=list(tools))
    works = ids(WORKS[subject.kind], id=subject.id, capabilities=list(capabilities))
    about = {"tool": list(tools), subject.kind: [subject.id]} | ({} if subject.kind != "vendor" else {"vendor": [subject.id]})
    known = {"tool_id": tools, "contract_id": contracts, "capability_id": capabilities, "initiative_id": works, "finding_id": findings(connection, about)}
    return Subject(subject.kind, subject.id, subject.name, known)


def findings(connection: duckdb.DuckDBPyConnection, about: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Findings in which one of the ids stands: in a column of its own, in a list, or as the subject. `about` gives ids by kind."""
    tables: dict[str, set[str]] = {}
    for table, column in connection.execute("select table_name, column_name from duckdb_columns() where schema_name = 'marts'").fetchall():
        tables.setdefault(table, set()).add(column)
    found: set[str] = set()
    for table, columns in sorted(tables.items()):
        if "finding_id" not in columns or table == "finding":
            continue
        tests = [f"list_contains(${kind}, {column})" for kind in about for column in (f"{kind}_id", f"other_{kind}_id", f"kept_{kind}_id") if column in columns]
        tests += [f"list_has_any(${kind}, {kind}_ids)" for kind in about if f"{kind}_ids" in columns]
        tests += [f"(subject_kind = '{kind}' and list_contains(${kind}, subject_id))" for kind in about if {"subject_kind", "subject_id"} <= columns]
        if tests:
            query = f"select finding_id from marts.{table} where finding_id is not null and ({' or '.join(tests)})"
            found |= {row[0] for row in connection.execute(query, {kind: ids for kind, ids in about.items() if f"${kind}" in query}).fetchall()}
    return tuple(sorted(found))


def placed(query: str, subject: Subject) -> str:
    """The question with the subject's own ids in the place of braces."""
    told = query.replace("{own}", f"l.{subject.kind}_id = {rows.literal(subject.id)}").replace("{id}", rows.literal(subject.id))
    for name, ids in subject.ids.items():
        listed = ", ".join(map(rows.literal, ids)) or "null"
        for column in (name, f"c.{name}", f"i.{name}", f"other_{name}"):
            told = told.replace(f"{{{column}}}", f"coalesce({column} in ({listed}), false)")
    return told


def asked(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """The rows of a SELECT by column."""
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
