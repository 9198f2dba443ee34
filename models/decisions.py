"""What people decided: rows with author and date, replayed at every refresh; deleting a row undoes it."""

from models import Column, Home, Kind, Privacy, Table
from models.spend import COST_POOLS

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
        Column("inputs_key", Kind.TEXT, "Key of the subject's name, vendor and category when it was decided, as `plumbline review` writes it, "
               "which asks again once that changes. Empty: it asks again by age only.", example="9c41e07b"),
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

BUNDLE = Table(
    "bundle",
    "A tool whose price includes another tool.",
    ("bundle_name", "tool_name"),
    (
        Column("bundle_name", Kind.TEXT, "The tool that is paid.", required=True, example="Microsoft 365 E5"),
        Column("tool_name", Kind.TEXT, "The tool that comes with it.", required=True, example="Microsoft Teams"),
        AUTHOR,
        DECIDED,
    ),
    home=Home.DECISIONS,
)  # fmt: skip

SOURCE_ORDER = Table(
    "source_order",
    "Which source counts where several hold the same purchase; those of different places are known to hold the same ones.",
    ("source_name",),
    (
        Column("source_name", Kind.TEXT, "The source, as named in plumbline.yml or by its folder.", required=True, example="erp"),
        Column("place", Kind.COUNT, "Its place: the lowest counts, the others are counted elsewhere; sources of one place stand side by side. Any place comes before none.", required=True, minimum=1, example="1"),
        AUTHOR,
        DECIDED,
    ),
    home=Home.DECISIONS,
    file="source_order",
)  # fmt: skip

PURCHASE_MATCH = Table(
    "purchase_match",
    "Whether two spend lines of different sources are the same purchase.",
    ("match_id",),
    (
        Column("match_id", Kind.TEXT, "The pair, as shown in marts.review_purchase and settings.purchase_match.", required=True, example="0a1b2c3d4e5f-5f4e3d2c1b0a"),
        Column("verdict", Kind.TEXT, "same: counted once. different: both count.", required=True, among=("same", "different"), example="same"),
        AUTHOR,
        DECIDED,
        Column("note", Kind.TEXT, "Why."),
    ),
    home=Home.DECISIONS,
    file="purchase_matches",
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
        Column("inputs_key", Kind.TEXT, "The finding's key of its inputs, as shown beside it; the dismissal ends when that changes. Empty: when a mapping behind the finding is decided anew.",
               example="9c41e07b"),
    ),
    home=Home.DECISIONS,
)  # fmt: skip

