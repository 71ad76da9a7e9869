"""Which version a target serves, and how sure that is."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ampeco_conformance.core.exchanges import Request
from ampeco_conformance.core.tenant_data import shown_version
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.probe.version_detection import Confidence, detect
from ampeco_conformance.specs import Specification, load_specification
from tests.support.runs import TOKEN, conform_run

VERSIONS = ("3.49.0", "3.66.0", "3.70.0", "3.85.1", "3.90.0", "3.110.0")


@pytest.fixture(scope="module")
def specifications() -> list[Specification]:
    return [load_specification(version) for version in VERSIONS]


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with running_emulator("ampeco", "3.66.0", TOKEN) as base_url:
        yield base_url


@pytest.fixture
def client(emulator: str) -> Iterator[ApiClient]:
    with ApiClient(emulator, TOKEN, timeout=10) as client:
        yield client


@pytest.mark.parametrize(
    ("told", "version", "confidence"),
    [
        ("a name", "3.66.0", Confidence.MEDIUM),  # the others have the same operations to read, and the same fields
        ("3.70.0 (0f3a)", "3.70.0", Confidence.HIGH),
        ("3.84.2", "3.70.0", Confidence.HIGH),
        ("3.225.1 (0f3a)", "3.66.0", Confidence.MEDIUM),
        ("3.90.0", "3.90.0", Confidence.LOW),  # but its operations are not there
    ],
)
def test_the_header_tells_and_the_operations_confirm(
    emulator: str,
    client: ApiClient,
    specifications: list[Specification],
    told: str,
    version: str,
    confidence: Confidence,
) -> None:
    httpx.patch(f"{emulator}/_emulator/settings", json={"appVersion": told}, trust_env=False)
    sent: list[Request] = []
    client.observe(lambda exchange: sent.append(exchange.request))
    found = detect(client, specifications, documented=("3.66.0", "3.90.0"))
    assert (found.version, found.candidates) == (version, ("3.49.0", "3.66.0", "3.70.0"))
    assert found.confidence is confidence
    assert any(shown_version(told) in line for line in found.evidence)
    assert any("does not exist, unlike in 3.85.1 to 3.110.0" in line for line in found.evidence)
    assert {request.method for request in sent} == {"GET"}
    assert not any("/actions/" in request.url for request in sent)


def test_a_run_warns_when_target_and_specification_differ(emulator: str, tmp_path: Path) -> None:
    httpx.patch(f"{emulator}/_emulator/settings", json={"appVersion": "a name"}, trust_env=False)
    named = ("--base-url", emulator, "--token-env", "SUITE_TOKEN", "--operation", "GET */taxes/v2.0")
    run = conform_run(tmp_path, *named, "--", "-k", "no such test")
    assert "seems to serve 3.66.0, not 3.90.0" in run.said
