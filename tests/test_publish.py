"""All or nothing: whatever is killed or fails, readers see the old version or the new, and the next run goes well."""

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from pipelines import publish as publishing
from pipelines.publish import (
    MANIFEST,
    PUBLISH_STEPS,
    WAREHOUSE,
    Tampered,
    months,
    new_run_folder,
    prune,
    publish,
    published,
    recover,
    versions,
    write_manifest,
)

ROOT = Path(__file__).resolve().parents[1]
FIRST, SECOND, THIRD = ("a" * 64, "b" * 64, "c" * 64)
CHILD = """
import sys
from pathlib import Path
from tests.test_publish import refresh
refresh(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
"""


def build(workspace: Path, month: str, run_id: str) -> Path:
    folder = new_run_folder(workspace, month, run_id)
    with duckdb.connect(folder / WAREHOUSE) as connection:
        connection.execute("CREATE TABLE run AS SELECT ? AS run_id", [run_id])
        connection.execute("CHECKPOINT")
    write_manifest(folder, {"run_id": run_id, "month": month})
    return folder


def refresh(workspace: Path, month: str, run_id: str) -> Path:
    return publish(workspace, month, build(workspace, month, run_id))


def seen(workspace: Path, month: str | None = None) -> str | None:
    """The run a reader sees, after checking that manifest, warehouse and folder are of one and the same run."""
    run = published(workspace, month)
    if run is None:
        return None
    with duckdb.connect(run.warehouse, read_only=True) as connection:
        inside = connection.execute("FROM run").fetchone()
    assert inside == (run.manifest["run_id"],)
    assert run.month == run.manifest["month"]
    assert run.folder.name.endswith(f"-{run.manifest['run_id'][:12]}")
    return run.manifest["run_id"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_nothing_published_yet(tmp_path: Path) -> None:
    assert published(tmp_path) is None
    assert published(tmp_path, "2026-01") is None
    assert months(tmp_path) == []
    assert versions(tmp_path, "2026-01") == []
    recover(tmp_path)
    assert names(tmp_path) == []


def test_the_layout_of_a_published_run(tmp_path: Path) -> None:
    folder = refresh(tmp_path, "2026-01", FIRST)
    assert folder == tmp_path / "runs" / "2026-01" / "0001-aaaaaaaaaaaa"
    assert names(folder) == [MANIFEST, WAREHOUSE]
    assert stat.S_IMODE((folder / WAREHOUSE).stat().st_mode) == 0o444
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert os.readlink(tmp_path / "current") == "runs/2026-01/0001-aaaaaaaaaaaa"
    assert os.readlink(tmp_path / "runs" / "2026-01" / "current") == "0001-aaaaaaaaaaaa"
    assert names(tmp_path) == ["current", "runs"]
    assert names(folder.parent) == ["0001-aaaaaaaaaaaa", "current"]


def test_a_moved_workspace_still_reads(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    refresh(tmp_path / "here", "2026-01", FIRST)
    (tmp_path / "here").rename(tmp_path / "there")
    assert seen(tmp_path / "there") == FIRST


def test_versions_are_numbered_and_kept(tmp_path: Path) -> None:
    runs = [refresh(tmp_path, "2026-01", run_id) for run_id in (FIRST, SECOND, FIRST)]
    assert [run.name for run in runs] == ["0001-aaaaaaaaaaaa", "0002-bbbbbbbbbbbb", "0003-aaaaaaaaaaaa"]
    assert versions(tmp_path, "2026-01") == runs
    assert published(tmp_path).folder == runs[-1]


def test_current_moves_only_forward_in_months(tmp_path: Path) -> None:
    refresh(tmp_path, "2026-02", FIRST)
    refresh(tmp_path, "2026-01", SECOND)
    assert (seen(tmp_path), seen(tmp_path, "2026-01"), seen(tmp_path, "2026-02")) == (FIRST, SECOND, FIRST)
    refresh(tmp_path, "2026-03", THIRD)
    assert seen(tmp_path) == THIRD
    assert months(tmp_path) == ["2026-01", "2026-02", "2026-03"]


def test_equal_manifests_are_equal_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    write_manifest(tmp_path / "a", {"z": 1, "a": {"y": "é", "b": [1]}})
    write_manifest(tmp_path / "b", {"a": {"b": [1], "y": "é"}, "z": 1})
    assert (tmp_path / "a" / MANIFEST).read_bytes() == (tmp_path / "b" / MANIFEST).read_bytes()
    assert json.loads((tmp_path / "a" / MANIFEST).read_bytes()) == {"z": 1, "a": {"y": "é", "b": [1]}}


def test_an_open_reader_keeps_its_version(tmp_path: Path) -> None:
    refresh(tmp_path, "2026-01", FIRST)
    run = published(tmp_path)
    with duckdb.connect(run.warehouse, read_only=True) as reader:
        refresh(tmp_path, "2026-01", SECOND)
        assert reader.execute("FROM run").fetchone() == (FIRST,)
    assert seen(tmp_path) == SECOND


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "26-01", "../2026-01", "2026-01/x", "", "2026-01\n"])
def test_a_month_is_written_one_way(tmp_path: Path, month: str) -> None:
    for ask in (lambda: published(tmp_path, month), lambda: new_run_folder(tmp_path, month, FIRST)):
        with pytest.raises(ValueError, match="YYYY-MM"):
            ask()


