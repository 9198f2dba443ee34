"""Whether everything a refresh needs is in order, a line each."""

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.api.auth import RotatingRefresh
from connectors.api.client import origin
from connectors.api.consent import way_of
from connectors.api.errors import ApiError
from connectors.api.nouns import fill
from connectors.api.waiting import Clock
from connectors.reading import Refused
from pipelines.connecting import Probe as Trial
from pipelines.connecting import tried
from pipelines.deliveries import kept, waiting
from pipelines.errors import PlumblineError
from pipelines.fetch import Connection, Fetched, connection, history
from pipelines.lock import Busy, workspace_lock
from pipelines.publish import Tampered, published
from pipelines.settings import FILE
from pipelines.workspace import Workspace

FREE_BYTES = 2 << 30
REACH = 3.0
"""Seconds in which a server must take a connection: a refresh has more patience, somebody who looks has not."""


@dataclass(frozen=True)
class Probe:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str


def examine(folder: Path, offline: bool = False, clock: Clock = Clock()) -> list[Probe]:  # noqa: B008 - frozen
    """Every probe of a workspace; one that fails does not stop the others. With `offline` no connected system is asked."""
    found = [probe(name, folder, look) for name, look in PROBES]
    if not (folder / FILE).is_file() or not all(one.ok for one in found if one.name == "Settings"):
        return found
    workspace = Workspace(folder)
    return [*found, *(one for name, given in workspace.settings.sources.items() if given.connector for one in connected(workspace, name, offline, clock))]


def connected(workspace: Workspace, name: str, offline: bool, clock: Clock) -> Iterator[Probe]:
    """The probes of one connected source: its secrets, its token, its server, and each stream with its permission, its last read and how far that reached."""
    try:
        one = connection(workspace, name)
        secrets = [option.name for option in one.connector.options if option.secret and one.options[option.name]]
        yield Probe(f"{name}: secrets", True, f"{', '.join(secrets)} given" if secrets else "none is needed")
        if way := way_of(one.connector.auth):
            yield probe(f"{name}: token", workspace.folder, lambda _: token(one, way, clock.now()))
    except (PlumblineError, ApiError) as error:
        yield Probe(f"{name}: secrets", False, str(error))
        return
    host = fill(one.connector.base, one.options)
    answered: dict[str, Trial] = {}
    if offline:
        yield Probe(f"{name}: server", True, "not asked, since --offline was given")
    elif problem := unreachable(host):
        yield Probe(f"{name}: server", False, f"{problem}. The network may be off; with --offline no system is asked")
    else:
        answered = {trial.name: trial for trial in tried(workspace, name, clock)}
        yield from (Probe(f"{name}: {trial.name}", trial.ok, trial.detail) for trial in answered.values() if trial.name in ("credentials", "clock"))
    reads = history(workspace.folder, name)
    for stream in one.streams:
        trial = answered.get(stream.name)
        said = [trial.detail if trial else "", last_read([read for read in reads if read.stream == stream.name], clock.now())]
        yield Probe(f"{name}: {stream.name}", trial is None or trial.ok, "; ".join(filter(None, said)))


def token(one: Connection, way: RotatingRefresh, now: datetime) -> str:
    """How old the kept refresh token is. Raises BadOptions where others may read it, and ValueError where there is none and one is needed."""
    kept = one.store.read()
    if since := kept.get("since"):
        return f"a refresh token of {since[:10]}, {days(since, now)}"
    if kept.get("refresh_token") or one.options.get("refresh_token"):
        return "a refresh token is there"
    if isinstance(one.connector.auth, RotatingRefresh):
        raise ValueError(f"there is no refresh token. Run `plumbline connect auth {one.name} --sign-in`")
    return "none is kept: another way of signing in is used"


def unreachable(base: str) -> str:
    """Why a server can't be reached, in words; empty where it can."""
    _, host, port = origin(base)
    try:
        socket.create_connection((host, port), REACH).close()
    except socket.gaierror:
        return f"the name {host} is not known here"
    except OSError as error:
        return f"{host} can't be reached ({error.strerror or 'no answer'})"
    return ""


def last_read(reads: Sequence[Fetched], now: datetime) -> str:
    """When a stream was last read, with how many records, and how far it reaches."""
    if not reads:
        return "never read yet"
    newest = reads[-1]
    text = f"last read {newest.delivery.received_at[:10]}, {days(newest.delivery.received_at, now)}, {newest.report.get('rows', 0):,} records"
    cursor = str(newest.state.get("cursor") or "")
    try:
        return f"{text}; changes up to {datetime.fromisoformat(cursor):%Y-%m-%d %H:%M} UTC, {days(cursor, now)}" if cursor else text
    except ValueError:
        return f"{text}; goes on from the server's own mark"


def days(moment: str, now: datetime) -> str:
    count = (now - datetime.fromisoformat(moment)).days
    return f"{count} days ago" if count > 1 else "yesterday" if count == 1 else "today"


def probe(name: str, folder: Path, look: Callable[[Path], str]) -> Probe:
    try:
        return Probe(name, True, look(folder))
    except (PlumblineError, ApiError, Busy, Tampered, OSError, ValueError, Refused) as error:
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
