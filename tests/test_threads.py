"""The same month is the same at any number of threads, checks included."""

import pytest

from pipelines.refresh import Refreshed, refresh


@pytest.mark.parametrize("threads", ["1", "8"])
def test_threads_change_nothing(sample: Refreshed, monkeypatch: pytest.MonkeyPatch, threads: str) -> None:
    """A refresh that came out otherwise than the published one of the same inputs would be an error."""
    monkeypatch.setenv("PLUMBLINE_THREADS", threads)
    again = refresh(sample.folder.parents[2], sample.month)
    assert (again.is_unchanged, again.table_hash) == (True, sample.table_hash)