@pytest.mark.parametrize("run_id", ["", "abc", "A" * 64, "../../../../etc", "a" * 11 + "/"])
def test_a_run_id_is_a_hash(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        new_run_folder(tmp_path, "2026-01", run_id)
    assert names(tmp_path) == []


def test_a_wal_is_never_published(tmp_path: Path) -> None:
    refresh(tmp_path, "2026-01", FIRST)
    building = build(tmp_path, "2026-01", SECOND)
    (building / f"{WAREHOUSE}.wal").write_bytes(b"x")
    with pytest.raises(Tampered, match="wal"):
        publish(tmp_path, "2026-01", building)
    assert seen(tmp_path) == FIRST


@pytest.mark.parametrize("part", [WAREHOUSE, MANIFEST])
def test_an_incomplete_run_is_never_published(tmp_path: Path, part: str) -> None:
    building = build(tmp_path, "2026-01", FIRST)
    (building / part).unlink()
    with pytest.raises(FileNotFoundError, match=part):
        publish(tmp_path, "2026-01", building)
    assert published(tmp_path) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / f"{WAREHOUSE}.wal").write_bytes(b"forged"),
        lambda folder: (folder / f"{WAREHOUSE}.wal").symlink_to("nowhere"),
        lambda folder: (folder / WAREHOUSE).unlink(),
        lambda folder: (folder / MANIFEST).unlink(),
        lambda folder: (folder / MANIFEST).write_text("{"),
        lambda folder: folder.rename(folder.with_name("gone")),
    ],
    ids=["wal", "wal link", "no warehouse", "no manifest", "broken manifest", "no folder"],
)
def test_readers_refuse_what_was_changed_after_publishing(tmp_path: Path, damage) -> None:
    damage(refresh(tmp_path, "2026-01", FIRST))
    with pytest.raises(Tampered, match=r"[Rr]efresh") as refused:
        published(tmp_path)
    assert refused.value.exit_code == 3


@pytest.mark.parametrize(
    ("step", "same_month", "new_month"),
    [
        ("publish:begun", (FIRST, FIRST), (FIRST, FIRST)),
        ("publish:synced", (FIRST, FIRST), (FIRST, FIRST)),
        ("publish:renamed", (FIRST, SECOND), (FIRST, SECOND)),
        ("publish:month_current", (FIRST, SECOND), (FIRST, SECOND)),
        ("publish:current", (SECOND, SECOND), (SECOND, SECOND)),
    ],
)
def test_killed_at_a_step(tmp_path: Path, step: str, same_month: tuple[str, str], new_month: tuple[str, str]) -> None:
    """What readers of `current` see after the kill, and once the next run has begun."""
    for month, (after_the_kill, at_the_next_run) in (("2026-01", same_month), ("2026-02", new_month)):
        workspace = tmp_path / month
        workspace.mkdir()
        refresh(workspace, "2026-01", FIRST)
        child = subprocess.run(
            [sys.executable, "-c", CHILD, str(workspace), month, SECOND],
            cwd=ROOT,
            env=os.environ | {"PLUMBLINE_CRASH_AT": step},
        )
        assert child.returncode == -signal.SIGKILL
        assert seen(workspace) == after_the_kill
        assert seen(workspace, "2026-01") in (FIRST, SECOND)
        recover(workspace)
        assert seen(workspace) == at_the_next_run
        assert not list(workspace.rglob(".*"))
        refresh(workspace, month, THIRD)
        assert seen(workspace) == seen(workspace, month) == THIRD


def test_every_step_of_publish_is_killed_above() -> None:
    [killed] = test_killed_at_a_step.pytestmark
    assert tuple(case[0] for case in killed.args[1]) == PUBLISH_STEPS


