"""ConnectWise PSA (Manage): service tickets, agreements, invoices and configurations of the clients that a service provider looks after."""

from datetime import timedelta

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

PAGES = LinkHeader("pageSize", 1000)
BY_ID = {"orderBy": "id asc"}
"""Pages that only lead forward go on after the last id; another order would be refused."""
CHANGED = Cursor("_info.lastUpdated", clause="lastUpdated>=[{}]", lookback=timedelta(minutes=10))
CLIENT = "company.identifier"
PEOPLE = frozenset({
    "contact", "contactName", "contactPhoneNumber", "contactPhoneExtension", "contactEmailAddress", "contactEmailLookup", "addressLine1", "addressLine2", "city", "zip", "stateIdentifier",
    "initialDescription", "initialInternalAnalysis", "initialResolution", "automaticEmailCc", "resources", "owner", "attention", "shipToAttention", "billToContact", "shipToContact",
    "billingSiteAddressLine1", "billingSiteAddressLine2", "shippingSiteAddressLine1", "shippingSiteAddressLine2", "internalNotes", "topComment", "bottomComment", "notes", "questions",
    "manager", "expenseApprover", "timeApprover", "lastLoginName", "macAddress", "ipAddress", "defaultGateway", "customFields", "subContractContact", "vendorNotes",
})  # fmt: skip


def changing(name: str, path: str, about: str, permission: str, leave_out: frozenset[str] = PEOPLE, on_request: bool = False) -> Stream:
    """A list by what was changed since; deleted records are found by listing all ids."""
    return Stream(
        name, about, path, f"connectwise_api_{name}", permission, params={**BY_ID, "conditions": "{since}"}, paging=PAGES, cursor=CHANGED, deleted=Deleted.RECONCILE,
        listing=Listing({**BY_ID, "fields": "id"}, every=3), sorted_by="id", leave_out=leave_out, on_request=on_request, client=CLIENT,
    )  # fmt: skip


def whole(name: str, path: str, about: str, permission: str) -> Stream:
    """A register, read whole each time."""
    return Stream(name, about, path, f"connectwise_api_{name}", permission, params=BY_ID, paging=PAGES, sorted_by="id", leave_out=PEOPLE, client=CLIENT)


CONNECTWISE = Connector(
    name="connectwise",
    title="ConnectWise PSA",
    about="Service tickets, projects, agreements, invoices and configurations. For a client an agreement is a contract with the provider, and an invoice a cost.",
    base="https://{host}/{codebase}/apis/3.0",
    auth=Basic("{company}+{public_key}", "{private_key}"),
    check=Check("system/info", "version", "The user name is company, a plus sign, and the public key."),
    options=(
        Option("host", "Host of the API: api-na, api-eu or api-au .myconnectwise.net, or your own server.", pattern=r"[a-z0-9.-]+", example="api-eu.myconnectwise.net"),
        Option("codebase", "Version part of the address, as your server tells at /login/companyinfo/COMPANY.", pattern=r"[\w.]+", example="v4_6_release"),
        Option("company", "Company id with which you sign in.", example="acme"),
        Option("public_key", "Public key of the API member."),
        Option("private_key", "Its private key.", secret=True),
        Option("client_id", "Client id of the integration, a GUID.", example="8a1c2d3e-0000-4000-8000-000000000000"),
    ),
    credentials=(
        "In System, Security Roles, copy a role and leave it nothing but Inquire for the permissions below.",
        "In System, Members, API Members, make a member of that role.",
        "Open its tab API Keys, make a key, and copy both halves: the private one is shown only then.",
        "Register a client id, which is free, at developer.connectwise.com, ClientID.",
    ),
    limits="Not published; a refused request says how long to wait. Pages of 1,000.",
    budget=Budget(per_minute=60),
    headers={"clientId": "{client_id}", "pagination-type": "forward-only"},
    rules=(Rule(Verdict.PERMISSION, (401, 403), r"[Ss]ecurity|[Rr]ole|permission", "Give the API member's security role the right to inquire"),),
    streams=(
        changing("tickets", "service/tickets", "service tickets", "Service Desk: Service Tickets, inquire all"),
        changing("invoices", "finance/invoices", "invoices to clients, without sales tax", "Finance: Invoicing, inquire all"),
        changing(
            "projects", "project/projects", "projects with planned and actual days and hours; read only where `streams` names it", "Project: Project Headers, inquire all",
            PEOPLE - {"manager"}, on_request=True,
        ),
        whole("agreements", "finance/agreements", "agreements with clients", "Finance: Agreements, inquire all"),
        whole("configurations", "company/configurations", "configuration items, devices among them", "Companies: Configurations, inquire all"),
    ),
)  # fmt: skip
