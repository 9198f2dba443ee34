"""What the business wants, what that takes, and how it will know: small files that people edit."""

from models import Column, Home, Kind, Privacy, Table

THEMES = ("growth", "efficiency", "risk", "compliance", "cost")
PHASES = ("stabilize_secure", "optimize_integrate", "innovate")

PRIORITY = Table(
    "priority",
    "One of the three to five things the business wants most.",
    ("priority_id",),
    (
        Column("priority_id", Kind.TEXT, "Short id used in the other files.", required=True, example="faster-close"),
        Column("name", Kind.TEXT, "The priority in the words of the business.", required=True, example="Close the books in three days"),
        Column("theme", Kind.TEXT, "What it is about.", required=True, among=THEMES, example="efficiency"),
        Column("weight", Kind.NUMBER, "How much it matters beside the others; any positive number.", required=True, minimum=0, example="3"),
        Column("horizon_on", Kind.DAY, "By when.", example="2027-12-31"),
        Column("owner_id", Kind.TEXT, "Who answers for it.", refers_to="owner.owner_id", example="cfo"),
        Column("sponsor_id", Kind.TEXT, "Who stands for it in the board.", refers_to="owner.owner_id"),
        Column("description", Kind.TEXT, "What it means."),
    ),
    home=Home.STRATEGY,
    file="priorities",
)  # fmt: skip

CAPABILITY = Table(
    "capability",
    "One thing the business must be able to do, whatever the tools.",
    ("capability_id",),
    (
        Column("capability_id", Kind.TEXT, "Id; `BC-…` of the catalogue, or the company's own.", required=True, example="BC-0310"),
        Column("name", Kind.TEXT, "The capability's name.", required=True, example="Financial close"),
        Column("parent_id", Kind.TEXT, "The wider capability it is part of; it need not be in use itself.", example="BC-0300"),
        Column("description", Kind.TEXT, "What belongs to it."),
        Column("is_critical", Kind.YES_NO, "The business stops without it."),
        Column("business_owner_id", Kind.TEXT, "Who in the business answers for it.", refers_to="owner.owner_id"),
        Column("it_owner_id", Kind.TEXT, "Who in IT answers for it.", refers_to="owner.owner_id"),
        Column("rto_hours", Kind.NUMBER, "Hours after which it must work again, at the latest.", minimum=0, example="8"),
        Column("rpo_hours", Kind.NUMBER, "Hours of work that may be lost at most.", minimum=0, example="24"),
    ),
    home=Home.STRATEGY,
    file="capabilities",
)  # fmt: skip

PRIORITY_CAPABILITY = Table(
    "priority_capability",
    "A capability that a priority needs; a capability may serve several.",
    ("priority_id", "capability_id"),
    (
        Column("priority_id", Kind.TEXT, "The priority.", required=True, refers_to="priority.priority_id", example="faster-close"),
        Column("capability_id", Kind.TEXT, "The capability.", required=True, refers_to="capability.capability_id", example="BC-0310"),
        Column("required_level", Kind.SHARE, "How well it must be covered, 0 to 1.", required=True, minimum=0, maximum=1, example="0.8"),
        Column("weight", Kind.NUMBER, "How much of the capability serves this priority, beside its others.", required=True,
               minimum=0, example="1"),
        Column("business_owner_id", Kind.TEXT, "Who in the business answers for the link.", refers_to="owner.owner_id", example="cfo"),
        Column("it_owner_id", Kind.TEXT, "Who in IT answers for the link.", refers_to="owner.owner_id", example="cio"),
    ),
    home=Home.STRATEGY,
    file="priority_capabilities",
)  # fmt: skip

