"""The sheets of the workbook that show one subject each: budget, priorities, capabilities, overlaps, renewals.

Each gives back the cells that the sheet Summary reads, by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.report import words
from pipelines.report.cells import Book, Heading, Sheet, Value
from pipelines.report.lacking import sentence
from pipelines.report.page import Reading, Row

ZERO = Decimal(0)
YEAR, END = "Summary!$B$4", "Summary!$B$5"
AMOUNT = "tblLedger[Billed amount]"


@dataclass(frozen=True)
class Filled:
    """What the sheets share: the book, the reading, the keys by which sums are asked for, the columns of the ledger, and the checks that they leave behind."""

    book: Book
    reading: Reading
    capability: Mapping[str | None, str]
    priority: Mapping[str | None, str]
    account: Mapping[str | None, str]
    ledger: frozenset[str]
    checks: list[tuple[str, str, str, Decimal]]

    def rows(self, figure: str) -> Sequence[Row]:
        """A figure's rows; those of the budget in the order of its file."""
        found = self.reading.figures[figure]
        return sorted(found, key=lambda r: (r["source_file"] or "", r["source_row"] or 0)) if figure == "plan" else found

    def lacks(self, *figures: str) -> str:
        """What a sheet's figures lack, behind what its head says; nothing where they are complete."""
        names = list(dict.fromkeys(name for figure in figures for name in self.reading.lacking.get(figure, ())))
        return f" {sentence(names)}" if names else ""

    def check(self, what: str, left: str, right: str, value: Decimal) -> None:
        """Two formulas that must give the same, or one and the value that it must give."""
        self.checks.append((what, left, right, value))


def sums(of: str, *where: str) -> str:
    """A SUMIFS over a column with pairs of column and criterion."""
    return f"SUMIFS({of},{','.join(where)})"


def budget(f: Filled) -> dict[str, str]:
    """Months and accounts of the fiscal year, with the chart, and the budget's own rows below."""
    s = Sheet(f.book, "Budget", f"Spend against budget, {words.months(f.reading.spend['year_start'], f.reading.month)}", f"{known(f)}; budget is typed.{f.lacks('monthly', 'account', 'plan')}", (14, 16, 16, 16, 12, 16, 14, 14, 14))
    months, first = f.rows("monthly"), s.heads([Heading("Month"), Heading("Spend", style="money"), Heading("Budget", style="money"), Heading("Difference", style="variance"), Heading("Used", style="share")])
    is_planned = bool(f.rows("plan"))
    for row, month in enumerate(months, first):
        s.put(row, 0, month["month"], "month")
        spent, planned = month["spend_amount"], month["budget_amount"] if is_planned else None
        amounts(s, row, (spent, sums(AMOUNT, "tblLedger[Month]", f"A{row + 1}")), (planned, sums("tblBudget[Amount]", "tblBudget[Month]", f"A{row + 1}")))
    last = first + len(months)
    s.put(last, 0, "To date", "total")
    spend, plan = f.reading.spend["spend_to_date_amount"], f.reading.spend["budget_to_date_amount"]
    s.formula(last, 1, f"SUM(B{first + 1}:B{last})", spend, "total_money")
    if plan is None:
        s.put(last, 2, None, "total")
    else:
        s.formula(last, 2, sums("tblBudget[Amount]", "tblBudget[Month]", f'"<="&{END}'), plan, "total_money")
        s.formula(last, 3, f"B{last + 1}-C{last + 1}", spend - plan, "total_variance")
    chart(s, first, last - 1, is_planned, f.reading.money.currency)
    s.at = last + 19
    s.part("By account, to date", "Accounts are those of the sources; a budget without account stands against lines without account.")
    start = s.heads([Heading("Account"), Heading("Spend", style="money"), Heading("Budget", style="money"), Heading("Difference", style="variance"), Heading("Used", style="share"), Heading("Account key", style="muted")])
    for row, account in enumerate(f.rows("account"), start):
        s.put(row, 0, account["gl_account"] or "No account")
        s.put(row, 5, f.account[account["gl_account"]], "muted")
        amounts(
            s, row, (account["spend_amount"], sums(AMOUNT, "tblLedger[Account key]", f"F{row + 1}", "tblLedger[Month]", f'">="&{YEAR}')),
            (account["budget_amount"], sums("tblBudget[Amount]", "tblBudget[Account key]", f"F{row + 1}", "tblBudget[Month]", f'"<="&{END}')),
        )  # fmt: skip
    s.at = start + len(f.rows("account"))
    if f.rows("account"):
        f.check("Accounts add up to the months", f"SUM(Budget!B{start + 1}:B{s.at})", f"Budget!B{last + 1}", spend)
    s.part("Budget lines", "As typed; the newest version of the budget for the fiscal year.")
    heads = [Heading("Month", style="month"), Heading("Version"), Heading("Account"), Heading("Cost centre"), Heading("Amount", style="cents"), Heading("Provenance"), Heading("File"), Heading("Row", style="plain"), Heading("Account key", style="muted")]
    s.table("tblBudget", heads, [(r["month"], r["version"], r["gl_account"], r["cost_center"], r["budget_amount"], "typed", r["source_file"], r["source_row"], f.account[r["gl_account"]]) for r in f.rows("plan")])
    s.ws.freeze_panes(first, 1)
    return {"spend": f"Budget!B{last + 1}", "budget": f"Budget!C{last + 1}"}


