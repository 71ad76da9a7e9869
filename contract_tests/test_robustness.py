"""Whatever is sent, the answer is one that the contract knows; and reads agree (see `checks/robustness.py`).

An answer that does not come, breaks off or takes long is told as what it is.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ampeco_conformance.checks.robustness import (
    SLOW,
    disagreement,
    hostile_bodies,
    hostile_queries,
    survival_findings,
)
from ampeco_conformance.checks.violations import findings_of
from ampeco_conformance.contract.requests import body_schema_pointer
from ampeco_conformance.contract.resource_map import fill
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange, Request
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.exercise.happy_path import Reacher
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

_PARALLEL = 4


def reads(operation: Operation, _contract: ApiContract) -> bool:
    """Whether the operation only reads."""
    return operation.method == "GET" and "/actions/" not in operation.path


def takes_a_body(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation takes a JSON body."""
    return operation.method in ("POST", "PUT", "PATCH") and body_schema_pointer(contract, operation) is not None


@pytest.mark.operations(selector=reads)
def test_reads_agree(
    operation: Operation, client: ApiClient, pool: IdPool, record: Recorder, target_probe: Probe
) -> None:
    """A read is answered in full and soon; several at the same time give what one gives."""
    path = _path(operation, pool)
    first = client.send("GET", path)
    if first.response is None:
        _raise_unanswered(operation, client, record, first)
    record.expect_conformance(first)

    disagreeing = _disagreement(client, path)
    if disagreeing is not None and (again := _disagreement(client, path)) is not None:
        exchange, (where, alone, together) = again
        message = f"reads at the same time differ in the {where}: {_short(alone)} alone, {_short(together)} together"
        violation = ("parallel_reads_agree", message, where, alone, together)
        record.expect_none(findings_of(record.contract, operation, exchange, [violation]))
    if first.elapsed > SLOW:
        repeated = [client.send("GET", path) for _ in range(2)]
        quickest = min((first, *repeated), key=lambda exchange: exchange.elapsed)
        if quickest.elapsed > SLOW:
            # A tenant may have its reasons; the embedded emulator answers in milliseconds.
            check = "emulator_answers_at_once" if target_probe.is_emulator else "answers_soon"
            message = f"took {quickest.elapsed:.1f} s, at best, in three reads"
            violation = (check, message, "", f"{SLOW:g} s", quickest.elapsed)
            record.expect_none(findings_of(record.contract, operation, quickest, [violation]))


@pytest.mark.operations(selector=reads)
def test_hostile_query(operation: Operation, client: ApiClient, pool: IdPool, record: Recorder) -> None:
    """Odd and oversized queries are answered as documented, or refused."""
    path = _path(operation, pool)
    findings: list[Finding] = []
    for what, query in hostile_queries(record.contract, operation):
        exchange = client.send("GET", f"{path}?{query}")
        if exchange.response is None:
            _raise_unanswered(operation, client, record, exchange)
        if found := survival_findings(record.contract, operation, exchange):
            record.note(f"found with {what}")
            findings += found
    record.expect_none(findings)


@pytest.mark.operations(selector=takes_a_body)
def test_hostile_body(
    operation: Operation, client: ApiClient, pool: IdPool, reacher: Reacher, record: Recorder
) -> None:
    """Odd, broken and oversized bodies are answered as documented, or refused."""
    # An action on something real would be done, whatever the body.
    path = pool.resources.unused_path(operation) if "/actions/" in operation.path else _path(operation, pool)
    body = next((body for body in reacher.bodies(operation, least=True) if isinstance(body, dict)), {})
    findings: list[Finding] = []
    for what, content, media_type in hostile_bodies(body):
        request = Request(operation.method, client.base_url + path, (("Content-Type", media_type),), content)
        exchange = client.forward(request)
        if exchange.response is None:
            _raise_unanswered(operation, client, record, exchange)
        pool.learn(operation, exchange)
        if found := survival_findings(record.contract, operation, exchange):
            record.note(f"found with {what}")
            findings += found
    record.expect_none(findings)


def _path(operation: Operation, pool: IdPool) -> str:
    path = next((fill(operation.path, values) for values in pool.path_parameters(operation, limit=1)), None)
    if path is None:
        pytest.skip("the resource does not exist on the target")
    return path


def _raise_unanswered(operation: Operation, client: ApiClient, record: Recorder, exchange: Exchange) -> None:
    """Raise what an answer that did not come means: a violation when it is repeatable and the target still answers."""
    request = exchange.request
    again = client.repeat(request)
    others = (each.path for each in record.contract.specification.operations if "{" not in each.path)
    elsewhere = (client.send("GET", path) for path in others if path != operation.path)
    if again.response is None and next(elsewhere, exchange).response is not None:
        message = f"is not answered, while the target answers others: {again.error}"
        violation = ("answers_in_full", message, "", "an answer", again.error)
        record.expect_none(findings_of(record.contract, operation, again, [violation]))
    raise TargetError(f"{operation.label}: {exchange.error}")


def _disagreement(client: ApiClient, path: str) -> tuple[Exchange, tuple[str, object, object]] | None:
    """A parallel read that differs from those before and after; None when none does, or the thing itself changes."""
    before = client.send("GET", path)
    with ThreadPoolExecutor(_PARALLEL) as threads:
        parallel = list(threads.map(lambda _: client.send("GET", path), range(_PARALLEL)))
    after = client.send("GET", path)
    if disagreement(before, after) is not None:
        return None
    for exchange in parallel:
        if (difference := disagreement(before, exchange)) is not None:
            return exchange, difference
    return None


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 120 else f"{text[:120]} ..."
