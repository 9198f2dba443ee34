"""What stands on each of the six slides: sentences by the page's own templates, and figures as marks whose rows prove them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.report import words
from pipelines.report.cells import ADVERSE, FAVOURABLE, INK, MUTED, RULE
from pipelines.report.marks import Mark, Marker, Part
from pipelines.report.page import Reading
from pipelines.report.slides import LIGHT, MARGIN, WIDTH, Cell, Deck, heads, joined, listed, month_of, words_short
from pipelines.report.summary import cards, plain

WHOLE = WIDTH - 2 * MARGIN
YTD = {"is_year_to_date": True}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Made:
    """A deck as it grows: the reading, what makes its marks, the sentences of the page, and the slides."""

    reading: Reading
    mk: Marker
    env: Any
    deck: Deck

    def rows(self, name: str) -> Sequence[Row]:
        return self.reading.figures[name]

    def say(self, name: str, *about: Any) -> str:
        """A sentence of the page, as text."""
        return plain(getattr(self.env.get_template("sentences.j2").module, name)(*about))

    @property
    def priority_count(self) -> int:
        return sum(row["priority_id"] is not None for row in self.rows("priority"))


def shown(mark: Mark | str) -> str:
    return mark.shown if isinstance(mark, Mark) else mark


def number(mark: Mark | str, tone: str = INK) -> Cell:
    return Cell(shown(mark), True, tone)


def empty(made: Made, slide: Any, x: float, y: float, width: float, what: str, file: str) -> None:
    made.deck.text(slide, (x, y, width, 0.7), [(what, INK, True), (file, MUTED, False)], 12, 3)


def part(made: Made, slide: Any, x: float, y: float, width: float, name: str, note: str = "") -> None:
    """The heading of a part of a slide."""
    made.deck.text(slide, (x, y, width, 0.45), [(name, INK, True)] + ([(note, MUTED, False)] if note else []), 12 if not note else 11.5)


def message(made: Made) -> Any:
    reading = made.reading
    slide = made.deck.slide(made.say("headline", reading.spend, made.priority_count), 28)
    lead = " ".join(filter(None, [made.say("lead_budget", reading.spend), made.say("lead_priorities", reading.spend, made.priority_count), made.say("outcomes", made.rows("outcome")) + ".", made.say("commitments", made.rows("renewal"), reading.window) + "."]))
    made.deck.text(slide, (MARGIN, 1.78, WHOLE, 0.9), [(lead, INK, False)], 14)
    for at, (name, value, note) in enumerate(cards(reading, made.env)):
        x, y = MARGIN + at % 3 * WHOLE / 3, 2.95 + at // 3 * 1.45
        made.deck.line(slide, x, y - 0.1, WHOLE / 3 - 0.25, RULE, 1)
        made.deck.text(slide, (x, y, WHOLE / 3 - 0.25, 0.28), [(name, MUTED, False)], 12)
        made.deck.text(slide, (x, y + 0.26, WHOLE / 3 - 0.25, 0.55), [(value, INK, True)], 30)
        made.deck.text(slide, (x, y + 0.85, WHOLE / 3 - 0.25, 0.28), [(note, MUTED, False)], 11.5)
    made.deck.line(slide, MARGIN, 5.95, WHOLE, RULE, 1)
    made.deck.text(slide, (MARGIN, 6.05, WHOLE, 0.9), [("Tie to the general ledger", INK, True), (f"{made.say('tie', made.rows('reconciliation')).replace('stands below', 'stands in report.html')} {made.say('books', made.rows('books'))}", INK, False)], 13, 3)
    return slide


def questions(made: Made) -> Any:
    slide = made.deck.slide(made.say("questions", made.rows("chain")))
    chain, rows = made.rows("chain"), []
    for id_ in dict.fromkeys(row["priority_id"] for row in chain):
        links = [row for row in chain if row["priority_id"] == id_]
        about = next((row for row in made.rows("priority") if row["priority_id"] == id_ and row["alignment"] == "aligned"), None) if id_ else None
        money = made.mk.spend("priority", about["spend_12m_amount"], f"{links[0]['priority_name']}, 12 months", {"priority_id": id_}, "headline") if about else words.NONE
        broken = sum(row["hole"] is not None for row in links)
        initiatives = [f"{row['means_name']} ({words.day(row['start_on'])})" for row in sorted(links, key=lambda row: str(row["start_on"])) if row["means_kind"] == "initiative"]
        rows.append([
            Cell(links[0]["priority_name"] or "No priority"), number(money), Cell(listed((row["capability_name"] or row["capability_id"] for row in links), 64)),
            Cell(listed((row["means_name"] for row in links if row["means_kind"] not in (None, "initiative")), 64)), Cell(listed(initiatives, 60)),
            Cell(links[0]["priority_owner_name"] or "nobody"), Cell(listed((kpi for row in links for kpi in (row["kpis"] or "").split(", ")), 44)), Cell(f"{broken} of {len(links)}" if broken else "none", True, ADVERSE if broken else INK),
        ])  # fmt: skip
    if not rows:
        empty(made, slide, MARGIN, 1.9, WHOLE, "No priority is stated.", "Write three to five into strategy/priorities.csv, what they need into strategy/priority_capabilities.csv.")
        return slide
    asked = "What are our priorities, which capabilities do they need, which technology and initiatives support them, in what order, owned by whom, measured by what?"
    made.deck.text(slide, (MARGIN, 1.5, WHOLE, 0.3), [(asked, MUTED, False)], 12)
    stacked(made, slide, rows[:7])
    return slide


def stacked(made: Made, slide: Any, rows: Sequence[Sequence[Cell]]) -> None:
    """A priority as a block: its name, owner and money on one line, and what it needs, what carries it and what measures it below."""
    each = 5.05 / max(len(rows), 4)
    for at, (name, money, needs, carried, order, owner, measured, missing) in enumerate(rows):
        y = 1.95 + at * each
        made.deck.line(slide, MARGIN, y, WHOLE, RULE if at else INK, 0.75 if at else 1.5)
        made.deck.text(slide, (MARGIN, y + 0.06, 3.3, each - 0.1), [(name.text, INK, True), (f"{owner.text}; {money.text} in 12 months" if money.text != words.NONE else owner.text, MUTED, False)], 11)
        for place, (label, cell) in enumerate((("Needs", needs), ("Carried by", carried), ("In order", order))):
            made.deck.text(slide, (MARGIN + 3.5 + place * 2.3, y + 0.06, 2.15, each - 0.1), [(label, MUTED, False), (clipped(cell.text, 2.15, each), INK, False)], 9.5)
        made.deck.text(slide, (MARGIN + 10.4, y + 0.06, 1.85, each - 0.1), [(f"Measured by; holes: {missing.text}", missing.tone if missing.tone != INK else MUTED, False), (clipped(measured.text, 1.85, each), INK, False)], 9.5)


def clipped(text: str, width: float, height: float) -> str:
    """What fits into the lines that a box has below its label, at 9.5 points."""
    most = int(width * 13.5) * max(int((height - 0.1) / 0.165) - 1, 1) - 4
    return text if len(text) <= most else f"{text[:most].rstrip()}…"


def format_of(made: Made) -> str:
    """How the charts write money: exact values, shown in the unit of the page's tables."""
    return "#,##0,;−#,##0,;0" if made.reading.money.in_thousands else "#,##0;−#,##0;0"


