"""Refusals have the API's own form: {"message"} for 404, {"message", "errors": {field: [text]}} for 422.

Source: the documented error responses; the shapes follow Laravel's.
"""

from collections.abc import Iterator
from typing import Any

from ampeco_conformance.contract.requests import body_schema_pointer, parameters
from ampeco_conformance.contract.resource_map import parameters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding, Severity
from ampeco_conformance.specs import Operation

_NONSENSE = "conform-nonsense"
_PLAIN = frozenset({"integer", "number", "boolean"})


def required_fields(contract: ApiContract, operation: Operation) -> list[str]:
    """The required properties of a JSON body that the caller writes; none when alternatives decide what is required."""
    pointer = body_schema_pointer(contract, operation)
    if pointer is None:
        return []
    schema, _ = contract.schemas.resolve(contract.schemas.at(pointer), pointer)
    if any(keyword in schema for keyword in ("allOf", "anyOf", "oneOf")):
        return []
    properties = schema.get("properties", {})
    return [
        name
        for name in schema.get("required", ())
        if not contract.schemas.resolve(properties.get(name, {}), "")[0].get("readOnly")
    ]


def has_id_fields(contract: ApiContract, operation: Operation) -> bool:
    """Whether a field of the JSON body is named like an id of something: `userId`."""
    pointer = body_schema_pointer(contract, operation)
    if pointer is None:
        return False
    schema, _ = contract.schemas.resolve(contract.schemas.at(pointer), pointer)
    return any(name.endswith("Id") for name in schema.get("properties", {}))


def status_violations(
    contract: ApiContract, operation: Operation, exchange: Exchange, request: str, expected: frozenset[int]
) -> list[Finding]:
    """A finding when the refusal of a `request` (named in words) has none of the expected statuses."""
    response = exchange.response
    if response is None or response.status_code in expected:
        return []
    statuses = " or ".join(str(status) for status in sorted(expected))
    return [
        contract.finding(
            operation,
            exchange,
            "error_status",
            f"{request} was answered {response.status_code} instead of {statuses}",
            expected=statuses,
            actual=response.status_code,
        )
    ]


def field_violations(contract: ApiContract, operation: Operation, exchange: Exchange, field: str) -> list[Finding]:
    """A finding when a 422 does not name the `field` that is wrong in its `errors`."""
    response = exchange.response
    if response is None or response.status_code != 422:
        return []
    try:
        errors = response.json().get("errors", {})
    except (ValueError, AttributeError):
        return []
    if any(str(name).split(".")[0] == field for name in errors):
        return []
    return [
        contract.finding(
            operation,
            exchange,
            "error_names_field",
            f"the 422 for a wrong {field} does not name it (named: {', '.join(errors) or 'nothing'})",
            Severity.MINOR,
            location=f"/errors/{field}",
            expected=f"errors.{field}",
            actual=errors,
        )
    ]


def references(contract: ApiContract, body: dict[str, Any]) -> list[str]:
    """The fields of a body that are ids of what the API has: `userId` where a path has `{user}`.

    Fields that only end like one (`ownerPartnerContractId`) may have rules of their own.
    """
    named = {name for operation in contract.specification.operations for name in parameters_of(operation.path)}
    return [
        name
        for name, value in body.items()
        if isinstance(value, int) and name.endswith("Id") and name.removesuffix("Id") in named
    ]


def unknown_reference_violations(
    contract: ApiContract, operation: Operation, exchange: Exchange, field: str, value: Any
) -> list[Finding]:
    """A finding when a body was accepted although its `field` names a resource that does not exist."""
    response = exchange.response
    if response is None or not 200 <= response.status_code < 300:
        return []
    return [
        contract.finding(
            operation,
            exchange,
            "unknown_reference",
            f"a body whose {field} names nothing that exists was accepted with {response.status_code}",
            location=f"body /{field}",
            expected="404 or 422",
            actual=f"{response.status_code} for {value}",
        )
    ]


def broken_queries(contract: ApiContract, operation: Operation) -> Iterator[dict[str, str]]:
    """Queries of one parameter each, with text where a number, a flag, a moment or one of a few words belongs."""
    for definition, pointer in parameters(contract, operation):
        if definition["in"] != "query":
            continue
        schema, _ = contract.schemas.resolve(definition.get("schema", {}), f"{pointer}/schema")
        is_deep = definition.get("style") == "deepObject"
        for name, field in schema.get("properties", {}).items() if is_deep else [(definition["name"], schema)]:
            kind, _ = contract.schemas.resolve(field, pointer)
            if kind.get("type") in _PLAIN or "enum" in kind or kind.get("format") == "date-time":
                yield {f"{definition['name']}[{name}]" if is_deep else name: _NONSENSE}
