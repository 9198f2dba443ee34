"""The file readers, input by input: what is delivered, what is set aside, what is refused and in which words."""

import gzip
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.reading import Dialect, Reading, Refused, normalise, open_tables


def opened(folder: Path, content: bytes | str, name: str = "file.csv", **declared: object) -> Reading:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (reading,) = open_tables(path, Dialect(**declared))
    return reading


def read(
    folder: Path, content: bytes | str, name: str = "file.csv", **declared: object
) -> list[tuple[str | None, ...]]:
    return [record.values for record in opened(folder, content, name, **declared).records()]


def aside(folder: Path, content: str, **declared: object) -> list[tuple[int, str]]:
    reading = opened(folder, content, **declared)
    list(reading.records())
    return sorted((item.line, item.rule) for item in reading.set_aside)


AB = [("1", "x"), ("2", "y")]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("a,b\n1,x\n2,y\n", AB),
        ("a;b\n1;x\n2;y\n", AB),
        ("a\tb\n1\tx\n2\ty\n", AB),
        ("a|b\n1|x\n2|y\n", AB),
        ("sep=;\na;b\n1;x\n2;y\n", AB),
        ("a,b\r\n1,x\r\n2,y\r\n", AB),
        ("a,b\r1,x\r2,y\r", AB),
        ("a,b\r\n1,x\n2,y\r\n", AB),
        ("a,b\n1,x\n2,y", AB),
        ("\ufeffa,b\n1,x\n2,y\n", AB),
        ("a,b\n1,x\n2,y\n".encode("utf-16"), AB),
        ("a,b\n1,x\n2,y\n".encode("utf-16-le"), AB),
        ("a,b\n1,x\n2,y\n".encode("utf-16-be"), AB),
        ("a,b\n1,Société\n".encode("cp1252"), [("1", "Société")]),
        ("a,b\n1,Müller\u2019s „Köln“ \u2013 5 €\n".encode("cp1252"), [("1", "Müller\u2019s „Köln“ \u2013 5 €")]),
        ('a,b\n1,"x\ny"\n', [("1", "x\ny")]),
        ('a,b\n1,"x\r\ny"\n', [("1", "x\r\ny")]),
        ('a,b\r1,"x\ny"\r', [("1", "x\ny")]),
        ('a,b\n1,"x, ""y"", z"\n', [("1", 'x, "y", z')]),
        ('a,b\n1,""""\n', [("1", '"')]),
        ('a,b\n"x"",""y","z"\n', [('x","y', "z")]),
        ('a,b\n1,24" monitor\n', [("1", '24" monitor')]),
        ('a,b\n"",""\n,\n1,\n', [("1", "")]),
        ("a,b,\n1,x,\n2,y,\n", [("1", "x", ""), ("2", "y", "")]),
        ("a,b\n", []),
        ("Vendor;Amount\nSAP;1.234,56\nX;2,50\n", [("SAP", "1.234,56"), ("X", "2,50")]),
        ('A;B\n"x, y, z";10\n"u, v, w";11\n', [("x, y, z", "10"), ("u, v, w", "11")]),
        ("id,tags,amt\n1,a;b,10\n2,c;d,20\n", [("1", "a;b", "10"), ("2", "c;d", "20")]),
        ("tool\nSlack\nZoom\n", [("Slack",), ("Zoom",)]),
        ('tool\n""\nZoom\n', [("",), ("Zoom",)]),
        ("vendor,2023,2024\nAcme,10,20\n", [("Acme", "10", "20")]),
        ("vendor,1,2,3\nAcme,10,20,30\n", [("Acme", "10", "20", "30")]),
        ("id,Amount,amount\n1,10,20\n", [("1", "10", "20")]),
        ("id,x\n#2,Globex\n00123,NA\n1E5,\u22125\n", [("#2", "Globex"), ("00123", "NA"), ("1E5", "\u22125")]),
        ("vendor,date,amount\nTotal Energies,2024-01-05,100\nTotal,2024-01-06,5\n", None),
        ("vendor,amount\nTotal Energies,100\nSumitomo,5\n", None),
        ("tool,owner\nSlack,IT\n", [("Slack", "IT")]),
        ("vendor,amount\nA,10\nB,20\n,70\n", [("A", "10"), ("B", "20"), ("", "70")]),
    ],
)
def test_is_read(tmp_path: Path, content: bytes | str, rows: list[tuple[str, ...]] | None) -> None:
    if rows is None:
        rows = [tuple(line.split(",")) for line in str(content).splitlines()[1:]]
    assert read(tmp_path, content) == rows


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("", None, "empty"),
        ("\n\n", None, "no header row"),
        ("a,b\n1,2\n3,4,5\n", 3, "has 3 fields, the header has 2"),
        ("a,b\n1,2\n3\n", 3, "has 1 fields"),
        ("id,vendor,amt\n1,Acme, Inc.,5,\n2,B,6\n3,C,7\n", 2, "has 5 fields"),
        ("a,b,c\n1,2,3\n4,5,\n6,7,8,\n", 4, "has 4 fields"),
        ('a,b\n1,"x\n2,y\n', 2, "never closed"),
        ('a,b,c,d\n1,"x,2,3\n4,y",5,6\n', 2, "closes in line 3"),
        ('a,b\n1,"x"y\n', 2, "behind a closing quote"),
        ('a,b\n1, "x"\n', 2, "blanks before an opening quote"),
        ('a,b\n1,"say \\"hi\\", ok"\n', 2, "behind a closing quote"),
        ('a,b,c\n1,"x\\",y",z"\n1,2,3\n', 2, ""),
        ("a,b\n1,x\ry\n", 2, "stray line end"),
        ("a,b\n1," + " " * 1_000_000 + "x\n3\n", 3, "has 1 fields"),
        (b"a,b\n1,x\0y\n", 2, "NUL"),
        (b"a,b\n1,x\n\x1a", 3, "Ctrl-Z"),
        ("a,b\n1,é\n".encode() + "2,é\n".encode("cp1252"), 2, "two encodings"),
        ("a,b\n1,Société\n".encode("cp850"), 2, "Windows-1252"),
        ("a,b\n1,Société\n".encode("mac-roman"), 2, "Windows-1252"),
        ("a,b\n1,własny\n".encode("cp1250"), 2, "Windows-1252"),
        ("a,b\n1,привет\n".encode("cp1251"), 2, "Windows-1252"),
        (b"a,b\n1,\x81\n", 2, "neither UTF-8 nor"),
        (b"\xff\xfea\0,\0b\0\n\0x", 2, "utf-16"),
        ("a,a\n1,2\n", 1, "same name"),
        ("id,,amount\n1,x,20\n", 2, "no name but holds «x»"),
        ("tool\nSlack\n\nJira\n", 3, "one-column"),
        ("1,Acme,10.50\n2,Globex,20.10\n", 1, "looks like data"),
        ("a,b\n1,2,3\n4,5,6\n7,8,9\n", 1, "it may be the header"),
        ("a,b;c\n1,2;3\n4,5;6\n", 1, "may be comma or semicolon"),
        ("tool\nSlack;IT\nZoom;HR\n", 2, "text above the table"),
        ("a,b\nx\ny\nz\n", 1, "delimiter cannot be told"),
        ("a,b,c\n1,2,3\n\n* excludes tax\n", 4, "note under the table"),
        ("a,b,c\n1,2,3\nResults: 1\n4,5,6\n", 3, "yet records follow"),
        ("a,b\nA,10\nB,20\nTotal,31\n", 4, "not the sum"),
        ("a,b,c\nA,10,x\nTotal A,10,\nB,20,x\n", 3, "may be a subtotal"),
        ("a,b\nA,10\nTotal for A,10\nB,20\n", 3, "may be a subtotal"),
        ("id,d\n1,2024-01-05\n2,2024-01-06\n3,2024-", 4, "middle of a cell"),
        ("id,amt\n1,10.00\n2,20.50\n3,75.2", 4, "middle of a cell"),
        ("id,state\n1,Open\n2,Open\n3,Ope", 4, "middle of a cell"),
        ("id,amt\n1,10.00\n2,20.50\n3,", 4, "middle of a cell"),
        ("<!DOCTYPE html><html><body>login</body></html>", None, "HTML"),
        ('{"error":"unauthorized","message":"token expired"}\n', None, "JSON"),
        ('[{"a": 1}]\n', None, "JSON"),
        (b"PK\x03\x04abc", None, "zip archive or an Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None, "old Excel"),
        (b"\x1f\x8b\x08abc", None, "gzip"),
        (b"%PDF-1.4\n", None, "PDF"),
        (b"PAR1abcPAR1", None, "Parquet"),
        ("id,x\n1," + "y" * 9_000_000 + "\n", 2, "longer than 8 MB"),
        (",".join(f"c{i}" for i in range(2_001)) + "\n", 1, "2,001 columns"),
    ],
)
def test_is_refused(tmp_path: Path, content: bytes | str, line: int | None, words: str) -> None:
    with pytest.raises(Refused) as refused:
        read(tmp_path, content)
    assert (refused.value.line, words in str(refused.value)) == (line, True), str(refused.value)
    assert str(refused.value).startswith("file.csv")
    assert refused.value.fix.endswith(".")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Report of May\n\nid,vendor,amount\n1,A,10\n", [(1, "banner"), (2, "blank")]),
        ("sep=;\na;b\n1;2\n", [(1, "banner")]),
        ("Report,,\n,,\nid,vendor,amount\n1,A,10\n", [(1, "banner"), (2, "blank")]),
        ("a,b\n1,2\n\n3,4\n  \n", [(3, "blank"), (5, "blank")]),
        ("a,b\n1,2\na,b\n3,4\n", [(3, "repeated_header")]),
        ("id,vendor,amount\n1,A,10\n2,B,20\nTotal,,30\n", [(4, "total")]),
        ("id,vendor,on,amount\n1,A,,10\nSumme A,,,10\n2,B,,20\nGesamt:,,,30\n", [(3, "total"), (5, "total")]),
        ("id,vendor,amount\n1,A,10\n2,B,20\nTOTAL,30\n", [(4, "total")]),
        ("vendor,amount\nA,10\nB,20\nTotal,30\n", [(4, "total")]),
        ("vendor,amount\nA,10\nTotal,10\nB,20\n", None),
        ("id,vendor,amount\n1,A,10.50\n2,B,20\n,,30.50\n", [(4, "total")]),
        ("id;vendor;amount\n1;A;1.010,50\n2;B;20,00\n;;1.030,50\n", [(4, "total")]),
        ("id,vendor,amount\n1,A,(10.50)\n2,B,20\n,,9.50\n\n", [(4, "total"), (5, "blank")]),
        ("a,b,c\n1,2,3\nResults: 1\n", [(3, "footer")]),
        ('a,b,c\n1,2,3\n"Monday, Apr 06, 2026 09:14 AM GMT-7 - Accrual Basis"\n', [(3, "footer")]),
        ("a,b,c\n1,2,3\nExported on 2024-01-05,,\n", [(3, "footer")]),
        ("tool\nSlack\n\n", [(3, "blank")]),
    ],
)
def test_is_set_aside(tmp_path: Path, content: str, expected: list[tuple[int, str]] | None) -> None:
    if expected is None:
        with pytest.raises(Refused, match="labelled as a total"):
            aside(tmp_path, content)
    else:
        assert aside(tmp_path, content) == expected


