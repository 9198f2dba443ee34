"""`make bench`: prints what a refresh costs on this machine. Medians of runs that take turns; nothing here passes or fails."""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Ran:
    """What a process and its children took: seconds, peak megabytes, and the second at which it told of each step."""

    seconds: float
    megabytes: float
    steps: Mapping[str, float]

    def between(self, first: str, last: str) -> float:
        """The seconds from one step to another; none where it told of no steps."""
        return self.steps.get(last, 0.0) - self.steps.get(first, 0.0)


def run(command: Sequence[str]) -> Ran:
    """Run a process to its end."""
    before = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    told = [(line.strip(), time.perf_counter() - before) for line in child.stderr or ()]
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - before
    if os.waitstatus_to_exitcode(status) not in (0, 6):
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}: {' '.join(line for line, _ in told)}")
    return Ran(seconds, usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10), dict(told))


def refresh(workspace: Path, month: str) -> Ran:
    """One refresh in a new process, nothing published before."""
    for name in ("runs", "current", "deliveries"):
        path = workspace / name
        path.unlink() if path.is_symlink() else shutil.rmtree(path, ignore_errors=True)
    return run([sys.executable, "-m", "plumbline", "refresh", "-C", str(workspace), "--month", month])


def bare(folder: Path, spend: Path, sql: Path) -> Ran:
    """The bare script in a new process."""
    database = folder / "bare.duckdb"
    database.unlink(missing_ok=True)
    return run([sys.executable, "-c", BARE, str(database), str(sql), str(spend), str(folder / "kept.csv")])


def medians(turns: int, *measured: Callable[[], Ran]) -> list[Ran]:
    """The run of median seconds of each, with the largest peak of all its runs; they take turns."""
    results = [[m() for m in measured] for _ in range(turns)]
    return [replace(sorted(runs, key=lambda r: r.seconds)[(turns - 1) // 2], megabytes=max(r.megabytes for r in runs)) for runs in zip(*results, strict=True)]


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
    ours, theirs = medians(turns, lambda: refresh(workspace, MONTH), lambda: bare(folder, spend, sql))
    run_ = published(workspace, MONTH)
    assert run_
    with duckdb.connect(str(run_.warehouse), read_only=True) as connection:
        readers = connection.execute("select reader, sum(record_count) from audit.delivery where source = 'erp' group by 1").fetchall()
    told = f"refresh {ours.seconds:.2f} s, {ours.megabytes:.0f} MB; bare script {theirs.seconds:.2f} s, {theirs.megabytes:.0f} MB"
    print(f"{lines:>9,}    {told}; (refresh - fixed) / bare = {(ours.seconds - fixed) / theirs.seconds:.2f}; reader {readers}")
    strict = next(iter(open_tables(spend)))
    before = time.perf_counter()
    count = sum(1 for _ in strict.records())
    seconds = time.perf_counter() - before
    before = time.perf_counter()
    prove(spend, strict.layout)
    print(f"             strict reader {count / seconds:,.0f} rows/s; proof {time.perf_counter() - before:.2f} s")
    shutil.rmtree(workspace)
    return ours.seconds - fixed


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
        (empty,) = medians(given.turns, lambda: refresh(folder / "empty", MONTH))
        print(f"fixed cost   {empty.seconds:.2f} s, {empty.megabytes:.0f} MB (an empty workspace, new process)")
        write_sample(folder / "sample")
        (sample,) = medians(given.turns, lambda: refresh(folder / "sample", SAMPLE_MONTH))
        told = f"{sample.seconds - sample.between('report', 'publish'):.2f} s without the writing of the report"
        print(f"sample       {sample.seconds:.2f} s, {sample.megabytes:.0f} MB (the sample company, new process); {told}")
        small = scale(folder, given.lines, given.turns, empty.seconds)
        if given.big:
            big = scale(folder, given.big, 1, empty.seconds)
            print(f"             {given.big / given.lines:.0f} times the lines take {big / small:.1f} times as long")


if __name__ == "__main__":
    main()
