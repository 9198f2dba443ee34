"""A finding that somebody set aside stays aside until what it rests on changes, whatever its kind."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import sqlcase

FILES = sqlcase.files()
TABLES = sorted(name for name, file in FILES.items() if name.startswith("marts.") and "staging.dismissal" in file.reads and name != "marts.finding")


@pytest.fixture
def copy(sample_warehouse: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The sample's warehouse, in which a test may lay a table of dismissals over the real one."""
    with duckdb.connect(str(sample_warehouse), read_only=True) as connection:
        connection.execute("create temp table aside (finding_id varchar, reason varchar, decided_on date, inputs_key varchar)")
        yield connection


def found(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str, bool]]:
    """Finding, key and whether it is set aside, of the table as its file makes it on the dismissals laid over."""
    sql = FILES[table].sql.replace("staging.dismissal", "temp.aside")
    return connection.execute(f"select finding_id, inputs_key, is_dismissed from ({sql}) where finding_id is not null order by all").fetchall()


def test_every_table_of_findings_obeys_the_rule() -> None:
    asked = {name for name in FILES if name.startswith("marts.") and "is_dismissed" in FILES[name].columns}
    assert asked - {"marts.saving"} == set(TABLES)
    assert set(TABLES) <= FILES["marts.finding"].reads


@pytest.mark.parametrize("table", [name for name in TABLES if name != "marts.initiative_score"])  # nothing in the sample comes too early; its case shows it
def test_a_dismissal_holds_for_its_key_only(table: str, copy: duckdb.DuckDBPyConnection) -> None:
    before = found(copy, table)
    (finding_id, key, _), *others = before
    assert key
    for quoted, holds in ((key, True), ("00000000", False)):
        copy.execute("delete from temp.aside")
        copy.execute("insert into temp.aside values (?, 'not now', '2100-01-01', ?)", [finding_id, quoted])
        assert found(copy, table) == [(finding_id, key, holds), *others]
