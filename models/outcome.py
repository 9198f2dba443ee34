"""What technology is to bring and what it costs when it fails: small files that people give, and stay «not assessed» without."""

from models import Column, Home, Kind, Privacy, Table

INITIATIVE_GROUP = Table(
    "initiative_group",
    "A site or unit in which an initiative began. The KPI's other groups are what it is compared with.",
    ("initiative_id", "group_name"),
    (
        Column("initiative_id", Kind.TEXT, "The initiative.", required=True, refers_to="initiative.initiative_id", example="erp-close"),
        Column("group_name", Kind.TEXT, "Site or unit, as kpi_observations.csv names it.", required=True, example="Linz"),
        Column("start_on", Kind.DAY, "Day from which it works there; empty: from the initiative's last day, or while it runs, its first.", example="2026-04-01"),
    ),
    home=Home.STRATEGY,
)  # fmt: skip

OPERATION = Table(
    "operation",
    "A part of the business that stops or slows down when a tool fails, and what an hour of that costs.",
    ("operation_id",),
    (
        Column("operation_id", Kind.TEXT, "Short id.", required=True, example="assembly"),
        Column("name", Kind.TEXT, "What the business does there.", required=True, example="Assembly in Linz"),
        Column("tool_name", Kind.TEXT, "The tool without which it stops; empty: every leading tool of the capability.", example="SAP ERP"),
        Column("capability_id", Kind.TEXT, "The capability it is part of.", refers_to="capability.capability_id", example="BC-0310"),
        Column("is_critical", Kind.YES_NO, "The business stops without it."),
        Column("people_count", Kind.COUNT, "People who work there.", minimum=0, example="40"),
        Column("affected_share", Kind.SHARE, "Share of their work that stops, 0 to 1.", minimum=0, maximum=1, example="0.6"),
        Column("hourly_cost_amount", Kind.MONEY, "What an hour of one person costs, in the reporting currency.", minimum=0, example="52.00"),
        Column("revenue_per_hour_amount", Kind.MONEY, "Revenue of a business hour, in the reporting currency.", minimum=0, example="9000.00"),
        Column("dependence_share", Kind.SHARE, "Share of that revenue that is lost and not made up later, 0 to 1.", minimum=0, maximum=1, example="0.2"),
        Column("recovery_per_hour_amount", Kind.MONEY, "What an hour of repair costs at any time of day, in the reporting currency.", minimum=0, example="300.00"),
        Column("opens_hour", Kind.NUMBER, "Hour at which the business day begins, 0 to 24, on the clock of the outage list; empty: 0.", minimum=0, maximum=24, example="6"),
        Column("closes_hour", Kind.NUMBER, "Hour at which it ends, 0 to 24; empty: 24.", minimum=0, maximum=24, example="22"),
        Column("weekday_count", Kind.COUNT, "Business days a week, counted from Monday; empty: 7.", minimum=1, maximum=7, example="5"),
        Column("owner_id", Kind.TEXT, "Who answers for it.", refers_to="owner.owner_id"),
    ),
    home=Home.STRATEGY,
)  # fmt: skip

TIME_SAVING = Table(
    "time_saving",
    "Time that an initiative is to save, before it is discounted: not everybody takes part, and not every hour saved is used.",
    ("initiative_id", "name"),
    (
        Column("initiative_id", Kind.TEXT, "The initiative.", required=True, refers_to="initiative.initiative_id", example="erp-close"),
        Column("name", Kind.TEXT, "The work that takes less time.", required=True, example="Matching of payments"),
        Column("people_count", Kind.COUNT, "People who do that work.", minimum=0, example="40"),
        Column("monthly_hours", Kind.NUMBER, "Hours that one of them is to save in a month.", minimum=0, example="6"),
        Column("hourly_cost_amount", Kind.MONEY, "What an hour of one person costs, in the reporting currency.", minimum=0, example="52.00"),
        Column("adoption_low_share", Kind.SHARE, "Share of the people who will work the new way, at worst.", minimum=0, maximum=1, example="0.4"),
        Column("adoption_likely_share", Kind.SHARE, "The same, most likely.", minimum=0, maximum=1, example="0.6"),
        Column("adoption_high_share", Kind.SHARE, "The same, at best.", minimum=0, maximum=1, example="0.9"),
        Column("recapture_low_share", Kind.SHARE, "Share of the saved time that goes into useful work, at worst; empty: 0.3.", minimum=0, maximum=1),
        Column("recapture_likely_share", Kind.SHARE, "The same, most likely; empty: 0.5.", minimum=0, maximum=1),
        Column("recapture_high_share", Kind.SHARE, "The same, at best; empty: 0.8.", minimum=0, maximum=1),
        Column("author", Kind.TEXT, "Who says so.", privacy=Privacy.PERSONAL),
    ),
    home=Home.STRATEGY,
)  # fmt: skip
