"""Turns references by name ($id, $anchor, $dynamicAnchor, $self) into references by JSON pointer."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

from ampeco_conformance.compatibility.contracts import Json
from ampeco_conformance.specs.walking import LITERALS, NAME_MAPS, at_pointer, escape_pointer


class _Node(NamedTuple):
    """An object of a document, and the address and pointer of the resource that it belongs to."""

    value: dict[str, Json]
    pointer: str
    address: str
    resource: str


def with_pointers(document: dict[str, Json]) -> None:
    """Rewrite the references of a document that lead to a name in it; works in place.

    A `$dynamicRef` is read as the `$ref` that it is where nothing overrides its anchor.
    """
    nodes = list(_nodes(document))
    if not any(_NAMES & node.value.keys() for node in nodes):
        return
    resources = {node.address: node.resource for node in nodes}
    anchors = {
        (node.address, str(node.value[keyword])): node.pointer
        for node in nodes
        for keyword in ("$dynamicAnchor", "$anchor")
        if keyword in node.value
    }
    for node in nodes:
        dynamic = node.value.pop("$dynamicRef", None)
        reference = node.value.get("$ref", dynamic)
        if not isinstance(reference, str):
            continue
        address, fragment = urldefrag(urljoin(node.address, reference))
        pointer = anchors.get((address, fragment))
        if pointer is None and address in resources and (not fragment or fragment.startswith("/")):
            pointer = resources[address] + fragment
        if pointer is not None and _exists(document, pointer):
            node.value["$ref"] = f"#{pointer}"
        elif dynamic is not None:
            node.value["$ref"] = reference


_NAMES = {"$id", "$anchor", "$dynamicAnchor", "$self"}


def _exists(document: dict[str, Json], pointer: str) -> bool:
    try:
        at_pointer(document, pointer)
    except KeyError:
        return False
    return True


def _nodes(document: dict[str, Json]) -> Iterator[_Node]:
    """Every object that may hold a schema, outer ones first; data and maps by name are left out."""
    waiting: list[tuple[Json, str, str, str, bool]] = [(document, "", str(document.get("$self", "")), "", False)]
    while waiting:
        value, pointer, address, resource, is_map = waiting.pop()
        if isinstance(value, dict):
            if not is_map:
                if isinstance(value.get("$id"), str):
                    address, resource = urldefrag(urljoin(address, value["$id"]))[0], pointer
                yield _Node(value, pointer, address, resource)
            waiting.extend(
                (child, f"{pointer}/{escape_pointer(str(key))}", address, resource, not is_map and key in NAME_MAPS)
                for key, child in value.items()
                if isinstance(child, (dict, list)) and (is_map or not (key in LITERALS or key.startswith("x-")))
            )
        elif isinstance(value, list):
            waiting.extend(
                (child, f"{pointer}/{index}", address, resource, False)
                for index, child in enumerate(value)
                if isinstance(child, (dict, list))
            )
