"""Run folders, and how one of them becomes what everybody reads.

    runs/2026-02/.building-5b1f0c2a9d3e/  being built; nobody reads it, the next run removes it if its builder died
    runs/2026-02/0003-5b1f0c2a9d3e/       published: warehouse.duckdb (0444), manifest.json, what else the run wrote
    runs/2026-02/current -> 0003-...      the newest published run of the month
    current -> runs/2026-02/0003-...      the newest month's

The rename from `.building-` to a numbered name is the commit: everything before it can be thrown away, everything
after it only points there and is finished by `recover` at the next run. Each step is followed by the fsync that makes
it survive a power cut, because DuckDB never fsyncs its folder (simulated power cuts: 46 of 147 lost an acknowledged
version without these calls, none of 147 with them).

Writers here (`recover`, `new_run_folder`, `publish`, `prune`) must hold the workspace lock. Readers need none.
"""

import fcntl
import json
import os
import re
import shutil
import signal
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUNS = "runs"
CURRENT = "current"
WAREHOUSE = "warehouse.duckdb"
MANIFEST = "manifest.json"
BUILDING = ".building-"
REMOVING = ".removing-"

PUBLISH_STEPS = ("publish:begun", "publish:synced", "publish:renamed", "publish:month_current", "publish:current")

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_RUN = re.compile(r"(\d{4,})-([0-9a-f]{12})")


class Tampered(Exception):
    """What is published is not what was published: a stray .wal beside it, or a part of it missing."""

    exit_code = 3


@dataclass(frozen=True)
class Run:
    """One published run: its real folder (symlinks resolved), month as YYYY-MM, its warehouse file, its manifest."""

    folder: Path
    month: str
    warehouse: Path
    manifest: Mapping[str, Any]


def crash_point(name: str) -> None:
    """Kill this process at once, as a power switch would, if the environment variable PLUMBLINE_CRASH_AT is `name`.

    The fault tests use it to stop a run between any two steps. Nothing is flushed and no handler runs.
    """
    if os.environ.get("PLUMBLINE_CRASH_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)


def new_run_folder(workspace: Path, month: str, run_id: str) -> Path:
    """An empty folder to build a run of `month` (YYYY-MM) in; `run_id` is the hexadecimal hash of the run's inputs.

    Leftovers of dead runs are removed first, an interrupted publish is finished. Raises ValueError on a malformed
    month or run_id.
    """
    if not re.fullmatch(r"[0-9a-f]{12,}", run_id):
        raise ValueError(f"a run id is a hexadecimal hash of 12 digits or more, not {run_id!r}")
    folder = _month_folder(workspace, month) / f"{BUILDING}{run_id[:12]}"
    recover(workspace)
    for parent in (folder.parent.parent, folder.parent):
        parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700)
    return folder


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write `manifest` as JSON with sorted keys, so that equal manifests are equal bytes, and fsync it."""
    with (folder / MANIFEST).open("w", encoding="utf-8") as file:
        json.dump(manifest, file, sort_keys=True, indent=2, ensure_ascii=False)
        file.write("\n")
        file.flush()
        _sync(file.fileno())


def publish(workspace: Path, month: str, building: Path) -> Path:
    """Make the run built in `building` the published one of `month`; return its final folder.

    The caller has written the manifest and closed the warehouse (CHECKPOINT, then close): reading a DuckDB file that
    this process still has open would drop its lock. The workspace's `current` moves only forward in months, so
    rebuilding an older month leaves it alone.

    On an error the last version stands, unless the month's `current` had already been swapped: then the new version,
    which is complete, stands and the next run's `recover` finishes. Raises Tampered if a .wal lies beside the
    warehouse, FileNotFoundError if a part is missing.
    """
    folder = _month_folder(workspace, month)
    refuse_wal(building / WAREHOUSE)
    for part in (WAREHOUSE, MANIFEST):
        if not (building / part).is_file():
            raise FileNotFoundError(f"{building} cannot be published: {part} is not there")
    crash_point("publish:begun")
    (building / WAREHOUSE).chmod(0o444)
    _sync_tree(building)
    crash_point("publish:synced")

    final = folder / f"{_next_ordinal(folder):04d}-{building.name.removeprefix(BUILDING)}"
    os.rename(building, final)
    try:
        for parent in (folder, folder.parent, workspace):
            _sync_path(parent)
        crash_point("publish:renamed")
        _point(folder / CURRENT, Path(final.name))
    except OSError:
        if not _points(folder / CURRENT, Path(final.name)):
            with suppress(OSError):
                os.rename(final, building)
        raise
    crash_point("publish:month_current")
    if month == months(workspace)[-1]:
        _point(workspace / CURRENT, final.relative_to(workspace))
    crash_point("publish:current")
    return final


def published(workspace: Path, month: str | None = None) -> Run | None:
    """What readers see: the newest published run of the workspace, or of `month`; None when there is none.

    The symlink is followed once, here: everything read through the returned Run is of one version, whatever is
    published meanwhile. Raises Tampered if that version is not whole or a .wal lies beside its warehouse (a forged
    one would change what every reader sees).
    """
    link = workspace / CURRENT if month is None else _month_folder(workspace, month) / CURRENT
    if not link.is_symlink():
        return None
    folder = Path(os.path.realpath(link))
    warehouse = folder / WAREHOUSE
    refuse_wal(warehouse)
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise Tampered(f"{link} points to {folder}, whose {MANIFEST} is unreadable ({error}). Refresh again.") from None
    if not warehouse.is_file():
        raise Tampered(f"{link} points to {folder}, but {WAREHOUSE} is not there. Refresh again.")
    return Run(folder, folder.parent.name, warehouse, manifest)


def months(workspace: Path) -> list[str]:
    """The months that have a published run, oldest first, as YYYY-MM."""
    return sorted(folder.name for folder in _month_folders(workspace) if (folder / CURRENT).is_symlink())


def versions(workspace: Path, month: str) -> list[Path]:
    """The run folders of `month`, oldest first; the last one is, or at the next run becomes, the month's current."""
    folder = _month_folder(workspace, month)
    runs = [path for path in folder.iterdir() if _RUN.fullmatch(path.name)] if folder.is_dir() else []
    return sorted(runs, key=_ordinal)