def budget(made: Made) -> Any:
    spend, money, mk = made.reading.spend, made.reading.money, made.mk
    title = made.say("budget", spend) + (f". {made.say('forecast', made.rows('forecast'))}" if spend["ledger_row_count"] else "")
    slide = made.deck.slide(title)
    if not spend["ledger_row_count"]:
        empty(made, slide, MARGIN, 1.9, WHOLE, "No spend.", "Put exports of the general ledger, bills or cards into exports/ and refresh.")
        return slide
    months = made.rows("monthly")
    for row in months:
        mk.spend("monthly", row["spend_amount"], f"Spend of {words.month(row['month'])}", {"month": row["month"]})
        mk.budget("monthly", row["budget_amount"], f"Budget of {words.month(row['month'])}", {"month": row["month"]})
    planned = spend["budget_to_date_amount"] is not None
    series = [("Spend", [row["spend_amount"] for row in months], INK)] + ([("Budget", [row["budget_amount"] for row in months], LIGHT)] if planned else [])
    known = joined(row["provenance"] for row in made.rows("provenance"))
    part(made, slide, MARGIN, 1.6, 8, f"By month, {money.unit}", f"Spend is {known}{', budget is typed' if planned else '; no budget is loaded: strategy/budgets.csv'}")
    made.deck.chart(slide, (MARGIN - 0.1, 2.1, 8.0, 4.75), "columns", [f"{row['month']:%b}" for row in months], series, format_of(made), "Spend by month against budget")
    outlook(made, slide)
    return slide


