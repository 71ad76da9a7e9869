"""Valid requests are accepted: each documented value of each query parameter, one at a time.

Source: the parameters of the operation. Only values whose validity the specification settles are tried: the members of
an enum, both booleans, numbers within their bounds, date-times and dates. Free text and unknown ids may rightly be
rejected; a request with a required parameter may break a rule that the specification cannot express.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ampeco_conformance.checks.resource_fields import FREE_TEXT
from ampeco_conformance.contract.answers import named_fields
from ampeco_conformance.contract.requests import parameters
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Reproduction, Severity, Strictness, Violation, declare
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.specs import Operation

VALID_REQUEST_REFUSED = declare(
    "valid_request_refused",
    title="Valid requests are accepted",
    severity=Severity.CRITICAL,
    claim="A documented value of a query parameter, a body of nothing but names, or a text that an item already has, "
    "is not rejected.",
    source="the parameters and the body of the operation",
    aspect="acceptance",
    reproduction=Reproduction.STATUS,
)

VALID_FIELD_REFUSED = declare(
    "valid_field_refused",
    title="Documented fields are accepted",
    severity=Severity.CRITICAL,
    claim="An optional field is not refused with every valid value, nor any field with the greatest one that is "
    "documented, when the same body is accepted without it.",
    source="the body of the operation",
    aspect="operations",
    on_tenants=Strictness.ADVISORY,
)

#: The value of a field that refers to a resource: field name and schema -> id, None when there is none.
ReferenceId = Callable[[str, Mapping[str, Any]], Any]

_REFUSALS = frozenset({400, 422})
_FORMATS = {"date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01"}
# Pages are tested by the pagination tests.
_PAGING = frozenset({"page", "per_page", "cursor"})


def documented_queries(contract: ApiContract, operation: Operation, reference: ReferenceId) -> Iterator[dict[str, Any]]:
    """Queries of one parameter each, valid by the specification."""
    for definition, _ in parameters(contract, operation):
        if definition["in"] != "query":
            continue
        schema, _ = contract.schemas.resolve(definition.get("schema", {}), "")
        if definition.get("style") == "deepObject":
            for name, field in schema.get("properties", {}).items():
                for value in _filter_values(contract, name, field, reference):
                    yield {f"{definition['name']}[{name}]": value}
        elif definition["name"] not in _PAGING:
            items, _ = contract.schemas.resolve(schema.get("items", schema), "")
            for value in _values(definition["name"], items, reference):
                yield {definition["name"]: value}


def packed_queries(queries: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Queries of one parameter each, in packs that can be sent together.

    A pack has no parameter twice, and filters, which leave little to show, have packs of their own.
    """
    packs: dict[tuple[int, bool], list[Mapping[str, Any]]] = {}
    seen: Counter[str] = Counter()
    for query in queries:
        name = next(iter(query))
        packs.setdefault((seen[name], name.startswith("filter[")), []).append(query)
        seen[name] += 1
    return [packs[place] for place in sorted(packs)]


def refused_query_violation(exchange: Exchange, query: Mapping[str, Any]) -> Violation:
    """The violation of a valid query that was rejected, whatever the status."""
    status = exchange.response.status_code if exchange.response else 0
    request = " and ".join(f"{name}={value}" for name, value in query.items())
    message = f"{request or 'a request without optional parameters'} is documented and was rejected with {status}"
    place = " and ".join(f"query {name}" for name in query)
    return VALID_REQUEST_REFUSED.violation(message, place, expected="a status below 400", actual=status)


def refused_field_violation(name: str, exchange: Exchange) -> Violation:
    """The violation of an optional field that is refused with every value."""
    status = exchange.response.status_code if exchange.response else 0
    message = f"{name} is documented and was refused with {status}, whatever its value; without it the body is accepted"
    return VALID_FIELD_REFUSED.violation(message, f"body /{name}", expected="a status below 400", actual=status)


def refused_bound_violation(name: str, bound: str, exchange: Exchange) -> Violation:
    """The violation of a field that is refused with the greatest value that its schema allows."""
    status = exchange.response.status_code if exchange.response else 0
    message = f"{name} was refused with {status} at its documented {bound}; with another value the body is accepted"
    return VALID_FIELD_REFUSED.violation(
        message, f"body /{name}", expected="a status below 400", actual=status, kind=bound
    )


def refused_repetition_violation(name: str, exchange: Exchange) -> Violation:
    """The violation of a change that is refused because it repeats what the item has."""
    status = exchange.response.status_code if exchange.response else 0
    message = f"a change that repeats the {name} of the item was refused with {status}"
    return VALID_REQUEST_REFUSED.violation(message, f"body /{name}", expected="a status below 400", actual=status)


def refused_body_violations(
    schemas: Mapping[str, Mapping[str, Any]], body: Mapping[str, Any], exchange: Exchange
) -> Iterator[Violation]:
    """A body of nothing but names and descriptions that is rejected as invalid for no documented reason.

    A rejection that names a documented field which was left out (an operator, say) has its reason.
    """
    response = exchange.response
    if response is None or response.status_code not in _REFUSALS or not body or not body.keys() <= FREE_TEXT:
        return
    if named_fields(exchange) & (schemas.keys() - body.keys()):
        return
    message = f"a valid body ({', '.join(body)}) was rejected with {response.status_code}"
    yield VALID_REQUEST_REFUSED.violation(message, "body", expected="a status below 400", actual=response.status_code)


def _filter_values(contract: ApiContract, name: str, field: Mapping[str, Any], reference: ReferenceId) -> Iterator[Any]:
    """The values of a filter; of a list and of alternatives the members of their enums."""
    schema, _ = contract.schemas.resolve(field, "")
    parts = [contract.schemas.resolve(part, "")[0] for key in ("anyOf", "oneOf") for part in schema.get(key, ())]
    if "items" in schema:
        items, _ = contract.schemas.resolve(schema["items"], "")
        yield from ([value] for value in items.get("enum", ()) if value is not None)
    elif parts:
        yield from dict.fromkeys(value for part in parts for value in part.get("enum", ()) if value is not None)
    else:
        yield from _values(name, schema, reference)


def _values(name: str, schema: Mapping[str, Any], reference: ReferenceId) -> Iterator[Any]:
    kind = schema.get("type")
    known = reference(name, schema)
    if known is not None:
        yield known
    elif "enum" in schema:
        yield from (value for value in schema["enum"] if value is not None)
    elif kind == "boolean":
        yield from ("true", "false")
    elif kind in ("integer", "number") and not name.lower().endswith("id"):
        yield schema.get("minimum", schema.get("maximum", 1))
    elif kind == "string" and schema.get("format") in _FORMATS:
        yield _FORMATS[schema["format"]]
