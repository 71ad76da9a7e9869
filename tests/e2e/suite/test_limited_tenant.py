"""A run on a tenant of the other API keeps its budget and the limits that the tenant tells."""

import json
from pathlib import Path

import httpx

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from tests.support.loopback import NO_TLS
from tests.support.runs import TOKEN, conform_run

BUDGET, PER_MINUTE, DAILY = 60, 1000, 20_000


def test_a_run_on_spirii_keeps_its_budget_and_its_limits(tmp_path: Path) -> None:
    with running_emulator("spirii", "v1", TOKEN) as base_url, httpx.Client(verify=NO_TLS, trust_env=False) as control:
        control.patch(f"{base_url}/_emulator/settings", json={"rateLimit": PER_MINUTE, "dailyLimit": DAILY})
        tenant = {"api": "spirii", "base_url": base_url, "token_env": "SUITE_TOKEN", "requests_per_minute": 3000}
        tenant |= {"daily_requests": DAILY, "keep_free": "20%"}
        tenants = tmp_path / "tenants.yaml"
        tenants.write_text(json.dumps({"tenants": {"sandbox": tenant}}))
        target = ("--tenants-file", str(tenants), "--tenant", "sandbox", "--max-requests", str(BUDGET))
        run = conform_run(tmp_path / "reports", *target)
        seen = control.get(f"{base_url}/_emulator/requests").json()["data"]
    assert run.code == ExitCode.CONFORM, run.said
    assert 10 <= len(seen) <= BUDGET
    assert {request["status"] for request in seen}.isdisjoint({429})
    verdict = json.loads((tmp_path / "reports/verdict.json").read_text())
    assert verdict["decision"] == "partial"
    assert any(gap["reason"] == "budget" for gap in verdict["not_tested"])


def test_a_run_leaves_the_rate_limit_of_an_emulator_as_it_was(tmp_path: Path) -> None:
    with (
        running_emulator("ampeco", "3.90.0", TOKEN) as base_url,
        httpx.Client(verify=NO_TLS, trust_env=False) as control,
    ):
        settings = f"{base_url}/_emulator/settings"
        control.patch(settings, json={"rateLimit": PER_MINUTE})
        target = ("--base-url", base_url, "--token-env", "SUITE_TOKEN", "--safety", "full", "--api-version", "3.90.0")
        run = conform_run(
            tmp_path, *target, "--operation", "GET */taxes/v2.0", "--workers", "1", "--", "-k", "rate_limit"
        )
        assert control.get(settings).json()["rateLimit"] == PER_MINUTE
    assert run.summary["items"] == {"passed": 1}, run.said
