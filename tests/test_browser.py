"""The report in a real browser: every mark is proved where the reader sees it, and everybody can read and use the page."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from reported import FACTS, HOSTILE, hostile

from pipelines.refresh import Refreshed
from pipelines.report import rows
from pipelines.report.page import SECTIONS, Page, render

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no browser is here: install chromium to test the report in one")
SCREENS = [(390, "light"), (390, "dark"), (768, "light"), (1320, "light"), (1320, "dark")]
"""Each layout, and each palette in the narrowest and the widest: what is between has the colours of both."""
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}, "resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright axe-playwright-python")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def files(sample: Refreshed) -> dict[str, Path]:
    home = sample.folder.parents[2] / "reports"
    return {"report": home / "2026-10" / "report.html", "quality": home / "2026-10" / "quality.html", "index": home / "index.html"}


@contextmanager
def opened(browser: Any, path: Path, width: int = 1320, scheme: str = "light", script: bool = True) -> Iterator[Any]:
    """A page in a window of its own; leaving fails where it asked for anything but itself or complained."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script, reduced_motion="reduce", accept_downloads=True)
    page, asked, said = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(path.as_uri())
    if script and page.locator("[data-m]").count():
        page.wait_for_selector("button[data-m][aria-label]", state="attached")
    try:
        yield page
        assert [url for url in asked if not url.startswith("blob:")] == [path.as_uri()]
        assert said == []
    finally:
        context.close()


