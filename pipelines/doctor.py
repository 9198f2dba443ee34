"""Whether everything a refresh needs is in order, a line each."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.reading import Refused
from pipelines.deliveries import kept, waiting
from pipelines.errors import PlumblineError
from pipelines.lock import Busy, workspace_lock
from pipelines.publish import Tampered, published
from pipelines.workspace import Workspace

FREE_BYTES = 2 << 30


@dataclass(frozen=True)
class Probe:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str


def examine(folder: Path) -> list[Probe]:
    """Every probe of a workspace; one that fails does not stop the others."""
    return [probe(name, folder, look) for name, look in PROBES]


def probe(name: str, folder: Path, look: Callable[[Path], str]) -> Probe:
    try:
        return Probe(name, True, look(folder))
    except (PlumblineError, Busy, Tampered, OSError, ValueError, Refused) as error:
        return Probe(name, False, str(error))


def python(_: Path) -> str:
    return sys.version.split()[0]


def xml(_: Path) -> str:
    from openpyxl import DEFUSEDXML

    if not DEFUSEDXML:
        raise ValueError("defusedxml is not installed: workbooks could exhaust memory. Install from the lock file.")
    return "workbooks are read with defusedxml"


def disk(folder: Path) -> str:
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        raise ValueError(f"only {free >> 20} MB are free; a refresh keeps originals and builds a new warehouse")
    return f"{free >> 30} GB free"


def settings(folder: Path) -> str:
    loaded = Workspace(folder).settings
    return f"{loaded.name}, {loaded.currency}, {len(loaded.sources)} sources declared"


def profiles(folder: Path) -> str:
    return f"{len(Workspace(folder).profiles)} profiles"


def lock(folder: Path) -> str:
    with workspace_lock(folder):
        return "no other run"


def deliveries(folder: Path) -> str:
    found = kept(folder)
    missing = [d for d in found if not d.is_absent and not d.duplicate_of and not d.path(folder).is_file()]
    if missing:
        raise ValueError(f"the kept original of {missing[0].file} ({missing[0].delivery_id}) is gone. Restore deliveries/ from a backup.")
    return f"{len(found)} kept"


def exports(folder: Path) -> str:
    return f"{sum(1 for _ in waiting(Workspace(folder)))} files to read"


def warehouse(folder: Path) -> str:
    run = published(folder)
    return f"{run.manifest['month']} is published" if run else "nothing is published yet"


def clock(folder: Path) -> str:
    newest = max((datetime.fromisoformat(d.received_at) for d in kept(folder)), default=None)
    if newest and newest > datetime.now(UTC):
        raise ValueError(f"the clock stands before the newest delivery ({newest:%Y-%m-%d %H:%M} UTC). Set it right.")
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def permissions(folder: Path) -> str:
    if not os.access(folder, os.W_OK):
        raise ValueError(f"{folder} can't be written")
    return "the folder can be written"


PROBES: tuple[tuple[str, Callable[[Path], str]], ...] = (
    ("Python", python), ("XML", xml), ("Disk", disk), ("Folder", permissions), ("Settings", settings), ("Profiles", profiles), ("Lock", lock),
    ("Deliveries", deliveries), ("Exports", exports), ("Published", warehouse), ("Clock", clock),
)  # fmt: skip
