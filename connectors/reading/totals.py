"""Rows that are not records: totals and notices that report writers put under, or between, the lines."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from connectors.reading.nouns import Row
from connectors.reading.shapes import kind, number

LABELS = (
    "total", "totals", "grand total", "overall total", "sub total", "subtotal", "sub-total", "total general", "total général", "sum",
    "sous-total", "somme", "summe", "gesamt", "gesamtsumme", "gesamtbetrag", "zwischensumme", "endsumme", "insgesamt",
    "totale", "totaal", "totaux", "suma", "soma", "summa", "totalt", "razem", "celkem", "toplam", "összesen",
    "yhteensä", "i alt", "итого", "всего", "合計", "总计", "總計",
)  # fmt: skip
"""Words that alone in the first filled cell mark a total; the longer form is one of them and a name («Total for X»)."""

_WORDS = "|".join(sorted(map(re.escape, LABELS), key=len, reverse=True))
_EXACT = re.compile(rf"\s*(?:{_WORDS})\s*[:=]?\s*", re.IGNORECASE)
_NAMED = re.compile(rf"\s*(?:{_WORDS})\b\W*\S.*", re.IGNORECASE | re.DOTALL)
_OF = re.compile(rf"\s*(?:{_WORDS})\s+(?:for|of|für|von|de|del|du|pour|per|voor|di)\b", re.IGNORECASE)
BEGINNINGS = frozenset((label + sign)[:3] for label in LABELS for sign in ("", ":", "=", " "))
"""First three letters, in lower case, of a first cell that may be a label."""

LONGEST_NOTICE = 300
_NOTICE = re.compile(
    r"\s*(?:"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day,.*\b(?:(?:accrual|cash) basis|\d{1,2}:\d{2}.*)"
    r"|(?:results?|(?:total |number of )?(?:records?|rows?|entries))\s*[:=]\s*[\d,.']+"
    r"|applied filters:.*"
    r"|(?:report )?(?:generated|exported|created|printed|run) (?:on|at|by|with)\b.*\d.*"
    r"|.*\b(?:export|results?|rows?|records?)\b.*\b(?:limited to|limit of|truncated|maximum of)\b.*\d.*"
    r")\s*",
    re.IGNORECASE | re.DOTALL,
)


def is_total(cells: Sequence[str], width: int) -> bool:
    """A labelled total that shows itself: a label, else only numbers and currencies, and cells left blank.

    A label alone («Total») needs one blank cell, a label with a name («Total for Acme») half of the row blank.
    """
    texts = [cell for cell in cells if cell.strip()]
    if not texts or not _numbers(texts[1:]):
        return False
    if _EXACT.fullmatch(texts[0]):
        return len(texts) < width
    return len(texts) * 2 <= width and bool(_NAMED.fullmatch(texts[0]))


def doubtful(cells: Sequence[str]) -> bool:
    """«Total Acme» beside numbers and too few blanks: a subtotal, or the vendor «Total Energies» and its amount."""
    texts = [cell for cell in cells if cell.strip()]
    if not texts or not _numbers(texts[1:]):
        return False
    return bool(_NAMED.fullmatch(texts[0]) if len(texts) < len(cells) else _OF.match(texts[0]))


def is_notice(cells: Sequence[str]) -> bool:
    """A line of free text that is known to be none of the records: time stamps, row counts, export limits."""
    text = ",".join(texts := [cell for cell in cells if cell.strip()])
    return 0 < len(texts) < 4 and len(text) <= LONGEST_NOTICE and bool(_NOTICE.fullmatch(text))


def labelled(cells: Sequence[str]) -> bool:
    """A label alone («Total») beside numbers only: a total, or a record of somebody called so. Arithmetic decides."""
    texts = [cell for cell in cells if cell.strip()]
    return bool(texts) and bool(_EXACT.fullmatch(texts[0])) and _numbers(texts[1:])


def unlabelled(cells: Sequence[str]) -> bool:
    """A mostly blank row of numbers only: the last record, or a total without a word. Arithmetic decides."""
    texts = [cell for cell in cells if cell.strip()]
    return bool(texts) and len(texts) * 2 <= len(cells) and all(kind(cell) == "number" for cell in texts)


def _numbers(texts: Sequence[str]) -> bool:
    """Only numbers and currency codes, and at least one number."""
    numbers = [kind(text) == "number" for text in texts]
    return any(numbers) and all(
        is_number or re.fullmatch(r"\s*[A-Z]{3}\s*", text) for is_number, text in zip(numbers, texts, strict=True)
    )


def adds_up(cells: Sequence[str], above: Iterable[Row | tuple[int, Sequence[str]]], before: int) -> bool:
    """Whether a number of `cells` is the sum of its column over at least two earlier rows (before line `before`)."""
    columns = [i for i, cell in enumerate(cells) if kind(cell) == "number"]
    marks = [(i, mark) for i in columns for mark in ".,"]
    wanted = {(i, mark): value for i, mark in marks if (value := number(cells[i], mark)) is not None}
    sums = dict.fromkeys(wanted, Decimal(0))
    counts = dict.fromkeys(wanted, 0)
    for line, row, *_ in above:
        if line >= before:
            break
        for key in sums:
            value = number(row[key[0]], key[1])
            if value is not None:
                sums[key] += value
                counts[key] += 1
    return any(counts[key] > 1 and sums[key] == value for key, value in wanted.items())
