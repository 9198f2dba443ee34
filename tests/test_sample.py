"""The sample company: the same seed gives the same bytes, and its truth is what a plain reading of its files gives."""

import csv
import hashlib
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import takewhile
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from openpyxl import load_workbook

from connectors.profile import recognise, shipped, template
from connectors.reading import open_tables
from models import Home, tables
from pipelines.sample import Truth, write_sample
from pipelines.sample.cloud import cloud_lines
from pipelines.sample.company import people
from pipelines.sample.money import half_away
from pipelines.settings import load_settings


class Sample(NamedTuple):
    folder: Path
    truth: Truth


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample")
    return Sample(folder, write_sample(folder))


def tree_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def test_the_seed_decides_every_byte(sample: Sample, tmp_path: Path) -> None:
    assert write_sample(tmp_path / "again") == sample.truth
    assert tree_hash(tmp_path / "again") == tree_hash(sample.folder)
    other = write_sample(tmp_path / "other", seed=2)
    assert other.spend_eur_cents != sample.truth.spend_eur_cents
    assert tree_hash(tmp_path / "other") != tree_hash(sample.folder)


def test_the_scale_multiplies_lines_and_keeps_the_rest(sample: Sample, tmp_path: Path) -> None:
    assert sum(1 for _ in cloud_lines(0, 3, Random(1))) == 450
    doubled = write_sample(tmp_path, scale=2)
    lines, before = (sum(row["lines"] for row in truth.spend_eur) for truth in (doubled, sample.truth))
    assert 1.9 < lines / before < 2.1
    assert doubled.other_counts["tickets"]["loaded"] == 2 * 20_000 - 5
    assert [row["fault"] for row in doubled.bad_rows] == [row["fault"] for row in sample.truth.bad_rows]


def test_a_scale_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the scale is 0"):
        write_sample(tmp_path, scale=0)


# A plain reading of the exports: nothing of the program's readers, profiles or delivery modes.

KNOWN_ACCOUNTS_LEFT_OUT = {"6310": "Rent of buildings", "6325": "Power, gas and water"}


class Record(NamedTuple):
    month: str | None
    currency: str | None
    amount: Decimal | None
    rule: str | None
    is_bad: bool
    rate_on: date | None


