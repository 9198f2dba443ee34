"""QuickBooks Online: what was bought, by bills, card, cash and cheque, and what suppliers credited; suppliers and accounts."""

import re
from datetime import timedelta
from functools import partial

from connectors.api import (
    Budget,
    Check,
    Connector,
    Consent,
    Count,
    Cursor,
    Deleted,
    Listing,
    Offset,
    Option,
    Rising,
    RotatingRefresh,
    Rule,
    Stream,
    Verdict,
)

READS = "Accounting scope, which can't be had for reading only"
ORDERED = "STARTPOSITION {start} MAXRESULTS {size}"
EVERYTHING = Offset("{size}", 1000, param="{start}", begin=1)
PRIVATE = frozenset({"VendorAddr", "RemitToAddr", "BillAddr", "PrimaryEmailAddr", "PrimaryPhone", "Mobile", "Fax", "AlternatePhone", "AcctNum", "TaxIdentifier", "Notes", "OtherContactInfo"})


def with_list(entity: str, body: str) -> str:
    """An answer without rows has no list at all, only `"QueryResponse": {}`."""
    return re.sub(r'("QueryResponse"\s*:\s*\{)([^{}\[\]]*)\}', lambda found: f'{found[1]}{found[2]}{"," if found[2].strip() else ""}"{entity}": []}}', body, count=1)


def documents(name: str, entity: str, about: str) -> Stream:
    """One kind of document. Rows that change move to the end, where they are read again; deleted ones are found by listing all."""
    return Stream(
        name, about, "query", f"quickbooks_api_{name}", READS, key=("Id",), records=f"QueryResponse.{entity}",
        params={"query": f"SELECT * FROM {entity} {{since}}ORDERBY MetaData.LastUpdatedTime ASC, Id ASC {ORDERED}", "minorversion": "75"},
        paging=Rising("{size}", 1000, param="{start}", begin=1),
        cursor=Cursor("MetaData.LastUpdatedTime", clause="WHERE MetaData.LastUpdatedTime >= '{}' ", query="%Y-%m-%dT%H:%M:%S-00:00", lookback=timedelta(minutes=10)),
        count=Count("QueryResponse.totalCount", {"query": f"SELECT COUNT(*) FROM {entity} {{since}}", "minorversion": "75"}),
        deleted=Deleted.RECONCILE, listing=Listing({"query": f"SELECT * FROM {entity} ORDERBY Id ASC {ORDERED}", "minorversion": "75"}, EVERYTHING),
        tidy=partial(with_list, entity), leave_out=PRIVATE,
    )  # fmt: skip


def names(name: str, entity: str, about: str, leave_out: frozenset[str] = frozenset()) -> Stream:
    """A register, read whole; without the condition, what was made inactive would be missing."""
    return Stream(
        name, about, "query", f"quickbooks_api_{name}", READS, key=("Id",), records=f"QueryResponse.{entity}",
        params={"query": f"SELECT * FROM {entity} WHERE Active IN (true, false) ORDERBY Id ASC {ORDERED}", "minorversion": "75"}, paging=EVERYTHING,
        tidy=partial(with_list, entity), leave_out=leave_out,
    )  # fmt: skip


QUICKBOOKS = Connector(
    name="quickbooks",
    title="QuickBooks Online",
    about="Bills, purchases by card, cash and cheque, and vendor credits, a line each, with suppliers, items and the chart of accounts. Payments of bills are no cost and are not read.",
    base="https://quickbooks.api.intuit.com/v3/company/{realm}",
    auth=RotatingRefresh(
        "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer", "{client_id}", "{client_secret}",
        consent=Consent("https://appcenter.intuit.com/connect/oauth2", "com.intuit.quickbooks.accounting", {"realmId": "realm"}),
    ),
    check=Check("companyinfo/{realm}", "CompanyInfo", "The company id may be that of another company, or of the sandbox.", {"minorversion": "75"}),
    options=(
        Option("realm", "Company id: Settings, Account and settings, Billing.", pattern=r"\d+", example="4620816365000000000"),
        Option("client_id", "Client id of the app."),
        Option("client_secret", "Client secret of the app.", secret=True),
        Option("refresh_token", "Refresh token of a consent given elsewhere; not needed where you sign in with `plumbline connect auth`.", secret=True, required=False),
    ),
    credentials=(
        "Sign in at developer.intuit.com and create an app for QuickBooks Online with the scope com.intuit.quickbooks.accounting.",
        "Copy the client id and secret for production under Keys and credentials.",
        "Among its redirect addresses register one. For production keys Intuit takes https only: that of its OAuth 2.0 Playground, which it shows there, will do.",
        "Run `plumbline connect auth NAME --sign-in --redirect ADDRESS` with it, let an administrator of the company consent, and paste the address to which that leads.",
        "The refresh token changes about once a day and is kept in a file that only you may read.",
    ),
    limits="500 requests a minute for each company; pages of 1,000. All documents are listed at each read, since deletions are told for 30 days only.",
    budget=Budget(per_minute=500),
    rules=(
        Rule(Verdict.THROTTLE, text=r"ThrottleExceeded"),
        Rule(Verdict.PERMISSION, (403,), r"3100|ApplicationAuthorizationFailed", "The app was connected to another company, or to the sandbox"),
        Rule(Verdict.CONFIG, (200,), r'^\s*\{"[Ff]ault"', "QuickBooks says errors with status 200"),
    ),
    streams=(
        documents("bills", "Bill", "bills, with the account of each line"),
        documents("purchases", "Purchase", "purchases by card, cash and cheque; those marked as credit are refunds"),
        documents("vendor_credits", "VendorCredit", "what suppliers credited"),
        names("vendors", "Vendor", "suppliers", PRIVATE),
        names("accounts", "Account", "the chart of accounts, by which costs are told from transfers"),
        names("items", "Item", "products and services, for the account that buying them is booked to"),
    ),
)  # fmt: skip
