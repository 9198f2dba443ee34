"""great-expectations on the built tables: each rule catches what breaks it, and agrees with counting by hand."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import sqlalchemy

import models
from models import PROVENANCE, Column, Home, Kind, Privacy, Table
from pipelines.expectations.dialect import attach
from pipelines.expectations.run import run
from pipelines.expectations.suites import Proof, expectations_of, expectations_of_grain, hidden_columns
from pipelines.expectations.worker import Unproved, start_worker

UNIT = Table(
    "unit",
    "A unit that rows refer to.",
    ("unit_id",),
    (Column("unit_id", Kind.TEXT, "Its id.", required=True),),
    home=Home.STRATEGY,
)
ITEM = Table(
    "item",
    "A row with a column of each kind of rule.",
    ("item_id", "month"),
    (
        Column("item_id", Kind.TEXT, "Its id.", required=True),
        Column("month", Kind.MONTH, "Its month."),
        Column("phase", Kind.TEXT, "One of two.", among=("plan", "can't")),
        Column("fit", Kind.SHARE, "0 to 1.", minimum=0, maximum=1),
        Column("seats", Kind.COUNT, "Not negative.", minimum=0),
        Column("unit_id", Kind.TEXT, "Its unit.", refers_to="unit.unit_id"),
        Column("email", Kind.TEXT, "Whose it is.", required=True, privacy=Privacy.PERSONAL),
    ),
    home=Home.DECISIONS,
)
CONTRACTS = {"unit": UNIT, "item": ITEM}
GOOD_ITEMS = (
    {"item_id": "a", "month": "2026-01-01", "phase": "plan", "fit": "0", "seats": 0, "unit_id": "u1", "email": "x@y"},
    {"item_id": "a", "month": "2026-02-01", "phase": "can't", "fit": "1", "seats": 7, "unit_id": None, "email": "x@y"},
    {"item_id": "b", "month": None, "phase": None, "fit": None, "seats": None, "unit_id": "u1", "email": "x@y"},
)
WHERE = {"source": "files", "source_file": "items.csv"}
LAST = len(GOOD_ITEMS) + 1


def fill(connection: duckdb.DuckDBPyConnection, table: Table, rows: tuple[dict[str, object], ...] = ()) -> None:
    """Make raw.<table> with its columns and rows; the row's number is its source_row."""
    columns = (*table.columns, *PROVENANCE)
    declared = ", ".join(f'"{column.name}" {column.kind.duckdb}' for column in columns)
    connection.execute(f'CREATE SCHEMA IF NOT EXISTS raw; CREATE TABLE raw."{table.name}" ({declared})')
    for number, row in enumerate(rows, start=1):
        where = {"source": "files", "delivery_id": "d1", "source_file": f"{table.name}s.csv", "source_row": number}
        held = {**where, **row}
        values = [held.get(column.name) for column in columns]
        connection.execute(f'INSERT INTO raw."{table.name}" VALUES ({", ".join("?" * len(values))})', values)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def failures(results):
    return {f"{result.table}.{result.name}": result for result in results if not result.passed}


def test_good_rows_pass_every_rule(connection):
    fill(connection, UNIT, ({"unit_id": "u1"},))
    fill(connection, ITEM, GOOD_ITEMS)
    connection.execute("CREATE SCHEMA core; CREATE TABLE core.thing AS SELECT 1 AS thing_id, NULL AS month")
    results = run(connection, CONTRACTS, {"core.thing": ("thing_id", "month")}, {"unit": 1, "item": 3})
    assert failures(results) == {}
    assert [(result.table, result.name) for result in results] == [
        ("raw.unit", "columns"),
        ("raw.unit", "row_count"),
        ("raw.unit", "given_unit_id"),
        ("raw.unit", "unique_key"),
        ("raw.item", "columns"),
        ("raw.item", "row_count"),
        ("raw.item", "given_item_id"),
        ("raw.item", "among_phase"),
        ("raw.item", "range_fit"),
        ("raw.item", "range_seats"),
        ("raw.item", "refers_unit_id"),
        ("raw.item", "given_email"),
        ("raw.item", "unique_key"),
        ("core.thing", "unique_grain"),
    ]


