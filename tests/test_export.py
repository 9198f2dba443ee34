"""What leaves as files: all tables with their meaning, nothing personal where it is shared, and FOCUS as its specification wants it."""

import csv
import json
import shutil
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from models import Privacy, tables
from pipelines.cli import run
from pipelines.errors import UsageError
from pipelines.export import export
from pipelines.focus import MEANINGS
from pipelines.publish import Run, published
from pipelines.refresh import Refreshed


@pytest.fixture(scope="module")
def home(sample: Refreshed) -> Path:
    return sample.folder.parents[2]


@pytest.fixture(scope="module")
def month(home: Path) -> Run:
    found = published(home)
    assert found
    return found


@pytest.fixture(scope="module")
def exported(home: Path, month: Run, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """An export of each kind."""
    folder = tmp_path_factory.mktemp("exported")
    kinds = {"parquet": ("parquet", False), "csv": ("csv", False), "shared": ("csv", True), "shared_parquet": ("parquet", True), "focus": ("focus", False)}
    return {name: export(home, month, folder / name, form, share).folder for name, (form, share) in kinds.items()}


def dictionary(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "dictionary.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_every_table_is_there_with_every_row_and_what_it_means(exported: Mapping[str, Path], sample: Refreshed, form: str) -> None:
    folder, told = exported[form], dictionary(exported[form])
    assert told["run_id"] == sample.run_id
    assert {entry["table"] for entry in told["tables"]} == {name for name in sample.row_counts if not name.startswith("parts.")}
    connection = duckdb.connect()
    for entry in told["tables"]:
        columns = connection.execute(f"describe select * from '{folder / entry['file']}'").fetchall()
        assert connection.execute(f"select count(*) from '{folder / entry['file']}'").fetchone() == (sample.row_counts[entry["table"]],)
        assert [column["name"] for column in entry["columns"]] == [column[0] for column in columns]
        assert entry["description"]
        assert [column["name"] for column in entry["columns"] if not column["description"]] == []
        if form == "parquet":
            assert [column["type"] for column in entry["columns"]] == [column[1] for column in columns]
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {"dictionary.json", "dictionary.md", *(entry["file"] for entry in told["tables"])}
    assert "## core.ledger" in (folder / "dictionary.md").read_text(encoding="utf-8")


def test_nothing_personal_is_shared(exported: Mapping[str, Path], sample: Refreshed) -> None:
    """Held against the cells themselves: none of what the contracts call personal stands anywhere in a shared file."""
    secret: set[str] = set()
    with duckdb.connect(str(sample.warehouse), read_only=True) as connection:
        for table in tables().values():
            for column in table.columns:
                if column.privacy is not Privacy.OPEN and column.kind.duckdb == "VARCHAR":
                    secret |= {str(value).casefold() for (value,) in connection.execute(f"select distinct {column.name} from raw.{table.name} where length({column.name}) > 5").fetchall()}
        keys = {str(key) for (key,) in connection.execute("select distinct person_key from core.usage").fetchall()}
    assert len(secret) > 500
    hidden = secret | keys
    for folder in (exported["shared"], exported["shared_parquet"]):
        told = dictionary(folder)
        assert {"raw.person", "staging.person", "core.usage", "core.owner.owner_name", "audit.quarantine.value"} <= set(told["left_out"])
        assert {entry["table"].partition(".")[0] for entry in told["tables"]} == {"audit", "core", "marts", "report", "settings"}
        with duckdb.connect() as connection:
            for entry in told["tables"]:
                path = folder / entry["file"]
                reader = f"read_csv('{path}', all_varchar = true, header = true)" if path.suffix == ".csv" else f"'{path}'"
                columns = ", ".join(f'list(distinct "{column["name"]}"::varchar)' for column in entry["columns"])
                for column, values in zip(entry["columns"], connection.execute(f"select {columns} from {reader}").fetchone() or (), strict=True):
                    assert {str(value).casefold() for value in values or ()} & hidden == set(), (entry["table"], column["name"])
    assert {"core.ledger", "marts.gap", "core.owner"} <= {entry["table"] for entry in told["tables"]}
    assert "reason" in {column["name"] for entry in told["tables"] if entry["table"] == "marts.gap" for column in entry["columns"]}


def test_the_same_month_gives_the_same_bytes(exported: Mapping[str, Path], home: Path, month: Run, tmp_path: Path) -> None:
    for name, form in (("shared_parquet", "parquet"), ("focus", "focus")):
        again = export(home, month, tmp_path / name, form, share=name != "focus").folder
        for path in sorted(path for path in exported[name].rglob("*") if path.is_file()):
            assert (again / path.relative_to(exported[name])).read_bytes() == path.read_bytes(), path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(1)", "'@SUM(1)"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("\n=1", "'\n=1"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"), ("\u202egnp.exe", "\u202egnp.exe"), ("a, \"b\"\nc", "a, \"b\"\nc"), ("ACME", "ACME"),
    ],
)  # fmt: skip
def test_no_cell_of_a_csv_is_a_formula(home: Path, month: Run, tmp_path: Path, text: str, expected: str) -> None:
    copy = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(copy)) as connection:
        connection.execute("create schema core")
        connection.execute("create table core.vendor as select ? as vendor_name, [?] as names, -1 as amount", [text, text])
    fake = Run(month.folder, month.month, copy, month.manifest)
    folder = export(home, fake, tmp_path / "out", "csv").folder
    with (folder / "core" / "vendor.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["vendor_name"] == expected
    assert row["names"].startswith("[")
    assert row["amount"] == "-1"
    exact = export(home, fake, tmp_path / "exact", "parquet").folder
    with duckdb.connect() as connection:
        assert connection.execute(f"select vendor_name, names from '{exact / 'core' / 'vendor.parquet'}'").fetchall() == [(text, [text])]


def test_a_folder_of_others_stays(home: Path, month: Run, tmp_path: Path, exported: Mapping[str, Path]) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(UsageError, match="holds other files"):
        export(home, month, mine, "focus")
    assert (mine / "thesis.txt").read_text(encoding="utf-8") == "years of work"
    with pytest.raises(UsageError, match="holds other files"):
        export(home, month, home, "focus")
    own = tmp_path / "own"
    shutil.copytree(exported["focus"], own)
    (own / "stale.csv").write_text("old", encoding="utf-8")
    export(home, month, own, "focus")
    assert sorted(path.name for path in own.iterdir()) == ["dictionary.json", "dictionary.md", "focus.csv", "focus.parquet"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(("options", "code"), [([], 2), (["--csv", "--parquet"], 2), (["--focus"], 0), (["--focus", "--json"], 0), (["--focus", "--month", "2020-01"], 3)])
def test_the_command_wants_one_format(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], code: int) -> None:
    assert run(["export", str(tmp_path / "out"), "-C", str(home), *options]) == code
    told = capsys.readouterr()
    assert (tmp_path / "out").exists() == (code == 0)
    if "--json" in options:
        assert set(json.loads(told.out)["tables"]) == {"focus.csv", "focus.parquet"}


# What FOCUS 1.2 asks of a column that must be there: kind of value, and whether it may be null. In the order of the specification.
MANDATORY: Mapping[str, tuple[str, bool]] = {
    "BilledCost": ("decimal", False), "BillingAccountId": ("string", False), "BillingAccountName": ("string", True), "BillingCurrency": ("currency", False),
    "BillingPeriodEnd": ("time", False), "BillingPeriodStart": ("time", False), "ChargeCategory": ("string", False), "ChargeClass": ("string", True), "ChargeDescription": ("string", True),
    "ChargePeriodEnd": ("time", False), "ChargePeriodStart": ("time", False), "ContractedCost": ("decimal", False), "EffectiveCost": ("decimal", False), "InvoiceIssuerName": ("string", False),
    "ListCost": ("decimal", False), "PricingQuantity": ("decimal", True), "PricingUnit": ("string", True), "ProviderName": ("string", False), "PublisherName": ("string", False),
    "ServiceCategory": ("string", False), "ServiceName": ("string", False),
}  # fmt: skip
ALLOWED = {
    "ChargeCategory": {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}, "ChargeClass": {"", "Correction"},
    "ServiceCategory": {
        "AI and Machine Learning", "Analytics", "Business Applications", "Compute", "Databases", "Developer Tools", "Multicloud", "Identity", "Integration", "Internet of Things",
        "Management and Governance", "Media", "Migration", "Mobile", "Networking", "Security", "Storage", "Web", "Other",
    },
}  # fmt: skip


def broken(row: Mapping[str, str]) -> list[str]:
    """The rules of FOCUS that a row of a CSV breaks."""
    found = []
    for column, (kind, nullable) in MANDATORY.items():
        value = row.get(column)
        if value is None or (value == "" and not nullable):
            found.append(f"{column} is missing")
        elif value and kind == "decimal" and not (Decimal(value).is_finite() and "," not in value):
            found.append(f"{column} is no number")
        elif value and kind == "currency" and not (len(value) == 3 and value.isupper()):
            found.append(f"{column} is no ISO 4217 code")
        elif value and kind == "time" and datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").isoformat() + "Z" != value:
            found.append(f"{column} is no time in UTC")
    found += [f"{column} is {row[column]}" for column, allowed in ALLOWED.items() if row.get(column, "") not in allowed]
    found += [f"{kind} period ends before it begins" for kind in ("Billing", "Charge") if row[f"{kind}PeriodEnd"] <= row[f"{kind}PeriodStart"]]
    found += [f"{column} is no column of FOCUS and lacks x_" for column in row if column not in MANDATORY and not column.startswith("x_")]
    return found


def test_every_row_conforms_to_focus(exported: Mapping[str, Path], sample: Refreshed) -> None:
    with (exported["focus"] / "focus.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert len(found) == sample.row_counts["core.ledger"]
    assert {fault for row in found for fault in broken(row)} == set()
    assert {row["ChargeCategory"] for row in found} == {"Usage", "Purchase", "Credit", "Adjustment"}
    with duckdb.connect(str(sample.warehouse), read_only=True) as connection:
        by_currency = dict(connection.execute("select original_currency, sum(original_amount) from core.spend_line group by all").fetchall())
        (total,) = connection.execute("select sum(billed_amount) from core.spend_line").fetchone() or ()
    told: dict[str, Decimal] = {}
    for row in found:
        told[row["BillingCurrency"]] = told.get(row["BillingCurrency"], Decimal(0)) + Decimal(row["BilledCost"])
    assert told == by_currency
    assert sum(Decimal(row["x_ReportingCost"]) for row in found) == total
    assert set(MEANINGS) == set(found[0])
    with duckdb.connect() as connection:
        types = {row[0]: row[1] for row in connection.execute(f"describe select * from '{exported['focus'] / 'focus.parquet'}'").fetchall()}
    kinds = {"decimal": "DECIMAL(38,12)", "time": "TIMESTAMP", "string": "VARCHAR", "currency": "VARCHAR"}
    assert {name: types[name] for name in MANDATORY} == {name: kinds[kind] for name, (kind, _) in MANDATORY.items()}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"BilledCost": ""}, "BilledCost is missing"), ({"BillingCurrency": "euro"}, "BillingCurrency is no ISO 4217 code"), ({"ChargeCategory": "Refund"}, "ChargeCategory is Refund"),
        ({"ChargePeriodEnd": "2020-01-01T00:00:00Z"}, "Charge period ends before it begins"), ({"Priority": "1"}, "Priority is no column of FOCUS and lacks x_"),
    ],
)  # fmt: skip
def test_the_rules_catch_a_fault(exported: Mapping[str, Path], changed: Mapping[str, str], fault: str) -> None:
    with (exported["focus"] / "focus.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert broken(row) == []
    assert broken({**row, **changed}) == [fault]