def day(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()
    except ValueError:
        return None


def number(text: str) -> Decimal | None:
    sign = -1 if text.endswith("-") or text.startswith(("(", "-")) else 1
    bare = text.strip("()-").lstrip("$")
    return sign * Decimal(bare.replace(",", "")) if re.fullmatch(r"[\d,]+\.\d+", bare) else None


def recorded(posted: date | None, currency: str, amount: Decimal | None, rate_on: date | None, rule: str | None = None, bad: bool = False) -> Record:
    broken = bad or posted is None or amount is None or not currency
    return Record(f"{posted:%Y-%m}" if posted else None, currency or None, amount, rule, broken, rate_on or posted)


def texts(folder: Path, encoding: str) -> Iterator[str]:
    """The files of a folder in the order of their names, the same bytes once."""
    seen = set()
    for path in sorted(folder.glob("*.csv"), key=lambda path: path.stem):
        if (content := path.read_bytes()) not in seen:
            seen.add(content)
            yield content.decode(encoding)


def rows_below(text: str, first: str, delimiter: str, until: str) -> Iterator[dict[str, str]]:
    table = text[text.index(f"\n{first}{delimiter}") + 1 :]
    rows = csv.DictReader(io.StringIO(table, newline=""), delimiter=delimiter)
    return takewhile(lambda row: not row[first].startswith(until), rows)


def erp(exports: Path) -> Iterator[tuple[str, Record]]:
    for text in texts(exports / "erp_de", "cp1252"):
        for row in rows_below(text, "Buchungskreis", ";", "Summe"):
            amount = number(row["Betrag"].translate(str.maketrans(".,", ",.")))
            rule = KNOWN_ACCOUNTS_LEFT_OUT.get(row["Sachkonto"])
            yield "erp_de", recorded(day(row["Buchungsdatum"], "%d.%m.%Y"), row["Währung"], amount, day(row["Belegdatum"], "%d.%m.%Y"),
                                     rule, row["Belegart"] not in {"KR", "KG"})  # fmt: skip


def books(exports: Path) -> Iterator[tuple[str, Record]]:
    for text in texts(exports / "ap_us", "utf-8"):
        for row in rows_below(text, "Date", ",", "TOTAL"):
            rule = "payments settle bills" if row["Transaction Type"].startswith("Bill Payment") else None
            yield "ap_us", recorded(day(row["Date"], "%m/%d/%Y"), row["Currency"], number(row["Amount"]), None, rule)


def cards(exports: Path) -> Iterator[tuple[str, Record]]:
    """A charge that the truth calls a copy is counted elsewhere; another test holds that against the ledgers."""
    twice = {row["document"] for row in json.loads((exports.parent / "truth.json").read_text(encoding="utf-8"))["bought_twice"]}
    newest: dict[str, Record] = {}
    for text in texts(exports / "card", "utf-8"):
        for row in csv.DictReader(io.StringIO(text)):
            rule = "declined" if row["Status"] == "Declined" else "Travel" if row["Merchant Name"] == "Lufthansa Group" else None
            key = row["Transaction ID"]
            if key in newest:
                yield "card superseded", newest[key]
            newest[key] = recorded(day(row["Posting Date"], "%Y-%m-%d"), row["Currency"], number(row["Amount"]),
                                   day(row["Transaction Date"], "%Y-%m-%d"), rule)  # fmt: skip
    yield from (("card counted_elsewhere" if key in twice else "card", record) for key, record in newest.items())


def cloud(exports: Path) -> Iterator[tuple[str, Record]]:
    for text in texts(exports / "cloud", "utf-8"):
        for row in csv.DictReader(io.StringIO(text)):
            yield "cloud", recorded(day(row["BillingPeriodStart"][:10], "%Y-%m-%d"), row["BillingCurrency"], number(row["BilledCost"]), None)


@pytest.fixture(scope="module")
def recount(sample: Sample) -> list[tuple[str, str, Record]]:
    """(source, status, record) of every record of the four exports of money."""
    found = []
    for read in (erp, books, cards, cloud):
        for source, record in read(sample.folder / "exports"):
            name, _, moved = source.partition(" ")
            found.append((name, moved or ("excluded" if record.rule else "quarantined" if record.is_bad else "loaded"), record))
    return found


def test_records_and_amounts_equal_a_recount_of_the_files(sample: Sample, recount: list[tuple[str, str, Record]]) -> None:
    counted: Counter[tuple[object, ...]] = Counter()
    amounts: defaultdict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    unknown: Counter[tuple[object, ...]] = Counter()
    for source, status, record in recount:
        key = (source, record.month, record.currency, status, record.rule)
        counted[key] += 1
        amounts[key] += record.amount or 0
        unknown[key] += record.amount is None
    told = {
        (row["source"], row["month"], row["currency"], row["status"], row["rule"]): (row["records"], Decimal(row["amount"]), row["amount_unknown"])
        for row in sample.truth.spend_records
    }
    assert told == {key: (counted[key], amounts[key], unknown[key]) for key in counted}


def test_what_was_bought_twice_stands_in_the_ledger_too(sample: Sample) -> None:
    exports = sample.folder / "exports"
    booked = {row["Belegnummer"]: (row["Betrag"].translate(str.maketrans(".,", ",.")), row["Währung"]) for text in texts(exports / "erp_de", "cp1252")
              for row in rows_below(text, "Buchungskreis", ";", "Summe")}  # fmt: skip
    booked |= {row["Num"].removeprefix("B-"): (row["Amount"], row["Currency"]) for text in texts(exports / "ap_us", "utf-8") for row in rows_below(text, "Date", ",", "TOTAL")}
    charged = {row["Transaction ID"]: (row["Amount"], row["Currency"]) for text in texts(exports / "card", "utf-8") for row in csv.DictReader(io.StringIO(text))}
    assert len(sample.truth.bought_twice) > 150
    for row in sample.truth.bought_twice:
        expected = (Decimal(row["amount"]), row["currency"])
        for amount, currency in (booked[row["counted_document"]], charged[row["document"]]):
            assert (number(amount), currency) == expected, row


def test_euros_equal_a_recount_with_the_rates_of_the_file(sample: Sample, recount: list[tuple[str, str, Record]]) -> None:
    rates = {date.fromisoformat(row["rate_on"]): Decimal(row["rate"]) for row in csv_rows(sample.folder / "strategy" / "fx_rates.csv")}
    totals: Counter[tuple[str, str | None, str | None]] = Counter()
    with localcontext(prec=60):
        for source, status, record in recount:
            if status == "loaded" and record.amount is not None and record.rate_on:
                near = (record.rate_on - timedelta(days=back) for back in range(8))
                quoted = next(rates[on] for on in near if on in rates) if record.currency == "USD" else Decimal(1)
                rate = (1 / quoted).quantize(Decimal("1e-10"), ROUND_HALF_UP)
                cents = (100 * record.amount * rate).quantize(Decimal(1), ROUND_HALF_UP)
                totals[source, record.month, record.currency] += int(cents)
    assert {(row["source"], row["month"], row["currency"]): row["eur_cents"] for row in sample.truth.spend_eur} == totals
    assert sample.truth.spend_eur_cents == totals.total()


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"), [(5, 10, 1), (-5, 10, -1), (4, 10, 0), (-4, 10, 0), (15, 10, 2), (-25, 10, -3), (0, 7, 0)]
)
def test_halves_go_away_from_zero(numerator: int, denominator: int, expected: int) -> None:
    assert half_away(numerator, denominator) == expected


