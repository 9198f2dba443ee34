"""Closing a month: from then on it is built from exactly what it was closed on, and must come out the same."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.deliveries import sync
from pipelines.errors import DataRejected, UsageError
from pipelines.fingerprint import Fingerprint
from pipelines.lock import workspace_lock
from pipelines.publish import RUNS, WAREHOUSE, published
from pipelines.recognition import near
from pipelines.workspace import Workspace

FOLDER = "closes"


def versions(folder: Path, month: str) -> list[dict[str, Any]]:
    """Every closing and reopening of a month, oldest first."""
    return [json.loads(p.read_text(encoding="utf-8")) for p in sorted((folder / FOLDER / month).glob("[0-9]*.json"))]


def closed(folder: Path, month: str) -> dict[str, Any] | None:
    """What a month was closed on, or None where it is open."""
    last = next(reversed(versions(folder, month)), None)
    return last if last and last["action"] == "close" else None


def closed_months(folder: Path) -> list[str]:
    """The months that are closed now."""
    return sorted(p.name for p in (folder / FOLDER).glob("[0-9]*-[0-9]*") if closed(folder, p.name))


def closed_runs(folder: Path) -> list[Path]:
    """The run folders of every version that was ever closed, and of those that these were held against; they are never removed."""
    months = [p.name for p in (folder / FOLDER).glob("[0-9]*-[0-9]*")]
    records = [(month, record) for month in months for record in versions(folder, month) if record["action"] == "close"]
    held_against = [record["earlier"] for _, record in records if record.get("earlier")]
    return [folder / RUNS / month / record["run"] for month, record in records] + [folder / RUNS / earlier["month"] / earlier["run"] for earlier in held_against]


def close_month(folder: Path, month: str, accept_missing: Mapping[str, str] | None = None, now: datetime | None = None) -> dict[str, Any]:
    """Close a published month. `accept_missing` gives the sources that may be missing, each with the reason.

    Raises UsageError where it is not published or closed already, or a source that is to be accepted is not missing;
    DataRejected where it is incomplete or holds money without an exchange rate; Busy while a refresh runs.
    """
    with writing(folder):
        return write(folder, month, closing_facts(folder, month, dict(accept_missing or {})), now)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the workspace's lock. Raises ConfigError where the folder is no workspace."""
    Workspace(folder).require()
    with workspace_lock(folder):
        yield


def closing_facts(folder: Path, month: str, accepted: Mapping[str, str]) -> dict[str, Any]:
    """What the record of a closing holds, once nothing speaks against it."""
    if closed(folder, month):
        raise UsageError(f"{month} is closed already. `plumbline reopen {month} --reason ...` opens it.")
    run = published(folder, month)
    if run is None:
        raise UsageError(f"{month} is not published yet. Run `plumbline refresh --month {month}` first.")
    lacking = {line: line.partition(":")[0] for line in run.manifest["incomplete"]}
    for source in accepted:
        if source not in lacking.values():
            raise UsageError(f"{source} is not missing in {month}.{near(source, lacking.values())}")
    missing = [line for line, source in lacking.items() if source not in accepted]
    if missing:
        listed = "\n".join(f"  {line}" for line in missing)
        raise DataRejected(f"{month} is incomplete and stays open:\n{listed}\nDeliver what is missing, or accept it: --accept-missing SOURCE --reason ...")
    with duckdb.connect(str(run.warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select original_currency, count(*) from core.spend_line where billed_amount is null group by all order by all"
        ).fetchall()
    if rows:
        listed = ", ".join(f"{count} lines in {currency}" for currency, count in rows)
        raise DataRejected(f"{month} stays open: no exchange rate for {listed}. Add the rates to strategy/fx_rates.csv and refresh again.")
    facts = {key: run.manifest[key] for key in ("run_id", "table_hash", "tables", "program", "duckdb", "deliveries", "compared_with")}
    return {"action": "close", "run": run.folder.name, "accepted_missing": accepted, "earlier": run.manifest.get("earlier"), **facts}


def reopen_month(folder: Path, month: str, reason: str, now: datetime | None = None) -> dict[str, Any]:
    """Open a closed month again; the closed version stays. Raises UsageError where it is not closed."""
    with writing(folder):
        if not closed(folder, month):
            raise UsageError(f"{month} is not closed.")
        return write(folder, month, {"action": "reopen", "reason": reason}, now)


def write(folder: Path, month: str, facts: dict[str, Any], now: datetime | None) -> dict[str, Any]:
    """Append a numbered record, whole or not at all; the caller holds the workspace's lock."""
    number = len(versions(folder, month)) + 1
    record = {"version": number, "month": month, "at": (now or datetime.now(UTC)).isoformat(timespec="seconds"), **facts}
    path = folder / FOLDER / month / f"{number:04d}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}")
    with aside.open("w", encoding="utf-8") as file:
        json.dump(record, file, indent=1, sort_keys=True, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
    sync(path.parent)
    return record


def must_agree(record: Mapping[str, Any] | None, prints: Fingerprint, program: str) -> None:
    """Raise DataRejected where a closed month came out otherwise than it was closed."""
    if record is None or record["table_hash"] == prints.total:
        return
    names = differing(record["tables"], prints.tables)
    cause = "" if record["program"] == program else f" The program changed since: {record['program']} then, {program} now."
    raise DataRejected(
        f"{record['month']} is closed, and rebuilding it from what it was closed on gives other tables: {names}.{cause} The closed month stays. "
        f"To take the new result: plumbline reopen {record['month']} --reason ..."
    )


def differing(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """The names of tables whose hashes are not the same."""
    return ", ".join(sorted(name for name in {*before, *now} if before.get(name) != now.get(name)))


def comparable(folder: Path, month: str, record: Mapping[str, Any] | None) -> dict[str, int]:
    """The closed months before a month, with the version of each; of a month closed on `record` those that it was compared with."""
    return dict(record["compared_with"]) if record else {m: found["version"] for m in closed_months(folder) if m < month and (found := closed(folder, m))}


def late_postings(connection: duckdb.DuckDBPyConnection, folder: Path, compared_with: Mapping[str, int]) -> None:
    """audit.late_posting: lines of closed months that were added, removed or changed since, with both amounts.

    Raises DataRejected where a closed version is gone.
    """
    for month, version in compared_with.items():
        warehouse = folder / RUNS / month / str(versions(folder, month)[version - 1]["run"]) / WAREHOUSE
        if not warehouse.is_file():
            raise DataRejected(f"The closed version of {month} is gone: {warehouse}. Restore it from a backup.")
        connection.execute(f"attach '{str(warehouse).replace(chr(39), chr(39) * 2)}' as closed (read_only)")
        connection.execute(
            """insert into audit.late_posting
            select coalesce(now.month, was.month), coalesce(now.spend_line_id, was.spend_line_id),
                case when was.spend_line_id is null then 'added' when now.spend_line_id is null then 'removed' else 'changed' end,
                was.billed_amount, now.billed_amount, coalesce(now.source_file, was.source_file), coalesce(now.source_row, was.source_row)
            from (select * from core.spend_line where month = ?) as now
            full join (select * from closed.core.spend_line where month = ?) as was using (spend_line_id)
            where was.billed_amount is distinct from now.billed_amount
            order by all""",
            [f"{month}-01", f"{month}-01"],
        )
        connection.execute("detach closed")
