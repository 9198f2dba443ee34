"""Money: what was spent, what was planned, and what finance says the sums are."""

from models import Column, Home, Kind, Privacy, Table

PROVENANCE_CLASSES = ("measured", "invoiced", "contracted", "allocated", "estimated", "typed")
COST_POOLS = (
    "staffing", "outside_services", "hardware", "software", "cloud_services", "data_center", "network", "telecom",
    "facilities", "risk_compliance", "other",
)  # fmt: skip

SPEND_LINE = Table(
    "spend_line",
    "One line of money spent: of an invoice, bill, credit note, journal, card statement or cloud bill. Accrual: "
    "payments only settle lines and are not lines themselves.",
    ("document_id", "line_id"),
    (
        Column("document_id", Kind.TEXT, "The document's id or number in its system.",
               aliases=("transaction id", "trans no", "transaction number", "document number", "bill id", "voucher",
                        "internal id", "entry no")),
        Column("line_id", Kind.TEXT, "The line within the document.", aliases=("line", "line no", "line number", "index")),
        Column("document_type", Kind.TEXT, "What kind of document the line is of.",
               among=("invoice", "bill", "credit_note", "journal", "expense", "card", "usage"),
               aliases=("transaction type", "type", "document type")),
        Column("posted_on", Kind.DAY, "Day on which the line counts in the books; its month is the posting period.",
               required=True, example="2026-03-31",
               aliases=("posting date", "date", "txn date", "transaction date", "bill date", "paid date", "period",
                        "buchungsdatum", "fecha", "invoice date")),
        Column("invoiced_on", Kind.DAY, "Day of the invoice; its exchange rate is used. Empty: the posting day.",
               aliases=("invoice date", "document date", "belegdatum")),
        Column("vendor_name", Kind.TEXT, "The vendor as written in the source.", example="Microsoft Ireland Operations Ltd",
               aliases=("vendor", "supplier", "supplier name", "payee", "name", "contact", "contactname", "partner", "merchant",
                        "merchant name", "provider", "beneficiary", "creditor", "lieferant", "name kreditor", "kreditorenname", "lieferantenname", "kreditor",
                        "fournisseur", "proveedor", "leverantör", "leverancier", "relatie")),
        Column("description", Kind.TEXT, "What was bought, as written in the source.",
               aliases=("memo", "line description", "item", "details", "narrative", "buchungstext", "text")),
        Column("tool_name", Kind.TEXT, "The tool the line pays for, where the source names it.",
               aliases=("application", "app", "product", "software", "system", "service")),
        Column("contract_number", Kind.TEXT, "The contract the line is billed under.", aliases=("contract", "agreement")),
        Column("initiative_id", Kind.TEXT, "The initiative the line belongs to.", aliases=("project", "job", "project id")),
        Column("amount", Kind.MONEY, "Net amount in the original currency: cost positive, credit negative, without "
               "recoverable tax.", required=True, example="1250.00",
               aliases=("net amount", "line amount", "total", "total amount", "cost", "billedcost", "spend", "value",
                        "invoice amount", "betrag", "montant", "importe", "debit", "gross amount")),
        Column("tax_amount", Kind.MONEY, "Recoverable tax beside the amount.", aliases=("tax", "vat", "gst", "ust", "mwst")),
        Column("currency", Kind.TEXT, "ISO 4217 code of the amount.", required=True, example="EUR",
               aliases=("currency code", "curr", "währung", "devise", "moneda")),
        Column("booked_fx_rate", Kind.RATE, "Rate the source booked: reporting units for one original unit.",
               aliases=("exchange rate", "currency rate", "fx rate")),
        Column("service_start_on", Kind.DAY, "First day of the service that the line pays for.",
               aliases=("service start", "period start", "start date", "charge period start")),
        Column("service_end_on", Kind.DAY, "Last day of that service, included.",
               aliases=("service end", "period end", "end date", "charge period end")),
        Column("gl_account", Kind.TEXT, "Number of the general-ledger account.",
               aliases=("account", "account number", "account code", "gl code", "expenditure code", "sachkonto", "konto")),
        Column("gl_account_name", Kind.TEXT, "Name of that account.",
               aliases=("account name", "expenditure category", "category", "kontobezeichnung")),
        Column("cost_center", Kind.TEXT, "The cost centre that bears the cost.",
               aliases=("cost centre", "kostenstelle", "class", "centre")),
        Column("org_unit", Kind.TEXT, "The department or unit that bears the cost.",
               aliases=("department", "organisational unit", "service area", "business unit", "abteilung", "location")),
        Column("capex_opex", Kind.TEXT, "Capital or operating expenditure.", among=("capex", "opex"),
               aliases=("type of expenditure",)),
        Column("is_one_time", Kind.YES_NO, "Paid once, so that ending the tool saves nothing of it."),
        Column("run_grow_transform", Kind.TEXT, "Keeps the business running, grows it or changes it (TBM).",
               among=("run", "grow", "transform")),
        Column("cost_pool", Kind.TEXT, "Cost pool of the TBM taxonomy.", among=COST_POOLS),
        Column("cost_basis", Kind.TEXT, "Billed: as invoiced. Effective: the same money amortised (FOCUS EffectiveCost); "
               "counted only where no billed line of the period stands beside it.", among=("billed", "effective")),
        Column("billing_account_id", Kind.TEXT, "Account of the cloud provider that is billed.", aliases=("billingaccountid",)),
        Column("invoice_number", Kind.TEXT, "Number on the vendor's invoice.",
               aliases=("invoice", "invoice no", "invoice id", "num", "reference", "bill number", "rechnungsnummer", "belegnummer")),
        Column("po_number", Kind.TEXT, "Purchase order.", aliases=("po", "purchase order", "order number")),
        Column("provenance", Kind.TEXT, "How the amount came to be known; empty: invoiced.", among=PROVENANCE_CLASSES),
    ),
)  # fmt: skip

