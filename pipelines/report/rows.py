"""The rows behind the figures, as a page and a workbook carry them.

They are read from the tables the figures are made of and not from the figures, so that a mark is held against something
other than itself. Checks and refused files are written after the tables were hashed and have no figure in SQL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb

EMBEDDED = 50_000
"""Of more rows of a kind than this only their sums are read one by one, and what tells their lines apart as whole columns."""
CARRIED = 250_000
"""Lines or sums that a page carries: it has two megabytes then, and opens as fast as without. Beyond, it carries the sums, and where these are too many the SELECT."""
LINE = ("source_file", "source_row", "billed_amount")
"""Columns in which lines differ that are otherwise the same; no mark chooses rows by them."""

ROWS: Mapping[str, str] = {
    "ledger": """select l.month, l.source, l.source_file, l.source_row, coalesce(v.vendor_name, l.vendor_name_raw) as vendor, t.tool_name as tool, l.tool_id, l.vendor_id, l.gl_account,
    c.capability_name as capability, l.capability_id, l.priority_id, l.alignment, l.provenance, l.capex_opex, case when l.one_time then 'once' else coalesce(metered.behaviour, covered.behaviour) end as cost_behaviour, l.mapping_method,
    l.vendor_id is not null as is_vendor_known, l.tool_id is not null as is_tool_known, l.month >= p.year_start as is_year_to_date, l.billed_amount
from core.ledger as l cross join report.period as p
left join core.vendor as v on l.vendor_id = v.vendor_id left join core.tool as t on l.tool_id = t.tool_id left join core.capability as c on l.capability_id = c.capability_id
left join report.cost_behaviour as metered on l.source = metered.source left join report.cost_behaviour as covered on l.tool_id = covered.tool_id and l.month = covered.month
where l.month > p.month - interval 12 months and l.month <= p.month""",
    "budget": """select source_file, source_row, version, month, gl_account, cost_center, capability_id, priority_id, is_year_to_date, 'typed' as provenance, budget_amount
from report.plan""",
    "forecast": "select subject_id as gl_account, method, ledger_row_count, budget_row_count, contracted_amount, run_rate_amount from marts.budget_variance where subject_kind = 'gl_account'",
    "cost_kind": "select month, run_grow_transform, run_grow_transform_method, provenance, cast(sum(billed_amount) as decimal(18, 4)) as billed_amount from marts.cost_month group by all",
    "benchmark": """select source_file, source_row, metric, year, unit, published_by, author, 'typed' as provenance, value,
    row_number() over (partition by metric, lower(unit) = lower(r.reporting_currency) order by year desc, published_by) = 1 and metric = 'revenue' and lower(unit) = lower(r.reporting_currency) as is_revenue
from raw.benchmark cross join settings.run as r""",
    "unit": """select u.org_unit_id, u.org_unit_name, u.headcount, a.headcount is null as is_counted
from core.org_unit as u left join core.org_unit as a on u.parent_id = a.org_unit_id where u.headcount is not null""",
    "bridge": """select b.changed_by, b.cause, b.subject_kind, b.subject, c.capability_name as capability, b.priority_id, b.change_amount
from marts.bridge_item as b left join core.capability as c using (capability_id)""",
    "bridge_end": """select c.capability_name as capability, b.priority_id, b.basis, b.opening_amount, b.closing_amount, b.residual_amount
from marts.month_bridge as b left join core.capability as c using (capability_id)""",
    "effect": """select kpi_id, kpi_name, initiative_id, initiative_name, rung, moved, reason, unit, before_count, after_count, comparison_count, months_needed, change_size, change_low, change_high,
    effect_size, effect_low, effect_high, spent_amount from marts.outcome_effect""",
    "vendor": """select vendor_id, vendor_name, is_concentrated, tool_count, sole_capability_count, sole_critical_count, contract_count, first_exit_on, last_exit_on, 'contracted' as provenance,
    annual_amount, committed_amount from marts.vendor_concentration""",
    "saving": """select finding_id, kind, tool_name, kept_tool_name, state, exit_on, exit_basis, provenance_mix as provenance, finding_id in (select s.finding_id from marts.saving_seen as s) as is_decided,
    run_rate_amount, seat_count, uplift_amount, switching_amount, reclaimed_amount, net_saving_amount, counted_amount from marts.saving""",
    "decided": "select finding_id, subject_kind, subject_id, subject, stage, effective_month, month_count, note, 'typed' as provenance, annual_amount, expected_amount, seen_amount from marts.saving_seen",
    "initiative": """select s.initiative_id, s.initiative_name, s.phase, s.status, s.state, s.start_on, s.end_on, s.start_slip_days, s.end_slip_days, s.reason, p.phase_state, p.wsjf_score, p.missing_inputs,
    s.planned_amount, s.spend_amount, s.cost_slip_amount from marts.initiative_slip as s join marts.initiative_score as p using (initiative_id) where not s.is_dismissed""",
    "risk": """select risk_id, risk_name, risk_id is not null as is_one, state, missing, treatment, provenance, control_count, working_control_count, control_return, mean_loss_amount, annual_loss_amount, p50_amount,
    p95_amount, p99_amount, control_cost_amount from marts.risk_money""",
    "weakness": """select 'ownership' as topic, kind, subject, owner_name, reason, finding_id, spend_12m_amount as amount from marts.ownership_hole where not is_dismissed
