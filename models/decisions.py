"""What people decided: rows with author and date, replayed at every refresh; deleting a row undoes it."""

from models import Column, Home, Kind, Privacy, Table

AUTHOR = Column("author", Kind.TEXT, "Who decided.", required=True, privacy=Privacy.PERSONAL, example="p.lang")
DECIDED = Column("decided_on", Kind.DAY, "When.", required=True, example="2026-03-31")

MAPPING = Table(
    "mapping",
    "What a tool, vendor, account or cost centre is for: one row a capability, weights shared out over the rows of a subject.",
    ("subject_kind", "subject", "org_unit_id", "capability_id"),
    (
        Column("subject_kind", Kind.TEXT, "What is mapped.", required=True, among=("tool", "vendor", "gl_account", "cost_center"), example="tool"),
        Column("subject", Kind.TEXT, "Its name or number.", required=True, example="Salesforce Sales Cloud"),
        Column("capability_id", Kind.TEXT, "The capability it serves.", required=True, refers_to="capability.capability_id", example="BC-0310"),
        Column("weight", Kind.NUMBER, "Share of its cost, beside its other capabilities; empty: equal shares.", minimum=0, example="1"),
        Column("role", Kind.TEXT, "Leading or supporting.", among=("leading", "supporting"), example="leading"),
        Column("fit", Kind.SHARE, "How well it serves the capability, 0 to 1; empty: not assessed.", minimum=0, maximum=1, example="0.7"),
        Column("org_unit_id", Kind.TEXT, "Unit for which this holds; empty: all.", refers_to="org_unit.org_unit_id"),
        AUTHOR,
        DECIDED,
        Column("expires_on", Kind.DAY, "Day after which somebody must look again."),
        Column("note", Kind.TEXT, "Why."),
    ),
    home=Home.DECISIONS,
    file="mapping",
)  # fmt: skip

VENDOR_ALIAS = Table(
    "vendor_alias",
    "Another spelling of a vendor.",
    ("alias",),
    (
        Column("alias", Kind.TEXT, "The spelling found.", required=True, example="MSFT *AZURE"),
        Column("vendor_name", Kind.TEXT, "The vendor meant.", required=True, example="Microsoft"),
        AUTHOR,
        DECIDED,
    ),
    home=Home.DECISIONS,
    file="vendor_alias",
)  # fmt: skip

TOOL_ALIAS = Table(
    "tool_alias",
    "Another name of a tool, or a word in a description that names it.",
    ("alias",),
    (
        Column("alias", Kind.TEXT, "The name or phrase found.", required=True, example="SFDC"),
        Column("tool_name", Kind.TEXT, "The tool meant.", required=True, example="Salesforce Sales Cloud"),
        AUTHOR,
        DECIDED,
    ),
    home=Home.DECISIONS,
    file="tool_alias",
)  # fmt: skip

DISMISSAL = Table(
    "dismissal",
    "A finding that somebody looked at and set aside.",
    ("finding_id",),
    (
        Column("finding_id", Kind.TEXT, "The finding.", required=True, example="overlap-1f6e0c2a"),
        Column("reason", Kind.TEXT, "Why it is set aside.", required=True),
        AUTHOR,
        DECIDED,
    ),
    home=Home.DECISIONS,
)  # fmt: skip

EXCLUSION = Table(
    "exclusion",
    "Spend that is not technology and is left out by rule: a vendor or account of a ledger that holds all spend.",
    ("subject_kind", "subject"),
    (
        Column("subject_kind", Kind.TEXT, "What is left out.", required=True, among=("vendor", "gl_account", "cost_center"), example="gl_account"),
        Column("subject", Kind.TEXT, "Its name or number.", required=True, example="6400"),
        Column("reason", Kind.TEXT, "Why it is not technology.", required=True, example="Rent"),
        AUTHOR,
        DECIDED,
    ),
    home=Home.DECISIONS,
)  # fmt: skip
