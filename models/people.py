"""Who: people, the units they work in, and those who answer for something."""

from models import Column, Home, Kind, Privacy, Table

PERSON = Table(
    "person",
    "One employee or contractor.",
    ("person_id",),
    (
        Column("person_id", Kind.TEXT, "The person's id.", required=True, privacy=Privacy.PERSONAL,
               aliases=("employee id", "employee number", "id", "user id", "login")),
        Column("email", Kind.TEXT, "E-mail address.", privacy=Privacy.PERSONAL,
               aliases=("email address", "mail", "user principal name", "work email")),
        Column("name", Kind.TEXT, "Name.", privacy=Privacy.PERSONAL, aliases=("full name", "display name", "employee name")),
        Column("org_unit", Kind.TEXT, "Department or unit.", aliases=("department", "team", "org unit path")),
        Column("cost_center", Kind.TEXT, "Cost centre.", aliases=("cost centre",)),
        Column("manager", Kind.TEXT, "The person's manager.", privacy=Privacy.PERSONAL, aliases=("manager name", "reports to")),
        Column("status", Kind.TEXT, "Whether the person still works here.", among=("active", "left", "leave"),
               aliases=("employment status", "account enabled")),
        Column("joined_on", Kind.DAY, "First day.", privacy=Privacy.PERSONAL, aliases=("start date", "hire date")),
        Column("left_on", Kind.DAY, "Last day.", privacy=Privacy.PERSONAL, aliases=("leave date", "termination date", "end date")),
        Column("is_external", Kind.YES_NO, "Not an employee.", aliases=("contractor", "external")),
        Column("hourly_cost", Kind.MONEY, "Cost of an hour, in the reporting currency.", privacy=Privacy.CONFIDENTIAL),
    ),
)  # fmt: skip

ORG_UNIT = Table(
    "org_unit",
    "One department, site or subsidiary.",
    ("org_unit_id",),
    (
        Column("org_unit_id", Kind.TEXT, "The unit's id.", required=True, example="sales"),
        Column("name", Kind.TEXT, "The unit's name.", required=True, example="Sales"),
        Column("parent_id", Kind.TEXT, "The unit it belongs to.", refers_to="org_unit.org_unit_id"),
        Column("cost_center", Kind.TEXT, "Its cost centre."),
        Column("headcount", Kind.COUNT, "People in it.", minimum=0),
    ),
    home=Home.STRATEGY,
)  # fmt: skip

OWNER = Table(
    "owner",
    "One person who answers for a priority, capability, tool, initiative, KPI or risk.",
    ("owner_id",),
    (
        Column("owner_id", Kind.TEXT, "Short id used in the other files.", required=True, example="cfo"),
        Column("name", Kind.TEXT, "Name.", required=True, privacy=Privacy.PERSONAL, example="Petra Lang"),
        Column("email", Kind.TEXT, "E-mail address.", privacy=Privacy.PERSONAL),
        Column("side", Kind.TEXT, "Answers from the business or from IT.", required=True, among=("business", "it")),
        Column("org_unit_id", Kind.TEXT, "Unit.", refers_to="org_unit.org_unit_id"),
        Column("left_on", Kind.DAY, "Day the person left, if so."),
    ),
    home=Home.STRATEGY,
)  # fmt: skip