def recover(workspace: Path) -> None:
    """Undo or finish what dead runs left: half-built and half-removed folders go, each `current` points to its newest.

    Does nothing in a workspace at rest. A `current` deleted by hand comes back.
    """
    for folder in _month_folders(workspace):
        for leftover in (*folder.glob(f"{BUILDING}*"), *folder.glob(f"{REMOVING}*")):
            shutil.rmtree(leftover)
        if runs := versions(workspace, folder.name):
            if not _points(folder / CURRENT, Path(runs[-1].name)):
                _point(folder / CURRENT, Path(runs[-1].name))
        else:
            (folder / CURRENT).unlink(missing_ok=True)
    if known := months(workspace):
        newest = versions(workspace, known[-1])[-1].relative_to(workspace)
        if not _points(workspace / CURRENT, newest):
            _point(workspace / CURRENT, newest)


def prune(workspace: Path, keep: int, closed: Collection[Path]) -> list[Path]:
    """Remove all but the newest `keep` runs of each month; return the folders removed. Not while a run is being built.

    Never removed: a run in `closed`, a month's current one, and what `current` points to. Raises ValueError if `keep`
    is below 1.
    """
    if keep < 1:
        raise ValueError(f"prune keeps at least one run of each month, not {keep}")
    recover(workspace)
    spared = {Path(os.path.realpath(path)) for path in closed}
    spared |= {run.folder for month in [None, *months(workspace)] if (run := published(workspace, month))}
    removed = []
    for month in months(workspace):
        for run in versions(workspace, month)[:-keep]:
            if Path(os.path.realpath(run)) not in spared:
                doomed = run.with_name(f"{REMOVING}{run.name}")
                os.rename(run, doomed)
                shutil.rmtree(doomed)
                removed.append(run)
    return removed


def _month_folder(workspace: Path, month: str) -> Path:
    if not _MONTH.fullmatch(month):
        raise ValueError(f"a month is written YYYY-MM, not {month!r}")
    return workspace / RUNS / month


def _month_folders(workspace: Path) -> list[Path]:
    runs = workspace / RUNS
    return [path for path in runs.iterdir() if _MONTH.fullmatch(path.name)] if runs.is_dir() else []


def _ordinal(run: Path) -> int:
    return int(run.name.partition("-")[0])


def _next_ordinal(folder: Path) -> int:
    return 1 + max((_ordinal(run) for run in versions(folder.parent.parent, folder.name)), default=0)


def refuse_wal(warehouse: Path) -> None:
    wal = warehouse.with_name(f"{warehouse.name}.wal")
    if wal.exists() or wal.is_symlink():
        raise Tampered(
            f"{wal} lies beside a finished warehouse. DuckDB would replay it and change what is read. "
            "A finished warehouse never has one: find out who wrote it, move it away, and refresh the month again."
        )


def _point(link: Path, target: Path) -> None:
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    os.symlink(target, fresh)
    os.replace(fresh, link)
    _sync_path(link.parent)


def _points(link: Path, target: Path) -> bool:
    return link.is_symlink() and os.readlink(link) == str(target)


def _sync_tree(folder: Path) -> None:
    for parent, _, files in os.walk(folder, topdown=False):
        for name in files:
            _sync_path(Path(parent, name))
        _sync_path(Path(parent))


def _sync_path(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        _sync(handle)
    finally:
        os.close(handle)


def _sync(handle: int) -> None:
    os.fsync(handle)
    if hasattr(fcntl, "F_FULLFSYNC"):  # macOS: fsync() stops at the drive's own cache
        with suppress(OSError):
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
