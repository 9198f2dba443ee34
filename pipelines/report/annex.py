"""The sheets of the workbook behind the page's other sections: all rows of what the page and paper cut, sums as formulas."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pipelines.report import words
from pipelines.report.cells import Heading, Sheet, Value
from pipelines.report.sheets import AMOUNT, YEAR, ZERO, Filled, known, listed, records, sums

Row = Mapping[str, Any]
METRICS = {
    "cost_to_revenue": "Cost as a share of revenue", "cost_per_employee": "Cost for each employee", "capital_share": "Capital, share of cost",
    "fixed_share": "Fixed, share of cost", "run_share": "Run, share of cost",
}  # fmt: skip
"""Figures that are held against those of others, by report.benchmark."""


def sheet(f: Filled, name: str, title: str, note: str, figures: Sequence[str], heads: Sequence[Heading], told: Callable[[Row], Sequence[Value]]) -> tuple[Sheet, int]:
    """A sheet that lists all rows of its first figure; the sheet, and the row of the first record."""
    made = Sheet(f.book, name, title, f"{note}{f.lacks(*figures)}")
    first = listed(made, heads, [told(row) for row in f.rows(figures[0])])
    made.ws.freeze_panes(first, 1)
    return made, first


def below(s: Sheet, title: str, note: str, heads: Sequence[Heading], found: Sequence[Sequence[Value]]) -> int:
    """A further table on a sheet, in the widths of the first; the row of its first record."""
    s.part(title, note)
    return records(s, heads, found)


def total(s: Sheet, first: int, columns: Mapping[str, Decimal | None]) -> None:
    """A row of sums below a table; `columns` by letter, with their values."""
    if s.at > first:
        s.put(s.at, 0, "Total", "total")
        for letter, value in columns.items():
            if value is not None:
                s.formula(s.at, ord(letter) - ord("A"), f"SUM({letter}{first + 1}:{letter}{s.at})", value, "total_money")
        s.at += 1


def added(found: Sequence[Row], column: str) -> Decimal | None:
    """Sum of what is known of a column; None where nothing is."""
    numbers = [row[column] for row in found if row[column] is not None]
    return sum(numbers, ZERO) if numbers else None


def ahead(f: Filled) -> None:
    """Where the year will end by account, what kind of money it was, and the own figures beside those of others."""
    heads = [Heading("Account", 46), Heading("Posted", 15, "money"), Heading("Contracts", 15, "money"), Heading("Run-rate", 15, "money"), Heading("Forecast", 15, "money"), Heading("Budget of the year", 16, "money"), Heading("Difference", 14, "variance"), Heading("Account key", 18, "muted")]
    columns = ("spend_amount", "contracted_amount", "run_rate_amount", "forecast_amount", "budget_year_amount", "forecast_variance_amount")
    note = f"{known(f)}; contracts are contracted, the run-rate is estimated, budget is typed."
    s, first = sheet(f, "Forecast", "Where the year will end", note, ("forecast", "cost_kind", "benchmark"), heads, lambda r: (r["gl_account"] or "No account", *(r[c] for c in columns), f.account.get(r["gl_account"])))
    for row, r in enumerate(f.rows("forecast"), first):
        at = row + 1
        if r["gl_account"] in f.account:
            s.formula(row, 1, sums(AMOUNT, "tblLedger[Account key]", f"H{at}", "tblLedger[Month]", f'">="&{YEAR}'), r["spend_amount"], "money")
        s.formula(row, 4, f"B{at}+C{at}+D{at}", r["forecast_amount"], "money")
        if r["budget_year_amount"] is not None:
            s.formula(row, 6, f"E{at}-F{at}", r["forecast_variance_amount"], "variance")
    found = f.rows("forecast")
    total(s, first, {letter: added(found, column) for letter, column in zip("BCDEF", columns, strict=False)})
    if found:
        f.check("Accounts of the forecast add up to the months", f"Forecast!B{s.at}", sums(AMOUNT, "tblLedger[Month]", f'">="&{YEAR}'), added(found, "spend_amount") or ZERO)
    kinds(f, s)
    beside(f, s)


def kinds(f: Filled, s: Sheet) -> None:
    """The money of 12 months by each way to divide it; what nobody says is the rest."""
    names = {"capex_opex": "Capital or operating", "cost_behaviour": "Fixed or variable", "run_grow_transform": "Run, grow, transform"}
    column = {"capex_opex": "tblLedger[Capital or operating]", "cost_behaviour": "tblLedger[Fixed or variable]"}
    for split, name in names.items():
        found = [r for r in f.rows("cost_kind") if r["split"] == split]
        heads = [Heading(name), Heading("12 months", style="money"), Heading("Class", style="muted")]
        first = below(s, name, "What nobody says stands last.", heads, [(words.CLASSES.get(r["class"], "Nobody says"), r["spend_12m_amount"], r["class"]) for r in found])
        for row, r in enumerate(found, first):
            if r["class"] is None:
                s.formula(row, 1, f"SUM({AMOUNT})-SUM(B{first}:B{row})", r["spend_12m_amount"], "money")
            elif split in f.ledger and split in column:
                s.formula(row, 1, sums(AMOUNT, column[split], f"C{row + 1}"), r["spend_12m_amount"], "money")
        if found:
            total(s, first, {"B": added(found, "spend_12m_amount")})
            f.check(f"{name}: the classes add up to the ledger", f"Forecast!B{s.at}", f"SUM({AMOUNT})", f.reading.spend["spend_12m_amount"])


def beside(f: Filled, s: Sheet) -> None:
    """Own figures beside those of others."""
    heads = [Heading("Figure"), Heading("Own money", style="money"), Heading("Divided by", style="money"), Heading("Own"), Heading("Others"), Heading("Difference"), Heading("Year", style="plain"), Heading("Published by"), Heading("Written by")]
    found = f.rows("benchmark")
    told = [(METRICS[r["metric"]], r["own_amount"], r["own_base"], None, None, None, r["year"], r["published_by"], r["author"]) for r in found]
    first = below(s, "Against others", "What others have is typed in strategy/benchmarks.csv." if found else "Nothing to compare with: strategy/benchmarks.csv is empty.", heads, told)
    for row, r in enumerate(found, first):
        at, style = row + 1, "money" if r["metric"] == "cost_per_employee" else "share"
        if r["metric"] in ("cost_to_revenue", "cost_per_employee"):
            s.formula(row, 1, f"SUM({AMOUNT})", r["own_amount"], "money")
        s.put(row, 4, r["benchmark_value"], style)
        if r["own_value"] is not None:
            s.formula(row, 3, f"B{at}/C{at}", r["own_amount"] / r["own_base"], style)
            s.formula(row, 5, f"D{at}-E{at}", r["own_amount"] / r["own_base"] - r["benchmark_value"], style)


def change(f: Filled) -> None:
    """What led from the month before to this one."""
    heads = [Heading("Cause", 44), Heading("Money", 16, "variance"), Heading("Who changed it", 16), Heading("Behind it", 10, "count"), Heading("Most of it", 60)]
    ends, who = {"opening": "The month before", "closing": "This month"}, {"world": "the world", "books": "the books", "ours": "our mapping"}
    s, first = sheet(f, "Change", "What changed since the month before", f"{f.reading.money.currency}; as posted.", ("bridge",), heads, lambda r: (
        ends.get(r["cause"], words.CAUSES.get(r["cause"], r["cause"])), r["change_amount"], who.get(r["changed_by"]), r["item_count"], r["largest"]))  # fmt: skip
    found = f.rows("bridge")
    for row, r in enumerate(found, first):
        if r["cause"] == "closing":
            s.put(row, 5, f.reading.month, "month")
            s.formula(row, 1, sums(AMOUNT, "tblLedger[Month]", f"F{row + 1}"), r["change_amount"], "total_money")
            f.check("The causes lead from the month before to this one", f"SUM(Change!B{first + 1}:B{row})", f"Change!B{row + 1}", r["change_amount"])


def unaligned(f: Filled) -> None:
    """Money that reaches no priority, with its tools."""
    heads = [Heading("What", 48), Heading("Spend", 16, "money"), Heading("Why", 30), Heading("Tools", 60)]
    why = {"misaligned_money": "no priority needs it", "unmapped_money": "no decision says what it is for"}
    s, first = sheet(f, "Unaligned", "Money that reaches no priority, 12 months", f"{known(f)}.", ("misalignment",), heads, lambda r: (
        r["subject"], r["spend_12m_amount"], why.get(r["kind"], r["kind"]), ", ".join(r["tools"] or ()) or None))  # fmt: skip
    total(s, first, {"B": added(f.rows("misalignment"), "spend_12m_amount")})


def vendors(f: Filled) -> None:
    """All vendors by money."""
    heads = [Heading("Vendor", 40), Heading("Spend", 16, "money"), Heading("Share", 10, "share"), Heading("Bound by contract", 18, "money"), Heading("Until", 14, "day"), Heading("Only it serves", 60), Heading("Vendor key", 18, "muted")]
    s, first = sheet(f, "Vendors", "Vendors, 12 months", f"{known(f)}; what is bound is contracted.", ("vendor",), heads, lambda r: (
        r["vendor_name"], r["spend_12m_amount"], None, r["committed_amount"], r["last_exit_on"], r["sole_names"], r["vendor_id"]))  # fmt: skip
    spent = f.reading.spend["spend_12m_amount"]
    for row, r in enumerate(f.rows("vendor"), first):
        if "vendor_id" in f.ledger and r["vendor_id"]:
            s.formula(row, 1, sums(AMOUNT, "tblLedger[Vendor key]", f"G{row + 1}"), r["spend_12m_amount"], "money")
        if spent:
            s.formula(row, 2, f"B{row + 1}/SUM({AMOUNT})", r["spend_12m_amount"] / spent, "share")


def savings(f: Filled) -> None:
    """Savings one by one, and by stage."""
    heads = [Heading("What costs less", 34), Heading("Stage", 22), Heading("A year", 15, "money"), Heading("From", 14, "day"), Heading("Due by now", 14, "money"), Heading("In the ledger", 14, "money"), Heading("Why", 50), Heading("Known by", 22)]
    note = f"{f.reading.money.currency} of one year; each euro counts once. What is agreed or contracted is typed in decisions/savings.csv."
    s, first = sheet(f, "Savings", "Savings and how far they have come", note, ("saving",), heads, lambda r: (
        r["subject"] or r["finding_id"], words.STAGES[r["stage"]], r["annual_amount"], r["effective_on"], r["expected_amount"], r["seen_amount"],
        r["note"] or (f"{r['kept_tool_name']} does its work" if r["kept_tool_name"] else None), r["provenance_mix"]))  # fmt: skip
    last = max(s.at, first + 1)
    start = below(s, "By stage", "", [Heading("Stage"), Heading("Savings", style="count"), Heading("A year", style="money")], [(name, None, None) for name in words.STAGES.values()])
    for row, stage in enumerate(words.STAGES, start):
        those = [r for r in f.rows("saving") if r["stage"] == stage]
        s.formula(row, 1, f"COUNTIF(B{first + 1}:B{last},A{row + 1})", len(those), "count")
        s.formula(row, 2, sums(f"C{first + 1}:C{last}", f"B{first + 1}:B{last}", f"A{row + 1}"), added(those, "annual_amount") or ZERO, "money")


def questions(f: Filled) -> None:
    """Every link from priority to capability, tool or initiative, with what it lacks."""
    heads = [Heading("Priority", 44), Heading("Needs", 38), Heading("Carried by", 38), Heading("Kind", 12), Heading("Phase", 20), Heading("Status", 14), Heading("From", 13, "day"), Heading("Until", 13, "day"), Heading("Owner of the priority", 22), Heading("Business", 22), Heading("IT", 22), Heading("Owner of the initiative", 22), Heading("Measured by", 50), Heading("Missing", 40)]
    sheet(f, "Questions", "Priorities, what they need and what carries it", "As people and decisions say.", ("chain",), heads, lambda r: (
        r["priority_name"] or "Without a priority", r["capability_name"] or r["capability_id"], r["means_name"], r["means_kind"], plain(r["phase"]), plain(r["status"] or r["lifecycle"]), r["start_on"], r["end_on"],
        r["priority_owner_name"], r["business_owner_name"], r["it_owner_name"], r["initiative_owner_name"], r["kpis"], r["hole"] or "nothing"))  # fmt: skip


def decisions(f: Filled) -> None:
    """All that is to be decided."""
    heads = [Heading("Subject", 48), Heading("Money", 15, "money"), Heading("Known by", 16), Heading("By", 14, "day"), Heading("Kind", 12), Heading("State", 18), Heading("Detail", 60), Heading("Owner", 24)]
    note = f"{f.reading.money.currency}. Money of different rows may be the same money, so it is not added up."
    sheet(f, "Decisions", "What is to be decided", note, ("decision",), heads, lambda r: (r["subject"], r["decision_amount"], r["provenances"], r["decide_on"], r["kind"], plain(r["state"]), r["detail"], r["owner_name"]))


def outcomes(f: Filled) -> None:
    """What measures say, and what they prove of initiatives."""
    heads = [Heading("Measure", 46), Heading("Start", 12, "exact"), Heading("Now", 12, "exact"), Heading("Target", 12, "exact"), Heading("Way to target", 12, "share"), Heading("Unit", 16), Heading("By", 13, "day"), Heading("State", 16), Heading("For", 44), Heading("Owner", 22)]
    s, first = sheet(f, "Outcomes", "What came of it", "Measured. That spend and outcome move together does not prove that one caused the other.", ("outcome", "effect"), heads, lambda r: (
        r["kpi_name"], r["baseline"], r["actual"], r["target"], r["progress"], r["unit"], r["target_on"], plain(r["state"]), r["priority_name"] or r["capability_name"], r["kpi_owner_name"]))  # fmt: skip
    for row, r in enumerate(f.rows("outcome"), first):
        if None not in (r["progress"], r["baseline"], r["actual"], r["target"]) and r["target"] != r["baseline"]:
            s.formula(row, 4, f"(C{row + 1}-B{row + 1})/(D{row + 1}-B{row + 1})", (r["actual"] - r["baseline"]) / (r["target"] - r["baseline"]), "share")
    heads = [Heading("Initiative"), Heading("Spent", style="money"), Heading("Months needed", style="count"), Heading("Measure"), Heading("Rung"), Heading("What the values say"), Heading("Owner")]
    below(s, "Did it help?", "The highest rung holds the months after the start against those before, and against places in which nothing began.", heads, [
        (r["initiative_name"], r["spent_amount"], r["months_needed"], r["kpi_name"], words.rung(r["rung"]), r["reason"], r["initiative_owner_name"]) for r in f.rows("effect")])  # fmt: skip


def roadmap(f: Filled) -> None:
    """Initiatives with plan, cost and score."""
    heads = [Heading("Initiative", 46), Heading("Planned", 14, "money"), Heading("Spent", 14, "money"), Heading("Phase", 20), Heading("State", 14), Heading("From", 13, "day"), Heading("Until", 13, "day"), Heading("Days behind", 10, "count"), Heading("Score", 10, "exact"), Heading("Serves", 44), Heading("To look at", 60), Heading("Owner", 22), Heading("Missing for the score", 30)]
    s, first = sheet(f, "Roadmap", "What comes next", f"{f.reading.money.currency}; planned is typed, spent is what lines that name the initiative come to.", ("roadmap",), heads, lambda r: (
        r["initiative_name"] or r["initiative_id"], r["planned_amount"], r["spend_amount"], plain(r["phase"]), plain(r["state"]), r["start_on"], r["end_on"], r["slip_days"], r["wsjf_score"], r["priority_name"], r["reason"], r["owner_name"], r["missing_inputs"]))  # fmt: skip
    total(s, first, {"B": added(f.rows("roadmap"), "planned_amount"), "C": added(f.rows("roadmap"), "spend_amount")})


def risks(f: Filled) -> None:
    """Risks in money, and the kinds of holes in ownership and security."""
    heads = [Heading("Risk", 48), Heading("A year on average", 16, "money"), Heading("One year in 20", 16, "money"), Heading("One year in 100", 16, "money"), Heading("Controls cost", 16, "money"), Heading("Controls", 10, "count"), Heading("Working", 10, "count"), Heading("Treatment", 14), Heading("Capability", 36), Heading("Owner", 22), Heading("Missing", 40)]
    s, _ = sheet(f, "Risks", "What could go wrong", f"{f.reading.money.currency}; estimated from what people say. All together is simulated, so bad years do not add up.", ("risk", "weakness"), heads, lambda r: (
        r["risk_name"] or r["risk_id"], r["annual_loss_amount"], r["p95_amount"], r["p99_amount"], r["control_cost_amount"], r["control_count"], r["working_control_count"], r["treatment"], r["capability_name"], r["risk_owner_name"], r["missing"]))  # fmt: skip
    heads = [Heading("What"), Heading("Findings", style="count"), Heading("Money behind the largest", style="money"), Heading("The largest"), Heading("Why"), Heading("Topic")]
    below(s, "Security and ownership", "Findings share money, so it is not added up.", heads, [
        (words.WEAKNESSES.get(r["kind"], plain(r["kind"])), r["finding_count"], r["largest_amount"], r["largest_subject"], r["largest_reason"], r["topic"]) for r in f.rows("weakness")])  # fmt: skip


def plain(name: str | None) -> str | None:
    """A name from the data as people write it."""
    return name.replace("_", " ") if name else None
