"""Error responses have their documented status and name the invalid field: 422 {"message", "errors": {field: [text]}}.

Source: the documented error responses; the shapes follow Laravel's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.contract.answers import answer_of, named_fields
from ampeco_conformance.contract.requests import body_schema_pointer, parameters
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Reproduction, Severity, Violation, declare
from ampeco_conformance.core.exchanges import Exchange, Response
from ampeco_conformance.specs import Operation

ERROR_STATUS = declare(
    "error_status",
    title="Errors have their documented status",
    severity=Severity.NORMAL,
    claim="A resource that does not exist is answered 404, an invalid or incomplete body 400, 415 or 422.",
    source="the documented error responses of the operation",
    aspect="errors",
    reproduction=Reproduction.STATUS,
)
ERROR_NAMES_FIELD = declare(
    "error_names_field",
    title="A 422 names the field",
    severity=Severity.MINOR,
    claim="The `errors` of a 422 name the invalid field.",
    source="the documented 422 response",
    aspect="errors",
    reproduction=Reproduction.STATUS,
)
UNKNOWN_REFERENCE = declare(
    "unknown_reference",
    title="References must exist",
    severity=Severity.NORMAL,
    claim="A body that is accepted is rejected when one of its ids refers to nothing that exists.",
    source="the id fields of the body, and the documented 422 of the operation",
    aspect="errors",
    reproduction=Reproduction.STATUS,
)

_NONSENSE = "conform-nonsense"
_PLAIN = frozenset({"integer", "number", "boolean"})


def required_fields(contract: ApiContract, operation: Operation) -> list[str]:
    """The required properties of a JSON body that the caller writes; none when alternatives decide what is required."""
    pointer = body_schema_pointer(contract, operation)
    if pointer is None:
        return []
    parts = list(_together(contract, contract.schemas.at(pointer)))
    if any(keyword in part for part in parts for keyword in ("anyOf", "oneOf")):
        return []
    properties = {name: schema for part in parts for name, schema in part.get("properties", {}).items()}
    return [
        name
        for name in dict.fromkeys(name for part in parts for name in part.get("required", ()))
        if not contract.schemas.resolve(properties.get(name, {}), "")[0].get("readOnly")
    ]


def _together(contract: ApiContract, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema and all that its `allOf` brings together."""
    resolved, _ = contract.schemas.resolve(schema, "")
    yield resolved
    for part in resolved.get("allOf", ()):
        yield from _together(contract, part)


@dataclass(frozen=True, slots=True)
class InvalidRequest:
    """A kind of request that must be rejected: what is wrong with it in words, and the fixed term for it."""

    description: str
    kind: str


def status_violations(exchange: Exchange, request: InvalidRequest, expected: frozenset[int]) -> Iterator[Violation]:
    """A violation when the response to an invalid request has none of the expected statuses."""
    response = exchange.response
    if response is not None and response.status_code not in expected:
        statuses = " or ".join(str(status) for status in sorted(expected))
        message = f"{request.description} was answered {response.status_code} instead of {statuses}"
        yield ERROR_STATUS.violation(message, expected=statuses, actual=response.status_code, kind=request.kind)


def not_found_statuses(operation: Operation, contract: ApiContract) -> frozenset[int]:
    """The statuses by which an operation may say that what its path names does not exist.

    Where it documents no 404, any refusal that it documents says so.
    """
    documented = {int(status) for status in contract.documented_statuses(operation) if status.startswith("4")}
    if 404 not in documented:
        return frozenset({404, *documented} - {401, 429})
    if operation.method in ("GET", "DELETE") and "/actions/" not in operation.path:
        return frozenset({404})
    # A valid body may be found invalid first where it refers to what the path names; an action impossible.
    return frozenset({404, 422, *((406, 409) if "/actions/" in operation.path else ())})


def field_violations(exchange: Exchange, field: str) -> Iterator[Violation]:
    """A violation when a 422 does not name the invalid `field` in its `errors`."""
    body = answer_of(exchange).body
    if exchange.response is None or exchange.response.status_code != 422 or not isinstance(body, dict):
        return
    if field not in named_fields(exchange):
        errors = body.get("errors", {})
        names = map(str, errors if isinstance(errors, dict | list) else ())
        message = f"the 422 for an invalid {field} does not name it (named: {', '.join(names) or 'nothing'})"
        expected = f"errors.{field}"
        yield ERROR_NAMES_FIELD.violation(message, f"/errors/{field}", expected=expected, actual=errors)


def is_accepted(response: Response) -> bool:
    """Whether a write was accepted; an action may also refuse with a 2xx and `"success": false`."""
    if not 200 <= response.status_code < 300:
        return False
    try:
        body = response.json()
    except ValueError:
        return True
    return not (isinstance(body, dict) and body.get("success") is False)


def unknown_reference_violations(exchange: Exchange, field: str, value: Any) -> Iterator[Violation]:
    """A violation when a body was accepted although its `field` refers to a resource that does not exist."""
    response = exchange.response
    if response is not None and is_accepted(response):
        message = f"a body whose {field} refers to nothing that exists was accepted with {response.status_code}"
        actual = f"{response.status_code} for {value}"
        location = f"body /{field.replace('.', '/')}"
        yield UNKNOWN_REFERENCE.violation(message, location, expected="404 or 422", actual=actual)


def broken_queries(contract: ApiContract, operation: Operation) -> Iterator[dict[str, str]]:
    """Queries of one parameter each, with text in place of a number, a boolean, a date-time or an enum member."""
    for definition, pointer in parameters(contract, operation):
        if definition["in"] != "query":
            continue
        schema, _ = contract.schemas.resolve(definition.get("schema", {}), f"{pointer}/schema")
        is_deep = definition.get("style") == "deepObject"
        for name, field in schema.get("properties", {}).items() if is_deep else [(definition["name"], schema)]:
            kind, _ = contract.schemas.resolve(field, pointer)
            if kind.get("type") in _PLAIN or "enum" in kind or kind.get("format") == "date-time":
                yield {f"{definition['name']}[{name}]" if is_deep else name: _NONSENSE}
