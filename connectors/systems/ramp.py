"""Ramp: what was paid by company card. Bills are left to the ledger that they are booked in."""

from connectors.api import Budget, Check, ClientCredentials, Connector, NextUrl, Option, Rule, Stream, Verdict

RAMP = Connector(
    name="ramp",
    title="Ramp",
    about="Card transactions with merchant, category and department. Where the card's statement is booked in a ledger that is read too, leave one of the two out: it is the same money.",
    base="https://api.ramp.com/developer/v1",
    auth=ClientCredentials("https://api.ramp.com/developer/v1/token", "{client_id}", "{client_secret}", "transactions:read", in_body=False),
    check=Check("transactions", "", "The app must have the scope transactions:read.", {"page_size": "2"}),
    options=(
        Option("client_id", "Client id of the app."),
        Option("client_secret", "Its secret.", secret=True),
    ),
    credentials=(
        "An administrator opens Settings, Developer, and creates an app.",
        "Add the grant type «client credentials» and the scope transactions:read, and nothing more.",
        "Copy client id and secret: the secret is shown only then.",
    ),
    limits="200 requests in 10 seconds; pages of 100. All transactions are read each time.",
    budget=Budget(per_minute=600),
    rules=(Rule(Verdict.PERMISSION, (401, 403), r"scope|permission", "Give the app the scope that reads this"),),
    streams=(
        Stream(
            "transactions", "card transactions of every state", "transactions", "ramp_api_transactions", "transactions:read", records="data", params={"order_by_date_asc": "true"},
            paging=NextUrl("page_size", 100, place="page.next"), leave_out=frozenset({"receipts", "policy_violations", "attendees", "disputes"}),
        ),
    ),
)  # fmt: skip