def outlook(made: Made, slide: Any) -> None:
    """Where the year will end: what is posted, still contracted and at the pace of other money, beside the budget."""
    rows, mk, x = made.rows("forecast"), made.mk, MARGIN + 8.2
    part(made, slide, x, 1.6, 4, f"Where the year will end, {made.reading.money.unit}", "Posted, still contracted, and run-rate (estimated)")
    if not rows:
        empty(made, slide, x, 2.3, 4, "No forecast.", "It takes spend of this fiscal year.")
        return
    sums = {name: sum((row[name] or Decimal(0) for row in rows), Decimal(0)) for name in ("spend_amount", "contracted_amount", "run_rate_amount")}
    plan = [row["budget_year_amount"] for row in rows if row["budget_year_amount"] is not None]
    mk.spend("forecast", sums["spend_amount"], "Posted", YTD)
    for name in ("contracted_amount", "run_rate_amount"):
        mk.amount("forecast", "forecast", name, sums[name], name.replace("_", " "))
    names = ["Forecast", "Budget"] if plan else ["Forecast"]
    series: list[tuple[str, list[Decimal | None], str]] = [(label, [sums[name], None][: len(names)], colour) for label, name, colour in (("Posted", "spend_amount", INK), ("Contracts", "contracted_amount", FAVOURABLE), ("Run-rate", "run_rate_amount", LIGHT))]
    if plan:
        mk.budget("forecast", sum(plan, Decimal(0)), "Budget of the year", {})
        series.append(("Budget", [None, sum(plan, Decimal(0))], ""))
    made.deck.chart(slide, (x - 0.1, 2.1, 4.1, 4.75), "stacked", names, series, format_of(made), "Forecast of the fiscal year against its budget")


def purpose(made: Made) -> Any:
    spend, mk = made.reading.spend, made.mk
    slide = made.deck.slide(made.say("purpose", spend, made.priority_count))
    if not spend["ledger_row_count"]:
        empty(made, slide, MARGIN, 1.9, WHOLE, "No spend.", "Put exports of the general ledger, bills or cards into exports/ and refresh.")
        return slide
    aligned = [row for row in made.rows("priority") if row["priority_id"] is not None and row["alignment"] == "aligned"]
    drawn: list[tuple[str, Decimal]] = []
    for row in aligned:
        mk.spend("priority", row["spend_12m_amount"], str(row["priority_name"]), {"priority_id": row["priority_id"]})
        drawn.append((row["priority_name"] or row["priority_id"], row["spend_12m_amount"]))
    for name, column, state in (("No priority needs it", "misaligned_12m_amount", "misaligned"), ("Not mapped", "unmapped_12m_amount", "unmapped")):
        mk.spend("spend", spend[column], name, {"alignment": state})
        drawn.append((name, spend[column]))
    known = joined(row["provenance"] for row in made.rows("provenance"))
    part(made, slide, MARGIN, 1.6, 6.6, f"Money of 12 months by what it is for, {made.reading.money.unit}", known)
    made.deck.chart(slide, (MARGIN - 0.1, 2.05, 6.7, 4.9), "bars", [words_short(name, 44) for name, _ in drawn], [("Money of 12 months", [amount for _, amount in drawn], INK)], format_of(made), "Money of 12 months by priority")
    rows = []
    for row in [row for row in made.rows("misalignment") if row["kind"] in ("misaligned_money", "unmapped_money")][:12]:
        told = mk.amount("misalignment", "subject", "spend_12m_amount", row["spend_12m_amount"], str(row["subject"]), {"finding_id": row["finding_id"]})
        rows.append([Cell(row["subject"] or row["subject_id"] or "no name"), Cell("no priority needs it" if row["kind"] == "misaligned_money" else "nobody says what for"), number(told)])
    part(made, slide, MARGIN + 6.9, 1.6, 5.3, "Largest without a priority")
    if rows:
        made.deck.table(slide, MARGIN + 6.9, 1.95, (2.45, 1.7, 1.15), heads("What", "Why", f">{made.reading.money.unit}"), rows, 10.5, 0.33)
    else:
        made.deck.text(slide, (MARGIN + 6.9, 2.0, 5.3, 0.3), [("All money supports a stated priority.", INK, False)], 12)
    return slide


