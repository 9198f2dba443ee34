"""The readers on files whose truth is known: no silent misreading, and hardly a valid file refused."""

import csv
import json
from pathlib import Path

import pytest

from connectors.reading import Refused, open_tables

ALLOWED_REFUSALS = 2


def outcome(path: Path, header: list[str] | None, rows: list[list[str]] | None) -> str:
    """exact, refused or wrong. A total that was set aside belongs to the rows of the file."""
    try:
        (reading,) = open_tables(path)
        got = [(record.line, list(record.values)) for record in reading.records()]
    except Refused:
        return "refused"
    got += [(item.line, item.text.split(",")) for item in reading.set_aside if item.rule == "total"]
    if header is None or rows is None or list(reading.layout.header) != [cell.strip() for cell in header]:
        return "wrong"
    return "exact" if [values for _, values in sorted(got)] == rows else "wrong"


def test_own_csv(shared: Path) -> None:
    folder = shared / "data/badinput/own/csv"
    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    found = {name: outcome(folder / f"{name}.csv", case["header"], case["rows"]) for name, case in cases.items()}
    assert [name for name, result in found.items() if result == "wrong"] == []
    assert [name for name, case in cases.items() if case["must_refuse"] and found[name] != "refused"] == []
    valid = [name for name, case in cases.items() if not case["must_refuse"] and not case["refuse_ok"]]
    assert len([name for name in valid if found[name] == "refused"]) <= ALLOWED_REFUSALS


def test_csv_spectrum(shared: Path) -> None:
    folder = shared / "data/badinput/csv-spectrum"
    refused = 0
    for path in sorted((folder / "csvs").glob("*.csv")):
        truth = json.loads((folder / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
        rows = [list(row.values()) for row in truth]
        if b"\r" not in path.read_bytes():
            # The stored copies have lost the CRs that their truth still has.
            rows = [[cell.replace("\r\n", "\n") for cell in row] for row in rows]
        result = outcome(path, list(truth[0]), rows)
        assert result != "wrong", path.name
        refused += result == "refused"
    assert refused <= ALLOWED_REFUSALS


ACCEPTED = {
    "ctrl_escape.xlsx": [("Ac\rme", "1", "")],
    "date1904.xlsx": [("Acme", "2024-01-01", "")],
    "dim_lie_big.xlsx": [("Acme", "1", "")],
    "dim_small.xlsx": [("V", str(n), "") for n in range(2, 50)],
    "hidden_row.xlsx": [("Hidden", "1", ""), ("Shown", "2", "")],
    "macro.xlsm": [("Acme", "1", "")],
    "no_refs.xlsx": [("Acme", "5")],
    "sparse_col.xlsx": [("bottom", "", "")],
}


def test_own_xlsx(shared: Path) -> None:
    found, reasons = {}, []
    for path in sorted((shared / "data/badinput/own/xlsx").iterdir()):
        try:
            (reading,) = open_tables(path)
            found[path.name] = [record.values for record in reading.records()]
        except Refused as refused:
            reasons.append(str(refused).startswith(path.name))
    assert all(reasons)
    assert found == ACCEPTED


@pytest.mark.parametrize("folder", ["fivetran_xero", "focus_sample", "oxford_2quarters", "azure_finops_toolkit"])
def test_real_exports_are_read_as_by_the_csv_module(shared: Path, folder: str) -> None:
    for path in sorted((shared / "data" / folder).rglob("*.csv")):
        (reading,) = open_tables(path)
        with path.open(encoding=reading.layout.encoding, newline="") as stream:
            header, *rows = csv.reader(stream)
        assert reading.layout.header == tuple(cell.strip() for cell in header)
        assert [list(record.values) for record in reading.records()] == rows
        assert reading.set_aside == []
