"""Xero: supplier bills and credit notes, money spent and received at the bank; contacts and the chart of accounts."""

import re
from datetime import UTC, datetime, timedelta

from connectors.api import (
    Budget,
    Check,
    ClientCredentials,
    Connector,
    Consent,
    Cursor,
    Deleted,
    Either,
    Option,
    PageNumber,
    RotatingRefresh,
    Rule,
    Single,
    Stream,
    Verdict,
)

TOKENS = "https://identity.xero.com/connect/token"
INVOICES, BANK, CONTACTS = "accounting.invoices.read", "accounting.banktransactions.read", "accounting.contacts.read"
"""The first also covers credit notes. An app made since March 2026 can't have `accounting.transactions` any more, which was all of it; that of older ones ends in September 2027."""
SETTINGS = "accounting.settings.read"
SCOPES = f"{INVOICES} {BANK} {CONTACTS} {SETTINGS}"
PERSONAL = frozenset({"Addresses", "Phones", "BankAccountDetails", "EmailAddress", "FirstName", "LastName", "ContactPersons", "BatchPayments", "TaxNumber", "Attachments", "Payments", "Allocations"})


def dated(body: str) -> str:
    """Instants come as `/Date(1539993600000+0000)/`, milliseconds since 1970, 0 being none; they are kept as ISO 8601."""
    return re.sub(r'"\\?/Date\((-?\d+)(?:[+-]\d{4})?\)\\?/"', instant, body)


def instant(found: re.Match[str]) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(found[1]))
    return f'"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"' if int(found[1]) else "null"


def changed(name: str, path: str, key: str, about: str, permission: str, condition: str = "", **params: str) -> Stream:
    """A list by what was modified since; what is voided or deleted comes again with that status. Without `page` documents have no lines."""
    return Stream(
        name, about, path, f"xero_api_{name}", permission, key=(key,), records=path,
        params={"where": condition, "order": "UpdatedDateUTC ASC", "header:If-Modified-Since": "{since}", **params}, paging=PageNumber("pageSize", 100, total="pagination.itemCount"),
        cursor=Cursor("UpdatedDateUTC", query="%Y-%m-%dT%H:%M:%S"), deleted=Deleted.STATUS, tidy=dated, leave_out=PERSONAL,
    )  # fmt: skip


XERO = Connector(
    name="xero",
    title="Xero",
    about="Supplier bills, supplier credit notes and bank transactions, a line each, with contacts and the chart of accounts. Payments of bills are no cost and are not read.",
    base="https://api.xero.com/api.xro/2.0",
    auth=Either((
        RotatingRefresh(TOKENS, "{client_id}", "{client_secret}", needs=("refresh_token",), consent=Consent("https://login.xero.com/identity/connect/authorize", f"offline_access {SCOPES}")),
        ClientCredentials(TOKENS, "{client_id}", "{client_secret}", SCOPES, in_body=False, needs=("client_id", "client_secret")),
    )),
    check=Check("Organisation", "Organisations.0.OrganisationID", "Check the tenant id, and that the app is connected to this organisation."),
    options=(
        Option("client_id", "Client id of the app."),
        Option("client_secret", "Its secret.", secret=True),
        Option("tenant_id", "Id of the organisation, from api.xero.com/connections; not needed for a custom connection.", required=False),
        Option("refresh_token", "Refresh token of a consent given elsewhere; not needed for a custom connection, or where you sign in with `plumbline connect auth`.", secret=True, required=False),
    ),
    credentials=(
        "Sign in at developer.xero.com, My Apps. A custom connection, which costs a little and is for one organisation, is best: it needs no consent to be renewed.",
        f"Choose the scopes {INVOICES} (which covers bills and credit notes), {BANK}, {CONTACTS} and {SETTINGS}, and let an administrator of the organisation authorise it.",
        "A custom connection made before April 2026 has other scopes: choose these in it, and have it authorised anew. A consent given before goes on until September 2027.",
        "Copy the client id and generate a secret.",
        "With a web app instead, register the redirect address http://localhost:8975/callback, and have an administrator consent once with `plumbline connect auth NAME --sign-in`.",
        "Its refresh token changes with each use, is kept in a file that only you may read, and dies after 60 days without one.",
    ),
    limits="60 requests a minute and 5,000 a day for each organisation; pages of 100.",
    budget=Budget(per_minute=60, remaining="X-MinLimit-Remaining"),
    headers={"xero-tenant-id": "{tenant_id}"},
    rules=(
        Rule(Verdict.PERMISSION, (401, 403), r"AuthenticationUnsuccessful|insufficient_scope", "The tenant id or the scopes are not those of this connection"),
        Rule(Verdict.CONFIG, (200,), r'^\s*\{"ErrorNumber"'),
    ),
    streams=(
        changed("bills", "Invoices", "InvoiceID", "supplier bills of every status", INVOICES, 'Type=="ACCPAY"'),
        changed("credit_notes", "CreditNotes", "CreditNoteID", "supplier credit notes", INVOICES, 'Type=="ACCPAYCREDIT"'),
        changed("bank_transactions", "BankTransactions", "BankTransactionID", "money spent and received at the bank without a bill", BANK),
        changed("contacts", "Contacts", "ContactID", "contacts, of which suppliers count", CONTACTS, includeArchived="true"),
        Stream(
            "accounts", "the chart of accounts", "Accounts", "xero_api_accounts", SETTINGS, key=("AccountID",), records="Accounts", paging=Single(), tidy=dated,
            leave_out=frozenset({"BankAccountNumber"}),
        ),
    ),
)  # fmt: skip
