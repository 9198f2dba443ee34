"""Parts are filled beside the reading of the next files.

DuckDB plans and runs a statement without holding Python's lock, so on two cores the files of a company are read while those
before them are shaped. What fills one part runs in the order in which it was handed over: lines of large files follow
from the order of rows.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from types import TracebackType
from typing import Self

import duckdb

Fill = Callable[[duckdb.DuckDBPyConnection], None]


class Filling:
    """What was handed over and may still run. As a context it waits for the end and raises the first error in the order of handing over."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, threads: int = 2) -> None:
        self._connection = connection
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="fill")
        self._last: dict[str, Future[None]] = {}
        self._all: list[Future[None]] = []

    def add(self, part: str, fill: Fill) -> None:
        """Run `fill` on a connection of its own, after what was added for the same part."""
        before = self._last.get(part)

        def run() -> None:
            if before:
                before.result()
            with closing(self._connection.cursor()) as connection:
                fill(connection)

        self._last[part] = self._pool.submit(run)
        self._all.append(self._last[part])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown(wait=True, cancel_futures=error is not None)
        if error is None:
            for done in self._all:
                done.result()
