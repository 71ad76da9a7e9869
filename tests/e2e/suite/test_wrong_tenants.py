"""Targets that answer every request, but are empty, older, or answer with somebody else's data: never a success."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ampeco_conformance.emulator_client.process import running_emulator
from tests.support.ended_run import Run
from tests.support.runs import TOKEN, conform_run
from tests.support.tampering import TamperedResponse, Tampering, tampering_proxy

USERS = "/public-api/resources/users/v1.0"


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with running_emulator("ampeco", "3.90.0", TOKEN) as base_url:
        yield base_url


def empty(answer: TamperedResponse) -> None:
    body = answer.body
    if answer.status == 200 and isinstance(body, dict) and isinstance(body.get("data"), list):
        answer.body = {**body, "data": []}
    elif answer.status == 200:
        answer.status, answer.body = 404, {"message": "Not found."}


def of_another_user(answer: TamperedResponse) -> None:
    assert isinstance(answer.body, dict)
    answer.body["data"]["id"] = f"{int(answer.body['data']['id']) + 7}"


@pytest.mark.parametrize(
    ("path", "change", "code", "decision", "said"),
    [
        (".*", empty, 4, "unknown", "only empty listings were seen"),
        (rf"{USERS}/\d+$", of_another_user, 1, "no-go", "answered another"),
    ],
)
def test_a_tenant_that_shows_nothing_or_somebody_else_is_no_success(
    path: str,
    change: Callable[[TamperedResponse], None],
    code: int,
    decision: str,
    said: str,
    emulator: str,
    tmp_path: Path,
) -> None:
    with tampering_proxy(emulator, Tampering("GET", path, change)) as address:
        run = run_on(address, tmp_path)
    assert (run.code, json.loads((tmp_path / "verdict.json").read_text())["decision"]) == (code, decision), run.said
    assert said in run.said


def run_on(address: str, reports: Path) -> Run:
    """A run of the reads of users."""
    target = ("--base-url", address, "--token-env", "SUITE_TOKEN", "--profile", "smoke")
    selection = ("--operation", f"GET {USERS}", "--operation", f"GET {USERS}/{{user}}")
    return conform_run(reports, *target, *selection, "--", "-k", "test_operation")


@pytest.mark.parametrize(("version", "code"), [("3.80.1 (0f3a)", 4), ("3.225.1 (0f3a)", 0)])
def test_a_tenant_that_says_it_is_older_gives_no_verdict(
    version: str, code: int, emulator: str, tmp_path: Path
) -> None:
    httpx.patch(f"{emulator}/_emulator/settings", json={"appVersion": version}).raise_for_status()
    run = run_on(emulator, tmp_path)
    assert run.code == code, run.said
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    assert verdict["decision"] == ("unknown" if code else "partial")
    assert version in " ".join(verdict["notes"])