class NthCallFails:
    """Let os.fsync, os.replace and os.rename fail with «no space left» at the n-th call to any of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, nth: int) -> None:
        self.left = nth
        for name in ("fsync", "replace", "rename"):
            monkeypatch.setattr(os, name, self.failing(getattr(os, name)))

    def failing(self, call):
        def wrapper(*arguments):
            self.left -= 1
            if self.left == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return call(*arguments)

        return wrapper


@pytest.mark.parametrize("month", ["2026-01", "2026-02"])
def test_the_nth_call_fails_until_none_does(tmp_path: Path, month: str) -> None:
    """Old until the month's symlink is swapped, whole always, and the run after it publishes as if nothing had been."""
    outcomes = []
    for nth in range(1, 100):
        workspace = tmp_path / str(nth)
        workspace.mkdir()
        refresh(workspace, "2026-01", FIRST)
        building = build(workspace, month, SECOND)
        with pytest.MonkeyPatch.context() as monkeypatch, suppress(OSError):
            fault = NthCallFails(monkeypatch, nth)
            publish(workspace, month, building)
        outcomes.append((seen(workspace), seen(workspace, month)))
        assert outcomes[-1][1] == SECOND or building.is_dir()
        refresh(workspace, month, THIRD)
        assert seen(workspace) == seen(workspace, month) == THIRD
        if fault.left > 0:
            break
    old = (FIRST, FIRST if month == "2026-01" else None)
    assert outcomes[:8] == [old] * 8  # fsync of 2 files, 1 folder; rename; fsync of 3 folders; the swap
    assert set(outcomes) <= {old, (FIRST, SECOND), (SECOND, SECOND)}
    assert outcomes[-1] == (SECOND, SECOND)


def test_a_dead_builders_folder_is_removed_by_the_next_run(tmp_path: Path) -> None:
    dead = build(tmp_path, "2026-01", FIRST)
    (dead / WAREHOUSE).chmod(0o444)
    alive = new_run_folder(tmp_path, "2026-02", SECOND)
    assert not dead.exists()
    assert alive.is_dir()
    assert months(tmp_path) == []


def test_a_current_deleted_by_hand_comes_back(tmp_path: Path) -> None:
    refresh(tmp_path, "2026-01", FIRST)
    refresh(tmp_path, "2026-02", SECOND)
    for link in tmp_path.rglob("current"):
        link.unlink()
    recover(tmp_path)
    assert (seen(tmp_path), seen(tmp_path, "2026-01")) == (SECOND, FIRST)


def test_a_run_deleted_by_hand_is_forgotten(tmp_path: Path) -> None:
    refresh(tmp_path, "2026-01", FIRST)
    for path in (gone := refresh(tmp_path, "2026-02", SECOND)).iterdir():
        path.unlink()
    gone.rmdir()
    recover(tmp_path)
    assert (seen(tmp_path), months(tmp_path)) == (FIRST, ["2026-01"])


def test_recover_changes_nothing_at_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refresh(tmp_path, "2026-01", FIRST)
    monkeypatch.setattr(publishing, "_point", lambda *_: pytest.fail("pointed again"))
    recover(tmp_path)


def test_prune_keeps_the_newest_the_closed_and_the_current(tmp_path: Path) -> None:
    january = [refresh(tmp_path, "2026-01", run_id) for run_id in (FIRST, SECOND, THIRD, FIRST)]
    february = [refresh(tmp_path, "2026-02", run_id) for run_id in (FIRST, SECOND)]
    removed = prune(tmp_path, 1, [january[1]])
    assert removed == [january[0], january[2], february[0]]
    assert versions(tmp_path, "2026-01") == [january[1], january[3]]
    assert versions(tmp_path, "2026-02") == [february[1]]
    assert (seen(tmp_path), seen(tmp_path, "2026-01")) == (SECOND, FIRST)
    assert refresh(tmp_path, "2026-01", THIRD).name == "0005-cccccccccccc"


def test_a_closed_version_named_through_a_symlink_is_closed(tmp_path: Path) -> None:
    runs = [refresh(tmp_path, "2026-01", run_id) for run_id in (FIRST, SECOND, THIRD)]
    (tmp_path / "closed").symlink_to(runs[0])
    assert prune(tmp_path, 1, [tmp_path / "closed"]) == [runs[1]]


def test_prune_never_empties_a_month(tmp_path: Path) -> None:
    refresh(tmp_path, "2026-01", FIRST)
    with pytest.raises(ValueError, match="at least one"):
        prune(tmp_path, 0, [])
