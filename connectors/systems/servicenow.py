"""ServiceNow: tickets, applications, contracts, vendors and outages, through the Table API."""

from connectors.api import (
    Basic,
    Budget,
    Check,
    ClientCredentials,
    Connector,
    Cursor,
    Deleted,
    Either,
    Keyset,
    Listing,
    Option,
    Rule,
    Stream,
    Verdict,
)

TASK = (
    "sys_id,number,sys_class_name,short_description,state,priority,category,cmdb_ci,business_service,company,assignment_group,opened_at,resolved_at,"
    "closed_at,reopen_count,made_sla,caused_by,sys_updated_on"
)
APPLICATION = (
    "sys_id,number,name,vendor,manufacturer,short_description,install_type,life_cycle_stage,owned_by,it_application_owner,managed_by,business_criticality,"
    "application_type,url,sys_updated_on"
)
CONTRACT = "sys_id,number,vendor,vendor_contract,short_description,state,starts,ends,renewable,yearly_cost,total_cost,license_quantity_entitled,cost_center,sys_updated_on"
OUTAGE = "sys_id,number,cmdb_ci,type,begin,end,task_number,sys_updated_on"
COMPANY = "sys_id,name,vendor,manufacturer,website,country,parent,sys_updated_on"


def pages(size: int) -> Keyset:
    """By sys_id, which never changes, so that rows that change stay where they are. Access rules hide rows after the limit is applied: pages may be short, or empty in the middle."""
    return Keyset("sysparm_limit", size, total="header:X-Total-Count", field="sys_id.value", clause="sys_id>{}^", offset_param="sysparm_offset", more_by="link")


def asked(fields: str, condition: str = "") -> dict[str, str]:
    """The parameters of a list. With `all`, each field comes with its raw value, in UTC, and as people see it."""
    return {"sysparm_query": f"{{since}}{{after}}{condition}ORDERBYsys_id", "sysparm_fields": fields, "sysparm_display_value": "all", "sysparm_exclude_reference_link": "true"}


def task(name: str, table: str, about: str, role: str) -> Stream:
    """One kind of ticket."""
    return Stream(
        name, about, table, "servicenow_api_tasks", role, key=("sys_id.value",), records="result", params=asked(TASK), paging=pages(1000),
        cursor=Cursor("sys_updated_on.value", clause="sys_updated_on>={}^", wire="%Y-%m-%d %H:%M:%S", query="%Y-%m-%d %H:%M:%S"), deleted=Deleted.RECONCILE,
        listing=Listing(asked("sys_id"), pages(5000), every=3), sorted_by="sys_id.value", unsure_total=1,
    )  # fmt: skip


def whole(name: str, table: str, about: str, profile: str, role: str, fields: str, condition: str = "") -> Stream:
    """A register, read whole each time."""
    return Stream(
        name, about, table, profile, role, key=("sys_id.value",), records="result", params=asked(fields, condition), paging=pages(1000),
        sorted_by="sys_id.value", unsure_total=1,
    )  # fmt: skip


SERVICENOW = Connector(
    name="servicenow",
    title="ServiceNow",
    about="Incidents, changes, problems and requested items, the register of business applications, contracts, vendors and outages.",
    base="https://{instance}.service-now.com/api/now/table",
    auth=Either((
        Basic("{user}", "{password}", ("user", "password")),
        ClientCredentials("https://{instance}.service-now.com/oauth_token.do", "{client_id}", "{client_secret}", needs=("client_id", "client_secret")),
    )),
    check=Check("sys_user", "", "The user must be active and allowed to use web services.", {"sysparm_limit": "1", "sysparm_fields": "sys_id"}),
    options=(
        Option("instance", "The name before .service-now.com.", pattern=r"[a-z0-9-]+", example="acme"),
        Option("user", "Name of the integration user.", required=False),
        Option("password", "Its password.", secret=True, required=False),
        Option("client_id", "Instead: id of an OAuth application.", required=False),
        Option("client_secret", "Its secret.", secret=True, required=False),
    ),
    credentials=(
        "An administrator makes a user with «Web service access only» and the roles below, all of them reading only.",
        "Instead of a password, an OAuth application under System OAuth, Application Registry, with the grant client_credentials and that user.",
        "Fields that a role may not see are left out by ServiceNow without a word: compare `plumbline discover` with what the administrator sees.",
    ),
    limits="None by default; administrators may set a number of requests an hour. A request that takes over 60 s is ended by the instance.",
    budget=Budget(remaining="X-RateLimit-Remaining", reset="X-RateLimit-Reset"),
    rules=(
        Rule(Verdict.PERMISSION, (401, 403), r"Not Authorized|aborted|ACL", "Ask the administrator for the role that reads this table"),
        Rule(Verdict.NOT_LICENSED, (400,), r"Invalid table", "The plugin that has this table is not active; leave the stream out"),
    ),
    streams=(
        task("incidents", "incident", "incidents", "itil"),
        task("changes", "change_request", "changes", "itil"),
        task("problems", "problem", "problems", "itil"),
        task("requests", "sc_req_item", "requested items", "itil"),
        whole("applications", "cmdb_ci_business_app", "the register of business applications", "servicenow_api_applications", "cmdb_read", APPLICATION),
        whole("contracts", "ast_contract", "contracts with terms and cost", "servicenow_api_contracts", "contract_manager", CONTRACT),
        whole("vendors", "core_company", "vendors", "servicenow_api_vendors", "none, as a rule", COMPANY, "vendor=true^"),
        whole("outages", "cmdb_ci_outage", "outages and planned maintenance", "servicenow_api_outages", "itil", OUTAGE),
    ),
)  # fmt: skip
