"""Redmine: issues. Open source; anyone can test against it."""

from connectors.api import Check, Connector, Cursor, Deleted, Key, Listing, Offset, Option, Rising, Stream

REDMINE = Connector(
    name="redmine",
    title="Redmine",
    about="Issues of all projects that the user sees, open and closed.",
    base="{url}",
    auth=Key("X-Redmine-API-Key", "{key}"),
    check=Check("users/current.json", "user.id", "An administrator must switch on the REST web service under Administration, Settings, API."),
    options=(
        Option("url", "Address of the Redmine server.", pattern=r"https?://[^/\s]+(/[^\s?#]*[^/])?", example="https://redmine.acme.example"),
        Option("key", "API access key.", secret=True),
    ),
    credentials=(
        "An administrator switches on «Enable REST web service» under Administration, Settings, API.",
        "Sign in as a user who may view issues of the projects wanted.",
        "Open «My account» and show the API access key at the right.",
    ),
    limits="None; pages of 100.",
    proved="Redmine 5.0",
    streams=(
        Stream(
            "issues", "issues of every status", "issues.json", "redmine_json", "View issues, in each project", records="issues",
            params={"status_id": "*", "updated_on": "{since}", "sort": "updated_on:asc,id:asc"},
            paging=Rising("limit", 100, total="total_count"), cursor=Cursor("updated_on", clause=">={}"), deleted=Deleted.RECONCILE,
            listing=Listing({"status_id": "*", "sort": "id:asc"}, Offset("limit", 100, total="total_count"), every=3),
            leave_out=frozenset({"description", "author", "assigned_to", "attachments", "journals", "watchers"}),
        ),
    ),
)  # fmt: skip
