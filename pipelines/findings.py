"""The first things to say of a published month, in words."""

from decimal import Decimal

import duckdb


def incomplete(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The expected sources that the refreshed month lacks, each as `source: what is wrong`."""
    rows = connection.execute(
        "select c.source, c.state from audit.completeness as c, settings.run as r where c.month = r.month and c.state <> 'complete' order by all"
    ).fetchall()
    return [f"{source}: {state} for this month" for source, state in rows]


def money(amount: Decimal, currency: str) -> str:
    """An amount for people: thousands apart, two digits."""
    return f"{currency} {amount:,.2f}"


def headlines(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The largest overlap, gap and misalignment, each as one sentence that names its finding."""
    (currency,) = connection.execute("select reporting_currency from settings.run").fetchone() or ("",)
    found = []
    row = connection.execute(
        "select capability_name, tool_count, array_to_string(tools, ', '), extra_cost_amount, finding_id from marts.overlap "
        "where not is_dismissed order by extra_cost_amount desc nulls last, finding_id limit 1"
    ).fetchone()
    if row:
        found.append(f"Overlap: {row[1]} tools serve {row[0]} ({row[2]}); all but the leading one cost {money(row[3], currency)} in 12 months. [{row[4]}]")
    row = connection.execute(
        "select capability_name, priority_name, required_level, covered_level, reason, finding_id from marts.gap where state in ('gap', 'no_tool') "
        "order by gap_size * priority_weight desc nulls last, finding_id limit 1"
    ).fetchone()
    if row:
        found.append(f"Gap: {row[1]} needs {row[0]} at {row[2]:.0%}; it is covered at {row[3] or 0:.0%} ({row[4]}). [{row[5]}]")
    row = connection.execute(
        "select subject, spend_12m_amount, reason, finding_id from marts.misalignment where kind in ('unmapped_money', 'misaligned_money') "
        "order by spend_12m_amount desc, finding_id limit 1"
    ).fetchone()
    if row:
        found.append(f"Misalignment: {money(row[1], currency)} in 12 months for {row[0]} reach no priority ({row[2]}). [{row[3]}]")
    return found
