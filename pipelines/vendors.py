"""Which vendor a spelling means: asked once a refresh, between the ingest and the SQL."""

import duckdb

from connectors.resolution import resolve
from pipelines import audit

SPELLED = (
    ("vendor", "name"), ("contract", "vendor_name"), ("tool", "vendor_name"), ("licence", "vendor_name"), ("spend_line", "vendor_name"),
    ("vendor_alias", "alias"), ("vendor_alias", "vendor_name"), ("exclusion", "subject"), ("mapping", "subject"),
)  # fmt: skip
"""The columns of raw tables that spell vendors; `staging.vendor_name` reads the same ones."""
OF_A_VENDOR = frozenset({"exclusion", "mapping"})


def match_vendors(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill settings.vendor_match and settings.vendor_candidate from the spellings in the raw tables."""
    parts = " union ".join(
        f"select {column} from raw.{table}" + (" where subject_kind = 'vendor'" if table in OF_A_VENDOR else "") for table, column in SPELLED
    )
    names = [name for (name,) in connection.execute(f"select name from ({parts}) as spelled(name) where trim(name) <> '' order by 1").fetchall()]
    found = resolve(names)
    audit.write(
        connection, "settings.vendor_match",
        [(m.name, m.vendor_key, m.method, m.confidence, m.evidence, m.maker, m.issuer, m.parent) for m in found.matches],
    )  # fmt: skip
    audit.write(
        connection, "settings.vendor_candidate", [(c.left_key, c.right_key, c.method, c.confidence, c.evidence) for c in found.candidates]
    )