@pytest.mark.parametrize(
    ("change", "rule", "sample"),
    [
        ({"item_id": None}, "given_item_id", {"item_id": None, "month": None}),
        ({"email": None}, "given_email", {"item_id": "z", "month": None}),
        ({"phase": "Plan"}, "among_phase", {"item_id": "z", "month": None, "phase": "Plan"}),
        ({"phase": ""}, "among_phase", {"item_id": "z", "month": None, "phase": ""}),
        ({"fit": "1.0000000001"}, "range_fit", {"item_id": "z", "month": None, "fit": "1.0000000001"}),
        ({"fit": "-0.1"}, "range_fit", {"item_id": "z", "month": None, "fit": "-0.1000000000"}),
        ({"seats": -1}, "range_seats", {"item_id": "z", "month": None, "seats": -1}),
        ({"unit_id": "u2"}, "refers_unit_id", {"item_id": "z", "month": None, "unit_id": "u2"}),
    ],
)
def test_a_row_that_breaks_a_rule_is_counted_and_shown(connection, change, rule, sample):
    fill(connection, UNIT, ({"unit_id": "u1"},))
    fill(connection, ITEM, (*GOOD_ITEMS, {"item_id": "z", "email": "x@y", **change}))
    failed = failures(run(connection, CONTRACTS, {}))
    assert list(failed) == [f"raw.item.{rule}"]
    (result,) = failed.values()
    assert (result.violations, result.observed, result.severity) == (1, "1 violations", "error")
    assert result.sample == ({**sample, **WHERE, "source_row": LAST},)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((("a", "2026-01-01", "files"), ("a", "2026-01-01", "files"), ("a", "2026-01-01", "files")),
         {"source": "files", "item_id": "a", "month": "2026-01-01", "row_count": 3, "first_record": "items.csv:1"}),
        ((("a", None, "files"), ("b", None, "files"), ("b", None, "files")),
         {"source": "files", "item_id": "b", "month": None, "row_count": 2, "first_record": "items.csv:2"}),
        ((("a", None, "files"), ("a", None, "other")), None),
    ],
    ids=["three alike", "an empty part of a key equals an empty one", "another source may use the same key"],
)  # fmt: skip
def test_a_key_occurs_once_within_a_source(connection, rows, expected):
    fill(connection, UNIT)
    fill(connection, ITEM, tuple({"item_id": i, "month": m, "source": s, "email": "x@y"} for i, m, s in rows))
    failed = failures(run(connection, CONTRACTS, {}))
    assert {name: (result.violations, result.sample) for name, result in failed.items()} == (
        {"raw.item.unique_key": (1, (expected,))} if expected else {}
    )


@pytest.mark.parametrize(
    ("units", "home", "severity"),
    [
        ((), Home.DECISIONS, None),
        (({"unit_id": "u1"},), Home.DECISIONS, "error"),
        (({"unit_id": "u1"},), Home.STRATEGY, "error"),
        (({"unit_id": "u1"},), Home.EXPORTS, "warning"),
    ],
)
def test_a_reference_is_required_where_the_referred_table_has_rows(connection, units, home, severity):
    fill(connection, UNIT, units)
    fill(connection, ITEM, ({"item_id": "a", "email": "x@y", "unit_id": "u9"},))
    failed = failures(run(connection, {**CONTRACTS, "item": replace(ITEM, home=home)}, {}))
    assert {name: result.severity for name, result in failed.items()} == (
        {"raw.item.refers_unit_id": severity} if severity else {}
    )


@pytest.mark.parametrize(
    ("change", "violations", "observed"),
    [
        ('DROP COLUMN "seats"', 1, "seats is missing"),
        ('RENAME COLUMN "seats" TO "chairs"', 2, "seats is missing; chairs is not in the contract"),
        ('ALTER COLUMN "fit" TYPE DOUBLE', 1, "fit is DOUBLE, not DECIMAL(18,10)"),
    ],
)
@pytest.mark.parametrize("rows", [(), GOOD_ITEMS[2:]], ids=["no rows", "a row"])
def test_columns_and_types_are_those_of_the_contract(connection, rows, change, violations, observed):
    fill(connection, UNIT, ({"unit_id": "u1"},))
    fill(connection, ITEM, rows)
    connection.execute(f"ALTER TABLE raw.item {change}")
    failed = failures(run(connection, CONTRACTS, {}))
    result = failed.pop("raw.item.columns")
    assert (result.violations, result.observed, result.severity) == (violations, observed, "error")
    # A rule about the lost column cannot hold either; the others go on.
    assert set(failed) == ({"raw.item.range_seats"} if rows and "seats" in change else set())
    assert all(result.observed.startswith("could not be checked: ") for result in failed.values())


