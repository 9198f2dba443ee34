"""The currencies that amounts can be in."""

from collections.abc import Mapping

import iso4217

WITHDRAWN: Mapping[str, int] = {
    "ANG": 2, "BGN": 2, "BYR": 0, "CUC": 2, "CYP": 2, "EEK": 2, "HRK": 2, "LTL": 2, "LVL": 2, "MRO": 2, "MTL": 2, "ROL": 0, "SIT": 2, "SKK": 2, "SLL": 2,
    "STD": 2, "TRL": 0, "VEF": 2, "ZMK": 2, "ZWL": 2,
}  # fmt: skip
"""Codes that ISO 4217 has no longer, with their minor digits: invoices of their time are in them, and the ECB's history of rates too."""


def currencies() -> list[tuple[str, int]]:
    """ISO 4217 codes, also withdrawn ones, with their number of minor digits."""
    current = {c.code: c.exponent for c in iso4217.Currency if c.exponent is not None}
    return sorted({**WITHDRAWN, **current}.items())
