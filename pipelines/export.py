"""Everything that was published, in open formats with a data dictionary beside it; to be shared without people in it.

Which columns are personal is said once, in the contracts (`Column.privacy`), and followed through the SQL to every table
that is made of them.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dbt_like_sql import SqlFile
from models import Privacy, tables
from pipelines.build import columns_of, sql_files
from pipelines.casting import quoted
from pipelines.docs import dictionary, to_markdown
from pipelines.errors import UsageError
from pipelines.focus import FOCUS, MEANINGS, VERSION
from pipelines.publish import Run
from pipelines.workspace import Workspace

DICTIONARY = "dictionary.json"
FORMATS = ("parquet", "csv", "focus")
COPIED = {"parquet": "format parquet, compression zstd", "csv": "format csv, header true"}
KEPT_BACK = frozenset({"raw", "staging"})
"""Schemas that are not shared: what came in, and what was made of it before people were left out."""
QUOTING = frozenset({("audit.quarantine", "value"), ("audit.left_out", "line_text"), ("audit.checks", "sample")})
"""Columns that Python writes and that quote cells of exports, whatever those hold."""
HARMFUL = r"^[=+\-@\t\r\n|%]"
"""What a spreadsheet takes for a formula; in a CSV such a text gets an apostrophe before it."""

Column = tuple[str, str]


@dataclass(frozen=True)
class Exported:
    """What was written: the folder, each table's rows, and the columns and tables that were left out as personal."""

    folder: Path
    rows: Mapping[str, int]
    left_out: Sequence[str]

    def summary(self) -> dict[str, object]:
        return {"folder": str(self.folder), "tables": dict(self.rows), "left_out": list(self.left_out)}


def export(workspace: Path, run: Run, target: Path, form: str, share: bool = False) -> Exported:
    """Write the published tables of a run into `target` as `parquet`, `csv` or `focus`, whole or not at all.

    A folder that an export wrote before is replaced. Raises UsageError for a folder that holds anything else.
    """
    target = target.resolve()
    if target.exists() and not (target.is_dir() and (not any(target.iterdir()) or made_here(target))):
        raise UsageError(f"{target} holds other files. Name an empty folder, or one that an export wrote.")
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.exporting")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        with duckdb.connect(str(run.warehouse), read_only=True, config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}) as connection:
            done = focus(connection, aside, run) if form == "focus" else whole(connection, workspace, aside, run, form, share)
        if target.exists():
            shutil.rmtree(target)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Exported(target, done.rows, done.left_out)


def made_here(folder: Path) -> bool:
    """Whether an export wrote this folder."""
    try:
        return json.loads((folder / DICTIONARY).read_bytes()).get("made_by") == "plumbline export"
    except (OSError, ValueError, AttributeError):
        return False


def whole(connection: duckdb.DuckDBPyConnection, workspace: Path, folder: Path, run: Run, form: str, share: bool) -> Exported:
    """Every published table, a file each, and what each column means."""
    types = typed(connection)
    own = Workspace(workspace).extensions
    files = {name: file for name, file in sql_files(own).items() if not file.is_check}
    private = personal(files, columns_of(own), types) | QUOTING if share else frozenset()
    described = {entry["table"]: entry for entry in dictionary(workspace)}
    told, left_out, rows = [], [], {}
    for name, columns in types.items():
        schema, _, table = name.partition(".")
        entry = described.get(name, {"table": name, "description": "", "kind": "sql", "grain": [], "reads": [], "columns": []})
        if share and (schema in KEPT_BACK or any((name, key) in private for key in entry["grain"])):
            left_out.append(name)
            continue
        kept = [column for column in columns if (name, column) not in private]
        left_out += [f"{name}.{column}" for column in columns if column not in kept]
        path = folder / schema / f"{table}.{form}"
        path.parent.mkdir(exist_ok=True)
        rows[name] = copied(connection, f"select {', '.join(map(named, kept))} from {named(schema)}.{named(table)} order by all", path, form)
        meanings = {column["name"]: column for column in entry["columns"]}
        empty = {"description": "", "required": False, "allowed": []}
        told.append({**entry, "file": f"{schema}/{path.name}", "rows": rows[name], "columns": [{**meanings.get(c, empty), "name": c, "type": columns[c]} for c in kept]})
    describe(folder, run, form, told, left_out)
    return Exported(folder, rows, left_out)


