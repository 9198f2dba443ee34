"""The page for whoever feeds the warehouse: what came and what did not, what is wrong with it, and where.

Cells of exports are not shown: they may be personal, and file and row say where they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from markupsafe import Markup

from pipelines.report.marks import Marker
from pipelines.report.page import Reading, environment, source

SHOWN = 300
"""Rows of one kind that the page shows; of more it gives the SELECT."""


@dataclass(frozen=True)
class Answer:
    """What one SELECT gave: its columns, its first rows, how many there are, and itself."""

    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]]
    count: int
    sql: str


QUESTIONS: Mapping[str, str] = {
    "completeness": """select c.source, c.table_name, c.cadence, c.month, c.due_on, c.record_count, c.state
from audit.completeness as c cross join settings.run as r where c.month > r.month - interval 12 months and c.month <= r.month
order by c.source, c.table_name, c.month""",
    "books": """select source, step, currency, sum(records_in)::bigint as records_in, sum(records_loaded)::bigint as records_on, sum(records_quarantined)::bigint as quarantined,
    sum(records_excluded)::bigint as left_out, sum(records_superseded)::bigint as replaced, sum(amount_in) as amount_in, sum(difference) as difference
from audit.books where currency is not null group by source, step, currency order by source, array_position(['deliver', 'stage', 'convert', 'allocate'], step), currency""",
    "rules": """select source, table_name, column_name, rule, count(*) as cells, count(distinct concat_ws(chr(31), delivery_id, source_file, source_row)) as records,
    count(distinct source_file) as files from audit.quarantine group by all order by cells desc, source, column_name, rule""",
    "quarantine": """select source, table_name, source_file, source_row, string_agg(column_name || ': ' || rule, '; ' order by column_name, rule) as fault,
    max(amount) as amount, max(currency) as currency from audit.quarantine group by source, table_name, source_file, source_row order by source, source_file, source_row, table_name""",
    "checks": """select table_name, check_name, kind, severity, violation_count, description from audit.checks where not is_passed
order by severity, violation_count desc, table_name, check_name""",
    "passed": """select kind, severity, count(*) filter (where is_passed) as passed, count(*) as checks from audit.checks group by all order by all""",
    "deliveries": """select home, source, count(*) as files, count(*) filter (where state = 'loaded') as loaded, count(*) filter (where state = 'duplicate') as duplicate,
    count(*) filter (where state = 'refused') as refused, count(*) filter (where state in ('empty', 'reference')) as other, sum(record_count)::bigint as records,
    sum(byte_count)::bigint as bytes, max(received_on) as newest from audit.delivery group by all order by all""",
    "unread": """select source, source_file, state, message, received_on from audit.delivery where state in ('refused', 'empty', 'duplicate') and home = 'exports'
order by state desc, source, source_file""",
    "late": """select closed_month, change, source_file, source_row, closed_amount, current_amount, coalesce(current_amount, 0) - coalesce(closed_amount, 0) as moved
from audit.late_posting order by closed_month, source_file, source_row, spend_line_id""",
    "vendors": """select left_vendor_name, right_vendor_name, method, confidence, evidence, money_at_stake_amount
from marts.review_vendor order by money_at_stake_amount desc nulls last, left_vendor_id, right_vendor_id""",
    "spellings": """select match_method, count(*) as spellings, count(distinct vendor_key) as vendors, min(match_confidence) as lowest_confidence
from settings.vendor_match group by all order by spellings desc, match_method""",
    "mapping": """select coalesce(l.mapping_method, 'not mapped') as mapped_by, l.alignment, count(*) as ledger_rows, sum(l.billed_amount) as billed_amount,
    round(100 * sum(l.billed_amount)::double / nullif(sum(sum(l.billed_amount)) over (), 0)::double, 1)::decimal(9, 1) as percent,
    string_agg(distinct l.provenance, ', ' order by l.provenance) as provenance
from core.ledger as l cross join settings.run as r where l.month > r.month - interval 12 months and l.month <= r.month group by all order by billed_amount desc nulls last, mapped_by, l.alignment""",
}  # fmt: skip
"""What the page asks, each a SELECT on the published warehouse."""


def page(connection: duckdb.DuckDBPyConnection, reading: Reading) -> str:
    """The page; the same text for the same warehouse."""
    answers = {name: asked(connection, sql) for name, sql in QUESTIONS.items()}
    months = sorted({row["month"] for row in answers["completeness"].rows})
    sources: dict[tuple[str, str, str], dict[Any, Mapping[str, Any]]] = {}
    for row in answers["completeness"].rows:
        sources.setdefault((row["source"], row["table_name"], row["cadence"]), {})[row["month"]] = row
    return environment(Marker(reading.money)).get_template("quality.html.j2").render(
        facts=reading.facts, month=reading.month, style=Markup(source("page.css")), q=answers, months=months, sources=sources, shown=SHOWN
    )  # fmt: skip


def asked(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    """The answer to one question."""
    cursor = connection.execute(sql)
    names = tuple(column[0] for column in cursor.description)
    found = cursor.fetchall()
    kept = found if "completeness" in sql else found[:SHOWN]
    return Answer(names, [dict(zip(names, row, strict=True)) for row in kept], len(found), sql)
