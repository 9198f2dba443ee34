"""A query reads what was published; it reads nothing else, changes nothing and ends in time."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

from pipelines import query_child
from pipelines.publish import Tampered
from pipelines.query import QueryFailed, QueryRefused, QueryResult, QueryTimeout, run_query, to_csv, to_json, to_table

ROOT = Path(__file__).resolve().parents[1]
CANARY = "canary-7f3a"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a published warehouse (run/warehouse.duckdb) and, outside its run folder, files nobody may read."""
    place = tmp_path_factory.mktemp("place")
    (place / "run").mkdir()
    with duckdb.connect(place / "run" / "warehouse.duckdb") as connection:
        connection.execute("CREATE SCHEMA marts")
        connection.execute("CREATE TABLE marts.spend (vendor VARCHAR, amount DECIMAL(18,4), month DATE)")
        connection.execute("INSERT INTO marts.spend VALUES ('Acme', 10.10, '2026-01-01'), ('Bolt', 2.5, '2026-01-01')")
        connection.execute("COMMENT ON TABLE marts.spend IS 'What was paid'")
        connection.execute("CREATE VIEW marts.total AS SELECT sum(amount) AS amount FROM marts.spend")
    (place / "secret.csv").write_text(f"{CANARY}\n1\n")
    with duckdb.connect(place / "other.duckdb") as connection:
        connection.execute(f"CREATE TABLE secret AS SELECT '{CANARY}' AS x")
    return place


@pytest.fixture(scope="module")
def warehouse(place: Path) -> Path:
    return place / "run" / "warehouse.duckdb"


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


READ_OUTSIDE = [
    "SELECT * FROM read_csv('{place}/secret.csv')",
    "SELECT * FROM '{place}/secret.csv'",
    "FROM read_csv_auto('{place}/*.csv')",
    "FROM read_text('{place}/secret.csv')",
    "FROM read_text('/proc/self/environ')",
    "FROM read_blob('/proc/self/environ')",
    "FROM read_blob('{warehouse}')",
    "FROM read_json('{place}/secret.csv')",
    "FROM read_json_objects('{place}/secret.csv')",
    "FROM read_parquet('{place}/secret.csv')",
    "FROM parquet_metadata('{place}/secret.csv')",
    "FROM sniff_csv('{place}/secret.csv')",
    "FROM glob('{place}/*')",
    "FROM glob('/etc/*')",
    "FROM read_duckdb('{place}/other.duckdb', table_name='secret')",
    "FROM read_csv('http://127.0.0.1:9/x.csv')",
    "FROM read_csv('s3://bucket/x.csv')",
    "SELECT (SELECT content FROM read_text('{place}/secret.csv')) AS x FROM marts.spend",
    "WITH x AS (FROM read_text('{place}/secret.csv')) FROM x",
    "FROM query('FROM read_text(''{place}/secret.csv'')')",
    "FROM query_table('{place}/secret.csv')",
    "SUMMARIZE FROM read_csv('{place}/secret.csv')",
    "DESCRIBE FROM read_csv('{place}/secret.csv')",
    "EXPLAIN ANALYZE SELECT * FROM read_csv('{place}/secret.csv')",
    "SELECT getenv('CANARY')",
    "SELECT * FROM frame",
    "FROM sqlite_scan('{place}/other.duckdb', 'secret')",
    "FROM enable_logging(storage = 'file', storage_path = '{place}/log')",
    "FROM duckdb_temporary_files()",
    "SELECT nextval('x')",
]

HARMLESS = [
    "FROM checkpoint()",
    "SELECT write_log('x', level := 'error', scope := 'database')",
    "SELECT current_setting('memory_limit'), current_user, version()",
    "FROM duckdb_settings()",
    "FROM duckdb_secrets()",
    "FROM duckdb_logs",
]

