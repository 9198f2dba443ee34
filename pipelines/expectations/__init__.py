"""great-expectations compiled from the contracts, run on what was built, knowing nothing of how the ingest judged rows.

`suites` says what must hold, `run` proves it on an open connection, `worker` does so in a process of its own, importing
great-expectations (seconds) while the refresh is still building. `dialect` is how great-expectations reaches DuckDB.

All a caller needs is `worker.start_worker()` when it starts and `Worker.result(...)` when what it built is closed.
"""
