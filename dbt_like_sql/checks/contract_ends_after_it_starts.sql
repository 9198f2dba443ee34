-- A contract that ends before it starts has a wrong date, and its notice date is wrong with it.
-- severity: warning

select
    source_file,
    source_row,
    contract_id,
    start_on,
    end_on,
    'the contract ' || coalesce(contract_number, contract_id) || ' starts on ' || start_on || ' but ends on ' || end_on as message -- What is wrong, for people.
from core.contract
where end_on < start_on
