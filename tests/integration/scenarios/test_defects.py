"""Every story notices a defect of the emulator that breaks its rule, and every defect of behaviour is noticed."""

from collections.abc import Iterator

import httpx
import pytest

from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.target.emulator_token import DEFAULT_TOKEN
from tests.support.noticed import NOTICED, Noticed, noticed, table
from tests.support.scenario_runs import API_VERSION, ROOT, run_scenarios

OF_BEHAVIOUR = {"domain", "webhooks", "spirii"}


@pytest.fixture(scope="module")
def spirii() -> Iterator[str]:
    """The base URL of an emulator of the other API."""
    with running_emulator("spirii", "v1", DEFAULT_TOKEN) as base_url:
        yield base_url


@pytest.mark.parametrize("line", list(noticed()), ids=lambda line: f"{line.story}: {line.defect}")
def test_a_story_notices_the_defect(request: pytest.FixtureRequest, line: Noticed) -> None:
    api, version = ("spirii", "v1") if line.story.startswith("spirii/") else ("ampeco", API_VERSION)
    base_url = request.getfixturevalue("spirii" if api == "spirii" else "emulator")
    with httpx.Client(base_url=f"{base_url}/_emulator", trust_env=False) as control:
        control.put("/defects", json={"defect": line.defect}).raise_for_status()
        try:
            outcomes = run_scenarios(line.selection, base_url, api=api, api_version=version)
        finally:
            control.put("/defects", json={"defect": None}).raise_for_status()
            control.post("/reset").raise_for_status()
    assert outcomes.failed, f"nothing failed: {outcomes.passed or outcomes.skipped}"
    assert all("Violation" in message or "WaitingFailed" in message for message in outcomes.failed.values())


def test_every_defect_of_behaviour_is_noticed_by_a_story(emulator: str) -> None:
    known = httpx.get(f"{emulator}/_emulator/defects", trust_env=False).json()["known"]
    assert {item["name"] for item in known if item["class"] in OF_BEHAVIOUR} <= {line.defect for line in noticed()}


def test_every_story_notices_a_defect() -> None:
    stories = ROOT / "scenarios"
    assert {str(path.relative_to(stories)) for path in stories.rglob("test_*.py")} == NOTICED.keys()


def test_the_table_is_in_the_documentation() -> None:
    documented = (ROOT / "docs" / "guide" / "scenarios.md").read_text(encoding="utf-8").splitlines()
    start = documented.index(table()[0])
    assert documented[start : start + len(table())] == table()