REPLACEMENT = Table(
    "replacement",
    "One tool that another is to replace, decided or only looked into: what the change costs, and what of its money is saved already.",
    ("tool_name", "by_tool_name"),
    (
        Column("tool_name", Kind.TEXT, "The tool that goes.", required=True, example="Zoom Workplace"),
        Column("by_tool_name", Kind.TEXT, "The tool that stays.", required=True, example="Microsoft Teams Premium"),
        Column("switching_amount", Kind.MONEY, "One-time cost of the change: moving data, training, a fee for leaving; in the reporting currency.", minimum=0, example="4000"),
        Column("seats_reclaimed", Kind.COUNT, "Seats of the tool that goes which are given up already, so that their money is saved once.", minimum=0),
        AUTHOR,
        DECIDED,
        Column("note", Kind.TEXT, "Why."),
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

SAVING = Table(
    "saving",
    "A saving that was agreed or contracted on a finding; whether it came is read from the ledger.",
    ("finding_id", "subject_kind", "subject"),
    (
        Column("finding_id", Kind.TEXT, "The finding it answers.", required=True, example="overlap-1f6e0c2a"),
        Column("stage", Kind.TEXT, "agreed: somebody said yes. contracted: notice is given or the new contract is signed.", required=True,
               among=("agreed", "contracted"), example="agreed"),
        Column("subject_kind", Kind.TEXT, "What will cost less.", required=True, among=("tool", "vendor", "gl_account"), example="tool"),
        Column("subject", Kind.TEXT, "Its name or number.", required=True, example="Asana"),
        Column("annual_amount", Kind.MONEY, "What is saved in a year, in the reporting currency.", required=True, minimum=0, example="4200.00"),
        Column("effective_on", Kind.DAY, "Day from which less is paid.", required=True, example="2026-07-01"),
        AUTHOR,
        DECIDED,
        Column("note", Kind.TEXT, "Why."),
    ),
    home=Home.DECISIONS,
)  # fmt: skip

COST_CLASS = Table(
    "cost_class",
    "What kind of cost an account, tool, vendor, cost centre or initiative is, where the source of a line does not say.",
    ("subject_kind", "subject"),
    (
        Column("subject_kind", Kind.TEXT, "What is classed.", required=True, among=("initiative", "tool", "vendor", "gl_account", "cost_center"), example="gl_account"),
        Column("subject", Kind.TEXT, "Its id, name or number.", required=True, example="6835"),
        Column("cost_pool", Kind.TEXT, "Cost pool of the TBM taxonomy.", among=COST_POOLS, example="software"),
        Column("run_grow_transform", Kind.TEXT, "Keeps the business running, grows it or changes it (TBM).", among=("run", "grow", "transform"), example="run"),
        AUTHOR,
        DECIDED,
    ),
    home=Home.DECISIONS,
    file="cost_classes",
)  # fmt: skip

ALLOCATION = Table(
    "allocation",
    "A pool of shared cost, and the driver by which it reaches those who use it.",
    ("pool_id",),
    (
        Column("pool_id", Kind.TEXT, "Short id of the pool.", required=True, example="workplace"),
        Column("subject_kind", Kind.TEXT, "What goes into it; empty: only what other pools send.", among=("tool", "vendor", "gl_account", "cost_center", "capability"),
               example="gl_account"),
        Column("subject", Kind.TEXT, "Its name, number or id.", example="0650"),
        Column("driver", Kind.TEXT, "By what it is shared out: people in a unit, people who use a tool, tickets, or the weights stated in allocation_weights.",
               required=True, among=("headcount", "active_seats", "tickets", "stated"), example="headcount"),
        Column("driver_tool", Kind.TEXT, "The tool whose users or tickets count; empty: all tools with users or tickets.", example="Microsoft 365"),
        Column("capability_id", Kind.TEXT, "The capability its money serves; empty: those of the tools that people use or that tickets are about.", refers_to="capability.capability_id"),
        Column("capacity", Kind.NUMBER, "Units of the driver that the pool could serve; what is not used of it stays as unused. Empty: the users bear all.", minimum=0),
        AUTHOR,
        DECIDED,
        Column("note", Kind.TEXT, "Why this driver."),
    ),
    home=Home.DECISIONS,
)  # fmt: skip

ALLOCATION_WEIGHT = Table(
    "allocation_weight",
    "One stated share of a pool: for a unit, a capability, both, or another pool.",
    ("pool_id", "to_pool_id", "org_unit_id", "capability_id"),
    (
        Column("pool_id", Kind.TEXT, "The pool.", required=True, refers_to="allocation.pool_id", example="it-staff"),
        Column("to_pool_id", Kind.TEXT, "The pool that takes this share and shares it out in turn.", refers_to="allocation.pool_id"),
        Column("org_unit_id", Kind.TEXT, "The unit that bears it.", refers_to="org_unit.org_unit_id", example="sales"),
        Column("capability_id", Kind.TEXT, "The capability that it serves; empty: the pool's own.", refers_to="capability.capability_id"),
        Column("weight", Kind.NUMBER, "Share, beside the pool's other rows.", required=True, minimum=0, example="2"),
        AUTHOR,
        DECIDED,
    ),
    home=Home.DECISIONS,
)  # fmt: skip
