"""SQL files as tables: one SELECT a file, its path the table's name, its comments the documentation.

`<schema>/<table>.sql` makes `<schema>.<table>`; under `checks/` the rows are violations. The header tells
what one row is and what identifies it:

    -- One tool.
    -- grain: tool_id
    -- materialized: view        (optional; a table otherwise)
    -- severity: warning         (checks only; an error, which blocks publishing, otherwise)
    -- figure: sum               (report only: the kind of proof that its marks pass)

A comment after a column describes it; a column passed on under its own name keeps the description it
was born with. What a file reads is found in its query, so order and lineage need no declaration.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from dbt_like_sql import kept
from dbt_like_sql.inputs import inputs
from dbt_like_sql.kept import Kept, Lineage

if TYPE_CHECKING:  # Importing sqlglot takes as long as reading all that was kept of the files.
    from sqlglot import exp

__all__ = ["HOME", "Lineage", "SqlFile", "SqlFileError", "describe", "inputs", "read"]

HOME = Path(__file__).parent
CHECKS = "checks"
REPORT = "report"
KEY = re.compile(r"--\s*(grain|materialized|severity|figure):\s*(.+?)\s*")
NAME = re.compile(r"[a-z][a-z0-9_]*")
ALLOWED: Mapping[str, tuple[str, ...]] = {"materialized": ("table", "view"), "severity": ("error", "warning")}
KINDS = ("sum", "count", "ratio", "record", "model")


class SqlFileError(ValueError):
    """A SQL file breaks a rule of its folder; the message names the file, the rule and the way out."""


@dataclass(frozen=True)
class SqlFile:
    """One SELECT: a table or view, or under `checks/` a rule whose rows are the violations.

    Every property reads the file or its parse once; each raises `SqlFileError` where the file breaks a rule. `kept` is
    what was found in the same file before, which broke none.
    """

    path: Path
    kept: Kept | None = field(default=None, repr=False, compare=False)

    @cached_property
    def name(self) -> str:
        """The table it makes, with its schema."""
        schema, table = self.path.parent.name, self.path.stem
        if not (NAME.fullmatch(schema) and NAME.fullmatch(table)):
            raise SqlFileError(f"{self.path}: name folder and file in small letters, digits and _")
        return f"{schema}.{table}"

    @cached_property
    def sql(self) -> str:
        """The text as DuckDB gets it, comments included."""
        return self.path.read_text(encoding="utf-8").strip().rstrip(";").rstrip()

    @cached_property
    def query(self) -> "exp.Query":
        """The parsed SELECT, held to the rules of this folder."""
        import sqlglot
        from sqlglot import exp
        from sqlglot.errors import SqlglotError

        from dbt_like_sql.lineage import final_selects

        try:
            statements = sqlglot.parse(self.sql, dialect="duckdb")
        except SqlglotError as error:
            raise SqlFileError(f"{self.path}: not readable as SQL: {str(error).splitlines()[0]}") from error
        if len(statements) != 1 or not isinstance(statements[0], exp.Query):
            raise SqlFileError(f"{self.path}: write one SELECT, and nothing else")
        query = statements[0]
        for select in final_selects(query):
            if any(column.is_star for column in select.expressions):
                raise SqlFileError(f"{self.path}: name the columns of the final SELECT instead of *")
        return query

    @cached_property
    def _header(self) -> tuple[str, Mapping[str, str]]:
        prose: list[str] = []
        keys: dict[str, str] = {}
        for line in self.sql.splitlines():
            if not line.startswith("--"):
                break
            if key := KEY.fullmatch(line):
                keys[key[1]] = key[2]
            else:
                prose.append(line.removeprefix("--").strip())
        if not any(prose):
            raise SqlFileError(f"{self.path}: begin with a comment that says what one row is")
        for key, values in ALLOWED.items():
            if keys.get(key, values[0]) not in values:
                raise SqlFileError(f"{self.path}: {key} is {' or '.join(values)}, not {keys[key]}")
        return " ".join(prose), keys

    @property
    def description(self) -> str:
        """What one row is."""
        return self._header[0]

    @property
    def is_check(self) -> bool:
        return self.path.parent.name == CHECKS

    @cached_property
    def grain(self) -> tuple[str, ...]:
        """The columns that identify a row; a check may leave them out."""
        grain = tuple(part.strip() for part in self._header[1].get("grain", "").split(",") if part.strip())
        if not grain and not self.is_check:
            raise SqlFileError(f"{self.path}: add `-- grain: ...`, the columns that identify a row")
        if unknown := [column for column in grain if column not in self.columns]:
            raise SqlFileError(f"{self.path}: the grain names {', '.join(unknown)}, which the SELECT does not give")
        return grain

    @property
    def materialized(self) -> str:
        """`table` or `view`."""
        return self._header[1].get("materialized", "table")

    @property
    def severity(self) -> str:
        """`error`, which blocks publishing, or `warning`; only a check has one of its own."""
        if "severity" in self._header[1] and not self.is_check:
            raise SqlFileError(f"{self.path}: only a file under {CHECKS}/ has a severity")
        return self._header[1].get("severity", "error")

    @property
    def figure(self) -> str | None:
        """Kind of a figure of the report: what its marks are proved by. None for a table that is no figure.

        `sum`: rows add up to it; `count`: it is their number; `ratio`: two of these; `record`: one row and what stands
        in it; `model`: inputs and a formula.
        """
        kind, is_figure = self._header[1].get("figure"), self.path.parent.name == REPORT
        if is_figure and kind not in KINDS:
            raise SqlFileError(f"{self.path}: add `-- figure: ...`, one of {', '.join(KINDS)}")
        if kind and not is_figure:
            raise SqlFileError(f"{self.path}: only a file under {REPORT}/ is a figure")
        return kind

    @cached_property
    def columns(self) -> Mapping[str, str]:
        """Each column with the comment it has in this file's final SELECT, empty where it has none."""
        if self.kept:
            return self.kept.columns
        from sqlglot import exp

        selects = self.query.selects
        names = [column.alias_or_name if isinstance(column, exp.Alias | exp.Column) else "" for column in selects]
        if unnamed := [str(at) for at, name in enumerate(names, 1) if not name]:
            raise SqlFileError(f"{self.path}: give column {', '.join(unnamed)} of the final SELECT a name with `as`")
        if len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise SqlFileError(f"{self.path}: the final SELECT gives {', '.join(twice)} twice")
        comments = (" ".join(comment.strip() for comment in column.comments or ()) for column in selects)
        return dict(zip(names, comments, strict=True))

    @cached_property
    def reads(self) -> frozenset[str]:
        """The tables it reads, with their schemas."""
        if self.kept:
            return self.kept.reads
        from sqlglot import exp

        ctes = {cte.alias for cte in self.query.find_all(exp.CTE)}
        tables = [table for table in self.query.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
        if bare := sorted({table.name for table in tables if not table.db} - ctes):
            raise SqlFileError(f"{self.path}: write the schema of {', '.join(bare)}")
        return frozenset(f"{table.db}.{table.name}" for table in tables if table.db)

    def hold_to_rules(self) -> None:
        """Raise `SqlFileError` for a rule of the folder that the file breaks."""
        _ = self.name, self.kept or self.query, self.columns, self.grain, self.severity, self.figure, self.reads

    def lineage(self, schema: Mapping[str, Mapping[str, str]]) -> Mapping[str, Lineage]:
        """Where each column comes from, given the columns (name -> anything) of the tables read."""
        if missing := sorted(self.reads - schema.keys()):
            raise SqlFileError(f"{self.path}: reads {', '.join(missing)}, which nothing makes")
        read = {table: schema[table] for table in self.reads}
        if self.kept and self.kept.follows_from == kept.state_of(read):
            return self.kept.lineage
        from dbt_like_sql.lineage import lineage

        try:
            return lineage(self.query, read)
        except LookupError as error:
            raise SqlFileError(f"{self.path}: {error.args[0]}") from error


def read(*homes: Path) -> dict[str, SqlFile]:
    """All files of the folders by name, each after the files it reads; no folder given: the shipped one.

    A folder holds a folder a schema, or is one itself. Raises `SqlFileError` for a file that breaks a rule, for
    two files of one name (a workspace adds tables, it replaces none) and for tables that read each other in a circle.
    """
    files: dict[str, SqlFile] = {}
    for home in homes or (HOME,):
        before = kept.load(home) if home == HOME else {}
        for path in sorted([*home.glob("*.sql"), *home.glob("*/*.sql")]):
            file = SqlFile(path, before.get(path))
            if file.name in files:
                raise SqlFileError(f"{path}: {file.name} is made by {files[file.name].path}; choose another name")
            files[file.name] = file
    for file in files.values():
        file.hold_to_rules()
    sorter = TopologicalSorter({name: sorted(file.reads & files.keys()) for name, file in files.items()})
    try:
        return {name: files[name] for name in sorter.static_order()}
    except CycleError as error:
        loop = " -> ".join(reversed(error.args[1]))
        raise SqlFileError(f"tables read each other in a circle: {loop}; {files[error.args[1][0]].path}") from error


def describe(files: Mapping[str, SqlFile], inputs: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Every table's columns with their descriptions, own or inherited; empty where nobody wrote one.

    `files` in the order of `read`; `inputs` are the tables that exist before, with descriptions by column.
    """
    known = {table: dict(columns) for table, columns in inputs.items()}
    found: dict[str, Mapping[str, Lineage]] = {}
    for name, file in files.items():
        found[name] = file.lineage(known)
        known[name] = {
            column: one.comment or (known[one.passed_on[0]][one.passed_on[1]] if one.passed_on else "") for column, one in found[name].items()
        }
    shipped = {name: file for name, file in files.items() if file.path.is_relative_to(HOME)}
    if any(file.kept is None or file.kept.lineage is not found[name] for name, file in shipped.items()):
        facts = {
            file.path: Kept(file.columns, file.reads, kept.state_of({table: known[table] for table in file.reads}), found[name])
            for name, file in shipped.items()
        }
        kept.keep(HOME, facts)
    return known
