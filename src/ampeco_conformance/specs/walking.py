"""Walks an OpenAPI document: its nodes, its references, what a JSON pointer leads to."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

from ampeco_conformance.specs.model import METHODS

Pointer = tuple[str, ...]
"""Where a node is: the keys and indices from the root."""

EXTERNAL_DOCUMENTS = "x-external-documents"
"""Key of the root under which documents are kept that a document refers to."""

LITERALS = frozenset({"example", "default", "enum", "const", "value"})
"""Keys whose values are data: what looks like a reference or a keyword in there is neither."""

NAME_MAPS = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "paths", "webhooks", "responses", "content"}
    | {"schemas", "parameters", "headers", "requestBodies", "callbacks", "links", "securitySchemes", "pathItems"}
    | {"examples", "variables", "dependentSchemas", "encoding"}
)
"""Keys whose value is a map by name: a property may be called `example` without being one."""

_INSIDE_NAME_MAP = frozenset((name,) for name in NAME_MAPS)


def walk(node: Any, pointer: Pointer = ()) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Every object of a document with its pointer, outer ones first, without data and without maps by name."""
    if isinstance(node, dict):
        is_name_map = pointer[-1:] != () and pointer[-1] in NAME_MAPS and pointer[-2:-1] not in _INSIDE_NAME_MAP
        if not is_name_map:
            yield pointer, node
        for key, value in node.items():
            if is_name_map or not _is_data(key, value):
                yield from walk(value, (*pointer, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, (*pointer, str(index)))


def _is_data(key: str, value: Any) -> bool:
    """Whether what a key has is data: an example, an extension."""
    is_extension = key.startswith("x-") and key != EXTERNAL_DOCUMENTS
    return key in LITERALS or is_extension or (key == "examples" and isinstance(value, list))


def references(document: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    """Every reference of a document with the pointer of the object that holds it."""
    for pointer, node in walk(document):
        if isinstance(node.get("$ref"), str):
            yield pointer, node["$ref"]


def mapped_schemas(document: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    """What discriminators map their values to, names and references, with the pointer of each entry."""
    for pointer, node in walk(document):
        discriminator = node.get("discriminator")
        mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
        for value, target in mapping.items() if isinstance(mapping, dict) else ():
            if isinstance(target, str):
                yield (*pointer, "discriminator", "mapping", value), target


def look_up(document: Mapping[str, Any], reference: str) -> Any:
    """What a local reference (`#/components/schemas/User`) leads to. Raises KeyError when it leads nowhere."""
    return at_pointer(document, pointer_of(reference))


def pointer_of(reference: str) -> str:
    """The JSON pointer in a reference, which is written percent-encoded there (RFC 6901, section 6)."""
    return unquote(reference.partition("#")[2])


def at_pointer(document: Mapping[str, Any], pointer: str) -> Any:
    """The node at a JSON pointer (RFC 6901). Raises KeyError when there is none."""
    node: Any = document
    for token in pointer.split("/")[1:]:
        key = unescape_pointer(token)
        try:
            node = node[int(key)] if isinstance(node, list) else node[key]
        except (IndexError, TypeError, ValueError) as error:
            raise KeyError(pointer) from error
    return node


@cache
def unescape_pointer(token: str) -> str:
    """One token of a JSON pointer, decoded (RFC 6901)."""
    return token.replace("~1", "/").replace("~0", "~")


def escape_pointer(token: str) -> str:
    """One token of a JSON pointer, encoded (RFC 6901)."""
    return token.replace("~", "~0").replace("/", "~1")


def resolve(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """The node itself, or what its chain of local references leads to."""
    while isinstance(node.get("$ref"), str):
        node = look_up(document, node["$ref"])
    return node


def own_parameters(item: dict[str, Any]) -> Iterator[Any]:
    """The parameters that a path item and its operations list, references among them."""
    for holder in (item, *(item[method] for method in METHODS if isinstance(item.get(method), dict))):
        yield from holder.get("parameters") or ()


def as_text(pointer: Pointer) -> str:
    """A pointer as JSON pointer text: `/paths/~1users/get`."""
    return "".join(f"/{escape_pointer(key)}" for key in pointer)
