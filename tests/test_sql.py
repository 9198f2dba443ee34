"""Every SQL file runs on an empty warehouse, keeps the conventions, and does what its cases in cases/ show."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import sqlcase

import dbt_like_sql
from dbt_like_sql import HOME, SqlFile, SqlFileError

FILES = sqlcase.files()
CASES = sqlcase.all_cases()
INPUTS = {name: {c.name: c.description for c in columns} for name, columns in dbt_like_sql.inputs().items()}
ENDINGS = {
    "_amount": ("DECIMAL(18,4)", "DECIMAL(38,12)", "DECIMAL(38,4)"),
    "_on": ("DATE",),
    "_at": ("TIMESTAMP",),
    "_count": ("BIGINT",),
    "_share": ("DECIMAL(18,10)", "DOUBLE"),
    "_days": ("BIGINT",),
    "_id": ("VARCHAR",),
}


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with sqlcase.empty_warehouse() as connection:
        yield connection


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.title}")
def test_case(case: sqlcase.Case, warehouse: duckdb.DuckDBPyConnection) -> None:
    found, expected = sqlcase.run(case, warehouse)
    assert found == expected


def test_a_wrong_case_fails(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = [["owner_id", "name"], ["cfo", "Petra Lang"]]
    case = sqlcase.Case("", "", {"raw.owner": rows}, "core.owner", [["owner_name"], ["Somebody else"]])
    found, expected = sqlcase.run(case, warehouse)
    assert found != expected


def test_every_core_table_mart_and_check_has_a_case() -> None:
    needed = {name for name in FILES if name.startswith(("core.", "audit.", "marts.", "checks."))}
    assert needed - {case.target for case in CASES} == set()


def test_every_column_has_a_description() -> None:
    described = dbt_like_sql.describe(FILES, INPUTS)
    missing = [
        f"{name}.{column}"
        for name in FILES
        if not name.startswith("checks.")
        for column, text in described[name].items()
        if not text
    ]
    assert missing == []


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_names_tell_the_type(file: SqlFile, warehouse: duckdb.DuckDBPyConnection) -> None:
    types = {row[0]: str(row[1]) for row in warehouse.execute(f"describe {file.name}").fetchall()}
    for column, kind in types.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column), f"{column}: small letters, digits and _"
        assert not kind.startswith(("FLOAT", "HUGEINT")), f"{column} is {kind}"
        if column == "month":
            assert kind == "DATE"
        for ending, kinds in ENDINGS.items():
            fits = not column.endswith(ending) or kind in kinds or column == "depends_on"  # a list of ids by contract
            assert fits, f"{column} is {kind}, not {' or '.join(kinds)}"
        if column.startswith("is_"):
            assert kind == "BOOLEAN"
        if kind == "DATE":
            assert column.endswith(("_on", "month", "_start", "_end")), f"{column} is a day"
        if kind.startswith("TIMESTAMP"):
            assert column.endswith("_at"), f"{column} is an instant"


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_sql_is_plain(file: SqlFile) -> None:
    code = re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", file.sql).lower()
    assert "{{" not in code and "{%" not in code, "no Jinja"
    assert not re.search(r"\b(now|random|today|current_date|current_timestamp|uuid)\b", code), "a refresh knows no clock"
    assert not re.search(r"_amount\s*/", code), "money is never divided: use whole minor units"
    assert not re.search(r"\bfloat\b", code)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select 1 as a", "says what one row is"),
        ("-- One.\nselect 1 as a", "add `-- grain"),
        ("-- One.\n-- grain: b\nselect 1 as a", "grain names b"),
        ("-- One.\n-- grain: a\nselect * from raw.tool", r"instead of \*"),
        ("-- One.\n-- grain: a\nselect t.* from raw.tool as t", r"instead of \*"),
        ("-- One.\n-- grain: a\nselect 1 as a union all select * from raw.tool", r"instead of \*"),
        ("-- One.\n-- grain: a\nselect a from tool", "write the schema of tool"),
        ("-- One.\n-- grain: a\nselect 1 as a; select 2 as a", "one SELECT"),
        ("-- One.\n-- grain: a\ndelete from raw.tool", "one SELECT"),
        ("-- One.\n-- grain: a\nselect 1 as a, 2", "give column 2"),
        ("-- One.\n-- grain: a\nselect 1 as a, 2 as a", "gives a twice"),
        ("-- One.\n-- grain: a\nselect from where", "not readable as SQL"),
        ("-- One.\n-- grain: a\n-- severity: warning\nselect 1 as a", "only a file under checks/"),
        ("-- One.\n-- grain: a\n-- materialized: maybe\nselect 1 as a", "materialized is table or view"),
    ],
)  # fmt: skip
def test_a_file_that_breaks_a_rule_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "core" / "one.sql"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SqlFileError, match=message) as error:
        file = dbt_like_sql.read(tmp_path)["core.one"]
        assert file.materialized
    assert str(path) in str(error.value)


def write(home: Path, **tables: str) -> Path:
    for name, query in tables.items():
        path = home / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".sql").write_text(f"-- One.\n-- grain: a\n{query}", encoding="utf-8")
    return home


def test_files_come_after_what_they_read(tmp_path: Path) -> None:
    shipped = write(tmp_path / "shipped", marts__z="select a from core.b", core__b="select a from staging.y")
    own = write(tmp_path / "own", staging__y="select a from raw.tool", extra__c="select a from marts.z")
    assert list(dbt_like_sql.read(shipped, own)) == ["staging.y", "core.b", "marts.z", "extra.c"]


def test_a_workspace_replaces_no_table(tmp_path: Path) -> None:
    shipped = write(tmp_path / "shipped", core__b="select 1 as a")
    own = write(tmp_path / "own", core__b="select 2 as a")
    with pytest.raises(SqlFileError, match=r"own.core.b.sql: core.b is made by .*shipped.core.b.sql"):
        dbt_like_sql.read(shipped, own)


def test_a_circle_is_named(tmp_path: Path) -> None:
    home = write(tmp_path, core__x="select a from core.y", core__y="select a from core.z", core__z="select a from core.x")
    with pytest.raises(SqlFileError, match=r"core\.x -> core\.y -> core\.z|core\.y -> core\.z -> core\.x|core\.z -> core\.x"):
        dbt_like_sql.read(home)


def test_what_nothing_makes_is_named(tmp_path: Path) -> None:
    home = write(tmp_path, core__x="select a from core.nothing")
    with pytest.raises(SqlFileError, match=r"reads core\.nothing, which nothing makes"):
        dbt_like_sql.describe(dbt_like_sql.read(home), INPUTS)


def test_a_column_that_no_table_has_is_named(tmp_path: Path) -> None:
    home = write(tmp_path, core__x="select t.nonsense as a from raw.tool as t")
    with pytest.raises(SqlFileError, match="has the column t.nonsense"):
        dbt_like_sql.describe(dbt_like_sql.read(home), INPUTS)


LINEAGE = """-- One.
-- grain: a
with first as (
    select *, b + c as d, -- Born here.
    from core.t
),
second as (
    select a, b, c, d from first where exists (select 1 from core.u where u.a = first.a)
    union all
    select u.a, u.b, 0, 0 from core.u
)
select
    second.a,
    b as e, -- Renamed.
    d,
    sum(c) over (partition by f.x) as total,
    (select max(u.b) from core.u) as greatest_b,
    list_transform([1], lambda v: v + c) as listed
