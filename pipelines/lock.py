"""One run at a time in a workspace.

The authority is flock() on a file of our own. Never on the DuckDB file: DuckDB holds POSIX record locks there, and
any other open and close of that file in the writing process drops them (measured: a second writer got in and a
committed row was lost).

The `filelock` library was weighed: it gives the lock, but not who holds it and since when, which is all that a person
at the prompt needs.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

LOCK_FILE = ".plumbline.lock"


class Busy(Exception):
    """Another run holds the workspace.

    `pid` is its process id and `since` its start in UTC; both are None in the instant between its taking the lock and
    its signing the file.
    """

    exit_code = 8

    def __init__(self, workspace: Path, pid: int | None, since: datetime | None) -> None:
        self.pid = pid
        self.since = since
        who = f"process {pid}, started {since:%Y-%m-%d %H:%M:%S} UTC" if pid and since else "it has only just started"
        stop = f"kill {pid}" if pid else "kill PID"
        super().__init__(
            f"another run is at work in {workspace} ({who}). Nothing was changed. "
            f"Wait for it to end, or stop it with «{stop}» (a stopped run leaves nothing half done), then try again."
        )


@contextmanager
def workspace_lock(workspace: Path) -> Iterator[None]:
    """Hold `workspace` for this process until the block ends; never waits.

    The kernel frees the lock when the holder dies, even by kill -9. The file stays: removing it would let two runs
    hold two different files of one name. A child started by exec does not inherit the lock; a bare os.fork() would,
    and would keep it beyond its parent's death.

    Raises Busy when another run (also one of this same process) holds it, FileNotFoundError when the workspace is not
    there.
    """
    handle = os.open(workspace / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(workspace, *_holder(handle)) from None
        _sign(handle, {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")})
        yield
    finally:
        os.close(handle)


def _sign(handle: int, holder: dict[str, int | str]) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(holder).encode(), 0)


def _holder(handle: int) -> tuple[int | None, datetime | None]:
    with suppress(ValueError, KeyError, TypeError):
        holder = json.loads(os.pread(handle, 4096, 0))
        return int(holder["pid"]), datetime.fromisoformat(holder["since"])
    return None, None
