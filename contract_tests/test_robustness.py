"""Whatever is sent, the response is a documented one; and parallel reads agree (see `checks/robustness.py`).

A response that is missing, incomplete or slow is reported as such.
"""

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from ampeco_conformance.checks.robustness import (
    PARALLEL_READS,
    SLOW,
    broken_body_violations,
    disagreement,
    hostile_bodies,
    hostile_queries,
    parallel_violation,
    reads,
    restless_violations,
    slowness_violation,
    survival_findings,
    takes_a_body,
)
from ampeco_conformance.contract.path_templates import fill
from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange, Request
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.rotation import Rotation
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.coverage.recording import ANOTHER_SEED
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

_PARALLEL = 4


@pytest.mark.operations(selector=reads)
def test_reads_agree(
    operation: Operation, client: ApiClient, pool: IdPool, record: Recorder, target_probe: Probe, rotation: Rotation
) -> None:
    """A read gets a complete response in time; parallel reads return the same. The operations take turns."""
    is_due = rotation.is_due(operation.label)
    record.coverage.share(
        operation.label, CoverageKind.HOSTILE_REQUESTS, [PARALLEL_READS] if is_due else [], [PARALLEL_READS]
    )
    if not is_due:
        pytest.skip(ANOTHER_SEED)
    path = _path(operation, pool)
    first = _answered(operation, client.send("GET", path))
    record.expect_conformance(first)

    paths = _parallel_paths(operation, pool, record.contract)
    if _disagreement(client, paths, first) is not None and (again := _disagreement(client, paths)) is not None:
        exchange, violation = again
        record.expect_none(record.findings(operation, exchange, [violation]))
    if first.elapsed > SLOW:
        repeated = [client.send("GET", path) for _ in range(2)]
        quickest = min((first, *repeated), key=lambda exchange: exchange.elapsed)
        if quickest.elapsed > SLOW:
            slow = slowness_violation(quickest.elapsed, is_emulator=target_probe.is_emulator)
            record.expect_none(record.findings(operation, quickest, [slow]))


@pytest.mark.operations(selector=reads)
def test_hostile_query(
    operation: Operation, client: ApiClient, pool: IdPool, record: Recorder, rotation: Rotation
) -> None:
    """Odd and oversized queries, in turn, get a documented response, or are rejected."""
    path = _path(operation, pool)
    findings: list[Finding] = []
    known = [*hostile_queries(record.contract, operation)]
    chosen = rotation.of(operation.label, known)
    record.coverage.share(operation.label, CoverageKind.HOSTILE_REQUESTS, dict(chosen), dict(known))
    for what, query in chosen:
        exchange = _answered(operation, client.send("GET", f"{path}?{query}"))
        if found := survival_findings(record.contract, operation, exchange):
            record.note(f"found with {what}")
            findings += found
    record.expect_none(findings)


@pytest.mark.operations(selector=takes_a_body)
def test_hostile_body(
    operation: Operation,
    client: ApiClient,
    pool: IdPool,
    success_finder: SuccessFinder,
    record: Recorder,
    target_probe: Probe,
    rotation: Rotation,
) -> None:
    """Odd and oversized bodies, in turn, get a documented response, or are rejected; broken ones are rejected."""
    is_action = "/actions/" in operation.path
    # An action on a real resource would be performed, were it not for a body that is broken.
    path = pool.resources.unused_path(operation) if is_action else _path(operation, pool)
    real = pool.path(operation, own=not target_probe.is_emulator) if is_action else None
    path_of_broken = real or path
    body = success_finder.object_body(operation, least=True) or {}
    findings: list[Finding] = []
    known = {hostile.description: hostile for hostile in hostile_bodies(body)}
    chosen = rotation.of(operation.label, [*known])
    record.coverage.share(operation.label, CoverageKind.HOSTILE_REQUESTS, chosen, known)
    for hostile in (known[description] for description in chosen):
        url = client.base_url + (path_of_broken if hostile.is_broken else path)
        request = Request(operation.method, url, (("Content-Type", hostile.media_type),), hostile.content)
        exchange = _answered(operation, client.forward(request))
        pool.learn(operation, exchange)
        found = survival_findings(record.contract, operation, exchange)
        if hostile.is_broken:
            accepted = broken_body_violations(record.contract, operation, exchange)
            found += record.findings(operation, exchange, accepted)
        if found:
            record.note(f"found with {hostile.description}")
            findings += found
    record.expect_none(findings)


def _path(operation: Operation, pool: IdPool) -> str:
    path = pool.path(operation)
    if path is None:
        pytest.skip(pool.absence(operation))
    return path


def _answered(operation: Operation, exchange: Exchange) -> Exchange:
    """The exchange. Raises TargetError without a response; whether it never gets one is seen at the item's end."""
    if exchange.response is None:
        raise TargetError(f"{operation.label}: {exchange.error}")
    return exchange


def _parallel_paths(operation: Operation, pool: IdPool, contract: ApiContract) -> list[str]:
    """Paths to read at once: of different items, or pages of different size; the same where there is only one."""
    paths = [fill(operation.path, values) for values in pool.path_parameters(operation, limit=_PARALLEL)]
    if "{" not in operation.path and takes_query(contract, operation, "per_page"):
        paths += [f"{operation.path}?per_page={size}" for size in range(1, _PARALLEL)]
    return [*itertools.islice(itertools.cycle(paths), _PARALLEL)]


def _disagreement(
    client: ApiClient, paths: Sequence[str], first: Exchange | None = None
) -> tuple[Exchange, Violation] | None:
    """A parallel read that differs from the same read alone, before and after, or texts that differ in all three.

    None when only the resource changes. The first path was read alone in the exchange `first`.
    """
    alone = {paths[0]: first or client.send("GET", paths[0])}
    alone |= {path: client.send("GET", path) for path in dict.fromkeys(paths) if path not in alone}
    with ThreadPoolExecutor(_PARALLEL) as threads:
        parallel = list(threads.map(lambda path: client.send("GET", path), paths))
    for path, exchange in zip(paths, parallel, strict=True):
        difference = disagreement(alone[path], exchange)
        if difference is None:
            continue
        after = client.send("GET", path)
        if disagreement(alone[path], after) is None:
            return exchange, parallel_violation(difference)
        for violation in restless_violations([alone[path], exchange, after]):
            return after, violation
    return None
