"""Validates OpenAPI documents before anything else uses them; the first problem is raised as one line."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jsonschema_rs
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs.model import read_operations
from ampeco_conformance.specs.patterns import matcher, without_patterns
from ampeco_conformance.specs.walking import Pointer, as_text, look_up, references, resolve, walk

DocumentCheck = Callable[[dict[str, Any]], Iterator[str]]

_SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PARAMETER = re.compile(r"\{([^}]+)\}")
_VALIDATORS = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator}


def check_document(document: dict[str, Any], name: str) -> None:
    """Raises ConfigurationError, naming `name`, when a document is not a valid OpenAPI 3.0 or 3.1 document.

    External references are invalid here; `bundling` resolves them before.
    """
    check_dialect(document, name)
    for check in CHECKS.values():
        for problem in check(document):
            raise ConfigurationError(f"{name} {problem}")
    if not any(read_operations(document)):
        raise ConfigurationError(f"{name} has no operations")


def check_dialect(document: dict[str, Any], name: str) -> None:
    """Raises ConfigurationError unless the document says that it is OpenAPI 3.0 or 3.1."""
    if "swagger" in document:
        raise ConfigurationError(f"{name} is Swagger {document['swagger']}; convert it to OpenAPI 3 first")
    dialect = document.get("openapi")
    if not isinstance(dialect, str):
        raise ConfigurationError(f"{name} is not an OpenAPI document: it has no `openapi` field with a version")
    if dialect[:3] not in _VALIDATORS:
        raise ConfigurationError(f"{name} is OpenAPI {dialect}; supported are 3.0 and 3.1")


def external_references(document: dict[str, Any]) -> Iterator[str]:
    """References to other documents."""
    for pointer, reference in references(document):
        if not reference.startswith("#"):
            yield f"refers to another document, {reference}, at {as_text(pointer)}; --allow-external-refs imports it"


def dangling_references(document: dict[str, Any]) -> Iterator[str]:
    """Local references that lead nowhere, and those to an anchor."""
    for pointer, reference in references(document):
        if reference.startswith("#") and reference[1:2] not in ("", "/", "%"):
            yield f"refers to an anchor, {reference}, at {as_text(pointer)}; write it as a JSON pointer (#/...)"
        elif reference.startswith("#"):
            try:
                look_up(document, reference)
            except KeyError:
                yield f"has a dangling reference, {reference}, at {as_text(pointer)}"
    for pointer, node in walk(document):
        if isinstance(anchor := node.get("$dynamicRef"), str):
            yield f"refers to whatever is {anchor} when it is used, at {as_text(pointer)}; write it as $ref (#/...)"


def circular_references(document: dict[str, Any]) -> Iterator[str]:
    """References that lead back to themselves by references and `allOf` alone, so that they can never be resolved.

    A schema that holds itself in a property or an array is sound: its values end.
    """
    sound: set[str] = set()
    for pointer, reference in references(document):
        if _is_circular(document, reference, (), sound):
            yield f"has a circular reference, {reference}, at {as_text(pointer)}"


def duplicate_operation_ids(document: dict[str, Any]) -> Iterator[str]:
    """Operation ids that two operations share."""
    seen: dict[str, str] = {}
    for operation in read_operations(document):
        identifier = operation.operation_id
        if identifier in seen:
            yield f"gives the operationId {identifier!r} twice: {seen[identifier]} and {operation.label}"
        elif identifier:
            seen[identifier] = operation.label


def broken_structure(document: dict[str, Any]) -> Iterator[str]:
    """What the published JSON Schema of OpenAPI forbids."""
    for error in _structure(document["openapi"][:3]).iter_errors(without_patterns(document)):
        meant = _meant(error)
        place = as_text(tuple(str(key) for key in meant.instance_path)) or "/"
        yield f"is not valid OpenAPI at {place}: {_first_line(meant.message)}"
    if document["openapi"].startswith("3.1"):
        yield from _broken_schemas(document)


@cache
def _structure(dialect: str) -> jsonschema_rs.Validator:
    schema = _VALIDATORS[dialect].schema_validator.schema
    return jsonschema_rs.validator_cls_for(schema)(schema)


def _meant(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Of the errors in the alternatives of an error, the one at the deepest place: what the author meant fails there.

    The other alternatives are a reference, or parameters that are in another part of the request.
    """
    alternatives = getattr(error.kind, "context", ())
    inner = [_meant(one) for errors in alternatives for one in errors if "$ref" not in one.message]
    return max(inner, key=lambda one: (one.instance_path[-1:] != ["in"], len(one.instance_path)), default=error)


