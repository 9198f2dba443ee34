"""The talk of `plumbline map`: what must be asked, and the profile that the answers give; and what changed since."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import yaml
from models import Kind, tables

from connectors.amounts import CREDITS, DEBITS, SPEND, Question, credit_question, form_of, money_questions
from connectors.documents import credited, looks_like_money, unbooked, unit_of
from connectors.preview import DAYS, NUMERIC
from connectors.profile import Profile
from connectors.reading.header import nameless, normalise
from connectors.suggest import Evidence, Match, Suggestion, evidence, renamed
from connectors.values import Decision, NumberFormat, Verdict, read_number

CLOSE = 0.1
"""How much less sure another contract may be and still be asked about."""
OFFERED = 5
"""Contracts that a person is offered to choose from, the likeliest first; any other can be named."""
OPEN = (Verdict.AMBIGUOUS, Verdict.CONFLICT)
def questions(suggestion: Suggestion, header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> list[Question]:
    """What must be asked before the suggested profile can be saved, in the order to ask it.

    Keys: `COLUMN.from` (which of two headers), `COLUMN.date`, `COLUMN.decimal`, `currency`, `scale`, `rate`, `sign`,
    `exclude`, `credit`, `vendor`, `tax`, `zone`.
    """
    profile = evidence(header, rows)
    table, seen = tables()[suggestion.table], {shown.header: shown for shown in profile}
    asked = []
    for match in suggestion.matches:
        column, shown = table[match.column], seen[match.header]
        if column.required and column.name != "amount" and (others := suggestion.rivals.get(column.name)):
            options = (match.header, *others)
            several = column.name == "currency" and sum(map(looks_like_money, profile)) > 1
            asked.append(Question(f"{column.name}.from", f"Which column is the {column.name}?", options, None if several else match.header))
        if column.kind in DAYS and (decision := _decision(shown, column.kind)).verdict in OPEN:
            question = _form_question(match, "date", "In which order are the dates", decision)
            asked.append(replace(question, default=_order_beside(shown, decision, seen.values())))
        if column.kind in NUMERIC and (decision := shown.number).verdict in OPEN:
            asked.append(_form_question(match, "decimal", "Which is the decimal mark", decision))
        local = column.kind is Kind.INSTANT and not any(text.endswith("Z") or "+" in text for text in shown.texts)
        if local and shown.texts and all(question.key != "zone" for question in asked):
            text = "In which time zone are the times (an IANA name such as Europe/Paris)?"
            asked.append(Question("zone", text, (), "UTC", match.samples))
    amount = suggestion["amount"]
    if amount:
        asked += money_questions(suggestion, table, seen[amount.header], profile)
        if credit := credit_question(suggestion, seen[amount.header], header, rows, profile):
            asked.append(credit)
    return asked


def table_question(ranked: Sequence[Suggestion], found: Suggestion, header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Question | None:
    """Which contract the file is, where what was found for it speaks only weakly: it would pass over a column of money,
    read no more than identifiers, or another fits as well. None where that is settled."""
    seen = evidence(header, rows)
    table, read = tables()[found.table], {match.header for match in found.matches}
    money = next((shown.header for shown in seen if shown.header not in read and looks_like_money(shown)), None)
    holds_money = any(table[match.column].kind is Kind.MONEY for match in found.matches)
    only_names = all(match.column.endswith(("_id", "_number")) for match in found.matches) and len(read) < len(seen)
    # Of two contracts the one that reads more of the file is meant: a tool needs so little that nearly any list is one.
    fits = (one for one in ranked if one is not found and len(one.matches) >= len(found.matches) - 1)
    rival = next((one for one in fits if one.confidence > found.confidence or not set(one.missing) - {"currency"}), None)
    if money and not holds_money:
        what = f"«{money}» looks like money, and {found.table} would not read it"
    elif only_names:
        what = f"{found.table} would read nothing but «{'», «'.join(sorted(read))}»"
    elif rival and rival.confidence > found.confidence - CLOSE:
        what = f"{rival.table} fits as well as {found.table}, or nearly"
    else:
        return None
    options = dict.fromkeys(([SPEND] if money else []) + [one.table for one in ranked[:OFFERED]])
    return Question("table", f"Which table is it? {what}.", tuple(options))


def _decision(shown: Evidence, kind: Kind) -> Decision:
    return shown.month if kind is Kind.MONTH else shown.day


def _order_beside(shown: Evidence, decision: Decision, columns: Iterable[Evidence]) -> str | None:
    """The order that the file's other days of this look prove, where they agree: one system writes all days alike."""
    looks = {_look(text) for text in shown.texts}
    proven = {
        str(_form(other.day)) for other in columns
        if other.day.verdict is Verdict.DECIDED and other.day.examples and looks <= {_look(text) for text in other.texts}
    }  # fmt: skip
    return proven.pop() if len(proven) == 1 and proven <= set(decision.choices) else None


def _look(text: str) -> str:
    return re.sub(r"\d+", "9", text)


def _form_question(match: Match, word: str, text: str, decision: Decision) -> Question:
    why = "can be read in several ways" if decision.verdict is Verdict.AMBIGUOUS else "contradict each other"
    shown = ", ".join(f"«{example}»" for example in decision.examples)
    asked = f"{text} in «{match.header}»? {shown} {why}."
    return Question(f"{match.column}.{word}", asked, decision.choices, None, decision.examples)


