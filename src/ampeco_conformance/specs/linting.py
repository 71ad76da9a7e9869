"""Rules for specifications; each rule is one function from a document to what it finds."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from openapi_schema_validator import OAS30Validator, OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from ampeco_conformance.specs.catalog import Provenance
from ampeco_conformance.specs.emptiness import Emptiness
from ampeco_conformance.specs.model import Specification, read_operations
from ampeco_conformance.specs.validation import CHECKS, DocumentCheck
from ampeco_conformance.specs.walking import as_text, look_up, mapped_schemas, pointer_of, references, resolve, walk

_OPERATION_ID = re.compile(r"[a-z][A-Za-z0-9]*V\d+(_\d+)?")
_COMPONENT_NAME = re.compile(r"[A-Z][A-Za-z0-9]*(V\d+(_\d+)?[A-Za-z]*)?")
_PARAMETER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_PARAMETER = re.compile(r"\{[^}]+\}")
_LONGEST_TEXT = 120
_WITHOUT_BODY = {"204", "304"}
_SCHEMA_KEYS = {"type", "enum", "allOf", "anyOf", "oneOf", "properties", "items", "$ref"}


@dataclass(frozen=True, slots=True)
class LintProblem:
    """One finding: the rule that made it and what it says."""

    rule: str
    message: str


def lint(specification: Specification) -> Iterator[LintProblem]:
    """What the rules find in a specification, rule by rule; our own rules spare a vendor's document.

    For an invalid document (see `validation`) only the reasons are reported, since the other rules rely on validity.
    """
    document = specification.document
    for name, check in CHECKS.items():
        problems = list(check(document))
        yield from (LintProblem(name, f"the document {problem}") for problem in problems)
        if problems:
            return
    rules = {Provenance.VENDOR: RULES, Provenance.OPERATIONS: {}}.get(
        document.get("x-provenance", ""), RULES | OUR_RULES
    )
    for name, rule in rules.items():
        yield from (LintProblem(name, message) for message in rule(document))


def examples_and_defaults_valid(document: dict[str, Any]) -> Iterator[str]:
    """Examples and defaults are valid under the schemas they stand beside."""
    for pointer, node in walk(document):
        if "schema" in node:
            schema = node["schema"]
            for value in _examples(node):
                yield from _violations(document, schema, value, as_text(pointer))
        elif _SCHEMA_KEYS & node.keys() and "variables" not in pointer:
            values = [node[key] for key in ("default", "example") if key in node]
            schema = {key: value for key, value in node.items() if key not in ("default", "example")}
            for value in values:
                yield from _violations(document, schema, value, as_text(pointer))


def paths_distinct(document: dict[str, Any]) -> Iterator[str]:
    """No two paths differ only by the names of their parameters: a request would be for both."""
    known: dict[tuple[str, str], str] = {}
    for operation in read_operations(document):
        first = known.setdefault((operation.method, _PARAMETER.sub("{}", operation.path)), operation.path)
        if first != operation.path:
            yield f"{operation.label} is the same request as {operation.method} {first}"


def responses_typed(document: dict[str, Any]) -> Iterator[str]:
    """Every response with content has a schema, and every operation has a success response."""
    for operation in read_operations(document):
        for status, reference in operation.definition["responses"].items():
            content = resolve(document, reference).get("content", {})
            if status in _WITHOUT_BODY and content:
                yield f"{operation.label} gives {status} a body"
            for media_type, media in content.items():
                if not media.get("schema"):
                    yield f"{operation.label} has no schema for {status} {media_type}"
        if not any(status.startswith("2") for status in operation.definition["responses"]):
            yield f"{operation.label} has no success response"


def security_schemes_declared(document: dict[str, Any]) -> Iterator[str]:
    """Every security scheme that is required is a component: nobody knows else how to use it."""
    declared = document.get("components", {}).get("securitySchemes", {})
    holders = [("the document", document), *((one.label, one.definition) for one in read_operations(document))]
    for label, holder in holders:
        names = {name for requirement in holder.get("security") or () for name in requirement}
        for name in sorted(names - declared.keys()):
            yield f"{label} requires the security scheme {name!r}, which the document does not declare"


def parameters_distinct(document: dict[str, Any]) -> Iterator[str]:
    """No list of parameters has the same name twice in the same part of the request."""
    for pointer, node in walk(document):
        if isinstance(listed := node.get("parameters"), list):
            parameters = (resolve(document, parameter) for parameter in listed)
            counted = Counter((parameter["in"], parameter["name"]) for parameter in parameters)
            for (place, name), times in counted.items():
                if times > 1:
                    yield f"{as_text(pointer)} has the {place} parameter {name!r} {times} times"


def discriminators_lead_somewhere(document: dict[str, Any]) -> Iterator[str]:
    """Every value in the mapping of a discriminator leads to a schema."""
    schemas = document.get("components", {}).get("schemas", {})
    for pointer, target in mapped_schemas(document):
        if target not in schemas and not _leads_somewhere(document, target):
            yield f"{as_text(pointer)} leads to {target}, which is not in the document"


def _leads_somewhere(document: dict[str, Any], target: str) -> bool:
    try:
        look_up(document, target)
    except KeyError:
        return False
    return target.startswith("#")


def operations_described(document: dict[str, Any]) -> Iterator[str]:
    """Every operation has an id, a tag that the document declares, a summary and a description of one line."""
    tags = {tag["name"] for tag in document.get("tags", ())}
    for operation in read_operations(document):
        description = operation.definition.get("description", "")
        for lacking, name in (
            (not operation.operation_id, "operationId"),
            (not operation.tag, "tag"),
            (not operation.summary, "summary"),
            (not description, "description"),
        ):
            if lacking:
                yield f"{operation.label} has no {name}"
        if operation.tag and operation.tag not in tags:
            yield f"{operation.label} has the tag {operation.tag!r}, which the document does not declare"
        if "\n" in description.strip():
            yield f"{operation.label} has a description of several lines"


def parameters_described(document: dict[str, Any]) -> Iterator[str]:
    """Every parameter has a description."""
    for pointer, node in walk(document):
        if isinstance(node.get("name"), str) and "in" in node and "schema" in node and not node.get("description"):
            yield f"{as_text(pointer)} ({node['name']}) has no description"


def names_follow_the_rules(document: dict[str, Any]) -> Iterator[str]:
    """Operation ids are verb, resource and version in camel case; components in Pascal case; no bare numbers."""
    for operation in read_operations(document):
        if not _OPERATION_ID.fullmatch(operation.operation_id):
            yield f"{operation.label} has the operationId {operation.operation_id!r}, not like listUsersV1"
    for kind, components in document.get("components", {}).items():
        pattern = _PARAMETER_NAME if kind in ("parameters", "securitySchemes") else _COMPONENT_NAME
        for name in components:
            if not pattern.fullmatch(name) or re.search(r"[a-z]\d+$", name):
                yield f"components/{kind}/{name} breaks the naming rule"


def components_used(document: dict[str, Any]) -> Iterator[str]:
    """Every component is referred to."""
    used = {reference for _, reference in references(document)}
    for kind, components in document.get("components", {}).items():
        for name in components:
            if kind != "securitySchemes" and f"#/components/{kind}/{name}" not in used:
                yield f"components/{kind}/{name} is used nowhere"


def schemas_satisfiable(document: dict[str, Any]) -> Iterator[str]:
    """Every schema has a value that satisfies it."""
    emptiness = Emptiness(document)
    for pointer, node in walk(document):
        if (
            _SCHEMA_KEYS & node.keys()
            and "$ref" not in node
            and "variables" not in pointer
            and (found := emptiness.of(node))
            and found.schema is node
        ):
            yield f"no value satisfies {as_text(pointer)}: {found.reason}"


RULES: dict[str, DocumentCheck] = {
    "examples": examples_and_defaults_valid,
    "discriminators": discriminators_lead_somewhere,
    "distinct-parameters": parameters_distinct,
    "distinct-paths": paths_distinct,
    "satisfiable-schemas": schemas_satisfiable,
    "security-schemes": security_schemes_declared,
    "typed-responses": responses_typed,
}
OUR_RULES: dict[str, DocumentCheck] = {
    "described-operations": operations_described,
    "described-parameters": parameters_described,
    "names": names_follow_the_rules,
    "used-components": components_used,
}


def _examples(node: dict[str, Any]) -> Iterator[Any]:
    if "example" in node:
        yield node["example"]
    for example in node.get("examples", {}).values():
        if isinstance(example, dict) and "value" in example:
            yield example["value"]


def _violations(document: dict[str, Any], schema: Any, value: Any, place: str) -> Iterator[str]:
    dialect = OAS31Validator if document["openapi"].startswith("3.1") else OAS30Validator
    registry = Registry().with_resource("urn:document", DRAFT202012.create_resource(document))
    located = {"allOf": [_with_absolute_references(schema)]}
    validator = dialect(located, registry=registry)
    for error in validator.iter_errors(value):
        yield f"{place}: {_shortened(repr(value))} is not valid under its schema: {_reason(error)}"


def _reason(error: Any) -> str:
    """What is wrong, in a line without the schema."""
    if error.validator == "oneOf":
        fitting = "none" if error.context else "more than one"
        return f"it fits {fitting} of the {len(error.validator_value)} alternatives of oneOf"
    return _shortened(" ".join(error.message.split()))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."


def _with_absolute_references(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: f"urn:document#{quote(pointer_of(value))}"
            if key == "$ref" and isinstance(value, str)
            else _with_absolute_references(value)
            for key, value in node.items()
        }
    return [_with_absolute_references(item) for item in node] if isinstance(node, list) else node
