"""Freshservice: tickets, changes, problems, software with its users, contracts, vendors and people.

Departments are read for their names: they stand with people and tickets. Costs of contracts are in the account's
currency, which the API does not name, and of a term that it does not tell; they are left out.
"""

from datetime import UTC, datetime, timedelta

from connectors.api import (
    Basic,
    Budget,
    Check,
    Connector,
    Cursor,
    Deleted,
    LinkHeader,
    Listing,
    Option,
    Rule,
    Stream,
    Verdict,
)

PAGES = LinkHeader("per_page", 100, shifts=True)
PRIVATE = frozenset({
    "address", "background_information", "custom_fields", "job_title", "language", "mobile_phone_number", "secondary_emails", "signature", "time_format", "time_zone", "work_phone_number",
})  # fmt: skip
TEXTS = frozenset({"description", "description_text", "custom_fields", "attachments", "cc_emails", "fwd_emails", "reply_cc_emails", "to_emails", "tags"})


def whole(name: str, about: str, profile: str, permission: str, leave_out: frozenset[str] = frozenset()) -> Stream:
    """A list that has no filter by change, read whole each time."""
    return Stream(name, about, name, f"freshservice_api_{profile}", permission, records=name, paging=PAGES, leave_out=leave_out)


FRESHSERVICE = Connector(
    name="freshservice",
    title="Freshservice",
    about="Tickets, changes and problems of all workspaces, software with who uses it, contracts, vendors and people.",
    base="https://{domain}.freshservice.com/api/v2",
    auth=Basic("{key}", "X"),
    check=Check("agents/me", "agent.id", "Copy the key anew from the agent's profile settings."),
    options=(
        Option("domain", "The name before .freshservice.com.", pattern=r"[a-z0-9-]+", example="acme"),
        Option("key", "API key of an agent.", secret=True),
    ),
    credentials=(
        "Make an agent for Plumbline whose role may view tickets, changes, problems, software, contracts, vendors, requesters and departments, and nothing more.",
        "Sign in as this agent and open «Profile settings» at the picture.",
        "Copy «Your API key» below the change of password.",
        "A module that the role or the plan lacks answers 403: its stream then ends as skipped, never as empty.",
    ),
    limits="100 requests a minute for the account on Starter, 200 on Growth, 400 on Pro, 500 on Enterprise; 40 to 140 of them for lists of tickets, which count three times with their times of solving. Failed requests count.",
    budget=Budget(per_minute=100, reserve=0.2, remaining="X-RateLimit-Remaining"),
    rules=(
        Rule(Verdict.AUTH, (401, 403), r'"code":\s*"invalid_credentials"', "Copy the key anew from the agent's profile settings"),
        Rule(Verdict.PERMISSION, (403,), r'"code":\s*"access_denied"', "The agent's role, or the plan of the account, does not include this"),
    ),
    streams=(
        whole("departments", "names of departments", "departments", "view departments", frozenset({"custom_fields", "domains", "description"})),
        whole("requesters", "people who may ask", "requesters", "view requesters", PRIVATE),
        whole("agents", "people who answer", "agents", "view agents", PRIVATE),
        whole("vendors", "the vendor master", "vendors", "view vendors", frozenset({"address", "custom_fields", "email", "phone", "mobile", "contact_name", "description"})),
        whole("applications", "software with the number of its users", "applications", "view software", frozenset({"notes", "additional_data"})),
        Stream(
            "application_users", "who uses which software, and when last", "applications/{parent.id}/users", "freshservice_api_application_users", "view software",
            records="application_users", paging=PAGES, parent="applications", carry={"_application_name": "name"},
        ),
        whole("contracts", "contracts with their terms", "contracts", "view contracts", frozenset({"description", "license_key", "notify_to", "custom_fields"})),
        Stream(
            "tickets", "incidents and service requests of all workspaces", "tickets", "freshservice_api_tickets", "view tickets, in all groups and workspaces", records="tickets",
            params={"updated_since": "{since}", "order_type": "asc", "include": "stats", "workspace_id": "0"}, paging=PAGES,
            # Without updated_since only the tickets of the last month are listed.
            cursor=Cursor("updated_at", lookback=timedelta(minutes=10), start=datetime(1990, 1, 1, tzinfo=UTC)), deleted=Deleted.RECONCILE,
            listing=Listing({"updated_since": "1990-01-01T00:00:00Z", "order_type": "asc", "workspace_id": "0"}, every=3), leave_out=TEXTS,
        ),
        whole("changes", "changes", "changes", "view changes", TEXTS),
        whole("problems", "problems", "problems", "view problems", TEXTS),
    ),
)  # fmt: skip