NOT_A_QUERY = [
    "COPY marts.spend TO '{place}/out.csv'",
    "COPY (SELECT 1) TO '{place}/out.parquet' (FORMAT parquet)",
    "COPY (SELECT '\\x41'::BLOB) TO '{warehouse}.wal' (FORMAT blob)",
    "COPY (SELECT 1) TO '{warehouse}.tmp/x'",
    "COPY marts.spend FROM '{place}/secret.csv'",
    "COPY FROM DATABASE warehouse TO memory",
    "EXPORT DATABASE '{place}/out'",
    "IMPORT DATABASE '{place}'",
    "ATTACH '{place}/other.duckdb' AS other",
    "ATTACH ':memory:' AS m",
    "ATTACH '{place}/new.duckdb'",
    "DETACH warehouse",
    "USE marts",
    "INSTALL httpfs",
    "INSTALL spatial FROM community",
    "LOAD json",
    "LOAD '{place}/secret.csv'",
    "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'x')",
    "CREATE SECRET s (TYPE s3, KEY_ID 'x')",
    "CREATE TABLE t (i INTEGER)",
    "CREATE TEMP TABLE spend AS SELECT 1",
    "CREATE TEMP VIEW v AS SELECT 1",
    "CREATE OR REPLACE TEMP MACRO sum(x) AS 42",
    "CREATE SCHEMA s",
    "CREATE SEQUENCE x",
    "INSERT INTO marts.spend VALUES ('x', 1, NULL)",
    "UPDATE marts.spend SET amount = 0",
    "DELETE FROM marts.spend",
    "MERGE INTO marts.spend USING marts.spend AS n ON false WHEN NOT MATCHED THEN INSERT",
    "TRUNCATE marts.spend",
    "DROP TABLE marts.spend",
    "ALTER TABLE marts.spend ADD COLUMN x INTEGER",
    "COMMENT ON TABLE marts.spend IS 'x'",
    "PRAGMA database_list",
    "PRAGMA enable_profiling",
    "PRAGMA profiling_output = '{place}/profile.json'",
    "SET lock_configuration = false",
    "SET disabled_filesystems = ''",
    "SET memory_limit = '100GB'",
    "SET log_query_path = '{place}/log'",
    "SET VARIABLE x = 1",
    "RESET disabled_filesystems",
    "CALL enable_logging(storage = 'file')",
    "CALL pragma_version()",
    "BEGIN",
    "CHECKPOINT",
    "FORCE CHECKPOINT",
    "VACUUM",
    "ANALYZE",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY (SELECT 1) TO '{place}/out.csv'",
    "",
    "-- nothing",
    ";",
    "PIVOT marts.spend ON vendor",
    "EXPLAIN COPY (SELECT 1) TO '{place}/out.csv'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{place}/out.csv'",
    "EXPLAIN (ANALYZE) COPY (SELECT 1) TO '{place}/out.csv'",
    "EXPLAIN ANALYZE CREATE TEMP TABLE t AS SELECT 1",
    "EXPLAIN ANALYZE DELETE FROM marts.spend",
    "/* /* */ EXPLAIN SELECT 1 -- */ EXPLAIN ANALYZE COPY (SELECT 1) TO '{place}/out.csv'",
]

WRITES_INSIDE_A_SELECT = [
    "WITH x AS (INSERT INTO marts.spend VALUES ('x', 1, NULL) RETURNING *) FROM x",
    "WITH x AS (DELETE FROM marts.spend RETURNING *) FROM x",
]


@pytest.mark.parametrize("sql", NOT_A_QUERY)
def test_the_gate_refuses_what_is_not_a_query(place: Path, warehouse: Path, sql: str) -> None:
    with pytest.raises(query_child.Refused, match="changes nothing"):
        query_child.the_statement(sql.format(place=place, warehouse=warehouse))


@pytest.mark.parametrize("sql", [sql for sql in NOT_A_QUERY if "{" in sql or not sql.strip()])
def test_what_is_not_a_query_is_refused(place: Path, warehouse: Path, sql: str) -> None:
    before = contents(place)
    with pytest.raises(QueryRefused, match="changes nothing"):
        run_query(warehouse, sql.format(place=place, warehouse=warehouse), seconds=60)
    assert contents(place) == before


