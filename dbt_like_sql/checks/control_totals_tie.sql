-- Where finance says what a month's spend is, the spend lines say the same.
-- severity: warning

select
    min(given.source_file) as source_file, -- File that gives the total.
    min(given.source_row) as source_row, -- Its row.
    control.month,
    control.source,
    control.gl_account,
    control.currency,
    control.control_amount,
    control.counted_amount,
    control.difference,
    strftime(control.month, '%Y-%m') || ', ' || coalesce('source ' || control.source, 'all sources') || coalesce(', account ' || control.gl_account, '')
    || case
        when control.state = 'not_delivered' then
            ': finance has ' || rtrim(rtrim(cast(control.control_amount as varchar), '0'), '.') || ' ' || control.currency || ', and nothing was delivered'
        else
            ' is not tied: finance has ' || rtrim(rtrim(cast(abs(control.difference) as varchar), '0'), '.') || ' ' || control.currency
            || if(control.difference > 0, ' more', ' less') || ' than the spend lines'
            || if(control.unrated_count > 0, '; ' || control.unrated_count || ' of them have no exchange rate', '')
    end as message -- What is wrong, for people.
from audit.control_total as control
left join raw.control_total as given
    on given.month = control.month
    and given.source_name is not distinct from control.source
    and given.gl_account is not distinct from control.gl_account
    and upper(given.currency) = control.currency
where control.state in ('not_tied', 'not_delivered')
group by all