union all select 'security', kind, subject, owner_name, reason, finding_id, amount from marts.security_finding where not is_dismissed""",
    "contract": """select r.contract_id, r.contract_name, r.vendor_name, r.source_file, r.source_row, r.state, r.state in ('notice_due', 'notice_unknown', 'expires') as is_open,
    r.end_on, r.notice_on, r.seats, r.seats_active, 'contracted' as provenance, r.annual_amount
from marts.renewals as r where not r.is_dismissed and r.state in ('notice_due', 'notice_unknown', 'expires', 'notice_passed', 'renewed_unseen')""",
    "overlap": "select capability_id, capability_name, finding_id, tool_count, kept_tool_name, extra_cost_amount from marts.overlap where not is_dismissed",
    "gap": "select capability_id, capability_name, priority_id, priority_name, finding_id, state, state in ('gap', 'no_tool') as is_gap, required_level, covered_level, reason from marts.gap where state <> 'covered' and not is_dismissed",
    "mapping": "select distinct m.capability_id, c.capability_name, m.tool_id, t.tool_name from core.tool_capability as m left join core.capability as c using (capability_id) left join core.tool as t on t.tool_id = m.tool_id",
    "chain": """select priority_id, priority_name, capability_id, capability_name, means_kind, means_id, means_name, hole, hole is not null as is_broken
from marts.alignment_chain""",
    "outcome": """select o.priority_id, o.priority_name, o.capability_id, o.kpi_id, o.kpi_name, o.unit, o.direction, o.baseline, o.actual, o.target, o.progress, o.state
from marts.outcome_kpi as o join settings.run as r on o.month = r.month""",
    "control": """select c.month, c.source, c.gl_account, c.currency, c.control_amount is not null as is_given, c.state, c.control_amount, c.counted_amount, c.difference
from audit.control_total as c cross join settings.run as r where c.month > r.month - interval 12 months and c.month <= r.month""",
    "books": """select month, source, currency, step, amount_in, amount_loaded, amount_quarantined, amount_excluded, amount_superseded,
    amount_counted_elsewhere, amount_rounding, difference from audit.books where currency is not null""",
    "priority": "select p.priority_id, p.priority_name, p.theme, p.weight, p.weight_share from core.priority as p",
    "use": "select u.tool_id, t.tool_name, u.seats_purchased, u.seats_active from marts.tool_use as u left join core.tool as t using (tool_id)",
    "subject": "select kind, subject_kind, subject, finding_id, spend_12m_amount from marts.misalignment where kind in ('misaligned_money', 'unmapped_money') and not is_dismissed",
    "quarantine": """select source, table_name, source_file, source_row, string_agg(column_name || ' ' || rule, '; ' order by column_name) as fault, max(currency) as currency, max(amount) as amount
