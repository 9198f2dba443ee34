"""What `plumbline map` must ask of an amount: which column it is, its currency, unit and sign, and whether tax is in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from models import Table

from connectors.documents import UNITS, credited, looks_like_money, marked, repeats, unbooked, unit_of
from connectors.reading.header import normalise
from connectors.suggest import Evidence, Suggestion, evidence
from connectors.values import CODES, SIGNS, NumberFormat, currency_of, read_number

SPEND = "spend_line"
SURE = 0.75
"""Confidence from which an amount needs no question, though there are other columns of money."""
NET_NAMES = ("net", "netto", "hors taxe", "excl", "billedcost", "cost")
"""Words of a header that say an amount is without recoverable tax."""
GROSS_NAMES = ("gross", "brutto", "incl", "total", "ttc")


DEBITS = ("debit", "debit amount", "soll", "débit", "debe", "dare")
CREDITS = ("credit", "credit amount", "haben", "crédit", "haber", "avere")
"""Names of the two columns in which a ledger writes an amount with its sign."""


@dataclass(frozen=True)
class Question:
    """Something that neither names nor values settle.

    `key` is what `to_yaml` takes the answer under; `options` are the answers, empty where any text is one;
    `default` is None where nothing may be assumed.
    """

    key: str
    text: str
    options: tuple[str, ...] = ()
    default: str | None = None
    examples: tuple[str, ...] = ()


def amount_question(suggestion: Suggestion, header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Question | None:
    """Which of several columns of money is the amount of a line; asked before all else, since the other answers are about that column."""
    match, seen = suggestion["amount"], evidence(header, rows)
    if suggestion.table != SPEND or not match:
        return None
    read = {found.header for found in suggestion.matches}
    others = dict.fromkeys((*suggestion.rivals.get("amount", ()), *(shown.header for shown in seen if shown.header not in read and looks_like_money(shown))))
    pair = [other for other in others if normalise(other) in CREDITS] if normalise(match.header) in DEBITS else []
    others = {other: None for other in others if other not in pair}
    if not others:
        return None
    shown = {one.header: one for one in seen}[match.header]
    cells, document = [row[header.index(match.header)] for row in rows], suggestion["document_id"] or suggestion["invoice_number"]
    is_total = document is not None and repeats(cells, [row[header.index(document.header)] for row in rows], form_of(shown))
    why = f" «{match.header}» is the same on all lines of a document, as its total is." if is_total else ""
    default = match.header if match.confidence >= SURE and not is_total else None
    return Question("amount.from", f"Which column is the amount of a line?{why}", (match.header, *others), default)


def moved(suggestion: Suggestion, column: str, header: str) -> Suggestion:
    """The suggestion with a column read from another header, as a person said."""
    kept = (match for match in suggestion.matches if match.column == column or match.header != header)
    matches = tuple(replace(match, header=header, reason="as you said", values=None) if match.column == column else match for match in kept)
    return replace(suggestion, matches=matches, rivals={name: others for name, others in suggestion.rivals.items() if name != column})


def money_questions(suggestion: Suggestion, table: Table, shown: Evidence, seen: Sequence[Evidence]) -> list[Question]:
    asked = []
    if "currency" in suggestion.missing:
        named = (*(SIGNS[sign] for sign in SIGNS if sign in shown.header), *re.findall(r"(?:\b|[TKkMm])([A-Z]{3})\b", shown.header))
        signs = tuple(sorted({sign for text in shown.texts if (sign := currency_of(text))})) or tuple(code for code in dict.fromkeys(named) if code in CODES)
        default = signs[0] if len(signs) == 1 and signs[0] in CODES else None
        beside = f" The amounts carry {', '.join(signs)}; those of another currency will be quarantined." if len(signs) > 1 else ""
        text = f"Which currency are the amounts in (ISO code such as EUR)? No column names it.{beside}"
        asked.append(Question("currency", text, (), default, signs))
    if unit := unit_of(shown.header):
        asked.append(Question("scale", f"In which unit does «{shown.header}» count?", ("one", *UNITS), unit, (shown.header,)))
    if table.name != SPEND:
        return asked
    if rate := suggestion["booked_fx_rate"]:
        text = f"Does «{rate.header}» ({', '.join(rate.samples)}) say what one unit of the amount's currency is in that of the company (0.92 where a dollar costs 0.92 euro)?"
        asked.append(Question("rate", text, ("yes", "no"), None, rate.samples))
    if left := unbooked(suggestion, seen):
        listed = " or ".join(f"«{column}» is {' or '.join(words)}" for column, words in left.items())
        text = f"Shall rows be left out whose {listed}? They look like documents that are no cost: not booked, no longer, or payments of others."
        asked.append(Question("exclude", text, ("yes", "no"), None, tuple(word for words in left.values() for word in words)))
    if suggestion["vendor_name"] is None and (told := suggestion["description"]):
        text = f"No column says who was paid. Do the texts of «{told.header}» name the vendor ({', '.join(f'«{sample}»' for sample in told.samples)})?"
        asked.append(Question("vendor", text, ("yes", "no"), None, told.samples))
    form = form_of(shown)
    numbers = [number for text in shown.texts if (number := read_number(text, form))]
    negative = [number for number in numbers if number < 0]
    if len(negative) * 2 > len(numbers):
        text = f"{len(negative)} of {len(numbers)} amounts are negative. Is a negative amount a cost, or a credit?"
        asked.append(Question("sign", text, ("cost", "credit"), None, tuple(map(_shown, negative[:3]))))
    words = normalise(shown.header)
    if not any(word in words.split() for word in NET_NAMES):
        tax = suggestion["tax_amount"]
        told = any(word in words for word in GROSS_NAMES)
        if tax:
            text = f"Do the amounts in «{shown.header}» include the tax in «{tax.header}»?"
            asked.append(Question("tax", text, ("net", "gross"), "gross" if told else None))
        else:
            text = f"Are the amounts in «{shown.header}» without recoverable tax? No column holds the tax."
            asked.append(Question("tax", text, ("net", "not recoverable")))
    return asked


def form_of(shown: Evidence) -> NumberFormat:
    """The form of a column's numbers; the usual one where they prove none."""
    return shown.number.format if isinstance(shown.number.format, NumberFormat) else NumberFormat()


def credit_question(suggestion: Suggestion, amount: Evidence, header: Sequence[str], rows: Sequence[Sequence[str | None]], seen: Sequence[Evidence]) -> Question | None:
    """Whether documents that give money back are to be subtracted, where their amounts have the sign of all others."""
    found = credited(suggestion, seen)
    if suggestion.table != SPEND or not found:
        return None
    column, words = found
    is_mark = found == marked(suggestion, seen)
    form, kinds, amounts = form_of(amount), header.index(column), header.index(amount.header)
    signs: dict[bool, list[int]] = {True: [], False: []}
    for row in rows:
        number = read_number((row[amounts] or "").strip(), form)
        if number and (kind := (row[kinds] or "").strip()):
            signs[(kind.upper() if is_mark else kind) in words].append(1 if number > 0 else -1)
    if not (is_mark or (signs[True] and signs[False])) or (signs[True] and signs[False] and (sum(signs[True]) > 0) != (sum(signs[False]) > 0)):
        return None
    text = f"Rows whose «{column}» is {' or '.join(words)} have amounts of the same sign as all others. Are they credits, to be subtracted?"
    text = f"«{column}» marks each amount as debit or credit. Shall those marked {words[0]} be subtracted?" if is_mark else text
    return Question("credit", text, ("yes", "no"), None, words)


def _shown(number: Decimal) -> str:
    return f"{number.normalize():f}"