def broken_rules(page: Any, within: str | None = None) -> list[str]:
    """What axe finds on the page or within a part of it, with the first elements that it finds it in."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, within, options=RULES).response["violations"]
    return [f"{rule['id']}: {[node['target'] for node in rule['nodes'][:3]]}" for rule in found]


def test_every_mark_is_proved_and_one_changed_cent_is_caught(browser: Any, files: dict[str, Path]) -> None:
    with opened(browser, files["report"]) as page:
        assert page.locator("[data-m]").count() > 600
        assert page.evaluate("unproven()") == []
        changed = page.evaluate("unproven(1)")
        assert len(changed) > 5
        assert any(told.startswith("All money of 12 months: ") for told in changed)


@pytest.mark.parametrize(("embedded", "carried", "told"), [
    (1000, 100_000, " Equals the figure, difference 0.00."),
    (1000, 6000, " Equals the figure, difference 0.00. The page holds them added up: each line below is a sum, and the SQL shows every row."),
    (1000, 100, "There are too many rows to carry them in this page. The SQL below shows them."),
], ids=["lines under sums", "sums", "neither"])  # fmt: skip
def test_a_large_ledger_answers_too(
    browser: Any, warehouse: Any, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: int, carried: int, told: str
) -> None:
    monkeypatch.setattr(rows, "EMBEDDED", embedded)
    monkeypatch.setattr(rows, "CARRIED", carried)
    path = tmp_path / "large.html"
    path.write_text(render(warehouse, FACTS).html, encoding="utf-8")
    count = f"{page.sets['ledger'].count:,} rows, together " if "Equals" in told else ""
    with opened(browser, path) as window:
        window.locator("#trust tbody button[data-m]").first.click()
        window.wait_for_selector("#rows[open]")
        said = window.locator("#tie-line").text_content()
        assert said.startswith(count)
        assert said.endswith(told)
        assert window.locator("#csv").is_disabled() == (not count)
        if count:
            assert window.evaluate("unproven()") == []
            assert len(window.evaluate("unproven(1)")) > 5


def test_a_click_on_a_mark_shows_its_rows_and_that_they_add_up(browser: Any, files: dict[str, Path]) -> None:
    with opened(browser, files["report"]) as page:
        told = page.evaluate("""async () => {
            const told = [];
            const marks = Array.from(document.querySelectorAll("[data-m]")).filter((mark, place) => place % 9 === 0);
            for (const mark of marks) {
                mark.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
                while (!document.getElementById("rows").open) await new Promise(done => setTimeout(done, 1));
                told.push({
                    name: mark.getAttribute("aria-label"), printed: mark.tagName === "BUTTON" ? mark.textContent : "", title: document.getElementById("rows-title").textContent,
                    tie: document.getElementById("tie-line").textContent, sql: document.getElementById("rows-sql").textContent,
                    rows: document.querySelectorAll("#tables tbody tr").length,
                });
                document.getElementById("rows").close();
            }
            return told;
        }""")
    assert len(told) > 70
    for mark in told:
        assert mark["title"] == mark["name"]
        assert mark["name"].endswith(f": {mark['printed']}" if mark["printed"] else "")
        assert "Equals the figure" in mark["tie"] or mark["tie"] == "One record says so.", mark
        assert mark["sql"].startswith("select * from (")
    assert sum(mark["rows"] > 0 for mark in told) > 60


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_everybody_can_read_the_report(browser: Any, files: dict[str, Path], width: int, scheme: str) -> None:
    with opened(browser, files["report"], width, scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("Array.from(document.querySelectorAll('.cards td')).filter(c => getComputedStyle(c).display !== 'none' && c.scrollWidth > c.clientWidth + 1).length") == 0
        assert broken_rules(page) == []
        page.locator("#budget button[data-m]").first.click()
        page.wait_for_selector("#rows[open]")
        assert broken_rules(page, "#rows") == []


@pytest.mark.parametrize("name", ["index", "quality"])
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1320, "light")])
def test_everybody_can_read_the_other_pages(browser: Any, files: dict[str, Path], name: str, width: int, scheme: str) -> None:
    with opened(browser, files[name], width, scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert broken_rules(page) == []


def test_the_keyboard_leads_to_the_rows_and_back(browser: Any, files: dict[str, Path]) -> None:
    with opened(browser, files["report"]) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
        page.keyboard.press("Enter")
        for key in ("Enter", " "):
            page.locator("main").focus()
            while not page.evaluate("'m' in document.activeElement.dataset"):
                page.keyboard.press("Tab")
            number = page.evaluate("document.activeElement.dataset.m")
            page.keyboard.press(key)
            page.wait_for_selector("#rows[open]")
            assert page.evaluate("document.activeElement.id") == "close"
            page.keyboard.press("Escape")
            assert not page.locator("#rows").is_visible()
            assert page.evaluate("document.activeElement.dataset.m") == number
        bar = page.locator("#chart-monthly a").first
        bar.focus()
        page.keyboard.press(" ")
        page.wait_for_selector("#rows[open]")
        assert page.locator("#rows-title").text_content() == bar.get_attribute("aria-label")


def test_rows_can_be_taken_away_as_csv(browser: Any, files: dict[str, Path]) -> None:
    with opened(browser, files["report"]) as page:
        page.locator("#budget button[data-m]").first.click()
        page.wait_for_selector("#rows[open]")
        with page.expect_download() as waiting:
            page.locator("#csv").click()
        text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    assert text.startswith("month,source,source_file,source_row,vendor")
    assert len(text.splitlines()) > 100


def test_without_javascript_figures_and_sql_are_there(browser: Any, files: dict[str, Path]) -> None:
    with opened(browser, files["report"], script=False) as page:
        assert [name for name in SECTIONS if not page.locator(f"#{name} h2").is_visible()] == []
        assert page.locator("svg.chart").count() == 4
        assert page.locator("#print").is_hidden()
        page.locator("#sql-spend summary").click()
        assert "from marts.ledger_month" in page.locator("#sql-spend pre").inner_text()


def test_dark_and_light_can_be_chosen_and_print_is_light(browser: Any, files: dict[str, Path]) -> None:
    with opened(browser, files["report"], scheme="dark") as page:
        paper = "getComputedStyle(document.documentElement).backgroundColor"
        assert page.evaluate(paper) == "rgb(18, 22, 27)"
        page.locator("#theme").click()
        assert page.evaluate(paper) == "rgb(255, 255, 255)"
        page.locator("#theme").click()
        page.emulate_media(media="print")
        assert page.evaluate(paper) == "rgb(255, 255, 255)"


def test_hostile_names_do_nothing(browser: Any, sample_warehouse: Path, tmp_path: Path) -> None:
    with hostile(sample_warehouse, tmp_path, HOSTILE) as connection:
        html = render(connection, FACTS).html
    path = tmp_path / "hostile.html"
    path.write_text(html, encoding="utf-8")
    with opened(browser, path) as page:
        assert page.evaluate("document.querySelectorAll('iframe, img, script:not([id]), [onclick], [onload], [onerror], [onfocus]').length") == 1
        assert page.evaluate("unproven()") == []
        page.locator("#commitments button[data-m]").first.click()
        page.wait_for_selector("#rows[open]")
        assert page.locator("#rows img, #rows script, #rows iframe").count() == 0
