"""Microsoft Graph: people, licences and subscriptions, applications of Entra ID with who may use them, and what Intune found installed.

Not read: the log of sign-ins (an entry an event, while a usage is one row a person and application), which licence each
person holds (a list within the person), and the devices of Intune; no contract takes them as they are. Prices are not in
Graph: they come from invoices. Only the worldwide cloud is asked, not the national ones, which have other addresses.
"""

from connectors.api import Budget, Check, ClientCredentials, Connector, Count, NextUrl, Option, Rule, Stream, Verdict

PERSON = "id,userPrincipalName,mail,displayName,accountEnabled,department,companyName,employeeId,createdDateTime"
APPLICATION = "id,appId,displayName,accountEnabled,appOwnerOrganizationId,servicePrincipalType,homepage,loginUrl,preferredSingleSignOnMode,verifiedPublisher"
DRIFT = 0.05
"""Counts of directory objects come from an index that follows after a while; by more than this share it can't lag behind, so that pages are missing."""
SUBSCRIPTION = "Organization.Read.All or LicenseAssignment.Read.All"
PEOPLE = Count("@odata.count", {"$count": "true", "$top": "1", "$select": "id"})
"""How many people there are, asked by itself: that a list with signInActivity can be counted is nowhere said."""


def counted(select: str) -> dict[str, str]:
    """The parameters of a list of directory objects whose first page tells how many there are; `$count` needs the header ConsistencyLevel."""
    return {"$select": select, "$count": "true"}


def pages(size: int, total: str = "") -> NextUrl:
    """`@odata.nextLink` is the whole address of the next page, and is followed as it stands."""
    return NextUrl("$top", size, place="@odata.nextLink", total=total)


def plain(name: str, about: str, path: str, profile: str, permission: str, paging: NextUrl = NextUrl(place="@odata.nextLink"), **more: object) -> Stream:  # noqa: B008 - frozen
    return Stream(name, about, path, f"microsoft_graph_api_{profile}", permission, records="value", paging=paging, **more)  # type: ignore[arg-type]


MICROSOFT_GRAPH = Connector(
    name="microsoft_graph",
    title="Microsoft 365, Entra ID and Intune",
    about="People with their last sign-in, licences bought and assigned, subscriptions with their next day of renewal, enterprise applications with who is assigned to them, and installed software.",
    base="https://graph.microsoft.com/v1.0",
    auth=ClientCredentials("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", "{client_id}", "{client_secret}", scope="https://graph.microsoft.com/.default"),
    check=Check("organization", "value.0.id", "Grant the application Organization.Read.All and the administrator's consent.", {"$select": "id"}),
    options=(
        Option("tenant", "Id of the directory (tenant).", pattern=r"[A-Za-z0-9.-]+", example="00000000-0000-0000-0000-000000000000"),
        Option("client_id", "Id of the application (client).", pattern=r"[0-9a-fA-F-]{36}", example="00000000-0000-0000-0000-000000000000"),
        Option("client_secret", "The value of its client secret, not the secret's id.", secret=True),
    ),
    credentials=(
        "Open the Microsoft Entra admin center, App registrations, «New registration»; name it Plumbline, for this directory only, without a redirect address.",
        "Under «API permissions» add the application permissions (not the delegated ones) of Microsoft Graph: Organization.Read.All and those of the streams below that you want.",
        "Press «Grant admin consent»; without it every list answers 403.",
        "Under «Certificates & secrets» make a client secret and copy its value at once; note the day it expires.",
        "Copy the application's and the directory's id from «Overview».",
    ),
    limits="3,500 to 8,000 resource units in 10 s by the size of the tenant; 2,000 requests in 20 s for Intune. Graph says how long to wait, Intune not always. Assignments cost a request an application.",
    budget=Budget(per_minute=600, reserve=0.2),
    headers={"ConsistencyLevel": "eventual"},
    rules=(
        Rule(Verdict.NOT_LICENSED, (403,), r"NonPremiumTenant", "Days of sign-in need Microsoft Entra ID P1; leave the stream out"),
        Rule(Verdict.PERMISSION, (401, 403), r"Authorization_RequestDenied|Insufficient privileges", "Add the application permission, and grant the administrator's consent anew"),
    ),
    streams=(
        plain("users", "people of the directory, guests among them", "users", "users", "User.Read.All", pages(500, "@odata.count"), params=counted(PERSON), unsure_total=DRIFT),
        plain(
            "sign_in_activity", "when each person last signed in", "users", "sign_in_activity", "User.Read.All, AuditLog.Read.All, and Microsoft Entra ID P1", pages(500),
            params={"$select": "id,userPrincipalName,signInActivity"}, count=PEOPLE, unsure_total=DRIFT,
        ),
        plain("subscribed_skus", "licences bought and assigned", "subscribedSkus", "subscribed_skus", SUBSCRIPTION, leave_out=frozenset({"servicePlans"})),
        plain("subscriptions", "subscriptions with their next day of renewal", "directory/subscriptions", "subscriptions", SUBSCRIPTION, leave_out=frozenset({"serviceStatus"})),
        plain(
            "service_principals", "enterprise applications", "servicePrincipals", "service_principals", "Application.Read.All", pages(500, "@odata.count"), params=counted(APPLICATION),
            unsure_total=DRIFT,
        ),
        plain(
            "app_role_assignments", "who is assigned to which application", "servicePrincipals/{parent.id}/appRoleAssignedTo", "app_role_assignments", "Application.Read.All",
            parent="service_principals", carry={"_owner_organization": "appOwnerOrganizationId", "_application_name": "displayName"},
        ),
        plain(
            "detected_apps", "software that Intune found on devices; leave this stream out where the register is to hold chosen tools only", "deviceManagement/detectedApps",
            "detected_apps", "DeviceManagementManagedDevices.Read.All",
        ),
    ),
)  # fmt: skip
