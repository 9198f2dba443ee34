"""What the tests of the report share: what it says of itself, and a warehouse in which every name is hostile."""

import shutil
from pathlib import Path

import duckdb

from pipelines.report.page import Facts

FACTS = Facts("Tarnbeck Pumps", "2026-10", "0123456789abcdef", ())
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\" onclick=\"alert(1)",
    "' onfocus='alert(1)",
    "<!-- --><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "</style></details></table><iframe src=//x>",
    "=HYPERLINK(\"http://x\")",
    "]]>&#60;b&#62;\u202e\u0000",
]


def hostile(sample_warehouse: Path, folder: Path, strings: list[str]) -> duckdb.DuckDBPyConnection:
    """The sample's warehouse with hostile texts in the place of every name in a figure and in the rows behind."""
    copy = folder / "hostile.duckdb"
    shutil.copyfile(sample_warehouse, copy)
    connection = duckdb.connect(str(copy))
    connection.execute("create table strings as select unnest(?) as text, unnest(range(?)) as place", [strings, len(strings)])
    for schema, table, column in connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where data_type = 'VARCHAR' and column_name <> 'table_name' and schema_name in ('report', 'core') and regexp_matches(column_name, "
        "'(_name|_name_raw|^subject|detail|reason|kpis|^unit|hole)$') and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables())"
    ).fetchall():  # fmt: skip
        connection.execute(
            f'update {schema}.{table} as t set "{column}" = s.text from strings as s where t."{column}" is not null and s.place = (t.rowid + length(t."{column}")) % {len(strings)}'
        )
    return connection