from audit.quarantine group by source, table_name, delivery_id, source_file, source_row""",
    "source": "select c.source, c.table_name, c.cadence, c.due_on, c.record_count, c.state from audit.completeness as c join settings.run as r on c.month = r.month",
    "check": "select table_name, check_name, severity, is_passed, violation_count, if(is_passed, null, description) as description from audit.checks",
}  # fmt: skip
"""For each kind of evidence the SELECT that gives it. A mark names one, with equalities that choose rows of it."""

GROUPED = ["month", "source", "vendor", "vendor_id", "tool", "tool_id", "capability", "capability_id", "priority_id", "alignment", "provenance", "gl_account"]
"""What a workbook adds up by where the rows are too many for it; month, tool, capability and priority are what its sums are made of."""
FINE = ["source", "vendor", "vendor_id"]

Where = Mapping[str, object]


@dataclass(frozen=True)
class RowSet:
    """Rows of one kind; `columns` in order, `values` a tuple a row, the decimals of each column of numbers, and how many rows there are.

    Of many rows the values are sums: of all that differ only in their line, with a column `row_count`; `lines` has then
    those columns, in the order of the sums, unless they are too many for a page. Where there are too many sums, there are
    no values, only the number of rows.
    """

    name: str
    columns: tuple[str, ...]
    values: Sequence[tuple[Any, ...]]
    scales: Mapping[str, int]
    count: int
    lines: Mapping[str, Sequence[Any]] | None = None
    _texts: dict[str, list[Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def texts(self, column: str) -> list[Any]:
        """A column as the page compares it; made once, since many marks ask for the same."""
        if column not in self._texts:
            at = self.columns.index(column)
            self._texts[column] = [text(row[at]) for row in self.values]
        return self._texts[column]

    @property
    def is_summed(self) -> bool:
        return self.count > EMBEDDED and "row_count" in self.columns

    @property
    def is_left_out(self) -> bool:
        """The rows are too many to be here at all."""
        return self.count > 0 and not self.values

    def chosen(self, where: Where) -> list[tuple[Any, ...]]:
        """The rows, or sums of rows, in which each named column holds the value, or one of the values."""
        left: Sequence[int] = range(len(self.values))
        for column, wanted in where.items():
            texts, among = self.texts(column), [text(v) for v in (wanted if isinstance(wanted, list) else [wanted])]
            left = [place for place in left if texts[place] in among]
        return [self.values[place] for place in left]

    def total(self, column: str, where: Where) -> Decimal:
        """Sum of a column over the rows chosen; what is not known adds nothing."""
        at = self.columns.index(column)
        return sum((Decimal(row[at]) for row in self.chosen(where) if row[at] is not None), Decimal(0))

    def number(self, where: Where) -> int:
        """How many rows are chosen, also where they are here as sums."""
        return int(self.total("row_count", where)) if self.is_summed else len(self.chosen(where))


def text(value: object) -> str | int | bool | None:
    """A value as the page compares it."""
    return value if value is None or isinstance(value, bool | int | str) else plain_decimal(value) if isinstance(value, Decimal) else str(value)


def plain_decimal(value: Decimal) -> str:
    """A number with all its digits and no zeros behind them."""
    shown = f"{value:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def read(connection: duckdb.DuckDBPyConnection, name: str, where: Where | None = None, queries: Mapping[str, str] = ROWS) -> RowSet:
    """The rows of one kind, in an order that is the same at every run; of many their sums, of too many their number only."""
    query = sql(name, where or {}, queries=queries)
    (count,) = connection.execute(f"select count(*) from ({query})").fetchone() or (0,)
    if count > EMBEDDED:
        return summed(connection, name, query, count)
    cursor = connection.execute(f"select * from ({query}) order by all")
    columns, values = tuple(column[0] for column in cursor.description), cursor.fetchall()
    return RowSet(name, columns, values, decimals(columns, values), count)


def summed(connection: duckdb.DuckDBPyConnection, name: str, query: str, count: int) -> RowSet:
    """Many rows as sums, with what tells their lines apart where a page can carry it. Money is read as whole units of its last decimal: there are too many for objects."""
    columns = [row[0] for row in connection.execute(f"describe {query}").fetchall()]
    shared = ", ".join(column for column in columns if column not in LINE)
    if not {*LINE} <= {*columns}:
        return RowSet(name, tuple(columns), [], {}, count)
    values = connection.execute(f"select {shared}, count(*) as row_count, sum(billed_amount) as billed_amount from ({query}) group by all order by {shared} limit {CARRIED + 1}").fetchall()
    told = (*(column for column in columns if column not in LINE), "row_count", "billed_amount")
    if len(values) > CARRIED:
        return RowSet(name, told, [], {}, count)
    lines = None
    if count <= CARRIED:
        cursor = connection.execute(f"select source_file, source_row, cast(cast(billed_amount as decimal(18, 4)) * 10000 as bigint) as billed_amount from ({query}) order by {shared}, {', '.join(LINE)}")
        lines = {column: found.tolist() for column, found in cursor.fetchnumpy().items()}
    return RowSet(name, told, values, decimals(told, values), count, lines)


def decimals(columns: Sequence[str], values: Sequence[Sequence[Any]]) -> Mapping[str, int]:
    """The decimals that each column of numbers needs."""
    found = {}
    for at, column in enumerate(columns):
        numbers = {row[at] for row in values if isinstance(row[at], Decimal)}
        if numbers:
            found[column] = max(max(0, -int(n.normalize().as_tuple().exponent)) for n in numbers)
    return found


def ledger_lines(connection: duckdb.DuckDBPyConnection, ledger: RowSet) -> RowSet:
    """The ledger as a workbook holds it: its rows, or where they are too many what they add up to, in as few columns as it takes."""
    if (ledger.values and len(ledger.values) <= EMBEDDED) or not ledger.count:
        return ledger
    for columns in (GROUPED, [column for column in GROUPED if column not in FINE]):
        named = ", ".join(columns)
        query = f"select {named}, count(*) as row_count, sum(billed_amount) as billed_amount from ({ROWS['ledger']}) group by all order by all"
        values = connection.execute(query).fetchall()
        if len(values) <= EMBEDDED:
            break
    return RowSet("ledger", (*columns, "row_count", "billed_amount"), values, {}, ledger.count)


def literal(value: object) -> str:
    """A value as SQL writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool | int):
        return str(value).lower()
    return "'" + str(value).replace("'", "''") + "'"


def sql(name: str, where: Where, select: str = "*", queries: Mapping[str, str] = ROWS) -> str:
    """The SELECT that gives the rows of a mark, to be run on the published warehouse."""
    conditions = []
    for column, value in where.items():
        if isinstance(value, list):
            conditions.append(f"{column} in ({', '.join(map(literal, value))})")
        else:
            conditions.append(f"{column} is not distinct from {literal(value)}")
    return f"select {select} from (\n{queries[name]}\n)" + (f"\nwhere {' and '.join(conditions)}" if conditions else "")