def test_columns_keep_their_order(connection):
    fill(connection, replace(UNIT, columns=(*UNIT.columns, Column("name", Kind.TEXT, "Name."))))
    turned = replace(UNIT, columns=(Column("name", Kind.TEXT, "Name."), *UNIT.columns))
    (result,) = failures(run(connection, {"unit": turned}, {})).values()
    assert (result.observed, result.violations) == ("unit_id is out of order; name is out of order", 2)


def test_a_missing_table_fails_every_rule_of_it(connection):
    fill(connection, UNIT, ({"unit_id": "u1"},))
    results = [result for result in run(connection, CONTRACTS, {}) if result.table == "raw.item"]
    assert len(results) == 8
    assert not any(result.passed for result in results)
    assert all("the table is not there" in result.observed for result in results)


@pytest.mark.parametrize(
    ("rows", "loaded", "violations"), [(3, 3, None), (3, 5, 2), (3, 0, 3), (0, 2, 2), (0, 0, None)]
)
def test_a_table_has_as_many_rows_as_were_loaded(connection, rows, loaded, violations):
    fill(connection, UNIT, tuple({"unit_id": f"u{number}"} for number in range(rows)))
    failed = failures(run(connection, {"unit": UNIT}, {}, {"unit": loaded}))
    assert {name: (result.violations, result.observed) for name, result in failed.items()} == (
        {"raw.unit.row_count": (violations, f"{rows} rows")} if violations else {}
    )


@pytest.mark.parametrize(
    ("query", "grain", "violations", "sample"),
    [
        ("SELECT 1 AS a, 2 AS b", ("a",), 0, ()),
        ("SELECT * FROM (VALUES (1, 1), (1, 2)) AS t (a, b)", ("a", "b"), 0, ()),
        ("SELECT * FROM (VALUES (1, 1), (1, 2)) AS t (a, b)", ("a",), 1, ({"a": 1, "row_count": 2},)),
        ("SELECT NULL::DATE AS a FROM range(3)", ("a",), 1, ({"a": None, "row_count": 3},)),
        ("SELECT DATE '2026-03-01' AS a, 0.10 AS b FROM range(2)", ("a", "b"), 1,
         ({"a": "2026-03-01", "b": "0.10", "row_count": 2},)),
        ("SELECT i // 2 AS a FROM range(14) AS t (i)", ("a",), 7, tuple({"a": a, "row_count": 2} for a in range(5))),
        ("SELECT 1 AS a FROM range(2)", (), 1, ({"row_count": 2},)),
        ("SELECT 1 AS a", (), 0, ()),
        ("SELECT 1 AS a WHERE false", (), 0, ()),
    ],
)  # fmt: skip
def test_a_grain_occurs_once(connection, query, grain, violations, sample):
    connection.execute(f"CREATE SCHEMA marts; CREATE TABLE marts.thing AS {query}")
    (result,) = run(connection, {}, {"marts.thing": grain})
    assert (result.passed, result.violations, result.sample) == (not violations, violations, sample)


def test_what_a_contract_calls_personal_is_hidden_in_samples_of_other_tables_too(connection):
    fill(connection, UNIT)
    fill(connection, ITEM)
    connection.execute("CREATE SCHEMA marts; CREATE TABLE marts.thing AS SELECT 'x@y' AS email, 1 AS a FROM range(2)")
    (result,) = failures(run(connection, CONTRACTS, {"marts.thing": ("email", "a")})).values()
    assert result.sample == ({"a": 1, "row_count": 2},)


@pytest.mark.parametrize("grain", [("b",), ("a", "b")])
def test_a_grain_that_is_not_there_has_not_passed(connection, grain):
    connection.execute("CREATE SCHEMA marts; CREATE TABLE marts.thing AS SELECT 1 AS a")
    for name in ("marts.thing", "marts.nothing"):
        (result,) = run(connection, {}, {name: grain})
        assert not result.passed
        assert result.observed.startswith("could not be checked: ")


def test_the_sample_is_the_same_whatever_the_order_of_the_rows(connection):
    rows = [{"item_id": f"i{number:02}", "email": "x@y", "seats": -number} for number in range(1, 13)]
    random.Random(2).shuffle(rows)
    fill(connection, UNIT)
    fill(connection, ITEM, tuple(rows))
    (result,) = failures(run(connection, CONTRACTS, {})).values()
    assert (result.name, result.violations) == ("range_seats", 12)
    assert [row["item_id"] for row in result.sample] == ["i01", "i02", "i03", "i04", "i05"]


