"""Jira Cloud, and the requests of Jira Service Management, which are issues too."""

from datetime import UTC, datetime, timedelta

from connectors.api import (
    ACCOUNT,
    Basic,
    Budget,
    Check,
    Connector,
    Cursor,
    Deleted,
    Listing,
    Option,
    Rule,
    Stream,
    Token,
    Verdict,
)
from connectors.api.client import Client
from connectors.api.engine import answered
from connectors.api.nouns import Request

FIELDS = "summary,issuetype,project,status,priority,created,updated,resolutiondate,components"
EPIC = "summary,project,status,assignee,duedate,customfield_10015,statuscategorychangedate,resolutiondate,updated"
"""Jira makes the field «Start date» as customfield_10015; where a site has another, the planned start is not read."""


def pages(size: int) -> Token:
    return Token("maxResults", size, place="nextPageToken", param="nextPageToken", ends="isLast")


def issues(name: str, about: str, fields: str, condition: str = "", on_request: bool = False) -> Stream:
    """Issues that meet a condition, by what was updated since; deleted ones are found by listing all keys."""
    also = f"{condition} AND " if condition else ""
    return Stream(
        name, about, "search/jql", f"jira_api_{name}", "Browse projects, in each project", key=("key",), records="issues",
        params={"jql": f"{condition}{{since}}ORDER BY updated ASC, key ASC", "fields": fields}, paging=pages(100),
        cursor=Cursor(
            "fields.updated", clause=f'{" AND " if condition else ""}updated >= "{{}}" ', query="%Y-%m-%d %H:%M", query_zone=ACCOUNT, granularity=timedelta(minutes=1),
            lookback=timedelta(minutes=15), start=datetime(1990, 1, 1, tzinfo=UTC),
        ),
        deleted=Deleted.RECONCILE, listing=Listing({"jql": f'{also}updated >= "1990-01-01 00:00" ORDER BY key ASC', "fields": "key"}, pages(5000)), on_request=on_request,
    )  # fmt: skip


def zone(client: Client) -> str:
    """JQL understands times in the zone of the user who asks."""
    return str(client.ask(Request(client.address("myself")), answered).get("timeZone") or "UTC")


JIRA = Connector(
    name="jira",
    title="Jira and Jira Service Management (Cloud)",
    about="Issues of all projects that the user sees, service requests among them.",
    base="https://{site}.atlassian.net/rest/api/3",
    auth=Basic("{email}", "{token}"),
    check=Check("myself", "accountId", "To wrong credentials a public site answers with no issues and no error."),
    options=(
        Option("site", "The name before .atlassian.net.", pattern=r"[a-z0-9-]+", example="acme"),
        Option("email", "E-mail address of the user.", example="it@acme.example"),
        Option("token", "API token of this user.", secret=True),
    ),
    credentials=(
        "Sign in as a user who may browse the projects wanted, and no others.",
        "Open id.atlassian.com, Security, «Create and manage API tokens», «Create API token».",
        "Give it an end in a year at most, and note the day: Jira says nothing before it expires.",
    ),
    limits="Bursts are limited for each kind of request; Jira says how long to wait.",
    budget=Budget(remaining="X-RateLimit-Remaining", reset="X-RateLimit-Reset"),
    rules=(Rule(Verdict.BAD_BOOKMARK, (400,), r"[Nn]extPageToken", "The token of the next page has expired"),),
    zone=zone,
    streams=(
        issues("issues", "issues of every type", FIELDS),
        issues("epics", "epics with their planned and actual days, as projects; read only where `streams` names it", EPIC, "issuetype = Epic", on_request=True),
    ),
)  # fmt: skip
