"""Autotask PSA (Datto): tickets and contracts of the clients that a service provider looks after, through its REST interface.

Status, priority and kind of a ticket come as numbers of each installation's own lists and stay so. A question is posted,
and posted again as it is to the address of the next page.
"""

from datetime import UTC, datetime, timedelta

from connectors.api import (
    Budget,
    Check,
    Connector,
    Cursor,
    Deleted,
    Key,
    Listing,
    Option,
    PostNext,
    Rule,
    Stream,
    Verdict,
)

PAGES = PostNext("MaxRecords", 500)
TICKET = ["id", "ticketNumber", "title", "status", "priority", "queueID", "ticketType", "companyID", "createDate", "completedDate", "resolvedDateTime", "lastActivityDate", "serviceLevelAgreementHasBeenMet"]
ALL = [{"op": "gte", "field": "id", "value": 0}]


def whole(name: str, entity: str, about: str, permission: str, client: str, fields: list[str]) -> Stream:
    """A register, read whole each time."""
    return Stream(
        name, about, f"{entity}/query", f"autotask_api_{name}", permission, records="items", method="POST", body={"IncludeFields": fields, "filter": ALL}, paging=PAGES, sorted_by="id",
        client=client,
    )  # fmt: skip


AUTOTASK = Connector(
    name="autotask",
    title="Autotask PSA",
    about="Tickets and contracts, with the names of companies. For a client a contract is one with its service provider.",
    base="https://{host}/atservicesrest/V1.0",
    auth=Key("Secret", "{secret}"),
    check=Check("ThresholdInformation", "", "User name, secret and integration code must be those of one API user."),
    options=(
        Option("host", "Host of your zone: what webservices.autotask.net/atservicesrest/v1.0/zoneInformation?user=NAME answers as url.", pattern=r"[a-z0-9.-]+", example="webservices5.autotask.net"),
        Option("user", "User name of the API user.", example="api@acme.example"),
        Option("secret", "Its secret.", secret=True),
        Option("integration_code", "Its tracking identifier (integration code).", secret=True),
    ),
    credentials=(
        "In Admin, Resources (Users), make a new API user whose security level may only view tickets, contracts and companies.",
        "Generate its user name and secret, and copy the secret: it is shown only then.",
        "Choose an integration vendor, or «Custom» and keep the tracking identifier that it shows.",
    ),
    limits="10,000 requests an hour for the whole database, shared with every other integration; pages of 500.",
    budget=Budget(per_minute=160, reserve=0.5),
    headers={"ApiIntegrationCode": "{integration_code}", "UserName": "{user}"},
    # Autotask says plain errors of a question with 500, which else is a passing fault.
    rules=(Rule(Verdict.CONFIG, (500,), r'"errors"\s*:\s*\[\s*"', "Autotask did not understand the question, or the API user may not see this"),),
    streams=(
        whole("companies", "Companies", "names of companies", "Companies, view", "id", ["id", "companyName"]),
        Stream(
            "tickets", "tickets of every status", "Tickets/query", "autotask_api_tickets", "Tickets, view all", records="items", method="POST",
            body={"IncludeFields": TICKET, "filter": [{"op": "gte", "field": "lastActivityDate", "value": "{since}"}]}, paging=PAGES,
            cursor=Cursor("lastActivityDate", lookback=timedelta(minutes=10), start=datetime(1990, 1, 1, tzinfo=UTC)), deleted=Deleted.RECONCILE,
            listing=Listing(body={"IncludeFields": ["id"], "filter": ALL}, every=3), sorted_by="id", client="companyID",
        ),
        whole("contracts", "Contracts", "contracts with companies", "Contracts, view", "companyID", ["id", "companyID", "contractName", "startDate", "endDate", "status", "contractType"]),
    ),
)  # fmt: skip
