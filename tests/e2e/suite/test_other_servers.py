"""The suite finds nothing on a right server that is not our emulator, or that does not let it do everything."""

from pathlib import Path

import httpx
import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.specs import load_specification
from tests.support.runs import TOKEN, conform_run
from tests.support.varied_server import varied_server

VERSION = "3.90.0"
NAMED = ("--token-env", "SUITE_TOKEN", "--api-version", VERSION, "--safety", "full")


@pytest.mark.parametrize(
    "selection",
    [
        pytest.param(("--operation", "*/taxes/*", "--", "--deselect=scenarios"), id="every aspect of a resource"),
        pytest.param(("--", "--deselect=contract_tests", "-k", "test_wallet or test_id_tag"), id="scenarios"),
    ],
)
def test_nothing_is_found_where_the_contract_leaves_a_server_free(selection: tuple[str, ...], tmp_path: Path) -> None:
    specification = load_specification(VERSION, "ampeco")
    with running_emulator("ampeco", VERSION, TOKEN) as upstream, varied_server(upstream, specification) as address:
        run = conform_run(tmp_path, "--base-url", address, *NAMED, *selection)
    assert run.code == ExitCode.CONFORM, run.said
    assert run.summary["items"]["passed"] > 5


def test_a_refusal_for_lack_of_permission_is_no_fault(tmp_path: Path) -> None:
    with running_emulator("ampeco", VERSION, "master") as address:
        reader = {"token": TOKEN, "role": "read-only"}
        headers = {"Authorization": "Bearer master"}
        assert httpx.post(f"{address}/_emulator/tokens", json=reader, headers=headers).is_success
        run = conform_run(
            tmp_path, "--base-url", address, *NAMED, "--operation", "*/taxes/*", "--", "--deselect=scenarios"
        )
    assert run.code == ExitCode.CONFORM, run.said
    assert run.summary["items"]["skipped"] > 5
