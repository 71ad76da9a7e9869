"""The documented shape of the items that an operation answers with."""

from collections.abc import Mapping
from typing import Any

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Operation


def item_properties(contract: ApiContract, operation: Operation) -> dict[str, Mapping[str, Any]]:
    """The documented properties, with schemas, of the item in a successful response, or of the items of its list."""
    response, _ = contract.schemas.resolve(operation.definition["responses"].get("200", {}), "")
    content = response.get("content") or {}
    schema: Mapping[str, Any] = next((media.get("schema", {}) for kind, media in content.items() if "json" in kind), {})
    properties = properties_of(contract, schema)
    if "data" in properties:
        properties = properties_of(contract, properties["data"].get("items", properties["data"]))
    return properties


def properties_of(contract: ApiContract, schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The properties that a schema documents, itself or in one of its parts, references resolved."""
    resolved, _ = contract.schemas.resolve(schema, "")
    found: dict[str, Mapping[str, Any]] = {
        name: contract.schemas.resolve(definition, "")[0] for name, definition in resolved.get("properties", {}).items()
    }
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in resolved.get(keyword, ()):
            found |= properties_of(contract, part)
    return found


def can_show(contract: ApiContract, properties: Mapping[str, Mapping[str, Any]], field: str) -> bool:
    """Whether a field is among the documented properties; nested ones with a dot, also below lists."""
    name, _, rest = field.partition(".")
    if name not in properties:
        return False
    if not rest:
        return True
    schema, _ = contract.schemas.resolve(properties[name], "")
    return can_show(contract, properties_of(contract, schema.get("items", schema)), rest)
