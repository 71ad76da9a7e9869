"""Every scenario notices a defect of the emulator that breaks its rule; every defect of behaviour is noticed."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import pytest

from ampeco_conformance.apis import owner_of_scenario
from ampeco_conformance.checks.registry import CHECKS
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.target.emulator_token import DEFAULT_TOKEN
from tests.support.loopback import NO_TLS
from tests.support.noticed import NOTICED, NoticedDefect, noticed, one_for_each_test
from tests.support.scenario_runs import ROOT, Outcomes, Variant, run_under_variants

OF_BEHAVIOUR = {"domain", "webhooks", "spirii"}


def severity_of(file: str) -> str:
    """The severity that a scenario's file declares by its mark."""
    marked = re.search(r"^pytestmark = \[?(\w+)", (ROOT / "scenarios" / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert marked, file
    return marked[1].lower()


@contextmanager
def misbehaving(base_url: str, state: bytes, defect: str) -> Iterator[None]:
    """Let an emulator have a defect, and return to a state afterwards: much cheaper than to seed it again."""
    with httpx.Client(base_url=f"{base_url}/_emulator", trust_env=False, verify=NO_TLS) as control:
        control.put("/defects", json={"defect": defect}).raise_for_status()
        try:
            yield
        finally:
            control.put("/defects", json={"defect": None}).raise_for_status()
            control.put("/state", content=state, headers={"Content-Type": "application/json"}).raise_for_status()


class RunUnderDefects:
    """Runs the scenarios of a file under all its defects, in one session that later tests of the file share."""

    def __init__(self, base_urls: Callable[[str], str]) -> None:
        self._base_urls = base_urls
        self._outcomes: dict[tuple[str, str], Outcomes] = {}

    def outcomes(self, file: str, defect: str) -> Outcomes:
        """What became of the scenarios under a defect."""
        if (file, defect) not in self._outcomes:
            api = owner_of_scenario((ROOT / "scenarios" / file).relative_to(ROOT))
            base_url = self._base_urls(api.name)
            lines = [line for line in one_for_each_test() if line.file == file]
            state = httpx.get(f"{base_url}/_emulator/state", trust_env=False, verify=NO_TLS).content
            variants = [Variant(line.words, partial(misbehaving, base_url, state, line.defect)) for line in lines]
            runs = run_under_variants(file, base_url, variants, api=api.name, api_version=api.default_version)
            self._outcomes |= {(file, line.defect): run for line, run in zip(lines, runs, strict=True)}
        return self._outcomes[file, defect]


@pytest.fixture(scope="module")
def spirii() -> Iterator[str]:
    """The base URL of an emulator of the other API."""
    with running_emulator("spirii", "v1", DEFAULT_TOKEN) as base_url:
        yield base_url


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> RunUnderDefects:
    """The sessions of this module."""
    return RunUnderDefects(lambda api: str(request.getfixturevalue("spirii" if api == "spirii" else "emulator")))


@pytest.mark.parametrize("line", list(one_for_each_test()), ids=lambda line: f"{line.file}: {line.defect}")
def test_a_scenario_notices_the_defect(runs: RunUnderDefects, line: NoticedDefect) -> None:
    outcomes = runs.outcomes(line.file, line.defect)
    assert outcomes.failed, f"nothing failed: {outcomes}"
    assert all("Violation" in message or "WaitingFailed" in message for message in outcomes.failed.values())
    broken_rules = [
        finding for result in outcomes.results for finding in result.findings if finding.check not in CHECKS
    ]
    assert {finding.severity for finding in broken_rules} <= {severity_of(line.file)}


def test_every_defect_of_behaviour_is_noticed_by_a_scenario(emulator: str) -> None:
    known = httpx.get(f"{emulator}/_emulator/defects", trust_env=False, verify=NO_TLS).json()["known"]
    assert {item["name"] for item in known if item["class"] in OF_BEHAVIOUR} <= {line.defect for line in noticed()}


def test_every_scenario_notices_a_defect() -> None:
    scenarios = ROOT / "scenarios"
    assert {str(path.relative_to(scenarios)) for path in scenarios.rglob("test_*.py")} == NOTICED.keys()


def test_the_defects_are_in_the_documentation() -> None:
    documented = (ROOT / "docs" / "reference" / "catalogue.md").read_text(encoding="utf-8")
    for file, defects in NOTICED.items():
        (row,) = (line for line in documented.splitlines() if line.startswith(f"| `{file}` |"))
        assert row.endswith(f"| {', '.join(f'`{defect}`' for defect in defects)} |")
