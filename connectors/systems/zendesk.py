"""Zendesk Support: tickets by the incremental export, whose bookmark is the server's own."""

from connectors.api import Basic, Bookmark, Budget, Check, Connector, Deleted, Option, Rule, Stream, Token, Verdict

PAGES = Token("page[size]", 100, place="meta.after_cursor", param="page[after]", more="meta.has_more", is_kept=True)

ZENDESK = Connector(
    name="zendesk",
    title="Zendesk Support",
    about="Tickets with the names of groups and organisations, and when each was solved.",
    base="https://{subdomain}.zendesk.com/api/v2",
    auth=Basic("{email}/token", "{token}"),
    check=Check("users/me.json", "user.id", "To wrong credentials Zendesk answers as to an anonymous visitor."),
    options=(
        Option("subdomain", "The name before .zendesk.com.", pattern=r"[a-z0-9-]+", example="acme"),
        Option("email", "E-mail address of an administrator: exports are theirs only.", example="it@acme.example"),
        Option("token", "API token.", secret=True),
    ),
    credentials=(
        "Open the Admin Center, Apps and integrations, APIs, Zendesk API.",
        "Switch on token access and add a token; copy it at once.",
        "The e-mail address must be that of an administrator.",
    ),
    limits="200 to 2,500 requests a minute by plan; 10 a minute for the export of tickets. Changes of the last minute come with the next read.",
    budget=Budget(remaining="X-Rate-Limit-Remaining"),
    rules=(Rule(Verdict.BAD_BOOKMARK, (400, 422), r"[Cc]ursor", "The bookmark is no longer known"),),
    streams=(
        Stream("groups", "names of groups", "groups.json", "fivetran_zendesk_group", "any agent", records="groups", paging=PAGES),
        Stream(
            "organizations", "names of organisations", "organizations.json", "fivetran_zendesk_organization", "any agent", records="organizations", paging=PAGES,
            leave_out=frozenset({"details", "notes", "domain_names", "organization_fields"}),
        ),
        Stream("ticket_metrics", "when tickets were solved, and how often opened again", "ticket_metrics.json", "zendesk_api_metrics", "any agent", records="ticket_metrics", paging=PAGES),
        Stream(
            "tickets", "tickets of every status, deleted ones marked", "incremental/tickets/cursor.json", "zendesk_api_tickets", "administrator", records="tickets",
            paging=Token("per_page", 1000, place="after_cursor", param="cursor", ends="end_of_stream", is_kept=True, clears="start_time"),
            cursor=Bookmark("after_cursor", "cursor", "start_time"), deleted=Deleted.STATUS,
            leave_out=frozenset({"description", "raw_subject", "via", "recipient", "collaborator_ids", "follower_ids", "email_cc_ids", "satisfaction_rating"}),
        ),
    ),
)  # fmt: skip
