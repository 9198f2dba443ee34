"""The refreshed sample company holds exactly what was planted in it: no less, and nothing else.

What is expected comes from `truth.json`, which is counted while the company is written, never from the warehouse.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

if TYPE_CHECKING:
    from pipelines.refresh import Refreshed

Truth = Mapping[str, Any]
Ask = Callable[[str], list[tuple[Any, ...]]]

PROFILE_RULES = {None, "payments settle bills", "declined"}
"""Rules under which a profile leaves records out; the others are the company's own, which the spend lines follow."""
NO_RECORDS = "rule is null or rule not in ('banner', 'blank', 'footer', 'total', 'repeated_header')"
CLOUD = "cloud"
LAST_YEAR = "month > (select month - interval 12 months from settings.run)"


@pytest.fixture(scope="module")
def company(sample: "Refreshed") -> Path:
    return sample.folder.parents[2]


@pytest.fixture(scope="module")
def truth(company: Path) -> Truth:
    return json.loads((company / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ask(sample_warehouse: Path) -> Iterator[Ask]:
    with duckdb.connect(str(sample_warehouse), read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


def month(column: str = "month") -> str:
    return f"strftime({column}, '%Y-%m')"


def cents(amount: str) -> str:
    """SQL for an amount in whole cents; a part of a cent is an error of the conversion that follows."""
    return f"cast({amount} * 100 as decimal(38, 4))"


def rounding(truth: Truth) -> dict[str, int]:
    """Month -> cents of the one line beside the lines of its cloud invoice."""
    return {row["month"]: row["rounding_eur_cents"] for row in truth["cloud_invoices"] if row["rounding_eur_cents"]}


# Records, books, lines.


def test_every_record_stands_where_it_was_put(truth: Truth, ask: Ask) -> None:
    told: dict[tuple[Any, ...], list[Any]] = {}
    for row in truth["spend_records"]:
        is_own = row["rule"] not in PROFILE_RULES
        key = (row["source"], row["month"], row["currency"], "loaded" if is_own else row["status"], None if is_own else row["rule"])
        sums = told.setdefault(key, [0, Decimal(0), 0])
        for at, value in enumerate((row["records"], Decimal(row["amount"]), row["amount_unknown"])):
            sums[at] += value
    found = ask(
        f"select source, {month()}, currency, status, case status when 'excluded' then rule end, sum(record_count), sum(amount), "
        f"sum(amount_unknown_count) from audit.record where table_name = 'spend_line' and ({NO_RECORDS}) group by all"
    )
    assert {row[:5]: list(row[5:]) for row in found} == told


def test_the_company_s_own_exclusions_are_left_out_of_the_lines(truth: Truth, ask: Ask) -> None:
    told: dict[tuple[str, str, str], tuple[int, Decimal]] = {}
    for row in truth["spend_records"]:
        if row["rule"] not in PROFILE_RULES:
            records, amount = told.get(key := (row["source"], row["month"], row["currency"]), (0, Decimal(0)))
            told[key] = records + row["records"], amount + Decimal(row["amount"])
    found = ask(f"select source, {month()}, currency, records_excluded, amount_excluded from audit.books where step = 'stage' and records_excluded > 0")
    assert told
    assert {row[:3]: row[3:] for row in found} == told


def test_other_exports_have_their_records(truth: Truth, ask: Ask) -> None:
    found = ask(f"select source, status, sum(record_count) from audit.record where source in ('tickets') and ({NO_RECORDS}) group by all")
    assert {(source, status): count for source, status, count in found} == {
        (source, status): count for source, counts in truth["other_counts"].items() for status, count in counts.items()
    }
    assert ask("select count(*) from core.ticket") == [(truth["other_counts"]["tickets"]["loaded"],)]


def test_the_books_close_at_every_step(ask: Ask) -> None:
    assert ask("select step, count(*) > 0 from audit.books group by step order by step") == [(s, True) for s in ("allocate", "convert", "deliver", "stage")]
    assert ask("select month, source, currency, step, difference from audit.books where difference <> 0") == []


def test_the_books_come_to_what_was_spent(truth: Truth, ask: Ask) -> None:
    extra = rounding(truth)
    convert = {(r["source"], r["month"], r["currency"]): r["eur_cents"] + extra.get(r["month"], 0) * (r["source"] == CLOUD) for r in truth["spend_eur"]}
    allocate: Counter[tuple[str, str, str]] = Counter()
    for (source, of, _), amount in convert.items():
        allocate[source, of, "EUR"] += amount
    for step, told in (("convert", convert), ("allocate", allocate)):
        found = ask(f"select source, {month()}, currency, {cents('amount_loaded')} from audit.books where step = '{step}'")
        assert {row[:3]: row[3] for row in found} == told
    stage = {(r["source"], r["month"], r["currency"]): (r["lines"], Decimal(r["amount"])) for r in truth["spend_eur"]}
    found = ask(f"select source, {month()}, currency, records_loaded, amount_loaded from audit.books where step = 'stage'")
    assert {row[:3]: row[3:] for row in found if row[3]} == stage


def test_finance_ties_but_where_rows_are_bad(truth: Truth, ask: Ask) -> None:
    lacking: Counter[tuple[Any, ...]] = Counter()
    for row in truth["bad_rows"]:
        if row["source"] in {"ap_us", CLOUD} or (row["source"] == "erp_de" and row["gl_account"] in {"6835", "6840"}):
            lacking[row["source"], row["month"], row["gl_account"] if row["source"] == "erp_de" else None] += Decimal(row["amount"])
    found = ask(f"select source, {month()}, gl_account, difference from audit.control_total where state <> 'tied' and control_amount is not null")
    assert {row[:3]: row[3] for row in found} == lacking
    assert ask("select distinct source from audit.control_total where state = 'without_control' order by 1") == [("card",), ("erp_de",)]


def test_lines_are_worth_what_was_spent(truth: Truth, ask: Ask) -> None:
    found = ask(
        f"select source, {month()}, original_currency, count(*), sum(original_amount), {cents('sum(billed_amount)')} "
        "from core.spend_line where line_kind = 'line' group by all"
    )
    assert {row[:3]: row[3:] for row in found} == {
        (r["source"], r["month"], r["currency"]): (r["lines"], Decimal(r["amount"]), r["eur_cents"]) for r in truth["spend_eur"]
    }


def test_a_cloud_invoice_has_one_line_of_rounding(truth: Truth, ask: Ask) -> None:
    found = ask(f"select source, {month()}, {cents('billed_amount')} from core.spend_line where line_kind = 'rounding'")
    assert sorted(found) == sorted((CLOUD, of, amount) for of, amount in rounding(truth).items())


def test_the_ledger_and_its_marts_add_up_to_it(truth: Truth, ask: Ask) -> None:
    total = truth["spend_eur_cents"] + sum(rounding(truth).values())
    for table in ("core.spend_line", "core.ledger", "marts.ledger_month", "marts.spend_to_outcome", "marts.capability_spend"):
        assert ask(f"select {cents('sum(billed_amount)')} from {table}") == [(total,)], table
    assert ask(f"select {cents('sum(effective_amount)')} from core.ledger_effective") == [(total,)]
    by_need = "select priority_id, capability_id, month, sum(billed_amount) as billed_amount from"
    assert ask(f"{by_need} core.ledger group by all except {by_need} marts.spend_to_outcome group by all") == []


# What the money is for.


def test_money_is_aligned_misaligned_or_unmapped_as_told(truth: Truth, ask: Ask) -> None:
    classes: Counter[tuple[str, str]] = Counter()
    for row in truth["alignment"]:
        classes[row["month"], row["alignment"]] += row["eur_cents"]
    for of, amount in rounding(truth).items():
        classes[of, "aligned"] += amount
    found = ask(f"select {month()}, {', '.join(cents(f'{kind}_amount') for kind in ('aligned', 'misaligned', 'unmapped'))} from marts.alignment_month")
    assert {(of, kind): amount for of, *amounts in found for kind, amount in zip(("aligned", "misaligned", "unmapped"), amounts, strict=True)} == classes


def test_money_finds_its_purpose_by_the_way_told(truth: Truth, ask: Ask) -> None:
    found = ask(
        f"select {month('l.month')}, l.alignment, l.mapping_method, count(distinct l.spend_line_id), {cents('sum(l.billed_amount)')} "
        "from core.ledger as l join core.spend_line as s using (spend_line_id) where s.line_kind = 'line' group by all"
    )
    assert {row[:3]: row[3:] for row in found} == {
        (r["month"], r["alignment"], r["method"]): (r["lines"], r["eur_cents"]) for r in truth["alignment"]
    }


def test_tools_cost_what_was_paid_for_them(truth: Truth, ask: Ask) -> None:
    found = ask(
        f"select t.tool_name, {month('s.month')}, {cents('sum(s.billed_amount)')} from core.spend_line as s "
        "left join core.tool as t on t.tool_id = s.tool_id and t.is_registered where s.line_kind = 'line' group by all"
    )
    assert {row[:2]: row[2] for row in found} == {(r["tool"], r["month"]): r["eur_cents"] for r in truth["tool_spend"]}


def test_every_spelling_is_its_vendor_s_and_open_ones_are_nobody_s(truth: Truth, ask: Ask) -> None:
    vendor_of = dict(ask("select vendor_name_raw, vendor_id from core.vendor_name"))
    left_open = set(truth["spellings_left_open"])
    decided = {vendor: {vendor_of[name] for name in names if name not in left_open} for vendor, names in truth["spellings"].items()}
    assert {vendor: ids for vendor, ids in decided.items() if len(ids) > 1} == {}
    ids = [one for found in decided.values() for one in found]
    assert len(set(ids)) == len(ids)
    assert {vendor_of[name] for name in left_open}.isdisjoint(ids)


# Findings.


def test_overlaps_are_those_planted_and_no_others(truth: Truth, ask: Ask) -> None:
    found = ask("select capability_id, tools, [cast(a * 100 as bigint) for a in tool_amounts], cast(spend_12m_amount * 100 as bigint) from marts.overlap")
    told = {r["capability_id"]: (r["tools"], list(r["last_12_months_eur_cents"].values())) for r in truth["overlaps"]}
    assert {capability: (tools, amounts) for capability, tools, amounts, _ in found} == told
    assert all(total == sum(amounts) for _, _, amounts, total in found)
    assert {r["capability_id"] for r in truth["add_ons"]}.isdisjoint(told)


def test_an_overlap_costs_all_but_the_tool_that_stays(truth: Truth, ask: Ask) -> None:
    spent = {r["capability_id"]: r["last_12_months_eur_cents"] for r in truth["overlaps"]}
    for capability, kept, extra in ask("select capability_id, kept_tool_name, cast(extra_cost_amount * 100 as bigint) from marts.overlap"):
        assert extra == sum(amount for tool, amount in spent[capability].items() if tool != kept)


def test_pairs_are_of_the_kind_planted(truth: Truth, ask: Ask) -> None:
    """Precision at least 0.9 at recall at least 0.8 for each kind, and the people who use both are counted exactly."""
    found = {tuple(sorted(row[:2])): row[2:] for row in ask("select tool_name, other_tool_name, kind, shared_user_count from marts.overlap_pair")}
    planted = {tuple(sorted(row["tools"])): row["kind"] for row in truth["overlap_kinds"]}
    assert found.keys() == planted.keys()
    assert set(planted.values()) == {"double_licensing", "parallel_silo", "add_on", "cannot_tell"}
    for kind in set(planted.values()):
        told, there = ({pair for pair, of in kinds.items() if of == kind} for kinds in ({pair: row[0] for pair, row in found.items()}, planted))
        assert len(told & there) >= 0.9 * len(told), kind
        assert len(told & there) >= 0.8 * len(there), kind
    assert {pair: row[1] for pair, row in found.items()} == {tuple(sorted(r["tools"])): r["active_in_both"] for r in truth["overlap_kinds"]}


def test_savings_count_no_euro_twice(ask: Ask) -> None:
    (counted, run_rate), = ask("select sum(counted_amount), (select sum(annual_amount) from marts.renewals where tool_id in (select tool_id from marts.saving)) from marts.saving")
    assert 0 < counted <= run_rate
    zoom = "select state, switching_amount, reclaimed_amount > 0, net_saving_amount = run_rate_amount - uplift_amount - switching_amount - reclaimed_amount"
    assert ask(f"{zoom} from marts.saving where tool_name = 'Zoom Workplace' and kept_tool_name = 'Microsoft Teams Premium'") == [("counted", 4000, True, True)]


def test_initiatives_beside_each_other_are_named(truth: Truth, ask: Ask) -> None:
    groups = ask("select list_sort(list_append(rival_initiatives, initiative_name)), list(initiative_id order by initiative_id) from marts.initiative_slip "
                 "where len(rival_initiatives) > 0 group by 1")  # fmt: skip
    assert [ids for _, ids in groups] == truth["initiatives_beside"]


def test_all_money_has_a_theme_and_every_priority_a_share(ask: Ask) -> None:
    assert ask("select sum(spend_12m_amount) from marts.spend_driver") == ask(f"select sum(total_amount) from marts.alignment_month where {LAST_YEAR}")
    assert ask("select sum(money_share) between 0.999999 and 1.000001, sum(weight_share) between 0.999999 and 1.000001, "
               "max(alignment_index_share) = min(alignment_index_share) from marts.priority_share") == [(True, True, True)]  # fmt: skip


def test_gaps_are_those_planted_with_their_reasons(truth: Truth, ask: Ask) -> None:
    found = {row[:2]: row[2:] for row in ask(
        "select capability_id, priority_id, state, tools, 100 * required_level, 100 * covered_level, reason from marts.gap where state in ('gap', 'no_tool')"
    )}  # fmt: skip
    told = {(r["capability_id"], need["priority_id"]): (r, need) for r in truth["gaps"] for need in r["needed_by"]}
    assert found.keys() == told.keys()
    for key, (state, tools, required, covered, reason) in found.items():
        gap, need = told[key]
        assert (state == "no_tool", tools, required, covered) == (not gap["tools"], gap["tools"], need["required_percent"], gap["best_fit_percent"] or 0)
        assert gap["reason"] in reason


def test_what_nobody_assessed_is_no_gap(truth: Truth, ask: Ask) -> None:
    found = ask("select capability_id, priority_id, tools, covered_level, gap_size from marts.gap where state = 'not_assessed'")
    assert sorted(found) == sorted((r["capability_id"], need["priority_id"], r["tools"], None, None) for r in truth["not_assessed"] for need in r["needed_by"])


def test_misalignment_names_what_was_planted(truth: Truth, ask: Ask) -> None:
    named: dict[tuple[str, str], set[str]] = {}
    for kind, subject_kind, subject_id, subject in ask("select kind, subject_kind, subject_id, subject from marts.misalignment"):
        named.setdefault((kind, subject_kind), set()).add(subject if subject_kind == "tool" else subject_id)
    paid = {r["tool"] for r in truth["tool_spend"] if r["month"] > "2025-10"}
    assert named["underfunded_priority", "priority"] == set(truth["priorities_with_little_money"])
    assert named["misaligned_money", "capability"] == set(truth["capabilities_without_priority"])
    assert named["unmapped_money", "tool"] == set(truth["unmapped_tools"]) & paid
    lost = "select sum(spend_12m_amount) from marts.misalignment where kind <> 'underfunded_priority'"
    assert ask(lost) == ask(f"select sum(misaligned_amount + unmapped_amount) from marts.alignment_month where {LAST_YEAR}")


def test_money_that_reaches_no_priority_is_that_of_its_tools_to_the_cent(truth: Truth, ask: Ask) -> None:
    """Of each tool without a purpose all its money, of each capability that no priority needs that of the tools which serve it alone."""
    spent: Counter[str] = Counter()
    for row in truth["tool_spend"]:
        spent[row["tool"]] += row["eur_cents"] * (row["month"] > "2025-10")
    found = ask(f"select coalesce(tools, [subject]), {cents('spend_12m_amount')} from marts.misalignment where kind = 'misaligned_money' or subject_kind = 'tool'")
    assert len(found) == len(truth["capabilities_without_priority"]) + len([tool for tool in truth["unmapped_tools"] if spent[tool]])
    assert [(tools, sum(spent[tool] for tool in tools)) for tools, _ in found] == found


def test_stale_mappings_and_missing_owners_are_named(truth: Truth, ask: Ask) -> None:
    stale = ask("select distinct tool_name from core.tool_capability join core.tool using (tool_id) where is_stale order by 1")
    assert [name for (name,) in stale] == truth["stale_mappings"]
    holes = [
        *ask("select distinct 'link without business owner', priority_id || '/' || capability_id from marts.alignment_chain where contains(hole, 'no business owner')"),
        *ask("select 'tool without business owner', tool_name from core.tool where is_registered and business_owner is null"),
        *ask("select 'owner has left', owner_id from core.owner where left_on <= (select last_day(month) from settings.run)"),
    ]
    assert sorted(holes) == sorted((r["what"], r["id"]) for r in truth["ownership_holes"])


def test_contracts_that_end_soon_are_those_planted(truth: Truth, ask: Ask) -> None:
    found = ask(
        "select contract_number, vendor_name, tool_name, cast(end_on as varchar), cast(notice_on as varchar), state, auto_renew from marts.renewals, settings.run "
        "where end_on > last_day(month) and end_on <= last_day(month) + 120"
    )
    names = ("contract_number", "vendor", "tool", "end_on", "notice_on")
    assert sorted(row[:5] for row in found) == sorted(tuple(r[name] for name in names) for r in truth["renewals"])
    for row in found:
        assert row[5] == ("expires" if not row[6] else "notice_passed" if row[4] < "2026-10-31" else "notice_due")


def test_seats_are_those_bought_given_and_used(truth: Truth, ask: Ask) -> None:
    found = ask("select tool_name, seats_purchased, seats_assigned, seats_active from marts.tool_use")
    assert {name: counts for name, *counts in found} == {
        name: [counts.get(kind) for kind in ("purchased", "assigned", "active")] for name, counts in truth["seats"].items()
    }


def test_downtime_is_counted_once_a_tool_and_month(truth: Truth, ask: Ask) -> None:
    found = ask(f"select tool_name, {month()}, cast(round(downtime_hours * 60) as bigint) from core.downtime join core.tool using (tool_id)")
    assert {row[:2]: row[2] for row in found} == {
        (tool, of): minutes for tool, months in truth["downtime_minutes"].items() for of, minutes in months.items()
    }


# Back to the originals.


@cache
def lines_of(file: Path) -> list[str]:
    """The physical lines of a kept original; no cell of the four exports of money has a line break."""
    content = file.read_bytes()
    try:
        return content.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return content.decode("cp1252").splitlines()


def place_of(bad: Mapping[str, Any], exports: Path) -> tuple[bytes, int]:
    """The bytes of the export that holds a bad row, and its line."""
    number, mark = bad["line"], {"erp_de": f";{bad['document']};", "ap_us": f",B-{bad['document']},", "card": f"TX{bad['document']},"}
    for file in sorted((exports / bad["source"]).glob("*.csv")):
        if bad["source"] == CLOUD and bad["month"] in file.name:
            return file.read_bytes(), number + 1
        lines = [at for at, line in enumerate(lines_of(file), 1) if mark.get(bad["source"], "\0") in line]
        if lines:
            return file.read_bytes(), lines[number - 1]
    raise LookupError(f"no export holds {bad}")


COLUMN_OF_FAULT = {"unreadable amount": "amount", "impossible date": "posted_on", "missing currency": "currency", "unknown document type": "document_type"}


def test_every_bad_row_is_named_with_file_row_and_column(truth: Truth, company: Path, ask: Ask) -> None:
    told = {(r["source"], *place_of(r, company / "exports")): COLUMN_OF_FAULT[r["fault"]] for r in truth["bad_rows"]}
    assert len(told) == len(truth["bad_rows"])
    found = ask("select source, source_file, source_row, column_name from audit.quarantine where table_name = 'spend_line'")
    assert {(source, (company / file).read_bytes(), row): column for source, file, row, column in found} == told


def test_what_was_delivered_again_counts_once(truth: Truth, ask: Ask) -> None:
    kinds = {(r["source"], r["kind"]): r.get("months", []) for r in truth["deliveries_again"]}
    twins = ask("select source, right(source_file, 15) from audit.delivery where state = 'duplicate'")
    assert twins == [("erp_de", f"{of} (1).csv") for of in kinds["erp_de", "same bytes under two names"]]
    replaced = ask(f"select distinct {month()} from audit.record where source = 'card' and status = 'superseded' order by 1")
    assert [of for (of,) in replaced] == sorted({*kinds["card", "corrected"], *kinds["card", "year to date"]})
    last = kinds["card", "year to date"][-1]
    counting = ask(f"select distinct source_file from raw.spend_line where source = 'card' and {month('posted_on')} between '2026-01' and '{last}'")
    assert counting == [(f"exports/card/card_{last}_ytd.csv",)]


def number(text: str, decimal: str = ".") -> Decimal:
    """An amount as one of the exports writes it."""
    bare = "".join(letter for letter in text if letter.isdigit() or letter == decimal).replace(decimal, ".")
    return -Decimal(bare) if text.startswith(("-", "(")) or text.endswith("-") else Decimal(bare)


CELLS = {"erp_de": (";", 7, 16, 18, ","), "ap_us": (",", 3, 10, 9, "."), "card": (",", 4, 6, 7, "."), CLOUD: (",", 23, 1, 4, ".")}
"""Source -> delimiter, places of vendor, amount and currency, decimal mark."""


@pytest.mark.parametrize("source", CELLS)
def test_every_row_of_the_ledger_leads_back_to_its_line(source: str, company: Path, ask: Ask) -> None:
    delimiter, vendor_at, amount_at, currency_at, decimal = CELLS[source]
    found = ask(
        "select l.delivery_id, l.source_file, l.source_row, l.vendor_name_raw, sum(l.original_amount), l.original_currency "
        f"from core.ledger as l join core.spend_line as s using (spend_line_id) where l.source = '{source}' and s.line_kind = 'line' "
        "group by l.spend_line_id, l.delivery_id, l.source_file, l.source_row, l.vendor_name_raw, l.original_currency"
    )
    assert len({row[:3] for row in found}) == len(found) > 1000
    for delivery, file, row, *told in found:
        kept = lines_of(company / "deliveries" / source / delivery / Path(file).name)
        cells = next(csv.reader([kept[row - 1]], delimiter=delimiter))
        assert [cells[vendor_at], number(cells[amount_at], decimal), cells[currency_at]] == told, (file, row)
