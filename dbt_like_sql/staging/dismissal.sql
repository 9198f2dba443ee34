-- The newest decision to set a finding aside. It holds while the finding's key of its inputs is the one that it quotes; each
-- table of findings makes that key of what people said and listed, never of money or days that go by, or each month would end it.
-- grain: finding_id
-- materialized: view

select
    finding_id,
    reason, -- Why the finding is set aside.
    decided_on, -- When that was decided.
    inputs_key -- Key that the decision quotes; null where it quotes none.
from raw.dismissal
qualify row_number() over (partition by finding_id order by decided_on desc, reason) = 1
