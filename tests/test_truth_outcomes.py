"""The refreshed sample company tells what was planted in it of outcomes, security and ownership; and a real catalogue of flaws."""

import csv
import json
import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import sqlcase
from companies import query, workspace

from connectors.profile import recognise, shipped

if TYPE_CHECKING:
    from pipelines.refresh import Refreshed

Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def told(sample: "Refreshed") -> Mapping[str, Any]:
    return json.loads((sample.folder.parents[2] / "truth.json").read_text(encoding="utf-8"))["outcomes"]


@pytest.fixture(scope="module")
def ask(sample_warehouse: Path) -> Iterator[Ask]:
    with duckdb.connect(str(sample_warehouse), read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


def test_effects_stand_on_the_rung_they_were_planted_on(told: Mapping[str, Any], ask: Ask) -> None:
    found = {row[:2]: row[2:] for row in ask("select initiative_id, kpi_id, rung, effect_low, effect_high from marts.outcome_effect")}
    assert {key: rung for key, (rung, *_) in found.items()} == {(e["initiative_id"], e["kpi_id"]): e["rung"] for e in told["effects"]}
    for planted in told["effects"]:
        if planted["effect_size"] is not None:
            _, low, high = found[planted["initiative_id"], planted["kpi_id"]]
            assert low <= Decimal(str(planted["effect_size"])) <= high


def test_an_early_initiative_is_told_how_many_months_it_needs(ask: Ask) -> None:
    assert ask("select after_count, months_needed, change_size from marts.outcome_effect where initiative_id = 'aps'") == [(7, 1, None)]


def test_downtime_costs_what_its_minutes_come_to(told: Mapping[str, Any], ask: Ask) -> None:
    found = ask(
        "select c.operation_id, cast(round(sum(downtime_hours) * 60) as bigint), cast(round(sum(business_hours) * 60) as bigint), sum(people_amount), "
        "min(people_count * affected_share * hourly_cost_amount) from marts.downtime_cost as c join raw.operation as o using (operation_id) "
        "where c.state = 'assessed' group by c.operation_id"
    )
    assert sorted(row[:3] for row in found) == sorted((r["operation_id"], r["minutes"], r["business_minutes"]) for r in told["downtime"])
    for _, _, minutes, amount, rate in found:
        assert abs(amount - rate * minutes / 60) < Decimal("0.12"), "each month is rounded to a cent"


def test_what_nobody_assessed_costs_nothing_that_is_told(ask: Ask) -> None:
    assert ask("select count(*) > 0, count(total_amount) from marts.downtime_cost where state = 'not_assessed'") == [(True, 0)]
    assert ask("select count(revenue_amount), count(total_amount) > 0 from marts.downtime_cost where operation_id = 'office'") == [(0, True)]
    assert ask("select count(*), count(likely_amount) from marts.time_saved where state = 'not_assessed'") == [(1, 0)]


def test_recovery_is_as_sure_as_rehearsed(told: Mapping[str, Any], ask: Ask) -> None:
    assert dict(ask("select capability_id, state from marts.resilience")) == told["recovery"]


def test_exploited_flaws_are_found_in_the_tools_planted(told: Mapping[str, Any], ask: Ask) -> None:
    assert dict(ask("select tool_name, flaw_count from marts.exploited_in_use")) == told["exploited_in_use"]


def test_risks_are_in_money_where_somebody_assessed_them(told: Mapping[str, Any], ask: Ask) -> None:
    found = dict(ask("select risk_id, state = 'assessed' from marts.risk_money where risk_id is not null"))
    assert found == {r["risk_id"]: r["is_assessed"] for r in told["risks"]}
    whole, parts = ask("select sum(annual_loss_amount) from marts.risk_money group by risk_id is null order by risk_id is null desc")
    assert whole == parts


def test_what_a_planned_control_would_bring_is_told(told: Mapping[str, Any], ask: Ask) -> None:
    """`segments` stands against one risk alone, and nothing else that is planned says what it takes away."""
    ((control_id, stated),) = told["planned_controls"].items()
    left = math.prod(1 - float(stated[name]) for name in ("chance_reduction_share", "loss_reduction_share"))
    ((now, then, cost, pays),) = ask("select annual_loss_amount, planned_loss_amount, planned_cost_amount, planned_return from marts.risk_money where planned_control_count > 0")
    assert ask("select control_id from marts.control_cost where loss_reduction_share is not null") == [(control_id,)]
    assert (float(then), float(cost)) == (pytest.approx(float(now) * left, abs=0.02), float(stated["annual_amount"]))
    assert float(pays) == pytest.approx((float(now - then) - float(cost)) / float(cost), abs=1e-4)


def test_the_money_of_controls_is_the_ledger_s(ask: Ask) -> None:
    """No tool's money is spent twice on its controls, and a tool without shares is spent wholly."""
    year = "select sum(billed_amount) from marts.ledger_month, settings.run as r where tool_id = c.tool_id and ledger_month.month > r.month - interval 12 months and ledger_month.month <= r.month"
    for spent, paid, shares in ask(f"select sum(c.spend_12m_amount), ({year}), count(k.cost_share) from marts.control_cost as c join raw.control as k using (control_id) where c.is_working and c.tool_id is not null group by c.tool_id"):
        assert spent == paid if not shares else spent < paid
    assert ask("select sum(spend_12m_amount) from marts.control_cost") == ask("select sum(spend_12m_amount) from marts.control_coverage")


def test_holes_in_ownership_are_those_planted(told: Mapping[str, Any], ask: Ask) -> None:
    found: dict[str, list[str]] = {}
    for kind, subject in ask("select kind, subject_id from marts.ownership_hole order by subject_id"):
        found.setdefault(kind, []).append(subject)
    assert len(found.pop("tool_without_business_owner")) == 8
    assert found == told["holes"]


QUESTIONS = {
    "what helped": "select kpi_name, initiative_name, rung, reason, months_needed from marts.outcome_effect",
    "downtime": "select operation_name, sum(people_amount), sum(revenue_amount), sum(recovery_amount) from marts.downtime_cost group by all",
    "time saved": "select initiative_name, low_amount, likely_amount, high_amount from marts.time_saved where state = 'assessed'",
    "defence": "select csf_function, asset_class, state, tools, spend_12m_amount from marts.control_coverage where state <> 'one'",
    "to mend": "select kind, count(*), sum(amount) from marts.security_finding group by kind",
    "recovery": "select capability_name, state, reason from marts.resilience where state <> 'proven'",
    "risk": "select risk_name, annual_loss_amount, p95_amount, control_cost_amount, control_return from marts.risk_money",
    "owners": "select kind, subject, spend_12m_amount, reason from marts.ownership_hole",
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_an_answer(question: str, ask: Ask) -> None:
    assert ask(QUESTIONS[question])


# The catalogue as CISA publishes it.


def catalogue(shared: Path) -> Path:
    return shared / "data" / "cisa_kev" / "known_exploited_vulnerabilities.csv"


def test_the_catalogue_is_recognised_by_its_header(shared: Path) -> None:
    with catalogue(shared).open(encoding="utf-8", newline="") as file:
        assert [p.profile for p in recognise(next(csv.reader(file)), shipped().values())] == ["cisa_kev"]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_whole_catalogue_is_read_from_either_file(kind: str, shared: Path, tmp_path: Path) -> None:
    from pipelines.refresh import refresh

    with catalogue(shared).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    export = tmp_path / f"known_exploited_vulnerabilities.{kind}"
    content = json.dumps({"title": "KEV", "count": len(rows), "vulnerabilities": rows}) if kind == "json" else catalogue(shared).read_text(encoding="utf-8")
    export.write_text(content, encoding="utf-8")
    done = refresh(workspace(tmp_path, "EUR", {"kev": [export]}), "2026-10")
    (found,) = query(done, "select count(*), count(*) filter (where is_ransomware), max(added_on) from raw.known_exploited")
    assert (found[0], found[1], str(found[2])) == (len(rows), sum(r["knownRansomwareCampaignUse"] == "Known" for r in rows), max(r["dateAdded"] for r in rows))


def test_common_products_are_found_in_the_whole_catalogue(shared: Path) -> None:
    tools = {"VMware ESXi": "VMware", "Citrix NetScaler ADC": "Citrix", "Microsoft Exchange Server": "Microsoft", "Jira": "Atlassian", "Box": "Dropbox"}
    with sqlcase.empty_warehouse() as connection:
        for name, vendor in tools.items():
            connection.execute("insert into core.tool (tool_id, tool_name, vendor_id) values (?, ?, ?)", [name, name, vendor])
            connection.execute("insert into core.tool_name (tool_id, tool_name_raw) values (?, ?)", [name, name])
            connection.execute("insert into core.vendor (vendor_id, vendor_name) values (?, ?)", [vendor, vendor])
        connection.execute(
            "insert into raw.known_exploited (cve_id, vendor, product, added_on, is_ransomware) select cveID, vendorProject, product, dateAdded, "
            f"knownRansomwareCampaignUse = 'Known' from read_csv('{catalogue(shared)}')"
        )
        found = dict(connection.execute(f"select tool_id, sum(flaw_count) from ({sqlcase.files()['marts.exploited_in_use'].sql}) group by all").fetchall())
    assert found.keys() == tools.keys() - {"Box"}
    assert found["Microsoft Exchange Server"] > 10
