"""Google Workspace: people with their last login, the other applications that they let into their account, and licences.

Licences are given out by another host, to which the credentials of the first must not go: they are a connector of their
own, `google_licences`, one source a product. The logs of activity are not read: they hold an event each, while a usage
is one row a person and application. Departments stand in a list within the person and are not read; the path of the
organisational unit is.
"""

import re

from connectors.api import Budget, Check, Connector, JwtBearer, Option, Rule, Stream, Token, Verdict

SCOPE = "https://www.googleapis.com/auth/"
LISTS = re.compile(r'\s*\{\s*"kind"\s*:\s*"(?:admin#directory#(?P<users>users)|admin#directory#tokenList|licensing#licenseAssignmentList)"')
PRIVATE = frozenset({
    "addresses", "aliases", "customSchemas", "emails", "externalIds", "gender", "ims", "keywords", "languages", "locations", "nonEditableAliases", "notes", "organizations", "phones",
    "posixAccounts", "recoveryEmail", "recoveryPhone", "relations", "sshPublicKeys", "thumbnailPhotoEtag", "thumbnailPhotoUrl", "websites",
})  # fmt: skip
ALL = {"customer": "my_customer"}


def with_list(body: str) -> str:
    """A list without entries has no list at all, only its kind."""
    found = LISTS.match(body)
    name = "users" if found and found["users"] else "items"
    return f'{body[: found.end()]}, "{name}": []{body[found.end() :]}' if found and not re.search(rf'"{name}"\s*:', body) else body


def signed(*scopes: str) -> JwtBearer:
    """As a service account that acts for an administrator."""
    return JwtBearer("https://oauth2.googleapis.com/token", "{client_email}", "{private_key}", subject="{admin}", scope=" ".join(SCOPE + scope for scope in scopes))


ACCOUNT = (
    Option("client_email", "E-mail address of the service account: client_email in its key file.", example="plumbline@acme-it.iam.gserviceaccount.com"),
    Option("private_key", "Its private key: private_key in the key file, with \\n for line ends.", secret=True),
    Option("admin", "E-mail address of the administrator for whom it acts.", example="admin@acme.example"),
)
RULES = (
    # Google throttles with 403, the status of a missing permission.
    Rule(Verdict.THROTTLE, (403, 429), r"userRateLimitExceeded|rateLimitExceeded|quotaExceeded", "Google limits requests for a while"),
    Rule(Verdict.CONFIG, (403,), r"accessNotConfigured", "Switch the API on for the project of the service account"),
    Rule(Verdict.PERMISSION, (403,), r"forbidden|insufficientPermissions|notAuthorized", "Give the scope to the service account, and the administrator a role that may read this"),
)


def steps(api: str, *scopes: str) -> tuple[str, ...]:
    """What to click, for an API and its scopes."""
    return (
        f"In the Google Cloud console choose or make a project and switch on «{api}».",
        "Under IAM & Admin, Service Accounts, make a service account, and under Keys a key of type JSON; the file holds client_email and private_key.",
        f"In the Google Admin console, Security, API controls, Domain-wide delegation, add the account's client id with the scopes {', '.join(SCOPE + scope for scope in scopes)}.",
        "Choose an administrator for whom the account acts: one whose role may read users, their security settings and licences, and nothing more.",
    )


DIRECTORY = ("admin.directory.user.readonly", "admin.directory.user.security")

GOOGLE_WORKSPACE = Connector(
    name="google_workspace",
    title="Google Workspace",
    about="People with their unit and last login, and the applications to which they gave access to their account.",
    base="https://admin.googleapis.com",
    auth=signed(*DIRECTORY),
    check=Check("admin/directory/v1/users/{admin}/tokens", "", "The administrator must exist and have a role that may read users and their security settings."),
    options=ACCOUNT,
    credentials=steps("Admin SDK API", *DIRECTORY),
    limits="2,400 requests a minute for each project. A request a person for the applications that hold tokens.",
    budget=Budget(per_minute=2400, reserve=0.2),
    rules=RULES,
    streams=(
        Stream(
            "users", "people, suspended ones among them", "admin/directory/v1/users", "google_workspace_api_users", "scope admin.directory.user.readonly", records="users",
            params={**ALL, "projection": "full"}, paging=Token("maxResults", 500, place="nextPageToken", param="pageToken"), tidy=with_list, leave_out=PRIVATE | {"lastLoginTime"},
        ),
        Stream(
            "logins", "when each person last logged in", "admin/directory/v1/users", "google_workspace_api_logins", "scope admin.directory.user.readonly", records="users",
            params={**ALL, "projection": "basic"}, paging=Token("maxResults", 500, place="nextPageToken", param="pageToken"), tidy=with_list, leave_out=PRIVATE | {"name", "orgUnitPath"},
        ),
        Stream(
            "tokens", "applications that people let into their account", "admin/directory/v1/users/{parent.id}/tokens", "google_workspace_api_tokens", "scope admin.directory.user.security",
            key=("userKey", "clientId"), records="items", parent="users", carry={"_person": "primaryEmail"}, tidy=with_list,
        ),
    ),
)  # fmt: skip

GOOGLE_LICENCES = Connector(
    name="google_licences",
    title="Google Workspace licences",
    about="Who holds a licence of one product of Google's.",
    base="https://licensing.googleapis.com",
    auth=signed("apps.licensing"),
    check=Check("apps/licensing/v1/product/{product}/sku/{sku}/users", "", "The product's id, its SKU or the customer's id may be wrong.", {"customerId": "{customer}", "maxResults": "1"}),
    options=(
        *ACCOUNT,
        Option("customer", "The customer's id, as the Admin console shows it under Account settings, or the primary domain.", pattern=r"[A-Za-z0-9.-]+", example="C01abcdef"),
        Option("product", "Id of the product, from Google's page «Product and SKU IDs».", pattern=r"[A-Za-z0-9-]+", example="Google-Apps"),
        Option("sku", "Id of any of its SKUs, to try the credentials with.", pattern=r"[A-Za-z0-9-]+", example="1010020020"),
    ),
    credentials=steps("Enterprise License Manager API", "apps.licensing"),
    limits="By project; Google says so with 403 and asks to come back later.",
    rules=RULES,
    streams=(
        Stream(
            "assignments", "who holds which licence of the product", "apps/licensing/v1/product/{product}/users", "google_licences_api_assignments", "scope apps.licensing",
            key=("userId", "skuId"), records="items", params={"customerId": "{customer}"}, paging=Token("maxResults", 1000, place="nextPageToken", param="pageToken"), tidy=with_list,
        ),
    ),
)  # fmt: skip
