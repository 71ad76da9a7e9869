"""The API as scenarios use it: every response is checked against the specification before the scenario sees it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn
from urllib.parse import quote

import pytest

from ampeco_conformance.apis import describe
from ampeco_conformance.core.checks import Severity, scenario_check
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange, Response
from ampeco_conformance.core.findings import ContractViolation, Finding
from ampeco_conformance.emulator_client.clock import TargetClock
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation, Specification, load_catalog, load_specification, store_directory
from ampeco_conformance.target.safety import SafetyPolicy

SUCCESS = range(200, 300)
PAGE_SIZE = 100
OPERATORS = "/resources/sub-operators/v1.0"


@dataclass(frozen=True)
class ScenarioResponse:
    """A decoded response that conforms to the specification; `answer["status"]` reads a field of its resource.

    `severity` is that of a rule that it breaks.
    """

    exchange: Exchange
    operation: Operation
    api_version: str
    status: int
    body: Any
    severity: Severity

    @property
    def item(self) -> Any:
        """The resource itself, without the `data` wrapper that most operations put around it."""
        wrapped = isinstance(self.body, dict) and isinstance(self.body.get("data"), dict)
        return self.body["data"] if wrapped else self.body

    @property
    def items(self) -> list[Any]:
        """The entries of a listing."""
        return list(self.body["data"])

    def __getitem__(self, name: str) -> Any:
        """A field of the resource. Skips the scenario when the response leaves out an optional one."""
        if name not in self.item:
            pytest.skip(f"{self.operation.label} returned no {name}, which this scenario needs")
        return self.item[name]

    def get(self, name: str) -> Any:
        """A field that may be absent; None then."""
        return self.item.get(name)

    def require(self, holds: bool, rule: str, otherwise: str, *, expected: Any = None, actual: Any = None) -> None:
        """Assert a business rule on this answer: `rule` is its stable id, `otherwise` says what is wrong.

        Raises ContractViolation, so that reports show the rule, the exchange and both values.
        """
        if not holds:
            self.violates(rule, otherwise, expected=expected, actual=actual)

    def require_equal(self, actual: Any, expected: Any, rule: str, what: str) -> None:
        """Assert that a value is what the business rule demands."""
        otherwise = f"{what} is {actual!r}, expected {expected!r}"
        self.require(actual == expected, rule, otherwise, expected=expected, actual=actual)

    def violates(self, rule: str, message: str, *, expected: Any = None, actual: Any = None) -> NoReturn:
        """Raise the violation of a business rule that this answer proves."""
        violation = scenario_check(rule, self.severity).violation(message, expected=expected, actual=actual)
        raise ContractViolation([Finding(violation, self.operation.label, self.api_version, self.exchange)])


@dataclass(frozen=True)
class ScenarioCall:
    """A request that is not sent yet, for `ScenarioApi.together`."""

    method: str
    path: str
    ids: Mapping[str, int | str]
    json: Any = None


class ScenarioApi:
    """Sends the requests of a scenario, checks every response, attaches every exchange to the report.

    Paths are those of the specification, with or without `/public-api`; path parameters are given by name:
    `api.get("/resources/users/v1.0/{user}", user=7)`. A version without the operation skips the scenario, and so does
    a safety level of the target that forbids it; a path that no version has is an error. A broken rule has the
    `severity` of the scenario.
    """

    def __init__(
        self,
        client: ApiClient,
        record: Recorder,
        specification: Specification,
        policy: SafetyPolicy,
        show: Callable[[Exchange], None],
        clock: TargetClock,
        severity: Severity = Severity.CRITICAL,
    ) -> None:
        self.clock = clock
        self._client = client
        self._record = record
        self._specification = specification
        self._policy = policy
        self._show = show
        self._severity = severity
        self._shown: object = None
        self._prefix = describe(specification.api).path_prefix
        self._operations = {(operation.method, operation.path): operation for operation in specification.operations}

    def get(self, path: str, *, query: Mapping[str, Any] | None = None, **ids: Any) -> ScenarioResponse:
        """Read; the answer must be a success."""
        return self.call("GET", path, query=query, **ids)

    def post(self, path: str, json: Any = None, *, expected: Collection[int] = SUCCESS, **ids: Any) -> ScenarioResponse:
        """Create, or do an action; `expected` lists the statuses the scenario allows."""
        return self.call("POST", path, json=json, expected=expected, **ids)

    def patch(self, path: str, json: Any, *, expected: Collection[int] = SUCCESS, **ids: Any) -> ScenarioResponse:
        """Change some fields."""
        return self.call("PATCH", path, json=json, expected=expected, **ids)

    def put(self, path: str, json: Any, *, expected: Collection[int] = SUCCESS, **ids: Any) -> ScenarioResponse:
        """Replace."""
        return self.call("PUT", path, json=json, expected=expected, **ids)

    def delete(self, path: str, *, expected: Collection[int] = SUCCESS, **ids: Any) -> ScenarioResponse:
        """Remove."""
        return self.call("DELETE", path, expected=expected, **ids)

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        expected: Collection[int] = SUCCESS,
        **ids: Any,
    ) -> ScenarioResponse:
        """Send one request.

        Raises ContractViolation for an answer that breaks the specification or the scenario, TargetError for none.
        """
        operation = self.operation(method, path)
        exchange = self._client.send(method, _filled(operation, ids), query=query, json=json)
        if operation.path != self._prefix + OPERATORS and isinstance(json, dict) and _needs_operator(exchange, json):
            self._show_once(exchange)
            body = {**json, "operatorId": self._operator()}
            exchange = self._client.send(method, _filled(operation, ids), query=query, json=body)
        return self._checked(operation, exchange, expected)

    def _operator(self) -> int:
        """The operator that a token for all of them must name in creations: the first one."""
        for operator in self.listing(OPERATORS):
            return int(operator["id"])
        pytest.skip("the token needs an operator, and the target lists none")

    def together(
        self, calls: Collection[ScenarioCall], *, expected: Collection[int] = SUCCESS
    ) -> list[ScenarioResponse]:
        """Send several requests at the same moment, and check all answers afterwards."""
        operations = [self.operation(call.method, call.path) for call in calls]

        def send(call: ScenarioCall, operation: Operation) -> Exchange:
            return self._client.send(call.method, _filled(operation, call.ids), json=call.json)

        with ThreadPoolExecutor(len(calls)) as pool:
            exchanges = list(pool.map(send, calls, operations))
        return [
            self._checked(operation, exchange, expected)
            for operation, exchange in zip(operations, exchanges, strict=True)
        ]

    def listing(self, path: str, *, filter: Mapping[str, Any] | None = None, **ids: Any) -> Iterator[dict[str, Any]]:
        """Every entry of a listing, page after page."""
        for page in self.pages(path, filter=filter, **ids):
            yield from page.items

    def pages(self, path: str, *, filter: Mapping[str, Any] | None = None, **ids: Any) -> Iterator[ScenarioResponse]:
        """Every page of a listing, in whichever style of pagination the operation has."""
        schemas = self._record.contract.schemas
        parameters = self.operation("GET", path).definition.get("parameters", [])
        names = {schemas.resolve(parameter, "")[0]["name"] for parameter in parameters}
        cursor_style = "cursor" in names
        query: dict[str, Any] = {"per_page": PAGE_SIZE} if "per_page" in names else {}
        query |= {"cursor": None} if cursor_style else {}
        query |= {"filter": dict(filter)} if filter else {}
        page = 1
        while True:
            answer = self.call("GET", path, query=query, **ids)
            yield answer
            meta = answer.body.get("meta") or {}
            page += 1
            if cursor_style and meta.get("next_cursor"):
                query["cursor"] = meta["next_cursor"]
            elif not cursor_style and page <= int(meta.get("last_page") or 1):
                query["page"] = page
            else:
                return

    def operation(self, method: str, path: str) -> Operation:
        """The operation; skips the scenario when the version has none, or the target's safety level forbids it.

        Raises LookupError when no version has it: the path is mistyped.
        """
        operation = self._find(method, path)
        if operation is None:
            self._refuse_unknown(method, path)
            pytest.skip(f"version {self._specification.version} has no {method} {path}")
        if reason := self._policy.refusal(operation):
            pytest.skip(f"{reason} ({operation.label})")
        return operation

    def has(self, method: str, path: str) -> bool:
        """Whether the version under test has an operation."""
        return self._find(method, path) is not None

    def newest(self, method: str, *paths: str) -> str:
        """The first of several paths, newest first, that the version has."""
        return next((path for path in paths if self.has(method, path)), paths[-1])

    def documented_values(self, method: str, path: str, field: str) -> list[str]:
        """The values that the version documents for a field of an operation's success; none when it is free text."""
        schemas = self._record.contract.schemas
        values: list[str] = []
        for status, reference in self.operation(method, path).definition.get("responses", {}).items():
            for content in schemas.resolve(reference, "")[0].get("content", {}).values() if status[0] == "2" else ():
                body = schemas.resolve(content["schema"], "")[0]
                values += schemas.resolve(body.get("properties", {}).get(field, {}), "")[0].get("enum", [])
        return [value for value in values if value is not None]

    def _show_once(self, exchange: Exchange) -> None:
        """Attach an exchange to the report unless it repeats the one before, as while a scenario waits."""
        seen = (exchange.request.url, exchange.request.body, exchange.response and exchange.response.body)
        if seen != self._shown:
            self._show(exchange)
        self._shown = seen

    def _find(self, method: str, path: str) -> Operation | None:
        return self._operations.get((method, self._prefix + path)) or self._operations.get((method, path))

    def _refuse_unknown(self, method: str, path: str) -> None:
        """Raise LookupError for an operation that no version of the API has; the newest version is asked first."""
        named = self._specification
        for entry in reversed(load_catalog(store_directory()).known_versions(named.api)):
            known = load_specification(entry.version, named.api, operations_suffice=True).operations
            if any(operation.method == method and operation.path in (path, self._prefix + path) for operation in known):
                return
        near = get_close_matches(
            f"{method} {self._prefix}{path}", [operation.label for operation in named.operations], 1
        )
        hint = f"; did you mean {near[0]}?" if near else ""
        raise LookupError(f"no version of {named.api} has {method} {path}{hint}")

    def _checked(self, operation: Operation, exchange: Exchange, expected: Collection[int]) -> ScenarioResponse:
        self._show_once(exchange)
        response = exchange.response
        if response is None:
            raise TargetError(f"{operation.label} got no answer: {exchange.error}")
        self._record.expect_conformance(exchange)
        body = _decoded(response)
        version = self._specification.version
        answer = ScenarioResponse(exchange, operation, version, response.status_code, body, self._severity)
        if response.status_code not in expected:
            reason = f": {str(body['message']).rstrip('.')}" if isinstance(body, dict) and "message" in body else ""
            answer.violates(
                "story-step",
                f"answered {response.status_code}{reason}, the scenario needs {_statuses(expected)}",
                expected=_statuses(expected),
                actual=response.status_code,
            )
        return answer


def _needs_operator(exchange: Exchange, body: Mapping[str, Any]) -> bool:
    """Whether a request was refused because it names no operator (fact: needed with a global token)."""
    response = exchange.response
    if response is None or response.status_code != 422 or "operatorId" in body:
        return False
    answer = _decoded(response)
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return isinstance(errors, dict) and "operatorId" in errors


def _filled(operation: Operation, ids: Mapping[str, int | str]) -> str:
    values = {name: quote(str(value), safe="") for name, value in ids.items()}
    return str(operation.path.format_map(values))


def _decoded(response: Response) -> Any:
    # What must be JSON was checked already; a body that the specification does not promise may be anything.
    try:
        return response.json()
    except ValueError:
        return None


def _statuses(expected: Collection[int]) -> str:
    return "success" if expected == SUCCESS else " or ".join(str(status) for status in expected)
