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
        Column("is_must_do", Kind.YES_NO, "Required by law or contract."),
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

CONTROL = Table(
    "control",
    "One security or continuity control: a policy, a process, or a technical or physical measure.",
    ("control_id",),
    (
        Column("control_id", Kind.TEXT, "Short id.", required=True, example="mfa"),
        Column("name", Kind.TEXT, "What it is.", required=True, example="Multi-factor sign-in"),
        Column("kind", Kind.TEXT, "What kind it is.", among=("policy", "process", "technical", "physical")),
        Column("csf_function", Kind.TEXT, "Function of NIST CSF 2.0.", among=("govern", "identify", "protect", "detect", "respond", "recover")),
        Column("asset_class", Kind.TEXT, "What it protects.", among=("devices", "applications", "networks", "data", "users")),
        Column("tool_name", Kind.TEXT, "Tool that carries it."),
        Column("status", Kind.TEXT, "How far it is.", among=("none", "planned", "partial", "in_place")),
        Column("initiative_id", Kind.TEXT, "Initiative it is part of.", refers_to="initiative.initiative_id"),
        Column("evidence_on", Kind.DAY, "Day of the newest evidence that it works."),
        Column("owner_id", Kind.TEXT, "Who answers for it.", refers_to="owner.owner_id"),
    ),
    home=Home.STRATEGY,
)  # fmt: skip

RISK = Table(
    "risk",
    "One risk, with what it may cost.",
    ("risk_id",),
    (
        Column("risk_id", Kind.TEXT, "Short id.", required=True, example="ransomware"),
        Column("name", Kind.TEXT, "What may happen.", required=True, example="Ransomware stops production"),
        Column("capability_id", Kind.TEXT, "Capability it threatens.", refers_to="capability.capability_id"),
        Column("annual_probability", Kind.SHARE, "Chance in a year, 0 to 1.", minimum=0, maximum=1),
        Column("loss_low_amount", Kind.MONEY, "Loss that is exceeded in 95 of 100 cases, in the reporting currency.", minimum=0),
        Column("loss_high_amount", Kind.MONEY, "Loss that is exceeded in 5 of 100 cases.", minimum=0),
        Column("treatment", Kind.TEXT, "What is done about it.", among=("mitigate", "accept", "avoid", "transfer")),
        Column("control_ids", Kind.TEXT, "Ids of the controls against it, with spaces between."),
        Column("owner_id", Kind.TEXT, "Who answers for it.", refers_to="owner.owner_id"),
    ),
    home=Home.STRATEGY,
)  # fmt: skip
