"""Valid requests that must not be refused: each documented value of each query parameter, one at a time.

Source: the parameters of the operation. Only values whose validity the specification settles are tried: the members of
an enum, both booleans, numbers within their bounds, moments and days. Free text and ids that nobody knows may be
refused by right; a request with a required parameter may break a rule that the specification cannot express.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ampeco_conformance.contract.requests import parameters
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding, Severity
from ampeco_conformance.specs import Operation

#: The value of a field that refers to a resource: field name and schema -> id, None when there is none.
Reference = Callable[[str, Mapping[str, Any]], Any]

_REFUSALS = frozenset({400, 422})
_FORMATS = {"date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01"}
# A page is a matter of the pagination tests.
_PAGING = frozenset({"page", "per_page", "cursor"})


def documented_queries(contract: ApiContract, operation: Operation, reference: Reference) -> Iterator[dict[str, Any]]:
    """Queries of one parameter each, valid by the specification."""
    for definition, _ in parameters(contract, operation):
        if definition["in"] != "query":
            continue
        schema, _ = contract.schemas.resolve(definition.get("schema", {}), "")
        if definition.get("style") == "deepObject":
            for name, field in schema.get("properties", {}).items():
                resolved, _ = contract.schemas.resolve(field, "")
                for value in _values(name, resolved, reference):
                    yield {f"{definition['name']}[{name}]": value}
        elif definition["name"] not in _PAGING:
            items, _ = contract.schemas.resolve(schema.get("items", schema), "")
            for value in _values(definition["name"], items, reference):
                yield {definition["name"]: value}


def refusal_violations(
    contract: ApiContract, operation: Operation, exchange: Exchange, query: Mapping[str, Any]
) -> list[Finding]:
    """A finding when a valid query was answered as an invalid one."""
    response = exchange.response
    if response is None or response.status_code not in _REFUSALS:
        return []
    name, value = next(iter(query.items()), ("", None))
    request = f"{name}={value}" if query else "a request without optional parameters"
    return [
        contract.finding(
            operation,
            exchange,
            "valid_request_refused",
            f"{request} is documented and was refused with {response.status_code}",
            Severity.CRITICAL,
            location=f"query {name}".strip(),
            expected="an answer below 400",
            actual=response.status_code,
        )
    ]


def _values(name: str, schema: Mapping[str, Any], reference: Reference) -> Iterator[Any]:
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
