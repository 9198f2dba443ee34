"""Pictures of the report for the README: `python -m pipelines.report.picture FOLDER`, on a machine with Chromium and playwright.

The sample company is made and refreshed in a scratch folder, so that anybody gets the same pictures.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from pipelines.errors import ConfigError

HOME = Path(__file__).parents[2] / "pictures"
SHOTS = {"report-light": ("light", None), "report-rows": ("light", "#budget tfoot button[data-m]")}
"""Each picture with its colours, and the mark whose rows it shows."""
WIDTH, HEIGHT = 1320, 860


def main(folder: Path = HOME) -> list[Path]:
    """Write the pictures as PNG; where they are. Raises ConfigError where Chromium or playwright is missing."""
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
        write_sample(Path(scratch) / "company")
        page_of = (refresh(Path(scratch) / "company", MONTH).folder / "report" / "report.html").as_uri()
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
        browser.close()
    return [folder / f"{name}.png" for name in SHOTS]


if __name__ == "__main__":
    for path in main(Path(sys.argv[1]) if len(sys.argv) > 1 else HOME):
        print(path)