def test_quickbooks_report_with_its_declared_header(tmp_path: Path) -> None:
    report = (
        'Acme Holdings LLC\nTransaction List by Vendor\n"January 1 - March 31, 2026"\n\n'
        ",Date,Transaction type,Num,Name,Amount,Balance\nZoom Video,,,,,,\n"
        ',02/28/2026,Bill,INV-8841,Zoom Video,"1,200.00","1,200.00"\n'
        ",03/04/2026,Vendor Credit,CR-12,Zoom Video,-100.00,\n"
        'Total for Zoom Video,,,,,"$1,100.00",\nTOTAL,,,,,"$1,100.00",\n\n'
        '" Monday, Apr 06, 2026 09:14:02 AM GMT-7 - Accrual Basis"\n'
    )
    reading = opened(tmp_path, report, header=("date", "transaction type", "amount"))
    assert reading.layout.header[0] == "column 1"
    assert [record.line for record in reading.records()] == [6, 7, 8]
    rules = sorted((item.line, item.rule) for item in reading.set_aside)
    ends = [(9, "total"), (10, "total"), (11, "blank"), (12, "footer")]
    assert rules == [(1, "banner"), (2, "banner"), (3, "banner"), (4, "blank"), *ends]


@pytest.mark.parametrize(
    ("declared", "content", "rows"),
    [
        ({"delimiter": ";"}, "a,b;c\n1,2;3\n", [("1,2", "3")]),
        ({"header": ("c",)}, "a,b;c\n1,2;3\n", [("1,2", "3")]),
        ({"header": ("A_b", "c*")}, "x y\nfoo\na b;C\n1;3\n", [("1", "3")]),
        ({"header": ("labels",)}, "id,Labels,Labels\n1,x,y\n", [("1", "x", "y")]),
        ({"header": ("id",)}, "id,,c\n1,x,2\n", [("1", "x", "2")]),
        ({"header_row": 3}, "1,2\n3,4\na,b\n5,6\n", [("5", "6")]),
        ({"quotes": False}, 'a,b\n1,"x\n"2",y\n', [("1", '"x'), ('"2"', "y")]),
        ({"encoding": "cp1250"}, "a,b\n1,własny\n".encode("cp1250"), [("1", "własny")]),
        ({"encoding": "utf-8"}, "\ufeffa,b\n1,é\n", [("1", "é")]),
    ],
)
def test_what_is_declared_settles_it(
    tmp_path: Path, declared: dict[str, object], content: bytes | str, rows: list[tuple[str, ...]]
) -> None:
    assert read(tmp_path, content, **declared) == rows


