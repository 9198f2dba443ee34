"""What the words of an export say of its documents: that they are no cost, or give money back."""

from collections.abc import Iterable

from connectors.suggest import Evidence, Suggestion

NOT_BOOKED = frozenset({"draft", "void", "voided", "cancelled", "canceled", "deleted", "rejected", "declined", "storniert", "entwurf", "gelöscht", "annulé", "brouillon", "anulado", "borrador",
                        "payment", "payments", "pmt", "bill payment", "autopay", "transfer", "deposit", "zahlung", "paiement", "pago"})
"""States and kinds of documents that are no cost: not yet booked, taken back, or paying what another one costs."""
CREDIT = frozenset({"credit", "crn", "cn", "cr memo", "credit note", "credit memo", "bill credit", "bill credit note", "supplier credit", "vendor credit",
                    "return", "refund", "gutschrift", "avoir", "nota de crédito"})
"""Kinds of documents that give money back."""


def unbooked(suggestion: Suggestion, seen: Iterable[Evidence]) -> dict[str, tuple[str, ...]]:
    """The columns that say of rows that they are no cost, with their words for that."""
    return worded_as(NOT_BOOKED, suggestion, seen)


def worded_as(wanted: frozenset[str], suggestion: Suggestion, seen: Iterable[Evidence]) -> dict[str, tuple[str, ...]]:
    """The columns that hold some of these words beside others, where the contract reads nothing else from them."""
    read = {match.header for match in suggestion.matches if match.column not in ("status", "document_type")}
    found = {shown.header: tuple(sorted({text for text in shown.texts if text.strip().lower() in wanted})) for shown in seen if shown.header not in read}
    return {header: words for header, words in found.items() if words}


def credited(suggestion: Suggestion, seen: Iterable[Evidence]) -> tuple[str, tuple[str, ...]] | None:
    """The first column that says of rows that they give money back, with its words for that."""
    return next(iter(worded_as(CREDIT, suggestion, seen).items()), None)