def amounts(s: Sheet, row: int, spent: tuple[Decimal | None, str], planned: tuple[Decimal | None, str]) -> None:
    """Spend, budget, difference and share used; a formula only where there is an amount."""
    for column, (amount, formula) in enumerate((spent, planned), 1):
        if amount is None:
            s.put(row, column, None, "money")
        else:
            s.formula(row, column, formula, amount, "money")
    if spent[0] is not None and planned[0] is not None:
        s.formula(row, 3, f"B{row + 1}-C{row + 1}", spent[0] - planned[0], "variance")
        if planned[0]:
            s.formula(row, 4, f"B{row + 1}/C{row + 1}", spent[0] / planned[0], "share")


def chart(s: Sheet, first: int, last: int, is_planned: bool, currency: str) -> None:
    """Excel's own chart of the months: spend solid, budget as an outline."""
    drawn = s.book.workbook.add_chart({"type": "column"})
    series = [("Spend", 1, {"fill": {"color": "#2f3640"}, "overlap": 40, "gap": 60})]
    series += [("Budget", 2, {"fill": {"none": True}, "border": {"color": "#2f3640", "width": 1}})] if is_planned else []
    for name, column, look in series:
        drawn.add_series({"name": name, "categories": ["Budget", first, 0, last, 0], "values": ["Budget", first, column, last, column], **look})
    drawn.set_title({"name": f"Spend{' and budget' if is_planned else ''} by month, {currency} thousand", "name_font": {"size": 12}, "layout": {"x": 0.01, "y": 0.02}, "overlay": False})
    drawn.set_legend({"position": "top"})
    drawn.set_y_axis({"num_format": '#,##0,"k"', "major_gridlines": {"visible": True, "line": {"color": "#d5dae0", "width": 0.5}}, "line": {"none": True}})
    drawn.set_x_axis({"num_format": "mmm", "text_axis": True})
    drawn.set_chartarea({"border": {"none": True}})
    drawn.set_size({"width": 860, "height": 320})
    s.ws.insert_chart(last + 2, 0, drawn, {"description": "Column chart: spend and budget by month", "object_position": 2, "y_offset": 6})


def known(f: Filled) -> str:
    """How the spend came to be known."""
    return f"{f.reading.money.currency}; spend is {', '.join(r['provenance'] for r in f.rows('provenance')) or 'not known'}"


def listed(s: Sheet, heads: Sequence[Heading], found: Sequence[Sequence[Value]]) -> int:
    """A table of values at the sheet's place; the row of its first record. The sheet goes on below it."""
    for place, head in enumerate(heads):
        s.ws.set_column(place, place, head.width)
    return records(s, heads, found)


def records(s: Sheet, heads: Sequence[Heading], found: Sequence[Sequence[Value]]) -> int:
    """The headings and rows of a table, in the widths that the sheet has; the row of its first record."""
    first = s.heads(heads)
    for row, values in enumerate(found, first):
        for place, (head, value) in enumerate(zip(heads, values, strict=True)):
            s.put(row, place, value, head.style)
    s.at = first + len(found)
    return first


