"""The gate between the version a tenant was last tested with and the one under test."""

from pathlib import Path

import pytest

from ampeco_conformance.emulator_client.process import running_emulator
from tests.support.runs import TOKEN, conform_run


@pytest.mark.parametrize(
    ("previous", "version", "code", "told"),
    [
        (
            "3.96.4",
            "3.110.0",
            1,
            "[backward_compatibility] GET /public-api/resources/bookings/v1.0 v3.110.0: breaks clients of",
        ),
        ("3.66.0", "3.90.0", 0, "The contract is kept by a part: 1 of 431 operations."),
        ("3.555.0", "3.90.0", 2, "3.555.0"),
    ],
)
def test_what_breaks_clients_of_the_last_tested_version_fails(
    previous: str, version: str, code: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_emulator("ampeco", version, TOKEN, None) as base_url:
        tenant = f"{{base_url: '{base_url}', token_env: TENANT_TOKEN, last_tested_version: '{previous}'}}"
        (tmp_path / "tenants.yaml").write_text(f"tenants: {{staging: {tenant}}}", encoding="utf-8")
        monkeypatch.setenv("TENANT_TOKEN", TOKEN)
        tenants = ("--tenant", "staging", "--tenants-file", str(tmp_path / "tenants.yaml"))
        selection = ("--api-version", version, "--operation", "GET */taxes/v2.0", "--", "--deselect=scenarios")
        run = conform_run(tmp_path, *tenants, *selection)
    assert (run.code, told in run.said) == (code, True), run.said
