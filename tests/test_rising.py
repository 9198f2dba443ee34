"""A server that reaches back further than it is asked, as a live Redmine was seen to: «since 12:00:05» gave rows of 12:00:04, enough to fill a page."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from api_reader import Reader
from fake_server import NOON, FakeServer, Turned, serving


class ReachingBack(FakeServer):
    def since(self, manner: Mapping[str, Any] | None, query: Mapping[str, str]) -> datetime | None:
        found = super().since(manner, query)
        return found - timedelta(seconds=1) if found else None


@pytest.mark.parametrize("apart", [0, 40, 130, 200, 900])
@pytest.mark.parametrize("name", ["redmine", "quickbooks"])
def test_rows_of_one_second_that_fill_pages_are_all_read(name: str, apart: int, tmp_path: Path) -> None:
    with serving(ReachingBack(name, Turned())) as server:
        read = Reader(name, server, tmp_path)
        stream = read.connector.streams[0].name
        server.put(stream, 23, start=NOON - timedelta(hours=1), apart=timedelta(milliseconds=apart))
        read.read(stream)
        assert read.revisions(stream) == read.truth(stream)
        server.time.turn(3600)
        server.touch(stream, 7)
        read.read(stream)
        assert read.revisions(stream) == read.truth(stream)
