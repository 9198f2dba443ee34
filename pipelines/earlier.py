"""The newest published month before the one refreshed: what it held is laid beside what is known now.

Without it nobody could tell «the world changed» from «we changed the mapping», nor a new finding from an old one. Which
version a month was held against is part of what it is made of: of its run id, of its manifest, and of the record of its closing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines import audit, close
from pipelines.casting import quoted
from pipelines.deliveries import Delivery
from pipelines.errors import DataRejected
from pipelines.publish import RUNS, WAREHOUSE, months, published

FINDING = "finding_id, kind, subject, finding_state, condition, money_amount, reference_amount, first_seen_month, last_changed_month"


@dataclass(frozen=True)
class Earlier:
    """A version of an earlier month: `state` is closed or published, `run` its folder's name, the hashes say what it is."""

    month: str
    state: str
    run: str
    run_id: str
    table_hash: str
    newest_delivery_id: str

    def facts(self) -> dict[str, str]:
        """As manifests and records of closing keep it."""
        return asdict(self)

    def inputs(self) -> str:
        """What goes into the id of a run that is held against it. The folder's number does not: it counts attempts."""
        return f"earlier {self.month} {self.state} {self.run_id} {self.table_hash}"


def earlier_month(folder: Path, month: str, record: Mapping[str, Any] | None, as_known_on: date | None, deliveries: Sequence[Delivery]) -> Earlier | None:
    """The newest published month before `month`, closed or open; of a month closed on `record` the version it was held against.

    `deliveries` are those that count. Where the refresh is as known on a day, a version made of anything received later is none.
    """
    if record:
        return Earlier(**record["earlier"]) if record.get("earlier") else None
    received = {delivery.delivery_id for delivery in deliveries}
    for before in reversed([m for m in months(folder) if m < month]):
        found = version(folder, before)
        if found and not (as_known_on and set(found["deliveries"]) - received):
            return Earlier(before, found["state"], found["run"], found["run_id"], found["table_hash"], max(found["deliveries"], default=""))
    return None


def version(folder: Path, month: str) -> Mapping[str, Any] | None:
    """What a month was closed on, else what is published of it."""
    if record := close.closed(folder, month):
        return {**record, "state": "closed"}
    run = published(folder, month)
    return {**run.manifest, "state": "published", "run": run.folder.name} if run else None


def bring(connection: duckdb.DuckDBPyConnection, folder: Path, month: str, earlier: Earlier | None, compared_with: Mapping[str, int]) -> None:
    """Fill audit.earlier_month, earlier_line (of the month right before only), earlier_finding, and closing.

    `compared_with` gives the closed months before, with the version of each. Raises DataRejected where the version is gone.
    """
    first = [(f"{m}-01", next(record["at"] for record in close.versions(folder, m) if record["action"] == "close")[:10]) for m in compared_with]
    audit.write(connection, "audit.closing", first)
    if earlier is None:
        return
    warehouse = folder / RUNS / earlier.month / earlier.run / WAREHOUSE
    if not warehouse.is_file():
        kind = "The closed version" if earlier.state == "closed" else f"The version that {month} was held against"
        raise DataRejected(f"{kind} of {earlier.month} is gone: {warehouse}. Restore it from a backup.")
    connection.execute(f"attach {quoted(str(warehouse))} as earlier (read_only)")
    known = {row[0] for row in connection.execute("select column_name from duckdb_columns() where database_name = 'earlier' and schema_name = 'marts' and table_name = 'finding'").fetchall()}
    has_findings = set(FINDING.split(", ")) <= known
    audit.write(connection, "audit.earlier_month", [(f"{earlier.month}-01", earlier.state, earlier.run_id[:12], earlier.newest_delivery_id, has_findings)])
    connection.execute(
        """insert into audit.earlier_line
        select ledger_id, spend_line_id, capability_id, priority_id, tool_id, vendor_id, gl_account, share, billed_amount, original_amount, original_currency, fx_rate,
            source, delivery_id, source_file, source_row
        from earlier.core.ledger where month = ? and month = cast(? as date) - interval 1 month
        order by ledger_id""",
        [f"{earlier.month}-01", f"{month}-01"],
    )
    if has_findings:
        connection.execute(f"insert into audit.earlier_finding select {FINDING} from earlier.marts.finding order by finding_id")
    connection.execute("detach earlier")

