"""The workbook: the figures of the page as formulas over the ledger, in sheets that a controller can follow to the cent.

Every number that is a sum of ledger or budget rows is a formula over the named tables `tblLedger` and `tblBudget`, and is
written with its value, which comes from the same reading as the page. The sheet Checks holds sheets against each other.
"""

from collections.abc import Mapping
from decimal import Decimal

from dbt_like_sql import HOME, REPORT, SqlFile
from pipelines.report import annex, rows, words
from pipelines.report.cells import Book, Heading, Sheet, keys
from pipelines.report.page import Reading, last_day
from pipelines.report.sheets import (
    AMOUNT,
    ZERO,
    Filled,
    budget,
    capabilities,
    doubled,
    overlaps,
    priorities,
    renewals,
    sums,
)

LEDGER = {
    "month": Heading("Month", 11, "month"), "source": Heading("Source", 12), "source_file": Heading("File", 44), "source_row": Heading("Row", 8, "plain"), "vendor": Heading("Vendor", 28),
    "tool": Heading("Tool", 28), "capability": Heading("Capability", 32), "priority": Heading("Priority", 40), "alignment": Heading("Alignment", 12), "provenance": Heading("Provenance", 12),
    "gl_account": Heading("Account", 12), "row_count": Heading("Lines", 8, "count"), "billed_amount": Heading("Billed amount", 15, "cents"),
    "capex_opex": Heading("Capital or operating", 12, "muted"), "cost_behaviour": Heading("Fixed or variable", 12, "muted"),
    "capability_key": Heading("Capability key", 16, "muted"), "priority_key": Heading("Priority key", 16, "muted"), "tool_id": Heading("Tool key", 16, "muted"), "vendor_id": Heading("Vendor key", 16, "muted"), "account_key": Heading("Account key", 14, "muted"),
}  # fmt: skip
"""Columns of tblLedger; of those, the ones that its rows have."""


def book(reading: Reading) -> bytes:
    """The workbook of a reading; the same bytes for the same figures."""
    return ended(begun(reading), reading.sets["check"])


def begun(reading: Reading) -> Filled:
    """The workbook without the checks of the run, which may not have ended yet."""
    facts, money = reading.facts, reading.money
    made = Book(f"{facts.company}, technology and priorities, {words.month(reading.month)}", facts.run_id[:12], last_day(reading.month), money.digits)
    columns = reading.lines.columns
    column = {name: [row[columns.index(name)] for row in reading.lines.values] for name in ("capability_id", "priority_id", "gl_account")}
    plan = reading.figures["plan"]
    filled = Filled(
        made, reading, keys("cap", [*column["capability_id"], *(r["capability_id"] for name in ("capability", "overlap", "gap") for r in reading.figures[name])]),
        keys("pri", [*column["priority_id"], *(r["priority_id"] for r in reading.figures["priority"])]), keys("acc", [*column["gl_account"], *(r["gl_account"] for r in plan)]), shown(reading.lines), [],
    )  # fmt: skip
    front = Sheet(made, "Summary", f"{facts.company}: technology and priorities, {words.month(reading.month)}", state(reading), (46, 20, 24, 44))
    totals = [sheet(filled) for sheet in (budget, priorities, capabilities, overlaps, renewals)]
    for more in (annex.ahead, annex.change, annex.questions, annex.decisions, annex.unaligned, annex.outcomes, annex.vendors, annex.savings, annex.roadmap, annex.risks):
        more(filled)
    ledger(filled)
    summary(filled, front, {name: place for total in totals for name, place in total.items()})
    front.ws.activate()
    return filled


def ended(f: Filled, run: rows.RowSet) -> bytes:
    """The file, with the checks of the run."""
    checks(f, run)
    sql(f)
    return f.book.bytes()


def shown(lines: rows.RowSet) -> frozenset[str]:
    """The columns of the ledger that the workbook holds; those that may be empty in all rows only where they are not."""
    may_be_empty = {"capex_opex", "cost_behaviour"}
    return frozenset(name for at, name in enumerate(lines.columns) if name not in may_be_empty or any(row[at] is not None for row in lines.values))


def state(reading: Reading) -> str:
    facts = reading.facts
    told = f"Amounts in {reading.money.currency}, as posted, without recoverable tax. {'Incomplete: ' + '; '.join(facts.incomplete) if facts.incomplete else 'Complete'}. Run {facts.run_id[:12]}."
    return told + " Click a cell to see its formula; – is not known."


