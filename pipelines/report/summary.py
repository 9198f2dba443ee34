"""The month in a few numbers, as a file beside the report: what the landing page and other programs say of it.

The landing page reads these files and opens no warehouse, so it costs the same however large the months are.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from pipelines.report.marks import Marker
from pipelines.report.page import Reading, environment
from pipelines.report.rows import plain_decimal

CARD = re.compile(r'<div><dt>(.*?)</dt><dd class="v">(.*?)</dd><dd>(.*?)</dd></div>', re.DOTALL)


def told(reading: Reading) -> bytes:
    """The summary as JSON: amounts as texts in the reporting currency, null for what is not known; the same bytes for the same figures."""
    return (json.dumps(numbers(reading), indent=1, sort_keys=True, ensure_ascii=False, default=plain_decimal) + "\n").encode()


def numbers(reading: Reading) -> Mapping[str, Any]:
    """Spend of the month, and of the 12 months that end with it: cost of doubling tools, money that supports no priority, uncovered needs."""
    found, spend = reading.figures, reading.spend
    (this,) = [row for row in found["monthly"] if row["month"] == reading.month]
    is_known = bool(spend["ledger_row_count"])
    extra = [row for row in found["overlap"] if row["is_extra"]]
    env = environment(Marker(reading.money, printed=True), printed=True)
    priority_count = sum(row["priority_id"] is not None for row in found["priority"])
    return {
        "message": plain(env.get_template("sentences.j2").module.headline(spend, priority_count)), "figures": cards(reading, env),
        "company": reading.facts.company, "month": reading.facts.month, "run_id": reading.facts.run_id, "incomplete": list(reading.facts.incomplete),
        "currency": reading.money.currency, "currency_digits": reading.money.digits, "provenances": [row["provenance"] for row in found["provenance"]],
        "spend_amount": this["spend_amount"] if is_known else None, "budget_amount": this["budget_amount"], "spend_12m_amount": spend["spend_12m_amount"] if is_known else None,
        "overlap_12m_amount": sum((row["spend_12m_amount"] for row in extra), Decimal(0)) if is_known else None,
        "misaligned_12m_amount": spend["misaligned_12m_amount"] + spend["unmapped_12m_amount"] if is_known else None,
        "gap_count": sum(row["state"] != "not_assessed" for row in found["gap"]) if found["capability"] else None,
    }  # fmt: skip


def plain(html: object) -> str:
    """What a template made for paper, as text: it holds no tags but those of the template itself."""
    return " ".join(Markup(re.sub(r"</?(?:span|b|br)\b[^>]*>", "", str(html))).unescape().split())


def cards(reading: Reading, env: Any) -> list[tuple[str, str, str]]:
    """The six figures of page one as name, value and what it is made of, by the page's own template for paper."""
    html = env.get_template("figures.html.j2").render(found=reading.figures, spend=reading.spend, month=reading.month, window=reading.window, say=env.get_template("sentences.j2").module, sql={})
    found = [(plain(name), plain(value), plain(note)) for name, value, note in CARD.findall(html)]
    assert len(found) == 6, "the template of the six figures has another form"
    return found
