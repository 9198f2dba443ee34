"""A closed month of a connected system: data that change there later do not change it, and are shown as late postings in the open month."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from fake_server import FakeServer, Row, Turned, serving
from small import company, without_expectations  # noqa: F401 - a fixture

from pipelines.basis import basis_of
from pipelines.close import close_month
from pipelines.deliveries import kept
from pipelines.fetch import fetch
from pipelines.refresh import Refreshed, refresh
from pipelines.workspace import Workspace

pytestmark = pytest.mark.usefixtures("without_expectations")
OWN = """
from dataclasses import replace
from connectors.api import Key, Option
from connectors.systems.ramp import RAMP

CARDS = replace(RAMP, name="cards", base="{url}/developer/v1", auth=Key("Authorization", "Bearer {key}"), options=(Option("url", "Address."), Option("key", "Key.", secret=True)))
"""
DAYS = {1: "2026-01-10", 2: "2026-01-20", 3: "2026-02-03", 4: "2026-01-31"}


class Cards(FakeServer):
    """Card transactions of January and February, whose amounts grow by ten with each change."""

    def value(self, manner: Mapping[str, Any], row: Row) -> tuple[Row, str, Any]:
        row, key, record = super().value(manner, row)
        day = DAYS[row.n]
        return row, key, {**record, "currency_code": "EUR", "amount": row.n * 100 + row.rev * 10, "user_transaction_time": f"{day}T10:00:00", "settlement_date": f"{day}T00:00:00"}


def ask(result: Refreshed, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(result.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_late_data_of_a_system_stand_beside_the_closed_month(tmp_path: Path) -> None:
    with serving(Cards("ramp", Turned())) as server:
        server.put("transactions", 3)
        options = {"url": server.address, "key": "${CARDS_KEY}"}
        files = {".env": "CARDS_KEY=CANARY-ramp-access\n", "extensions/connectors/cards.py": OWN}
        folder = company(tmp_path / "w", files, f"sources: {json.dumps({'cards': {'connector': 'cards', 'options': options}})}\n")
        (folder / ".env").chmod(0o600)
        january = refresh(folder, "2026-01")
        close_month(folder, "2026-01")
        before = {one.delivery_id for one in kept(folder)}

        server.touch("transactions", 1)
        server.put("transactions", 1, start=server.time.at, apart=timedelta(0))
        asked = len(server.seen)
        assert fetch(Workspace(folder), "2026-01", None) == []
        assert len(server.seen) == asked
        february = refresh(folder, "2026-02")
        assert len(server.seen) > asked
    # What a refresh of January is made of is what it was closed on, and not what came since; that this gives the same is shown for files.
    assert {one.delivery_id for one in basis_of(folder, "2026-01", None).deliveries} == before
    assert {one.delivery_id for one in kept(folder)} > before
    late = "select closed_month::varchar, change, closed_amount::double, current_amount::double from audit.late_posting order by 2"
    assert ask(february, late) == [("2026-01-01", "added", None, 410.0), ("2026-01-01", "changed", 110.0, 120.0)]
    by_month = "select month::varchar, sum(original_amount)::double from staging.spend_line group by 1 order by 1"
    assert ask(january, by_month) == [("2026-01-01", 320.0), ("2026-02-01", 310.0)]
    assert ask(february, by_month) == [("2026-01-01", 740.0), ("2026-02-01", 310.0)]
