"""Which version a target serves, and how sure that is."""

import re
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
from tests.support.loopback import Received, Sent, sent_json, serving
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


def test_a_run_warns_when_target_and_specification_differ_and_when_no_item_is_left(
    emulator: str, tmp_path: Path
) -> None:
    httpx.patch(f"{emulator}/_emulator/settings", json={"appVersion": "a name"}, trust_env=False)
    named = ("--base-url", emulator, "--token-env", "SUITE_TOKEN", "--operation", "GET */taxes/v2.0")
    run = conform_run(tmp_path, *named, "--", "-k", "no_such_test")
    assert "seems to serve 3.66.0 (confidence: high), and is tested by the contract of 3.90.0" in run.said
    assert "Too little was tested for a verdict: the arguments leave no item to run." in run.said


NEWER = ("3.106.5", "3.110.0", "3.139.0", "3.168.0", "3.251.0")


@pytest.mark.parametrize(
    ("told", "reached", "share", "version", "below", "confidence"),
    [
        ("3.225.1 (9e5dd506)", "3.168.0", 2, "3.168.0", "3.251.0", Confidence.HIGH),
        ("a name", "3.168.0", 2, "3.168.0", "3.251.0", Confidence.MEDIUM),
        ("3.251.8 (0f3a)", "3.251.0", 1, "3.251.0", None, Confidence.HIGH),
        ("3.110.4", "3.110.0", 0, "3.110.0", None, Confidence.HIGH),
        ("3.225.1 (9e5dd506)", "3.110.0", 0, "3.168.0", None, Confidence.LOW),  # its operations are not there
    ],
)
def test_a_newer_target_is_placed_between_the_versions_of_which_operations_are_known(
    told: str, reached: str, share: int, version: str, below: str | None, confidence: Confidence
) -> None:
    """`share`: of the operations that came after `reached`, every second one is there, all of them, or none."""
    specifications = [load_specification(name, operations_suffice=True) for name in NEWER]
    present = {operation.path for operation in specifications[NEWER.index(reached)].operations}
    later = sorted({operation.path for operation in specifications[-1].operations} - present)
    routes = [
        re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)) for path in (*present, *(later[::share] if share else ()))
    ]
    routes.append(re.compile("/public-api/oauth/(token|revoke)"))  # whatever the version
    readable = {op.path for item in specifications for op in item.operations if op.method == "GET"}
    of_get = [re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)) for path in readable]

    def answer(request: Received) -> Sent:
        path = request.path.partition("?")[0]
        header = {"X-App-Version": told}
        if not any(route.fullmatch(path) for route in routes):
            return sent_json({"message": f"The route {path[1:]} could not be found."}, 404, **header)
        return sent_json({"data": []}, 200 if any(route.fullmatch(path) for route in of_get) else 405, **header)

    with serving(answer) as base_url, ApiClient(base_url, TOKEN, timeout=10) as client:
        found = detect(client, specifications)
    assert (found.version, found.below, found.confidence) == (version, below, confidence), found.evidence