def ledger(f: Filled) -> None:
    """The ledger itself as the table that all sums read: its rows, or what they add up to."""
    lines, names = f.reading.lines, {r["priority_id"]: r["priority_name"] for r in f.rows("priority")}
    made = {"priority", "capability_key", "priority_key", "account_key"}
    heads = {name: head for name, head in LEDGER.items() if name in f.ledger or name in made}
    s = Sheet(f.book, "Ledger", "", widths=[head.width for head in heads.values()])
    if "row_count" in lines.columns:
        s.put(0, 0, f"{lines.count:,} ledger rows are too many for a sheet: these are their sums. The rows: sheet SQL, «rows of the ledger», or `plumbline export --parquet`.", "muted")
        s.at = 2
    top, at = s.at + 1, {name: place for place, name in enumerate(lines.columns)}
    told = []
    for row in lines.values:
        more = {
            "priority": names.get(row[at["priority_id"]]) or row[at["priority_id"]], "capability_key": f.capability[row[at["capability_id"]]],
            "priority_key": f.priority[row[at["priority_id"]]], "account_key": f.account[row[at["gl_account"]]],
        }  # fmt: skip
        told.append([more[name] if name in more else row[at[name]] for name in heads])
    s.table("tblLedger", list(heads.values()), told)
    s.ws.freeze_panes(top, 1)
    s.ws.repeat_rows(top - 1)


def summary(f: Filled, s: Sheet, places: Mapping[str, str]) -> None:
    """The figures of page one, each as a formula and with the way to where it is made."""
    spend, r = f.reading.spend, f.reading
    s.put(3, 0, "First month of the fiscal year")
    s.put(3, 1, spend["year_start"], "day")
    s.put(4, 0, "As of")
    s.put(4, 1, last_day(r.month), "day")
    s.at = 6
    first = s.heads([Heading("Figure"), Heading("Value", style="money"), Heading("Known by"), Heading("Made on")])
    spent, planned = (", ".join(p["provenance"] for p in f.rows("provenance")) or None), spend["budget_to_date_amount"]
    to_date, rest = words.months(spend["year_start"], r.month), spend["misaligned_12m_amount"] + spend["unmapped_12m_amount"]
    is_known, opened = bool(spend["ledger_row_count"]), [c for c in f.rows("renewal") if c["is_open"]]
    due = sum((c["annual_amount"] for c in opened if c["annual_amount"] is not None), ZERO)
    total, aligned = spend["spend_12m_amount"], sums(AMOUNT, "tblLedger[Alignment]", '"aligned"')
    gaps = [g for g in f.rows("gap") if g["state"] != "not_assessed"]
    figures: list[tuple[str, str, Decimal | int | None, str, str | None, str]] = [
        (f"Spend, {to_date}", places["spend"], spend["spend_to_date_amount"] if is_known else None, "big_money", spent, "Budget"),
        (f"Budget, {to_date}", places["budget"], planned, "big_money", "typed", "Budget"),
        ("Share of the budget used", f"{places['spend']}/{places['budget']}", spend["spend_to_date_amount"] / planned if planned else None, "big_share", spent, "Budget"),
        ("Spend of 12 months", f"SUM({AMOUNT})", total if is_known else None, "big_money", spent, "Ledger"),
        ("Supports a stated priority, share of 12 months", f"{aligned}/SUM({AMOUNT})", spend["aligned_12m_amount"] / total if total else None, "big_share", spent, "Priorities"),
        ("Supports no stated priority, 12 months", f"SUM({AMOUNT})-{aligned}", rest if is_known else None, "big_money", spent, "Priorities"),
        ("Cost of tools that double another, 12 months", places["overlap"], doubled(f) if f.rows("overlap") else None, "big_money", spent, "Overlaps"),
        ("Needs of priorities not covered", f'COUNTIF({places["gaps"]},"gap")+COUNTIF({places["gaps"]},"no tool")', len(gaps) if f.rows("capability") else None, "big_count", "judged by people", "Capabilities"),
        (f"Contracts to decide within {r.window} days, a year", places["renewal"], due if opened else None, "big_money", "contracted", "Renewals"),
        ("Contracts to decide, number", places["renewal_count"], len(opened) if f.rows("renewal") else None, "big_count", "contracted", "Renewals"),
    ]  # fmt: skip
    for row, (name, formula, value, style, provenance, sheet) in enumerate(figures, first):
        s.ws.set_row(row, 24)
        s.put(row, 0, name)
        if value is None:
            s.put(row, 1, None, style)
        else:
            s.formula(row, 1, formula, value, style)
        s.put(row, 2, provenance if value is not None else None, "muted")
        s.link(row, 3, sheet, f"Sheet {sheet}")
    last = first + len(figures)
    s.put(last, 0, "Checks of this workbook")
    s.formula(last, 1, f'IF(COUNTIF(Checks!D5:D{len(f.checks) + 6},"Fail")=0,"All pass","Look at Checks")', "All pass", "result")
    s.link(last, 3, "Checks", "Sheet Checks")
    if is_known:
        f.check("Money with and without a priority adds up to the ledger", f"{aligned}+Summary!B{first + 6}", f"SUM({AMOUNT})", total)
    f.check("The ledger of this workbook is that of the warehouse", f"SUM({AMOUNT})", "", total)


