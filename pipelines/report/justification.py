"""One page that justifies a vendor, a tool or an initiative, or fails to; the same as text and as JSON."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from pipelines.report import packing, rows
from pipelines.report.arguments import UNKNOWN, Cell, Justification
from pipelines.report.case import EVIDENCE
from pipelines.report.marks import Mark, Marker
from pipelines.report.page import Page, digest, environment, source


def page(told: Justification) -> Page:
    """The justification as a page in which every figure shows its rows."""
    env = environment(Marker(told.money))
    script = source("page.js")
    html = env.get_template("justify.html.j2").render(
        j=told, subject=told.case.subject, facts=told.facts, month=told.month, sql=told.case.sql, unknown=UNKNOWN, style=Markup(source("page.css")), script=Markup(script),
        digest=Markup(digest(script)), data=Markup(packing.packed(told.case.sets, [mark.told() for mark in told.marks], EVIDENCE)),
    )  # fmt: skip
    return Page(html, tuple(told.marks), told.case.sets)


def text(cell: Cell) -> str:
    """A cell for people who read text; no control character comes through."""
    found = UNKNOWN if cell is None else cell.shown if isinstance(cell, Mark) else cell
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in found)


def sentence(said: Sequence[Cell]) -> str:
    return "".join(map(text, said))


def lines(told: Justification) -> list[str]:
    """The justification as text: figures, then each question with its answer and what tells it."""
    found = [sentence(told.title), ""] + [f"  {name:<32} {text(cell)}  ({text(note)})" for name, cell, note in told.headline]
    for section in told.sections:
        found += ["", section.question, f"  {sentence(section.said)}"]
        for row in section.rows:
            found.append("  - " + "; ".join(f"{name.lower()}: {text(cell)}" if at else text(cell) for at, (name, cell) in enumerate(zip(section.columns, row, strict=True)) if cell != ""))
        found += [f"  {section.missing}"] if section.missing else []
    return found


def plain(cell: Cell) -> Any:
    """A cell for programs: the value in full as text, null where it is not known."""
    if isinstance(cell, Mark):
        return rows.plain_decimal(cell.value) if isinstance(cell.value, Decimal) else cell.value.isoformat()
    return cell


def summary(told: Justification) -> dict[str, Any]:
    """The justification for programs: numbers as texts in full, in the reporting currency."""
    return {
        "kind": told.case.subject.kind, "id": told.case.subject.id, "name": told.case.subject.name, "company": told.facts.company, "month": told.facts.month, "run_id": told.facts.run_id,
        "currency": told.money.currency, "title": sentence(told.title), "figures": {name: plain(cell) for name, cell, _ in told.headline},
        "sections": {s.key: {"question": s.question, "answer": sentence(s.said), "rows": [dict(zip(s.columns, map(plain, row), strict=True)) for row in s.rows], "missing": s.missing or None, "sql": {name: told.case.sql[name] for name in s.asked}} for s in told.sections},
    }  # fmt: skip
