"""A fingerprint sees every difference of content and none of order or threads."""

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.fingerprint import Fingerprint, fingerprint

COLUMNS = (
    "id INTEGER, amount DECIMAL(18,4), wide DECIMAL(38,12), is_open BOOLEAN, day DATE, seen_at TIMESTAMP, "
    "name VARCHAR, tags VARCHAR[], place STRUCT(city VARCHAR, size INTEGER), ratio DOUBLE"
)
ROW = (
    "i, i * 1.25, i * 0.000000000001, i % 2 = 0, DATE '2026-01-01' + i::INTEGER, "
    "TIMESTAMP '2026-01-01' + to_seconds(i), 'name ' || i, ['a', 'b' || i], {'city': 'x' || i, 'size': i}, i / 7"
)


@pytest.fixture(scope="module")
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA marts")
        yield connection


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA marts")
        yield connection


def of_table(connection: duckdb.DuckDBPyConnection, *statements: str) -> str:
    """The fingerprint of marts.t after `statements`."""
    for statement in statements:
        connection.execute(statement)
    return fingerprint(connection, ["marts"]).tables["marts.t"]


def of_rows(connection: duckdb.DuckDBPyConnection, columns: str, *rows: str) -> str:
    fill = [f"INSERT INTO marts.t VALUES {', '.join(rows)}"] if rows else []
    return of_table(connection, f"CREATE OR REPLACE TABLE marts.t ({columns})", *fill)


def test_the_order_of_rows_is_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    fill = f"INSERT INTO marts.t SELECT {ROW} FROM range(5000) AS g(i) ORDER BY"
    seen = {
        of_table(connection, f"CREATE OR REPLACE TABLE marts.t ({COLUMNS})", f"{fill} {order}")
        for order in ("i", "i DESC", "hash(i)", "i % 7, i")
    }
    assert len(seen) == 1


def test_the_number_of_threads_is_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"CREATE TABLE marts.t ({COLUMNS})")
    connection.execute(f"INSERT INTO marts.t SELECT {ROW} FROM range(400000) AS g(i)")
    assert len({of_table(connection, f"SET threads = {threads}") for threads in (1, 2, 8)}) == 1


def test_a_ratio_summed_by_threads_is_the_same(connection: duckdb.DuckDBPyConnection) -> None:
    numbers = "SELECT 1 / (i + 1) AS x FROM range(10000) AS g(i)"
    up, down = (f"SELECT sum(x) AS r FROM ({numbers} ORDER BY i {way})" for way in ("", "DESC"))
    connection.execute("SET threads = 1")
    assert connection.execute(f"SELECT ({up}) = ({down})").fetchone() == (False,)
    assert of_table(connection, f"CREATE TABLE marts.t AS {up}") == of_table(
        connection, f"CREATE OR REPLACE TABLE marts.t AS {down}"
    )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE marts.t SET amount = amount + 0.0001 WHERE id = 7",
        "UPDATE marts.t SET wide = wide + 0.000000000001 WHERE id = 7",
        "UPDATE marts.t SET is_open = NOT is_open WHERE id = 7",
        "UPDATE marts.t SET day = day + 1 WHERE id = 7",
        "UPDATE marts.t SET seen_at = seen_at + INTERVAL 1 MICROSECOND WHERE id = 7",
        "UPDATE marts.t SET name = name || ' ' WHERE id = 7",
        "UPDATE marts.t SET name = NULL WHERE id = 7",
        "UPDATE marts.t SET tags = list_reverse(tags) WHERE id = 7",
        "UPDATE marts.t SET place = {'city': 'y', 'size': 7} WHERE id = 7",
        "UPDATE marts.t SET ratio = ratio + 0.00000001 WHERE id = 7",
        "DELETE FROM marts.t WHERE id = 7",
        "DELETE FROM marts.t",
        "INSERT INTO marts.t FROM marts.t WHERE id = 7",
        "INSERT INTO marts.t FROM marts.t",
        "UPDATE marts.t SET amount = CASE id WHEN 7 THEN 10 WHEN 8 THEN 8.75 ELSE amount END",
        "ALTER TABLE marts.t RENAME name TO vendor",
        "ALTER TABLE marts.t ALTER id TYPE BIGINT",
        "ALTER TABLE marts.t ALTER amount TYPE DECIMAL(18,5)",
        "ALTER TABLE marts.t ADD COLUMN more INTEGER",
        "ALTER TABLE marts.t DROP COLUMN ratio",
    ],
)
def test_every_change_shows(connection: duckdb.DuckDBPyConnection, change: str) -> None:
    before = of_table(
        connection,
        f"CREATE TABLE marts.t ({COLUMNS})",
        f"INSERT INTO marts.t SELECT {ROW} FROM range(20) AS g(i)",
    )
    assert of_table(connection) == before
    assert of_table(connection, change) != before