BUDGET = Table(
    "budget",
    "Planned money of one month, for any mix of account, cost centre, capability, priority and initiative.",
    ("version", "month", "gl_account", "cost_center", "capability_id", "priority_id", "initiative_id"),
    (
        Column("version", Kind.TEXT, "Name of the budget, such as `2026` or `2026 forecast 2`.", required=True, example="2026"),
        Column("kind", Kind.TEXT, "Budget or forecast.", among=("budget", "forecast")),
        Column("month", Kind.MONTH, "The month.", required=True, example="2026-03", aliases=("period", "fiscal period")),
        Column("gl_account", Kind.TEXT, "General-ledger account.", aliases=("account", "account number")),
        Column("cost_center", Kind.TEXT, "Cost centre.", aliases=("cost centre",)),
        Column("capability_id", Kind.TEXT, "Capability.", refers_to="capability.capability_id"),
        Column("priority_id", Kind.TEXT, "Priority.", refers_to="priority.priority_id"),
        Column("initiative_id", Kind.TEXT, "Initiative.", refers_to="initiative.initiative_id"),
        Column("capex_opex", Kind.TEXT, "Capital or operating expenditure.", among=("capex", "opex")),
        Column("amount", Kind.MONEY, "Planned amount.", required=True, example="12000.00"),
        Column("currency", Kind.TEXT, "ISO 4217 code of the amount.", required=True, example="EUR"),
        Column("owner", Kind.TEXT, "Who answers for it.", privacy=Privacy.PERSONAL),
    ),
    home=Home.STRATEGY,
)  # fmt: skip

CONTROL_TOTAL = Table(
    "control_total",
    "What finance's own ledger says a month's spend is, for a whole source or for one account of it.",
    ("month", "source_name", "gl_account", "currency"),
    (
        Column("month", Kind.MONTH, "The month.", required=True, example="2026-03"),
        Column("source_name", Kind.TEXT, "The source tied; empty: all sources.", aliases=("source",)),
        Column("gl_account", Kind.TEXT, "The account tied; empty: all accounts.", aliases=("account",)),
        Column("currency", Kind.TEXT, "ISO 4217 code of the amount.", required=True, example="EUR"),
        Column("amount", Kind.MONEY, "The total, net of recoverable tax.", required=True, example="182340.55"),
        Column("author", Kind.TEXT, "Who gives it.", required=True, privacy=Privacy.PERSONAL),
    ),
    home=Home.STRATEGY,
)  # fmt: skip

BENCHMARK = Table(
    "benchmark",
    "A figure of other companies that cost is held against, as the user's own survey or study gives it; and the company's own revenue.",
    ("metric", "year", "published_by"),
    (
        Column("metric", Kind.TEXT, "What is compared. `revenue` is the company's own revenue of a year, without which no share of revenue can be told.", required=True,
               among=("revenue", "cost_to_revenue", "cost_per_employee", "capital_share", "fixed_share", "run_share"), example="cost_to_revenue"),
        Column("year", Kind.COUNT, "The year that the figure is of.", required=True, minimum=1900, example="2026"),
        Column("value", Kind.NUMBER, "The figure: a share from 0 to 1, or an amount.", required=True, example="0.041"),
        Column("unit", Kind.TEXT, "`share`, or the ISO 4217 code of an amount.", required=True, example="share"),
        Column("published_by", Kind.TEXT, "Who says so: the study, or the accounts that the revenue is from.", required=True, example="Trade association survey"),
        Column("author", Kind.TEXT, "Who wrote it here.", required=True, privacy=Privacy.PERSONAL),
    ),
    home=Home.STRATEGY,
)  # fmt: skip

FX_RATE = Table(
    "fx_rate",
    "Units of a currency for one euro on a day, the form in which the European Central Bank publishes rates.",
    ("rate_on", "currency"),
    (
        Column("rate_on", Kind.DAY, "Day of the rate.", required=True, example="2026-03-31", aliases=("date",)),
        Column("currency", Kind.TEXT, "ISO 4217 code.", required=True, example="USD"),
        Column("rate", Kind.RATE, "Units of the currency for one euro.", required=True, above=0, example="1.0843"),
        Column("rate_source", Kind.TEXT, "Who published it.", example="ECB"),
    ),
    home=Home.STRATEGY,
)  # fmt: skip
