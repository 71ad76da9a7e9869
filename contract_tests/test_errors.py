"""Errors are as documented: the status, and a body in the API's own form that names the invalid field.

Source: the documented error responses; 404 {"message"}, 422 {"message", "errors": {field: [text]}}.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from ampeco_conformance.checks.errors import (
    InvalidRequest,
    broken_queries,
    field_violations,
    is_accepted,
    not_found_statuses,
    required_fields,
    status_violations,
    unknown_reference_violations,
)
from ampeco_conformance.checks.resource_fields import written_properties
from ampeco_conformance.contract.path_templates import fill, parameters_of
from ampeco_conformance.contract.requests import invalid_inputs
from ampeco_conformance.contract.resource_map import UNUSED_ID, ResourceMap
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange, Request
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.rotation import Rotation
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.exercise.happy_path import SuccessAttempt, SuccessFinder
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.generate.invalid_bodies import invalid_bodies
from ampeco_conformance.generate.packed_faults import MOST_VARIANTS, packed_bodies
from ampeco_conformance.generate.unknown_paths import odd_paths, unknown_paths
from ampeco_conformance.generate.unknown_references import reference_fields, with_unknown_references
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

# A server may look the resource up first, or validate the body first.
_NOT_FOUND_OR_INVALID = frozenset({400, 404, 422})
_INVALID = frozenset({400, 415, 422})
# An action may first check whether it is possible at all, and a reference may be forbidden.
_IMPOSSIBLE = frozenset({403, 404, 406, 409, 412, 501})
_MALFORMED_JSON = InvalidRequest("malformed JSON", "malformed json")
_EMPTY_BODY = InvalidRequest("an empty body", "empty body")
_KNOWN_LOGIN = InvalidRequest("the e-mail address of another login", "known login")
_SHOWN_FINDINGS = 5
_resource_map = cache(ResourceMap)


def has_ids(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation is on a resource with an id, and documents a refusal."""
    return "{" in operation.path and bool(contract.documented_statuses(operation) & {"404", "422"})


