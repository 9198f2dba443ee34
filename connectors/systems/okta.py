"""Okta: people, those who left among them, applications, and who is assigned to which.

The log of sign-ins is not read: it holds an event a sign-in, while a usage is one row a person and application. The
profile of a person is kept as Okta gives it, with the attributes that the organisation added.
"""

from connectors.api import Budget, Check, Connector, Key, LinkHeader, Option, Rule, Stream, Verdict

PRIVATE = frozenset({"credentials", "_links", "_embedded"})

OKTA = Connector(
    name="okta",
    title="Okta",
    about="People with their unit and state, applications, and who is assigned to which application.",
    base="https://{domain}/api/v1",
    auth=Key("Authorization", "SSWS {token}"),
    check=Check("users/me", "id", "The token is of nobody, or was revoked."),
    options=(
        Option("domain", "The organisation's Okta domain, not that of the admin console.", pattern=r"[a-z0-9-]+(\.[a-z0-9-]+)+", example="acme.okta.com"),
        Option("token", "API token.", secret=True),
    ),
    credentials=(
        "Make a user for Plumbline with the role «Read-only administrator»; a token may do what its user may.",
        "Sign in as this user and open the admin console, Security, API, Tokens, «Create token».",
        "Copy the token at once: it is shown only then. It ends when it is not used for 30 days.",
    ),
    limits="By kind of request and plan of the organisation, for all integrations together; Okta says when to go on. A request an application for who is assigned to it.",
    budget=Budget(remaining="X-Rate-Limit-Remaining", reset="X-Rate-Limit-Reset"),
    rules=(
        Rule(Verdict.AUTH, (401, 403), r'"errorCode":\s*"E0000011"', "The token was revoked, or ended after 30 days without use"),
        Rule(Verdict.PERMISSION, (403,), r'"errorCode":\s*"E0000006"', "Give the token's user the role «Read-only administrator»"),
    ),
    streams=(
        # The plain list passes over those who were deactivated; a search gives them too.
        Stream(
            "users", "people, those who left among them", "users", "okta_api_users", "okta.users.read, or read-only administrator",
            params={"search": 'lastUpdated gt "1970-01-01T00:00:00.000Z"'}, paging=LinkHeader("limit", 200), leave_out=PRIVATE,
        ),
        Stream(
            "apps", "applications of every state", "apps", "okta_api_apps", "okta.apps.read, or read-only administrator", paging=LinkHeader("limit", 200),
            leave_out=PRIVATE | {"settings", "accessibility", "profile"},
        ),
        Stream(
            "app_users", "who is assigned to which application, directly or by a group", "apps/{parent.id}/users", "okta_api_app_users", "okta.apps.read, or read-only administrator",
            key=("_application_id", "id"), paging=LinkHeader("limit", 500), parent="apps", carry={"_application_id": "id", "_application_label": "label"},
            leave_out=PRIVATE | {"profile", "externalId"},
        ),
    ),
)  # fmt: skip
