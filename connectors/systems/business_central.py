"""Microsoft Dynamics 365 Business Central: purchase invoices and credit memos with their lines (learn.microsoft.com, API v2.0).

A document in the company's own currency has no currency code: the connection says which it is. An invoice that was
cancelled and the credit memo that cancels it are both in the books, and both count.
"""

from datetime import timedelta

from connectors.api import (
    Budget,
    Check,
    ClientCredentials,
    Connector,
    Cursor,
    Deleted,
    Listing,
    NextUrl,
    Option,
    Rule,
    Stream,
    Verdict,
)

PAGES = NextUrl(place="@odata.nextLink")
SCOPE = "https://api.businesscentral.dynamics.com/.default"
ADDRESSES = frozenset(f"{who}{what}" for who in ("payTo", "buyFrom", "shipTo") for what in ("Name", "Contact", "AddressLine1", "AddressLine2", "City", "Country", "State", "PostCode"))
LEAVE_OUT = ADDRESSES | {"purchaser", "@odata.etag"}


def documents(name: str, path: str, lines: str, about: str) -> Stream:
    """Documents with their lines, by what was modified since; deleted ones are found by listing all ids."""
    return Stream(
        name, about, path, f"business_central_api_{name}", "D365 READ", records="value",
        params={"$expand": lines, "$filter": "{since}", "$orderby": "lastModifiedDateTime,id"}, paging=PAGES,
        cursor=Cursor("lastModifiedDateTime", clause="lastModifiedDateTime ge {}", lookback=timedelta(minutes=10)), deleted=Deleted.RECONCILE,
        listing=Listing({"$select": "id", "$orderby": "id"}, PAGES, every=3), carry={"_currency": "{currency}"}, leave_out=LEAVE_OUT,
    )  # fmt: skip


BUSINESS_CENTRAL = Connector(
    name="business_central",
    title="Microsoft Dynamics 365 Business Central",
    about="Purchase invoices and purchase credit memos, a line each, with the chart of accounts. What is only journalled has no vendor and is not read; export the ledger entries as a file for it.",
    base="https://api.businesscentral.dynamics.com/v2.0/{tenant}/{environment}/api/v2.0/companies({company})",
    auth=ClientCredentials("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", "{client_id}", "{client_secret}", scope=SCOPE),
    check=Check("accounts", "", "The application must be added inside Business Central too.", {"$top": "1"}),
    options=(
        Option("tenant", "Id of the directory (tenant).", pattern=r"[A-Za-z0-9.-]+", example="00000000-0000-0000-0000-000000000000"),
        Option("environment", "Name of the environment.", pattern=r"[A-Za-z0-9_-]+", example="production"),
        Option("company", "Id of the company, as the list of companies tells it.", pattern=r"[0-9a-fA-F-]{36}", example="00000000-0000-0000-0000-000000000000"),
        Option("currency", "Currency of the company's books, ISO 4217.", pattern=r"[A-Z]{3}", example="EUR"),
        Option("client_id", "Id of the application (client).", pattern=r"[0-9a-fA-F-]{36}", example="00000000-0000-0000-0000-000000000000"),
        Option("client_secret", "The value of its client secret.", secret=True),
    ),
    credentials=(
        "Open the Microsoft Entra admin center, App registrations, «New registration»; name it Plumbline, for this directory only, without a redirect address.",
        "Under «API permissions» add the application permission API.ReadWrite.All of Dynamics 365 Business Central, and grant the administrator's consent: there is none for reading only.",
        "Under «Certificates & secrets» make a client secret and copy its value at once; note the day it expires.",
        "In Business Central open the page «Microsoft Entra Applications», add the application by its client id, and give it the permission set D365 READ and nothing more: that is what limits it to reading.",
        "The id of the company stands at .../api/v2.0/companies in a browser that is signed in.",
    ),
    limits="6,000 requests in five minutes for each user and five at once; a request that takes over eight minutes is ended. Pages of 1,000.",
    budget=Budget(per_minute=600, reserve=0.2),
    headers={"Prefer": "odata.maxpagesize=1000"},
    rules=(
        Rule(Verdict.PERMISSION, (401, 403), r"Authorization_|does not have access|permission", "Give the application the permission set D365 READ inside Business Central"),
        Rule(Verdict.AUTH, (401,), r"Authentication_InvalidCredentials", "The application is not known inside Business Central, or its secret has expired"),
    ),
    streams=(
        documents("purchase_invoices", "purchaseInvoices", "purchaseInvoiceLines", "purchase invoices of every status"),
        documents("purchase_credit_memos", "purchaseCreditMemos", "purchaseCreditMemoLines", "purchase credit memos, which lower the cost"),
        Stream(
            "vendors", "the vendor master", "vendors", "business_central_api_vendors", "D365 READ", records="value", paging=PAGES,
            leave_out=frozenset({"addressLine1", "addressLine2", "city", "state", "postalCode", "phoneNumber", "email", "irs1099Code", "balance", "@odata.etag"}),
        ),
        Stream("accounts", "the chart of accounts, by which costs are told from the rest", "accounts", "business_central_api_accounts", "D365 READ", records="value", paging=PAGES),
    ),
)  # fmt: skip
