"""The first things to say of a published month, in words."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import duckdb

Row = Mapping[str, Any]

LARGEST: Mapping[str, str] = {
    "marts.overlap": "select * from marts.overlap where not is_dismissed order by extra_cost_amount desc nulls last, finding_id limit 1",
    "marts.gap": "select * from marts.gap where not is_dismissed and state in ('gap', 'no_tool') "
    "order by weighted_gap_size desc nulls last, finding_id limit 1",
    "marts.misalignment": "select * from marts.misalignment where not is_dismissed and kind in ('unmapped_money', 'misaligned_money') "
    "order by spend_12m_amount desc, finding_id limit 1",
}
"""The finding to name first, by table."""


NO_RATE = "they have no exchange rate"


def incomplete(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The expected sources that the refreshed month lacks, each as `source: what is wrong`."""
    rows = connection.execute(
        "select c.source, c.state from audit.completeness as c, settings.run as r where c.month = r.month and c.state <> 'complete' order by all"
    ).fetchall()
    return [f"{source}: {state} for this month" for source, state in rows]


def without_rate(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The sources with money up to the refreshed month that could not be converted; a currency that nobody knows has a check of its own."""
    rows = connection.execute(
        """select line.source, line.original_currency, count(*), sum(line.original_amount), strftime(min(line.month), '%Y-%m'), strftime(max(line.month), '%Y-%m')
        from core.spend_line as line join settings.currency as known on known.currency = line.original_currency, settings.run as run
        where line.billed_amount is null and line.month <= run.month group by all order by all"""
    ).fetchall()
    return [
        f"{source}: {count} lines of {first if first == last else f'{first} to {last}'}, {amount.normalize():,f} {currency} in all, are in no sum: {NO_RATE}. "
        "A rate counts on its day and the 7 days after; give more of them in strategy/fx_rates.csv, or set fx_download: true"
        for source, currency, count, amount, first, last in rows
    ]


def headlines(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The largest overlap, gap and misalignment, each as one sentence that names its finding."""
    rows = [(table, first(connection, sql)) for table, sql in LARGEST.items()]
    currency = reporting_currency(connection)
    return [f"{sentence(table, row, currency)} [{row['finding_id']}]" for table, row in rows if row]


def reporting_currency(connection: duckdb.DuckDBPyConnection) -> str:
    """ISO 4217 code of the published amounts."""
    (currency,) = connection.execute("select reporting_currency from settings.run").fetchone() or ("",)
    return str(currency)


def first(connection: duckdb.DuckDBPyConnection, sql: str, parameters: list[object] | None = None) -> dict[str, Any] | None:
    """The first row of a SELECT by column, or None."""
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    row = cursor.fetchone()
    return dict(zip(names, row, strict=True)) if row else None


def sentence(table: str, row: Row, currency: str) -> str:
    """A row of a table of findings, in words. Raises KeyError for any other table."""
    return SENTENCES[table](row, currency)


def money(amount: Decimal, currency: str) -> str:
    """An amount for people: thousands apart, two digits."""
    return f"{currency} {amount:,.2f}"


def overlap(row: Row, currency: str) -> str:
    extra = money(row["extra_cost_amount"], currency)
    return f"Overlap: {row['tool_count']} tools serve {row['capability_name']} ({', '.join(row['tools'])}). All but {row['kept_tool_name']} cost {extra} in 12 months."


def gap(row: Row, _currency: str) -> str:
    need, tools = f"«{row['priority_name']}» needs {row['capability_name']} at {row['required_level']:.0%}", ", ".join(row["tools"])
    if row["state"] == "no_tool":
        return f"Gap: {need}; no tool serves it{f' yet, {tools} is only planned' if tools else ''}."
    if row["state"] == "not_assessed":
        return f"Not assessed: {need}; {tools} serves it, and nobody has said how well."
    reason = f" ({row['reason']})" if row["reason"] else ""
    return f"{'Gap' if row['state'] == 'gap' else 'No gap'}: {need}; it is covered at {row['covered_level']:.0%} by {tools}{reason}."


def misalignment(row: Row, currency: str) -> str:
    amount, share = money(row["spend_12m_amount"], currency), f"{row['share_of_total'] or 0:.1%} of all money"
    if row["kind"] == "underfunded_priority":
        return f"Misalignment: «{row['subject']}» got {amount} in 12 months, {share}; {row['reason']}."
    tools = f" ({', '.join(row['tools'])})" if row["tools"] else ""
    reason = "which no priority needs" if row["kind"] == "misaligned_money" else "and no decision says what it is for"
    return f"Misalignment: {amount} in 12 months, {share}, went to {row['subject']}{tools}, {reason}."


def renewal(row: Row, currency: str) -> str:
    costs = f", {money(row['annual_amount'], currency)} a year" if row["annual_amount"] is not None else ""
    ends = f"ends on {row['end_on']}" if row["end_on"] else "has no end date"
    return f"Renewal: {row['contract_name'] or row['contract_id']} ({row['vendor_name']}{costs}) {ends}; {RENEWALS[row['state']].format(**row)}."


RENEWALS: Mapping[str, str] = {
    "cancelled": "it is cancelled",
    "no_end_date": "nothing is known of its term",
    "renewed_unseen": "it has renewed by itself and no new end is known",
    "ended": "it is over",
    "expires": "it does not renew by itself",
    "notice_unknown": "nobody knows the notice period",
    "notice_passed": "the last day for notice was {notice_on}",
    "notice_due": "the last day for notice is {notice_on}, in {days_to_notice} days",
    "later": "nothing is due yet",
}
"""What a state of marts.renewals means for the reader."""

SENTENCES: Mapping[str, Callable[[Row, str], str]] = {
    "marts.overlap": overlap, "marts.gap": gap, "marts.misalignment": misalignment, "marts.renewals": renewal,
}  # fmt: skip
