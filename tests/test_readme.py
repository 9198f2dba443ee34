"""What the README says is what the program does."""

import re
from pathlib import Path

import duckdb
import pytest
from typer.main import get_command

from connectors.api import errors as api_errors
from pipelines import errors, lock
from pipelines.cli import app
from pipelines.settings import Settings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
QUESTIONS = (Path(__file__).parents[1] / "QUESTIONS.md").read_text(encoding="utf-8")
QUERIES = dict.fromkeys(re.findall(r"```sql\n(.*?)```", README + QUESTIONS, flags=re.DOTALL))


def rows(heading: str) -> dict[str, str]:
    """The first two columns of the table whose first heading is this."""
    table = README.partition(f"| {heading} |")[2].partition("\n\n")[0]
    cells = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    return {cell[0].strip("`"): cell[1].strip() for cell in cells}


def test_every_command_stands_in_the_readme_with_its_own_words() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert rows("command") == {name: command.help for name, command in commands.items()}


def test_every_setting_stands_in_the_readme() -> None:
    named = {name.strip("` ") for cell in rows("key") for name in cell.split("`, `")}
    assert named == set(Settings.model_fields)


def test_every_exit_code_is_published() -> None:
    kinds = [kind for module in (errors, api_errors, lock) for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    used = {kind.exit_code for kind in kinds if hasattr(kind, "exit_code")}
    assert used | {0} == {int(code) for code in rows("exit code")}


@pytest.mark.parametrize("sql", QUERIES, ids=lambda sql: sql.split("from ")[1].split()[0])
def test_the_questions_have_answers_in_the_sample_company(sql: str, sample_warehouse: Path) -> None:
    with duckdb.connect(str(sample_warehouse), read_only=True) as connection:
        assert connection.execute(sql).fetchall()


def test_the_sample_company_is_what_make_demo_refreshes() -> None:
    makefile = (Path(__file__).parents[1] / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, flags=re.MULTILINE))
    # Only code is a command: «the rows that make it» in a sentence once failed the whole run.
    named = set(re.findall(r"(?:^|`)make (\w+)", README, flags=re.MULTILINE))
    assert {"demo", "test"} <= named <= targets
