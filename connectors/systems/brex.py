"""Brex: what was paid by company card (developer.brex.com: Transactions API), and what is said of it (Expenses API).

Bills are left to the ledger that they are booked in.
"""

from urllib.parse import urlencode

from connectors.api import Budget, Check, Connector, Option, Stream, Token, bearer

PAGES = Token("limit", 100, place="next_cursor", param="cursor", shifts=True)
"""The token of the interface's own examples holds an offset."""
TOLD = urlencode([("expand[]", name) for name in ("merchant", "department", "budget")])

BREX = Connector(
    name="brex",
    title="Brex",
    about="Settled card transactions, with category, memo and department of their expense. Where the card is booked in a ledger that is read too, leave one of the two out: it is the same money.",
    base="https://api.brex.com",
    auth=bearer("{token}"),
    check=Check("v2/transactions/card/primary", "", "The token must be allowed to read card transactions.", {"limit": "1"}),
    options=(Option("token", "User token of an administrator.", secret=True),),
    credentials=(
        "An administrator opens the dashboard, Developer, Settings, and creates a token.",
        "Choose card transactions and expenses, both for reading only, and copy the token: it is shown only then.",
    ),
    limits="About 1,000 requests a minute; pages of 100. All transactions are read each time, and again until nothing new comes.",
    budget=Budget(per_minute=1000, reserve=0.5),
    streams=(
        Stream(
            "expenses", "what is said of card payments: category, memo, department", f"v1/expenses?{TOLD}", "brex_api_expenses", "expenses, read only", records="items", paging=PAGES,
            leave_out=frozenset({"user", "user_id", "receipts", "custom_fields", "location", "location_id"}),
        ),
        Stream(
            "transactions", "settled card transactions of all accounts", "v2/transactions/card/primary", "brex_api_transactions", "card transactions, read only (transactions.card.readonly)",
            records="items", paging=PAGES,
        ),
    ),
)  # fmt: skip
