"""Purchases that stand in the books twice, in a ledger and on the card, and charges that only look so."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

from pipelines.sample.company import MONTHS, last_day
from pipelines.sample.money import CENT
from pipelines.sample.spend import DELIVERED_AGAIN, Line, Spellings, document
from pipelines.sample.tools import TOOLS

PAID_BY_CARD = frozenset({
    "Microsoft Power BI", "Microsoft Teams Premium", "Zoom Workplace", "Asana", "Jira", "DocuSign", "Adobe Acrobat Sign", "Adobe Creative Cloud",
})  # fmt: skip
"""Tools whose invoices the card pays."""
FIRST_PLACE = 9_000_000
"""Documents of these payments are numbered from here, so that no other has the number."""
APART = 20
"""Days from which a charge of the same amount is another purchase."""


def paid_by_card(n: int, booked: Sequence[Line], rng: Random, spellings: Spellings) -> Iterator[Line]:
    """The card payments of a month's invoices, up to three days later; and now and then a charge that is no copy.

    Such a charge is equal to a payment on its own day, a cent away, or weeks away: each is a purchase of its own.
    """
    for place, line in enumerate(line for line in booked if line.tool in PAID_BY_CARD and line.names_tool and not line.fault):
        paid = min(line.posted_on + timedelta(days=rng.randrange(4)), last_day(MONTHS[n]))
        copy = replace(
            line, source="card", document=document("card", n, FIRST_PLACE + 10 * place), number=1, posted_on=paid, invoiced_on=paid,
            spelling=spellings.next(line.vendor, "card"), names_tool=False, description="Subscription", gl_account="", cost_center="", contract="",
            service_start_on=None, service_end_on=None, copy_of=f"{line.source} {line.document}",
        )  # fmt: skip
        yield copy
        if n in DELIVERED_AGAIN:
            continue
        is_told = [tool.vendor for tool in TOOLS].count(line.vendor) == 1  # the card names a vendor only
        own = replace(copy, document=document("card", n, FIRST_PLACE + 10 * place + 1), tool=line.tool if is_told else None, copy_of="")
        kind = rng.randrange(8)
        weeks_later = paid + timedelta(days=APART)
        if kind == 0:
            yield own
        elif kind == 1:
            yield replace(own, units=own.units + CENT)
        elif kind == 2 and weeks_later <= last_day(MONTHS[n]):
            yield replace(own, posted_on=weeks_later, invoiced_on=weeks_later)
