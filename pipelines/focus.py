"""The ledger in the columns of FOCUS 1.2, the FinOps Open Cost and Usage Specification.

One row a ledger row, so that capability and priority stand beside the cost. Amounts are in the currency that was billed,
and the x_ columns say what the same row is in the reporting currency and how it is known. What the ledger does not know
stays out where the specification allows that, and is null where the column must be there; nothing is guessed:

- no discount is known, so list, contracted and effective cost are what was billed; the charge period is that of the
  service where the source gives it, else the posting month. Periods end exclusively, in UTC.
- ChargeCategory is Adjustment for a rounding line, Credit for money that came back, Usage for a metered cloud bill, and
  Purchase for the rest. Recoverable tax is no cost here and has no row.
"""

VERSION = "1.2"

FOCUS = """
with line as (
    select
        l.*, s.description, s.line_kind, t.tool_name, t.kind as tool_kind, c.capability_name, p.priority_name, upper(r.reporting_currency) as reporting_currency,
        coalesce(v.vendor_name, l.vendor_name_raw, 'not named') as issuer, coalesce(maker.vendor_name, v.vendor_name, l.vendor_name_raw, 'not named') as provider,
        l.service_end_on >= l.service_start_on as has_service
    from core.ledger as l
    cross join settings.run as r
    inner join core.spend_line as s using (spend_line_id)
    left join core.vendor as v on l.vendor_id = v.vendor_id
    left join core.tool as t on l.tool_id = t.tool_id
    left join core.vendor as maker on t.vendor_id = maker.vendor_id
    left join core.capability as c on l.capability_id = c.capability_id
    left join core.priority as p on l.priority_id = p.priority_id
)
select
    original_amount as BilledCost,
    source as BillingAccountId,
    source as BillingAccountName,
    original_currency as BillingCurrency,
    cast(month + interval 1 month as timestamp) as BillingPeriodEnd,
    cast(month as timestamp) as BillingPeriodStart,
    case when line_kind = 'rounding' then 'Adjustment' when original_amount < 0 then 'Credit' when cost_pool = 'cloud_services' then 'Usage' else 'Purchase' end as ChargeCategory,
    cast(null as varchar) as ChargeClass,
    description as ChargeDescription,
    cast(if(has_service, service_end_on + 1, month + interval 1 month) as timestamp) as ChargePeriodEnd,
    cast(if(has_service, service_start_on, month) as timestamp) as ChargePeriodStart,
    original_amount as ContractedCost,
    original_amount as EffectiveCost,
    issuer as InvoiceIssuerName,
    original_amount as ListCost,
    cast(null as decimal(38, 12)) as PricingQuantity,
    cast(null as varchar) as PricingUnit,
    provider as ProviderName,
    provider as PublisherName,
    case tool_kind when 'ai' then 'AI and Machine Learning' when 'saas' then 'Business Applications' else 'Other' end as ServiceCategory,
    coalesce(tool_name, 'not named') as ServiceName,
    ledger_id as x_LedgerId,
    capability_id as x_CapabilityId,
    capability_name as x_CapabilityName,
    priority_id as x_PriorityId,
    priority_name as x_PriorityName,
    alignment as x_Alignment,
    provenance as x_Provenance,
    billed_amount as x_ReportingCost,
    reporting_currency as x_ReportingCurrency,
    gl_account as x_GlAccount,
    cost_center as x_CostCenter,
    source_file as x_SourceFile,
    source_row as x_SourceRow
from line
order by month, source, source_file, source_row, ledger_id
"""

MEANINGS = {
    "BilledCost": "What was billed, without recoverable tax.", "BillingAccountId": "The source that the line came from.", "BillingAccountName": "The same.",
    "BillingCurrency": "Currency of all costs without x_.", "BillingPeriodStart": "First of the posting month.", "BillingPeriodEnd": "First of the month after.",
    "ChargeCategory": "Usage, Purchase, Credit or Adjustment.", "ChargeClass": "Null: no row is a correction of an earlier period.", "ChargeDescription": "What was bought, as written in the source.",
    "ChargePeriodStart": "First day of the service, else of the posting month.", "ChargePeriodEnd": "The day after its last.", "ContractedCost": "As billed: no discount is known.",
    "EffectiveCost": "As billed: no commitment is known.", "ListCost": "As billed: no list price is known.", "InvoiceIssuerName": "The vendor that was paid.", "PricingQuantity": "Not known.", "PricingUnit": "Not known.",
    "ProviderName": "The maker of the tool, else the vendor that was paid.", "PublisherName": "The same.", "ServiceCategory": "By the kind of tool that the register gives, else Other.", "ServiceName": "The tool.",
    "x_LedgerId": "The row in core.ledger.", "x_CapabilityId": "The capability that it serves; null where no decision says.", "x_CapabilityName": "Its name.", "x_PriorityId": "The priority that needs it; null where none does.",
    "x_PriorityName": "Its name.", "x_Alignment": "aligned, misaligned or unmapped.", "x_Provenance": "How the amount came to be known.", "x_ReportingCost": "The same amount in the reporting currency; null without an exchange rate.",
    "x_ReportingCurrency": "The reporting currency.", "x_GlAccount": "General-ledger account.", "x_CostCenter": "Cost centre.", "x_SourceFile": "The file that it came from.", "x_SourceRow": "The row of that file.",
}  # fmt: skip
"""The data dictionary of the columns."""
