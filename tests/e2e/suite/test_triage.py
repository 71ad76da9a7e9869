"""How settings, known issues and drift decide a run: one emulator, whose defects come and go."""

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.triage.known_issues import today
from tests.support.loopback import NO_TLS
from tests.support.runs import TOKEN, conform

TAXES = "/public-api/resources/taxes/v2.0"
LOCATIONS = "/public-api/resources/locations/v2.0"
TAX = f"GET {TAXES}/{{tax}}"
NO_NAME = f"drop-field:{TAX}:name"


@dataclass(frozen=True)
class TriagedTarget:
    """An emulator, and a folder for what is said of it."""

    base_url: str
    folder: Path

    @contextmanager
    def defect(self, name: str) -> Iterator[None]:
        with httpx.Client(base_url=f"{self.base_url}/_emulator", verify=NO_TLS) as control:
            control.put("/defects", json={"defect": name}).raise_for_status()
            try:
                yield
            finally:
                control.put("/defects", json={"defect": None}).raise_for_status()

    def run(self, *arguments: str, aspect: str = "test_operation", resource: str = TAXES) -> tuple[int, str]:
        """Test the reads of one resource under one aspect."""
        of_one = ("--operation", f"GET {resource}*", "--reports", str(self.folder), "--no-html", "--profile", "smoke")
        return conform("run", *self.named, *of_one, *arguments, "--", "-k", aspect)

    @property
    def named(self) -> tuple[str, ...]:
        """The options that name the target."""
        return ("--base-url", self.base_url, "--token-env", "SUITE_TOKEN", "--safety", "full")

    def replay(self) -> tuple[int, str]:
        """Send a case of the last run again, by the command of its report; the exit code, and the answer."""
        worst = json.loads((self.folder / "verdict.json").read_text())["worst"][0]
        code, said = conform(*shlex.split(worst["replay"])[1:])
        (answer,) = re.findall(r"^(STILL|FIXED|CANNOT): ", said, re.MULTILINE)
        return code, answer

    @property
    def findings(self) -> list[dict[str, Any]]:
        lines = (self.folder / "items.jsonl").read_text().splitlines()
        return [finding for line in lines for finding in json.loads(line)["findings"]]


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with running_emulator("ampeco", "3.90.0", TOKEN) as base_url:
        yield base_url


@pytest.fixture
def tested(emulator: str, tmp_path: Path) -> TriagedTarget:
    return TriagedTarget(emulator, tmp_path)


def test_a_known_issue_does_not_fail_the_run_until_it_is_gone(tested: TriagedTarget) -> None:
    ledger = ("--known-issues", str(tested.folder / "known.yaml"))
    expires = str(today() + timedelta(days=9))
    about = ("--reason", "in May", "--owner", "Ann", "--ticket", "T-1", "--expires", expires)
    with tested.defect(NO_NAME):
        assert tested.run()[0] == ExitCode.VIOLATION
        code, said = conform("known", "add", *about, *ledger, "--reports", str(tested.folder))
        assert code == ExitCode.CONFORM, said
        assert f"test_operation[{TAX}-" in said
        assert tested.run(*ledger, "--strict")[0] == ExitCode.CONFORM
    (finding,) = tested.findings
    assert (finding["standing"], finding["issue"]) == ("known", "T-1")
    assert f"known until {expires}: in May" in finding["setting"]
    results = [json.loads(file.read_text()) for file in (tested.folder / "allure-results").glob("*-result.json")]
    owners = [label["value"] for result in results for label in result["labels"] if label["name"] == "owner"]
    assert owners == ["Ann"]
    ledger_file = tested.folder / "known.yaml"
    ledger_text = ledger_file.read_text()
    ledger_file.write_text(ledger_text.replace(expires, "2026-01-31"))
    with tested.defect(NO_NAME):
        assert tested.run(*ledger)[0] == ExitCode.VIOLATION
    assert json.loads((tested.folder / "verdict.json").read_text())["decision"] == "no-go"
    assert "T-1, expired on 2026-01-31" in (tested.folder / "index.html").read_text()
    ledger_file.write_text(ledger_text)
    with tested.defect(f"drop-field:{TAX}:id"):
        assert tested.run(*ledger)[0] == ExitCode.VIOLATION
    code, said = tested.run(*ledger, "--strict")
    assert code == ExitCode.EXPIRED_KNOWN_ISSUE
    assert "T-1" in said


def test_a_setting_decides_what_a_finding_counts_for(tested: TriagedTarget) -> None:
    file = tested.folder / "strictness.yaml"
    rule = {"check": "response_schema_*", "strictness": "tolerant", "reason": "a test"}
    file.write_text(json.dumps({"rules": [rule]}))
    with tested.defect(NO_NAME):
        assert tested.run("--strictness", str(file))[0] == ExitCode.CONFORM
        (finding,) = tested.findings
        assert (finding["standing"], finding["certainty"]) == ("drift", "deterministic")
        assert finding["setting"] == "strictness.yaml rule 1: tolerant because a test"
        assert tested.run("--strictness", str(file), "--strict")[0] == ExitCode.VIOLATION


@pytest.mark.parametrize(("aspect", "defect"), [("test_operation", NO_NAME), ("test_page_style", "foreign-links")])
def test_a_failing_case_is_replayed(tested: TriagedTarget, aspect: str, defect: str) -> None:
    with tested.defect(defect):
        assert tested.run(aspect=aspect)[0] == ExitCode.VIOLATION
        assert tested.replay() == (ExitCode.VIOLATION, "STILL")
    assert tested.replay() == (ExitCode.CONFORM, "FIXED")


def test_drift_is_listed_and_fails_a_strict_run_only(tmp_path: Path) -> None:
    with running_emulator("ampeco", "3.110.0", TOKEN) as base_url:
        newer = TriagedTarget(base_url, tmp_path)
        of_an_older = ("--api-version", "3.90.0")
        assert newer.run(*of_an_older, resource=LOCATIONS)[0] == ExitCode.CONFORM
        assert newer.findings == []
        assert (
            f"GET {LOCATIONS} v3.90.0: the field /data/*/parkingType" in conform("drift", "--reports", str(tmp_path))[1]
        )
        assert newer.run(*of_an_older, "--strict", resource=LOCATIONS)[0] == ExitCode.VIOLATION
        assert {finding["check"] for finding in newer.findings} == {"undocumented_field"}


@pytest.mark.parametrize("option", ["--strictness", "--known-issues"])
def test_a_file_that_means_nothing_is_refused_before_anything_is_sent(tested: TriagedTarget, option: str) -> None:
    file = tested.folder / "broken.yaml"
    file.write_text("something: else")
    code, said = tested.run(option, str(file))
    assert code == ExitCode.CONFIGURATION
    assert said.count("\n") == 1
    assert str(file) in said
