"""References in request bodies: the fields that name other resources by their ids."""

from collections.abc import Callable, Sequence
from typing import Any

from ampeco_conformance.apis import IdSource
from ampeco_conformance.contract.resource_map import ResourceMap

ChangeReference = Callable[[str, Sequence[IdSource], Any], Any]
"""Gives the value to use for a reference: by the field's name, the listings of what it refers to, and its value."""


def with_references(value: Any, resources: ResourceMap, change: ChangeReference, name: str = "") -> Any:
    """A JSON value with every reference changed: `userId`, `tariffIds`, and the `id` of an object `location`."""
    if isinstance(value, dict):
        return {
            key: with_references(item, resources, change, f"{name}Id" if key == "id" else str(key))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [with_references(item, resources, change, name) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | str):
        return value
    sources = resources.sources_of_field(name)
    return change(name, sources, value) if sources else value
