"""The specifications hold all that is known: every parameter, field, constraint and status code, at every depth."""

from functools import cache
from typing import Any

import pytest

from ampeco_conformance.specs import Specification, load_specification
from ampeco_conformance.specs.walking import resolve
from tests.support.facts import CanonicalFacts, FactSchema, differences, facts, load

NULLABLE_TEXT = {"type": "string", "nullable": True}
PAGE_LINKS = {
    "type": "object",
    "required": ["first", "last"],
    "properties": {
        "first": {"type": "string"},
        "last": {"type": "string"},
        "prev": NULLABLE_TEXT,
        "next": NULLABLE_TEXT,
    },
}
CURSOR_LINKS = {"type": "object", "properties": dict.fromkeys(("first", "last", "prev", "next"), NULLABLE_TEXT)}
PAGE_META = {
    "type": "object",
    "properties": {
        "current_page": {"type": "integer"},
        "from": {"type": "integer", "nullable": True},
        "last_page": {"type": "integer"},
        "links": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"url": NULLABLE_TEXT, "label": {"type": "string"}, "active": {"type": "boolean"}},
            },
        },
        "path": {"type": "string"},
        "per_page": {"type": "integer"},
        "to": {"type": "integer", "nullable": True},
        "total": {"type": "integer"},
    },
}
CURSOR_META = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "per_page": {"type": "integer"},
        "next_cursor": NULLABLE_TEXT,
        "prev_cursor": NULLABLE_TEXT,
    },
}
LINKS = {"page": PAGE_LINKS, "cursor": CURSOR_LINKS, "both": {"anyOf": [PAGE_LINKS, CURSOR_LINKS]}}
META = {"page": PAGE_META, "cursor": CURSOR_META, "both": {"anyOf": [PAGE_META, CURSOR_META]}}
ERROR = {"type": "object", "properties": {"message": {"type": "string"}}}
FIELD_ERRORS = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}
NAMED_RESPONSES = {"error": ERROR, "validation-error": FIELD_ERRORS, "empty": None}


@cache
def specification(version: str) -> Specification:
    return load_specification(version)


def expected_response(known: Any, canonical: CanonicalFacts) -> FactSchema | None:
    if isinstance(known, str):
        return NAMED_RESPONSES[known]
    if "body" in known:
        return canonical(known["body"])
    required = {"required": sorted(known["required"])} if "required" in known else {}
    if "item" in known:
        return {"type": "object", **required, "properties": {"data": canonical(known["item"])}}
    properties: FactSchema = {"data": {"type": "array", "items": canonical(known["list"])}}
    if "meta" in known:
        properties |= {"links": LINKS[known["meta"]], "meta": META[known["meta"]]}
    return {"type": "object", **required, "properties": properties}


def expected_operation(known: Any, canonical: CanonicalFacts) -> dict[str, Any]:
    return {
        "deprecated": "3.110.0" in known.get("deprecated-in", ()),
        "parameters": {
            ("include[]" if parameter["name"] == "include" else parameter["name"], parameter["in"]): {
                "required": parameter.get("required", False),
                "schema": canonical(parameter["schema"]),
                "deepObject": parameter["name"] == "filter",
            }
            for parameter in known.get("parameters", ())
        },
        "request": (
            {"required": known["request"]["required"], "schema": canonical(known["request"]["schema"])}
            if "request" in known
            else None
        ),
        "responses": {status: expected_response(each, canonical) for status, each in known["responses"].items()},
    }


def json_schema(holder: dict[str, Any], canonical: CanonicalFacts) -> FactSchema | None:
    content = holder.get("content")
    return canonical(content["application/json"]["schema"]) if content else None


def actual_operation(version: str, label: str, canonical: CanonicalFacts) -> dict[str, Any]:
    document = specification(version).document
    definition = specification(version).operation(label).definition
    parameters = [resolve(document, parameter) for parameter in definition.get("parameters", ())]
    body = definition.get("requestBody")
    return {
        "deprecated": definition.get("deprecated", False),
        "parameters": {
            (parameter["name"], parameter["in"]): {
                "required": parameter.get("required", False),
                "schema": canonical(parameter["schema"]),
                "deepObject": parameter.get("style") == "deepObject" and parameter.get("explode") is True,
            }
            for parameter in parameters
        },
        "request": {"required": body.get("required", False), "schema": json_schema(body, canonical)} if body else None,
        "responses": {
            status: json_schema(resolve(document, response), canonical)
            for status, response in definition["responses"].items()
        },
    }


@cache
def canonical_of(version: str) -> CanonicalFacts:
    return CanonicalFacts(specification(version).document["components"]["schemas"])


@cache
def canonical_facts() -> CanonicalFacts:
    return CanonicalFacts(facts()["components"])


def test_the_newest_version_has_exactly_the_known_operations() -> None:
    labels = [operation.label for operation in specification("3.110.0").operations]
    assert sorted(labels) == sorted(facts()["operations"])


@pytest.mark.parametrize("label", facts()["operations"])
def test_an_operation_of_the_newest_version_loses_nothing(label: str) -> None:
    expected = expected_operation(facts()["operations"][label], canonical_facts())
    actual = actual_operation("3.110.0", label, canonical_of("3.110.0"))
    assert list(differences(expected, actual)) == []
    known = facts()["operations"][label]
    operation = specification("3.110.0").operation(label)
    assert (operation.summary, operation.tag) == (known["summary"], known["tag"])


