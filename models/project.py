"""Work as the systems know it in which it is planned: epics and projects."""

from models import Column, Kind, Privacy, Table

PROJECT = Table(
    "project",
    "One project or epic of a planning system. It gives the initiative that it belongs to what strategy/initiatives.csv does not say.",
    ("project_id",),
    (
        Column("project_id", Kind.TEXT, "The project's number or key; an initiative of this id, or one that names it in tracked_as, is the same work.", required=True,
               aliases=("project id", "project number", "key", "issue key"), example="ITSM-41"),
        Column("name", Kind.TEXT, "What it is called.", required=True, aliases=("project name", "project", "summary", "epic name")),
        Column("status", Kind.TEXT, "How far it is.", among=("idea", "planned", "running", "done", "stopped"), aliases=("state", "project status")),
        Column("category", Kind.TEXT, "Group it stands in: a space, a board, a client.", aliases=("space", "board", "portfolio")),
        Column("owner", Kind.TEXT, "Who leads it: name or e-mail address as strategy/owners.csv has it.", privacy=Privacy.PERSONAL,
               aliases=("assignee", "project manager", "manager", "lead")),
        Column("start_on", Kind.DAY, "Planned first day.", aliases=("start date", "planned start", "estimated start")),
        Column("end_on", Kind.DAY, "Planned last day.", aliases=("due date", "planned end", "estimated end", "finish")),
        Column("actual_start_on", Kind.DAY, "Day it began.", aliases=("actual start",)),
        Column("actual_end_on", Kind.DAY, "Day it ended.", aliases=("actual end", "actual finish", "completed on", "resolved")),
        Column("planned_amount", Kind.MONEY, "What it was to cost, in the reporting currency.", aliases=("budget", "planned cost", "baseline cost")),
        Column("actual_amount", Kind.MONEY, "What the system says it has cost so far, in the reporting currency; no line of the ledger.", aliases=("actual cost",)),
        Column("planned_hours", Kind.NUMBER, "Hours of work planned.", minimum=0, aliases=("budget hours", "estimated hours", "planned work")),
        Column("actual_hours", Kind.NUMBER, "Hours of work done so far.", minimum=0, aliases=("hours", "actual work", "spent hours")),
    ),
)  # fmt: skip
