"""The first page of the shelf: all published months, what moved between them, and the files of each."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pipelines.report import charts, words
from pipelines.report.marks import Marker
from pipelines.report.pack import DECK, PAGE, PDF, QUALITY, SUMMARY, WORKBOOK, put
from pipelines.report.page import environment, source

INDEX = "index.html"
FILES = {PAGE: "Report", WORKBOOK: "Excel", PDF: "PDF", DECK: "Slides", QUALITY: "Data quality"}
LINES = {
    "spend_amount": "Spend of the month", "overlap_12m_amount": "Cost of doubling tools, 12 months", "misaligned_12m_amount": "Supports no priority, 12 months", "gap_count": "Needs not covered",
}  # fmt: skip
Month = Mapping[str, Any]


def write(shelf: Path, months: Iterable[str]) -> Path:
    """Write `index.html` of the shelf from the summaries of the months' published reports; the page."""
    put(shelf / INDEX, page([month_of(shelf / month, month) for month in months]).encode())
    return shelf / INDEX


def month_of(folder: Path, month: str) -> Month:
    """A month's summary with its files; of a month without one (published by an older version) only the files."""
    try:
        told = json.loads((folder / SUMMARY).read_bytes(), parse_float=Decimal)
    except (OSError, ValueError):
        told = {}
    return {**told, "month": date.fromisoformat(f"{month}-01"), "files": [(f"{month}/{name}", title) for name, title in FILES.items() if (folder / name).is_file()]}


def page(months: Sequence[Month]) -> str:
    """The page of months, oldest first. Months in another currency than the newest stand in the table and in no line."""
    told = [month for month in months if month.get("currency")]
    newest = told[-1] if told else None
    money = words.Money(newest["currency"], newest["currency_digits"], False) if newest else words.Money("", 2, False)
    lines = []
    for name, title in LINES.items() if newest else ():
        same = [(month["month"], Decimal(month[name])) for month in told if month["currency"] == money.currency and month.get(name) is not None]
        shown: Callable[[Decimal], str] = (lambda value: f"{value:,.0f}") if name.endswith("_count") else money.headline
        if same:
            lines.append((title, shown(same[-1][1]), moved(same, shown), charts.trend(same, f"trend-{name}", title, shown) if len(same) > 1 else ""))
    template = environment(Marker(money)).get_template("landing.html.j2")
    return template.render(months=[cells(month) for month in reversed(months)], lines=lines, newest=newest, style=Markup(source("page.css")))


def moved(points: Sequence[tuple[date, Decimal]], shown: Callable[[Decimal], str]) -> str:
    """What changed since the month before, in words."""
    if len(points) < 2:
        return "first published month"
    (earlier, before), (_, now) = points[-2:]
    if now == before:
        return f"as in {words.month(earlier)}"
    return f"{shown(abs(now - before))} {'more' if now > before else 'less'} than in {words.month(earlier)}"


def cells(month: Month) -> Mapping[str, Any]:
    """A month as the table prints it."""
    money = words.Money(month.get("currency") or "", month.get("currency_digits") or 0, False)
    shown = {name: words.NONE if month.get(name) is None else str(month[name]) if name.endswith("_count") else money.exact(Decimal(month[name])) for name in LINES}
    return {**month, "shown": shown, "name": words.month(month["month"]), "known": ", ".join(month.get("provenances") or ()) or words.NONE}
