"""How technology serves: tickets and outages."""

from models import Column, Kind, Privacy, Table

TICKET = Table(
    "ticket",
    "One incident, request, change or problem.",
    ("ticket_id",),
    (
        Column("ticket_id", Kind.TEXT, "The ticket's number.", required=True, example="INC0012345",
               aliases=("number", "id", "issue key", "key", "ticket id", "#", "sys id")),
        Column("kind", Kind.TEXT, "What kind of ticket it is.", among=("incident", "request", "change", "problem"),
               aliases=("type", "issue type", "ticket type", "tracker", "task type")),
        Column("title", Kind.TEXT, "Its one-line summary.", privacy=Privacy.CONFIDENTIAL,
               aliases=("subject", "summary", "short description", "title")),
        Column("status", Kind.TEXT, "Where it stands, as the source says.", aliases=("state", "incident state")),
        Column("priority", Kind.TEXT, "Its priority, as the source says.", aliases=("severity", "urgency")),
        Column("tool_name", Kind.TEXT, "The tool, service or configuration item concerned.",
               aliases=("service", "business service", "configuration item", "ci", "application", "affected service",
                        "component", "components")),
        Column("category", Kind.TEXT, "Category in the source.", aliases=("subcategory", "group", "queue", "labels")),
        Column("org_unit", Kind.TEXT, "Unit that asked.", aliases=("department", "organization", "company", "requester department")),
        Column("assignment_group", Kind.TEXT, "Team that works on it.", aliases=("group", "assigned group", "team")),
        Column("opened_at", Kind.INSTANT, "When it was opened.", required=True,
               aliases=("created", "opened", "created at", "created time", "created on", "sys created on", "requested", "updated")),
        Column("resolved_at", Kind.INSTANT, "When it was solved.", aliases=("resolved", "resolved time", "solved at")),
        Column("closed_at", Kind.INSTANT, "When it was closed.", aliases=("closed", "closed time", "closed at")),
        Column("reopen_count", Kind.COUNT, "How often it was opened again.", minimum=0, aliases=("reopens",)),
        Column("users_affected", Kind.COUNT, "People who could not work as usual.", minimum=0, aliases=("affected users",)),
        Column("is_sla_met", Kind.YES_NO, "Solved within the time agreed.", aliases=("made sla", "sla met")),
        Column("is_security", Kind.YES_NO, "A security incident."),
        Column("is_workaround", Kind.YES_NO, "Worked around by hand."),
        Column("cause_change_id", Kind.TEXT, "Change that caused it.", aliases=("caused by", "caused by change")),
    ),
)  # fmt: skip

OUTAGE = Table(
    "outage",
    "One span in which a tool or service did not work.",
    ("outage_id",),
    (
        Column("outage_id", Kind.TEXT, "The outage's number.", required=True, aliases=("number", "id", "incident id")),
        Column("tool_name", Kind.TEXT, "The tool or service concerned.", required=True,
               aliases=("service", "configuration item", "component", "application")),
        Column("started_at", Kind.INSTANT, "When it began.", required=True, aliases=("begin", "start", "start time", "created at")),
        Column("ended_at", Kind.INSTANT, "When it ended; empty: still going on.", aliases=("end", "end time", "resolved at")),
        Column("severity", Kind.TEXT, "How bad, as the source says.", aliases=("priority", "impact")),
        Column("is_planned", Kind.YES_NO, "Announced maintenance.", aliases=("planned",)),
        Column("users_affected", Kind.COUNT, "People who could not work.", minimum=0, aliases=("affected users",)),
        Column("ticket_id", Kind.TEXT, "The incident that tells of it.", aliases=("incident", "task")),
    ),
)  # fmt: skip