@pytest.mark.parametrize(
    ("columns", "one", "other"),
    [
        ("a VARCHAR", ["(NULL)"], ["('')"]),
        ("a VARCHAR", ["(NULL)"], ["('NULL')"]),
        ("a VARCHAR", ["('a')"], ["('A')"]),
        ("a VARCHAR", ["('\u00e9')"], ["('e\u0301')"]),
        ("a VARCHAR, b VARCHAR", ["('x', NULL)"], ["(NULL, 'x')"]),
        ("a VARCHAR, b VARCHAR", ["('ab', 'c')"], ["('a', 'bc')"]),
        ("a INTEGER, b INTEGER", ["(1, 2)"], ["(2, 1)"]),
        ("a INTEGER, b INTEGER", ["(1, 2)", "(3, 4)"], ["(1, 4)", "(3, 2)"]),
        ("a INTEGER", ["(1)", "(1)", "(2)"], ["(1)", "(2)", "(2)"]),
        ("a INTEGER", ["(1)", "(1)"], ["(2)", "(2)"]),
        ("a INTEGER", ["(0)"], []),
        ("a INTEGER", ["(NULL)"], []),
        ("a INTEGER", ["(NULL)"], ["(NULL)", "(NULL)"]),
        ("a VARCHAR[]", ["(NULL)"], ["([])"]),
        ("a VARCHAR[]", ["([])"], ["([NULL])"]),
        ("a VARCHAR[]", ["([NULL])"], ["(['NULL'])"]),
        ("a VARCHAR[]", ["(['a, b'])"], ["(['a', 'b'])"]),
        ("a INTEGER[][]", ["([[1], [2]])"], ["([[1, 2]])"]),
        ("a STRUCT(x INTEGER, y INTEGER)", ["({'x': 1, 'y': NULL})"], ["({'x': NULL, 'y': 1})"]),
        ("a STRUCT(x INTEGER)", ["({'x': NULL})"], ["(NULL)"]),
        ("a MAP(VARCHAR, INTEGER)", ["(map {'k': 1})"], ["(map {'k': 2})"]),
        ("a INTERVAL", ["(INTERVAL 1 MONTH)"], ["(INTERVAL 30 DAY)"]),
        ("a ENUM('FLOAT', 'x')", ["('FLOAT')"], ["('x')"]),
    ],
)
def test_different_rows_differ(
    connection: duckdb.DuckDBPyConnection, columns: str, one: list[str], other: list[str]
) -> None:
    assert of_rows(connection, columns, *one) == of_rows(connection, columns, *one)
    assert of_rows(connection, columns, *one) != of_rows(connection, columns, *other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a INTEGER", "a BIGINT"),
        ("a INTEGER", "b INTEGER"),
        ("a INTEGER, b INTEGER", "b INTEGER, a INTEGER"),
        ("a DECIMAL(18,4)", "a DECIMAL(18,2)"),
        ("a VARCHAR", "a VARCHAR, b VARCHAR"),
    ],
)
def test_the_schema_of_an_empty_table_counts(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> None:
    assert of_rows(connection, one) == of_rows(connection, one)
    assert of_rows(connection, one) != of_rows(connection, other)


ROWS = st.lists(st.tuples(st.none() | st.integers(-2, 2), st.none() | st.sampled_from(["", "a", "NULL"])), max_size=6)


@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(one=ROWS, other=ROWS)
def test_equal_exactly_when_the_rows_are_the_same_multiset(
    memory: duckdb.DuckDBPyConnection, one: list[tuple], other: list[tuple]
) -> None:
    def mark(rows: list[tuple]) -> str:
        memory.execute("CREATE OR REPLACE TABLE marts.t (a INTEGER, b VARCHAR)")
        for row in rows:
            memory.execute("INSERT INTO marts.t VALUES (?, ?)", row)
        return of_table(memory)

    assert (mark(one) == mark(other)) == (sorted(one, key=repr) == sorted(other, key=repr))
    assert mark(one) == mark(one[::-1])


def test_only_the_schemas_asked_for(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE SCHEMA core; CREATE TABLE core.b (x INTEGER); CREATE TABLE marts.a (x INTEGER)")
    connection.execute('CREATE TABLE marts."odd "" name" ("odd "" column" INTEGER)')
    both = fingerprint(connection, ["marts", "core"])
    assert list(both.tables) == ["core.b", "marts.a", 'marts.odd " name']
    assert fingerprint(connection, ["core", "marts"]) == both
    assert fingerprint(connection, ["core"]).tables == {"core.b": both.tables["core.b"]}
    connection.execute("INSERT INTO core.b VALUES (1)")
    changed = fingerprint(connection, ["marts", "core"])
    assert changed.total != both.total
    assert changed.tables["marts.a"] == both.tables["marts.a"]


def test_a_view_counts_by_its_meaning_not_its_spelling(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE TABLE main.base (x INTEGER)")
    plain = of_table(connection, "CREATE VIEW marts.t AS SELECT x FROM main.base WHERE x > 1")
    spaced = of_table(connection, "CREATE OR REPLACE VIEW marts.t AS select  x -- a remark\nfrom main.base where x > 1")
    other = of_table(connection, "CREATE OR REPLACE VIEW marts.t AS SELECT x FROM main.base WHERE x > 2")
    assert plain == spaced != other


@pytest.mark.parametrize("kind", ["DOUBLE[]", "STRUCT(x FLOAT)", "MAP(VARCHAR, DOUBLE)"])
def test_binary_floats_that_cannot_be_rounded_are_refused(connection: duckdb.DuckDBPyConnection, kind: str) -> None:
    with pytest.raises(ValueError, match=r"marts\.t\.a.*DECIMAL"):
        of_rows(connection, f"a {kind}")


def test_nothing_to_mark(connection: duckdb.DuckDBPyConnection) -> None:
    nothing = fingerprint(connection, ["marts"])
    assert nothing == Fingerprint({}, nothing.total)
    assert len(nothing.total) == 64
