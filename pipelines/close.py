"""Closing a month: from then on it is built from exactly what it was closed on, and must come out the same."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import DataRejected, UsageError
from pipelines.fingerprint import Fingerprint
from pipelines.publish import published

FOLDER = "closes"


def versions(folder: Path, month: str) -> list[dict[str, Any]]:
    """Every closing and reopening of a month, oldest first."""
    return [json.loads(p.read_text(encoding="utf-8")) for p in sorted((folder / FOLDER / month).glob("*.json"))]


def closed(folder: Path, month: str) -> dict[str, Any] | None:
    """What a month was closed on, or None where it is open."""
    last = next(reversed(versions(folder, month)), None)
    return last if last and last["action"] == "close" else None


def closed_months(folder: Path) -> list[str]:
    """The months that are closed now."""
    return sorted(p.name for p in (folder / FOLDER).glob("[0-9]*-[0-9]*") if closed(folder, p.name))


def close_month(folder: Path, month: str, accept_missing: Mapping[str, str] | None = None, now: datetime | None = None) -> dict[str, Any]:
    """Close a published month. `accept_missing` gives the sources that may be missing, each with the reason.

    Raises UsageError where it is not published or closed already, DataRejected where it is incomplete or holds
    money without an exchange rate.
    """
    accepted = dict(accept_missing or {})
    if closed(folder, month):
        raise UsageError(f"{month} is closed already. `plumbline reopen {month} --reason ...` opens it.")
    run = published(folder, month)
    if run is None:
        raise UsageError(f"{month} is not published yet. Run `plumbline refresh --month {month}` first.")
    missing = [line for line in run.manifest["incomplete"] if line.partition(":")[0] not in accepted]
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
    facts = {key: run.manifest[key] for key in ("run_id", "table_hash", "tables", "program", "duckdb", "deliveries", "as_known_on")}
    return write(folder, month, {"action": "close", "run": run.folder.name, "accepted_missing": accepted, **facts}, now)


def reopen_month(folder: Path, month: str, reason: str, now: datetime | None = None) -> dict[str, Any]:
    """Open a closed month again; the closed version stays. Raises UsageError where it is not closed."""
    if not closed(folder, month):
        raise UsageError(f"{month} is not closed.")
    return write(folder, month, {"action": "reopen", "reason": reason}, now)


def write(folder: Path, month: str, facts: dict[str, Any], now: datetime | None) -> dict[str, Any]:
    """Append a numbered record; a number that is taken is an error, never an overwrite."""
    number = len(versions(folder, month)) + 1
    record = {"version": number, "month": month, "at": (now or datetime.now(UTC)).isoformat(timespec="seconds"), **facts}
    path = folder / FOLDER / month / f"{number:04d}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        json.dump(record, file, indent=1, sort_keys=True, ensure_ascii=False)
    return record


def must_agree(record: Mapping[str, Any] | None, prints: Fingerprint, program: str) -> None:
    """Raise DataRejected where a closed month came out otherwise than it was closed."""
    if record is None or record["table_hash"] == prints.total:
        return
    names = ", ".join(sorted(name for name in {*record["tables"], *prints.tables} if record["tables"].get(name) != prints.tables.get(name)))
    cause = "" if record["program"] == program else f" The program changed since: {record['program']} then, {program} now."
    raise DataRejected(
        f"{record['month']} is closed, and rebuilding it from what it was closed on gives other tables: {names}.{cause} The closed month stays. "
        f"To take the new result: plumbline reopen {record['month']} --reason ..."
    )


def late_postings(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """audit.late_posting: lines of closed months that were added, removed or changed since, with both amounts."""
    (refreshed,) = connection.execute("select strftime(month, '%Y-%m') from settings.run").fetchone() or ("",)
    for month in closed_months(folder):
        record = closed(folder, month)
        warehouse = folder / "runs" / month / str((record or {})["run"]) / "warehouse.duckdb"
        if month >= refreshed or not warehouse.is_file():
            continue
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


class Unset(dict[str, str]):
    """Stands in for every secret: a rebuild needs none, and must not fail for want of one."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return f"${{{name}}}"


def no_secrets() -> Mapping[str, str]:
    """Variables for reading kept settings: each stays as it is written."""
    return Unset()
