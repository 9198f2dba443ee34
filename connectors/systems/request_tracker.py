"""Request Tracker (RT) 5 and 6: tickets through REST 2. Open source; what its own source says (lib/RT/REST2) was followed.

Times in a query are understood in the zone of the user who asks, which the interface does not tell: a day is asked
more than is needed. A ticket whose status is «deleted» is no longer listed. A day that is not set comes as 1970-01-01.
"""

from datetime import timedelta

from connectors.api import Check, Connector, Cursor, Deleted, Key, Listing, Option, PageNumber, Rule, Stream, Verdict

FIELDS = {"fields": "Subject,Status,Queue,Priority,Created,Resolved,LastUpdated", "fields[Queue]": "Name"}
BY_ID = {"orderby": "id", "order": "ASC"}
PAGES = PageNumber("per_page", 100, total="total", is_probed=True)
"""The count is left out where the administrator wants searches to be fast; the end is then a page without tickets."""

REQUEST_TRACKER = Connector(
    name="request_tracker",
    title="Request Tracker",
    about="Tickets of all queues that the user sees.",
    base="{url}/REST/2.0",
    auth=Key("Authorization", "token {token}"),
    check=Check("rt", "Version", "Make a new token for this user."),
    options=(
        Option("url", "Address of the RT server.", pattern=r"https?://[^/\s]+(/[^\s?#]*[^/])?", example="https://rt.acme.example"),
        Option("token", "Authentication token of a user.", secret=True),
    ),
    credentials=(
        "Make a privileged user for Plumbline, and give it ShowTicket and SeeQueue in the queues wanted, and nothing more.",
        "Give it ManageAuthTokens for a while, sign in as this user, and open Logged in as, Settings, Auth Tokens.",
        "Create a token and copy it at once: it is shown only then.",
    ),
    limits="None; pages of 100.",
    rules=(Rule(Verdict.CONFIG, (200,), r'^\s*\{\s*"message"', "RT did not understand the search"),),
    streams=(
        Stream(
            "tickets", "tickets of every status but «deleted»", "tickets", "request_tracker_api_tickets", "ShowTicket and SeeQueue, in each queue", records="items",
            params={"query": "{since}id > 0", **BY_ID, **FIELDS}, paging=PAGES,
            cursor=Cursor("LastUpdated", clause="LastUpdated >= '{}' AND ", query="%Y-%m-%d %H:%M:%S", granularity=timedelta(days=1), lookback=timedelta(days=1)),
            deleted=Deleted.RECONCILE, listing=Listing({"query": "id > 0", **BY_ID}, PAGES, every=3), sorted_by="id",
        ),
    ),
)  # fmt: skip
