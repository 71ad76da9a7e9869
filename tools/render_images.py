"""Renders the pictures of the documentation: .venv/bin/python tools/render_images.py (needs Chromium and Allure)."""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from tests.support.browser import Page, open_browser  # noqa: E402
from tests.support.demonstration import SCENARIO, SCENARIO_FINDING, make_demonstration  # noqa: E402
from tests.support.emulator import NOON, running  # noqa: E402
from tests.support.runs import conform, conform_run  # noqa: E402
from tests.support.webhooks import receiving, subscribe  # noqa: E402

_WIDTH = 1100
#: By page of the gallery, where 800 would cut it off.
_HEIGHTS = {"matrix": 1090}
_OPERATION = ("--", "-k", "test_operation")
_TWO = ("--operation", "GET */taxes/v2.0/{tax}", "--operation", "GET */id-tags/v2.0/{idTag}")
#: What is in the gallery of docs/guide/reports.md: the arguments of a run, and what its picture begins with.
RUNS = {
    "kept": (("--api", "spirii"), "header"),
    "kept-in-part": (("--operation", "*/taxes/v2.0*", *_OPERATION), "header"),
    "one-cause": (("--defect", "drop-id", "--operation", "GET */resources/*/{*}", *_OPERATION), "header"),
    "three-causes": (("--defect", "error-as-text", *_TWO, "--", "--deselect", "scenarios"), "header"),
    "no-verdict": (("--operation", "*/taxes/v2.0*", "--min-coverage", "statuses=100", *_OPERATION), "header"),
    "scenario-failure": (("--defect", "session-cent", "--", "-k", "costs_what_its_tariff_says"), "article li.failed"),
}


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
        # Allure draws its tabs in the theme that it is opened in.
        page.show_as(_WIDTH, 760, dark=False)
        page.open((reports / "html/index.html").as_uri())
        page.wait_for("Categories")
        page.click_at("[data-testid=nav-tab-categories]")
        page.wait_for(SCENARIO)
        page.value_of("document.querySelector('[data-testid=nav-tab-categories]').scrollIntoView({block: 'center'})")
        page.picture(images / "categories.webp", _WIDTH, 760)
        page.open(proof)
        page.wait_for("The driver")
        page.picture(images / "scenario.webp", _WIDTH, 900)
        render_emulator(page, images / "emulator.webp")
        for name, address, top in gallery_pages(Path(folder)):
            for theme in ("light", "dark"):
                page.open(address)
                page.wait_for("e")
                page.value_of(f"document.querySelector({top!r}).scrollIntoView({{block: 'center'}})")
                height = _HEIGHTS.get(name, 800)
                page.picture(images / "gallery" / f"{name}-{theme}.webp", _WIDTH, height, dark=theme == "dark")


def gallery_pages(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Name and address of each page, and what its picture begins with."""
    for name, (arguments, top) in RUNS.items():
        run = conform_run(folder / name, *arguments)
        print(f"{name}: exit code {run.code}")
        yield name, (run.reports / "index.html").as_uri(), top
    upgrade = ("upgrade-check", "--from", "3.96.4", "--to", "3.110.0", "--emulator", "--operation", "*/bookings/v1.0*")
    print(f"upgrade: exit code {conform(*upgrade, '--reports', str(folder / 'upgrade'))[0]}")
    yield "upgrade-no-go", (folder / "upgrade" / "index.html").as_uri(), "header"
    print(f"matrix: exit code {conform('matrix', '--output', str(folder / 'matrix'))[0]}")
    yield "matrix", (folder / "matrix" / "matrix.html").as_uri(), "header"


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