def test_the_parts_of_the_truth_add_up(sample: Sample) -> None:
    truth = sample.truth
    assert sum(row["eur_cents"] for row in truth.alignment) == truth.spend_eur_cents
    assert sum(row["eur_cents"] for row in truth.tool_spend) == truth.spend_eur_cents
    assert {row["alignment"] for row in truth.alignment} == {"aligned", "misaligned", "unmapped"}
    assert sum(row["lines_eur_cents"] for row in truth.cloud_invoices) == sum(row["eur_cents"] for row in truth.spend_eur if row["source"] == "cloud")
    assert any(row["rounding_eur_cents"] for row in truth.cloud_invoices)
    quarantined = sum(row["records"] for row in truth.spend_records if row["status"] == "quarantined")
    assert len(truth.bad_rows) == quarantined == 14


def test_little_is_bad_in_every_source(sample: Sample) -> None:
    for source in {row["source"] for row in sample.truth.spend_records}:
        sizes = Counter({row["status"]: 0 for row in sample.truth.spend_records})
        for row in sample.truth.spend_records:
            if row["source"] == source:
                sizes[row["status"]] += row["records"]
        assert 0 < sizes["quarantined"] < 0.009 * sizes["loaded"], source


# What people edit, and what was planted in it.


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


EDITED = [table.name for table in tables().values() if table.home is not Home.EXPORTS]


@pytest.mark.parametrize("name", [name for name in EDITED if name not in {"dismissal", "purchase_match"}])
def test_files_people_edit_fit_their_contracts(sample: Sample, name: str) -> None:
    table = tables()[name]
    rows = csv_rows(sample.folder / table.home / table.file_name)
    assert rows
    assert tuple(rows[0]) == table.names
    keys = Counter(tuple(row[column] for column in table.key) for row in rows)
    assert keys.most_common(1)[0][1] == 1
    for column in table.columns:
        values = {row[column.name] for row in rows}
        assert not (column.required and "" in values), column.name
        assert not column.among or values - {""} <= set(column.among), column.name
        if column.refers_to:
            other, _, key = column.refers_to.partition(".")
            known = {row[key] for row in csv_rows(sample.folder / tables()[other].home / tables()[other].file_name)}
            assert values - {""} <= known, column.name


def test_no_stray_file_stands_among_those_people_edit(sample: Sample) -> None:
    for home in (Home.STRATEGY, Home.DECISIONS):
        known = {table.file_name for table in tables().values() if table.home is home}
        assert {path.name for path in (sample.folder / home).iterdir()} <= known


def test_the_company_has_the_size_it_is_said_to_have(sample: Sample) -> None:
    strategy, exports = sample.folder / "strategy", sample.folder / "exports"
    assert len(csv_rows(strategy / "priorities.csv")) == 5
    assert len(csv_rows(strategy / "capabilities.csv")) == 24
    assert len(csv_rows(exports / "servicenow_apps" / "cmdb_ci_business_app.csv")) == 40
    assert len({person.email for person in people(Random(3))}) == 448
    assert len([person for person in people(Random(3)) if person.left_on is None]) == 412
    months = {row["month"] for row in csv_rows(strategy / "kpi_observations.csv")}
    assert (len(months), min(months), max(months)) == (24, sample.truth.first_month, sample.truth.last_month)
    assert len(sample.truth.spellings) == 60
    assert sum(map(len, sample.truth.spellings.values())) == 120


def test_every_spelling_occurs(sample: Sample) -> None:
    exports = sample.folder / "exports"
    found = {row["Kreditorenname"] for text in texts(exports / "erp_de", "cp1252") for row in rows_below(text, "Buchungskreis", ";", "Summe")}
    found |= {row["Name"] for text in texts(exports / "ap_us", "utf-8") for row in rows_below(text, "Date", ",", "TOTAL")}
    found |= {row["Merchant Name"] for text in texts(exports / "card", "utf-8") for row in csv.DictReader(io.StringIO(text))}
    found |= {row["InvoiceIssuerName"] for text in texts(exports / "cloud", "utf-8") for row in csv.DictReader(io.StringIO(text))}
    assert found == {spelling for spellings in sample.truth.spellings.values() for spelling in spellings}


