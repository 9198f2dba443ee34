"""A SQL file is read, held to the rules of the folder, ordered and described."""

from pathlib import Path

import pytest

import dbt_like_sql
from dbt_like_sql import HOME, Kept, SqlFile, SqlFileError, kept

INPUTS = {name: {c.name: c.description for c in columns} for name, columns in dbt_like_sql.inputs().items()}


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
        dbt_like_sql.read(tmp_path)
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


def test_a_folder_may_be_a_schema_itself(tmp_path: Path) -> None:
    write(tmp_path, checks__mine="-- severity: warning\nselect a from raw.tool")
    file = dbt_like_sql.read(tmp_path / "checks")["checks.mine"]
    assert (file.severity, file.materialized, file.grain, file.is_check) == ("warning", "table", ("a",), True)


def test_a_workspace_replaces_no_table(tmp_path: Path) -> None:
    shipped = write(tmp_path / "shipped", core__b="select 1 as a")
    own = write(tmp_path / "own", core__b="select 2 as a")
    with pytest.raises(SqlFileError, match=r"own.core.b.sql: core.b is made by .*shipped.core.b.sql"):
        dbt_like_sql.read(shipped, own)


def test_a_circle_is_named(tmp_path: Path) -> None:
    reads = {"core__x": "core.y", "core__y": "core.z", "core__z": "core.x"}
    home = write(tmp_path, **{name: f"select a from {other}" for name, other in reads.items()})
    with pytest.raises(SqlFileError, match=r"core\.(x -> core\.y|y -> core\.z|z -> core\.x) -> core"):
        dbt_like_sql.read(home)


def test_what_nothing_makes_is_named(tmp_path: Path) -> None:
    home = write(tmp_path, core__x="select a from core.nothing")
    with pytest.raises(SqlFileError, match=r"reads core\.nothing, which nothing makes"):
        dbt_like_sql.describe(dbt_like_sql.read(home), INPUTS)


def test_a_column_that_no_table_has_is_named(tmp_path: Path) -> None:
    home = write(tmp_path, core__x="select t.nonsense as a from raw.tool as t")
    with pytest.raises(SqlFileError, match=r"has the column t\.nonsense"):
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
    assert {name: text for name, text in described.items() if text} == {
        "a": "A of t.",
        "e": "Renamed.",
        "d": "Born here.",
    }


def test_the_shipped_files_are_found() -> None:
    files = dbt_like_sql.read()
    assert {"core.ledger", "core.spend_line", "audit.books"} <= files.keys()
    assert all(file.path.is_relative_to(HOME) for file in files.values())


def test_what_was_found_is_kept_until_a_file_changes(tmp_path: Path) -> None:
    home = write(tmp_path, core__b="select a, 1 as n -- One.\nfrom raw.x", marts__z="select a, n from core.b")
    schema = {"raw.x": {"a": "A."}}
    files = dbt_like_sql.read(home)
    found = {file.path: Kept(file.columns, file.reads, "state", file.lineage(schema | {"core.b": dict.fromkeys(files["core.b"].columns, "")})) for file in files.values()}
    kept.keep(home, found)
    assert kept.load(home) == found
    (home / "core" / "b.sql").write_text("-- One.\n-- grain: a\nselect a, 2 as n from raw.x", encoding="utf-8")
    assert kept.load(home) == {}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"of": 1}', "null"])
def test_what_was_kept_and_is_damaged_is_as_good_as_not_there(tmp_path: Path, text: str) -> None:
    home = write(tmp_path, core__b="select a from raw.x")
    kept.keep(home, {})
    kept.place(home).write_text(text, encoding="utf-8")
    assert kept.load(home) == {}


def test_what_was_kept_is_what_would_be_found_again() -> None:
    told = dbt_like_sql.describe(dbt_like_sql.read(), INPUTS)
    again = dbt_like_sql.read()
    assert all(file.kept for file in again.values())
    parsed = {name: SqlFile(file.path) for name, file in again.items()}
    assert [(file.columns, file.reads) for file in again.values()] == [(file.columns, file.reads) for file in parsed.values()]
    assert dbt_like_sql.describe(again, INPUTS) == dbt_like_sql.describe(parsed, INPUTS) == told
