"""The steps of scenarios as the first page shows them, read from their Allure results, where everything is masked."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.reporting.result_files import Result, read_result_files
from ampeco_conformance.reporting.writers.exchange_texts import excerpt, message_text

_HTTP = "application/vnd.allure.http+json"
_TABLE = "text/csv"
_SHOWN_EXCHANGES = 5
_SHOWN_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class ScenarioStep:
    """A step: the titles of its exchanges, its tables by title, and where it failed the exchanges themselves."""

    name: str
    status: str
    message: str
    titles: list[str]
    tables: Mapping[str, list[list[str]]]
    exchanges: Mapping[str, Mapping[str, str]]
    steps: list["ScenarioStep"]


@dataclass(frozen=True, slots=True)
class ShownScenario:
    """A scenario and its steps."""

    name: str
    steps: list[ScenarioStep]


def scenarios_of(results_dir: Path, node_ids: Collection[str]) -> dict[str, ShownScenario]:
    """The scenarios among these items, by node id; nothing is read when there are no items."""
    if not node_ids:
        return {}
    found = read_result_files(results_dir).results.values()
    return {
        result["fullName"]: ShownScenario(str(result.get("name", "")), list(_steps(result, results_dir)))
        for result in found
        if result["fullName"] in node_ids and result.get("steps")
    }


def _steps(parent: Result, folder: Path) -> Iterator[ScenarioStep]:
    for step in parent.get("steps", ()):
        status = str(step.get("status", ""))
        attachments = [attachment for attachment in step.get("attachments", ()) if attachment.get("source")]
        of_type = {kind: [file for file in attachments if file.get("type") == kind] for kind in (_HTTP, _TABLE)}
        # What passed is shown in Allure.
        shown = of_type[_HTTP][-_SHOWN_EXCHANGES:] if status in ("failed", "broken") else []
        yield ScenarioStep(
            name=str(step.get("name", "")),
            status=status,
            message=str((step.get("statusDetails") or {}).get("message", "")),
            titles=[str(attachment["name"]) for attachment in of_type[_HTTP]],
            tables={str(file["name"]): _table(folder / file["source"]) for file in of_type[_TABLE]},
            exchanges={str(file["name"]): _exchange(folder / file["source"]) for file in shown},
            steps=list(_steps(step, folder)),
        )


def _table(file: Path) -> list[list[str]]:
    """The rows of a CSV file; none when it cannot be read."""
    try:
        return list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError):
        return []


def _exchange(file: Path) -> dict[str, str]:
    """Request and response in the form of Allure's viewer as texts; none when the file cannot be read."""
    try:
        content: dict[str, Any] = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    request, response = content["request"], content.get("response")
    texts = {"Request": _message(f"{request['method']} {request['url']}", request)}
    if response is not None:
        texts["Response"] = _message(f"{response['status']} {response['statusText']}", response)
    else:
        texts["Response"] = content.get("error", {}).get("message", "no response")
    return texts


def _message(line: str, message: Mapping[str, Any]) -> str:
    headers = [(header["name"], header["value"]) for header in message["headers"]]
    body = excerpt(message["body"]["value"], "") if "body" in message else ""
    return message_text(line, headers, body[:_SHOWN_CHARACTERS])