def test_overlaps_and_gaps_follow_from_the_files(sample: Sample) -> None:
    served: defaultdict[str, dict[str, str]] = defaultdict(dict)
    supporting = set()
    for row in csv_rows(sample.folder / "decisions" / "mapping.csv"):
        if row["subject_kind"] == "tool":
            served[row["capability_id"]][row["subject"]] = row["fit"]
            if row["role"] == "supporting":
                supporting.add(row["capability_id"])
    crowded = {capability: sorted(tools) for capability, tools in served.items() if len(tools) > 1}
    told = {row["capability_id"]: row["tools"] for row in (*sample.truth.overlaps, *sample.truth.add_ons)}
    assert told == crowded
    assert {row["capability_id"] for row in sample.truth.add_ons} == supporting
    assert len(sample.truth.overlaps) >= 6
    gaps, blank = set(), set()
    for row in csv_rows(sample.folder / "strategy" / "priority_capabilities.csv"):
        fits = [Decimal(fit) for fit in served[row["capability_id"]].values() if fit]
        if served[row["capability_id"]] and not fits:
            blank.add(row["capability_id"])
        elif max(fits, default=Decimal(0)) < Decimal(row["required_level"]):
            gaps.add(row["capability_id"])
    assert gaps == {row["capability_id"] for row in sample.truth.gaps}
    assert len(gaps) == 5
    assert blank == {row["capability_id"] for row in sample.truth.not_assessed}


def test_use_of_tools_is_as_planted(sample: Sample) -> None:
    usage = csv_rows(sample.folder / "exports" / "okta" / "app_usage_2026-10.csv")
    aliases = {row["alias"]: row["tool_name"] for row in csv_rows(sample.folder / "decisions" / "tool_alias.csv")}
    assigned, active = Counter(), Counter()
    for row in usage:
        tool = aliases.get(row["Application"], row["Application"])
        assigned[tool] += 1
        active[tool] += row["Last Accessed"] >= "2026-08-02"
    signed_in = {tool: counts for tool, counts in sample.truth.seats.items() if "active" in counts}
    assert {tool: (counts["assigned"], counts["active"]) for tool, counts in signed_in.items()} == {tool: (assigned[tool], active[tool]) for tool in assigned}


def test_renewals_are_those_of_the_workbook(sample: Sample) -> None:
    sheet = load_workbook(sample.folder / "exports" / "contracts" / "contract_register.xlsx").active
    assert sheet is not None
    _, as_of, _, header, *rows = sheet.iter_rows(values_only=True)
    assert as_of[1] == datetime(2026, 10, 31)
    contracts = [dict(zip(header, row, strict=True)) for row in rows]
    window = (datetime(2026, 11, 1), datetime(2027, 2, 28))
    assert {c["Contract No."] for c in contracts if window[0] <= c["End"] <= window[1]} == {row["contract_number"] for row in sample.truth.renewals}
    assert all(c["Start"] < c["End"] for c in contracts)


def test_tickets_are_as_many_as_told(sample: Sample) -> None:
    newest, total, bad = {}, 0, 0
    for path in sorted((sample.folder / "exports" / "tickets").glob("*.csv")):
        for row in csv_rows(path):
            total += 1
            if row["sys_class_name"] == "Walk-up" or day(row["opened_at"], "%Y-%m-%d %H:%M:%S") is None:
                bad += 1
            else:
                newest[row["number"]] = row
    told = sample.truth.other_counts["tickets"]
    assert (len(newest), bad, total - len(newest) - bad) == (told["loaded"], told["quarantined"], told["superseded"])
    assert any("\n" in row["short_description"] for row in newest.values())


# The formats.


def test_each_export_is_recognised_by_the_profile_of_its_source(sample: Sample) -> None:
    candidates = [*shipped().values(), *map(template, tables().values())]
    settings = load_settings(sample.folder)
    for source, given in settings.sources.items():
        files = sorted((sample.folder / "exports" / source).iterdir())
        assert files, source
        for path in (files[0], files[-1]):
            (reading,) = open_tables(path)
            assert [profile.profile for profile in recognise(reading.layout.header, candidates)] == [given.profile], path.name
            assert path.match(given.files or ""), path.name


@pytest.mark.parametrize(
    ("write", "cents", "expected"),
    [("german", -123_450, "1.234,50-"), ("german", 7, "0,07"), ("american", 123_450, "$1,234.50"), ("american", -7, "($0.07)")],
)
def test_amounts_are_written_as_the_systems_write_them(write: str, cents: int, expected: str) -> None:
    from pipelines.sample import ledgers

    form: Callable[[int], str] = getattr(ledgers, write)
    assert form(cents) == expected
