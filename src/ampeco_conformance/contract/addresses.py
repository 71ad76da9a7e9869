"""Which fields of an API hold addresses, by the formats that its specification gives."""

from collections.abc import Mapping
from typing import Any

from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.core.addresses import ADDRESS_FORMATS
from ampeco_conformance.specs import Specification


def address_fields(specification: Specification, schemas: Schemas) -> frozenset[str]:
    """The names of all fields and parameters whose format is that of an address."""
    found: set[str] = set()
    remaining: list[Any] = [specification.document]
    while remaining:
        node = remaining.pop()
        if isinstance(node, dict):
            remaining.extend(node.values())
            properties = node.get("properties")
            if isinstance(properties, dict):
                found.update(name for name, schema in properties.items() if _holds_address(schema, schemas))
            if "in" in node and isinstance(node.get("name"), str) and _holds_address(node.get("schema"), schemas):
                found.add(node["name"])
        elif isinstance(node, list):
            remaining.extend(node)
    return frozenset(found)


def _holds_address(schema: Any, schemas: Schemas) -> bool:
    if not isinstance(schema, Mapping):
        return False
    resolved = schemas.resolve(schema, "")[0] if "$ref" in schema else schema
    parts = [resolved.get("items"), *(part for key in ("allOf", "oneOf", "anyOf") for part in resolved.get(key, ()))]
    return resolved.get("format") in ADDRESS_FORMATS or any(
        isinstance(part, Mapping) and part.get("format") in ADDRESS_FORMATS for part in parts
    )