def matches(made: Made) -> Any:
    mk, unit = made.mk, made.reading.money.unit
    overlaps: dict[str, list[Row]] = {}
    for row in made.rows("overlap"):
        overlaps.setdefault(row["capability_id"], []).append(row)
    gaps = [row for row in made.rows("gap") if row["state"] != "not_assessed"]
    slide = made.deck.slide(made.say("map", made.rows("capability"), len(overlaps), len(gaps)) + f". {made.say('savings', made.rows('saving'))}", 22)
    part(made, slide, MARGIN, 1.75, 6, "Overlaps", "12 months; cost of the tools beside the kept one")
    told = [[Cell(tools[0]["capability_name"] or id_), Cell(joined(f"{row['tool_name'] or row['tool_id']}{' (kept)' if row['is_kept'] else ''}" for row in tools)),
             number(mk.record("overlap", "overlap", "extra_cost_amount", {"finding_id": tools[0]["finding_id"]}, tools[0]["extra_cost_amount"], f"{tools[0]['capability_name']}, cost beside the kept", made.reading.money.cell(tools[0]["extra_cost_amount"])))] for id_, tools in list(overlaps.items())[:8]]  # fmt: skip
    if told:
        made.deck.table(slide, MARGIN, 2.25, (2.1, 2.9, 1.1), heads("Capability", "Tools", f">{unit}"), told, 10)
    else:
        empty(made, slide, MARGIN, 2.35, 6, "No overlap is known.", "Say which tools serve which capability in decisions/mapping.csv.")
    x = MARGIN + 6.4
    part(made, slide, x, 1.75, 5.8, "Gaps", "What priorities need and do not have, judged by people")
    lacks = [[Cell(row["capability_name"] or row["capability_id"]), Cell(row["priority_name"] or row["priority_id"]), level(mk, row, "required_level"), level(mk, row, "covered_level")] for row in gaps[:8]]
    if lacks:
        made.deck.table(slide, x, 2.25, (2.25, 2.3, 0.65, 0.65), heads("Capability", "Needed for", ">Needed", ">Has"), lacks, 10)
    else:
        empty(made, slide, x, 2.35, 5.8, "No gap is known.", "Say what priorities need in strategy/priority_capabilities.csv.")
    savings(made, slide)
    return slide


def level(mk: Marker, row: Row, column: str) -> Cell:
    value = row[column]
    return number(mk.record("gap", "gap", column, {"finding_id": row["finding_id"]}, value, f"{row['capability_name']}, {column.replace('_', ' ')}", words.percent(value) if value is not None else None))


def savings(made: Made, slide: Any) -> None:
    """Savings by how far they have come."""
    rows, mk = [], made.mk
    for stage, name in words.STAGES.items():
        those = [row for row in made.rows("saving") if row["stage"] == stage]
        kind, column, at = ("saving", "counted_amount", {"state": "counted", "is_decided": False}) if stage == "identified" else ("decided", "annual_amount", {"stage": stage})
        if those:
            total = sum((row["annual_amount"] or Decimal(0) for row in those), Decimal(0))
            rows.append([Cell(name), number(mk.count("saving", kind, len(those), f"{name}, savings", at)), number(mk.amount("saving", kind, column, total, f"{name}, a year", at)), Cell(joined(row["subject"] for row in those))])
    part(made, slide, MARGIN, 5.05, WHOLE, "Savings by stage, of one year")
    if rows:
        made.deck.table(slide, MARGIN, 5.35, (1.9, 0.8, 1.3, 8.2), heads("Stage", ">Savings", f">{made.reading.money.unit}", "What costs less"), rows, 10, 0.27)
    else:
        made.deck.text(slide, (MARGIN, 5.4, WHOLE, 0.3), [("No saving is known. What is decided stands in decisions/savings.csv.", MUTED, False)], 12)


