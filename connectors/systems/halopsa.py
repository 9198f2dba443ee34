"""HaloPSA and HaloITSM: tickets, projects, assets and contracts."""

from datetime import timedelta

from connectors.api import (
    Check,
    ClientCredentials,
    Connector,
    Cursor,
    Deleted,
    Listing,
    Option,
    PageNumber,
    Rule,
    Stream,
    Verdict,
)

BY_ID = {"pageinate": "true", "order": "id", "orderdesc": "false"}
"""The parameter is really spelt so; without an order rows may slip from one page to another."""
PAGES = PageNumber("page_size", 100, param="page_no", total="record_count", is_probed=True)


def whole(name: str, path: str, records: str, about: str, permission: str, leave_out: frozenset[str]) -> Stream:
    """A register, read whole each time."""
    return Stream(name, about, path, f"halopsa_api_{name}", permission, records=records, params=BY_ID, paging=PAGES, sorted_by="id", leave_out=leave_out, client="client_id")


PRIVATE = frozenset({"details", "details_html", "user_name", "user_email", "useremail", "reportedby", "emailtolist", "customfields"})


def changing(name: str, about: str, permission: str, on_request: bool = False) -> Stream:
    """Tickets, or those of them that are projects, by their last action since; deleted ones are found by listing all ids."""
    return Stream(
        name, about, name, f"halopsa_api_{name}", permission, records="tickets",
        params={**BY_ID, "includecolumns": "false", "datesearch": "lastactiondate", "startdate": "{since}"}, paging=PAGES,
        # Asked by whole days: whether the time of day counts in `startdate` is nowhere said.
        cursor=Cursor("lastactiondate", query="%Y-%m-%dT%H:%M:%SZ", granularity=timedelta(days=1)), deleted=Deleted.RECONCILE,
        listing=Listing({**BY_ID, "includecolumns": "false"}, PAGES, every=3), sorted_by="id", on_request=on_request, client="client_id",
        leave_out=PRIVATE if on_request else PRIVATE | {"agent_name"},
    )  # fmt: skip


HALOPSA = Connector(
    name="halopsa",
    title="HaloPSA and HaloITSM",
    about="Tickets, projects, assets and contracts. The list of tickets tells status, type and priority by number where it has no name for them.",
    base="https://{host}/api",
    auth=ClientCredentials("https://{host}/auth/token?tenant={tenant}", "{client_id}", "{client_secret}", "all"),
    check=Check("tickets", "", "The application must be allowed to read tickets.", {"pageinate": "true", "page_size": "1", "page_no": "1"}),
    options=(
        Option("host", "Host of your Halo.", pattern=r"[a-z0-9.-]+", example="acme.halopsa.com"),
        Option("tenant", "Tenant, as Configuration, Integrations, Halo API shows it.", example="acme"),
        Option("client_id", "Client id of the API application."),
        Option("client_secret", "Its secret.", secret=True),
    ),
    credentials=(
        "In Configuration, Integrations, Halo API, open View Applications and add one.",
        "Choose «Client ID and Secret (Services)», and log in as an agent whose role may only read tickets, assets and contracts.",
        "Copy client id and secret: the secret is shown only then.",
        "On the tab Permissions give read:tickets, read:assets and read:contracts; the agent's role and these must both allow it.",
    ),
    limits="Not published; a refused request is tried again after a pause that doubles. Pages of 100.",
    rules=(Rule(Verdict.PERMISSION, (401, 403), r"[Pp]ermission|scope", "Give the application and its agent the right to read this"),),
    streams=(
        changing("tickets", "tickets of all types", "read:tickets"),
        changing("projects", "projects with planned and actual days and hours; read only where `streams` names it", "read:tickets, or the right to read projects", on_request=True),
        whole("assets", "asset", "assets", "assets", "read:assets", frozenset({"user_name", "users", "customfields", "fields", "notes"})),
        whole("contracts", "clientcontract", "contracts", "contracts with clients", "read:contracts", frozenset({"note", "notes", "customfields", "user_name"})),
    ),
)  # fmt: skip
