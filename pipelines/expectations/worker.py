"""The rules proved in a process of its own.

Importing great-expectations takes seconds and 200 MB. So a refresh starts this process first of all, builds its
warehouse meanwhile, and asks for the verdict when the warehouse is built and closed. What the child and its libraries
print goes to a file that only an error message quotes.

Request, one line of JSON on standard input: warehouse, grains, row_counts, settings. Answer, one line on standard
output: {"results": [...]} or {"failed": text}. No request, because the refresh failed before: the child ends without
a word.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import duckdb

import models
from pipelines.expectations.run import CheckResult, import_great_expectations, run

PROJECT = Path(__file__).resolve().parents[2]
"""The folder in which the four packages lie."""


class Unproved(Exception):
    """The rules could not be run at all; what was built must not be published."""

    exit_code = 70


class Worker:
    """A child process that holds great-expectations ready. Use it in a `with` block, or `close` it."""

    def __init__(self, process: subprocess.Popen[bytes], noise: IO[bytes]) -> None:
        self._process = process
        self._noise = noise
        self._last_words = ""

    def result(
        self,
        warehouse: Path,
        grains: Mapping[str, tuple[str, ...]],
        row_counts: Mapping[str, int] | None = None,
        settings: Mapping[str, str | int] | None = None,
        timeout: float | None = None,
    ) -> list[CheckResult]:
        """Prove every contract of `models` and every grain, as `run.run` says, on the DuckDB file at `warehouse`.

        No process may hold the file open for writing. `settings` are DuckDB's, such as `memory_limit`; `timeout` is in
        seconds, counted from now. The worker has ended when this returns, so it answers once. Raises Unproved.
        """
        request = {"warehouse": str(warehouse), "grains": grains, "row_counts": row_counts, "settings": settings or {}}
        try:
            answer, _ = self._process.communicate(json.dumps(request).encode() + b"\n", timeout=timeout)
        except subprocess.TimeoutExpired:
            raise Unproved(f"the checks of {warehouse} did not end within {timeout:g} seconds") from None
        finally:
            self.close()
        try:
            told = json.loads(answer)
        except ValueError:
            ended = f"the process that checks {warehouse} ended with exit code {self._process.returncode}"
            raise Unproved(f"{ended} and without an answer: {self._last_words}") from None
        if "failed" in told:
            raise Unproved(f"{warehouse} could not be checked: {told['failed']}")
        return [CheckResult(**{**result, "sample": tuple(result["sample"])}) for result in told["results"]]

    def close(self) -> None:
        """End the child if it has not ended. Harmless to repeat."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe and not pipe.closed:
                pipe.close()
        if not self._noise.closed:
            self._noise.seek(0)
            self._last_words = self._noise.read().decode(errors="replace").strip()[-400:] or "it said nothing"
            self._noise.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def start_worker() -> Worker:
    """Start the child, which begins to import great-expectations at once; returns without waiting for it."""
    # -P: the folder a user happens to stand in may hold a `models` of its own. GX_: so may the environment hold
    # settings of the user's own great-expectations, a cloud token among them.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GX_")}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
    noise = tempfile.TemporaryFile()  # noqa: SIM115  The worker closes it.
    command = [sys.executable, "-P", "-m", "pipelines.expectations.worker"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=noise, env=environment)
    return Worker(process, noise)


def main() -> None:
    # The process lives for one answer: collecting garbage costs it a quarter of its time and gives nothing back.
    gc.disable()
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # In a thread, so that a request with nothing for great-expectations to prove does not wait for it.
    threading.Thread(target=import_behind, daemon=True).start()
    if line := sys.stdin.readline():
        json.dump(_answer(json.loads(line)), answer)
        answer.write("\n")
        answer.flush()
    # Not sys.exit: tearing down what great-expectations imported takes longer than the answer's way to the refresh.
    os._exit(0)


def import_behind() -> None:
    """Import great-expectations with what the machine has to spare: the refresh that it will be needed by is still reading files."""
    if sys.platform == "linux":  # There a thread has a priority of its own; elsewhere this would be that of the whole process.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
    import_great_expectations()


def _answer(request: Mapping[str, Any]) -> dict[str, Any]:
    grains = {name: tuple(grain) for name, grain in request["grains"].items()}
    try:
        with closing(duckdb.connect(request["warehouse"], read_only=True, config=request["settings"])) as connection:
            found = run(connection, models.tables(), grains, request["row_counts"])
    except duckdb.Error as error:
        return {"failed": str(error)}
    return {"results": [asdict(result) for result in found]}


if __name__ == "__main__":
    main()
