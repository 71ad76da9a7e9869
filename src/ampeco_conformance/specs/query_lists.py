"""Lists in the query under the names that go over the wire.

The vendor documents `include` as a list in the style deepObject, which OpenAPI defines for objects only (3.0.3, Style
Values); the API takes it as `include[]=evses`. A parameter under that name needs no special style.
"""

from collections.abc import Iterator
from typing import Any

from ampeco_conformance.specs.walking import own_parameters, resolve


def name_lists_as_sent(document: dict[str, Any]) -> None:
    """Rename the lists in deepObject style of a document, in place."""
    for parameter in list(_parameters(document)):
        if parameter.get("in") != "query" or parameter.get("style") != "deepObject":
            continue
        schema = parameter.get("schema")
        if isinstance(schema, dict) and resolve(document, schema).get("type") == "array":
            parameter["name"] = f"{parameter['name'].removesuffix('[]')}[]"
            del parameter["style"]
            parameter.pop("explode", None)


def _parameters(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from ((document.get("components") or {}).get("parameters") or {}).values()
    for item in document.get("paths", {}).values():
        yield from (parameter for parameter in own_parameters(item) if "$ref" not in parameter)