def makes_a_login(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation creates somebody who signs in with an e-mail address and a password."""
    is_creation = operation.method == "POST" and "{" not in operation.path and "/actions/" not in operation.path
    return is_creation and {"email", "password"} <= written_properties(contract, operation).keys()


def documents_broken_queries(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation reads by a query, and documents what happens to an invalid one."""
    is_documented = _documents(operation, contract, "422") or _documents(operation, contract, "400")
    return operation.method == "GET" and is_documented and any(broken_queries(contract, operation))


def has_references(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation takes a body with ids of other resources, and documents the refusal of a body."""
    is_refusable = operation.method != "GET" and _documents(operation, contract, "422")
    return is_refusable and bool(reference_fields(contract, _resource_map(contract), operation))


def takes_json(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation takes a JSON body and documents what happens to an invalid one."""
    definition, _ = contract.schemas.resolve(operation.definition.get("requestBody", {}), "")
    is_json = any("json" in media_type.lower() for media_type in definition.get("content", ()))
    return is_json and _documents(operation, contract, "422")


@pytest.mark.operations(selector=has_ids)
def test_unknown_id(
    operation: Operation,
    client: ApiClient,
    pool: IdPool,
    success_finder: SuccessFinder,
    record: Recorder,
    target_probe: Probe,
    rotation: Rotation,
) -> None:
    """A resource that does not exist is answered 404; a valid write to it may be found invalid, or impossible, first.

    All ids of the path are unknown, then one after the other, among existing ones. In turn, ids are 0 or text.
    """
    expected = not_found_statuses(operation, record.contract)
    findings: list[Finding] = []
    own = operation.method != "GET" and not target_probe.is_emulator
    for request, path in unknown_paths(operation, pool, own=own):
        body = success_finder.object_body(operation)
        exchange = client.send(operation.method, path, json=body)
        pool.learn(operation, exchange)
        _skip_where_closed(operation, exchange, client, pool)
        findings += _findings(record, operation, exchange, request, expected)
    record.expect_none(findings)
    for request, path in rotation.of(operation.label, [*odd_paths(operation, pool)]):
        exchange = client.send(operation.method, path)
        _require(record, operation, exchange, request, expected | _NOT_FOUND_OR_INVALID)


@pytest.mark.operations(selector=takes_json)
def test_malformed_body(
    operation: Operation, client: ApiClient, pool: IdPool, record: Recorder, rotation: Rotation
) -> None:
    """A body that is not JSON is rejected, and so is an empty one where a body is required: one of them in turn."""
    definition, _ = record.contract.schemas.resolve(operation.definition["requestBody"], "")
    expected = _NOT_FOUND_OR_INVALID if parameters_of(operation.path) else _INVALID
    url = client.base_url + pool.resources.unused_path(operation)
    malformed = [(_MALFORMED_JSON, b'{"broken": ')]
    if definition.get("required") and required_fields(record.contract, operation):
        malformed.append((_EMPTY_BODY, b""))
    for request, content in rotation.of(operation.label, malformed):
        exchange = client.forward(Request(operation.method, url, (("Content-Type", "application/json"),), content))
        _skip_where_closed(operation, exchange, client, pool)
        _require(record, operation, exchange, request, expected)


@pytest.mark.operations(selector=takes_json)
def test_faulty_body(
    operation: Operation,
    client: ApiClient,
    pool: IdPool,
    success_finder: SuccessFinder,
    record: Recorder,
    rotation: Rotation,
) -> None:
    """A body with one fault is rejected, and a 422 names the field; so is one with many faults.

    Each required field missing, each enum, bound and type violated, also in nested objects: alone in turn, the others
    together. An action that is impossible may say so first.
    """
    complete = [*success_finder.bodies(operation, variants=MOST_VARIANTS)]
    body = success_finder.object_body(operation, least=True)
    if body is None and not any(isinstance(whole, list) for whole in complete):
        pytest.skip("no valid body is known")
    values = next(pool.path_parameters(operation, limit=1), None)
    path = pool.resources.unused_path(operation) if values is None else fill(operation.path, values)
    expected = _NOT_FOUND_OR_INVALID if values is None else _INVALID
    fuller = success_finder.object_body(operation) or {}
    faulty = () if body is None else invalid_bodies(record.contract, operation, body, fuller, rotation.seed)
    singles = rotation.of(operation.label, [*faulty])
    alone = [single.request.kind for single in singles]
    wholes = [whole for whole in complete if isinstance(whole, dict | list)]
    packs = list(packed_bodies(record.contract, operation, wholes, alone))
    if not singles and not packs:
        pytest.skip("the specification demands nothing of its body")

    def answer(body: Any) -> Exchange:
        exchange = client.send(operation.method, path, json=body)
        pool.learn(operation, exchange)
        _skip_where_closed(operation, exchange, client, pool)
        return exchange

    def excused(found: list[Finding], exchange: Exchange) -> list[Finding]:
        return [] if found and _is_impossible(operation, exchange, values, success_finder) else found

    findings: list[Finding] = []
    for single in singles:
        exchange = answer(single.body)
        found = _findings(record, operation, exchange, single.request, expected)
        found += record.findings(operation, exchange, field_violations(exchange, single.field))
        findings += excused(found, exchange)
        if len(findings) >= _SHOWN_FINDINGS:
            break
    for pack in packs if not findings else ():
        exchange = answer(pack.body)
        # A server may treat a format as an annotation.
        found = _findings(record, operation, exchange, pack.request, expected) if pack.is_refused else []
        findings += excused(found, exchange)
    record.expect_none(findings)


@pytest.mark.operations(selector=makes_a_login)
def test_known_login(
    operation: Operation, client: ApiClient, pool: IdPool, success_finder: SuccessFinder, record: Recorder
) -> None:
    """An e-mail address that is used to sign in cannot be used for another login."""
    attempt = success_finder.attempt(operation, {})
    if not attempt.succeeded or not isinstance(attempt.body, dict) or "email" not in attempt.body:
        pytest.skip(f"no login could be created: {attempt.reason}")
    exchange = client.send(operation.method, operation.path, json=attempt.body)
    pool.learn(operation, exchange)
    _require(record, operation, exchange, _KNOWN_LOGIN, _INVALID | _IMPOSSIBLE)


@pytest.mark.operations(selector=has_references)
def test_unknown_reference(
    operation: Operation,
    client: ApiClient,
    pool: IdPool,
    success_finder: SuccessFinder,
    record: Recorder,
    target_probe: Probe,
) -> None:
    """A body that is accepted is rejected when one of its ids refers to nothing that exists.

    Also one that is not accepted, for another reason, must not be accepted then.
    """
    own = "/actions/" in operation.path and not target_probe.is_emulator
    values = next(pool.path_parameters(operation, limit=1, own=own), None)
    attempt = None if values is None else success_finder.attempt(operation, values)
    if values is None or attempt is None or not isinstance(attempt.body, dict):
        pytest.skip("no valid body, or nothing to send it to, is known")
    if not _is_accepted(attempt):
        record.note(f"no body is known that is accepted: {attempt.reason or 'success is false'}")
    findings: list[Finding] = []
    for field, body in with_unknown_references(record.contract, pool.resources, operation, attempt.body):
        record.coverage.reach(operation.label, CoverageKind.BROKEN_REFERENCES, field)
        # What has to be unique was used by the accepted body.
        exchange = client.send(
            operation.method, fill(operation.path, values), json=_renewed(body, success_finder, operation)
        )
        pool.learn(operation, exchange)
        accepted = unknown_reference_violations(exchange, field, UNUSED_ID)
        findings += record.findings(operation, exchange, accepted)
        findings += record.check(exchange)
    record.expect_none(findings)


@pytest.mark.operations(selector=documents_broken_queries)
def test_broken_query(
    operation: Operation, client: ApiClient, pool: IdPool, record: Recorder, rotation: Rotation
) -> None:
    """Text in place of a number, a boolean, a date-time or an enum member in a query is rejected.

    The parameters take turns.
    """
    path = pool.path(operation)
    if path is None:
        pytest.skip(pool.absence(operation))
    findings: list[Finding] = []
    for query in rotation.of(operation.label, [*broken_queries(record.contract, operation)]):
        exchange = client.send("GET", path, query=query)
        if invalid_inputs(record.contract, operation, exchange):
            names = "&".join(query)
            request = InvalidRequest(names, f"query {names}")
            findings += _findings(record, operation, exchange, request, frozenset({400, 422}))
    record.expect_none(findings)


def _is_impossible(
    operation: Operation, exchange: Exchange, values: Mapping[str, Any] | None, success_finder: SuccessFinder
) -> bool:
    """Whether an action refused because of the state: then it refuses a valid body too."""
    status = exchange.response.status_code if exchange.response is not None else 0
    if "/actions/" not in operation.path or status not in _IMPOSSIBLE:
        return False
    return values is None or not _is_accepted(success_finder.attempt(operation, values))


def _is_accepted(attempt: SuccessAttempt) -> bool:
    response = attempt.exchange.response if attempt.exchange is not None else None
    return response is not None and is_accepted(response)


def _renewed(body: dict[str, Any], success_finder: SuccessFinder, operation: Operation) -> dict[str, Any]:
    """The body with new texts where a sample body has other ones."""
    fresh = next((sample for sample in success_finder.bodies(operation) if isinstance(sample, dict)), {})
    return {
        name: fresh[name] if isinstance(value, str) and isinstance(fresh.get(name), str) else value
        for name, value in body.items()
    }


def _skip_where_closed(operation: Operation, exchange: Exchange, client: ApiClient, pool: IdPool) -> None:
    """Skip where the token may not call the operation at all: then a 403 says nothing about the request."""
    if _is_forbidden(exchange) and _is_forbidden(_harmless_call(operation, client, pool)):
        pytest.skip("the token may not call this operation: it is answered 403")


def _harmless_call(operation: Operation, client: ApiClient, pool: IdPool) -> Exchange:
    """A call of the same kind without anything that could be forbidden for another reason."""
    collection = operation.path.partition("/{")[0]
    if operation.method == "GET":
        return client.send("GET", collection)
    creation = pool.resources.operation("POST", collection)
    if creation is None:
        return client.send(operation.method, pool.resources.unused_path(operation), json={})
    exchange = client.send("POST", collection, json={})
    pool.learn(creation, exchange)
    return exchange


def _is_forbidden(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status_code == 403


def _documents(operation: Operation, contract: ApiContract, status: str) -> bool:
    return status in contract.documented_statuses(operation)


def _require(
    record: Recorder, operation: Operation, exchange: Exchange, request: InvalidRequest, expected: frozenset[int]
) -> None:
    record.expect_none(_findings(record, operation, exchange, request, expected))


def _findings(
    record: Recorder, operation: Operation, exchange: Exchange, request: InvalidRequest, expected: frozenset[int]
) -> list[Finding]:
    if exchange.response is None:
        raise TargetError(f"{operation.label}: {exchange.error}")
    # A status that is not documented is one finding, not two.
    return record.check(exchange) or record.findings(
        operation, exchange, status_violations(exchange, request, expected)
    )
