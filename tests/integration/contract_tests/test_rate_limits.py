"""Every operation that documents 429 is tried, together with the first one of its tag."""

import pytest

from ampeco_conformance.contract.resource_map import ResourceMap
from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.core.findings import ContractViolation
from ampeco_conformance.coverage.recording import CoverageObserver
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.configuration import Permission, Safety
from ampeco_conformance.target.safety import SafetyPolicy
from contract_tests.test_headers import test_rate_limit as rate_limit_item

TAXES = "/public-api/resources/taxes/v2.0"
HEADERS = (
    *(("Content-Type", "application/json"), ("Retry-After", "7")),
    *((f"X-RateLimit-{name}", "1") for name in ("Limit", "Remaining", "Reset")),
)


def limited(method: str, path: str, *, bare: str = "") -> Exchange:
    """A 429 with all that belongs to it; for one method only its body."""
    headers = HEADERS[:1] if method == bare else HEADERS
    response = Response(429, "", headers, b'{"message": "Too Many Attempts."}')
    return Exchange(Request(method, f"http://127.0.0.1{path}"), response, 0.0, 0.0)


def run(label: str, bare: str = "") -> Recorder:
    """Run the item of an operation against a target that limits every request."""
    contract = contract_of(load_specification("3.90.0", "ampeco"))
    record = Recorder(contract, observer=CoverageObserver(contract))
    with ApiClient("http://127.0.0.1:1", "token", timeout=1) as client:
        policy = SafetyPolicy(Safety.FULL, Permission, contract.specification.operations)
        pool = IdPool(ResourceMap(contract), client, policy, {})
        rate_limit_item(
            contract.specification.operation(label), lambda method, path: limited(method, path, bare=bare), pool, record
        )
    return record


def test_all_operations_of_a_tag_are_limited_with_its_first_one() -> None:
    covered = run(f"GET {TAXES}").coverage.reached["statuses"]
    assert {f"POST {TAXES}", f"PATCH {TAXES}/{{tax}}", f"DELETE {TAXES}/{{tax}}"} <= covered.keys()
    assert {status for statuses in covered.values() for status in statuses} == {"429"}


def test_a_bare_refusal_of_one_of_them_is_found() -> None:
    with pytest.raises(ContractViolation) as raised:
        run(f"GET {TAXES}", bare="PATCH")
    assert {finding.operation for finding in raised.value.findings} == {f"PATCH {TAXES}/{{tax}}"}
    assert "rate_limit_headers" in {finding.check for finding in raised.value.findings}
