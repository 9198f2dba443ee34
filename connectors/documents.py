"""What the words of an export say of its documents and amounts: that they are no cost, or give money back; in which unit they count."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from models import tables

from connectors.reading.header import normalise
from connectors.suggest import BESIDE_TAX, TAX, Evidence, Suggestion, name_score, parted
from connectors.values import NumberFormat, currency_of, read_number

PAYMENTS = frozenset({"payment", "payments", "pmt", "bill payment", "autopay", "transfer", "deposit", "zahlung", "paiement", "pago", "pp"})
NOT_BOOKED = (PAYMENTS - {"pp"}) | {"draft", "void", "voided", "cancelled", "canceled", "deleted", "rejected", "declined", "storniert", "entwurf", "gelöscht", "annulé",
                                    "brouillon", "anulado", "borrador"}  # fmt: skip
"""States and kinds of documents that are no cost: not yet booked, taken back, or paying what another one costs."""
CREDIT = frozenset({"credit", "crn", "cn", "cr memo", "credit note", "credit memo", "bill credit", "bill credit note", "supplier credit", "vendor credit",
                    "return", "refund", "gutschrift", "avoir", "nota de crédito"})
"""Kinds of documents that give money back."""
SAGE = frozenset({"si", "sc", "sr", "sa", "sd", "pi", "pc", "pp", "pa", "pd", "bp", "br", "cp", "cr", "jd", "jc", "vp", "vr"})
SAGE_NOT_BOOKED, SAGE_CREDIT = frozenset({"si", "sc", "sr", "sa", "sd", "pp", "pa", "pd"}), frozenset({"pc", "br", "cr", "vr", "jc"})
"""The kinds of transaction of Sage 50, whose amounts carry no sign: sales and payments are no cost, credits and receipts give money back."""
MARKS = (("s", "h"), ("soll", "haben"), ("d", "h"), ("debe", "haber"), ("d", "c"), ("dr", "cr"), ("debit", "credit"))
"""The two marks beside an amount without a sign: on which side of the account it stands."""
MARKED = re.compile(r"(?:soll haben|debit credit|dr cr|d c|dc|s h|sh|debe haber|shkzg)\b.*")
PAYMENT = re.compile(r"(?i)(?:.*\bpayment\b.*\b(?:thank you|received)\b.*|.*\bthank you\b.*\bpayment\b.*|auto ?pay(?:ment)?\b.*|(?:direct debit|online|mobile) payment\b.*|lastschrift(?:einzug)?"
                     r"|zahlung erhalten\b.*|.*paiement reçu\b.*)")  # fmt: skip
"""Texts by which card statements tell that the card was paid."""
MONEY_WORDS = frozenset({"amount", "total", "subtotal", "value", "cost", "betrag", "montant", "importe", "importo", "bedrag", "netto", "brutto"})
UNITS: Mapping[str, re.Pattern[str]] = {
    "thousand": re.compile(r"(?i:\b(?:thousands?|tsd|tausend|milliers|miles|migliaia|duizend(?:en)?)\b)|'000|\b000s?\b|\b[Tkt](?:€|\$|£|EUR|USD|GBP|CHF)|\bK(?:€|\$|£|EUR|USD|GBP|CHF)|[€$£][kK]\b"),
    "million": re.compile(r"(?i:\b(?:millions?|mio|mln|millionen|millones|milioni)\b)|\b[mM](?:€|\$|£|EUR|USD|GBP|CHF)|[€$£][mM]n?\b"),
    "minor": re.compile(r"(?i:(?:\b|_)(?:cents?|pence|minor(?:[ _]units?)?|rappen|öre|øre)(?:\b|_))"),
}
"""What a header says of the unit in which its amounts count."""


def looks_like_money(shown: Evidence) -> bool:
    """Whether a column is named as amounts are and holds numbers, or its numbers carry the sign of a currency."""
    words = set(normalise(parted(shown.header)).split())
    if shown.number.share < 0.9 or not shown.texts or (words & TAX and not words & BESIDE_TAX):
        return False
    named = name_score(tables()["spend_line"]["amount"], shown.header)[0] >= 0.5 or bool(words & MONEY_WORDS)
    return named or any(currency_of(text) for text in shown.texts)


def unit_of(header: str) -> str | None:
    """The scale that a header names: `Amount (k€)`, `Betrag in TEUR`, `amount_cents`."""
    return next((unit for unit, pattern in UNITS.items() if pattern.search(header)), None)


def unbooked(suggestion: Suggestion, seen: Iterable[Evidence]) -> dict[str, tuple[str, ...]]:
    """The columns that say of rows that they are no cost, with their words for that."""
    seen = tuple(seen)
    read = {match.header for match in suggestion.matches if match.column in ("description", "vendor_name")}
    found = worded_as(NOT_BOOKED, SAGE_NOT_BOOKED, suggestion, seen)
    if any(word.lower() in PAYMENTS for words in found.values() for word in words):
        return found
    paid = {shown.header: tuple(sorted({text for text in shown.texts if PAYMENT.fullmatch(text)})) for shown in seen if shown.header in read}
    return found | {header: texts for header, texts in paid.items() if texts}


def worded_as(wanted: frozenset[str], in_sage: frozenset[str], suggestion: Suggestion, seen: Iterable[Evidence]) -> dict[str, tuple[str, ...]]:
    """The columns that hold some of these words beside others, where the contract reads nothing else from them."""
    read = {match.header for match in suggestion.matches if match.column not in ("status", "document_type")}
    found = {}
    for shown in seen:
        if shown.header not in read:
            words = {text.strip().lower() for text in shown.texts}
            meant = in_sage if words <= SAGE and len(words) > 1 and words & {"pi", "bp", "cp"} else wanted
            found[shown.header] = tuple(sorted({text for text in shown.texts if text.strip().lower() in meant}))
    return {header: words for header, words in found.items() if words}


def credited(suggestion: Suggestion, seen: Iterable[Evidence]) -> tuple[str, tuple[str, ...]] | None:
    """The first column that says of rows that they give money back, with its words for that."""
    seen = tuple(seen)
    return marked(suggestion, seen) or next(iter(worded_as(CREDIT, SAGE_CREDIT, suggestion, seen).items()), None)


def marked(suggestion: Suggestion, seen: Iterable[Evidence]) -> tuple[str, tuple[str, ...]] | None:
    """The column that marks each amount as debit or credit, and the rarer of its marks: most lines of an export are costs."""
    read = {match.header for match in suggestion.matches if match.column != "document_type"}
    for shown in seen:
        counts = Counter(text.strip().upper() for text in shown.texts)
        for marks in MARKS:
            debit, credit = (mark.upper() for mark in marks)
            is_pair = counts.keys() == {debit, credit} or (counts and counts.keys() <= {debit, credit} and MARKED.fullmatch(normalise(shown.header)))
            if is_pair and shown.header not in read:
                return shown.header, (credit if counts[credit] <= counts[debit] else debit,)
    return None


def repeats(amounts: Sequence[str | None], documents: Sequence[str | None], form: NumberFormat) -> bool:
    """Whether every document of several lines has one and the same amount on all of them: its total, which would count with each line."""
    found: dict[str, list[object]] = {}
    for amount, document in zip(amounts, documents, strict=True):
        if document and document.strip() and amount and amount.strip():
            found.setdefault(document.strip(), []).append(read_number(amount.strip(), form))
    several = [numbers for numbers in found.values() if len(numbers) > 1]
    return bool(several) and all(len(set(numbers)) == 1 for numbers in several)
