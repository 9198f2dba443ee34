"""One run at a time: refused at once, with the holder's name; free as soon as the holder is gone, however it went."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.lock import LOCK_FILE, Busy, workspace_lock

ROOT = Path(__file__).resolve().parents[1]
HOLDER = """
import sys
from pathlib import Path
from pipelines.lock import workspace_lock
with workspace_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_by_another_process(workspace: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLDER, str(workspace)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout.readline() == b"held\n"
            yield holder
        finally:
            holder.kill()


def test_a_second_run_is_refused_and_told_who_holds_the_workspace(tmp_path: Path) -> None:
    with held_by_another_process(tmp_path) as holder:
        for _ in range(2):  # the refused one must not wipe the holder's name
            with pytest.raises(Busy) as busy, workspace_lock(tmp_path):
                pass
            assert busy.value.pid == holder.pid
            assert busy.value.since.tzinfo is not None
            assert busy.value.exit_code == 8
            for said in (str(holder.pid), f"{busy.value.since:%Y-%m-%d %H:%M:%S}", str(tmp_path), "try again"):
                assert said in str(busy.value)


def test_free_at_once_after_kill_9_of_the_holder(tmp_path: Path) -> None:
    with held_by_another_process(tmp_path) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with workspace_lock(tmp_path), pytest.raises(Busy) as busy, workspace_lock(tmp_path):
            pass
        assert busy.value.pid == os.getpid()


def test_free_after_the_block_even_if_it_raised(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), workspace_lock(tmp_path):
        raise RuntimeError
    with workspace_lock(tmp_path):
        pass


def test_a_child_process_does_not_keep_the_lock(tmp_path: Path) -> None:
    with workspace_lock(tmp_path):
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    try:
        with workspace_lock(tmp_path):
            pass
    finally:
        child.communicate()


@pytest.mark.parametrize("signature", [b"", b"{", b"[]", b'{"pid": "x"}', b'{"pid": 1}', b"\xff"])
def test_a_holder_that_has_not_signed_yet(tmp_path: Path, signature: bytes) -> None:
    with workspace_lock(tmp_path):
        (tmp_path / LOCK_FILE).write_bytes(signature)
        with pytest.raises(Busy) as busy, workspace_lock(tmp_path):
            pass
    assert (busy.value.pid, busy.value.since) == (None, None)
    assert "only just started" in str(busy.value)


def test_two_workspaces_do_not_meet(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with workspace_lock(tmp_path / "a"), workspace_lock(tmp_path / "b"):
        pass


def test_the_lock_file_is_private_and_never_the_database(tmp_path: Path) -> None:
    with workspace_lock(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == [LOCK_FILE]
        assert (tmp_path / LOCK_FILE).stat().st_mode & 0o077 == 0


def test_the_message_for_a_person() -> None:
    text = str(Busy(Path("acme"), 4711, datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)))
    assert text == (
        "another run is at work in acme (process 4711, started 2026-02-03 04:05:06 UTC). Nothing was changed. "
        "Wait for it to end, or stop it with «kill 4711» (a stopped run leaves nothing half done), then try again."
    )