@pytest.mark.parametrize("path", ["/public-api/notifications/v1.0", "/public-api/notifications/v2.0"])
def test_every_webhook_is_a_callback_with_its_payload_and_headers(path: str) -> None:
    document = specification("3.110.0").document
    callbacks = specification("3.110.0").operation(f"POST {path}").definition["callbacks"]
    assert callbacks.keys() == facts()["webhooks"].keys()
    for event, known in facts()["webhooks"].items():
        ((url, item),) = callbacks[event].items()
        assert url == ("{$request.body#/callbackUrl}" if "v1.0" in path else "{$request.body#/webhook/callbackUrl}")
        delivery = item["post"]
        payload = json_schema(resolve(document, delivery["requestBody"]), canonical_of("3.110.0"))
        assert list(differences(canonical_facts()(known["payload"]), payload)) == []
        headers = [resolve(document, parameter) for parameter in delivery["parameters"]]
        assert sorted(header["name"] for header in headers) == sorted(known["headers"])
        assert delivery.get("deprecated", False) == known.get("deprecated", False)


class Places:
    """Finds fields in a canonical schema by the notation of the changes: `.data[].price.currency`."""

    @staticmethod
    def keys(place: str) -> list[str]:
        return [key for part in place.strip(".").split(".") for key in part.replace("[]", " []").split()]

    @classmethod
    def holders(cls, schema: FactSchema, keys: list[str]) -> list[FactSchema]:
        """The object schemas, one per alternative, that hold (or may hold) the last of the keys."""
        parts = [schema]
        for union in ("allOf", "anyOf", "oneOf"):
            parts += [found for part in schema.get(union, ()) for found in cls.holders(part, [])]
        if len(keys) <= 1:
            return parts
        found = []
        for part in parts:
            inner = part.get("items") if keys[0] == "[]" else part.get("properties", {}).get(keys[0])
            if inner is not None:
                found += cls.holders(inner, keys[1:])
        return found


def undo(changes: dict[str, list[Any]], operation: dict[str, Any]) -> None:
    """Takes an operation of 3.110.0 back to 3.96.4, in place."""
    for kind, places in changes.items():
        side, what = kind.split("-", 1)
        schemas = (
            [operation["request"]["schema"]]
            if side == "request"
            else [schema for status, schema in operation["responses"].items() if status.startswith("2") and schema]
        )
        added = [place for place in places if isinstance(place, str)]
        for change in places:
            place, values = change if isinstance(change, tuple) else (change, ())
            if isinstance(change, dict):
                ((place, values),) = change.items()
            within = what == "field-added" and any(
                place.startswith((f"{outer}.", f"{outer}[]")) for outer in added if outer != place
            )
            if within:
                continue
            keys = Places.keys(place)
            found = 0
            for holder in [holder for schema in schemas for holder in Places.holders(schema, keys)]:
                found += take_back(what, holder, keys[-1], values)
            assert found, f"{kind} {place} is not there"


def take_back(what: str, holder: FactSchema, name: str, values: Any) -> int:
    properties = holder.get("properties", {})
    if what == "field-removed":
        if not properties:
            return 0
        properties[name] = {}
        return 1
    if name not in properties:
        return 0
    if what == "field-added":
        del properties[name]
        if name in holder.get("required", ()):
            holder["required"].remove(name)
        if not holder.get("required", True):
            del holder["required"]
        if not properties:
            del holder["properties"]
        return 1
    fields = [part for part in (properties[name], *properties[name].get("allOf", ())) if "enum" in part]
    for field in fields:
        change_values(what, field["enum"], values)
    return len(fields)


def change_values(what: str, enum: list[str], values: list[str]) -> None:
    for value in values:
        if what == "enum-value-added":
            enum.remove(value)
        else:
            alternative = load("corrections.yaml")["alternatives-of-values"].get(value)
            if value not in enum and (alternative is None or alternative in enum):
                enum.append(value)
    enum.sort()


def by_meaning(node: Any, *, sent: bool) -> Any:
    """A schema without `readOnly`: such a field is no part of a request, and in a response the mark says nothing."""
    if not isinstance(node, dict):
        return [by_meaning(part, sent=sent) for part in node] if isinstance(node, list) else node
    kept = {key: by_meaning(value, sent=sent) for key, value in node.items() if key != "readOnly"}
    if sent and "properties" in node:
        kept["properties"] = {
            name: field for name, field in kept["properties"].items() if not node["properties"][name].get("readOnly")
        }
    return kept


def unshared(node: Any) -> Any:
    """A copy in which nothing is the same object twice, so that a change stays where it is made."""
    if isinstance(node, dict):
        return {key: unshared(value) for key, value in node.items()}
    return [unshared(part) for part in node] if isinstance(node, list) else node


def changes_of(label: str) -> dict[str, list[Any]]:
    additional = load("corrections.yaml")["additional-changes"].get(label, {})
    return {**load("changes-3.96.4-3.110.0.yaml").get(label, {}), **additional}


OLDER_OPERATIONS = [label for label, known in facts()["operations"].items() if "3.96.4" in known["documented-in"]]


@pytest.mark.parametrize("label", OLDER_OPERATIONS)
def test_an_operation_of_3_96_4_differs_by_the_known_changes_only(label: str) -> None:
    known = facts()["operations"][label]
    expected = unshared(expected_operation(known, canonical_facts()))
    undo(changes_of(label), expected)
    expected["deprecated"] = "3.96.4" in known.get("deprecated-in", ())
    actual = actual_operation("3.96.4", label, canonical_of("3.96.4"))
    for operation in (expected, actual):
        operation["request"] = by_meaning(operation["request"], sent=True)
        operation["responses"] = by_meaning(operation["responses"], sent=False)
    assert list(differences(expected, actual)) == []


def test_the_changes_name_operations_of_3_96_4_only() -> None:
    assert load("changes-3.96.4-3.110.0.yaml").keys() <= set(OLDER_OPERATIONS)
