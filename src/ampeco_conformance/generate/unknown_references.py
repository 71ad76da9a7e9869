"""Valid bodies in which one id refers to nothing that exists.

Only ids that are numbers are made unknown: a text may be an id of another system.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ampeco_conformance.checks.resource_fields import written_properties
from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.requests import body_schema_pointer
from ampeco_conformance.contract.resource_map import UNUSED_ID, ResourceMap
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.generate.places import BodyPlace, replaced
from ampeco_conformance.specs import Operation

_NUMBERS = ("integer", "number")


def reference_fields(contract: ApiContract, resources: ResourceMap, operation: Operation) -> dict[str, Any]:
    """The fields of a body that refer to resources, each with an unknown id: `userId`, and `userIds` as a list."""
    found: dict[str, Any] = {}
    for name, schema in written_properties(contract, operation).items():
        if schema.get("readOnly") or not resources.refers(operation, name):
            continue
        items, _ = contract.schemas.resolve(schema.get("items", {}), "")
        if schema.get("type") in _NUMBERS:
            found[name] = UNUSED_ID
        elif schema.get("type") == "array" and items.get("type") in _NUMBERS:
            found[name] = [UNUSED_ID]
    return found


def with_unknown_references(
    contract: ApiContract, resources: ResourceMap, operation: Operation, body: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The body with one unknown reference each, and the name of the field, nested ones with dots.

    Those of the whole schema at the top, and those that the body has below it.
    """
    pointer = body_schema_pointer(contract, operation)
    if pointer is None:
        return
    validator = contract.schemas.validator(pointer, Direction.REQUEST)
    top = reference_fields(contract, resources, operation)
    unknown: dict[BodyPlace, Any] = {(name,): value for name, value in top.items()}
    unknown |= {place: UNUSED_ID for place in _nested(body, resources, operation) if place[0] not in top}
    for place, value in unknown.items():
        changed = replaced(body, place, value)
        if validator.is_valid(changed):
            yield ".".join(part for part in place if isinstance(part, str)), changed


def _nested(
    value: Any, resources: ResourceMap, operation: Operation, place: BodyPlace = (), name: str = ""
) -> Iterator[BodyPlace]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _nested(item, resources, operation, (*place, key), key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nested(item, resources, operation, (*place, index), name)
    elif isinstance(value, int) and not isinstance(value, bool) and resources.refers(operation, name):
        yield place