def checks(f: Filled, run: rows.RowSet) -> None:
    """Every total held against another way to it, then the control totals of finance and the checks of the run."""
    s = Sheet(f.book, "Checks", "Checks", "Left and right are reckoned in different ways and must be the same to the last digit.", (58, 20, 20, 12, 60))
    first = s.heads([Heading("Check"), Heading("Left", style="exact"), Heading("Right", style="exact"), Heading("Result")])
    for row, (what, left, right, value) in enumerate(f.checks, first):
        s.put(row, 0, what)
        s.formula(row, 1, left, value, "exact")
        if right:
            s.formula(row, 2, right, value, "exact")
        else:
            s.put(row, 2, value, "exact")
        s.formula(row, 3, f'IF(ROUND(B{row + 1}-C{row + 1},4)=0,"Pass","Fail")', "Pass", "result")
    s.at = first + len(f.checks)
    s.ws.conditional_format(first, 3, s.at - 1, 3, {"type": "cell", "criteria": "==", "value": '"Fail"', "format": f.book.adverse})
    s.part("Control totals of 12 months", "In original currency; finance's totals (typed) beside what the lines of the same months and accounts add up to.")
    start = s.heads([Heading("Source and currency"), Heading("Finance", style="exact"), Heading("Lines", style="exact"), Heading("Difference", style="exact"), Heading("State")])
    for row, r in enumerate(f.rows("reconciliation"), start):
        s.put(row, 0, f"{r['source'] or 'all sources'}, {r['currency']}")
        s.put(row, 4, f"{r['tied_count']} of {r['control_count']} totals agree" if r["control_count"] else "no control total is given", "muted")
        if r["control_count"]:
            s.put(row, 1, r["control_amount"], "exact")
            s.put(row, 2, r["counted_amount"], "exact")
            s.formula(row, 3, f"B{row + 1}-C{row + 1}", r["difference_amount"], "exact")
    s.at = start + len(f.rows("reconciliation"))
    s.part("Checks of the run", f"{sum(row[3] for row in run.values)} of {len(run.values)} passed; those that did not:")
    start = s.heads([Heading("Check"), Heading("Rows that break it", style="count"), Heading("Severity"), Heading(""), Heading("What must hold")])
    for row, (table, name, severity, _, count, what) in enumerate([row for row in run.values if not row[3]], start):
        for place, value in enumerate((f"{name.replace('_', ' ')} ({table})", count, severity, "", what)):
            s.put(row, place, value, "count" if place == 1 else "text")


def sql(f: Filled) -> None:
    """What each figure is: its SELECT, to be run on the published warehouse."""
    s = Sheet(f.book, "SQL", "SQL of the figures", "Run them with `plumbline query`.", (22, 60, 130))
    first = s.heads([Heading("Figure"), Heading("What it is"), Heading("SQL")])
    found = [(name, file.description, file.sql) for name in f.reading.figures for file in [SqlFile(HOME / REPORT / f"{name}.sql")]]
    for row, told in enumerate([*found, ("rows of the ledger", "The ledger's rows of 12 months.", rows.ROWS["ledger"])], first):
        for place, value in enumerate(told):
            s.put(row, place, value, "wrapped")
    s.ws.freeze_panes(first, 1)