def to_yaml(
    suggestion: Suggestion,
    answers: Mapping[str, str],
    header: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    *,
    profile: str,
    system: str,
    description: str,
) -> str:
    """The profile's YAML from a suggestion and the answers, by the keys of `questions`.

    An answer `COLUMN.from` also moves a column to another header, adds one that was not proposed, or with an empty
    text takes it away. Raises ValueError for a question without answer or default, and where the result is no profile.
    """
    told = {}
    for question in questions(suggestion, header, rows):
        answer = answers.get(question.key, question.default)
        if answer is None or (question.options and answer not in question.options):
            options = f" ({', '.join(question.options)})" if question.options else ""
            raise ValueError(f"{question.key} is not answered: {question.text}{options}")
        told[question.key] = answer
    told |= {key: answer for key, answer in answers.items() if key not in told}
    table = tables()[suggestion.table]
    seen = {shown.header: shown for shown in evidence(header, rows)}
    froms = {match.column: match.header for match in suggestion.matches}
    froms |= {key.removesuffix(".from"): answer for key, answer in told.items() if key.endswith(".from")}
    columns: dict[str, Any] = {}
    for column in table.columns:
        if not (name := froms.get(column.name)):
            continue
        if name not in seen:
            raise ValueError(f"{column.name}: the file has no column «{name}»")
        source: dict[str, Any] = {"from": name}
        if column.kind in NUMERIC:
            source["decimal"] = told.get(f"{column.name}.decimal") or _form(seen[name].number)
        elif column.kind in DAYS:
            source["date"] = told.get(f"{column.name}.date") or _form(_decision(seen[name], column.kind))
        if column.kind is Kind.INSTANT and "zone" in told:
            source["zone"] = told["zone"]
        match = suggestion[column.name]
        if match and match.header == name and match.values:
            source["values"] = dict(match.values)
        columns[column.name] = source if len(source) > 1 else name
    if "amount" in columns:
        # Tax stands beside its amount with the same sign, unless its own numbers say otherwise.
        taxes = [number for text in seen[froms["tax_amount"]].texts if (number := read_number(text, form_of(seen[froms["tax_amount"]])))] if "tax_amount" in columns else []
        if told.get("sign") == "cost":
            columns["amount"]["negate"] = True
            if sum(tax < 0 for tax in taxes) * 2 > len(taxes):
                columns["tax_amount"]["negate"] = True
        credit = next((name for name in header if normalise(name) in CREDITS), None)
        if credit and normalise(froms["amount"]) in DEBITS:
            columns["amount"] |= {"values": {"": "0"}, "minus": credit}
        if told.get("tax") == "gross" and "tax_amount" in columns:
            columns["amount"]["minus"] = [name for name in (columns["amount"].get("minus"), froms["tax_amount"]) if name]
        for name in ("amount", "tax_amount"):
            if told.get("scale", "one") != "one" and name in columns and (name == "amount" or unit_of(froms[name])):
                columns[name]["scale"] = told["scale"]
        if told.get("credit") == "yes" and (found := credited(suggestion, seen.values())):
            for name in ("amount", "tax_amount") if taxes and min(taxes) > 0 else ("amount",):
                columns[name]["negate_when"] = {found[0]: list(found[1])}
    if told.get("rate") == "no":
        columns.pop("booked_fx_rate", None)
    if told.get("currency") and "currency" not in columns and "currency" in table.names:
        columns["currency"] = {"value": told["currency"].strip().upper()}
    if told.get("vendor") == "yes" and (match := suggestion["description"]):
        columns["vendor_name"] = match.header
    excluded = [{"rule": "no_cost", "when": {state: list(words)}} for state, words in unbooked(suggestion, seen.values()).items() if told.get("exclude") == "yes"]
    excluded += [{"rule": "group headings", "when": {other: "" for other in header if other != name}} for name in headings(header, rows) if name != froms.get("amount")]
    content = {
        "profile": profile,
        "system": system,
        "description": description,
        "table": table.name,
        "header": [name for number, name in enumerate(header, 1) if name != nameless(number)],
        **({"exclude": excluded} if excluded else {}),
        "columns": columns,
    }
    Profile.model_validate(content)
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)


def headings(header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> list[str]:
    """The columns that hold the name of a group on a line of its own, above its records."""
    alone = ([name for name, cell in zip(header, row, strict=True) if (cell or "").strip()] for row in rows)
    return sorted({names[0] for names in alone if len(names) == 1 and len(header) > 2})


def _form(decision: Decision) -> str:
    """The form where the values prove one; `auto` where they only allow it, so that later files still must."""
    if decision.format is None or not decision.read:
        return "auto"
    word = decision.format.decimal if isinstance(decision.format, NumberFormat) else decision.format.order
    return word if decision.examples or word in ("iso", "excel") else "auto"


def diff(profile: Profile, header: Sequence[str]) -> list[str]:
    """What a header has otherwise than the profile's, one line each; empty where all that the profile reads is there."""
    needed = list(profile.header)
    for source in profile.columns.values():
        given = {normalise(name) for name in header}
        if source.from_ and not any(normalise(name) in given for name in source.from_):
            needed += source.from_[:1]
    needed = [name for name in dict.fromkeys(needed) if "." not in name or name in profile.header]
    have = {normalise(name) for name in header}
    known = {normalise(name) for name in (*profile.header, *profile.headers)}
    gone = [name for name in needed if normalise(name) not in have]
    new = [name for name in header if normalise(name) not in known]
    pairs = renamed(gone, new)
    lines = [f"`{after}` was `{before}`" for after, before in pairs.items()]
    lines += [f"`{name}` is missing" for name in gone if name not in pairs.values()]
    lines += [f"`{name}` is new" for name in new if name not in pairs]
    return lines if gone else []
