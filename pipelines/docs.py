"""The data dictionary, from the contracts and the SQL files themselves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models import tables
from pipelines.build import columns_of, input_descriptions, sql_files
from pipelines.errors import UsageError
from pipelines.recognition import near
from pipelines.workspace import Workspace


def dictionary(folder: Path, table: str | None = None) -> list[dict[str, Any]]:
    """Every table, or the one named: description, grain, what it reads, columns. Raises UsageError for an unknown name."""
    own = Workspace(folder).extensions
    files, columns = sql_files(own), columns_of(own)
    told = input_descriptions()
    if table and table not in columns:
        raise UsageError(f"There is no table {table}.{near(table, columns)}")
    found = []
    for name, described in columns.items():
        if table not in (None, name):
            continue
        file = files.get(name)
        contract = tables().get(name.removeprefix("raw.")) if name.startswith("raw.") else None
        found.append(
            {
                "table": name,
                "description": file.description if file else told.get(name, ""),
                "kind": "check" if file and file.is_check else "sql" if file else "input",
                "grain": list(file.grain) if file else list(contract.key) if contract else [],
                "reads": sorted(file.reads) if file else [],
                "columns": [
                    {"name": c, "description": d, "type": contract[c].kind.duckdb if contract and c in contract.names else None,
                     "required": bool(contract and c in contract.names and contract[c].required),
                     "allowed": list(contract[c].among) if contract and c in contract.names else []}
                    for c, d in described.items()
                ],
            }
        )  # fmt: skip
    return found


def to_markdown(found: Sequence[Mapping[str, Any]]) -> str:
    """The dictionary as Markdown; several tables begin with a list of them."""
    lines: list[str] = []
    if len(found) > 1:
        lines += ["## Tables", "", "| table | what it is |", "| --- | --- |"]
        lines += [f"| {entry['table']} | {entry['description'].partition('. ')[0].rstrip('.')}. |" for entry in found if entry["kind"] != "check"]
        lines.append("")
    for entry in found:
        lines += [f"## {entry['table']}", "", entry["description"], ""]
        if entry["grain"]:
            lines += [f"One row per {', '.join(entry['grain'])}.", ""]
        if entry["reads"]:
            lines += [f"Made from {', '.join(entry['reads'])}.", ""]
        lines += ["| column | meaning |", "| --- | --- |"]
        for column in entry["columns"]:
            extra = " Required." if column["required"] else ""
            extra += f" One of {', '.join(column['allowed'])}." if column["allowed"] else ""
            lines.append(f"| {column['name']} | {column['description']}{extra} |")
        lines.append("")
    return "\n".join(lines).rstrip()
