"""Snipe-IT: licences, their seats, suppliers. Open source; its API has no filter by change, so that each read is complete."""

import re

from connectors.api import Budget, Check, Connector, Offset, Option, Rule, Stream, Verdict, bearer

ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '\\"', "&#039;": "'"}


def unescaped(body: str) -> str:
    """Texts come escaped for HTML, once: an & in a product's name is &amp; in the JSON."""
    return re.sub("|".join(ENTITIES), lambda found: ENTITIES[found[0]], body) if "&" in body else body


PAGES = Offset("limit", 500, total="total")
SORTED = {"sort": "id", "order": "asc"}
"""The default order is newest first, in which a new record shifts all others."""

SNIPEIT = Connector(
    name="snipeit",
    title="Snipe-IT",
    about="Licences with their seats, who holds them, and suppliers.",
    base="{url}/api/v1",
    auth=bearer("{token}"),
    check=Check("users/me", "id", "Make a new API key."),
    options=(
        Option("url", "Address of the Snipe-IT server.", pattern=r"https?://[^/\s]+(/[^\s?#]*[^/])?", example="https://assets.acme.example"),
        Option("token", "Personal API token.", secret=True),
    ),
    credentials=(
        "Sign in as a user whose group may view licences, users and suppliers, and nothing more.",
        "Open the menu at your name, «Manage API Keys», «Create New Token».",
        "Copy the token at once: it is shown only then.",
    ),
    limits="120 requests a minute unless the server sets another number (API_THROTTLE_PER_MINUTE); pages of 500 (MAX_RESULTS).",
    budget=Budget(per_minute=120, reserve=0.1),
    rules=(
        Rule(Verdict.THROTTLE, text=r'"messages":\s*"Too many'),
        Rule(Verdict.PERMISSION, text=r'^\s*\{"status":\s*"error".*([Uu]nauthorized|[Pp]ermission)', hint="Give the user's group the right to view this"),
        Rule(Verdict.CONFIG, status=(200,), text=r'^\s*\{"status":\s*"error"', hint="Snipe-IT says errors with status 200"),
    ),
    streams=(
        Stream(
            "licenses", "licences with seats and renewal", "licenses", "snipeit_api_licenses", "licenses.view", records="rows", params=SORTED, paging=PAGES,
            sorted_by="id", tidy=unescaped, leave_out=frozenset({"product_key", "license_email", "license_name", "notes", "created_by", "available_actions"}),
        ),
        Stream(
            "seats", "who holds a seat of which licence", "licenses/{parent.id}/seats", "snipeit_api_seats", "licenses.view, users.view", records="rows",
            params=SORTED, paging=PAGES, sorted_by="id", parent="licenses", carry={"_license_name": "name"}, tidy=unescaped,
            leave_out=frozenset({"notes", "assigned_asset", "location", "available_actions"}),
        ),
        Stream(
            "suppliers", "the vendor master", "suppliers", "snipeit_api_suppliers", "suppliers.view", records="rows", params=SORTED, paging=PAGES, sorted_by="id",
            tidy=unescaped, leave_out=frozenset({"address", "address2", "phone", "fax", "email", "contact", "notes", "image", "available_actions"}),
        ),
    ),
)  # fmt: skip
