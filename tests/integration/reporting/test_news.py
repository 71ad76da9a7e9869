"""A message about a run: only when it says something that the last one did not."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.reporting.summary import read_summary, write_summary
from ampeco_conformance.triage.known_issues import Review
from tests.support.finished_runs import Nights, failed, passed


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def message(nights: Nights, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """What the command prints about the last night."""
    capsys.readouterr()
    arguments = ["report", "news", "--reports", str(nights.reports), "--history", str(nights.folder / "history")]
    assert main([*arguments, *options]) == ExitCode.CONFORM
    return capsys.readouterr().out


def test_nights_are_quiet_until_something_is_new_or_fixed(nights: Nights, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for result in (passed(), failed(), failed(), passed(), passed()):
        nights.run(result)
        said.append(message(nights, capsys))
    kinds = [[line[2:].partition(":")[0] for line in text.splitlines() if line.startswith("- ")] for text in said]
    assert kinds == [[], ["New"], [], ["Fixed"], []]
    assert said[1].startswith("**")
    assert "data.id is missing in a 200 response" in said[1]
    assert [text == "" for text in said] == [True, False, True, False, True]


def test_a_known_issue_that_expires_is_told_once(nights: Nights, capsys: pytest.CaptureFixture[str]) -> None:
    nights.run(passed())
    verdict = nights.run(passed())
    summary = read_summary(nights.reports)
    assert summary is not None
    assert verdict.since_last_run is not None
    last = datetime.fromtimestamp(verdict.since_last_run.at, UTC).date()
    for expires, is_told in ((last, True), (last - timedelta(days=1), False)):
        review = Review("T-1", "status_code", "GET /users", "v2-x", "seen", True, str(expires))
        write_summary(replace(summary, known_issues=(review,)), nights.reports)
        assert ("Expired: known issue T-1" in message(nights, capsys)) is is_told


def test_a_webhook_of_slack_takes_the_body(nights: Nights, capsys: pytest.CaptureFixture[str]) -> None:
    nights.run(passed())
    nights.run(failed(message="</data> & more is missing at 200"))
    body = json.loads(message(nights, capsys, "--format", "slack"))
    assert body.keys() == {"text"}
    assert "&lt;/data&gt; &amp; more" in body["text"]
    assert body["text"].startswith("*")
