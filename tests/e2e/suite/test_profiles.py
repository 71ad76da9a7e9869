"""How much of the suite runs: profiles, a dry run, and what failed last."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.reporting.results import read_results
from ampeco_conformance.specs import load_specification
from tests.support.runs import TOKEN, conform_run

TAXES = "/public-api/resources/taxes/v2.0"
#: Nobody listens there, so that whatever is sent would fail.
NOWHERE = ("--base-url", "http://127.0.0.1:9", "--token-env", "SUITE_TOKEN")


@pytest.fixture
def healthy() -> Iterator[str]:
    """An emulator that stands for a tenant."""
    with running_emulator("ampeco", "3.90.0", TOKEN) as base_url:
        yield base_url


def dry_run(reports: Path, *arguments: str) -> dict[str, str]:
    """What a dry run says of every operation and scenario."""
    run = conform_run(reports, "--dry-run", *NOWHERE, *arguments)
    assert run.code == ExitCode.CONFORM, run.said
    assert not (reports / "run.json").exists()
    assert " items, working out what each would send, " in run.said
    lines = [line for line in run.said.splitlines() if line.startswith(("GET ", "POST ", "scenarios/"))]
    return dict(line.split(": ", 1) for line in lines)


def test_a_dry_run_tells_what_would_be_sent_and_sends_nothing(tmp_path: Path) -> None:
    listed = dry_run(tmp_path, "--operation", "*taxes*")
    assert {"operation", "authentication", "page_style"} <= set(listed[f"GET {TAXES}"].split(", "))
    assert listed[f"POST {TAXES}"] == "not sent: safety read-only: this operation creates"
    assert listed["scenarios/test_tax.py::test_a_tax_reads_back_as_updated"].startswith("not sent: ")


def test_a_budget_sends_no_more_and_lists_what_it_left_out(healthy: str, tmp_path: Path) -> None:
    target = ("--base-url", healthy, "--token-env", "SUITE_TOKEN", "--operation", "GET */taxes/*")
    run = conform_run(tmp_path, *target, "--max-requests", "50", "--rolling")
    assert run.code == ExitCode.CONFORM, run.said
    assert "conform: rolling: about " in run.said
    sent, plan = (json.loads((tmp_path / name).read_text()) for name in ("run.json", "selection.json"))
    assert (sent["decision"], sent["verdict"]) == ("partial", 0)
    assert 10 <= sent["requests"] <= 50
    assert plan["nights"] > 1
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    (gap,) = (gap for gap in verdict["not_tested"] if gap["reason"] == "budget")
    assert {f"{name} (never tested)" for name in plan["left_out"]} <= {*gap["names"]}
    waiting, tonight = {*plan["left_out"]}, plan
    for _ in range(plan["nights"] - 1):
        again = conform_run(tmp_path, *target, "--max-requests", "50", "--rolling")
        assert again.code == ExitCode.CONFORM, again.said
        tonight = json.loads((tmp_path / "selection.json").read_text())
        waiting &= {*tonight["left_out"]}
    # Everything was covered in the nights that were told, and the next ones start over.
    assert not waiting
    assert tonight["nights"] == plan["nights"]


def test_smoke_is_every_get_once_and_the_conventions_on_a_few(tmp_path: Path) -> None:
    listed = dry_run(tmp_path, "--profile", "smoke")
    reading = {item.label for item in load_specification("3.90.0").operations if item.method == "GET"}
    assert listed.keys() == reading
    sent = [line for line in listed.values() if not line.startswith("not sent")]
    assert all("operation" in line.split(", ") for line in sent)
    assert 1 < sum("authentication" in line for line in sent) < 10


def test_only_what_failed_last_runs_again(tmp_path: Path) -> None:
    selection = ("--operation", f"GET {TAXES}", "--workers", "1")
    few = ("--", "-k", "test_operations or test_authentication")
    broken = conform_run(tmp_path, *selection, "--defect", f"drop-field:GET {TAXES}:name", *few)
    assert broken.code == ExitCode.VIOLATION, broken.said
    results = read_results(tmp_path)
    failed = {result.node_id for result in results if result.status == "failed"}
    assert len(failed) < len(results)
    again = conform_run(tmp_path, *selection, "--last-failed", *few)
    assert again.code == ExitCode.CONFORM, again.said
    assert {result.node_id for result in read_results(tmp_path)} == failed
    assert conform_run(tmp_path, *selection, "--last-failed", *few).code == ExitCode.CONFIGURATION


def test_a_dry_run_tells_what_a_run_may_cost(tmp_path: Path) -> None:
    tenant = {"base_url": "http://127.0.0.1:9", "token_env": "SUITE_TOKEN", "safety": "own-data", "production": False}
    tenant |= {"permissions": ["devices"], "test_equipment": {"evse": [171, 181]}}
    tenants = tmp_path / "tenants.yaml"
    tenants.write_text(json.dumps({"tenants": {"staging": tenant}}))
    target = ("--tenants-file", str(tenants), "--tenant", "staging", "--operation", "*/evse/v1.0/{evse}/start")
    run = conform_run(tmp_path, "--dry-run", *target, "--", "-k", "test_operation or test_receipt")
    costs = [line for line in run.said.splitlines() if line.startswith("cost: ")]
    said = "command hardware: at what the run creates, and at evse 171, 181, where sessions cost what the tariffs say"
    assert costs == [f"cost: 1 operation and 6 scenarios {said}"]
