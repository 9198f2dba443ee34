"""The report: every mark is proved by its rows, the page is one file without a way out, and names stay names."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest
import small
from reported import FACTS, HOSTILE, hostile

from dbt_like_sql import REPORT, SqlFile, SqlFileError, read
from pipelines.errors import ConfigError
from pipelines.refresh import Refreshed, refresh
from pipelines.report import packing, rows, words
from pipelines.report.lacking import contracts
from pipelines.report.marks import Marker, off_by
from pipelines.report.page import SECTIONS, Page, environment, facts_of, render
from pipelines.report.shelf import point, report


@dataclass
class Seen:
    """What an HTML parser found: the marks with their printed text, and every tag with its attributes."""

    marks: list[dict[str, Any]]
    tags: list[tuple[str, frozenset[str]]]


class Reader(HTMLParser):
    def __init__(self, proofs: Sequence[Any]) -> None:
        super().__init__()
        self.seen, self.inside, self.proofs = Seen([], []), "", proofs

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.seen.tags.append((tag, frozenset(given)))
        if "data-m" in given:
            kind, figure, value, parts, label = self.proofs[int(str(given["data-m"]))]
            self.seen.marks.append({"kind": kind, "figure": figure, "value": value, "parts": parts, "label": label, "printed": label.rpartition(": ")[2], "text": "", "tag": tag})
            self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self.inside:
            self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.seen.marks[-1]["text"] += data


def seen(html: str) -> Seen:
    reader = Reader(unpacked(html, "proofs"))
    reader.feed(html)
    return reader.seen


def unpacked(html: str, name: str) -> Any:
    """What the page carries under a name."""
    found = re.search(rf'id="{name}">"([^"]*)"', html)
    assert found
    return packing.unpacked(found[1])


def carried(html: str) -> dict[str, Any]:
    """The rows that the page carries."""
    return unpacked(html, "data")["sets"]


def number_of(printed: str) -> tuple[Decimal, Decimal]:
    """A printed number and half a unit of its last place."""
    if printed in words.SMALL:
        return Decimal(words.SMALL.index(printed)), Decimal(0)
    found = re.fullmatch(r"([−+±]?)\D*?([\d,]+)(\.\d+)?([mk%]?)", printed)
    assert found, printed
    factor = {"m": Decimal(1_000_000), "k": Decimal(1000), "%": Decimal("0.01"), "": Decimal(1)}[found[4]]
    value = Decimal(found[2].replace(",", "") + (found[3] or "")) * factor * (-1 if found[1] == "−" else 1)
    return value, factor.scaleb(-len((found[3] or ".")[1:])) / 2


def test_every_mark_of_the_page_is_its_sql_result_and_its_rows(page: Page, warehouse: duckdb.DuckDBPyConnection) -> None:
    marks = seen(page.html).marks
    assert {mark["kind"] for mark in marks} == {"sum", "count", "ratio", "record"}
    assert len(marks) > 300
    asked: dict[str, Decimal] = {}
    for mark in marks:
        results = []
        for name, column, where, sign in mark["parts"]:
            select = "count(*)" if column is None or mark["kind"] == "record" else f"coalesce(sum({column}), 0)"
            query = rows.sql(name, where, select)
            if query not in asked:
                (asked[query],) = warehouse.execute(query).fetchone() or (None,)
            results.append(sign * asked[query])
        if mark["kind"] == "record":
            assert results == [1], mark
        elif mark["kind"] == "ratio":
            assert abs(Decimal(mark["value"]) - Decimal(results[0]) / Decimal(results[1])) < Decimal("1e-9"), mark
        else:
            assert Decimal(mark["value"]) == sum(results), mark


def test_every_mark_is_proved_by_the_rows_that_the_page_carries(page: Page) -> None:
    told = carried(page.html)
    assert {name: len(told[name]["c"]) > 0 for name in rows.ROWS} == dict.fromkeys(rows.ROWS, True)
    assert told["ledger"]["n"] == len(page.sets["ledger"].values)
    cents = sum(int(v) for v in told["ledger"]["c"]["billed_amount"]["v"])
    assert Decimal(cents).scaleb(-told["ledger"]["c"]["billed_amount"]["s"]) == page.sets["ledger"].total("billed_amount", {})
    assert [mark for mark in page.marks if off_by(mark, page.sets) is None or abs(off_by(mark, page.sets) or 0) > Decimal("1e-20")] == []


def test_every_mark_prints_its_value(page: Page) -> None:
    for mark in seen(page.html).marks:
        if mark["tag"] == "button":
            assert mark["text"] == mark["printed"]
        if re.fullmatch(r"\d{4}-\d\d-\d\d", mark["value"]):
            assert mark["printed"] == words.day(date.fromisoformat(mark["value"]))
            continue
        printed, half = number_of(mark["printed"])
        value = Decimal(mark["value"])
        assert any(abs(printed - v) <= half for v in (value, abs(value), value / 1000)), mark


@pytest.mark.parametrize("cents", [Decimal("0.01"), Decimal("-0.01")])
def test_one_changed_cent_is_caught(page: Page, cents: Decimal) -> None:
    ledger = page.sets["ledger"]
    at = ledger.columns.index("billed_amount")
    changed = [*ledger.values]
    changed[7] = (*changed[7][:at], changed[7][at] + cents, *changed[7][at + 1 :])
    sets = {**page.sets, "ledger": replace(ledger, values=changed)}
    wrong = [mark for mark in page.marks if mark.parts[0].rows == "ledger" and mark.kind == "sum" and off_by(mark, sets)]
    assert wrong
    assert {off_by(mark, sets) for mark in wrong} == {-cents}


def test_a_lost_record_is_caught(page: Page) -> None:
    contracts = page.sets["contract"]
    sets = {**page.sets, "contract": replace(contracts, values=contracts.values[1:])}
    assert {mark.kind for mark in page.marks if off_by(mark, sets) is None or (mark.kind == "count" and off_by(mark, sets))} == {"count", "record"}


def test_the_same_warehouse_gives_the_same_bytes(page: Page, warehouse: duckdb.DuckDBPyConnection, sample: Refreshed) -> None:
    assert render(warehouse, FACTS).html == page.html
    published = (sample.folder / "report" / "report.html").read_text(encoding="utf-8")
    manifest = json.loads((sample.folder / "manifest.json").read_text(encoding="utf-8"))
    assert render(warehouse, facts_of("Tarnbeck Pumps", manifest)).html == published
    assert len(published.encode()) <= 300_000


def test_the_page_asks_for_nothing_and_runs_only_its_own_script(page: Page) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page.html)
    script = re.search(r"<script>(.*?)</script>", page.html, re.DOTALL)
    assert policy
    assert script
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert policy[1].replace("&#39;", "'") == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not re.search(r"https?://|url\(|@import", page.html)
    assert {name for _, names in seen(page.html).tags for name in names} & {"src", "srcset", "action", "onclick", "onload", "style"} == set()


def test_figures_and_sql_can_be_read_without_javascript(page: Page) -> None:
    body = page.html.partition('<dialog id="rows"')[0]
    shown = set(re.findall(r'id="sql-(\w+)"', body))
    assert shown == {file.path.stem for name, file in read().items() if name.startswith(f"{REPORT}.")}
    assert body.count("<svg class=\"chart\"") == 4
    assert [id_ for id_ in SECTIONS if f'<section id="{id_}"' not in body] == []
    assert re.search(r"€\d+k over budget", re.sub(r"<[^>]*>", "", body))


def test_hostile_names_stay_text(page: Page, sample_warehouse: Path, tmp_path: Path) -> None:
    with hostile(sample_warehouse, tmp_path, HOSTILE) as connection:
        found = render(connection, replace(FACTS, company=HOSTILE[0], incomplete=(HOSTILE[1],)))
    assert_inert(found.html, page)
    assert "&lt;img src=x onerror=alert(1)&gt;" in found.html
    assert [mark for mark in seen(found.html).marks if mark["kind"] not in {"sum", "count", "ratio", "record"}] == []


def test_naughty_strings_stay_text(page: Page, sample_warehouse: Path, tmp_path: Path, shared: Path) -> None:
    (blns,) = sorted((shared / "data" / "badinput" / "naughty-strings").rglob("blns.json"))
    strings = [text for text in json.loads(blns.read_text(encoding="utf-8")) if text.strip()]
    for start in range(0, len(strings), 120):
        part = tmp_path / str(start)
        part.mkdir()
        with hostile(sample_warehouse, part, strings[start : start + 120]) as connection:
            assert_inert(render(connection, FACTS).html, page)


def assert_inert(html: str, page: Page) -> None:
    """No tag and no attribute that the page does not have with harmless names; its script and policy unchanged."""
    allowed, found = set(seen(page.html).tags), seen(html).tags
    assert {tag for tag, _ in found} <= {tag for tag, _ in allowed}
    assert {name for _, names in found for name in names} <= {name for _, names in allowed for name in names}
    assert sum(tag == "script" for tag, _ in found) == 3
    assert carried(html)["ledger"]["n"] == carried(page.html)["ledger"]["n"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, without_expectations: None) -> Refreshed:
    return refresh(small.company(tmp_path_factory.mktemp("bare") / "company", {}), "2026-01")


without_expectations = small.without_expectations


@pytest.mark.parametrize(
    "words_of_it",
    [
        "No spend is known yet for the 12 months to January 2026", "strategy/budgets.csv", "strategy/priorities.csv", "strategy/capabilities.csv",
        "decisions/mapping.csv", "strategy/kpis.csv", "strategy/control_totals.csv", "Nothing waits for a decision", "No contract has to be decided in the next 120 days",
        "exports/",
    ],
)  # fmt: skip
def test_an_empty_workspace_says_what_is_missing(bare: Refreshed, words_of_it: str) -> None:
    html = (bare.folder / "report" / "report.html").read_text(encoding="utf-8")
    assert words_of_it in re.sub(r"<[^>]*>", "", html)


def test_reports_are_found_by_month_and_can_be_written_again(bare: Refreshed) -> None:
    home = bare.folder.parents[2]
    path = home / "reports" / "2026-01" / "report.html"
    assert path.resolve() == (bare.folder / "report" / "report.html").resolve()
    before = path.read_bytes()
    path.unlink()
    from pipelines.publish import published

    run = published(home, "2026-01")
    assert run
    assert report(home, run, "Small") == path == point(home, "2026-01")
    assert path.read_bytes() == before


def test_a_run_without_figures_asks_for_a_refresh(tmp_path: Path, bare: Refreshed) -> None:
    from pipelines.publish import published

    run = published(bare.folder.parents[2], "2026-01")
    assert run
    with duckdb.connect(str(tmp_path / "old.duckdb")) as connection:
        connection.execute("create table x as select 1 as a")
    with pytest.raises(ConfigError, match="plumbline refresh --month 2026-01"):
        report(bare.folder.parents[2], replace(run, warehouse=tmp_path / "old.duckdb"), "Small")


SPEND = {
    "month": date(2026, 3, 1), "year_start": date(2026, 1, 1), "spend_to_date_amount": Decimal(110), "spend_12m_amount": Decimal(200), "aligned_12m_amount": Decimal(150),
    "misaligned_12m_amount": Decimal(30), "unmapped_12m_amount": Decimal(20), "budget_to_date_amount": Decimal(100), "budget_year_amount": Decimal(400), "ledger_row_count": 9,
}  # fmt: skip


def said(macro: str, *values: object) -> str:
    """A sentence without its tags."""
    env = environment(Marker(words.Money("EUR", 2, False)))
    text = str(getattr(env.get_template("sentences.j2").make_module(), macro)(*values))
    return re.sub(r"<[^>]*>", "", text).replace("&#39;", "'").strip()


@pytest.mark.parametrize(
    ("changed", "priorities", "expected"),
    [
        ({}, 2, "IT is €10 over budget, and €50 of 12 months' money supports no stated priority"),
        ({"budget_to_date_amount": Decimal(150)}, 1, "IT is €40 under budget, and €50 of 12 months' money supports no stated priority"),
        ({"budget_to_date_amount": Decimal(110)}, 1, "IT is exactly on budget, and €50 of 12 months' money supports no stated priority"),
        ({"budget_to_date_amount": None}, 1, "IT cost €110 this fiscal year, and €50 of 12 months' money supports no stated priority"),
        ({}, 0, "IT is €10 over budget, and no priority is stated yet that it could support"),
        ({"misaligned_12m_amount": Decimal(0), "unmapped_12m_amount": Decimal(0)}, 2, "IT is €10 over budget, and all of its money supports a stated priority"),
        ({"unmapped_12m_amount": Decimal(-90)}, 2, "IT is €10 over budget, and credits outweigh what supports no stated priority"),
        ({"ledger_row_count": 0}, 2, "No spend is known yet for the 12 months to March 2026"),
    ],
)
def test_the_headline_fits_the_numbers(changed: dict[str, object], priorities: int, expected: str) -> None:
    assert said("headline", SPEND | changed, priorities) == expected


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "No outcome is measured yet"),
        (["target_met"], "1 of 1 outcome met its target so far"),
        (["worse"], "None of 1 outcome met its target so far, and 1 got worse than at the start"),
        (["target_met", "target_met", "worse", "worse"], "2 of 4 outcomes met their target so far, and 2 got worse than at the start"),
        (["better", "no_data"], "None of 2 outcomes met their target so far"),
    ],
)
def test_the_sentence_on_outcomes_fits_the_numbers(states: list[str], expected: str) -> None:
    assert said("outcomes", [{"state": state} for state in states]) == expected


DAY = date(2026, 4, 10)


@pytest.mark.parametrize(
    ("contracts", "expected"),
    [
        ([], "No contract has to be decided in the next 120 days"),
        ([(True, 12)], "1 contract worth €12 a year is to be decided by 10 Apr 2026"),
        ([(True, 12), (True, None), (False, 5)], "2 contracts worth €12 a year are to be decided by 10 Apr 2026; 1 has passed the last day for notice"),
        ([(False, 5), (False, 5)], "No contract is left to decide; 2 have passed the last day for notice"),
    ],
)
def test_the_sentence_on_contracts_fits_the_numbers(contracts: list[tuple[bool, int | None]], expected: str) -> None:
    rows_of_it = [{"is_open": is_open, "decide_on": DAY, "annual_amount": None if amount is None else Decimal(amount)} for is_open, amount in contracts]
    assert said("commitments", rows_of_it, 120) == expected


@pytest.mark.parametrize(
    ("value", "digits", "signed", "expected"),
    [
        (Decimal("-1234.5"), 0, False, "−1,235"), (Decimal("0.4"), 0, True, "±0"), (Decimal("-0.4"), 0, True, "±0"), (Decimal("2.5"), 0, True, "+3"), (0, 2, False, "0.00"),
    ],
)  # fmt: skip
def test_numbers_are_written_for_people(value: Decimal, digits: int, signed: bool, expected: str) -> None:
    assert words.plain(value, digits, signed) == expected


def numbers(steps: Sequence[int | None]) -> list[int]:
    """The numbers that the steps of a column lead to; -1 for what is not known."""
    at = 0
    return [-1 if step is None else (at := at + step) for step in steps]


def reread(warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, embedded: int, carried: int) -> Page:
    """The page of the sample where so few rows are many."""
    monkeypatch.setattr(rows, "EMBEDDED", embedded)
    monkeypatch.setattr(rows, "CARRIED", carried)
    return render(warehouse, FACTS)


def test_many_rows_are_carried_line_by_line_under_their_sums(warehouse: duckdb.DuckDBPyConnection, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = carried(page.html)["ledger"], carried(reread(warehouse, monkeypatch, 1000, 100_000).html)["ledger"]
    assert many["n"] == few["n"] == sum(many["c"]["of"]["r"])
    assert len(many["c"]["of"]["r"]) < many["n"]
    assert sorted(numbers(many["c"]["source_row"]["d"])) == sorted(numbers(few["c"]["source_row"]["d"]))
    assert many["c"]["tool_id"]["by"]
    assert {**many["c"]["billed_amount"], "v": sorted(many["c"]["billed_amount"]["v"])} == {**few["c"]["billed_amount"], "v": sorted(few["c"]["billed_amount"]["v"])}


def test_more_rows_than_a_page_carries_are_there_as_sums(warehouse: duckdb.DuckDBPyConnection, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    summed = reread(warehouse, monkeypatch, 1000, 6000)
    told, ledger = carried(summed.html)["ledger"], page.sets["ledger"]
    assert told["sums"] == ledger.count > told["n"] == len(summed.sets["ledger"].values)
    assert [mark for mark in summed.marks if off_by(mark, summed.sets) is None or abs(off_by(mark, summed.sets) or 0) > Decimal("1e-20")] == []
    assert [(mark.label, mark.value) for mark in summed.marks] == [(mark.label, mark.value) for mark in page.marks]
    assert summed.sets["ledger"].number({}) == ledger.number({}) == ledger.count


def test_too_many_sums_are_left_to_their_select(warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    left = reread(warehouse, monkeypatch, 1000, 100)
    assert carried(left.html)["ledger"] == {"n": left.sets["ledger"].count, "sql": rows.ROWS["ledger"], "c": None}
    assert carried(left.html)["gap"]["c"]


@pytest.mark.parametrize(
    ("place", "header", "message"),
    [
        ("report", "-- One.\n-- grain: a", "add `-- figure: ...`, one of sum"),
        ("report", "-- One.\n-- grain: a\n-- figure: guess", "add `-- figure: ...`, one of sum"),
        ("core", "-- One.\n-- grain: a\n-- figure: sum", "only a file under report/ is a figure"),
    ],
)
def test_a_figure_says_its_kind_and_nothing_else_does(tmp_path: Path, place: str, header: str, message: str) -> None:
    path = tmp_path / place / "x.sql"
    path.parent.mkdir()
    path.write_text(f"{header}\n\nselect 1 as a\n", encoding="utf-8")
    with pytest.raises(SqlFileError, match=message):
        SqlFile(path).hold_to_rules()


def account(forecast: int, budget: int | None) -> dict[str, object]:
    return {"forecast_amount": Decimal(forecast), "budget_year_amount": None if budget is None else Decimal(budget)}


@pytest.mark.parametrize(
    ("accounts", "expected"),
    [
        ([], "No spend and no budget tell where the year will end"),
        ([account(120, None)], "The year will end at €120; no budget is loaded for it"),
        ([account(120, 100), account(5, None)], "The year will end at €125, €25 over its budget"),
        ([account(80, 100)], "The year will end at €80, €20 under its budget"),
        ([account(100, 100)], "The year will end at €100, exactly on its budget"),
        ([account(-10, 0)], "The year will end at −€10, €10 under its budget"),
    ],
)
def test_the_sentence_on_the_forecast_fits_the_numbers(accounts: list[dict[str, object]], expected: str) -> None:
    assert said("forecast", accounts) == expected


def bridge(opening: int, closing: int, basis: str = "published", **causes: int) -> list[dict[str, object]]:
    who = {"new": "world", "late_posting": "books", "re_mapped": "ours"}
    told = [("opening", "opening", opening), *((who[cause], cause, amount) for cause, amount in causes.items()), ("closing", "closing", closing)]
    return [{"changed_by": by, "cause": cause, "change_amount": Decimal(amount), "item_count": 2, "basis": basis, "before_month": date(2026, 2, 1)} for by, cause, amount in told]


@pytest.mark.parametrize(
    ("rows_of_it", "expected"),
    [
        ([], "There is no month before to compare with"),
        (bridge(100, 130, new=40, late_posting=-10), "March 2026 cost €30 more than February 2026: +€40 by the world, −€10 by the books, ±€0 by our mapping"),
        (bridge(100, 70, "recomputed", new=-30), "March 2026 cost €30 less than February 2026: −€30 by the world"),
        (bridge(100, 100), "March 2026 cost as much as February 2026: ±€0 by the world, ±€0 by the books, ±€0 by our mapping"),
    ],
)
def test_the_sentence_on_the_change_fits_the_numbers(rows_of_it: list[dict[str, object]], expected: str) -> None:
    assert said("change", rows_of_it, date(2026, 3, 1)) == expected


@pytest.mark.parametrize(
    ("rows_of_it", "expected"),
    [
        ([], "No month before is known, so nothing can be restated."),
        (bridge(100, 70, "recomputed", new=-30), "February 2026 was not published, so nothing says whether it was restated."),
        (bridge(100, 110, new=10), "February 2026 stands as it was published: no late posting, no other mapping."),
        (
            bridge(100, 130, late_posting=-10, re_mapped=0),
            "Since it was published, February 2026 has changed: −€10 came or was corrected after publishing (2), ±€0 sent to other capabilities (2).",
        ),
    ],
)
def test_the_sentence_on_restatements_fits_the_numbers(rows_of_it: list[dict[str, object]], expected: str) -> None:
    assert said("restated", rows_of_it) == expected


def saving(stage: str, annual: int | None, seen: int | None = None) -> dict[str, object]:
    return {"stage": stage, "annual_amount": None if annual is None else Decimal(annual), "seen_amount": None if seen is None else Decimal(seen)}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], "No saving is known yet"),
        ([saving("identified", 30), saving("identified", None)], "€30 a year is identified, nothing is agreed"),
        ([saving("agreed", 20, 0)], "Nothing a year is identified, €20 is agreed or further, and the ledger shows none of it yet"),
        ([saving("identified", 5), saving("partly_seen", 20, 8)], "€5 a year is identified, €20 is agreed or further, and the ledger shows €8 so far"),
        ([saving("contracted", 20, -8)], "Nothing a year is identified, €20 is agreed or further, and the ledger shows €8 more cost instead"),
    ],
)
def test_the_sentence_on_savings_fits_the_numbers(found: list[dict[str, object]], expected: str) -> None:
    assert said("savings", found) == expected


@pytest.mark.parametrize(
    ("rungs", "expected"),
    [
        ([], "No initiative has begun that a measure could tell of"),
        (["cannot_tell"], "Of 1 effect looked for, 1 cannot be told yet"),
        (["beats_comparison", "beats_comparison", "target_met"], "Of 3 effects looked for, 2 beat their comparison, 1 met its target for reasons unknown"),
    ],
)
def test_the_sentence_on_effects_fits_the_numbers(rungs: list[str], expected: str) -> None:
    assert said("helped", [{"rung": rung} for rung in rungs]) == expected


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "No initiative is planned yet"),
        (["as_planned"], "The one initiative is on plan"),
        (["as_planned", "stopped"], "All 2 initiatives are on plan"),
        (["overdue"], "1 of 1 initiative is or was behind plan"),
        (["overdue", "began_late", "as_planned"], "2 of 3 initiatives are or were behind plan"),
    ],
)
def test_the_sentence_on_the_roadmap_fits_the_numbers(states: list[str], expected: str) -> None:
    assert said("roadmap", [{"state": state} for state in states]) == expected


def risk(name: str | None, state: str = "assessed") -> dict[str, object]:
    return {"risk_id": name, "state": state, "annual_loss_amount": Decimal(10), "p95_amount": Decimal(90)}


@pytest.mark.parametrize(
    ("risks", "expected"),
    [
        ([], "No risk is listed yet"),
        ([risk(None, "not_assessed")], "No risk is listed yet"),
        ([risk(None), risk("fire")], "The one assessed risk costs €10 in a mean year and €90 in one of 20"),
        ([risk(None), risk("fire"), risk("flood"), risk("leaver", "not_assessed")], "The 2 assessed risks cost €10 in a mean year and €90 in one of 20; 1 is not assessed"),
        ([risk("a", "not_assessed"), risk("b", "not_assessed")], "No risk is assessed; 2 are not assessed"),
    ],
)
def test_the_sentence_on_risks_fits_the_numbers(risks: list[dict[str, object]], expected: str) -> None:
    assert said("risks", risks) == expected


@pytest.mark.parametrize(
    ("amounts", "alone", "expected"),
    [
        ([], 0, "No vendor is known"),
        ([50], 0, "The one vendor gets 25% of the money"),
        ([50, 30, 20, 10], 1, "The three largest vendors get 50% of the money; 1 is the only one for something that a priority needs"),
        ([50, -30], 2, "The one vendor gets 25% of the money; 2 are the only ones for something that a priority needs"),
    ],
)
def test_the_sentence_on_vendors_fits_the_numbers(amounts: list[int], alone: int, expected: str) -> None:
    found = [{"vendor_id": str(nth), "spend_12m_amount": Decimal(amount), "sole_names": "Sales" if nth < alone else None} for nth, amount in enumerate(amounts)]
    assert said("vendors", found, Decimal(200)) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ({}, "No money can be followed yet"),
        ({"ledger": 0, "capability": 0, "priority": 0}, "No money can be followed yet"),
        ({"ledger": 200, "capability": 150, "priority": 50}, "Of 12 months' money 75% can be followed to a capability and 25% to a priority"),
    ],
)
def test_the_sentence_on_the_ladder_fits_the_numbers(steps: dict[str, int], expected: str) -> None:
    assert said("ladder", [{"part": "ladder", "step": step, "spend_12m_amount": Decimal(amount)} for step, amount in steps.items()]) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([], "Incomplete: cloud (late) feeds this figure."),
        (["cloud: late for this month"], "Incomplete: cloud (late) feeds this figure."),
        (["card: missing for this month"], "Incomplete: cloud (late) and card (missing) feed this figure."),
        (["card: timed out", "erp_de: empty for this month"], "Incomplete: cloud (late), card (not read) and erp_de (empty) feed this figure."),
    ],
)
def test_a_figure_names_what_it_lacks(warehouse: duckdb.DuckDBPyConnection, more: list[str], expected: str) -> None:
    html = render(warehouse, replace(FACTS, incomplete=("cloud: late for this month", *more))).html
    lacks = {figure: told for told, figure in re.findall(r'<p class="lacks">([^<]*)</p>\s*<details class="sql" id="sql-(\w+)">', html)}
    assert lacks["spend"] == expected
    assert "period" not in lacks
    assert "outcome" not in lacks


def test_a_figure_rests_on_the_contracts_below_it() -> None:
    assert "spend_line" in contracts()["spend"]
    assert "kpi_observation" not in contracts()["spend"]
    assert "risk" in contracts()["risk"]
    assert contracts()["period"] == set()


def test_a_complete_month_lacks_nothing(page: Page) -> None:
    assert 'class="lacks"' not in page.html
