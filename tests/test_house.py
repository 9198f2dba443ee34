"""The rules of the house that a linter does not know."""

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

import connectors
import dbt_like_sql
import models
import pipelines
from pipelines.build import columns_of, input_descriptions, sql_files

ROOT = Path(__file__).parents[1]
PACKAGES = (models, connectors, dbt_like_sql, pipelines)
SOURCES = sorted(path for package in PACKAGES for path in Path(str(package.__file__)).parent.rglob("*.py"))
LONGEST = 310


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is_for_and_stays_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith('"""')
    assert len(text.splitlines()) <= LONGEST


def test_every_column_has_a_description() -> None:
    blank = [f"{table}.{column}" for table, columns in columns_of().items() for column, told in columns.items() if not told and not table.startswith("checks.")]
    assert blank == []


def test_every_table_has_a_description() -> None:
    told = input_descriptions() | {name: file.description for name, file in sql_files().items()}
    assert [table for table in columns_of() if not told.get(table)] == []


def test_a_name_means_one_thing() -> None:
    kinds: dict[str, set[str]] = {}
    for table in models.tables().values():
        for column in table.columns:
            kinds.setdefault(column.name, set()).add(column.kind)
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {}


ENDINGS = {"_on": {"day"}, "_at": {"instant"}, "month": {"month"}, "_share": {"share"}, "_count": {"count"}, "_amount": {"money"}}


@pytest.mark.parametrize(("ending", "kinds"), ENDINGS.items())
def test_names_tell_the_kind(ending: str, kinds: set[str]) -> None:
    named = [c for t in models.tables().values() for c in t.columns if c.name == ending or c.name.endswith(ending)]
    assert [c.name for c in named if c.kind not in kinds] == []


def test_contracts_refer_to_columns_that_exist() -> None:
    for table in models.tables().values():
        for column in table.columns:
            if column.refers_to:
                other, _, name = column.refers_to.partition(".")
                assert name in models.tables()[other].names


def test_the_lock_file_names_no_registry() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?://|--index|--find-links", lock)
    assert "--hash=sha256:" in lock


def test_the_entry_names_an_intruder(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").write_text("")
    intruded = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import models; import plumbline; plumbline.main()"
    done = subprocess.run([sys.executable, "-c", intruded], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode != 0
    assert str(tmp_path / "models") in done.stderr


def test_no_money_is_a_float(sample_warehouse: Path) -> None:
    with duckdb.connect(str(sample_warehouse), read_only=True) as connection:
        floats = connection.execute(
            "select schema_name || '.' || table_name || '.' || column_name from duckdb_columns() where data_type in ('FLOAT', 'DOUBLE') "
            "and (column_name like '%amount%' or column_name in ('fx_rate', 'difference'))"
        ).fetchall()
    assert floats == []
