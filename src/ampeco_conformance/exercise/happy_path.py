"""Finds a successful request for an operation: plain valid requests with real ids, until one returns 2xx.

Without existing data a run reaches the validation layer only. Every operation is therefore first called with ids from
the pool and a sample body; fields that a 422 rejects are removed and the body is sent again; then other ids are used.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from ampeco_conformance.apis import describe
from ampeco_conformance.checks.availability import (
    always_refused_violation,
    missing_route_violation,
    unread_violation,
)
from ampeco_conformance.checks.errors import required_fields
from ampeco_conformance.checks.resource_fields import written_and_read
from ampeco_conformance.checks.resources import RESOURCE_IDENTITY
from ampeco_conformance.contract.answers import Answer, Cause, answer_of, named_fields
from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.path_templates import fill, parameters_of
from ampeco_conformance.contract.requests import body_schema_pointer, parameters
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.moments import Now, real_now
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.generate.sampling import Sampler
from ampeco_conformance.generate.variation import OtherValues
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.specs import Operation

_IDS_TRIED = 12
_ITEMS_SAMPLED = 2
_PARENTS_SAMPLED = 2
_BODIES_TRIED = 6
_CORRECTIONS_TRIED = 3
_READS_REPEATED = 4
_NO_BODY = object()
#: What a creation must name or not, depending on the token.
_OF_TOKEN = frozenset({"operatorId"})
#: Causes that the state of an object does not explain; an object that is absent is one where no two must fit together.
_NEVER_STATE = frozenset({Cause.INPUT, Cause.ROLE, Cause.CREDENTIALS, Cause.METHOD})
#: What the vendor's endpoints answer when the state does not permit it: bad request, as documented for subscriptions.
_BY_STATE = 400
#: Changes a sample body.
Rewrite = Callable[[Any], Any]


@dataclass(slots=True)
class SuccessAttempt:
    """The outcome of the requests sent to find a successful one; `reason` says why none was.

    `left_out` are the optional fields that a 422 named and that were left out then.
    """

    succeeded: bool = False
    path_values: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    reason: str = ""
    left_out: set[str] = field(default_factory=set)
    body: Any = None
    exchange: Exchange | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the operation succeeded with an empty listing."""
        return self.succeeded and _data(self.exchange) == []


