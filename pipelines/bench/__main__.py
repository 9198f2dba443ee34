"""`make bench`: prints what a refresh costs on this machine. Medians of runs that take turns; nothing here passes or fails."""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import duckdb

from connectors.reading import open_tables, prove
from pipelines.bench.bare import script
from pipelines.bench.company import MONTH, write_company
from pipelines.publish import published
from pipelines.sample import MONTH as SAMPLE_MONTH
from pipelines.sample import write_sample
from pipelines.workspace import init_workspace

BARE = """
import duckdb, shutil, sys
from pipelines.functions import register
shutil.copyfile(sys.argv[3], sys.argv[4])
with duckdb.connect(sys.argv[1]) as connection:
    register(connection)
    connection.execute(open(sys.argv[2]).read())
"""


def run(command: Sequence[str]) -> tuple[float, float]:
    """Seconds and peak megabytes of a process and its children."""
    before = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - before
    if os.waitstatus_to_exitcode(status) not in (0, 6):
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}: {child.stderr.read() if child.stderr else ''}")
    return seconds, usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def refresh(workspace: Path, month: str) -> tuple[float, float]:
    """One refresh in a new process, nothing published before."""
    for name in ("runs", "current", "deliveries"):
        path = workspace / name
        path.unlink() if path.is_symlink() else shutil.rmtree(path, ignore_errors=True)
    return run([sys.executable, "-m", "plumbline", "refresh", "-C", str(workspace), "--month", month])


def bare(folder: Path, spend: Path, sql: Path) -> tuple[float, float]:
    """The bare script in a new process."""
    database = folder / "bare.duckdb"
    database.unlink(missing_ok=True)
    return run([sys.executable, "-c", BARE, str(database), str(sql), str(spend), str(folder / "kept.csv")])


def medians(turns: int, *measured: Callable[[], tuple[float, float]]) -> list[tuple[float, float]]:
    """The median seconds and the largest peak of each, run in turns."""
    results = [[m() for m in measured] for _ in range(turns)]
    return [(statistics.median(s for s, _ in column), max(p for _, p in column)) for column in zip(*results, strict=True)]


def machine() -> None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    print(f"machine      {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.release()}")
    print(f"versions     Python {platform.python_version()}, " + ", ".join(f"{p} {version(p)}" for p in ("plumbline", "duckdb", "dagster", "great-expectations", "pandas", "sqlglot")))


def scale(folder: Path, lines: int, turns: int, fixed: float) -> float:
    """Refresh and bare script on so many lines; the seconds of the refresh without its fixed cost."""
    workspace = folder / f"company-{lines}"
    spend = write_company(workspace, lines)
    sql = folder / f"bare-{lines}.sql"
    sql.write_text(script(workspace, spend), encoding="utf-8")
    (ours, peak), (theirs, their_peak) = medians(turns, lambda: refresh(workspace, MONTH), lambda: bare(folder, spend, sql))
    run_ = published(workspace, MONTH)
    assert run_
    with duckdb.connect(str(run_.warehouse), read_only=True) as connection:
        readers = connection.execute("select reader, sum(record_count) from audit.delivery where source = 'erp' group by 1").fetchall()
    print(f"{lines:>9,}    refresh {ours:.2f} s, {peak:.0f} MB; bare script {theirs:.2f} s, {their_peak:.0f} MB; (refresh - fixed) / bare = {(ours - fixed) / theirs:.2f}; reader {readers}")
    strict = next(iter(open_tables(spend)))
    before = time.perf_counter()
    count = sum(1 for _ in strict.records())
    seconds = time.perf_counter() - before
    before = time.perf_counter()
    prove(spend, strict.layout)
    print(f"             strict reader {count / seconds:,.0f} rows/s; proof {time.perf_counter() - before:.2f} s")
    shutil.rmtree(workspace)
    return ours - fixed


def main() -> None:
    parser = argparse.ArgumentParser(description="What a refresh costs on this machine.")
    parser.add_argument("--lines", type=int, default=1_000_000, help="spend lines of the comparison")
    parser.add_argument("--big", type=int, default=0, help="another size, such as 10000000")
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    machine()
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as name:
        folder = Path(name)
        init_workspace(folder / "empty", "Empty", "EUR")
        ((fixed, peak),) = medians(given.turns, lambda: refresh(folder / "empty", MONTH))
        print(f"fixed cost   {fixed:.2f} s, {peak:.0f} MB (an empty workspace, new process)")
        write_sample(folder / "sample")
        ((sample, peak),) = medians(given.turns, lambda: refresh(folder / "sample", SAMPLE_MONTH))
        print(f"sample       {sample:.2f} s, {peak:.0f} MB (the sample company, new process)")
        small = scale(folder, given.lines, given.turns, fixed)
        if given.big:
            big = scale(folder, given.big, 1, fixed)
            print(f"             {given.big / given.lines:.0f} times the lines take {big / small:.1f} times as long")


if __name__ == "__main__":
    main()
