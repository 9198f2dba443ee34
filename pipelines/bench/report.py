"""What a report costs at the reader's: `python -m pipelines.bench.report --lines 200000`, on a machine with Chromium and playwright.

A company with so many ledger rows in the report's 12 months is refreshed in a scratch folder; then the report is written
anew and opened in a new window, several times. Prints medians; nothing here passes or fails.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from pipelines.bench.company import MONTH, write_company
from pipelines.refresh import refresh
from pipelines.report import page, workbook
from pipelines.report.page import Facts

LEDGER_SHARE = 12 / 22 * 1.5
"""Ledger rows of 12 months for each line of the company: its lines are of 22 months, and half of its tools serve two capabilities."""


def opened(browser: Any, path: Path) -> tuple[float, float, float, float]:
    """Seconds until the page can be used, until the first number shows its rows, until another does, and megabytes of the heap then."""
    window = browser.new_page()
    before = time.perf_counter()
    window.goto(path.as_uri())
    window.wait_for_selector("button[data-m][aria-label]", state="attached")
    ready = time.perf_counter() - before
    clicks = []
    for mark in ("header button[data-m]", "#budget tfoot button[data-m]"):
        before = time.perf_counter()
        window.evaluate("selector => document.querySelector(selector).click()", mark)
        window.wait_for_selector("#rows[open]")
        clicks.append(time.perf_counter() - before)
        window.locator("#close").click()
    heap = window.evaluate("performance.memory.usedJSHeapSize") / 1e6
    window.close()
    return ready, *clicks, heap


def main() -> None:
    parser = argparse.ArgumentParser(description="What a report costs at the reader's.")
    parser.add_argument("--lines", type=int, default=200_000, help="ledger rows of the report's 12 months")
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    from playwright.sync_api import sync_playwright

    chromium = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        write_company(folder / "company", round(given.lines / LEDGER_SHARE))
        warehouse = refresh(folder / "company", MONTH).warehouse
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            before = time.process_time()
            reading = page.read(connection, Facts("Benchmark", MONTH, "0" * 16, ()))
            read, before = time.process_time() - before, time.process_time()
            path = folder / "report.html"
            path.write_text(page.written(reading).html, encoding="utf-8")
            written, before = time.process_time() - before, time.process_time()
            book = workbook.book(reading)
            booked = time.process_time() - before
        rows = reading.sets["ledger"]
        print(f"ledger rows  {rows.count:,}, {'each' if rows.lines is not None or not rows.is_summed else 'as sums'} in the page")
        print(f"written      reading {read:.2f} s, page {written:.2f} s and {path.stat().st_size / 1e6:.2f} MB, workbook {booked:.2f} s and {len(book) / 1e6:.2f} MB (processor)")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--enable-precise-memory-info"])
        told = [statistics.median(column) for column in zip(*(opened(browser, path) for _ in range(given.turns)), strict=True)]
        print(f"opened       {told[0]:.2f} s until it can be used, {told[1]:.2f} s from the first click to the rows, {told[2]:.2f} s from another; heap {told[3]:.0f} MB")
        browser.close()


if __name__ == "__main__":
    main()
