"""Copies the documents that a document refers to into it, so that it needs neither files nor a network."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs.fetching import fetch, is_url
from ampeco_conformance.specs.reading import parse_document
from ampeco_conformance.specs.walking import (
    EXTERNAL_DOCUMENTS,
    Pointer,
    as_text,
    at_pointer,
    look_up,
    mapped_schemas,
    references,
)

MAXIMUM_DOCUMENTS = 100

_LONGEST_CHAIN = 10
_ADDRESS = re.compile(r"[#/.]")
"""What a reference in a mapping has, and the name of a schema seldom."""


def bundle(document: dict[str, Any], source: str) -> dict[str, Any]:
    """Copies every document that is referred to under `x-external-documents` and points the references there.

    `source` is the file or address of the document, against which references are resolved. Works in place.
    Raises ConfigurationError when a document cannot be read, or when there are more than 100.
    """
    home = source if is_url(source) else str(Path(source).resolve())
    places = {home: ""}
    pending = [(document, home)]
    while pending:
        part, base = pending.pop()
        for pointer, reference in list(_links(part)):
            address, fragment = urldefrag(reference)
            target = _join(base, address) if address else base
            if target not in places:
                if len(places) > MAXIMUM_DOCUMENTS:
                    raise ConfigurationError(f"{source} refers to more than {MAXIMUM_DOCUMENTS} other documents")
                key = str(len(places))
                places[target] = f"/{EXTERNAL_DOCUMENTS}/{key}"
                external = parse_document(_fetched(target, f"{base} refers to it at {as_text(pointer[:-1])}"), target)
                document.setdefault(EXTERNAL_DOCUMENTS, {})[key] = external
                pending.append((external, target))
            at_pointer(part, as_text(pointer[:-1]))[pointer[-1]] = f"#{places[target]}{fragment}"
    return document


def _links(part: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    """Every text of a document that is a reference, with its pointer: a mapping may have names of schemas beside."""
    yield from (((*pointer, "$ref"), reference) for pointer, reference in references(part))
    names = part.get("components", {}).get("schemas", {}) if isinstance(part.get("components"), dict) else {}
    for pointer, target in mapped_schemas(part):
        if target not in names and _ADDRESS.search(target):
            yield pointer, target


def with_own_path_items(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every path item that is a reference replaced by what it refers to, in place.

    Extensions among the paths are left out: they are no path items.
    Raises ConfigurationError when it refers to nothing.
    """
    paths = document.get("paths")
    if not isinstance(paths, dict):
        return document
    for extension in [name for name in paths if name.startswith("x-")]:
        del paths[extension]
    for path, item in paths.items():
        seen = 0
        while isinstance(item, dict) and str(item.get("$ref", "")).startswith("#") and seen < _LONGEST_CHAIN:
            try:
                found = look_up(document, item["$ref"])
            except KeyError:
                break  # which is told as a dangling reference
            others = {key: value for key, value in item.items() if key != "$ref"}
            item = paths[path] = {**found, **others} if isinstance(found, dict) else found
            seen += 1
    return document


def _fetched(target: str, reason: str) -> bytes:
    try:
        return fetch(target)
    except ConfigurationError as error:
        raise ConfigurationError(f"{error}; {reason}") from None


def _join(base: str, address: str) -> str:
    if is_url(address) or is_url(base):
        return urljoin(base, address)
    return str((Path(base).parent / address).resolve())
