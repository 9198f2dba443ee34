"""Jira Cloud, and the requests of Jira Service Management, which are issues too."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

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
from connectors.api.errors import BadOptions, Incomplete
from connectors.api.nouns import Request, pluck

FIELDS = "summary,issuetype,project,status,priority,created,updated,resolutiondate,components"
EPIC = "summary,project,status,assignee,duedate,{start_field},statuscategorychangedate,resolutiondate,updated"
START, USUAL = "start date", "customfield_10015"
"""What Jira calls the day on which an epic is to begin, and the id which that field has on most sites."""


def pages(size: int, shifts: bool = False) -> Token:
    """What a token stands for is not said. Issues by when they were updated move while they are read, so that changes of several pages are read until nothing new comes."""
    return Token("maxResults", size, place="nextPageToken", param="nextPageToken", ends="isLast", shifts=shifts)


def issues(name: str, about: str, fields: str, condition: str = "", **more: Any) -> Stream:
    """Issues that meet a condition, by what was updated since; deleted ones are found by listing all keys."""
    also = f"{condition} AND " if condition else ""
    return Stream(
        name, about, "search/jql", f"jira_api_{name}", "Browse projects, in each project", key=("key",), records="issues",
        params={"jql": f"{condition}{{since}}ORDER BY updated ASC, key ASC", "fields": fields}, paging=pages(100, shifts=True),
        cursor=Cursor(
            "fields.updated", clause=f'{" AND " if condition else ""}updated >= "{{}}" ', query="%Y-%m-%d %H:%M", query_zone=ACCOUNT, granularity=timedelta(minutes=1),
            lookback=timedelta(minutes=15), start=datetime(1990, 1, 1, tzinfo=UTC),
        ),
        deleted=Deleted.RECONCILE, listing=Listing({"jql": f'{also}updated >= "1990-01-01 00:00" ORDER BY key ASC', "fields": "key"}, pages(5000)), **more,
    )  # fmt: skip


def zone(client: Client) -> str:
    """JQL understands times in the zone of the user who asks."""
    return str(client.ask(Request(client.address("myself")), answered).get("timeZone") or "UTC")


def start_field(client: Client, given: Mapping[str, str]) -> Mapping[str, str]:
    """The id of the field «Start date», which sites make anew, unless the options name it. Raises BadOptions where there are several."""
    if given.get("start_field"):
        return {}
    fields = client.ask(Request(client.address("field")), answered)
    if not isinstance(fields, list):
        raise Incomplete("GET /rest/api/3/field gives no list of fields")
    called = [str(one.get("id")) for one in fields if START in (str(one.get(name)).lower() for name in ("name", "untranslatedName")) and pluck(one, "schema.type") in ("date", "datetime")]
    if len(called) > 1 and USUAL not in called:
        raise BadOptions(f"this site has several fields called «Start date» ({', '.join(sorted(called))}): name the one that epics use as start_field")
    return {"start_field": called[0] if len(called) == 1 else USUAL}


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
        Option("start_field", "Id of the field with the day on which an epic is to begin, where it is not called «Start date».", required=False, pattern=r"customfield_\d+", example="customfield_10122"),
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
        issues("epics", "epics with their planned and actual days, as projects; read only where `streams` names it", EPIC, "issuetype = Epic", on_request=True, learn=start_field, renamed={"{start_field}": "start_date"}),
    ),
)  # fmt: skip
