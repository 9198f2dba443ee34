"""The month in a few numbers, as a file beside the report: what the landing page and other programs say of it.

The landing page reads these files and opens no warehouse, so it costs the same however large the months are.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pipelines.report.page import Reading
from pipelines.report.rows import plain_decimal


def told(reading: Reading) -> bytes:
    """The summary as JSON: amounts as texts in the reporting currency, null for what is not known; the same bytes for the same figures."""
    return (json.dumps(numbers(reading), indent=1, sort_keys=True, ensure_ascii=False, default=plain_decimal) + "\n").encode()


def numbers(reading: Reading) -> Mapping[str, Any]:
    """Spend of the month, and of the 12 months that end with it: cost of doubling tools, money that supports no priority, uncovered needs."""
    found, spend = reading.figures, reading.spend
    (this,) = [row for row in found["monthly"] if row["month"] == reading.month]
    is_known = bool(spend["ledger_row_count"])
    extra = [row for row in found["overlap"] if row["is_extra"]]
    return {
        "company": reading.facts.company, "month": reading.facts.month, "run_id": reading.facts.run_id, "incomplete": list(reading.facts.incomplete),
        "currency": reading.money.currency, "currency_digits": reading.money.digits, "provenances": [row["provenance"] for row in found["provenance"]],
        "spend_amount": this["spend_amount"] if is_known else None, "budget_amount": this["budget_amount"], "spend_12m_amount": spend["spend_12m_amount"] if is_known else None,
        "overlap_12m_amount": sum((row["spend_12m_amount"] for row in extra), Decimal(0)) if is_known else None,
        "misaligned_12m_amount": spend["misaligned_12m_amount"] + spend["unmapped_12m_amount"] if is_known else None,
        "gap_count": sum(row["state"] != "not_assessed" for row in found["gap"]) if found["capability"] else None,
    }  # fmt: skip