@dataclass(frozen=True)
class Draw:
    """Random rows of which each rule is broken by some, and what counting in Python finds."""

    units: tuple[dict[str, object], ...]
    items: tuple[dict[str, object], ...]

    def counted(self) -> dict[str, int]:
        units = {row["unit_id"] for row in self.units} - {None}
        keys = Counter((row["source"], row["item_id"], row["month"]) for row in self.items)
        return {
            "given_item_id": sum(row["item_id"] is None for row in self.items),
            "given_email": sum(row["email"] is None for row in self.items),
            "among_phase": sum(row["phase"] not in ("plan", "can't", None) for row in self.items),
            "range_fit": sum(row["fit"] is not None and not 0 <= Decimal(row["fit"]) <= 1 for row in self.items),
            "range_seats": sum(row["seats"] is not None and row["seats"] < 0 for row in self.items),
            "refers_unit_id": sum(row["unit_id"] not in {None, *units} for row in self.items) if units else 0,
            "unique_key": sum(count > 1 for count in keys.values()),
        }


def draw(seed: int) -> Draw:
    pick = random.Random(seed)
    items = [
        {
            "source": pick.choice(("files", "erp")),
            "item_id": pick.choice(("a", "b", "c", "d", None)),
            "month": pick.choice(("2026-01-01", "2026-02-01", None)),
            "phase": pick.choice(("plan", "can't", "PLAN", "", None)),
            "fit": pick.choice(("0", "1", "0.5", "-0.0000000001", "1.5", None)),
            "seats": pick.choice((-2, -1, 0, 5, None)),
            "unit_id": pick.choice(("u0", "u1", "u2", None)),
            "email": pick.choice(("x@y", "x@y", None)),
        }
        for _ in range(pick.randrange(1, 25))
    ]
    return Draw(tuple({"unit_id": f"u{number}"} for number in range(pick.randrange(3))), tuple(items))


@pytest.mark.parametrize("seed", range(8))
def test_it_agrees_with_counting_by_hand(connection, seed):
    drawn = draw(seed)
    fill(connection, UNIT, drawn.units)
    fill(connection, ITEM, drawn.items)
    found = {result.name: result for result in run(connection, CONTRACTS, {}) if result.table == "raw.item"}
    del found["columns"]
    assert {name: result.violations for name, result in found.items()} == drawn.counted()
    assert {name: len(result.sample) for name, result in found.items()} == {
        name: min(5, violations) for name, violations in drawn.counted().items()
    }


@pytest.mark.parametrize("table", models.tables().values(), ids=lambda table: table.name)
def test_every_contract_compiles(table):
    rules = expectations_of(table, row_count=1)
    names = [rule.name for rule in rules]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in names)
    assert all(rule.description.endswith(".") for rule in rules)
    assert ("unique_key" in names) == (table.name != "spend_line")
    shown = {word for rule in rules if rule.proof is not Proof.UNIQUE for word in selected(rule.violations)}
    assert not shown & {column.name for column in table.columns if column.privacy is not Privacy.OPEN}


def selected(query: str) -> list[str]:
    return re.findall(r'"(\w+)"', query.partition(" FROM ")[0])


def test_personal_keys_are_compared_but_not_shown():
    rule = expectations_of(models.tables()["usage"])[-1]
    assert (rule.columns, selected(rule.violations)) == (("source", "tool_name", "person"), ["source", "tool_name"])
    assert 'GROUP BY "source", "tool_name", "person"' in rule.violations
    assert "person" in hidden_columns(models.tables())
    (grain,) = expectations_of_grain("staging.usage", ("tool_name", "person"), hidden_columns(models.tables()))
    assert selected(grain.violations) == ["tool_name"]


@pytest.fixture
def warehouse(tmp_path) -> Path:
    """Built and closed: every contract's table, of which `org_unit` has rows and one of them refers to nothing."""
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        for table in models.tables().values():
            rows = ({"org_unit_id": "a", "name": "A"}, {"org_unit_id": "b", "name": "B", "parent_id": "c"})
            fill(connection, table, rows if table.name == "org_unit" else ())
        connection.execute("CREATE SCHEMA core; CREATE TABLE core.thing AS SELECT 1 AS a FROM range(2)")
    return path


