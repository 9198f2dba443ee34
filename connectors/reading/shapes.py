"""What a cell's text looks like. No value is converted: shapes tell a header from data and a total from a record."""

import re
from collections import Counter
from decimal import Decimal

LONGEST = 100
"""Letters beyond which a cell is no number; patterns are not tried on what somebody made long on purpose."""
_SIGN, _MONEY, _GAP = r"[-+\u2212(]", r"[A-Z]{3}|[$€£¥]", r"[\s\xa0\u202f]"
NUMBER = re.compile(
    rf"{_GAP}*{_SIGN}*{_GAP}*(?:(?:{_MONEY}){_GAP}?)?{_SIGN}*"
    rf"\d[\d.,'\u2019\s\xa0\u202f]*\)?(?:{_MONEY}|%)?{_GAP}*-?\)?{_GAP}*"
)
_DAY = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|(?:19|20)\d\d[-/]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
DATE = re.compile(rf"\s*(?:{_DAY})(?:[ T]\d{{1,2}}:\d{{2}}.*)?\s*")
_DECIMAL = re.compile(r"[-+(]?\d[\d.,' ]*?[.,](\d+)\)?")
_CURRENCY = re.compile(r"[A-Z]{3}|[$€£¥\s\xa0\u202f'\u2019]")


def kind(text: str) -> str:
    """blank, number, date or text."""
    if not text.strip():
        return "blank"
    if len(text) > LONGEST:
        return "text"
    if DATE.fullmatch(text):
        return "date"
    return "number" if NUMBER.fullmatch(text) else "text"


def number(text: str, decimal_mark: str) -> Decimal | None:
    """The number a cell would be if `decimal_mark` ("." or ",") were its decimal mark, else None.

    Only for recognising totals: the sums of a report are compared, never kept.
    """
    if len(text) > LONGEST or not NUMBER.fullmatch(text) or text.rstrip().endswith("%"):
        return None
    bare = _CURRENCY.sub("", text).replace("\u2212", "-")
    negative = bare.startswith(("(", "-")) or bare.endswith("-")
    bare = bare.strip("()-+").replace("." if decimal_mark == "," else ",", "")
    if bare.count(decimal_mark) > 1 or not bare.strip("."):
        return None
    value = Decimal(bare.replace(",", "."))
    return -value if negative else value


def looks_cut(value: str, others: list[str]) -> bool:
    """Whether the last cell of a file without a final line end is visibly shorter than its column.

    True when the other cells (at least two, none blank) all have the same number of decimals and this one fewer; or
    all have one pattern with digits, of which this one is the beginning («2024-» below «2024-01-31»); or it is the
    beginning of a value that is repeated above («Ope» below «Open») and does not occur itself.
    """
    if len(others) < 2 or not all(others) or value in others:
        return False
    decimals = {match and len(match[1]) for match in map(_DECIMAL.fullmatch, others)}
    if len(decimals) == 1 and None not in decimals:
        tail = re.fullmatch(r"[-+(]?[\d.,' ]*?(?:[.,](\d*))?", value)
        return bool(tail) and len(tail[1] or "") < decimals.pop()
    shapes = {_shape(other) for other in others}
    if len(shapes) == 1 and "9" in (shape := shapes.pop()) and len(shape) > max(len(value), 3):
        return shape.startswith(_shape(value))
    return any(other.startswith(value) and count > 1 for other, count in Counter(others).items())


def _shape(text: str) -> str:
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))