@pytest.mark.parametrize(
    ("declared", "content", "words"),
    [
        ({"header": ("vendor", "amount")}, "vendor,sum\nA,1\n", r"lacks amount \(it also has sum\)"),
        ({"header": ("vendor",)}, "x,y\n1,2\n", "none of the expected columns"),
        ({"header_row": 9}, "x,y\n1,2\n", "declared header_row 9"),
        ({"encoding": "utf-16"}, "\ufeffa,b\n1,2\n", "byte order mark says utf-8"),
        ({"encoding": "ascii"}, "a,b\n1,é\n", "not ascii text"),
        ({"encoding": "latin-1"}, b"a,b\n1,\x80\n", "not iso8859-1 text"),
        ({"encoding": "klingon"}, "a,b\n", "unknown"),
        ({"delimiter": ","}, "sep=;\na;b\n1;2\n", "sep=;"),
    ],
)
def test_what_is_declared_must_be_true(
    tmp_path: Path, declared: dict[str, object], content: bytes | str, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        read(tmp_path, content, **declared)


def test_a_profile_can_be_chosen_by_a_header_that_repeats_a_name(tmp_path: Path) -> None:
    reading = opened(tmp_path, "id,Labels,Labels\n1,x,y\n")
    assert reading.layout.header == ("id", "Labels", "Labels")
    with pytest.raises(Refused, match="same name"):
        next(reading.records())


def test_ragged_records_can_be_quarantined(tmp_path: Path) -> None:
    reading = opened(tmp_path, "a,b\n1,2\n3,4,5\n6,7\n", ragged="quarantine")
    assert [record.values for record in reading.records()] == [("1", "2"), ("6", "7")]
    assert [(item.line, item.rule, item.text) for item in reading.set_aside] == [(3, "ragged", "3,4,5")]


def test_a_record_begins_at_its_physical_line(tmp_path: Path) -> None:
    reading = opened(tmp_path, 'a,b\n1,"x\ny\nz"\n2,y\n')
    assert [record.line for record in reading.records()] == [2, 5]


def test_notes_tell_what_a_person_should_see(tmp_path: Path) -> None:
    notes = opened(tmp_path, "id,po\n" + "1,1.23457E+11\n" * 500).layout.notes
    assert any("1.23457E+11" in note for note in notes)
    assert any("exactly 500 rows" in note for note in notes)
    assert any("Windows-1252" in note for note in opened(tmp_path, "a,b\n1,é\n".encode("cp1252")).layout.notes)
    assert any("no line end" in note for note in opened(tmp_path, "a,b\n1,2").layout.notes)


CELL = st.text(st.sampled_from('ab1,;"\n\t é'), max_size=5)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=30),
    junk=st.lists(st.sampled_from(["", "k,v,w", "Total,,3", ",,"]), max_size=4),
)
def test_every_physical_record_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], junk: list[str]
) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    lines = [",".join(map(quoted, row)) for row in rows] + junk
    reading = opened(tmp_path_factory.mktemp("all"), "\n".join(["k,v,w", *lines]) + "\n")
    records = list(reading.records())
    assert len(records) + len(reading.set_aside) == len(lines)
    assert len({r.line for r in records} | {a.line for a in reading.set_aside}) == len(lines)
    kept = [tuple(row) for row in rows if any(row)]
    assert [record.values for record in records] == kept[: len(records)]
    assert len(kept) - len(records) == sum(item.rule == "total" for item in reading.set_aside) - junk.count("Total,,3")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("*Invoice_Number [Required]", "invoice number"),
        ("  Vendor-Name ", "VENDOR NAME"),
        ("Straße", "STRASSE"),
        ("Amount (EUR)", "amount_eur"),
        ("\uff21mount", "amount"),
    ],
)
def test_names_that_are_one_name(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(("one", "other"), [("#", ""), ("amount eur", "amount usd"), ("billed cost", "billedcost")])
def test_names_that_are_two_names(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_json_values_stay_the_text_they_are(tmp_path: Path) -> None:
    text = (
        '[{"id": 1, "amount": 10.50, "party": {"name": "A", "id": 7}, "big": 12345678901234567.890},'
        ' {"id": 2, "tags": ["x", 1.0], "paid": true, "party": null, "on": {"__class__": "date", "year": 2024,'
        ' "month": 5, "day": 4}, "net": {"__class__": "Decimal", "decimal": "2938.95"}}]'
    )
    reading = opened(tmp_path, text, "file.json")
    names = ("id", "amount", "party.name", "party.id", "big", "tags", "paid", "party", "on", "net")
    assert reading.layout.header == names
    first, second = [record.values for record in reading.records()]
    assert first == ("1", "10.50", "A", "7", "12345678901234567.890", None, None, None, None, None)
    assert second == ("2", None, None, None, None, '["x", 1.0]', "true", None, "2024-05-04", "2938.95")


@pytest.mark.parametrize(
    ("name", "text", "declared", "rows"),
    [
        ("f.ndjson", '{"a": 1}\n{"b": "x"}\n', {}, [("1", None), (None, "x")]),
        ("f.ndjson", r'{"a": "cut \ud83d", "b": "\ud83d\ude00 \\ud83d"}', {}, [("cut \ufffd", "\U0001f600 \\ud83d")]),
        ("f.json", '{"total": 1, "data": {"items": [{"a": 1}]}}', {}, [("1",)]),
        ("f.json", '{"x": [{"a": 1}], "y": [{"a": 2}]}', {"records_path": "y"}, [("2",)]),
        ("f.json", '{"value": []}', {}, []),
    ],
)
def test_json_records_are_found(
    tmp_path: Path, name: str, text: str, declared: dict[str, object], rows: list[tuple[str | None, ...]]
) -> None:
    assert read(tmp_path, text, name, **declared) == rows


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("f.json", '{"error": "unauthorized"}', "no list of records"),
        ("f.json", '{"x": [{"a": 1}], "y": [{"a": 2}]}', "«x», «y»"),
        ("f.json", '[{"a": NaN}]', "NaN"),
        ("f.json", '[{"a": 1, "a": 2}]', "«a» occurs twice"),
        ("f.json", '[{"a.b": 1, "a": {"b": 2}}]', "two values fall on one column"),
        ("f.json", "[1, 2]", "no object"),
        ("f.json", "[{}", "not valid JSON"),
        ("f.json", "[" * 100_000, "nested too deeply"),
        ("f.ndjson", '{"a": 1}\n[2]\n', "line 2.*no JSON object"),
        ("f.ndjson", '{"a": 1}\n{"a": \n', "line 2.*not valid JSON"),
        ("f.json", '[{"a": {"__class__": "Money", "x": 1}}]', "unknown form"),
        ("f.xls", "<html></html>", "HTML"),
        ("f.doc", "x", "are not read"),
        ("f.parquet", "PAR1xx", "not a whole Parquet"),
    ],
)
def test_other_formats_are_refused(tmp_path: Path, name: str, text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        read(tmp_path, text, name)


def test_parquet_is_a_layout_whose_header_the_pipeline_asks_for(tmp_path: Path) -> None:
    layout = opened(tmp_path, b"PAR1....PAR1", "f.parquet").layout
    assert (layout.format, layout.header) == ("parquet", ())


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_each_member_of_a_zip_is_a_table(tmp_path: Path) -> None:
    members = {"in/a.csv": b"a,b\n1,2\n", "b.ndjson": b'{"x": 1}\n', "readme.txt": b"hello", "__MACOSX/a.csv": b"x"}
    readings = open_tables(zipped(tmp_path / "f.zip", members))
    assert [(r.layout.member, [x.values for x in r.records()]) for r in readings] == [
        ("in/a.csv", [("1", "2")]),
        ("b.ndjson", [("1",)]),
    ]
    assert "readme.txt" in readings[0].layout.notes[0]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"../a.csv": b"a,b\n1,2\n"}, "points outside"),
        ({"b.zip": b"PK"}, "another archive"),
        ({"a.doc": b"x"}, "no file of a known kind"),
        ({"a.csv": b"0" * 5_000_000}, "over 200 times"),
        ({"a.csv": b""}, "f.zip / a.csv.*empty"),
        ({"a.csv": b"a,b\n1,2\n3\n"}, "f.zip / a.csv, line 3"),
        ({f"{i}.csv": b"a\n" for i in range(1_001)}, "1,001 entries"),
    ],
)
def test_zips_that_are_refused(tmp_path: Path, members: dict[str, bytes], words: str) -> None:
    path = zipped(tmp_path / "f.zip", members)
    with pytest.raises(Refused, match=words):
        [list(reading.records()) for reading in open_tables(path)]


def test_gzip_holds_one_whole_file(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n1,2\n")
    assert read(tmp_path, packed, "f.csv.gz") == [("1", "2")]
    for content, words in [
        (packed[:-9], "cut off"),
        (packed + packed, "more data behind"),
        (b"a,b\n", "not a whole gzip"),
        (gzip.compress(b"0" * 40_000_000), "bombs"),
    ]:
        with pytest.raises(Refused, match=words):
            read(tmp_path, content, "f.csv.gz")


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("a,b\n1,2\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    for name, words in [
        ("link", "symbolic link"),
        ("folder", "folder"),
        ("pipe", "pipe"),
        ("none", "cannot be opened"),
    ]:
        with pytest.raises(Refused, match=words):
            open_tables(tmp_path / f"{name}.csv")
