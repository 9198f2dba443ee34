"""How deliveries of one stream combine: every way in which an export is repeated, corrected or late, and what then counts."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from small import SPEND, company, lines, put, rows, taken_in

from pipelines.errors import DataRejected

PROFILE = """
profile: bills
system: Test
description: Bills in the form of the template, with a mark of their own.
table: spend_line
header: [document_id, line_id, posted_on, vendor_name, amount, currency, mark]
exclude:
  - {rule: draft, when: {mark: draft}}
columns:
  document_id: document_id
  line_id: line_id
  posted_on: {from: posted_on, date: iso}
  vendor_name: vendor_name
  amount: {from: amount, decimal: "."}
  currency: currency
"""
MARKED = SPEND + ",mark"


def bills(*records: str) -> str:
    return lines(*(record + "," * (MARKED.count(",") - record.count(",")) for record in records), header=MARKED)


def declared(**words: str) -> str:
    return PROFILE + "".join(f"{word}: {text}\n" for word, text in words.items())


@dataclass(frozen=True)
class Case:
    """Files delivered one after the other, how they combine, and the amounts that count; the rest by status and rule."""

    name: str
    profile: str
    files: Sequence[tuple[str, str]]
    counted: Sequence[int]
    others: dict[tuple[str, str], int] = field(default_factory=dict)


NEWER = ("superseded", "newer delivery")
JANUARY = bills("d1,1,2026-01-05,Acme,100,EUR", "d1,2,2026-01-05,Acme,20,EUR", "d2,1,2026-01-09,Beta,50,EUR")
KEYED, APPEND, SNAPSHOT = declared(mode="keyed"), declared(mode="append"), declared(mode="snapshot")
PERIOD = declared(mode="period", period="posted_on")
CASES = (
    Case("keyed: a corrected re-export", KEYED, [("a.csv", JANUARY), ("a2.csv", JANUARY.replace(",50,", ",55,"))], [20, 55, 100], {NEWER: 3}),
    Case("keyed: year to date", KEYED, [("jan.csv", JANUARY), ("feb.csv", JANUARY + "d3,1,2026-02-02,Acme,7,EUR,\n")], [7, 20, 50, 100], {NEWER: 3}),
    Case(
        "keyed: a document that lost a line comes anew as a whole", KEYED,
        [("a.csv", JANUARY), ("b.csv", bills("d1,1,2026-01-05,Acme,90,EUR"))], [50, 90], {NEWER: 2},
    ),
    Case("keyed: months apart do not touch each other", KEYED, [("a.csv", JANUARY), ("b.csv", bills("d9,1,2026-02-01,Acme,1,EUR"))], [1, 20, 50, 100]),
    Case("keyed: an older month delivered later adds", KEYED, [("feb.csv", bills("d9,1,2026-02-01,Acme,1,EUR")), ("jan.csv", JANUARY)], [1, 20, 50, 100]),
    Case(
        "keyed: a document that became a draft no longer counts", KEYED,
        [("a.csv", JANUARY), ("b.csv", bills("d2,1,2026-01-09,Beta,50,EUR,draft"))], [20, 100], {NEWER: 1, ("excluded", "draft"): 1},
    ),
    Case(
        "keyed: lines without a document go with the rest of their file", KEYED,
        [("a.csv", JANUARY + ",,2026-01-31,Bank,3,EUR,\n"), ("b.csv", JANUARY + ",,2026-01-31,Bank,4,EUR,\n")], [4, 20, 50, 100], {NEWER: 4},
    ),
    Case(
        "keyed: lines without a document stay while others of their file stay", KEYED,
        [("a.csv", JANUARY + ",,2026-01-31,Bank,3,EUR,\n"), ("b.csv", bills("d1,1,2026-01-05,Acme,90,EUR"))], [3, 50, 90], {NEWER: 2},
    ),
    Case("keyed: two equal lines of one bill are two lines", KEYED, [("a.csv", bills(*["d1,1,2026-01-05,Acme,100,EUR"] * 2))], [100, 100]),
    Case("keyed: changed and changed back", KEYED, [("a.csv", JANUARY), ("a.csv", bills("d2,1,2026-01-09,Beta,5,EUR")), ("a.csv", JANUARY)], [20, 50, 100], {NEWER: 4}),
    Case("period: a corrected month", PERIOD, [("a.csv", JANUARY), ("b.csv", JANUARY.replace(",50,", ",55,"))], [20, 55, 100], {NEWER: 3}),
    Case("period: the same file written anew", PERIOD, [("a.csv", JANUARY), ("a.csv", bills("x1,1,2026-01-05,Acme,99,EUR"))], [99], {NEWER: 3}),
    Case(
        "period: year to date replaces the months it holds, no other", PERIOD,
        [("dec.csv", bills("d0,1,2025-12-31,Acme,5,EUR")), ("jan.csv", JANUARY), ("ytd.csv", JANUARY + "d3,1,2026-02-02,Acme,7,EUR,\n")],
        [5, 7, 20, 50, 100], {NEWER: 3},
    ),
    Case(
        "period: a date that could not be read is mended by the corrected file", PERIOD,
        [("a.csv", JANUARY.replace("2026-01-09", "soon")), ("b.csv", JANUARY)], [20, 50, 100], {NEWER: 3},
    ),
    Case("snapshot: the newest is all", SNAPSHOT, [("a.csv", JANUARY), ("b.csv", bills("d9,1,2026-02-01,Acme,1,EUR"))], [1], {NEWER: 3}),
    Case("append: both count", APPEND, [("a.csv", JANUARY), ("b.csv", bills("d1,1,2026-01-05,Acme,100,EUR"))], [20, 50, 100, 100]),
    Case(
        "append: the same bytes again add nothing", APPEND, [("a.csv", JANUARY), ("a.csv", bills("d9,1,2026-02-01,Acme,1,EUR")), ("a.csv", JANUARY)],
        [1, 20, 50, 100], {("excluded", "the same bytes again"): 3},
    ),
    Case("undeclared: nothing in common", PROFILE, [("a.csv", JANUARY), ("b.csv", bills("d9,1,2026-02-01,Acme,1,EUR"))], [1, 20, 50, 100]),
)  # fmt: skip


def dropped(tmp_path: Path, profile: str, files: Sequence[tuple[str, str]], settings: str = "") -> Path:
    """A company whose files were each delivered before the next one came."""
    folder = company(tmp_path / "w", {"profiles/bills.yml": profile}, "thresholds: {quarantine_share: 1}\n" + settings)
    for number, (name, content) in enumerate(files):
        put(folder, f"exports/erp/{name}", content)
        if number < len(files) - 1:
            with taken_in(folder, tmp_path / "scratch", deliveries=()):
                pass
    return folder


def by_status(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    return {(status, rule): count for status, rule, count in rows(connection, "select status, rule, sum(record_count)::int from audit.record where status <> 'loaded' group by all")}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_counts(tmp_path: Path, case: Case) -> None:
    with taken_in(dropped(tmp_path, case.profile, case.files), tmp_path / "scratch") as (connection, _):
        assert [amount for (amount,) in rows(connection, "select amount::int from raw.spend_line order by 1")] == list(case.counted)
        assert by_status(connection) == case.others
        ((records, money),) = rows(connection, "select sum(record_count), sum(amount)::int from audit.record where status = 'loaded'")
        assert (records, money) == (len(case.counted), sum(case.counted))


@pytest.mark.parametrize("mode", ["keyed", "period", "snapshot"])
def test_files_of_one_zip_stand_together_and_are_replaced_together(tmp_path: Path, mode: str) -> None:
    files = {"profiles/bills.yml": declared(mode=mode, period="posted_on"), "exports/erp/first.csv": bills("d7,1,2026-01-30,Old,9,EUR")}
    folder = company(tmp_path / "w", files, f"sources: {{erp: {{mode: {mode}}}}}\n")
    with taken_in(folder, tmp_path / "scratch"):
        pass
    with zipfile.ZipFile(folder / "exports/erp/bills.zip", "w") as packed:
        packed.writestr("a.csv", bills("d7,1,2026-01-05,Acme,100,EUR"))
        packed.writestr("b.csv", bills("d7,2,2026-01-05,Acme,20,EUR"))
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        found = rows(connection, "select source_file, amount::int from raw.spend_line order by all")
        assert found == [("exports/erp/bills.zip#a.csv", 100), ("exports/erp/bills.zip#b.csv", 20)]


def test_two_headers_of_one_stream_replace_each_other_in_the_order_they_came(tmp_path: Path) -> None:
    """The header changed in February; January was exported once more after that, under the old one."""
    new = PROFILE.replace("profile: bills", "profile: bills_new").replace("mark]", "tag]").replace("mark: draft", "tag: draft")
    profiles = [text + "mode: keyed\nstream: bills\n" for text in (PROFILE, new)]
    files = [
        ("1.csv", bills("d1,1,2026-01-05,Acme,100,EUR")),
        ("2.csv", bills("d1,1,2026-01-05,Acme,90,EUR").replace("mark", "tag")),
        ("3.csv", bills("d1,1,2026-01-05,Acme,80,EUR")),
    ]
    for count, amount in ((2, 90), (3, 80)):
        folder = dropped(tmp_path / str(count), "---".join(profiles), files[:count])
        with taken_in(folder, tmp_path / "scratch") as (connection, _):
            assert rows(connection, "select amount::int from raw.spend_line") == [(amount,)]


def test_two_streams_of_one_source_do_not_replace_each_other(tmp_path: Path) -> None:
    """Bill 1 and journal 1 of one system are two documents: their ids are two counters."""
    other = PROFILE.replace("profile: bills", "profile: journals").replace("mark]", "journal]").replace("mark: draft", "journal: draft")
    files = [("bills.csv", JANUARY), ("journals.csv", bills("d1,1,2026-01-05,Acme,7,EUR").replace("mark", "journal"))]
    folder = dropped(tmp_path, f"{KEYED}---{other}mode: snapshot\n", files)
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert [a for (a,) in rows(connection, "select amount::int from raw.spend_line order by 1")] == [7, 20, 50, 100]


def test_two_sources_do_not_replace_each_other(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"profiles/bills.yml": SNAPSHOT, "exports/de/a.csv": JANUARY, "exports/us/b.csv": bills("d1,1,2026-01-05,Acme,7,USD")})
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select source, count(*) from raw.spend_line group by all order by all") == [("de", 3), ("us", 1)]


OVERLAPS = (
    ("by document", PROFILE, JANUARY, bills("d1,1,2026-01-05,Acme,110,EUR", "d1,2,2026-01-05,Acme,20.5,USD", "d8,1,2026-01-06,X,1,EUR"), "2 rows (110 EUR and 20.5 USD)"),
    ("year to date", PROFILE, JANUARY, JANUARY + "d3,1,2026-02-02,Acme,7,EUR,\n", "3 rows (170 EUR)"),
    ("drafts do not count", PROFILE, JANUARY, bills("d2,1,2026-01-09,Beta,50,EUR,draft", "d1,1,2026-01-05,Acme,1,EUR"), "1 rows (1 EUR)"),
    ("by content where there is no document", PROFILE, bills(",,2026-01-05,Acme,100,EUR", ",,2026-01-05,Beta,5,EUR"), bills(",,2026-01-05,Acme,100,EUR"), "1 rows (100 EUR)"),
)


@pytest.mark.parametrize(("profile", "first", "second", "overlap"), [case[1:] for case in OVERLAPS], ids=[case[0] for case in OVERLAPS])
def test_an_overlap_that_nothing_explains_stops_with_rows_money_and_the_line_that_settles_it(
    tmp_path: Path, profile: str, first: str, second: str, overlap: str
) -> None:
    folder = dropped(tmp_path, profile, [("jan.csv", first), ("next.csv", second)])
    with pytest.raises(DataRejected) as stopped, taken_in(folder, tmp_path / "scratch"):
        pass
    told = str(stopped.value)
    assert told.startswith(f"Source erp: {overlap} of exports/erp/next.csv stand in exports/erp/jan.csv already")
    assert "Nothing was published" in told
    assert "sources: {erp: {mode: keyed}}" in told
    assert stopped.value.exit_code == 7


def test_the_line_that_settles_it_does(tmp_path: Path) -> None:
    folder = dropped(tmp_path, PROFILE, [("jan.csv", JANUARY), ("next.csv", JANUARY + "d3,1,2026-02-02,Acme,7,EUR,\n")], "sources: {erp: {mode: keyed}}\n")
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select sum(amount)::int from raw.spend_line") == [(177,)]


PART_ONE, PART_TWO = JANUARY, bills("d8,1,2026-01-15,Acme,30,EUR", "d9,1,2026-01-16,Gamma,4,USD")
DECEMBER = bills("d1,1,2025-12-05,Delta,100,EUR", "d9,1,2025-12-06,Acme,5,EUR")
DOUBTS = (
    ("the second part of a month", PERIOD, PART_ONE, PART_TWO, "exports/erp/b.csv would replace the 3 lines (170 EUR) of 2026-01 in exports/erp/a.csv, and holds none of them again"),
    ("a month of which most is missing", PERIOD, PART_ONE, bills("d2,1,2026-01-09,Beta,50,EUR"), "3 lines (170 EUR) of 2026-01 in exports/erp/a.csv, and holds 1 of them again"),
    ("a number given anew", KEYED, DECEMBER, JANUARY, "document d1 is of Delta, 2025-12-05, in exports/erp/a.csv and of Acme, 2026-01-05, in exports/erp/b.csv. 1 documents (100 EUR)"),
)


@pytest.mark.parametrize(("profile", "first", "second", "words"), [case[1:] for case in DOUBTS], ids=[case[0] for case in DOUBTS])
def test_what_looks_like_another_thing_replaces_nothing_until_the_company_says_so(tmp_path: Path, profile: str, first: str, second: str, words: str) -> None:
    files = [("a.csv", first), ("b.csv", second)]
    with pytest.raises(DataRejected) as stopped, taken_in(dropped(tmp_path / "1", profile, files), tmp_path / "scratch"):
        pass
    assert words in str(stopped.value)
    assert "Nothing was published" in str(stopped.value)
    mode = "period" if profile is PERIOD else "keyed"
    assert f"sources: {{erp: {{mode: {mode}}}}}" in str(stopped.value)
    with taken_in(dropped(tmp_path / "2", profile, files, f"sources: {{erp: {{mode: {mode}}}}}\n"), tmp_path / "scratch") as (connection, _):
        assert by_status(connection)[NEWER] > 0


def test_the_lines_that_settle_it_do(tmp_path: Path) -> None:
    apart = dropped(tmp_path / "1", PERIOD, [("a.csv", PART_ONE), ("b.csv", PART_TWO)], "sources: {erp_2: {files: erp/b.csv}}\n")
    with taken_in(apart, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select source, sum(amount)::int from raw.spend_line group by all order by all") == [("erp", 170), ("erp_2", 34)]
    anew = dropped(tmp_path / "2", declared(mode="keyed", key="[document_id, posted_on]"), [("a.csv", DECEMBER), ("b.csv", JANUARY)])
    with taken_in(anew, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select sum(amount)::int from raw.spend_line") == [(275,)]


TICKETS = "ticket_id,kind,status,opened_at"


def test_a_repeated_row_is_excluded_and_a_second_meaning_of_a_key_quarantined(tmp_path: Path) -> None:
    content = lines("t1,incident,open,2026-01-05", "t2,request,open,2026-01-06", "t1,incident,open,2026-01-05", "t2,request,closed,2026-01-06", header=TICKETS)
    folder = company(tmp_path / "w", {"exports/desk/tickets.csv": content}, "thresholds: {quarantine_share: 1}\n")
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select ticket_id, status from raw.ticket order by 1") == [("t1", "open"), ("t2", "open")]
        assert by_status(connection) == {("excluded", "repeated row"): 1, ("quarantined", "key occurs twice"): 1}
        assert rows(connection, "select source_file, source_row, rule from audit.quarantine") == [("exports/desk/tickets.csv", 5, "key occurs twice")]


def test_a_ticket_that_went_on_is_no_second_meaning(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/desk/jan.csv": lines("t1,incident,open,2026-01-05", "t2,request,open,2026-01-06", header=TICKETS)})
    with taken_in(folder, tmp_path / "scratch"):
        pass
    put(folder, "exports/desk/feb.csv", lines("t1,incident,closed,2026-01-05", header=TICKETS))
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select ticket_id, status from raw.ticket order by 1") == [("t1", "closed"), ("t2", "open")]
        assert by_status(connection) == {NEWER: 1}