def focus(connection: duckdb.DuckDBPyConnection, folder: Path, run: Run) -> Exported:
    """The ledger in the columns of FOCUS, as CSV and as Parquet."""
    rows = {f"focus.{form}": copied(connection, FOCUS, folder / f"focus.{form}", form) for form in ("csv", "parquet")}
    types = dict(connection.execute(f"select column_name, column_type from (describe {FOCUS})").fetchall())
    columns = [{"name": name, "type": kind, "description": MEANINGS[name], "required": False, "allowed": []} for name, kind in types.items()]
    entry = {"table": "focus", "description": f"The ledger in the columns of FOCUS {VERSION}; one row a ledger row.", "grain": ["x_LedgerId"], "reads": ["core.ledger"], "file": "focus.csv", "columns": columns}
    describe(folder, run, "focus", [{**entry, "rows": rows["focus.csv"]}], [])
    return Exported(folder, rows, [])


def describe(folder: Path, run: Run, form: str, told: Sequence[Mapping[str, object]], left_out: Sequence[str]) -> None:
    """The data dictionary, for programs and for people."""
    facts = {"made_by": "plumbline export", "month": run.month, "run_id": run.manifest["run_id"], "table_hash": run.manifest["table_hash"], "format": form}
    (folder / DICTIONARY).write_text(json.dumps({**facts, "left_out": list(left_out), "tables": list(told)}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    notes = [f"# {run.month}, run {run.manifest['run_id'][:12]}", ""]
    if form != "parquet":
        notes += ["In CSV files nothing between two commas is null, and a text that a spreadsheet would take for a formula has an apostrophe before it.", ""]
    if left_out:
        notes += [f"Left out as personal, or as they came in: {', '.join(left_out)}.", ""]
    (folder / "dictionary.md").write_text("\n".join(notes) + to_markdown(told) + "\n", encoding="utf-8")


def typed(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """The type of each column of each published table, in order; what parts hold is published as raw."""
    found: dict[str, dict[str, str]] = {}
    query = "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() where not internal and schema_name <> 'parts' order by 1, column_index"
    for table, column, kind in connection.execute(query).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def copied(connection: duckdb.DuckDBPyConnection, query: str, path: Path, form: str) -> int:
    """Write what a query gives to a file, always in the same order; the number of rows."""
    if form == "csv":
        query = f"select {', '.join(harmless(column, kind) for column, kind, *_ in connection.execute(f'describe {query}').fetchall())} from ({query})"
    (count,) = connection.execute(f"copy ({query}) to {quoted(str(path))} ({COPIED[form]})").fetchone() or (0,)
    return int(count)


def harmless(column: str, kind: str) -> str:
    """A column as a CSV holds it: lists as JSON, times in UTC as ISO 8601 writes them, and no text that a spreadsheet would run."""
    name = named(column)
    if kind == "TIMESTAMP":
        return f"strftime({name}, '%Y-%m-%dT%H:%M:%SZ') as {name}"
    if kind == "VARCHAR" or kind.endswith("]"):
        text = f"cast(to_json({name}) as varchar)" if kind.endswith("]") else name
        return f"if(regexp_matches({text}, {quoted(HARMFUL)}), '''' || {text}, {text}) as {name}"
    return name


def named(name: str) -> str:
    """A name as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def personal(files: Mapping[str, SqlFile], columns: Mapping[str, Mapping[str, str]], types: Mapping[str, Mapping[str, str]]) -> frozenset[Column]:
    """Columns that show what a contract calls personal or confidential, in raw tables and in all that is made of them.

    A column passed on stays what it was. A text made of several columns is personal where one of them is, unless one of
    them has its own name: then it is that column, chosen by the others. Numbers and days made of personal columns are
    aggregates.
    """
    found = {(f"raw.{table.name}", column.name) for table in tables().values() for column in table.columns if column.privacy is not Privacy.OPEN}
    for name, file in files.items():
        for column, lineage in file.lineage(columns).items():
            same = {source for source in lineage.sources if source[1] == column}
            is_text = types.get(name, {}).get(column, "VARCHAR").startswith("VARCHAR")
            if (lineage.passed_on in found) or (is_text and (same or lineage.sources) & found):
                found.add((name, column))
    return frozenset(found)
