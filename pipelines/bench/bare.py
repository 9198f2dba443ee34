"""The bare script to compare with: the same CSV, the same SQL, the same layers, nothing else.

It is one SQL text for DuckDB. It types the CSV by DuckDB's own reader and trusts it: no proof, no quarantine, no
books of the ingest, no checks, no hashes.
"""

from pathlib import Path

import dbt_like_sql
from models import PROVENANCE, Kind, Table, tables
from pipelines.bench.company import HEADER, MONTH
from pipelines.casting import quoted
from pipelines.currencies import currencies
from pipelines.settings import THRESHOLDS


def script(workspace: Path, spend: Path) -> str:
    """The whole script, to be run in an empty database."""
    statements = ["create schema parts", "create schema raw", "create schema settings", "create schema audit"]
    for table in tables().values():
        path = spend if table.name == "spend_line" else workspace / table.home / table.file_name
        statements += part(table, path)
    given = {name: columns for name, columns in dbt_like_sql.inputs().items() if not name.startswith("raw.")}
    for name, columns in given.items():
        statements.append(f"create table {name} ({', '.join(f'{c.name} {c.kind.duckdb}' for c in columns)})")
    statements.append(f"insert into settings.run values ('{MONTH}-01', 'EUR', 1, null, null)")
    statements.append(f"insert into settings.currency values {', '.join(f'({quoted(code)}, {digits})' for code, digits in currencies())}")
    statements.append(f"insert into settings.threshold values {', '.join(f'({quoted(name)}, {value})' for name, value in THRESHOLDS.items())}")
    files = [file for file in dbt_like_sql.read().values() if not file.is_check]
    statements += [f"create schema if not exists {schema}" for schema in sorted({file.name.partition(".")[0] for file in files})]
    statements += [f"create {'view' if file.materialized == 'view' else 'table'} {file.name} as {file.sql}" for file in files]
    return ";\n".join([*statements, "checkpoint"]) + ";\n"


def part(table: Table, path: Path) -> list[str]:
    """The part and the raw view of one contract; without a file, an empty one."""
    header = HEADER if table.name == "spend_line" else tuple(path.read_text(encoding="utf-8").partition("\n")[0].split(",")) if path.is_file() else ()
    columns = ", ".join(f"'{name}': '{table[name].kind.duckdb}'" for name in header)
    missing = "".join(f', null::{c.kind.duckdb} as "{c.name}"' for c in table.columns if c.name not in header)
    if header:
        source = f"select {', '.join(header)}{missing} from read_csv({quoted(str(path))}, columns = {{{columns}}}, header = true, auto_detect = false)"
    else:
        source = f"select {missing.lstrip(', ')} where false"
    where = ", ".join(f"'{table.name}' as {c.name}" if c.kind is Kind.TEXT else f"rowid + 2 as {c.name}" for c in PROVENANCE)
    own = ", ".join(f'"{name}"' for name in table.names)
    return [f'create table parts."{table.name}" as {source}', f'create view raw.{table.name} as select {own}, {where} from parts."{table.name}"']
