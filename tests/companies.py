"""Workspaces for tests: files dropped under exports/, a refresh, and what its warehouse then says."""

import shutil
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from recount import Count

from pipelines.refresh import Refreshed
from pipelines.workspace import init_workspace


def workspace(tmp_path: Path, currency: str, exports: Mapping[str, Iterable[Path]], settings: str = "") -> Path:
    """A workspace with copies of files under exports/<source>/."""
    folder = tmp_path / "company"
    init_workspace(folder, name="Real", currency=currency)
    for source, paths in exports.items():
        target = folder / "exports" / source
        target.mkdir(parents=True)
        for path in paths:
            shutil.copyfile(path, target / path.name)
    with (folder / "plumbline.yml").open("a", encoding="utf-8") as file:
        file.write(settings)
    return folder


def query(result: Refreshed, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(result.warehouse), read_only=True) as connection:
        return connection.execute(sql, values).fetchall()


def assert_books(result: Refreshed, source: str, expected: Count) -> None:
    """What was taken in, the books and the spend lines of a source hold what the recount says, to the last decimal."""
    found = Count()
    records = query(
        result,
        """select status, case when status = 'excluded' then rule else '' end, coalesce(currency, ''),
            sum(record_count)::bigint, sum(amount)
        from audit.record where table_name = 'spend_line' and source = ? group by all""",
        source,
    )
    for status, rule, currency, record_count, amount in records:
        found.records[status, rule, currency] = record_count
        found.amounts[status, rule, currency] = amount
    assert found.records == expected.records
    assert found.amounts == expected.amounts
    books = query(
        result,
        """select coalesce(currency, ''), sum(records_in)::bigint, sum(records_loaded)::bigint, sum(amount_in),
            sum(amount_loaded), max(abs(difference))
        from audit.books where source = ? and step = 'deliver' group by all order by all""",
        source,
    )
    assert books == [(currency, *totals, Decimal(0)) for currency, totals in sorted(expected.totals().items())]
    lines = query(
        result,
        "select original_currency, sum(original_amount) from core.spend_line where source = ? group by all",
        source,
    )
    assert nonzero(dict(lines)) == nonzero(expected.loaded())


def nonzero(amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {currency: amount for currency, amount in amounts.items() if amount}


def billed(result: Refreshed, source: str) -> tuple[Decimal, int]:
    """Total in reporting currency, and the number of rounding lines in it."""
    rounding = "count(*) filter (where line_kind = 'rounding')"
    (row,) = query(result, f"select sum(billed_amount), {rounding} from core.spend_line where source = ?", source)
    return row[0], row[1]
