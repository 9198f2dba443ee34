"""Tryton: supplier invoices with their lines through its REST interface, which Tryton has since 8.0.

Open source; anyone can test against it. A key of a user's application is taken instead of a session: it needs no
password, reads what its user may read, and can be taken back alone. Drafts come too and are excluded by the profile.
"""

import json
from base64 import urlsafe_b64encode
from urllib.parse import urlencode

from connectors.api import Check, Connector, Offset, Option, Rule, Stream, Verdict, bearer

FIELDS = (
    "number", "state", "type", "invoice_date", "accounting_date", "reference", "description", "party.name", "currency.code", "untaxed_amount", "tax_amount",
    "lines.type", "lines.amount", "lines.description", "lines.product.name", "lines.account.code", "lines.account.name",
)  # fmt: skip


def encoded(value: object) -> str:
    """A domain or an order as the interface takes it: JSON in base64 for addresses."""
    return urlsafe_b64encode(json.dumps(value).encode()).decode()


TRYTON = Connector(
    name="tryton",
    title="Tryton",
    about="Supplier invoices and credit notes, a line each. Drafts and cancelled ones are excluded under these names; invoices to customers are not asked for.",
    base="{url}/{database}/rest/model",
    auth=bearer("{key}"),
    check=Check("account.invoice", "", "The key must be that of an application «REST API» that is validated.", {"s": "1", "f": "number"}),
    options=(
        Option("url", "Address of the Tryton server.", pattern=r"https?://[^/\s]+(/[^\s?#]*[^/])?", example="https://tryton.acme.example"),
        Option("database", "Name of the database.", pattern=r"[\w.-]+", example="acme"),
        Option("key", "Key of the user's application.", secret=True),
    ),
    credentials=(
        "Make a user for Plumbline in a group that may read invoices, parties, accounts, products and currencies, and nothing more.",
        "Open Administration, Users, this user, and add to its applications one of the kind «REST API».",
        "Validate it, and copy its key.",
    ),
    limits="None of its own; pages of 100. All invoices are read each time.",
    proved="Tryton 8.2",
    # A user error, a refusal of access among them, comes as 400 with a message.
    rules=(Rule(Verdict.PERMISSION, (400, 403), r"(?i)access", "Let the user's groups read invoices, parties, accounts, products and currencies"),),
    streams=(
        Stream(
            "invoices", "supplier invoices of every state, with their lines", f"account.invoice?{urlencode([('f', field) for field in FIELDS])}", "tryton_api_invoices",
            "read access to account.invoice, its lines, parties, accounts, products and currencies", params={"d": encoded([["type", "=", "in"]]), "o": encoded([["id", "ASC"]])},
            paging=Offset("s", 100, param="p"), sorted_by="id",
        ),
    ),
)  # fmt: skip
