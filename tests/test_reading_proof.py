"""The proof: whenever it is given, the csv module reads what the strict reader reads; and it is not given lightly."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.reading import Proof, Refused, open_tables, proof, prove

ROWS = "".join(f"INV-{n:04},Vendor {n % 7},2025-01-{n % 28 + 1:02},{n}.50\n" for n in range(60))
csv.field_size_limit(8 << 20)
PLAIN = "Invoice,Vendor,Date,Amount\n" + ROWS


def proved(folder: Path, content: bytes | str) -> Proof | None:
    """The proof of a file, after showing that it says the truth."""
    path = folder / "file.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return checked(path)


def checked(path: Path) -> Proof | None:
    try:
        (reading,) = open_tables(path)
    except Refused:
        return None
    found = prove(path, reading.layout)
    if found is not None:
        strict = list(reading.records())
        text = path.read_bytes().decode("utf-8-sig")
        quoting = csv.QUOTE_MINIMAL if found.quotes else csv.QUOTE_NONE
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=found.delimiter, quoting=quoting, strict=True))
        plain = [(n, tuple(cells)) for n, cells in enumerate(lines, 1) if n > found.header_row]
        assert [tuple(record) for record in strict] == plain
        assert found.records == len(strict)
        assert {item.line for item in reading.set_aside} == set(range(1, found.header_row))
    return found


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN[:-1],
        PLAIN.replace("\n", "\r\n"),
        "\ufeff" + PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace("Vendor 3", '"Vendor, ""3"""'),
        PLAIN.replace("Vendor 3", "Vendör 3"),
        PLAIN.replace("Vendor 3", "Total Energies"),
        PLAIN.replace("Vendor 3", ""),
        PLAIN.replace("INV-0007", "Total Energies"),
        "Report of May\n\n" + PLAIN,
        "sep=,\n" + PLAIN,
        "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in PLAIN.splitlines()) + "\n",
        "a,b\n",
    ],
)
def test_plain_files_are_proven(tmp_path: Path, content: str) -> None:
    assert proved(tmp_path, content) is not None


def insert(line: str, at: int = 30) -> str:
    lines = PLAIN.splitlines(keepends=True)
    return "".join([*lines[:at], line + "\n", *lines[at:]])


@pytest.mark.parametrize(
    "content",
    [
        insert("INV-1,V,2025-01-01,1.00,"),
        insert("INV-1,V,2025-01-01"),
        insert('INV-1,"V,2025-01-01,1.00'),
        insert('INV-1,"V\nW",2025-01-01,1.00'),
        insert('INV-1,24" screen,2025-01-01,1.00'),
        insert('INV-1, "V",2025-01-01,1.00'),
        insert(""),
        insert(",,,"),
        insert('"",,"",'),
        insert("Invoice,Vendor,Date,Amount"),
        insert('"Invoice","Vendor",Date,Amount'),
        insert("Total,,,435.00"),
        insert("summe Vendor 1,,,435.00"),
        insert(',"Grand Total",,435.00'),
        insert("\xa0Total,,,435.00"),
        insert("Итого,,,435.00"),
        insert("Total Acme,5,,435.00"),
        insert("INV-1,V\rW,2025-01-01,1.00"),
        insert("INV-1,V,2025-01-01,1.00\r"),
        PLAIN + ",,,1800.00\n",
        PLAIN + "TOTAL,,,1800.00\n",
        PLAIN + "Exported on 2025-02-01,,,\n",
        PLAIN[:-2],
        PLAIN + "\n",
        PLAIN.replace("Vendor,", ",", 1),
        PLAIN.encode("utf-16"),
        PLAIN.replace("Vendor 3", "Vendör 3").encode("cp1252"),
        insert("INV-1,V\0W,2025-01-01,1.00"),
        "tool\nSlack\nZoom\n",
        PLAIN.replace("Vendor,", "Amount,", 1),
    ],
)
def test_doctored_files_are_not_proven(tmp_path: Path, content: bytes | str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (tmp_path / "plain.csv").write_text(PLAIN)
    (plain,) = open_tables(tmp_path / "plain.csv")
    try:
        layout = open_tables(path)[0].layout
    except Refused:
        layout = plain.layout
    assert prove(path, layout) is None
    assert prove(tmp_path / "plain.csv", plain.layout) is not None


def test_chunks_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file.csv").write_text(PLAIN)
    layout = open_tables(tmp_path / "file.csv")[0].layout
    for size in (64, 100, 1000):
        monkeypatch.setattr(proof, "CHUNK", size)
        assert prove(tmp_path / "file.csv", layout) == Proof(60, 1, "utf-8", ",", True, True)


def test_an_archive_is_not_proven(tmp_path: Path) -> None:
    import gzip

    (tmp_path / "f.csv.gz").write_bytes(gzip.compress(PLAIN.encode()))
    assert prove(tmp_path / "f.csv.gz", open_tables(tmp_path / "f.csv.gz")[0].layout) is None


@pytest.mark.parametrize(
    "corpus", ["badinput/own/csv", "badinput/csv-spectrum/csvs", "fivetran_xero", "cloud_bills_raw"]
)
def test_proofs_of_known_files_are_true(shared: Path, corpus: str) -> None:
    proofs = [checked(path) for path in sorted((shared / "data" / corpus).glob("*.csv"))]
    assert any(proofs)


ALPHABET = st.sampled_from(["a", "7", ",", '"', "\n", "\r", " ", "é", "Total", "k", "v", ";", "", "-", "10.5"])
CELL = st.lists(ALPHABET, max_size=3).map("".join)


def written(cell: str, how: int) -> str:
    needs = any(sign in cell for sign in ',"\n\r') or cell.startswith(" ")
    return '"' + cell.replace('"', '""') + '"' if how == 0 or needs else cell


@settings(max_examples=400, deadline=None)
@given(
    rows=st.lists(st.lists(st.tuples(CELL, st.integers(0, 3)), min_size=2, max_size=2), max_size=25),
    end=st.sampled_from(["\n", "\n", "\r\n"]),
    final=st.booleans(),
    raw=st.lists(st.tuples(st.integers(0, 25), CELL), max_size=1),
)
def test_a_proof_is_true_of_any_file(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[tuple[str, int]]],
    end: str,
    final: bool,
    raw: list[tuple[int, str]],
) -> None:
    lines = ["k,v", *(",".join(written(*cell) for cell in row) for row in rows)]
    for at, text in raw:
        lines.insert(1 + min(at, len(rows)), text)
    proved(tmp_path_factory.mktemp("any"), (end.join(lines) + (end if final else "")).encode())


def test_the_truth_file_of_the_corpus_is_used(shared: Path) -> None:
    cases = json.loads((shared / "data/badinput/own/csv/cases.json").read_text(encoding="utf-8"))
    refused = [name for name, case in cases.items() if case["must_refuse"]]
    (plain,) = open_tables(shared / "data/badinput/own/csv/crlf.csv")
    assert refused
    for name in refused:
        assert prove(shared / f"data/badinput/own/csv/{name}.csv", plain.layout) is None
