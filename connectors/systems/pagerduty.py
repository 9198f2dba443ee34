"""PagerDuty: incidents of the analytics, as spans in which a service did not work.

Licences, users and services are not read: their lists tell nothing that a contract takes, or not in a way that can be
counted. Incidents are not fed as tickets either: the service desk has those that matter.
"""

from connectors.api import BodyCursor, Budget, Check, Connector, Key, Option, Stream

PAGERDUTY = Connector(
    name="pagerduty",
    title="PagerDuty",
    about="Incidents with the service that failed, and how long.",
    base="https://{host}",
    auth=Key("Authorization", "Token token={key}"),
    check=Check("teams", "", "Make a new read-only key.", {"limit": "1"}),
    options=(
        Option("host", "Address of the interface: api.pagerduty.com, or api.eu.pagerduty.com for accounts of the service region EU.", pattern=r"api(\.eu)?\.pagerduty\.com", example="api.pagerduty.com"),
        Option("key", "REST API key of the account.", secret=True),
    ),
    credentials=(
        "Sign in as an administrator or the account's owner and open Integrations, API Access Keys, «Create New API Key».",
        "Tick «Read-only API Key», and copy the key at once: it is shown only then.",
        "Don't take a user's own token: with it the analytics ask for a team or a service.",
    ),
    limits="960 requests a minute for each key; pages of 1,000. The analytics are up to a day late.",
    budget=Budget(per_minute=960, reserve=0.2, remaining="ratelimit-remaining", reset="ratelimit-reset"),
    headers={"Accept": "application/vnd.pagerduty+json;version=2"},
    streams=(
        Stream(
            "incidents", "incidents of every service and urgency", "analytics/raw/incidents", "pagerduty_api_incidents", "read-only key of the account", records="data", method="POST",
            # Without a day to begin with, the span is the server's own choice; PagerDuty itself began in 2009.
            body={"filters": {"created_at_start": "2009-01-01T00:00:00Z"}, "order": "asc", "order_by": "created_at", "time_zone": "Etc/UTC"},
            paging=BodyCursor("limit", 1000, member="starting_after", place="last", more="more"),
        ),
    ),
)  # fmt: skip
