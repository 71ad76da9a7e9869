"""Renders the pictures of the documentation: .venv/bin/python tools/render_images.py (needs Chromium and Allure)."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from tests.support.browser import Page, open_browser  # noqa: E402
from tests.support.demonstration import SCENARIO, SCENARIO_FINDING, make_demonstration  # noqa: E402
from tests.support.emulator import NOON, running  # noqa: E402
from tests.support.webhooks import receiving, subscribe  # noqa: E402

_WIDTH = 1100


def main() -> None:
    """Render the pictures from a run that shows everything a report can show."""
    images = PROJECT / "docs/images"
    with TemporaryDirectory() as folder, open_browser(Path(folder) / "profile") as page:
        reports = make_demonstration(Path(folder))
        page.open((reports / "index.html").as_uri())
        page.wait_for("Charts")
        page.picture(images / "verdict.webp", _WIDTH, 1000)
        page.picture(images / "verdict-dark.webp", _WIDTH, 1000, dark=True)
        proof = page.address_in("article", SCENARIO_FINDING, "a[href^='html/']")
        page.click_at("nav a[href='#charts']")
        page.picture(images / "charts.webp", _WIDTH, 760)
        page.open((reports / "html/index.html").as_uri())
        page.wait_for("Categories")
        page.click_at("[data-testid=nav-tab-categories]")
        page.wait_for(SCENARIO)
        page.picture(images / "categories.webp", _WIDTH, 760)
        page.open(proof)
        page.wait_for("The driver")
        page.picture(images / "scenario.webp", _WIDTH, 900)
        render_emulator(page, images / "emulator.webp")


def render_emulator(page: Page, image: Path) -> None:
    """Render the root page of an emulator with sessions that are running."""
    with running("--clock", NOON) as emulator, receiving() as receiver:
        subscribe(emulator, receiver.address, "SessionUpdateNotification")
        for evse in (2, 3):
            emulator.post(f"/actions/evse/v1.0/{evse}/start", {"userId": 1})
        emulator.advance(1800)
        receiver.wait_for(4)
        page.open(str(emulator.client.base_url))
        page.wait_for("delivered")
        page.picture(image, _WIDTH, 1000)


if __name__ == "__main__":
    main()