INITIATIVE = Table(
    "initiative",
    "One piece of work that changes technology for a priority.",
    ("initiative_id",),
    (
        Column("initiative_id", Kind.TEXT, "Short id.", required=True, example="erp-close"),
        Column("name", Kind.TEXT, "What it is called.", required=True, example="Automate account reconciliation"),
        Column("phase", Kind.TEXT, "Where it stands on the roadmap.", required=True, among=PHASES, example="optimize_integrate"),
        Column("status", Kind.TEXT, "How far it is.", among=("idea", "planned", "running", "done", "stopped")),
        Column("priority_id", Kind.TEXT, "The priority it serves.", refers_to="priority.priority_id", example="faster-close"),
        Column("start_on", Kind.DAY, "Planned first day.", example="2026-04-01"),
        Column("end_on", Kind.DAY, "Planned last day.", example="2026-12-31"),
        Column("actual_start_on", Kind.DAY, "Day it began."),
        Column("actual_end_on", Kind.DAY, "Day it ended."),
        Column("capex_amount", Kind.MONEY, "Planned capital cost, in the reporting currency."),
        Column("opex_amount", Kind.MONEY, "Planned operating cost, in the reporting currency."),
        Column("owner_id", Kind.TEXT, "Who answers for it.", refers_to="owner.owner_id"),
        Column("predecessor_ids", Kind.TEXT, "Ids of initiatives that must be done before, with spaces between."),
        Column("tracked_as", Kind.TEXT, "Keys of the projects or epics that it is tracked as, with spaces between: what is empty here comes from them. Empty: the one of its own id, if any.", example="ITSM-41"),
        Column("is_must_do", Kind.YES_NO, "Required by law or contract."),
        Column("duration_quarters", Kind.NUMBER, "Quarters it takes; empty: as its planned days tell.", minimum=1, maximum=40, example="2"),
        Column("earliest_on", Kind.DAY, "Day before which it can't begin, such as the end of a contract it replaces."),
        Column("phase_waiver", Kind.TEXT, "Why it may begin before what an earlier phase does for the same capability is done; empty: it may not."),
        Column("business_value", Kind.NUMBER, "Value to the business, in points of a scale that all initiatives share.", minimum=0, example="8"),
        Column("time_criticality", Kind.NUMBER, "How much of the value waiting costs, in points of the same scale.", minimum=0, example="5"),
        Column("risk_reduction", Kind.NUMBER, "Risk it takes away or opportunity it opens, in points of the same scale.", minimum=0, example="3"),
        Column("job_size", Kind.NUMBER, "Size of the work beside the others.", above=0, example="5"),
        Column("reach", Kind.NUMBER, "People or transactions that feel it in a quarter.", minimum=0, example="60"),
        Column("impact", Kind.NUMBER, "What it does for each of them, on one scale such as 0.25 to 3.", minimum=0, example="2"),
        Column("confidence", Kind.SHARE, "How sure reach and impact are, 0 to 1.", minimum=0, maximum=1, example="0.8"),
        Column("effort", Kind.NUMBER, "Person-months it takes.", above=0, example="9"),
        Column("description", Kind.TEXT, "What will be different."),
    ),
    home=Home.STRATEGY,
)  # fmt: skip

INITIATIVE_CAPABILITY = Table(
    "initiative_capability",
    "A capability that an initiative improves.",
    ("initiative_id", "capability_id"),
    (
        Column("initiative_id", Kind.TEXT, "The initiative.", required=True, refers_to="initiative.initiative_id", example="erp-close"),
        Column("capability_id", Kind.TEXT, "The capability.", required=True, refers_to="capability.capability_id", example="BC-0310"),
    ),
    home=Home.STRATEGY,
    file="initiative_capabilities",
)  # fmt: skip

KPI = Table(
    "kpi",
    "One measure of a priority or capability, in terms of the business.",
    ("kpi_id",),
    (
        Column("kpi_id", Kind.TEXT, "Short id.", required=True, example="close-days"),
        Column("name", Kind.TEXT, "What is measured.", required=True, example="Working days to close the month"),
        Column("unit", Kind.TEXT, "Unit of the values.", required=True, example="days"),
        Column("direction", Kind.TEXT, "Whether more or less is better.", required=True, among=("maximize", "minimize"), example="minimize"),
        Column("baseline", Kind.NUMBER, "Value before.", example="8"),
        Column("target", Kind.NUMBER, "Value wanted.", example="3"),
        Column("target_on", Kind.DAY, "By when.", example="2027-06-30"),
        Column("priority_id", Kind.TEXT, "The priority it tells of.", refers_to="priority.priority_id", example="faster-close"),
        Column("capability_id", Kind.TEXT, "The capability it tells of.", refers_to="capability.capability_id", example="BC-0310"),
        Column("owner_id", Kind.TEXT, "Who answers for it.", refers_to="owner.owner_id", example="cfo"),
        Column("is_it_metric", Kind.YES_NO, "It measures technology, such as uptime or tickets, and not what the business gets; empty: no."),
        Column("data_source", Kind.TEXT, "Where the values come from."),
    ),
    home=Home.STRATEGY,
)  # fmt: skip

KPI_OBSERVATION = Table(
    "kpi_observation",
    "The value of a KPI in a month.",
    ("kpi_id", "month", "group_name"),
    (
        Column("kpi_id", Kind.TEXT, "The KPI.", required=True, refers_to="kpi.kpi_id", example="close-days"),
        Column("month", Kind.MONTH, "The month.", required=True, example="2026-03"),
        Column("value", Kind.NUMBER, "The value.", required=True, example="7"),
        Column("observation_count", Kind.COUNT, "How many cases stand behind the value.", minimum=0),
        Column("group_name", Kind.TEXT, "Site or unit the value is of; empty: the whole company."),
        Column("author", Kind.TEXT, "Who gives it.", privacy=Privacy.PERSONAL),
    ),
    home=Home.STRATEGY,
)  # fmt: skip
