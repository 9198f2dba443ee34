"""The shelf's first page, and the page for the data engineer."""

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.cli import run
from pipelines.refresh import Refreshed
from pipelines.report import quality
from pipelines.report.landing import write
from pipelines.report.page import Facts, read

MONTH: Mapping[str, Any] = {
    "company": "Small", "run_id": "a", "incomplete": [], "currency": "EUR", "currency_digits": 2, "provenances": ["invoiced"], "spend_amount": "100.50", "budget_amount": None,
    "spend_12m_amount": "1200", "overlap_12m_amount": "30", "misaligned_12m_amount": "40", "gap_count": 2,
}  # fmt: skip


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.links += [str(value) for name, value in attrs if name in {"href", "src"}]


def tags(html: str) -> Tags:
    found = Tags()
    found.feed(html)
    return found


def shelf(folder: Path, months: Mapping[str, Mapping[str, Any] | None], *files: str) -> str:
    """A shelf of months with these summaries; its first page."""
    for month, told in months.items():
        (folder / month).mkdir(parents=True)
        for name in ("report.html", *files):
            (folder / month / name).write_text("x", encoding="utf-8")
        if told is not None:
            (folder / month / "summary.json").write_text(json.dumps({**told, "month": month}), encoding="utf-8")
    return write(folder, months).read_text(encoding="utf-8")


def test_months_stand_newest_first_with_the_files_they_have(tmp_path: Path) -> None:
    html = shelf(tmp_path, {"2026-01": MONTH, "2026-02": {**MONTH, "spend_amount": "90"}}, "it-spend.xlsx", "quality.html")
    (tmp_path / "2026-02" / "report.pdf").write_text("x", encoding="utf-8")
    again = write(tmp_path, ["2026-01", "2026-02"]).read_text(encoding="utf-8")
    assert tags(html).links == [f"{month}/{name}" for month in ("2026-02", "2026-01") for name in ("report.html", "it-spend.xlsx", "quality.html")]
    assert "2026-02/report.pdf" in tags(again).links
    assert "2 months are published, January 2026 to February 2026" in html
    assert "€11 less than in January 2026" in html
    assert html.count("<svg") == 4
    assert "script" not in tags(html).seen
    assert not re.search(r"https?://|url\(|@import", html)


@pytest.mark.parametrize(
    ("months", "expected", "lines"),
    [
        ({}, "No month is published yet", 0),
        ({"2026-01": MONTH}, "One month is published: January 2026", 0),
        ({"2026-01": None}, "by an older version", 0),
        ({"2026-01": MONTH, "2026-02": {**MONTH, "incomplete": ["card: missing"]}}, "incomplete", 4),
        ({"2026-01": {**MONTH, "currency": "USD"}, "2026-02": MONTH}, "$100.50", 0),
        ({"2026-01": MONTH, "2026-02": {**MONTH, "gap_count": None, "overlap_12m_amount": None}}, "–", 2),
        ({"2026-01": MONTH, "2026-02": MONTH}, "as in January 2026", 4),
    ],
)
def test_the_page_fits_what_is_known(tmp_path: Path, months: Mapping[str, Any], expected: str, lines: int) -> None:
    (tmp_path / "x").mkdir()
    html = shelf(tmp_path / "x", months)
    assert expected in html
    assert html.count("class=\"trend\"") == lines


def test_a_missing_month_breaks_the_line(tmp_path: Path) -> None:
    html = shelf(tmp_path, dict.fromkeys(["2026-01", "2026-02", "2026-05"], MONTH))
    (path,) = re.findall(r'id="trend-spend_amount".*?<path d="([^"]*)"', html, re.DOTALL)
    assert re.sub(r"[^ML]", "", path) == "MLM"


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    html = shelf(tmp_path, {"2026-01": {**MONTH, "company": "</style></title><script>alert(1)</script>", "provenances": ["<img src=x onerror=1>"]}})
    assert {"script", "img"} & set(tags(html).seen) == set()


def test_a_published_month_stands_on_the_shelf(sample: Refreshed) -> None:
    home = sample.folder.parents[2]
    before = (home / "reports" / "index.html").read_bytes()
    assert {f"2026-10/{name}" for name in ("report.html", "it-spend.xlsx", "quality.html")} <= set(tags(before.decode()).links)
    for link in tags(before.decode()).links:
        assert (home / "reports" / link).is_file()
    told = json.loads((home / "reports" / "2026-10" / "summary.json").read_bytes())
    with duckdb.connect(str(sample.warehouse), read_only=True) as connection:
        (spend, rest) = connection.execute("select total_amount, (select misaligned_12m_amount + unmapped_12m_amount from report.spend) from marts.alignment_month where month = '2026-10-01'").fetchone() or ()
        (overlap,) = connection.execute("select sum(extra_cost_amount) from marts.overlap where not is_dismissed").fetchone() or ()
        (gaps,) = connection.execute("select count(*) from marts.gap where state in ('gap', 'no_tool') and not is_dismissed").fetchone() or ()
    assert [float(told[name]) for name in ("spend_amount", "misaligned_12m_amount", "overlap_12m_amount", "gap_count")] == [float(spend), float(rest), float(overlap), float(gaps)]
    assert run(["report", "-C", str(home)]) == 0
    assert (home / "reports" / "index.html").read_bytes() == before


def test_the_quality_page_says_what_the_audit_says(sample: Refreshed) -> None:
    html = (sample.folder / "report" / "quality.html").read_text(encoding="utf-8")
    with duckdb.connect(str(sample.warehouse), read_only=True) as connection:
        reading = read(connection, Facts("Tarnbeck Pumps", sample.month, sample.run_id, tuple(sample.incomplete)))
        assert quality.page(connection, reading) == html
        records = connection.execute("select distinct source_file, source_row from audit.quarantine").fetchall()
        secret = connection.execute("select distinct value from audit.quarantine where length(value) > 5").fetchall()
        failed = connection.execute("select check_name from audit.checks where not is_passed").fetchall()
        counts = {name: connection.execute(f"select count(*) from ({sql})").fetchone() for name, sql in quality.QUESTIONS.items()}
    assert f"{len(records)} records are in quarantine" in html
    for file, row in records:
        assert file in html
        assert f">{row:,}<" in html
    assert [value for (value,) in secret if value in html] == []
    assert [name for (name,) in failed if name not in html] == []
    assert counts["rules"] != (0,)
    assert "script" not in tags(html).seen
    assert {link for link in tags(html).links if not link.startswith("#")} == {"report.html", "../index.html"}


def test_a_long_list_names_its_select(sample: Refreshed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "SHOWN", 3)
    with duckdb.connect(str(sample.warehouse), read_only=True) as connection:
        html = quality.page(connection, read(connection, Facts("Small", sample.month, sample.run_id, ())))
    assert "The first 3 of 19; the SELECT gives all." in html