def priorities(f: Filled) -> dict[str, str]:
    """What each priority costs; money of none and money that is not mapped stand as rows of their own."""
    s = Sheet(f.book, "Priorities", "What the money is for, 12 months", f"{known(f)}.{f.lacks('priority')}")
    heads = [Heading("Priority", 52), Heading("Spend", 16, "money"), Heading("Share", 10, "share"), Heading("Weight", 10, "share"), Heading("Tools", 8, "count"), Heading("Owner", 24), Heading("Known by", 18), Heading("Alignment", 14), Heading("Priority key", 18, "muted")]
    other = {"misaligned": "No priority needs it", "unmapped": "Not mapped"}
    found = [(r["priority_name"] or r["priority_id"] or other.get(r["alignment"], r["alignment"]), ZERO, None, r["weight_share"], r["tool_count"], r["owner_name"], r["provenances"], r["alignment"], f.priority[r["priority_id"]]) for r in f.rows("priority")]
    first, total = listed(s, heads, found), f.reading.spend["spend_12m_amount"]
    for row, r in enumerate(f.rows("priority"), first):
        s.formula(row, 1, sums(AMOUNT, "tblLedger[Priority key]", f"I{row + 1}", "tblLedger[Alignment]", f"H{row + 1}"), r["spend_12m_amount"], "money")
        if total:
            s.formula(row, 2, f"B{row + 1}/B${s.at + 1}", r["spend_12m_amount"] / total, "share")
    s.put(s.at, 0, "Total", "total")
    if s.at == first:
        s.put(s.at, 1, None, "total_money")
        return {}
    s.formula(s.at, 1, f"SUM(B{first + 1}:B{s.at})", total, "total_money")
    s.ws.conditional_format(first, 1, max(s.at - 1, first), 1, {"type": "data_bar", "bar_color": "#7fb0de", "bar_solid": True, "bar_negative_color": "#b93f0e"})
    s.ws.freeze_panes(first, 1)
    f.check("Priorities add up to the ledger", f"Priorities!B{s.at + 1}", f"SUM({AMOUNT})", total)
    return {}


def capabilities(f: Filled) -> dict[str, str]:
    """What each capability costs, who serves it, and which needs of priorities are not covered."""
    s = Sheet(f.book, "Capabilities", "Capabilities, 12 months", f"{known(f)}. Each capability stands with the priority of most weight that needs it.{f.lacks('capability', 'gap')}")
    heads = [Heading("Capability", 44), Heading("Spend", 16, "money"), Heading("Needed by", 44), Heading("Tools", 10, "count"), Heading("Overlapping", 12, "count"), Heading("Finding", 18), Heading("Known by", 18), Heading("Capability key", 18, "muted")]
    found = [(r["capability_name"] or r["capability_id"], ZERO, r["priority_name"] or "No priority", r["tool_count"], r["overlapping_count"], finding(r), r["provenances"], f.capability[r["capability_id"]]) for r in f.rows("capability")]
    first = listed(s, heads, found)
    for row, r in enumerate(f.rows("capability"), first):
        s.formula(row, 1, sums(AMOUNT, "tblLedger[Capability key]", f"H{row + 1}"), r["spend_12m_amount"], "money")
    s.ws.freeze_panes(first, 1)
    s.put(s.at, 0, "No capability: not mapped")
    s.formula(s.at, 1, sums(AMOUNT, "tblLedger[Capability key]", f'"{f.capability[None]}"'), f.reading.spend["spend_12m_amount"] - sum((r["spend_12m_amount"] for r in f.rows("capability")), ZERO), "money")
    s.put(s.at + 1, 0, "Total", "total")
    s.formula(s.at + 1, 1, f"SUM(B{first + 1}:B{s.at + 1})", f.reading.spend["spend_12m_amount"], "total_money")
    f.check("Capabilities and what is not mapped add up to the ledger", f"Capabilities!B{s.at + 2}", f"SUM({AMOUNT})", f.reading.spend["spend_12m_amount"])
    s.at += 2
    s.part("Needs of priorities that are not covered, or not assessed", "Required and covered are judged by people; the money is what was spent on the capability for that priority.")
    start = s.heads([Heading("Capability"), Heading("Spent", style="money"), Heading("Needed for"), Heading("Required", style="share"), Heading("Covered", style="share"), Heading("State"), Heading("Owner"), Heading("Capability key", style="muted"), Heading("Why")])
    for row, r in enumerate(f.rows("gap"), start):
        values = (r["capability_name"] or r["capability_id"], None, r["priority_name"] or r["priority_id"], r["required_level"], r["covered_level"], r["state"].replace("_", " "), r["business_owner_name"], f.capability[r["capability_id"]], r["reason"])
        for place, (value, style) in enumerate(zip(values, ("text", "money", "text", "share", "share", "text", "text", "muted", "text"), strict=True)):
            s.put(row, place, value, style)
        s.formula(row, 1, sums(AMOUNT, "tblLedger[Capability key]", f"H{row + 1}", "tblLedger[Priority key]", f'"{f.priority[r["priority_id"]]}"'), r["spend_12m_amount"], "money")
    s.ws.set_column(8, 8, 24)
    return {"gaps": f"Capabilities!F{start + 1}:F{max(start + len(f.rows('gap')), start + 1)}"}


