"""A month is held against the newest published one before: what that said is part of what this one is made of."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from small import NOON, SPEND, company, lines, put, without_expectations  # noqa: F401 - a fixture

from pipelines.close import close_month, closed_runs, reopen_month
from pipelines.deliveries import deliver
from pipelines.errors import ConfigError
from pipelines.refresh import Refreshed, refresh
from pipelines.workspace import Workspace

pytestmark = pytest.mark.usefixtures("without_expectations")

JANUARY, FEBRUARY = "2026-01", "2026-02"
HEADER = SPEND + ",gl_account"
BILLS = lines("d1,1,2026-01-05,A,100.00,EUR,1", "d2,1,2026-02-05,A,130.00,EUR,1", "d3,1,2026-01-07,B,20,EUR,2", "d4,1,2026-02-07,B,20,EUR,2", header=HEADER)
STRATEGY = {
    "strategy/capabilities.csv": "capability_id,name\nc1,Billing\nc2,Selling\n",
    "decisions/mapping.csv": "subject_kind,subject,capability_id,author,decided_on\ngl_account,1,c1,me,2026-01-01\n",
}


def ask(result: Refreshed, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(result.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def causes(result: Refreshed) -> dict[object, Decimal]:
    assert ask(result, "select sum(abs(residual_amount)) from marts.month_bridge") == [(0,)]
    return dict(ask(result, "select cause, sum(change_amount) from marts.bridge_item where change_amount > 0 group by 1"))  # type: ignore[arg-type]


def states(result: Refreshed) -> dict[object, object]:
    return dict(ask(result, "select subject, finding_state from marts.finding where kind in ('unmapped_money', 'misaligned_money')"))  # type: ignore[arg-type]


def test_the_world_and_the_mapping_are_told_apart(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS, **STRATEGY})
    alone = refresh(folder, FEBRUARY)
    assert ask(alone, "select distinct basis from marts.month_bridge") == [("recomputed",)]
    assert set(states(alone).values()) == {"open"}

    refresh(folder, JANUARY)
    put(folder, "exports/erp/late.csv", lines("d9,1,2026-01-31,A,5,EUR,1", header=HEADER))
    put(folder, "decisions/mapping.csv", STRATEGY["decisions/mapping.csv"] + "gl_account,2,c2,me,2026-02-01\n")
    held = refresh(folder, FEBRUARY)
    assert held.run_id != alone.run_id
    assert causes(held) == {"late_posting": 5, "re_mapped": 20, "price_or_volume": 25}
    assert states(held) == {"B": "resolved", "Billing": "changed", "Selling": "new"}
    assert refresh(folder, FEBRUARY).is_unchanged

    put(folder, "exports/erp/more.csv", lines("d10,1,2026-01-31,A,1,EUR,1", header=HEADER))
    refresh(folder, JANUARY)
    again = refresh(folder, FEBRUARY)
    assert (again.is_unchanged, causes(again)) == (False, {"price_or_volume": 24})


def test_a_closed_month_keeps_what_it_was_held_against(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS, **STRATEGY})
    january = refresh(folder, JANUARY)
    february = refresh(folder, FEBRUARY)
    record = close_month(folder, FEBRUARY)
    assert (record["earlier"]["month"], record["earlier"]["state"], record["earlier"]["table_hash"]) == (JANUARY, "published", january.table_hash)
    assert closed_runs(folder) == [february.folder, january.folder]
    put(folder, "exports/erp/late.csv", lines("d9,1,2026-01-31,A,5,EUR,1", header=HEADER))
    refresh(folder, JANUARY)
    assert refresh(folder, FEBRUARY).table_hash == february.table_hash
    reopen_month(folder, FEBRUARY, "the late bill")
    for day in (9, 20):
        close_month(folder, JANUARY, now=datetime(2026, 2, day, tzinfo=UTC))
        reopen_month(folder, JANUARY, "once more")
    close_month(folder, JANUARY)
    again = refresh(folder, FEBRUARY)
    assert again.table_hash != february.table_hash
    assert ask(again, "select kind, month, median_hours from marts.cycle_time where kind = 'reporting'") == [("reporting", date(2026, 2, 1), 8 * 24)]


def test_what_was_known_on_a_day_is_held_against_what_was_made_of_no_more(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS, **STRATEGY})
    deliver(Workspace(folder), NOON)
    then = refresh(folder, JANUARY)
    put(folder, "exports/erp/late.csv", lines("d9,1,2026-01-31,A,5,EUR,1", header=HEADER))
    deliver(Workspace(folder), NOON + timedelta(days=7))
    assert ask(refresh(folder, FEBRUARY, NOON.date()), "select earlier_run from audit.earlier_month") == [(then.run_id[:12],)]
    refresh(folder, JANUARY)
    assert ask(refresh(folder, FEBRUARY, NOON.date()), "select * from audit.earlier_month") == []


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"strategy/initiatives.csv": "initiative_id,name,phase,predecessor_ids\na,A,innovate,b\nb,B,innovate,a\n"}, r"(?s)Initiatives wait for each other: .*a -> b: .*initiatives\.csv, line 2"),
        ({"strategy/initiatives.csv": "initiative_id,name,phase,predecessor_ids\nabc,A,innovate,abd\nabe,B,innovate,\n"}, r"line 2, predecessor_ids: initiatives\.csv has no 'abd'\. Did you mean"),
        ({"decisions/allocations.csv": "pool_id,driver,author,decided_on\np,stated,me,2026-01-01\nq,stated,me,2026-01-01\n",
          "decisions/allocation_weights.csv": "pool_id,to_pool_id,weight,author,decided_on\np,q,1,me,2026-01-01\nq,p,1,me,2026-01-01\n"}, r"(?s)Pools of shared cost feed each other: .*allocation_weights\.csv, line 3"),
    ],
    ids=["loop", "unknown", "pools"],
)  # fmt: skip
def test_things_that_wait_for_each_other_are_told_with_file_and_line(tmp_path: Path, files: dict[str, str], told: str) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS, **files})
    with pytest.raises(ConfigError, match=told):
        refresh(folder, FEBRUARY)
