-- One month of one contract: what was agreed, what was invoiced, what the month cost, and the seats agreed, bought and used.
-- Months run from the contract's start, or the first spend that was delivered, to its end or the refreshed month; a
-- contract that renews by itself or is still billed runs on. Lines that name no contract count where the tool has one only.
-- grain: contract_id, month

with reporting as (
    select [10000, 1000, 100, 10, 1][coalesce(settings.currency.minor_digits, 2) + 1] as step
    from settings.run
    left join settings.currency on settings.currency.currency = upper(settings.run.reporting_currency)
),

first_spend as (
    select min(month) as month from core.spend_line
),

only_contract as (
    select tool_id, min(contract_id) as contract_id
    from core.contract
    where tool_id is not null
    group by tool_id
    having count(*) = 1
),

billed as (
    select
        coalesce(line.contract_id, only_contract.contract_id) as contract_id,
        line.month,
        sum(line.billed_amount) as invoiced_amount,
        count(*) as invoice_line_count,
        min(line.source_file) as invoice_file
    from core.spend_line as line
    left join only_contract on line.contract_id is null and only_contract.tool_id = line.tool_id
    where coalesce(line.contract_id, only_contract.contract_id) is not null
    group by all
),

spread as (
    select
        coalesce(line.contract_id, only_contract.contract_id) as contract_id,
        effective.month,
        sum(effective.effective_amount) as effective_amount
    from core.ledger_effective as effective
    inner join core.ledger on core.ledger.ledger_id = effective.ledger_id
    inner join core.spend_line as line on line.spend_line_id = core.ledger.spend_line_id
    left join only_contract on line.contract_id is null and only_contract.tool_id = line.tool_id
    where coalesce(line.contract_id, only_contract.contract_id) is not null
    group by all
),

running as (
    select
        contract.*,
        cast(
            unnest(
                generate_series(
                    greatest(cast(date_trunc('month', coalesce(contract.start_on, first_spend.month)) as date), first_spend.month),
                    least(
                        settings.run.month,
                        greatest(
                            if(coalesce(contract.auto_renew, false) or contract.end_on is null, settings.run.month, date_trunc('month', contract.end_on)),
                            coalesce(last_bill.month, date_trunc('month', contract.end_on))
                        )
                    ),
                    interval 1 month
                )
            ) as date
        ) as month
    from core.contract as contract
    cross join settings.run
    cross join first_spend
    left join (select contract_id, max(month) as month from billed group by contract_id) as last_bill using (contract_id)
    where coalesce(contract.status, 'active') not in ('draft', 'cancelled')
),

agreed as (
    select
        running.contract_id,
        running.contract_number,
        running.contract_name,
        running.tool_id,
        running.vendor_id,
        running.month,
        cast(
            ((running.nth + 1) * running.units // 12 - running.nth * running.units // 12) * reporting.step * 0.0001 as decimal(18, 4)
        ) as contracted_amount,
        billed.invoiced_amount,
        coalesce(billed.invoice_line_count, 0) as invoice_line_count,
        billed.invoice_file,
        spread.effective_amount,
        running.seats as seats_contracted,
        running.source_file,
        running.source_row
    from (
        select
            opened.*,
            (12 * year(opened.month) + month(opened.month) - coalesce(month(opened.start_on), 1)) % 12 as nth,
            cast(opened.annual_amount * 10000 as bigint) // reporting.step as units
        from running as opened
        cross join reporting
    ) as running
    cross join reporting
    left join billed using (contract_id, month)
    left join spread using (contract_id, month)
)

select
    agreed.contract_id,
    agreed.month, -- The month.
    agreed.contract_number,
    agreed.contract_name,
    agreed.vendor_id,
    agreed.tool_id,
    agreed.contracted_amount, -- A twelfth of the contract's cost of a year, so that twelve add up to it; null where that is not known.
    cast(coalesce(agreed.invoiced_amount, 0) as decimal(18, 4)) as invoiced_amount, -- What was posted in the month, in the reporting currency.
    cast(coalesce(agreed.effective_amount, 0) as decimal(18, 4)) as effective_amount, -- What the month cost: invoices spread over their service periods, where those are known.
    cast(coalesce(agreed.effective_amount, 0) - agreed.contracted_amount as decimal(18, 4)) as variance_amount, -- What the month cost beyond the contract; below zero: less. An invoice without a service period counts in its own month.
    cast(
        sum(coalesce(agreed.effective_amount, 0) - agreed.contracted_amount) over (
            partition by agreed.contract_id order by agreed.month rows between 11 preceding and current row
        ) as decimal(18, 4)
    ) as year_variance_amount, -- The same over the twelve months up to this one, as far as there are so many.
    agreed.invoice_line_count, -- Spend lines posted in the month.
    agreed.invoice_file, -- A file that holds them; the first by name.
    agreed.seats_contracted, -- Seats in the contract.
    tool_use.seats_purchased as seats_purchased, -- Seats bought now, as the licences say; null where none does, or in earlier months.
    tool_use.seats_active as seats_active, -- Seats used now; null where nobody knows, or in earlier months.
    agreed.seats_contracted - tool_use.seats_active as seats_variance, -- Seats agreed and not used.
    agreed.source_file,
    agreed.source_row
from agreed
cross join settings.run as run
left join marts.tool_use as tool_use on tool_use.tool_id = agreed.tool_id and agreed.month = run.month
order by agreed.contract_id, agreed.month
