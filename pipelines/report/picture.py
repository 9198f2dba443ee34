"""Pictures for the README: `python -m pipelines.report.picture FOLDER`, on a machine with Chromium and playwright.

The sample company is made and refreshed in a scratch folder, so that anybody gets the same pictures. Dagster's groups are
pictured folded, from the files to the report: of two hundred tables nobody sees anything.
"""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from pipelines.errors import ConfigError

HOME = Path(__file__).parents[2] / "pictures"
SHOTS = {"report-light": ("light", None), "report-rows": ("light", "#budget tfoot button[data-m]")}
"""Each picture of the report with its colours, and the mark whose rows it shows."""
GRAPH = "dagster-assets"
WIDTH, HEIGHT = 1320, 860
SECONDS = 120
"""Dagster's web server must answer within this time; it loads all tables first."""


def main(folder: Path = HOME) -> list[Path]:
    """Write the pictures as PNG; where they are. Raises ConfigError where Chromium or playwright is missing, or Dagster's web server does not start."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise ConfigError("Pictures need a browser to take them: pip install playwright, apt install chromium.") from None
    chromium = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    if not chromium:
        raise ConfigError("Pictures need a browser to take them: apt install chromium.")
    from pipelines.refresh import refresh
    from pipelines.sample import MONTH, write_sample

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        company = Path(scratch) / "company"
        write_sample(company)
        page_of = (refresh(company, MONTH).folder / "report" / "report.html").as_uri()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (colours, mark) in SHOTS.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=colours, reduced_motion="reduce")
            page.goto(page_of)
            if mark:
                page.locator(mark).first.scroll_into_view_if_needed()
                page.locator(mark).first.click()
                page.wait_for_selector("#rows[open]")
            page.screenshot(path=folder / f"{name}.png")
            page.close()
        with served(company) as home:
            graph(browser, home, folder / f"{GRAPH}.png")
        browser.close()
    return [folder / f"{name}.png" for name in (*SHOTS, GRAPH)]


@contextmanager
def served(company: Path) -> Iterator[str]:
    """Dagster's web server for a workspace, on a free port of this machine only; its address."""
    from pipelines import serve

    serve.show_published(company)
    with socket.socket() as free:
        free.bind((serve.HOST, 0))
        port = free.getsockname()[1]
    home = f"http://{serve.HOST}:{port}"
    command = [sys.executable, "-m", "dagster_webserver", "-h", serve.HOST, "-p", str(port), "-m", "pipelines.code_location", "-d", str(company)]
    server = subprocess.Popen(command, env=serve.environment(company), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(server, f"{home}/server_info")
        yield home
    finally:
        server.terminate()
        server.wait()


def wait(server: subprocess.Popen[bytes], address: str) -> None:
    """Until the server answers. Raises ConfigError where it ended or takes too long."""
    until = time.monotonic() + SECONDS
    while server.poll() is None and time.monotonic() < until:
        try:
            urlopen(address, timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.5)
    raise ConfigError("Dagster's web server did not start: try `plumbline serve`.")


def graph(browser: Any, home: str, path: Path) -> None:
    """The lineage of all groups, as wide as it gets: without menus and lists."""
    page = browser.new_page(viewport={"width": 1100, "height": 500}, device_scale_factor=1.5, reduced_motion="reduce")
    page.goto(f"{home}/asset-groups")
    page.wait_for_selector("text=marts", timeout=SECONDS * 1000)
    page.get_by_text("Hide navigation").click()
    page.wait_for_timeout(1000)
    page.reload()
    page.wait_for_selector("text=marts", timeout=SECONDS * 1000)
    page.wait_for_timeout(3000)
    page.screenshot(path=path)
    page.close()


if __name__ == "__main__":
    for path in main(Path(sys.argv[1]) if len(sys.argv) > 1 else HOME):
        print(path)