def _broken_schemas(document: dict[str, Any]) -> Iterator[str]:
    """What JSON Schema 2020-12 forbids in schemas, of which the JSON Schema of OpenAPI 3.1 says nothing."""
    for pointer, node in walk(document):
        if pointer[-1:] == ("schema",) or pointer[:-1] == ("components", "schemas"):
            try:
                jsonschema_rs.meta.validate({**node, "$schema": _SCHEMA_DIALECT})
            except jsonschema_rs.ValidationError as error:
                place = as_text((*pointer, *map(str, error.instance_path)))
                yield f"is not valid OpenAPI at {place}: {_first_line(error.message)}"


def broken_patterns(document: dict[str, Any]) -> Iterator[str]:
    """Patterns that neither ECMA-262 nor another usual dialect takes."""
    for pointer, node in walk(document):
        pattern = node.get("pattern")
        if isinstance(pattern, str) and matcher(pattern) is None:
            yield f"has a pattern that is no regular expression, {pattern}, at {as_text(pointer)}"


def unaddressable_paths(document: dict[str, Any]) -> Iterator[str]:
    """Paths that no request can have: with a query, a fragment, a single brace, or an empty segment before their end.

    A slash in braces is of URI templates (RFC 6570), of which OpenAPI has `{name}` alone.
    """
    for path in document.get("paths", ()):
        if found := re.search(r"[?#{}]|//", _PARAMETER.sub("1", path)):
            yield f"has {found[0]} in the path {path}, so that no request can be sent to it"
        if found := next((name for name in _PARAMETER.findall(path) if "/" in name), None):
            yield f"has a slash in the parameter {{{found}}} of the path {path}; write it as /{{name}}"


def path_parameters_declared(document: dict[str, Any]) -> Iterator[str]:
    """Names in braces in a path that are not declared as path parameters, and the reverse."""
    for operation in read_operations(document):
        in_path = set(_PARAMETER.findall(operation.path))
        shared = document["paths"][operation.path].get("parameters", [])
        parameters = [
            resolve(document, parameter) for parameter in [*shared, *operation.definition.get("parameters", [])]
        ]
        declared = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
        for name in sorted(in_path - declared):
            yield f"does not declare the path parameter {name} of {operation.label}"
        for name in sorted(declared - in_path):
            yield f"declares the path parameter {name}, which is not in the path, for {operation.label}"


CHECKS: dict[str, DocumentCheck] = {
    "structure": broken_structure,
    "patterns": broken_patterns,
    "external-references": external_references,
    "references": dangling_references,
    "circular-references": circular_references,
    "operation-ids": duplicate_operation_ids,
    "paths": unaddressable_paths,
    "path-parameters": path_parameters_declared,
}
"""Every check by the name of its lint rule, in the order in which each may rely on those before it."""


def _is_circular(document: dict[str, Any], reference: str, path: Pointer, sound: set[str]) -> bool:
    if reference in path:
        return True
    if reference in sound or not reference.startswith("#"):
        return False
    try:
        target = look_up(document, reference)
    except KeyError:
        return False
    if any(_is_circular(document, needed, (*path, reference), sound) for needed in _needed_references(target)):
        return True
    sound.add(reference)
    return False


def _needed_references(node: Any) -> Iterator[str]:
    """References that a node cannot be understood without."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for part in node.get("allOf", ()) if isinstance(node.get("allOf"), list) else ():
            yield from _needed_references(part)


def _first_line(text: str) -> str:
    line = text.splitlines()[0]
    return line if len(line) <= 200 else f"{line[:200]}..."