@pytest.mark.parametrize("sql", READ_OUTSIDE + WRITES_INSIDE_A_SELECT)
def test_a_query_reaches_nothing_outside(
    place: Path, warehouse: Path, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    before = contents(place)
    with pytest.raises((QueryRefused, QueryFailed)) as refused:
        run_query(warehouse, sql.format(place=place, warehouse=warehouse), seconds=60)
    assert CANARY not in str(refused.value)
    assert contents(place) == before


@pytest.mark.parametrize("sql", HARMLESS)
def test_what_is_answered_and_harmless(place: Path, warehouse: Path, sql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    before = contents(place)
    assert CANARY not in str(run_query(warehouse, sql, seconds=60))
    assert contents(place) == before


PAST_THE_GATE = """
import json, os, sys
import duckdb
from pipelines import query_child
request = json.load(sys.stdin)
if "limits" in request["walls"]:
    query_child.confine(60)
if "sandbox" in request["walls"]:
    connection = query_child.open_confined(request["warehouse"], "1GB")
else:
    connection = duckdb.connect(request["warehouse"], read_only=True)
frame = {"x": [os.environ["CANARY"]]}
for sql in request["statements"]:
    try:
        print(repr(connection.cursor().execute(sql).fetchall()))
    except Exception as error:
        print(type(error).__name__, str(error).partition("LINE 1")[0])
"""


def past_the_gate(place: Path, warehouse: Path, statements: list[str], *walls: str) -> str:
    """All that `statements` get, in one process, when the check for a single SELECT is gone and only `walls` stand."""
    ready = [sql.format(place=place, warehouse=warehouse) for sql in statements]
    return subprocess.run(
        [sys.executable, "-c", PAST_THE_GATE],
        cwd=ROOT,
        env=os.environ | {"CANARY": CANARY, "HOME": str(place)},
        input=json.dumps({"warehouse": str(warehouse), "statements": ready, "walls": walls}),
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_sandbox_alone_holds(place: Path, warehouse: Path) -> None:
    before = contents(place)
    statements = [*NOT_A_QUERY, *READ_OUTSIDE, *HARMLESS, *WRITES_INSIDE_A_SELECT]
    settings = "SELECT current_setting('lock_configuration'), current_setting('memory_limit')"
    said = past_the_gate(place, warehouse, [*statements, settings], "sandbox")
    assert CANARY not in said
    assert said.splitlines()[-1] == "[(True, '953.6 MiB')]"
    assert contents(place) == before


WRITES = [
    "COPY marts.spend TO '{place}/out.csv'",
    "COPY (SELECT '\\x41'::BLOB) TO '{warehouse}.wal' (FORMAT blob)",
    "EXPORT DATABASE '{place}/out'",
]


def test_the_limits_of_the_system_alone_let_no_byte_be_written(place: Path, warehouse: Path) -> None:
    before = contents(place)
    past_the_gate(place, warehouse, WRITES, "limits")
    written = {path: digest for path, digest in contents(place).items() if before.get(path) != digest}
    assert all(Path(path).stat().st_size == 0 for path in written)
    for path in written:
        Path(path).unlink()


def test_without_the_walls_these_statements_do_harm(place: Path, tmp_path: Path) -> None:
    """Else the tests above would prove nothing."""
    victim = tmp_path / "run" / "warehouse.duckdb"
    victim.parent.mkdir()
    victim.write_bytes((place / "run" / "warehouse.duckdb").read_bytes())
    (tmp_path / "secret.csv").write_text(CANARY)
    reads = ["FROM read_text('{place}/secret.csv')", "FROM read_text('/proc/self/environ')", "FROM glob('{place}/*')"]
    said = past_the_gate(tmp_path, victim, reads + WRITES)
    assert CANARY in said
    assert {path.name for path in tmp_path.rglob("*.*")} >= {"out.csv", "warehouse.duckdb.wal", "schema.sql"}


BOMBS = [
    "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7",
    "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT max(i) FROM r",
    "SELECT sum(levenshtein(repeat('ab', 5000) || i, repeat('ba', 5000))) FROM range(1000000) AS g(i)",
    "SELECT repeat('x', 1000000000) || repeat('y', 1000000000)",
    "SELECT list(i) FROM range(1000000000) AS g(i)",
    "SELECT string_agg(repeat('x', 1000), '') FROM range(10000000)",
    "FROM range(10000000) a(i) ORDER BY md5(i::VARCHAR), md5((i + 1)::VARCHAR), md5((i + 2)::VARCHAR)",
]


@pytest.mark.parametrize("sql", BOMBS)
def test_a_bomb_ends(warehouse: Path, sql: str) -> None:
    before = contents(warehouse.parent)
    with pytest.raises((QueryTimeout, QueryFailed, QueryRefused), match=r"seconds|memory") as ended:
        run_query(warehouse, sql, seconds=2)
    assert "Filter" in str(ended.value)
    assert contents(warehouse.parent) == before


def test_an_answer_too_large_to_carry_is_refused(warehouse: Path) -> None:
    with pytest.raises(QueryRefused, match="larger than 64 MB"):
        run_query(warehouse, "SELECT repeat('x', 1000000) FROM range(70)", seconds=60)


def test_many_unions_cannot_be_interrupted_but_are_killed(warehouse: Path) -> None:
    with pytest.raises(QueryTimeout, match="2 seconds"):
        run_query(warehouse, " UNION ALL ".join(["SELECT 1"] * 30_000), seconds=2)


def test_a_child_that_breaks_is_a_failed_query(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "query_child.py"
    broken.write_text("import os, sys; print('[]', flush=True); print('last words', file=sys.stderr); os.abort()")
    monkeypatch.setattr("pipelines.query.CHILD", broken)
    with pytest.raises(QueryFailed, match=r"untouched.*last words"):
        run_query(warehouse, "SELECT 1")


def test_half_an_answer_is_none(warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = tmp_path / "query_child.py"
    silent.write_text('print(\'{"columns": ["a"], "types": ["INTEGER"]}\')')
    monkeypatch.setattr("pipelines.query.CHILD", silent)
    with pytest.raises(QueryFailed, match="untouched"):
        run_query(warehouse, "SELECT 1")


def test_no_module_of_the_users_folder_is_imported(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("duckdb.py", "json.py", "sitecustomize.py"):
        (tmp_path / name).write_text("raise SystemExit('imported from the wrong place')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert run_query(warehouse, "SELECT 1 AS one", seconds=60).rows == ((1,),)


def test_a_stray_wal_is_refused(warehouse: Path, tmp_path: Path) -> None:
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(warehouse.read_bytes())
    (tmp_path / "warehouse.duckdb.wal").touch()
    with pytest.raises(Tampered, match="wal"):
        run_query(copy, "SELECT 1")


def test_a_missing_warehouse(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run_query(tmp_path / "warehouse.duckdb", "SELECT 1")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT vendor FROM marts.spend ORDER BY 1", (("Acme",), ("Bolt",))),
        ("FROM marts.total", ((Decimal("12.6000"),),)),
        ("TABLE marts.total;", ((Decimal("12.6000"),),)),
        ("VALUES (1), (2)", ((1,), (2,))),
        ("WITH x AS (SELECT 1 AS a) FROM x -- a remark", ((1,),)),
        ("show tables ;", (("marts.spend", "What was paid"), ("marts.total", None))),
        ("SELECT column_name FROM (DESCRIBE marts.spend)", (("vendor",), ("amount",), ("month",))),
        ("PIVOT (SELECT vendor, 1 AS n FROM marts.spend) ON vendor IN ('Acme') USING sum(n)", ((1,),)),
        ("SELECT 1 WHERE false", ()),
    ],
)
def test_what_people_type_is_answered(warehouse: Path, sql: str, rows: tuple) -> None:
    result = run_query(warehouse, sql, seconds=60)
    assert result.rows == rows
    assert not result.truncated


@pytest.mark.parametrize("sql", ["DESCRIBE marts.spend", "SUMMARIZE marts.spend", "SHOW ALL TABLES"])
def test_looking_around_is_answered(warehouse: Path, sql: str) -> None:
    assert run_query(warehouse, sql, seconds=60).rows


@pytest.mark.parametrize("sql", ["EXPLAIN FROM marts.spend", "explain analyze\nselect * from marts.spend;"])
def test_a_plan_is_one_line_a_row(warehouse: Path, sql: str) -> None:
    plan = run_query(warehouse, sql, seconds=60)
    assert plan.columns == ("plan",)
    assert any("spend" in line for (line,) in plan.rows)
    assert not any("\n" in line for (line,) in plan.rows)


VALUES = [
    ("NULL", "NULL", None),
    ("true", "BOOLEAN", True),
    ("170141183460469231731687303715884105727", "HUGEINT", 2**127 - 1),
    ("1.20::DECIMAL(38,12)", "DECIMAL(38,12)", Decimal("1.200000000000")),
    ("0.1::DOUBLE", "DOUBLE", 0.1),
    ("'infinity'::DOUBLE", "DOUBLE", float("inf")),
    ("'\u00e4\u2028\U0001f600' || chr(0)", "VARCHAR", "\u00e4\u2028\U0001f600\0"),
    ("DATE '2026-02-28'", "DATE", date(2026, 2, 28)),
    ("DATE '99999-01-01'", "DATE", "99999-01-01"),
    ("TIMESTAMP '2026-01-01 10:00:00.5'", "TIMESTAMP", datetime(2026, 1, 1, 10, 0, 0, 500000)),
    ("TIMESTAMPTZ '2026-01-01 10:00:00+02'", "TIMESTAMP WITH TIME ZONE", "2026-01-01 08:00:00+00"),
    ("TIMESTAMP_NS '2026-01-01 10:00:00.123456789'", "TIMESTAMP_NS", "2026-01-01 10:00:00.123456789"),
    ("TIME '10:00:00'", "TIME", time(10)),
    ("INTERVAL '1 month'", "INTERVAL", "1 month"),
    ("UUID '00000000-0000-0000-0000-000000000001'", "UUID", UUID(int=1)),
    ("'\\xAA'::BLOB", "BLOB", b"\xaa"),
    ("[1.5, NULL]", "DECIMAL(2,1)[]", [Decimal("1.5"), None]),
    ("{'a': [DATE '2026-01-01']}", "STRUCT(a DATE[])", {"a": [date(2026, 1, 1)]}),
    ("{'decimal': 'x'}", 'STRUCT("decimal" VARCHAR)', {"decimal": "x"}),
    ("map {1: 'a', 2: 'b'}", "MAP(INTEGER, VARCHAR)", {1: "a", 2: "b"}),
    ("map {'decimal': 'x'}", "MAP(VARCHAR, VARCHAR)", {"decimal": "x"}),
]


@pytest.fixture(scope="module")
def values(warehouse: Path) -> QueryResult:
    return run_query(warehouse, f"SELECT {', '.join(expression for expression, _, _ in VALUES)}", seconds=60)


@pytest.mark.parametrize("column", range(len(VALUES)), ids=[expression for expression, _, _ in VALUES])
def test_a_value_arrives_as_it_is(values: QueryResult, column: int) -> None:
    _, kind, value = VALUES[column]
    assert values.types[column] == kind
    assert values.rows[0][column] == value
    assert type(values.rows[0][column]) is type(value)


def test_columns_of_one_name_stay_apart(warehouse: Path) -> None:
    result = run_query(warehouse, "SELECT 1 AS a, 2 AS a, INTERVAL 1 DAY AS a, 3 AS a_2", seconds=60)
    assert result.rows == ((1, 2, "1 day", 3),)
    assert json.loads(to_json(result)) == [{"a": 1, "a_3": 2, "a_4": "1 day", "a_2": 3}]


@pytest.mark.parametrize(("rows", "truncated"), [(4, False), (5, False), (6, True), (4_000_000_000, True)])
def test_more_rows_than_asked_for_are_said(warehouse: Path, rows: int, truncated: bool) -> None:
    result = run_query(warehouse, f"FROM range({rows})", max_rows=5, seconds=60)
    assert (len(result.rows), result.truncated) == (min(rows, 5), truncated)
    assert ("there are more" in to_table(result)) == truncated


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT * FROM spend", 'Did you mean "marts.spend"'),
        ("SELECT vendr FROM marts.spend", '"vendor"'),
        ("SELECT 'x'::INTEGER", "Could not convert string 'x'"),
        ("SELEC 1", "syntax error"),
        ("SELECT lenght('x')", 'Did you mean "length"'),
    ],
)
def test_a_mistake_is_explained_without_paths(place: Path, warehouse: Path, sql: str, said: str) -> None:
    with pytest.raises(QueryFailed) as failed:
        run_query(warehouse, sql, seconds=60)
    assert said in str(failed.value)
    assert str(place) not in str(failed.value)
    assert "http" not in str(failed.value)
    assert failed.value.exit_code == 2


RESULT = QueryResult(
    ("name", "amount", "day", "n"),
    ("VARCHAR", "DECIMAL(38,12)", "DATE", "BIGINT"),
    (
        ("Acme", Decimal("12345678901234567890.123456789012"), date(2026, 1, 31), 1),
        ("\x1b[31mred\n\u202e\u4e16", Decimal("-0.000000000001"), None, None),
    ),
)


def test_a_table_for_a_file() -> None:
    assert to_table(RESULT, terminal=False) == (
        "name                                              amount  day            n\n"
        "---------------------  ---------------------------------  ----------  ----\n"
        "Acme                   12345678901234567890.123456789012  2026-01-31     1\n"
        "\\x1b[31mred\\n\\u202e\u4e16                    -0.000000000001  NULL        NULL\n"
        "(2 rows)\n"
    )


def test_a_table_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    many = QueryResult(("i", "[red]x[/red]"), ("INTEGER", "VARCHAR"), tuple((i, "y" * 100) for i in range(300)), True)
    text = to_table(many, terminal=True)
    assert all(len(line) <= 60 for line in text.splitlines()[:-1])
    assert "[red]x[/red]" in text
    assert text.endswith("(the first 300 rows; there are more: filter or aggregate; 100 not shown)\n")
    assert "\x1b" not in to_table(RESULT, terminal=True)


def test_json_keeps_every_digit_and_is_ascii() -> None:
    text = to_json(RESULT)
    assert text.isascii()
    assert text.splitlines()[1] == (
        '{"name": "Acme", "amount": 12345678901234567890.123456789012, "day": "2026-01-31", "n": 1},'
    )
    read = json.loads(text, parse_float=Decimal)
    assert [tuple(row.values()) for row in read] == [
        ("Acme", RESULT.rows[0][1], "2026-01-31", 1),
        (RESULT.rows[1][0], Decimal("-0.000000000001"), None, None),
    ]


def test_json_of_the_odd_values() -> None:
    values = (Decimal("1E+3"), float("nan"), b"\xaa", datetime(2026, 1, 1, 10), time(10), UUID(int=1), True)
    nested = ([Decimal("1.10"), None], {"a": Decimal("1.10"), Decimal("1.5"): "x"})
    result = QueryResult(tuple("abcdefghi"), ("VARCHAR",) * 9, ((*values, *nested),))
    assert to_json(result) == (
        '[\n{"a": 1000, "b": "nan", "c": "aa", "d": "2026-01-01T10:00:00", "e": "10:00:00", '
        '"f": "00000000-0000-0000-0000-000000000001", "g": true, "h": [1.10, null], "i": {"a": 1.10, "1.5": "x"}}\n]\n'
    )
    assert to_json(QueryResult(("a",), ("INTEGER",), ())) == "[]\n"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", '"\'\r=1"'),
        ("\n=1", '"\'\n=1"'),
        ("\0=1", "'\0=1"),
        ("\uff1d1", "'\uff1d1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff201", "'\uff201"),
        ("'=1", "''=1"),
        ("'tis", "'tis"),
        ("a=1", "a=1"),
        ("", '""'),
        (None, '""'),
        (-1, "-1"),
        (Decimal("-1.50"), "-1.50"),
        (Decimal("1E-12"), "0.000000000001"),
        (-0.5, "-0.5"),
        (False, "false"),
        (date(2026, 1, 1), "2026-01-01"),
        (datetime(2026, 1, 1, 10), "2026-01-01 10:00:00"),
        ('a,"b', '"a,""b"'),
    ],
)
def test_a_cell_of_csv(value: object, cell: str) -> None:
    assert to_csv(QueryResult(("v",), ("VARCHAR",), ((value,),))) == f"v\r\n{cell}\r\n"


def test_a_header_of_csv_is_inert_too() -> None:
    assert to_csv(QueryResult(("=a", "b"), ("INTEGER", "INTEGER"), ((1, None),))) == "'=a,b\r\n1,\r\n"
