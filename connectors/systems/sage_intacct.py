"""Sage Intacct: lines of vendor bills and of adjustments to them, vendors and accounts, through the query service of its REST interface.

Names, states, paging and the largest page are those of Sage's own OpenAPI descriptions; recorded answers of a trial company,
in a public extractor, show the token, the count and `next`. That fields of the document are had with its lines
(`bill.postingDate`) is described, and done by a public client; `bill.state` and the adjustment's fields are asked for in the
same way and were not seen answered. Lines are all read each time: a bill that comes from Purchasing is deleted and made
anew, under another key, with every change.

Expense reports and charge-card transactions are not read. Nor is VAT, which stands in entries of its own: amounts of lines
are without it.
"""

from connectors.api import Budget, Check, ClientCredentials, Connector, Option, Rule, Stream, Token, Verdict

QUERY = "services/core/query"
PAGES = Token("size", 4000, place="ia::meta.next", param="start", total="ia::meta.totalCount", in_body=True, shifts=True)
"""`next` is the number of a row, so that a row that goes shifts all after it."""
LINE = ("key", "memo", "txnAmount", "baseAmount", "currency.txnCurrency", "currency.baseCurrency", "glAccount.key", "glAccount.id", "glAccount.name",
        "dimensions.department.id", "dimensions.department.name")  # fmt: skip
BILL = ("bill.key", "bill.state", "bill.postingDate", "bill.createdDate", "billNumber", "vendor.name")
ADJUSTMENT = ("apAdjustment.key", "apAdjustment.state", "apAdjustment.createdDate", "apAdjustment.adjustmentNumber", "apAdjustment.vendor.name")


def listed(name: str, thing: str, about: str, permission: str, *fields: str) -> Stream:
    """All records of one kind. Without `includePrivate` those of private entities would be missing without a word."""
    return Stream(
        name, about, QUERY, f"sage_intacct_api_{name}", permission, key=("key",), records="ia::result", method="POST",
        body={"object": thing, "fields": list(fields), "orderBy": [{"key": "asc"}], "filterParameters": {"includePrivate": True}}, paging=PAGES, sorted_by="key",
        carry={"_currency": "{currency}"} if "txnAmount" in fields else {},
    )  # fmt: skip


SAGE_INTACCT = Connector(
    name="sage_intacct",
    title="Sage Intacct",
    about="Lines of vendor bills and of adjustments to what vendors are owed, with account and department, without VAT. Payments settle bills and are not read.",
    base="https://api.intacct.com/ia/api/v1",
    auth=ClientCredentials("https://api.intacct.com/ia/api/v1/oauth2/token", "{client_id}", "{client_secret}", extra={"username": "{user}@{company}"}),
    check=Check(QUERY, "ia::meta", "The web services user must be allowed to list accounts.", method="POST", body={"object": "general-ledger/account", "fields": ["key"], "size": 1}),
    options=(
        Option("company", "Company id with which you sign in.", pattern=r"[^@|\s]+", example="acme"),
        Option("user", "Id of the web services user.", pattern=r"[^@|\s]+", example="plumbline"),
        Option("client_id", "Client id of the application."),
        Option("client_secret", "Its secret.", secret=True),
        Option("currency", "Currency of the company's books, ISO 4217: a company of one currency does not name it.", pattern=r"[A-Z]{3}", example="USD"),
        Option("entity", "Id of one entity, where only that is wanted; without it, all entities are read.", required=False),
    ),
    credentials=(
        "The company needs the subscription Web Services: Company, Admin, Subscriptions.",
        "In the developer console at developer.sage.com/intacct make an application with the sender id of your Web Services licence; copy client id and secret.",
        "In Company, Setup, Company, Security, add this application's sender id under Web Services Authorizations.",
        "In Company, Admin, Web Services Users, make a user whose role may list and view what the streams below need, and nothing more.",
    ),
    limits="Requests by hour and minute as the licence has it; Intacct says how long to wait. Pages of 4,000. All lines are read each time, and again until nothing new comes.",
    budget=Budget(per_minute=60),
    headers={"X-IA-API-Param-Entity": "{entity}"},
    rules=(
        Rule(Verdict.PERMISSION, (400, 401, 403), r"[Pp]ermission|not authorized|FORBIDDEN", "Let the role of the web services user list and view this"),
        Rule(Verdict.CONFIG, (200,), r'^\s*\{\s*"ia::result"\s*:\s*\{\s*"ia::error"', "Intacct says errors of a question with status 200 too"),
    ),
    streams=(
        listed("accounts", "general-ledger/account", "the chart of accounts, by which costs are told from the rest", "General Ledger: Accounts, list and view",
               "key", "id", "name", "accountType", "normalBalance", "status"),
        listed("vendors", "accounts-payable/vendor", "the vendor master", "Accounts Payable: Vendors, list and view", "key", "id", "name", "status"),
        listed("bill_lines", "accounts-payable/bill-line", "lines of bills of every state", "Accounts Payable: Bills, list and view", *LINE, *BILL),
        listed("adjustment_lines", "accounts-payable/adjustment-line", "lines of adjustments: what vendors credited or charged besides, with its sign",
               "Accounts Payable: Adjustments, list and view", *LINE, *ADJUSTMENT),
    ),
)  # fmt: skip
