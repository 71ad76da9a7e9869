"""What a specification says of the values of a tenant: the basis of what reports show."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from ampeco_conformance.core.tenant_data import AllowList, id_form
from ampeco_conformance.specs import KEPT_IN_MEMORY, Specification
from ampeco_conformance.specs.walking import resolve, walk

_WORD = re.compile(r"[^\W\d_]+")
_NUMBERS = ("integer", "number")
_DESCRIBING = ("description", "summary", "title")


@lru_cache(maxsize=KEPT_IN_MEMORY)
def allow_list_of(specification: Specification) -> AllowList:
    """The forms of all properties and parameters of a specification, by name."""
    document = specification.document
    forms: dict[str, set[str]] = defaultdict(set)
    enums: dict[str, set[str]] = defaultdict(set)
    words: set[str] = set()
    for _, node in walk(document):
        for name, schema in _named(node):
            forms[name] |= id_form(name)
            for part in _parts(document, schema):
                forms[name] |= _forms(part)
                enums[name] |= {value for value in part.get("enum", ()) if isinstance(value, str)}
        for key in _DESCRIBING:
            if isinstance(text := node.get(key), str):
                # Names of people and places in descriptions begin with a capital letter.
                words.update(word for word in _WORD.findall(text) if word.islower())
    names = (*forms, *(value for values in enums.values() for value in values))
    segments = {part for path in document.get("paths", {}) for part in path.split("/") if part and "{" not in part}
    words.update(word.casefold() for text in (*names, *segments) for word in _words_of(text))
    return AllowList(
        {name: frozenset(found) for name, found in forms.items()},
        {name: frozenset(found) for name, found in enums.items() if found},
        frozenset(words),
        frozenset(segments),
    )


def _named(node: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The properties of a schema, or a parameter."""
    properties = node.get("properties")
    if isinstance(properties, dict):
        yield from ((name, schema) for name, schema in properties.items() if isinstance(schema, dict))
    if isinstance(node.get("name"), str) and "in" in node and isinstance(node.get("schema"), dict):
        yield node["name"], node["schema"]


def _parts(document: dict[str, Any], schema: Mapping[str, Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """A schema, its alternatives and the schema of its items, without references."""
    resolved = resolve(document, dict(schema))
    yield resolved
    if depth < 4:
        nested = [part for key in ("allOf", "anyOf", "oneOf") for part in resolved.get(key) or ()]
        for part in (*nested, resolved.get("items")):
            if isinstance(part, dict):
                yield from _parts(document, part, depth + 1)


def _forms(schema: Mapping[str, Any]) -> set[str]:
    kinds = schema.get("type", ())
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    forms = {"number"} if kinds & set(_NUMBERS) else set()
    if isinstance(given := schema.get("format"), str):
        forms.add(given)
    if "enum" in schema:
        forms.add("enum")
    return forms


def _words_of(text: str) -> list[str]:
    """The words of a name: of camel case each part and the whole."""
    return [text, *re.findall(r"[^\W\d_]+", text), *re.findall(r"[A-Z]?[a-z]+", text)]
