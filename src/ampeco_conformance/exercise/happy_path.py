"""Sees an operation succeed: plain valid requests with real ids, until one is answered with 2xx.

Without data a run tests the validation layer only. So every operation is first tried with ids from the pool and a
sample body; what a 422 refuses is left out and tried again; then other ids get their turn.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ampeco_conformance.checks.errors import required_fields
from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.requests import body_schema_pointer, parameters
from ampeco_conformance.contract.resource_map import fill, parameters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.generate.sampling import Sampler
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.specs import Operation

_IDS_TRIED = 12
_BODIES_TRIED = 6
_MENDS_TRIED = 3
_NO_BODY = object()
#: Makes another body of a sample body.
Rewrite = Callable[[Any], Any]


@dataclass(slots=True)
class SuccessAttempt:
    """What came of trying to see an operation succeed."""

    succeeded: bool = False
    path_values: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    reason: str = ""
    body: Any = None
    exchange: Exchange | None = None


class SuccessFinder:
    """Tries operations against one target."""

    def __init__(self, contract: ApiContract, pool: IdPool, client: ApiClient, *, prefix: str) -> None:
        self._contract = contract
        self._pool = pool
        self._client = client
        self._sampler = Sampler(contract.schemas, pool.field_value, prefix=prefix)
        pool.create = self._create

    def find(self, operation: Operation) -> SuccessAttempt:
        """Send requests until one succeeds with a conforming answer, or nothing is left to try."""
        attempt = SuccessAttempt(reason=f"no ids known for {', '.join(parameters_of(operation.path))}")
        for values in self._pool.path_parameters(operation, limit=_IDS_TRIED):
            attempt.path_values = attempt.path_values or dict(values)
            if self._try_bodies(operation, values, attempt) or attempt.findings:
                break
        return attempt

    def attempt(
        self, operation: Operation, values: Mapping[str, Any], rewrite: Rewrite | None = None
    ) -> SuccessAttempt:
        """Send plain valid bodies to one path until one is taken; `body` and `exchange` of the attempt are the last.

        With `rewrite` the first body is sent in another way before it is sent as it is.
        """
        attempt = SuccessAttempt()
        self._try_bodies(operation, values, attempt, rewrite)
        return attempt

    def _create(self, operation: Operation, values: Mapping[str, Any]) -> None:
        self.attempt(operation, values)

    def _try_bodies(
        self, operation: Operation, values: Mapping[str, Any], attempt: SuccessAttempt, rewrite: Rewrite | None = None
    ) -> bool:
        for body in self.bodies(operation, rewrite=rewrite):
            for _ in range(_MENDS_TRIED):
                exchange = self._send(operation, values, body)
                attempt.body, attempt.exchange = body, exchange
                if self._judge(operation, exchange, attempt):
                    attempt.path_values = dict(values)
                    return True
                mended = _without_refused(body, exchange, keeping=required_fields(self._contract, operation))
                if mended == body:
                    break
                body = mended
            if exchange.response is None or exchange.response.status_code not in (400, 422):
                # Not the body is the trouble: the ids are, or the state.
                break
        return False

    def _judge(self, operation: Operation, exchange: Exchange, attempt: SuccessAttempt) -> bool:
        self._pool.learn(operation, exchange)
        if exchange.response is None:
            attempt.reason = f"no answer: {exchange.error}"
            return False
        attempt.findings += self._contract.check_response(exchange, operation)
        attempt.succeeded = 200 <= exchange.response.status_code < 300 and not attempt.findings
        if not attempt.succeeded:
            said = exchange.response.body[:160].decode("utf-8", "replace")
            attempt.reason = f"answered {exchange.response.status_code} {said}".strip()
        return attempt.succeeded

    def _send(self, operation: Operation, values: Mapping[str, Any], body: Any) -> Exchange:
        query = {
            definition["name"]: self._sampler.sample(definition.get("schema", {}), complete=False)
            for definition, _ in parameters(self._contract, operation)
            if definition["in"] == "query" and definition.get("required")
        }
        return self._client.send(
            operation.method, fill(operation.path, values), query=query, json=None if body is _NO_BODY else body
        )

    def sample(self, schema: Mapping[str, Any], name: str) -> Any:
        """A plain valid value for a field of this name."""
        return self._sampler.sample(schema, complete=False, name=name)

    def bodies(self, operation: Operation, *, least: bool = False, rewrite: Rewrite | None = None) -> Iterator[Any]:
        """Sample bodies, the fullest first, or the `least` alone; only such as the specification itself calls valid."""
        schema_pointer = body_schema_pointer(self._contract, operation)
        if schema_pointer is None:
            yield _NO_BODY
            return
        schema = self._contract.schemas.at(schema_pointer)
        validator = self._contract.schemas.validator(schema_pointer, Direction.REQUEST)
        given: list[Any] = []
        for variant, complete in itertools.product(range(_BODIES_TRIED // 2), (False,) if least else (True, False)):
            sample = self._sampler.sample(schema, complete=complete, variant=variant)
            for body in (sample,) if rewrite is None or given else (rewrite(sample), sample):
                if body not in given and validator.is_valid(body):
                    given.append(body)
                    yield body
        definition, _ = self._contract.schemas.resolve(operation.definition["requestBody"], "")
        if not definition.get("required"):
            yield _NO_BODY


def _without_refused(body: Any, exchange: Exchange, *, keeping: Sequence[str]) -> Any:
    """The body without the fields a 422 names (`{"errors": {"userId": [...]}}`) and that need not be there."""
    if exchange.response is None or exchange.response.status_code != 422 or not isinstance(body, dict):
        return body
    try:
        errors = exchange.response.json().get("errors", {})
    except (ValueError, AttributeError):
        return body
    refused = {str(name).partition(".")[0] for name in errors} if isinstance(errors, dict) else set()
    return {name: value for name, value in body.items() if name not in refused or name in keeping}