class SuccessFinder:
    """Finds successful requests on one target, whose time is `now`."""

    def __init__(
        self, contract: ApiContract, pool: IdPool, client: ApiClient, *, prefix: str, now: Now = real_now
    ) -> None:
        self._contract = contract
        self._pool = pool
        self._client = client
        self._sampler = Sampler(contract.schemas, pool.field_value, prefix=prefix, owned=pool.owned, now=now)
        self.variation = OtherValues(self._sampler, pool.field_values)
        pool.create = self._create

    def find(self, operation: Operation) -> SuccessAttempt:
        """Send requests until one succeeds with a conforming response, or all candidates are used up."""
        attempt = SuccessAttempt(reason=f"no ids known for {', '.join(parameters_of(operation.path))}")
        unread: dict[str, Any] | None = None
        tried = 0
        for values in self._pool.path_parameters(operation, limit=_IDS_TRIED):
            attempt.path_values = attempt.path_values or dict(values)
            tried += 1
            if self._try_bodies(operation, values, attempt):
                break
            if unread is None and _is_unread(attempt.exchange):
                unread = dict(values)
            if attempt.findings:
                break
        if unread is not None:
            attempt.findings += self._listed_and_unread(operation, unread)
        if not attempt.succeeded and not attempt.findings and attempt.exchange is not None:
            attempt.findings += self._always_refused(operation, attempt.exchange, tried if "{" in operation.path else 0)
        return attempt

    def _always_refused(self, operation: Operation, exchange: Exchange, objects: int) -> list[Finding]:
        """The finding that every valid request was refused, of which this is the last one.

        A token that has written nothing yet may be one that may only read.
        """
        status, cause = exchange.response.status_code if exchange.response else 0, answer_of(exchange).cause
        patterns = describe(self._contract.specification.api).state_bound
        is_absent = cause is Cause.MODEL and len(parameters_of(operation.path)) == 1
        may_be_state = status == _BY_STATE or any(fnmatchcase(operation.label, pattern) for pattern in patterns)
        may_be_role = cause is Cause.ROLE and not self._pool.has_written
        if may_be_state or may_be_role or not (cause in _NEVER_STATE or is_absent):
            return []
        return self._contract.findings(operation, exchange, [always_refused_violation(status, objects)])

    def find_others(self, operation: Operation, values: Mapping[str, Any], order: Random) -> list[Finding]:
        """Read more items of the listing that has the item of a successful read; gives what is wrong with the reads."""
        findings: list[Finding] = []
        most = _ITEMS_SAMPLED if operation.path.endswith("}") else _PARENTS_SAMPLED
        for other in self._pool.others(operation, values, order, most):
            attempt = self.attempt(operation, other)
            findings += attempt.findings
            if _is_unread(attempt.exchange):
                findings += self._listed_and_unread(operation, other)
        return findings

    def attempt(
        self, operation: Operation, values: Mapping[str, Any], *rewrites: Rewrite, variant: int = 0
    ) -> SuccessAttempt:
        """Send plain valid bodies to one path until one is accepted; `body` and `exchange` are of the last one.

        The first body, of one of the alternatives of the schema (`variant`), is sent as each of the `rewrites` makes
        it, before it is sent as it is.
        """
        attempt = SuccessAttempt()
        self._try_bodies(operation, values, attempt, rewrites, variant)
        return attempt

    def _create(self, operation: Operation, values: Mapping[str, Any]) -> None:
        self.attempt(operation, values)

    def _try_bodies(
        self,
        operation: Operation,
        values: Mapping[str, Any],
        attempt: SuccessAttempt,
        rewrites: Sequence[Rewrite] = (),
        variant: int = 0,
    ) -> bool:
        for body in self.bodies(operation, rewrites=rewrites, variant=variant):
            for _ in range(_CORRECTIONS_TRIED):
                exchange = self._send(operation, values, body)
                attempt.body, attempt.exchange = body, exchange
                if self._judge(operation, exchange, attempt):
                    attempt.findings += self._of_another(operation, values, exchange)
                    attempt.succeeded = not attempt.findings
                if attempt.succeeded:
                    attempt.path_values = dict(values)
                    return True
                plain = (self.object_body(operation) or {}) if rewrites else {}
                corrected = self._without_refused(operation, body, exchange, plain)
                if corrected == body:
                    break
                attempt.left_out |= body.keys() - corrected.keys()
                body = corrected
            if exchange.response is None or exchange.response.status_code not in (400, 422):
                # The body is not the cause: the ids or the state are.
                break
        return False

    def _without_refused(self, operation: Operation, body: Any, exchange: Exchange, plain: Mapping[str, Any]) -> Any:
        """The body without the fields that a 422 names: optional ones are left out, required ones are null if they may.

        A circuit, a charge point and an EVSE may all be required of a body, and only one of them have a value.
        Other required ones get the value that they have in a `plain` body.
        An operator that is missing is added: a token of all operators needs it (fact: `operatorId` of creations).
        """
        refused = refused_fields(exchange)
        if not isinstance(body, dict):
            return body
        properties, _ = written_and_read(self._contract, operation, operation)
        kept = required_fields(self._contract, operation)
        nullable = {name for name in kept if name in properties and properties[name][0].get("nullable")}
        return {
            name: value if name not in refused else None if name in nullable else plain.get(name, value)
            for name, value in body.items()
            if name not in refused or name in kept
        } | {name: self._pool.field_value(name, {"type": "integer"}) for name in _OF_TOKEN & refused - body.keys()}

    def _judge(self, operation: Operation, exchange: Exchange, attempt: SuccessAttempt) -> bool:
        self._pool.learn(operation, exchange)
        if exchange.response is None:
            attempt.reason = f"no answer: {exchange.error}"
            return False
        attempt.findings += self._contract.check_response(exchange, operation)
        answer = answer_of(exchange)
        if answer.cause is Cause.ROUTE:
            missing = [missing_route_violation(answer.message)]
            attempt.findings += self._contract.findings(operation, exchange, missing)
        attempt.succeeded = 200 <= exchange.response.status_code < 300 and not attempt.findings
        if not attempt.succeeded:
            said = exchange.response.body[:160].decode("utf-8", "replace")
            status = exchange.response.status_code
            broken = ", which breaks the contract" if 200 <= status < 300 else ""
            attempt.reason = f"answered {status}{broken} {said}".strip()
        return attempt.succeeded

    def _listed_and_unread(self, operation: Operation, values: Mapping[str, Any]) -> list[Finding]:
        """The finding that an item is listed and cannot be read, both asked for again."""
        if not self._pool.lists(operation, values):
            return []
        again = self._send(operation, values, _NO_BODY)
        if not _is_unread(again):
            return []
        asked, _ = self._pool.id_asked(operation, values)
        return self._contract.findings(operation, again, [unread_violation(asked, str(answer_of(again)))])

    def _of_another(self, operation: Operation, values: Mapping[str, Any], exchange: Exchange) -> list[Finding]:
        """The finding that a read by id answers another id, twice."""
        asked, place = self._pool.id_asked(operation, values)
        if place is None or not _is_another(exchange, place, asked):
            return []
        # Behind a load balancer every other answer may be right.
        repeated = (self._send(operation, values, _NO_BODY) for _ in range(_READS_REPEATED))
        again = next((repeat for repeat in repeated if _is_another(repeat, place, asked)), None)
        if again is None:
            return []
        violation = RESOURCE_IDENTITY.violation(
            f"asked for {place} {asked}, and answered another", f"/data/{place}", expected=asked, kind="read"
        )
        return [Finding(violation, operation.label, self._contract.specification.version, again)]

    def _send(self, operation: Operation, values: Mapping[str, Any], body: Any) -> Exchange:
        query = {
            definition["name"]: self._sampler.sample(definition.get("schema", {}), complete=False)
            for definition, _ in parameters(self._contract, operation)
            if definition["in"] == "query" and definition.get("required")
        }
        return self._client.send(
            operation.method, fill(operation.path, values), query=query, json=None if body is _NO_BODY else body
        )

    def send_like(self, operation: Operation, attempt: SuccessAttempt, fields: Mapping[str, Any]) -> Answer:
        """Send a body with new values for the fields of the one that was accepted, and with these fields."""
        sample = self.object_body(operation) or {}
        body = {name: sample.get(name, value) for name, value in attempt.body.items()}
        exchange = self._send(operation, attempt.path_values, {**body, **fields})
        self._pool.learn(operation, exchange)
        return answer_of(exchange)

    def sample(self, schema: Mapping[str, Any], name: str) -> Any:
        """A plain valid value for a field with this name."""
        return self._sampler.sample(schema, complete=False, name=name)

    def varied(self, operation: Operation, body: Any, present: Mapping[str, Any]) -> Any:
        """The sample body with other values: neither those of the sample, nor what is present."""
        pointer = body_schema_pointer(self._contract, operation)
        if pointer is None or not isinstance(body, dict):
            return body
        return self.variation.varied("", self._contract.schemas.at(pointer), body, present)

    def variants(self, operation: Operation) -> int:
        """How many alternatives the schema of the body has; 1 when it has none."""
        pointer = body_schema_pointer(self._contract, operation)
        schema, _ = self._contract.schemas.resolve(self._contract.schemas.at(pointer), pointer) if pointer else ({}, "")
        return max(1, *(len(schema.get(keyword, ())) for keyword in ("oneOf", "anyOf")))

    def object_body(self, operation: Operation, *, least: bool = False) -> dict[str, Any] | None:
        """The first of the sample bodies that is an object; None when there is none."""
        return next((body for body in self.bodies(operation, least=least) if isinstance(body, dict)), None)

    def bodies(
        self,
        operation: Operation,
        *,
        least: bool = False,
        rewrites: Sequence[Rewrite] = (),
        variant: int = 0,
        variants: int = _BODIES_TRIED // 2,
    ) -> Iterator[Any]:
        """Sample bodies that are valid by the specification, the fullest first; with `least`, the minimal ones only.

        Those of one alternative of the schema come first (`variant`), then those of the first `variants`.
        """
        schema_pointer = body_schema_pointer(self._contract, operation)
        if schema_pointer is None:
            yield _NO_BODY
            return
        schema = self._contract.schemas.at(schema_pointer)
        validator = self._contract.schemas.validator(schema_pointer, Direction.REQUEST)
        given: list[Any] = []
        alternatives = dict.fromkeys((variant, *range(variants)))
        for alternative, complete in itertools.product(alternatives, (False,) if least else (True, False)):
            sample = self._sampler.sample(schema, complete=complete, variant=alternative)
            for body in (sample,) if given else (*(rewrite(sample) for rewrite in rewrites), sample):
                if body not in given and validator.is_valid(body):
                    given.append(body)
                    yield body
        definition, _ = self._contract.schemas.resolve(operation.definition["requestBody"], "")
        if not definition.get("required"):
            yield _NO_BODY


def _is_unread(exchange: Exchange | None) -> bool:
    """Whether a read is answered that there is no such item, or that the request is invalid."""
    return exchange is not None and answer_of(exchange).cause in (Cause.MODEL, Cause.INPUT)


def _data(exchange: Exchange | None) -> Any:
    try:
        body = exchange.response.json() if exchange is not None and exchange.response is not None else None
    except ValueError:
        return None
    return body.get("data") if isinstance(body, dict) else None


def _is_another(exchange: Exchange, place: str, asked: Any) -> bool:
    """Whether the answer is of another id than the one asked for."""
    item = _data(exchange)
    answered = item.get(place) if isinstance(item, dict) else None
    return answered is not None and str(answered) != str(asked)


def refused_fields(exchange: Exchange) -> set[str]:
    """The fields that a 422 names (`{"errors": {"userId": [...]}}`)."""
    is_invalid = exchange.response is not None and exchange.response.status_code == 422
    return named_fields(exchange) if is_invalid else set()
