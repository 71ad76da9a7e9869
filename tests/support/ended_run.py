"""A run that has ended, and what it left behind."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Run:
    """Exit code, all that was said, the folder of the reports and that of the Allure results."""

    code: int
    said: str
    reports: Path
    results_dir: Path

    @property
    def summary(self) -> dict[str, Any]:
        """run.json."""
        content: dict[str, Any] = json.loads((self.reports / "run.json").read_text())
        return content

    @property
    def results(self) -> list[dict[str, Any]]:
        """The Allure results."""
        return [json.loads(file.read_text()) for file in self.results_dir.glob("*-result.json")]

    def result(self, name: str) -> dict[str, Any]:
        """The only result whose node id holds a name."""
        (found,) = [result for result in self.results if name in result["fullName"]]
        return found

    def attachment(self, result: dict[str, Any], name: str) -> str:
        """The content of an attachment of a result or a step."""
        (found,) = [attachment for attachment in result["attachments"] if attachment["name"] == name]
        return (self.results_dir / str(found["source"])).read_text()
