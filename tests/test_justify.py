"""The case for a vendor, a tool or an initiative: found by name, proved by its rows, and honest about what is not known."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from shutil import copyfile

import duckdb
import pytest
import small
from reported import FACTS
from small import without_expectations  # noqa: F401 - a fixture

from pipelines import justify as justifying
from pipelines.cli import run
from pipelines.errors import UsageError
from pipelines.refresh import refresh
from pipelines.report import arguments, case, justification, packing, rows, words
from pipelines.report.arguments import UNKNOWN, Justification
from pipelines.report.case import EVIDENCE, KINDS, Subject
from pipelines.report.justification import lines, summary
from pipelines.report.marks import off_by
from pipelines.report.words import Money

EURO = Money("EUR", 2, True)
HOSTILE = ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "' onfocus='alert(1)", "=HYPERLINK(\"http://x\")", "x\u202e\x1b[2J", "'; drop table core.tool; --"]
KNOWN = [
    Subject("vendor", "v-1", "Zoom"), Subject("tool", "t-1", "Zoom Workplace"), Subject("tool", "t-2", "Slack"), Subject("vendor", "v-2", "Slack"), Subject("tool", "t-3", "Atlas"),
    Subject("tool", "t-4", "Atlas"), Subject("initiative", "erp", "One ledger"), Subject("vendor", "v-3", "ZOOM Foundation"),
]  # fmt: skip


def made(connection: duckdb.DuckDBPyConnection, subject: Subject, money: Money = EURO) -> Justification:
    (month,) = connection.execute("select month from report.spend").fetchone() or (None,)
    return arguments.justified(case.read(connection, subject), FACTS, money, month)


def named(connection: duckdb.DuckDBPyConnection, name: str) -> Subject:
    return justifying.resolved(case.named(connection), name)


@pytest.mark.parametrize(
    ("wanted", "kind", "expected"),
    [("Zoom", None, "v-1"), ("zoom workplace", None, "t-1"), (" SLACK ", "tool", "t-2"), ("Slack", "vendor", "v-2"), ("t-4", None, "t-4"), ("ERP", None, "erp"), ("one ledger", "initiative", "erp")],
)
def test_a_name_is_found(wanted: str, kind: str | None, expected: str) -> None:
    assert justifying.resolved(KNOWN, wanted, kind).id == expected


@pytest.mark.parametrize(
    ("wanted", "kind", "message"),
    [
        ("Slack", None, r"Slack is a tool and a vendor\. Say which: --kind tool or --kind vendor\."),
        ("Atlas", None, r"Atlas names more than one tool\. Give one of the ids instead: t-3, t-4\."),
        ("Zom", None, r"No vendor, tool or initiative is named Zom\. Did you mean Zoom \(vendor\)"),
        ("Workplace", None, r"Did you mean Zoom Workplace \(tool\)\?"),
        ("Zoom", "initiative", r"No initiative is named Zoom\."),
        ("qqqqq", None, r"is named qqqqq\.$"),
        ("Zoom", "person", r"one of vendor, tool, initiative"),
    ],
)
def test_another_name_is_refused_with_what_is_near(wanted: str, kind: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        justifying.resolved(KNOWN, wanted, kind)


@pytest.mark.parametrize(
    ("subject", "others", "expected"),
    [
        (Subject("tool", "t-1", "Zoom Workplace"), [], "justify-zoom-workplace.html"), (Subject("tool", "t-1", "../../Café <b>"), [], "justify-cafe-b.html"),
        (Subject("tool", "t-1", "Slack"), [Subject("vendor", "v", "SLACK")], "justify-slack-tool.html"), (Subject("tool", "t-1", "A"), [Subject("tool", "t-2", "a!")], "justify-a-tool-t-1.html"),
        (Subject("vendor", "v", "東芝"), [], "justify-aa44df45.html"), (Subject("vendor", "v", "x" * 300), [], f"justify-{'x' * 60}.html"),
    ],
)  # fmt: skip
def test_a_file_name_is_plain_and_its_own(subject: Subject, others: list[Subject], expected: str) -> None:
    name = justifying.file_name(subject, [subject, *others])
    assert name == expected if subject.name.isascii() or "Caf" in subject.name else re.fullmatch(r"justify-[0-9a-f]{8}\.html", name)


@pytest.mark.parametrize("name", ["Zoom Workplace", "Microsoft", "Bechtle", "Automate account reconciliation", "Sign in with a second factor everywhere", "Planning Workbook"])
def test_every_mark_is_its_rows_and_its_sql_result(name: str, warehouse: duckdb.DuckDBPyConnection) -> None:
    found = made(warehouse, named(warehouse, name))
    assert found.marks
    for mark in found.marks:
        off = off_by(mark, found.case.sets)
        assert off is not None, mark
        assert abs(off) < Decimal("1e-20"), mark
        if mark.kind in ("sum", "count"):
            asked = [warehouse.execute(rows.sql(p.rows, p.where, "count(*)" if p.column is None else f"coalesce(sum({p.column}), 0)", EVIDENCE)).fetchone() for p in mark.parts]
            assert mark.value == sum(p.sign * row[0] for p, row in zip(mark.parts, asked, strict=True) if row), mark


def test_one_changed_cent_is_caught(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = made(warehouse, named(warehouse, "Zoom Workplace"))
    ledger = found.case.sets["ledger"]
    at = ledger.columns.index("billed_amount")
    recent = next(i for i, row in enumerate(ledger.values) if row[ledger.columns.index("is_recent")])
    changed = [(*row[:at], row[at] + Decimal("0.01"), *row[at + 1 :]) if i == recent else row for i, row in enumerate(ledger.values)]
    sets = {**found.case.sets, "ledger": replace(ledger, values=changed)}
    assert [mark for mark in found.marks if off_by(mark, sets)]


def test_money_is_that_of_the_marts(warehouse: duckdb.DuckDBPyConnection) -> None:
    [(vendor, spent, bound)] = warehouse.execute("select vendor_name, spend_12m_amount, committed_amount from marts.vendor_concentration where committed_amount is not null order by spend_12m_amount desc limit 1").fetchall()
    told = summary(made(warehouse, justifying.resolved(case.named(warehouse), vendor, "vendor")))["figures"]
    assert (Decimal(told["Billed, 12 months"]), Decimal(told["Bound by contract if left now"])) == (spent, bound)


def test_outcome_gap_and_saving_are_told_with_their_firmness(warehouse: duckdb.DuckDBPyConnection) -> None:
    for initiative, rung in warehouse.execute("select initiative_id, rung from marts.outcome_effect").fetchall():
        assert words.rung(rung) in "\n".join(lines(made(warehouse, named(warehouse, initiative))))
    for tool, finding, firmness in warehouse.execute("select tool_id, finding_id, firmness from marts.overlap_pair where kind = 'double_licensing'").fetchall():
        told = summary(made(warehouse, named(warehouse, tool)))["sections"]["alternatives"]["rows"]
        assert firmness.replace("_", " ") in {row["How firm"] for row in told if row["Finding"] == finding}


def test_a_capability_without_another_tool_is_lost(warehouse: duckdb.DuckDBPyConnection) -> None:
    query = """select t.tool_name, c.capability_name from core.tool_capability as m join core.tool as t using (tool_id) join core.capability as c using (capability_id)
        where coalesce(t.lifecycle, '') <> 'plan' qualify count(distinct m.tool_id) over (partition by m.capability_id) = 1 order by all limit 3"""
    found = warehouse.execute(query).fetchall()
    assert found
    for tool, capability in found:
        told = summary(made(warehouse, justifying.resolved(case.named(warehouse), tool, "tool")))["sections"]["loss"]
        assert f"Without it {capability}" in told["answer"] or capability in told["answer"]
        assert {"Other tools": "none"}.items() <= next(row for row in told["rows"] if row["Capability"] == capability).items()


def test_all_findings_of_a_tool_are_there(warehouse: duckdb.DuckDBPyConnection) -> None:
    [(tool,)] = warehouse.execute("select tool_id from marts.saving where state = 'counted' order by finding_id limit 1").fetchall()
    told = {row["Finding"] for row in summary(made(warehouse, named(warehouse, tool)))["sections"]["findings"]["rows"]}
    query = "select finding_id from marts.overlap_pair where ? in (tool_id, other_tool_id) and kind <> 'not_an_overlap' union select finding_id from marts.ownership_hole where subject_kind = 'tool' and subject_id = ?"
    assert {row[0] for row in warehouse.execute(query, [tool, tool]).fetchall()} <= told


def test_the_page_asks_for_nothing_and_carries_its_rows(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = made(warehouse, named(warehouse, "Microsoft"))
    html = justification.page(found).html
    assert html == justification.page(made(warehouse, named(warehouse, "Microsoft"))).html
    assert "default-src 'none'" in html
    assert not re.search(r'(?:src|href)="(?!#)', html)
    numbers = [int(number) for number in re.findall(r"data-m=\"?(\d+)", html)]
    assert sorted({*numbers}) == [mark.number for mark in found.marks]
    told = packing.unpacked(re.search(r'id="data">"([^"]*)"', html)[1])  # type: ignore[index]
    assert told["sets"]["ledger"]["n"] == len(found.case.sets["ledger"].values)
    assert len(told["marks"]) == len(found.marks)
    for section in found.sections:
        assert section.question in html
        for name in section.asked:
            assert html.count(f'id="sql-{name}"') == 1
    assert len(re.findall(r' id="([^"]+)"', html)) == len(set(re.findall(r' id="([^"]+)"', html)))


def test_hostile_names_stay_text(sample_warehouse: Path, tmp_path: Path) -> None:
    copyfile(sample_warehouse, tmp_path / "hostile.duckdb")
    with duckdb.connect(str(tmp_path / "hostile.duckdb")) as connection:
        tags = {kind: set() for kind in KINDS}  # type: dict[str, set[str]]
        for kind in KINDS:
            [(id_,)] = connection.execute(f"select min({kind}_id) from core.ledger").fetchall()
            plain = justification.page(made(connection, named(connection, id_))).html
            tags[kind] = set(re.findall(r"<([a-z0-9]+)", plain))
        for table in ("vendor", "tool", "initiative", "capability", "priority"):
            connection.execute(f"update core.{table} set {table}_name = list_extract(?, 1 + (rowid % {len(HOSTILE)})::int)", [HOSTILE])
        connection.execute("update marts.finding set subject = ?", [HOSTILE[0]])
        for kind in KINDS:
            [(id_,)] = connection.execute(f"select min({kind}_id) from core.ledger").fetchall()
            found = made(connection, named(connection, id_))
            html = justification.page(found).html
            assert set(re.findall(r"<([a-z0-9]+)", html)) <= tags[kind]
            assert html.count("<script") == 2
            assert all(letter.isprintable() for line in lines(found) for letter in line)
        assert connection.execute("select count(*) from core.tool").fetchone() != (0,)


@pytest.mark.usefixtures("without_expectations")
def test_what_nothing_tells_of_is_not_known(tmp_path: Path) -> None:
    folder = small.company(tmp_path / "company", {"exports/bills/bills.csv": small.lines("1,1,2026-01-05,Acme,100.00,EUR", "2,1,2026-01-06,Acme,20.50,EUR")})
    done = refresh(folder, "2026-01")
    with duckdb.connect(str(done.warehouse), read_only=True) as connection:
        found = made(connection, named(connection, "acme"), Money("EUR", 2, False))
    told, text = summary(found), "\n".join(lines(found))
    assert told["figures"]["Billed, 12 months"] == "120.5"
    assert {name for name, value in told["figures"].items() if value is None} >= {"Active seats", "Highest rung of an outcome", "Bound by contract if left now"}
    assert text.count(UNKNOWN) > 8
    assert "The trend is not known" in text
    assert [mark for mark in found.marks if off_by(mark, found.case.sets)] == []
    assert f'<span class="mut">{UNKNOWN}</span>' in justification.page(found).html


@pytest.mark.usefixtures("without_expectations")
def test_an_empty_company_has_nobody_to_justify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = small.company(tmp_path / "company", {})
    refresh(folder, "2026-01")
    assert run(["justify", "Acme", "-C", str(folder)]) == 2
    assert "No vendor, tool or initiative is named Acme." in capsys.readouterr().err


@pytest.mark.usefixtures("without_expectations")
def test_the_command_writes_the_page_beside_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = small.company(tmp_path / "company", {"exports/bills/bills.csv": small.lines("1,1,2026-01-05,Acme & Söhne,100.00,EUR")})
    refresh(home, "2026-01")
    capsys.readouterr()
    assert run(["justify", "acme & söhne", "-C", str(home), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    page = home / "reports" / "2026-01" / "justify-acme-sohne.html"
    assert (told["name"], told["kind"], Path(told["page"]).read_bytes()) == ("Acme & Söhne", "vendor", page.read_bytes())
    first = page.read_bytes()
    assert run(["justify", "Acme & Söhne", "-C", str(home)]) == 0
    text = capsys.readouterr().out
    assert text.startswith(told["title"])
    assert page.read_bytes() == first
    for section in told["sections"].values():
        assert section["answer"] in text
    assert run(["justify", "Acme Söhne", "-C", str(home)]) == 2
    assert "Did you mean Acme & Söhne (vendor)?" in capsys.readouterr().err