def roadmap(made: Made) -> Any:
    mk, window = made.mk, made.reading.window
    slide = made.deck.slide(". ".join([made.say("decisions", made.rows("decision")), made.say("commitments", made.rows("renewal"), window)]), 22)
    part(made, slide, MARGIN, 1.7, 6, "Roadmap", made.say("roadmap", made.rows("roadmap")))
    plan = [[Cell(row["initiative_name"] or row["initiative_id"]), Cell((row["phase"] or "no phase").partition("_")[0]), Cell(f"{month_of(row['start_on'])} to {month_of(row['end_on'])}"),
             Cell(str(row["state"]).replace("_", " "), tone=ADVERSE if row["state"] in ("overdue", "not_begun", "ended_late", "began_late") else INK)] for row in made.rows("roadmap")[:9]]  # fmt: skip
    if plan:
        made.deck.table(slide, MARGIN, 2.25, (3.3, 0.9, 1.75, 0.95), heads("Initiative", "Phase", "When", "State"), plan, 9.5, 0.28)
    else:
        empty(made, slide, MARGIN, 2.35, 6, "No initiative is planned.", "Write initiatives into strategy/initiatives.csv.")
    x = MARGIN + 7.2
    part(made, slide, x, 1.7, 5, "Commitments", f"Contracts to decide within {window} days, or past it; contracted")
    due = [[Cell(row["contract_name"] or row["contract_id"]), Cell(words.day(row["decide_on"]), tone=INK if row["is_open"] else ADVERSE), number(mk.amount("renewal", "contract", "annual_amount", row["annual_amount"], f"{row['contract_name']}, a year", {"contract_id": row["contract_id"]}))] for row in made.rows("renewal")[:9]]
    if due:
        made.deck.table(slide, x, 2.25, (3.1, 1.05, 0.9), heads("Contract", "Decide by", ">A year"), due, 9.5, 0.28)
    else:
        empty(made, slide, x, 2.35, 5, "No contract is due.", "Put the register of contracts into exports/.")
    part(made, slide, MARGIN, 5.2, WHOLE, "Decisions needed")
    todo = [[Cell(asked(row)), Cell(words.day(row["decide_on"])), Cell(row["owner_name"] or "nobody named"), number(decided(made, row)), Cell({"renewal": "a year", "overlap": "could end", "gap": "spent, not enough"}[row["kind"]])] for row in made.rows("decision")[:5]]
    if todo:
        made.deck.table(slide, MARGIN, 5.45, (6.4, 1.2, 2.2, 1.1, 1.35), heads("Decision", "By", "Owner", f">{made.reading.money.unit}", ""), todo, 9.5, 0.265)
    else:
        made.deck.text(slide, (MARGIN, 5.55, WHOLE, 0.3), [("Nothing waits for a decision.", INK, False)], 12)
    return slide


def asked(row: Row) -> str:
    """A decision in words."""
    if row["kind"] == "renewal":
        return f"{ {'expires': 'Extend or let end', 'notice_unknown': 'Find out the notice period of'}.get(row['state'], 'Renew or give notice on') } {row['subject']}"
    return f"End {row['detail']} in {row['subject']}" if row["kind"] == "overlap" else f"Close the gap in {row['subject']}: {row['detail']}"


def decided(made: Made, row: Row) -> Mark | str:
    """The money of a decision, proved as on the page."""
    amount, mk, label = row["decision_amount"], made.mk, str(row["subject"])
    if row["kind"] == "renewal":
        contract = next((r["contract_id"] for r in made.rows("renewal") if r["finding_id"] == row["finding_id"]), None)
        return mk.amount("decision", "contract", "annual_amount", amount, label, {"contract_id": contract})
    if row["kind"] == "overlap":
        return mk.record("decision", "overlap", "extra_cost_amount", {"finding_id": row["finding_id"]}, amount, label, made.reading.money.cell(amount))
    need = next(r for r in made.rows("gap") if r["finding_id"] == row["finding_id"])
    return mk.mark("sum", "decision", [Part("ledger", "billed_amount", {"capability_id": need["capability_id"], "priority_id": need["priority_id"]})], amount, made.reading.money.cell(amount), label)
