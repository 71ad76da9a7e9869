"""References in request bodies: the fields that name other resources by their ids."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from ampeco_conformance.apis import IdSource
from ampeco_conformance.contract.resource_map import ResourceMap

ChangeReference = Callable[[str, Sequence[IdSource], Any], Any]
"""Gives the value to use for a reference: by the field's name, the listings of what it refers to, and its value."""

_LEADING_NUMBER = re.compile(r"\s*\+?(\d+)")


def field_name(key: str, parent: str) -> str:
    """The name by which a field tells what it refers to: that of its object for an `id`, else its own."""
    return f"{parent.removesuffix('Id')}Id" if key == "id" and parent else key


def with_references(
    value: Any, resources: ResourceMap, change: ChangeReference, name: str = "", *, is_id_of_object: bool = False
) -> Any:
    """A JSON value with every reference changed: `userId`, `tariffIds`, and the `id` of an object `location`.

    Numbers in fields such as `integrationId` count too, whose resource nothing lists: without sources.
    """
    if isinstance(value, dict):
        return {
            key: with_references(item, resources, change, field_name(str(key), name), is_id_of_object=key == "id")
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [with_references(item, resources, change, name) for item in value]
    sources = resources.sources_of_field(name)
    is_unlisted = not is_id_of_object and isinstance(value, int | float) and resources.is_unlisted(name)
    return change(name, sources, value) if value is not None and (sources or is_unlisted) else value


def named_number(value: Any) -> int | None:
    """The id that a lenient receiver takes a value for: 7 for 7.0 and "7abc", 1 for true; None when it is none."""
    if isinstance(value, str):
        match = _LEADING_NUMBER.match(value)
        return int(match[1]) if match else None
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else None
