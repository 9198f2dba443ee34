"""GitHub: who has a Copilot seat and when it was last used, and who belongs to an organisation.

Seats say nothing of their price. The licences that a whole enterprise consumes are not read: its list has no field that
identifies every row, since people who only hold a Visual Studio subscription have no login there. GitHub Enterprise
Server, which has other addresses, is not read either.
"""

from connectors.api import Budget, Check, Connector, LinkHeader, Option, Rule, Stream, Verdict, bearer

GITHUB = Connector(
    name="github",
    title="GitHub seats",
    about="Copilot seats of an organisation with their last use, and its members, each of whom takes a seat of a paid plan.",
    base="https://api.github.com",
    auth=bearer("{token}"),
    check=Check("orgs/{org}", "login", "The token must be of an owner of the organisation."),
    options=(
        Option("org", "Name of the organisation, as in its address.", pattern=r"[A-Za-z0-9-]+", example="acme"),
        Option("token", "Personal access token of an owner of the organisation.", secret=True),
    ),
    credentials=(
        "Sign in as an owner of the organisation and open Settings, Developer settings, Personal access tokens.",
        "Make a fine-grained token with the organisation as its resource owner, and the organisation permissions «GitHub Copilot Business» and «Members», both for reading.",
        "Or make a classic token with the scopes read:org and manage_billing:copilot, and authorise it for the organisation's single sign-on.",
        "Give it an end in a year at most, and note the day.",
    ),
    limits="5,000 requests an hour. To a token without the permission GitHub answers as if the list did not exist (404).",
    budget=Budget(per_minute=80, reserve=0.1, remaining="x-ratelimit-remaining", reset="x-ratelimit-reset"),
    headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
    rules=(
        Rule(Verdict.THROTTLE, (403, 429), r"rate limit", "GitHub limits requests for a while"),
        Rule(Verdict.PERMISSION, (404,), r'"status":\s*"404"', "GitHub answers so where the token lacks the permission, or the plan does not include it"),
    ),
    streams=(
        Stream(
            "copilot_seats", "who has a Copilot seat, and when it was last used", "orgs/{org}/copilot/billing/seats", "github_api_copilot_seats",
            "GitHub Copilot Business (read), or the scope manage_billing:copilot", key=("assignee.id",), records="seats",
            paging=LinkHeader("per_page", 100, total="total_seats", shifts=True),
        ),
        Stream(
            "members", "members of the organisation", "orgs/{org}/members", "github_api_members", "Members (read), or the scope read:org",
            paging=LinkHeader("per_page", 100, shifts=True),
        ),
    ),
)  # fmt: skip
