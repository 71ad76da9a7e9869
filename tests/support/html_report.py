"""The Allure report of two runs, as its tests read it."""

from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.support.ended_run import Run

TAXES = "/public-api/resources/taxes/v2.0"


@dataclass(frozen=True)
class HtmlReport:
    """An Allure report of two runs: `violating` is of another version than `conforming`.

    `history` is Allure's, and `said` what was said of the progress.
    """

    page: Path
    conforming: Run
    violating: Run
    history: Path
    said: tuple[str, ...]

    @property
    def shown(self) -> dict[str, dict[str, str]]:
        """The results that Allure shows, by its ids."""
        content: dict[str, dict[str, str]] = orjson.loads((self.page.parent / "test-results.json").read_bytes())["byId"]
        return content

    def id_of(self, name: str) -> str:
        """The id, in the page's addresses, of the only result whose name contains `name`."""
        (found,) = [key for key, result in self.shown.items() if name in result["name"]]
        return found