def finding(r: Mapping[str, Any]) -> str | None:
    """What is to be said of a capability, in words."""
    told = ["gap"] if r["is_gap"] else []
    told += ["not assessed"] if r["is_not_assessed"] else []
    told += ["overlap"] if r["overlapping_count"] else []
    return ", ".join(told) or None


def overlaps(f: Filled) -> dict[str, str]:
    """Tools that serve the same capability, with their cost and their use."""
    s = Sheet(f.book, "Overlaps", "Tools that serve the same capability, 12 months", f"{known(f)}. The kept tool is the leading one, else that with most people.{f.lacks('overlap')}")
    heads = [Heading("Capability", 40), Heading("Tool", 30), Heading("Spend", 16, "money"), Heading("Seats", 10, "count"), Heading("Active", 10, "count"), Heading("Used", 10, "share"), Heading("In the reckoning", 16), Heading("Owner", 22), Heading("Known by", 18), Heading("Capability key", 18, "muted"), Heading("Tool key", 18, "muted")]
    found = [(r["capability_name"], r["tool_name"] or r["tool_id"], ZERO, r["seats_purchased"], r["seats_active"], None, "kept" if r["is_kept"] else "doubles it", r["owner_name"], r["provenances"], f.capability[r["capability_id"]], r["tool_id"]) for r in f.rows("overlap")]
    first = listed(s, heads, found)
    for row, r in enumerate(f.rows("overlap"), first):
        s.formula(row, 2, sums(AMOUNT, "tblLedger[Capability key]", f"J{row + 1}", "tblLedger[Tool key]", f"K{row + 1}"), r["spend_12m_amount"], "money")
        if r["seats_purchased"] and r["seats_active"] is not None:
            s.formula(row, 5, f"E{row + 1}/D{row + 1}", Decimal(r["seats_active"]) / r["seats_purchased"], "share")
    s.put(s.at, 0, "Cost of tools that double another", "total")
    if s.at == first:
        s.put(s.at, 2, None, "total_money")
    else:
        s.formula(s.at, 2, sums(f"C{first + 1}:C{s.at}", f"G{first + 1}:G{s.at}", '"doubles it"', f"C{first + 1}:C{s.at}", '">0"'), doubled(f), "total_money")
    s.ws.freeze_panes(first, 2)
    return {"overlap": f"Overlaps!C{s.at + 1}"}


def doubled(f: Filled) -> Decimal:
    """What tools beside the kept ones cost."""
    return sum((r["spend_12m_amount"] for r in f.rows("overlap") if r["is_extra"]), ZERO)


def renewals(f: Filled) -> dict[str, str]:
    """Contracts by the day on which to decide."""
    s = Sheet(f.book, "Renewals", "Contracts to decide", f"{f.reading.money.currency}; the amount of a year is contracted. Days are counted from the end of the month.{f.lacks('renewal')}")
    heads = [Heading("Decide by", 13, "day"), Heading("Days left", 10, "variance"), Heading("Contract", 40), Heading("Vendor", 26), Heading("A year", 15, "money"), Heading("Known by", 12), Heading("Ends", 13, "day"), Heading("Notice by", 13, "day"), Heading("Renews itself", 13), Heading("Seats", 9, "count"), Heading("Active", 9, "count"), Heading("State", 18), Heading("To decide", 10)]
    found = [(r["decide_on"], r["left_days"], r["contract_name"] or r["contract_id"], r["vendor_name"], r["annual_amount"], "contracted" if r["annual_amount"] is not None else None, r["end_on"], r["notice_on"], r["auto_renew"], r["seats"], r["seats_active"], r["state"].replace("_", " "), r["is_open"]) for r in f.rows("renewal")]
    first = listed(s, heads, found)
    for row, r in enumerate(f.rows("renewal"), first):
        if r["left_days"] is not None:
            s.formula(row, 1, f"A{row + 1}-{END}", r["left_days"], "variance")
    last = max(s.at, first + 1)
    s.ws.conditional_format(first, 1, last - 1, 1, {"type": "cell", "criteria": "<", "value": 0, "format": f.book.adverse})
    s.ws.freeze_panes(first, 3)
    return {"renewal": sums(f"Renewals!E{first + 1}:E{last}", f"Renewals!M{first + 1}:M{last}", '"yes"'), "renewal_count": f'COUNTIF(Renewals!M{first + 1}:M{last},"yes")'}
