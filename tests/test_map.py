"""`plumbline map` from a file to a saved profile: what it refuses to guess, and what it says of the file."""

from pathlib import Path

import pytest
from small import company, put

from pipelines.errors import UsageError
from pipelines.mapping import run_map

SEARCH = """Internal ID,Date,Type,Document Number,Name,Name,Amount (Foreign Currency),Currency,Amount
101,10/5/2026,Bill,B-1,Zoom,Zoom Video,100.00,USD,92.00
102,10/18/2026,Bill,B-2,Zoom,Zoom Video,20.00,USD,18.40
"""
BILLS = """Bill Date,Bill ID,Vendor Name,Currency Code,Item Name,Item Total,Total
2026-10-03,1,Zoom,USD,Seats,100.00,150.00
2026-10-03,1,Zoom,USD,Rooms,50.00,150.00
2026-10-09,2,Box,EUR,Seats,99.00,99.00
"""


def test_of_columns_with_one_name_the_first_is_read_and_told(tmp_path: Path) -> None:
    file = put(company(tmp_path / "w", {}), "search.csv", SEARCH)
    mapped = run_map(tmp_path / "w", file, None, {"amount.from": "Amount (Foreign Currency)", "tax": "net"}, None)
    assert [row.values["vendor_name"] for row in mapped.seen] == ["Zoom", "Zoom"]
    assert {code: str(total.normalize()) for code, total in mapped.totals.sums.items()} == {"USD": "1.2E+2"}
    assert "of the columns with one name the first is read: «Name»" in mapped.text()


def test_a_total_that_stands_on_each_line_is_not_taken_for_the_amount(tmp_path: Path) -> None:
    file = put(company(tmp_path / "w", {}), "bills.csv", BILLS)
    with pytest.raises(UsageError, match=r"Which column is the amount of a line\? «Total» is the same on all lines of a document"):
        run_map(tmp_path / "w", file, None, {}, None)
    mapped = run_map(tmp_path / "w", file, None, {"amount.from": "Item Total", "tax": "net"}, None)
    assert {code: int(total) for code, total in mapped.totals.sums.items()} == {"EUR": 99, "USD": 150}


def test_an_amount_that_the_file_does_not_have_is_said_so(tmp_path: Path) -> None:
    file = put(company(tmp_path / "w", {}), "bills.csv", BILLS)
    with pytest.raises(UsageError, match=r"the file has no column «Item total»\. Did you mean Item Total\?"):
        run_map(tmp_path / "w", file, None, {"amount.from": "Item total"}, None)
