"""What a tenant showed for three nights and lost is told after three more; its tokens live for seconds."""

import json
import time
from pathlib import Path

import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.reporting.sightings import SEEN
from tests.support.emulator import RunningEmulator, running
from tests.support.ended_run import Run
from tests.support.runs import conform_run

#: Seconds.
LIFETIME = 3
CONTRACTS = "GET /public-api/resources/partner-contracts/v1.0"


@pytest.fixture
def tenants_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the tenant is described; its address is written later."""
    monkeypatch.setenv("NIGHT_ID", "nightly")
    monkeypatch.setenv("NIGHT_SECRET", "a-secret-of-the-client")
    return tmp_path / "tenants.yaml"


def night(tenant: RunningEmulator, tenants_file: Path) -> Run:
    oauth = {"client_id_env": "NIGHT_ID", "client_secret_env": "NIGHT_SECRET"}
    entry = {"base_url": str(tenant.client.base_url), "oauth": oauth, "api_version": "3.90.0"}
    tenants_file.write_text(json.dumps({"tenants": {"staging": entry}}))
    target = (
        "--tenants-file",
        str(tenants_file),
        "--tenant",
        "staging",
        "--profile",
        "smoke",
        "--operation",
        CONTRACTS,
    )
    folder = tenants_file.parent
    return conform_run(folder / "reports", *target, "--history", str(folder / "history"), "--", "--deselect=scenarios")


def let_pass(history: Path) -> None:
    """Make of one night three, and of those three that have shown nothing two."""
    content = json.loads((history / SEEN).read_text())
    for sightings in content.values():
        for seen in sightings.values():
            seen |= {"nights": 3, "last": "2026-01-03", "missing": 2, "counted": "2026-01-05"}
    (history / SEEN).write_text(json.dumps(content))


def test_a_field_that_is_lost_for_three_nights_is_told_though_tokens_expire(tmp_path: Path, tenants_file: Path) -> None:
    with running("--oauth-client", "nightly:a-secret-of-the-client", "--token-lifetime", str(LIFETIME)) as tenant:
        first = night(tenant, tenants_file)
        let_pass(tmp_path / "history")
        # The token of the first night has expired then, however fast that night was.
        time.sleep(LIFETIME)
        tenant.control("PUT", "/defects", {"defect": "omitted-null"})
        last = night(tenant, tenants_file)
        requests = tenant.control("GET", "/requests")["data"]
    assert first.code == last.code == ExitCode.CONFORM, first.said + last.said
    assert "no_longer_seen" not in first.said
    verdict = json.loads((tmp_path / "reports/verdict.json").read_text())
    told = {cluster["message"] for cluster in verdict["clusters"] if cluster["check"] == "no_longer_seen"}
    missed = "was seen in 3 nights until 2026-01-03, and in none of 3 nights since"
    assert told == {f"the field 200/data/{place} {missed}" for place in ("*/endDate", "endDate")}
    fetched = [request for request in requests if request["target"].startswith("/public-api/oauth/token")]
    assert len(fetched) > 1
