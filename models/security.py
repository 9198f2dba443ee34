"""What may go wrong and what is done about it: controls, risks, restore tests, and flaws known to be exploited."""

from models import Column, Home, Kind, Privacy, Table

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
        Column("procedure_ref", Kind.TEXT, "Written procedure it follows: its name or where it lies."),
        Column("evidence_on", Kind.DAY, "Day of the newest evidence that it works."),
        Column("cost_share", Kind.SHARE, "Share of the tool's money that it stands for; empty: what the tool's other controls leave, alike.", minimum=0, maximum=1),
        Column("annual_amount", Kind.MONEY, "Yearly cost beside the tool, such as people's time, in the reporting currency; of one not in place, what it is planned to cost.", minimum=0),
        Column("chance_reduction_share", Kind.SHARE, "Of one not in place yet: share by which it lowers how often each risk that names it happens, 0 to 1; empty: not at all, if the other is stated.", minimum=0, maximum=1, example="0.3"),
        Column("loss_reduction_share", Kind.SHARE, "Of one not in place yet: share by which it lowers what each risk that names it then costs, 0 to 1; empty: not at all, if the other is stated.", minimum=0, maximum=1, example="0.5"),
        Column("owner_id", Kind.TEXT, "Who answers for it.", refers_to="owner.owner_id"),
    ),
    home=Home.STRATEGY,
)  # fmt: skip

RISK = Table(
    "risk",
    "One risk, with what it may cost as things stand, and what it would cost without the controls against it.",
    ("risk_id",),
    (
        Column("risk_id", Kind.TEXT, "Short id.", required=True, example="ransomware"),
        Column("name", Kind.TEXT, "What may happen.", required=True, example="Ransomware stops production"),
        Column("capability_id", Kind.TEXT, "Capability it threatens.", refers_to="capability.capability_id"),
        Column("annual_probability", Kind.SHARE, "Chance in a year, 0 to 1.", minimum=0, maximum=1),
        Column("annual_frequency", Kind.RATE, "Times a year on average, for what may happen more than once; counts instead of the chance.", minimum=0, maximum=1000),
        Column("loss_low_amount", Kind.MONEY, "Loss that is exceeded in 95 of 100 cases, in the reporting currency.", minimum=0),
        Column("loss_high_amount", Kind.MONEY, "Loss that is exceeded in 5 of 100 cases.", minimum=0),
        Column("inherent_probability", Kind.SHARE, "Chance in a year without the controls, 0 to 1; empty: as with them.", minimum=0, maximum=1),
        Column("inherent_frequency", Kind.RATE, "Times a year without the controls; empty: as with them.", minimum=0, maximum=1000),
        Column("inherent_loss_low_amount", Kind.MONEY, "Loss exceeded in 95 of 100 cases without the controls; empty: as with them.", minimum=0),
        Column("inherent_loss_high_amount", Kind.MONEY, "Loss exceeded in 5 of 100 cases without the controls; empty: as with them.", minimum=0),
        Column("treatment", Kind.TEXT, "What is done about it.", among=("mitigate", "accept", "avoid", "transfer")),
        Column("control_ids", Kind.TEXT, "Ids of the controls against it, with spaces between."),
        Column("owner_id", Kind.TEXT, "Who answers for it.", refers_to="owner.owner_id"),
    ),
    home=Home.STRATEGY,
)  # fmt: skip

RESTORE_TEST = Table(
    "restore_test",
    "One rehearsal in which a capability was brought back from its backup.",
    ("capability_id", "tested_on"),
    (
        Column("capability_id", Kind.TEXT, "The capability.", required=True, refers_to="capability.capability_id", example="BC-0310"),
        Column("tested_on", Kind.DAY, "Day of the rehearsal.", required=True, example="2026-05-12"),
        Column("restored_hours", Kind.NUMBER, "Hours until it worked again.", minimum=0, example="6"),
        Column("lost_hours", Kind.NUMBER, "Hours of work that did not come back.", minimum=0, example="12"),
        Column("is_passed", Kind.YES_NO, "It worked again and its data were right."),
        Column("evidence", Kind.TEXT, "Protocol of the rehearsal."),
        Column("author", Kind.TEXT, "Who says so.", privacy=Privacy.PERSONAL),
    ),
    home=Home.STRATEGY,
)  # fmt: skip

KNOWN_EXPLOITED = Table(
    "known_exploited",
    "One flaw of a product that is known to be exploited.",
    ("cve_id",),
    (
        Column("cve_id", Kind.TEXT, "Number of the flaw.", required=True, example="CVE-2024-40711", aliases=("cveid", "cve")),
        Column("vendor", Kind.TEXT, "Who makes the product, as the catalogue writes it.", required=True, aliases=("vendorproject",)),
        Column("product", Kind.TEXT, "The product, as the catalogue writes it.", required=True),
        Column("title", Kind.TEXT, "What the flaw is called.", aliases=("vulnerabilityname",)),
        Column("added_on", Kind.DAY, "Day on which the catalogue took it in.", required=True, aliases=("dateadded",)),
        Column("due_on", Kind.DAY, "Day by which the catalogue wants it mended.", aliases=("duedate",)),
        Column("is_ransomware", Kind.YES_NO, "Known to be used for ransomware.", aliases=("knownransomwarecampaignuse",)),
        Column("required_action", Kind.TEXT, "What the catalogue says to do.", aliases=("requiredaction",)),
    ),
)  # fmt: skip