from second
left join (select a as x from core.u) as f on f.x = second.a
"""


def test_lineage_follows_names_through_the_query(tmp_path: Path) -> None:
    path = tmp_path / "core" / "v.sql"
    path.parent.mkdir()
    path.write_text(LINEAGE, encoding="utf-8")
    schema = {"core.t": {"a": "A of t.", "b": "B of t.", "c": "C of t."}, "core.u": {"a": "A of u.", "b": "B of u."}}
    found = SqlFile(path).lineage(schema)
    assert {name: sorted(column.sources) for name, column in found.items()} == {
        "a": [("core.t", "a"), ("core.u", "a")],
        "e": [("core.t", "b"), ("core.u", "b")],
        "d": [("core.t", "b"), ("core.t", "c")],
        "total": [("core.t", "c"), ("core.u", "a")],
        "greatest_b": [("core.u", "b")],
        "listed": [("core.t", "c")],
    }
    described = dbt_like_sql.describe({"core.v": SqlFile(path)}, schema)["core.v"]
    assert described == {"a": "A of t.", "e": "Renamed.", "d": "Born here.", "total": "", "greatest_b": "", "listed": ""}


def test_the_shipped_files_are_found() -> None:
    assert {"core.ledger", "core.spend_line", "audit.books"} <= FILES.keys()
    assert all(file.path.is_relative_to(HOME) for file in FILES.values())
