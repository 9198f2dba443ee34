"""What can be said for and against a vendor, a tool or an initiative: nine questions with their answers, said once for all forms.

A cell is a mark where rows prove it, words where people or rules said so, and None where nothing is known; None is
written as «not known» in every form, and never as 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from pipelines.report import charts, rows, words
from pipelines.report.case import Case
from pipelines.report.marks import Mark, Marker, Part
from pipelines.report.page import Facts

UNKNOWN = "not known"
Cell = Mark | str | None


@dataclass(frozen=True)
class Section:
    """A question and its answer: pieces of a sentence, a table, and the names of the SELECTs behind; `missing` says what would tell more."""

    key: str
    question: str
    said: Sequence[Cell]
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    asked: Sequence[str] = ()
    missing: str = ""

    @property
    def numeric(self) -> set[int]:
        """Columns of numbers, which stand to the right."""
        return {at for at in range(len(self.columns)) if any(isinstance(row[at], Mark) for row in self.rows)}


@dataclass(frozen=True)
class Justification:
    """All sections of a case, the marks in them, and a drawing of the months."""

    case: Case
    facts: Facts
    money: words.Money
    month: date
    title: Sequence[Cell]
    headline: Sequence[tuple[str, Cell, str]]
    sections: Sequence[Section]
    marks: Sequence[Mark]
    drawing: Markup


def justified(case: Case, facts: Facts, money: words.Money, month: date) -> Justification:
    """What can be said for and against the subject of a case."""
    mk = Marker(money)
    drawing = months_drawn(case, mk, month)
    sections = [build(case, mk) for build in (cost, purpose, use, outcome, firmness, leaving, loss, alternatives, findings)]
    return Justification(case, facts, money, month, title(case, mk), headline(case, mk), sections, tuple(mk.made), drawing)


def billed(case: Case, is_recent: bool = True) -> Decimal | None:
    """Money posted in 12 months, the last or those before; None where nothing was."""
    found = [r["billed_amount"] for r in case.answers["months"] if r["is_recent"] == is_recent]
    return sum((amount for amount in found if amount is not None), Decimal(0)) if found else None


def total(found: Sequence[Mapping[str, Any]], column: str) -> Decimal | None:
    """Sum of what is known of a column; None where nothing is."""
    known = [row[column] for row in found if row[column] is not None]
    return sum(known, Decimal(0)) if known else None


def year(case: Case, mk: Marker, style: str = "exact") -> Cell:
    return known(mk.spend("months", billed(case), "Billed in 12 months", {**case.subject.own, "is_recent": True}, style))


def known(shown: Mark | str) -> Cell:
    """A mark; None for what is printed as unknown."""
    return shown if isinstance(shown, Mark) else None


def of_all(case: Case, column: str) -> rows.Where:
    return case.subject.among(column)


def sole(case: Case) -> list[Mapping[str, Any]]:
    """Capabilities that only the subject serves."""
    return [r for r in case.answers["loss"] if not r["other_count"]] if case.subject.kind != "initiative" else []


def title(case: Case, mk: Marker) -> list[Cell]:
    subject, alone, served = case.subject, len(sole(case)), len(case.answers["loss"])
    money: list[Cell] = [f"{subject.name} cost ", year(case, mk, "headline"), " in 12 months"] if billed(case) is not None else [f"Nothing is known to have been paid for {subject.name} in 12 months"]
    if subject.kind == "initiative":
        return [*money, f", and works on {words.count(served, 'capability', 'capabilities', word=True)}"]
    if not served:
        return [*money, ", and nobody has said what it is for"]
    if not alone:
        return [*money, f", and {'the one capability that it serves has' if served == 1 else f'all {words.in_words(served)} capabilities that it serves have'} another tool"]
    return [*money, f", and {'its one capability' if served == 1 else f'{words.in_words(alone)} of its {words.in_words(served)} capabilities'} would have no other tool"]


def headline(case: Case, mk: Marker) -> list[tuple[str, Cell, str]]:
    """The six figures on top: name, value, and what it is made of."""
    answers, own = case.answers, case.subject.own
    spent = billed(case)
    aligned = sum((r["billed_amount"] or Decimal(0) for r in answers["purpose"] if r["alignment"] == "aligned"), Decimal(0))
    share = known(mk.share("purpose", Part("ledger", "billed_amount", {**own, "is_recent": True, "alignment": "aligned"}), Part("ledger", "billed_amount", {**own, "is_recent": True}), (aligned, spent), "Share that supports a stated priority")) if spent else None
    active = [r for r in answers["use"] if r["seats_active"] is not None]
    best = answers["outcome"][0]["rung"] if answers["outcome"] else None
    needs = sum(r["need_count"] for r in answers["loss"])
    mix = ", ".join(str(r["provenance"]) for r in answers["provenance"])
    bound = total(answers["contract"], "committed_amount")
    return [
        ("Billed, 12 months", year(case, mk, "headline"), mix or "no line of spend"),
        ("Supports a stated priority", share, "of the money"),
        ("Active seats, all tools of it" if len(answers["use"]) > 1 else "Active seats", mk.whole("use", "use", "seats_active", sum(r["seats_active"] for r in active), "Active seats", of_all(case, "tool_id")) if active else None, "measured" if active else "no record of use"),
        ("Highest rung of an outcome", words.rung(best).partition(":")[0] if best else None, words.RUNGS[best] if best else "no outcome is tied to it"),
        ("Needs of priorities it serves", mk.count("loss", "need", needs, "Needs of priorities", of_all(case, "capability_id")) if answers["loss"] else None, "stated by people"),
        ("Bound by contract if left now", known(mk.amount("contract", "contract", "committed_amount", bound, "Bound until the earliest exit", of_all(case, "contract_id"), "headline")), "contracted" if bound is not None else "no contract tells"),
    ]  # fmt: skip


def months_drawn(case: Case, mk: Marker, last: date) -> Markup:
    """Billed money of 12 months, each column a mark; a month without lines keeps its place."""
    amounts = {row["month"]: row["billed_amount"] for row in case.answers["months"] if row["is_recent"]}
    points = []
    for back in range(11, -1, -1):
        at = last.year * 12 + last.month - 1 - back
        month = date(at // 12, at % 12 + 1, 1)
        mark = mk.spend("months", amounts.get(month), f"Billed in {words.month(month)}", {**case.subject.own, "month": month})
        points.append((f"{month:%b}", amounts.get(month), None, getattr(mark, "shown", ""), "", getattr(mark, "around", Markup)))
    return charts.columns(points, mk.money.unit) if amounts else Markup("")


def cost(case: Case, mk: Marker) -> Section:
    own, spent, before = case.subject.own, billed(case), billed(case, False)
    effective = total(case.answers["effective"], "effective_amount")
    said: list[Cell] = ["Billed in 12 months: ", year(case, mk), "; cost by day of service: ", known(mk.amount("effective", "effective", "effective_amount", effective, "Effective cost of 12 months", own, "exact")), ". "]
    if spent is not None and before is not None:
        parts = [Part("ledger", "billed_amount", {**own, "is_recent": True}), Part("ledger", "billed_amount", {**own, "is_recent": False}, -1)]
        moved = mk.mark("sum", "months", parts, spent - before, mk.styled(abs(spent - before), "exact"), "Billed less the 12 months before")
        said += [moved, f" {'more' if spent >= before else 'less'} than in the 12 months before", f" ({words.percent((spent - before) / before, 1, signed=True)})." if before else "."]
    else:
        said += ["The trend is ", None, ": only one of the two years has lines."]
    found: list[Sequence[Cell]] = []
    for row in case.answers["provenance"]:
        at = {**own, "is_recent": True, "provenance": row["provenance"]}
        name = f"{row['provenance'] or 'provenance not said'}, 12 months"
        share = mk.share("provenance", Part("ledger", "billed_amount", at), Part("ledger", "billed_amount", {**own, "is_recent": True}), (row["billed_amount"], spent), name, 1) if spent and row["billed_amount"] is not None else words.NONE
        found.append((name, known(mk.spend("provenance", row["billed_amount"], name, at, "exact")), known(share)))
    for row in case.answers["initiative"] if case.subject.kind == "initiative" else ():
        at = {"initiative_id": row["initiative_id"]}
        for column, name in (("capex_amount", "planned investment, typed"), ("opex_amount", "planned running cost, typed"), ("spent_amount", "spent since its start, as the ledger names it")):
            found.append((name, known(mk.amount("initiative", "initiative", column, row[column], name, at, "exact")), ""))
    missing = "" if spent is not None else "Its lines may carry another name: see staging.vendor_name and staging.tool_name, and decisions/."
    return Section("cost", "What does it cost?", said, ("How it is known", "Money", "Share"), found, ("months", "effective", "provenance", *(["initiative"] if case.subject.kind == "initiative" else [])), missing)


ALIGNED = {"aligned": "supports a priority", "misaligned": "no priority needs it", "unmapped": "nobody has said what it is for"}


def purpose(case: Case, mk: Marker) -> Section:
    found, own, spent = [], {**case.subject.own, "is_recent": True}, billed(case)
    for row in case.answers["purpose"]:
        at = {**own, "capability_id": row["capability_id"], "priority_id": row["priority_id"], "alignment": row["alignment"]}
        name = row["capability_name"] or row["capability_id"] or "no capability"
        share = mk.share("purpose", Part("ledger", "billed_amount", at), Part("ledger", "billed_amount", own), (row["billed_amount"], spent), f"{name}, share", 1) if spent and row["billed_amount"] is not None else words.NONE
        found.append((name, row["priority_name"] or ALIGNED.get(row["alignment"], row["alignment"]), row["theme"] if row["priority_id"] else "none", known(mk.spend("purpose", row["billed_amount"], f"{name}, 12 months", at, "exact")), known(share)))
    themes = sorted({row["theme"] for row in case.answers["purpose"] if row["theme"]})
    said: list[Cell] = [f"It carries {words.count(len(case.answers['loss']), 'capability', 'capabilities', word=True)}; its money serves {words.count(len(themes), 'theme', word=True)}: {', '.join(themes)}." if themes else "No money of it is tied to a priority of a known theme."]
    return Section("purpose", "What is it for: which capability, priority and theme?", said, ("Capability", "Priority", "Theme", "Money of 12 months", "Share"), found, ("purpose",), "" if case.answers["loss"] else "Say it in decisions/mapping.csv.")


def use(case: Case, mk: Marker) -> Section:
    found = []
    for row in case.answers["use"]:
        at, name = {"tool_id": row["tool_id"]}, row["tool_name"] or row["tool_id"]
        cells = [known(mk.record("use", "use", column, at, row[column], f"{name}, {column.replace('_', ' ')}")) for column in ("seats_purchased", "seats_assigned", "seats_active")]
        share = mk.share("use", Part("use", "seats_active", at), Part("use", "seats_purchased", at), (Decimal(row["seats_active"]), Decimal(row["seats_purchased"])), f"{name}, seats used") if row["seats_active"] is not None and row["seats_purchased"] else words.NONE
        found.append((name, *cells, known(share), "measured person by person" if row["is_by_person"] else "as the licences say"))
    said: list[Cell] = [f"Something is known of the use of {words.count(len(found), 'tool', word=True)}."] if found else ["Who uses it is ", None, "."]
    missing = "" if found else "An initiative has no seats; see those of the tools in use for its capabilities." if case.subject.kind == "initiative" else "A licence or sign-in export in exports/ tells."
    return Section("use", "Who uses it?", said, ("Tool", "Seats bought", "Assigned", "Active", "Used", "Known by"), found, ("use",), missing)


def outcome(case: Case, mk: Marker) -> Section:
    found = []
    for row in case.answers["outcome"]:
        at = {"initiative_id": row["initiative_id"], "kpi_id": row["kpi_id"]}
        changed = mk.record("outcome", "outcome", "change_size", at, row["change_size"], row["kpi_name"], f"{words.plain(row['change_size'], 1, True)} {row['unit'] or ''}".strip() if row["change_size"] is not None else None)
        found.append((row["kpi_name"], row["initiative_name"], words.rung(row["rung"]), row["moved"] if row["moved"] != "unclear" else None, known(changed), row["reason"]))
    subject = "its" if case.subject.kind == "initiative" else "the capabilities that it serves, by initiatives that improve them; that it caused them nobody has shown"
    said: list[Cell] = [f"Outcomes are {subject} own measures." if case.subject.kind == "initiative" else f"Outcomes are those of {subject}."] if found else ["Its outcome is ", None, "."]
    return Section("outcome", "What came of it, and how sure is that?", said, ("Measure", "Initiative", "Rung of the ladder", "Moved", "Change", "Why"), found, ("outcome",), "" if found else "It takes a KPI in strategy/kpis.csv of a capability or priority, its observations, and an initiative that has begun.")


def firmness(case: Case, mk: Marker) -> Section:
    answers = case.answers
    decided = answers["decided"][0]
    mapped = ", ".join(f"{r['mapped_by'].replace('_', ' ')} {mk.money.exact(r['billed_amount'])}" for r in answers["mapped"] if r["billed_amount"] is not None)
    by_person = sum(bool(r["is_by_person"]) for r in answers["use"])
    dated = sum(r["exit_on"] is not None for r in answers["contract"])
    pairs = {firm: sum(r["firmness"] == firm for r in answers["pair"]) for firm in ("firm", "near_threshold", "stale_mapping", "not_known")}
    found: list[Sequence[Cell]] = [
        ("Money", ", ".join(f"{r['provenance'] or 'not said'}" for r in answers["provenance"]) or None, f"{sum(r['ledger_row_count'] for r in answers['months'] if r['is_recent']):,} ledger rows"),
        ("What it is for", f"money mapped by {mapped}" if mapped else None, f"{words.count(decided['mapping_count'], 'decision')}, the newest of {words.day(decided['newest_on'])}, {decided['stale_count'] or 'none'} out of date" if decided["mapping_count"] else f"{words.count(len(answers['loss']), 'capability', 'capabilities')}, typed" if answers["loss"] else None),
        ("Users", f"person by person for {by_person} of {words.count(len(answers['use']), 'tool')}" if answers["use"] else None, None if not answers["use"] else "measured" if by_person else "licences only"),
        ("Exit", f"{dated} of {words.count(len(answers['contract']), 'contract')} with a day on which it can end" if answers["contract"] else None, "contracted" if answers["contract"] else None),
        ("Outcome", f"highest rung: {words.rung(answers['outcome'][0]['rung'])}" if answers["outcome"] else None, "measured" if answers["outcome"] else None),
        ("Overlap", ", ".join(f"{count} {firm.replace('_', ' ')}" for firm, count in pairs.items() if count) or None, "by rule, from mapping and use" if answers["pair"] else None),
    ]  # fmt: skip
    holes = sum(row[1] is None for row in found)
    said: list[Cell] = [f"{words.count(holes, 'point rests', 'points rest', word=True).capitalize()} on nothing that is known." if holes else "Every point rests on something that is known."]
    return Section("firmness", "How firm is that?", said, ("Point", "Rests on", "How firm"), found, ("mapped", "decided"))


def leaving(case: Case, mk: Marker) -> Section:
    answers, found = case.answers, []
    for row in answers["contract"]:
        at, name = {"contract_id": row["contract_id"]}, row["contract_name"] or row["contract_id"]
        found.append((name, known(mk.amount("contract", "contract", "annual_amount", row["annual_amount"], f"{name}, a year", at, "exact")), words.day(row["exit_on"]) if row["exit_on"] else None, row["exit_basis"], known(mk.amount("contract", "contract", "committed_amount", row["committed_amount"], f"{name}, bound until then", at, "exact")), "contracted"))
    for row in answers["saving"]:
        if row["switching_amount"] is not None and row["tool_id"] in case.subject.ids["tool_id"]:
            at, name = {"finding_id": row["finding_id"]}, f"Switching to {row['kept_tool_name']}"
            found.append((name, "", words.day(row["exit_on"]) if row["exit_on"] else None, "one-time, as given in decisions/replacements.csv", known(mk.amount("saving", "saving", "switching_amount", row["switching_amount"], name, at, "exact")), "typed"))
    bound = total(answers["contract"], "committed_amount")
    unknown = sum(row["committed_amount"] is None for row in answers["contract"])
    said: list[Cell] = ["What it costs to leave is ", None, "."]
    if bound is not None:
        said = ["Contracts bind ", known(mk.amount("contract", "contract", "committed_amount", bound, "Bound until the earliest exit", of_all(case, "contract_id"), "exact")), " until the earliest days on which they can end"]
        said += [f"; of {words.count(unknown, 'contract')} that is not known." if unknown else "."]
    return Section("leaving", "What does it cost to leave?", said, ("Contract or step", "A year", "Earliest exit", "Why that day", "Cost", "How it is known"), found, ("contract", "saving"), "" if found else "No contract of it is in the register: put the register into exports/.")


def loss(case: Case, mk: Marker) -> Section:
    answers, subject, found = case.answers, case.subject, []
    for row in answers["loss"]:
        others = ", ".join(name or UNKNOWN for name in row["others"] or []) or "none"
        gaps = ", ".join(sorted({str(state).replace("_", " ") for state in row["gaps"] or []})) or "none"
        at = {"capability_id": row["capability_id"]}
        served = row["other_count"] + len([1 for v in case.sets["cover"].chosen(at) if v[2] in subject.ids["tool_id"]])
        tools = mk.count("loss", "cover", served, f"{row['capability_name']}, tools that serve it", at)
        found.append((row["capability_name"] or row["capability_id"], "critical" if row["is_critical"] else "", tools, others, ", ".join(name or UNKNOWN for name in row["priorities"] or []) or "none", gaps))
    alone = sole(case)
    if subject.kind == "initiative":
        about = answers["initiative"][0]
        waiting = [row["initiative_name"] for row in answers["waiting"]]
        open_gaps = sum(len(row["gaps"] or []) for row in answers["loss"])
        said: list[Cell] = [f"It works on {words.count(open_gaps, 'need that is', 'needs that are', word=True)} not covered. Cost of delay: ", f"{words.plain(about['delay_cost_points'], 0)} points, as people scored it" if about["delay_cost_points"] is not None else None, f". {'It must be done. ' if about['is_must_do'] else ''}Waiting for it: {', '.join(waiting) or 'no other initiative'}."]
    elif not answers["loss"]:
        said = ["What would be lost is ", None, "."]
    else:
        names = ", ".join(row["capability_name"] or row["capability_id"] for row in alone)
        said = [f"Without it {names} would have no tool." if alone else "Every capability that it serves has another tool."]
        said += [" It resells: tools bought through it can be bought elsewhere."] if answers["vendor"] and answers["vendor"][0]["is_reseller"] else []
    return Section("loss", "What is lost if it is cut or delayed?", said, ("Capability", "Critical", "Tools today", "Other tools" if subject.kind != "initiative" else "Which", "Priorities that need it", "Gaps already"), found, ("loss", *(["waiting"] if subject.kind == "initiative" else [])), "" if answers["loss"] else "Say what it serves in decisions/mapping.csv or strategy/initiative_capabilities.csv.")


def alternatives(case: Case, mk: Marker) -> Section:
    answers, mine, found = case.answers, set(case.subject.ids["tool_id"]), []
    saves = {row["finding_id"]: row for row in answers["saving"]}
    for row in answers["pair"]:
        is_first = row["other_tool_id"] in mine and row["tool_id"] not in mine
        other, own, column = (row["tool_name"], row["other_tool_name"], "tool_spend_12m_amount") if is_first else (row["other_tool_name"], row["tool_name"], "other_spend_12m_amount")
        at, save = {"finding_id": row["finding_id"]}, saves.get(row["finding_id"])
        net = mk.amount("saving", "saving", "net_saving_amount", save["net_saving_amount"], f"Saved by ending {save['tool_name']}", at, "exact") if save else words.NONE
        found.append((other, own, row["kind"].replace("_", " "), row["reason"], row["firmness"].replace("_", " "), known(mk.amount("pair", "pair", column, row[column], f"{other}, 12 months", at, "exact")), row["kept_tool_name"], known(net), row["finding_id"]))
    said: list[Cell] = [f"{words.count(len({row[0] for row in found}), 'other tool does', 'other tools do', word=True).capitalize()} some of the same work." if found else "No tool that does the same work is known."]
    return Section("alternatives", "What could do its work instead?", said, ("Other tool", "Beside", "Kind", "Why", "How firm", "Its money of 12 months", "Stays in the reckoning", "Net saving, first year", "Finding"), found, ("pair",))


def findings(case: Case, mk: Marker) -> Section:
    found = []
    for row in case.answers["finding"]:
        money = mk.amount("finding", "finding", "money_amount", row["money_amount"], str(row["subject"]), {"finding_id": row["finding_id"]}, "exact")
        found.append((row["finding_id"], row["kind"].replace("_", " "), row["subject"], row["condition"].replace("_", " "), (row["firmness"] or UNKNOWN).replace("_", " "), row["finding_state"], known(money)))
    said: list[Cell] = [f"{words.count(len(found), 'finding is', 'findings are', word=True).capitalize()} about it; their money overlaps and is not added up." if found else "No finding is about it."]
    return Section("findings", "What was found about it?", said, ("Finding", "Kind", "About", "Condition", "How firm", "State", "Money"), found, ("finding",))