@pytest.fixture
def at_start(tmp_path, monkeypatch):
    """Have Python code run in the worker before anything else."""

    def put(code: str) -> None:
        folder = tmp_path / "at_start"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(folder))

    return put


NO_NETWORK = """
import os, socket
def refuse(*_, **__):
    os.write(2, b"asked for the network")
    os._exit(9)
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
"""


def test_the_worker_finds_the_same_without_network_and_changes_nothing(
    warehouse, at_start, monkeypatch, tmp_path, capfd
):
    at_start(NO_NETWORK)
    # A package of the same name where the user happens to stand is not ours.
    (tmp_path / "models.py").write_text("raise SystemExit('not ours')")
    monkeypatch.chdir(tmp_path)
    before = warehouse.read_bytes()
    with start_worker() as worker:
        found = worker.result(warehouse, {"core.thing": ("a",)}, {"org_unit": 2})
    assert capfd.readouterr() == ("", "")
    assert warehouse.read_bytes() == before
    with duckdb.connect(str(warehouse)) as connection:
        assert found == run(connection, models.tables(), {"core.thing": ("a",)}, {"org_unit": 2})
    assert {name: (result.violations, result.severity) for name, result in failures(found).items()} == {
        "raw.org_unit.refers_parent_id": (1, "error"),
        "core.thing.unique_grain": (1, "error"),
    }


def test_a_worker_that_is_not_asked_ends():
    worker = start_worker()
    worker.close()
    worker.close()
    assert worker._process.returncode is not None


def test_a_warehouse_still_open_for_writing_is_refused_and_stays_whole(warehouse):
    with duckdb.connect(str(warehouse)) as writer, start_worker() as worker:
        with pytest.raises(Unproved, match=r"warehouse\.duckdb could not be checked: .*lock"):
            worker.result(warehouse, {})
        writer.execute("INSERT INTO core.thing VALUES (3)")
    with duckdb.connect(str(warehouse)) as connection:
        assert connection.execute("SELECT count(*) FROM core.thing").fetchone() == (3,)


@pytest.mark.parametrize(
    ("code", "timeout", "message"),
    [
        ("import os; os.write(2, b'no memory'); os._exit(3)", None, "exit code 3 and without an answer: no memory"),
        ("import time; time.sleep(600)", 0.1, r"did not end within 0\.1 seconds"),
    ],
    ids=["dies", "hangs"],
)
def test_a_worker_without_an_answer_is_an_error(warehouse, at_start, code, timeout, message):
    at_start(code)
    with start_worker() as worker, pytest.raises(Unproved, match=message):
        worker.result(warehouse, {}, timeout=timeout)
    assert worker._process.returncode is not None


def test_the_dialect_keeps_money_exact_and_results_alive(connection):
    connection.execute("CREATE TABLE money AS SELECT 0.100000000001::DECIMAL(38,12) AS amount, current_date AS paid_on")
    with attach(connection) as url:
        engine = sqlalchemy.create_engine(url)
        money = sqlalchemy.table("money", sqlalchemy.column("amount", sqlalchemy.NUMERIC(38, 12)))
        with engine.connect() as opened:
            result = opened.execute(sqlalchemy.select(money).where(money.c.amount == Decimal("0.100000000001")))
        assert result.fetchall() == [(Decimal("0.100000000001"),)]
        columns = sqlalchemy.inspect(engine).get_columns("money", schema="main")
        types = {column["name"]: str(column["type"]) for column in columns}
        assert types == {"amount": "NUMERIC(38, 12)", "paid_on": "DATE"}
        with pytest.raises(sqlalchemy.exc.NoSuchTableError):
            sqlalchemy.inspect(engine).get_columns("nothing")
    with pytest.raises(LookupError, match=r"inside the block of attach\(\)"):
        sqlalchemy.create_engine(url).connect()
    assert connection.execute("SELECT count(*) FROM money").fetchone() == (1,)


def test_what_is_personal_is_hidden_though_its_contract_is_proved_elsewhere(connection):
    connection.execute("CREATE SCHEMA own; CREATE TABLE own.seen AS SELECT 'Ann' AS person FROM range(2)")
    (found,) = [r for r in run(connection, {}, {"own.seen": ("person",)}) if not r.passed]
    assert "Ann" not in str(found.sample)
