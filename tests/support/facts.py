"""The facts of 3.110.0, and schemas in a canonical form in which two of them can be compared."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parents[1] / "data" / "facts"
UNIONS = ("allOf", "anyOf", "oneOf")
CONSTRAINTS = (
    *("type", "format", "nullable", "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems", "additionalProperties"),
    *("readOnly", "writeOnly", "deprecated"),
)
OURS_ONLY = ("description",)

FactSchema = dict[str, Any]


@cache
def load(name: str) -> Any:
    """A data file of this folder."""
    return yaml.load((DATA / name).read_text(), Loader=yaml.CSafeLoader)


@cache
def facts() -> dict[str, Any]:
    """The facts of 3.110.0 with the corrections of alternatives carried out."""
    known: dict[str, Any] = deepcopy(load("facts-3.110.0.yaml"))
    for place in sorted(load("corrections.yaml")["overlapping-alternatives"], key=len, reverse=True):
        node: Any = known["components"]
        for key in place.split("/"):
            node = node[int(key)] if isinstance(node, list) else node[key]
        node["anyOf"] = node.pop("oneOf")
    return known


def reference_index(version: str) -> list[tuple[str, str, str]]:
    """Tag, method and title of every operation of a published reference index."""
    rows, tag = [], ""
    for line in (DATA / f"reference-index-{version}.txt").read_text().splitlines():
        if line.startswith("# "):
            tag = line.removeprefix("# ")
        else:
            method, title = line.split(" ", 1)
            rows.append((tag, method, title))
    return rows


class CanonicalFacts:
    """Schemas with their references followed and their order taken away; unknown keywords are an error."""

    def __init__(self, components: dict[str, FactSchema]) -> None:
        self._components = components
        self._known: dict[str, FactSchema] = {}

    def __call__(self, schema: FactSchema) -> FactSchema:
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            if name not in self._known:
                self._known[name] = self(self._components[name])
            return self._known[name]
        canonical: FactSchema = {key: schema[key] for key in CONSTRAINTS if key in schema}
        rest = schema.keys() - set(CONSTRAINTS) - set(OURS_ONLY) - {"enum", "required", "properties", "items", *UNIONS}
        assert not rest, f"keywords that are not compared: {rest}"
        if "enum" in schema:
            canonical["enum"] = sorted(str(value) for value in schema["enum"] if value is not None)
        if schema.get("required"):
            canonical["required"] = sorted(schema["required"])
        if isinstance(schema.get("additionalProperties"), dict):
            canonical["additionalProperties"] = self(schema["additionalProperties"])
        if schema.get("properties"):
            canonical["properties"] = {name: self(field) for name, field in schema["properties"].items()}
        if "items" in schema:
            canonical["items"] = self(schema["items"])
        for union in UNIONS:
            if union in schema:
                canonical[union] = [self(part) for part in schema[union]]
        return canonical


def differences(expected: Any, actual: Any, place: str = "") -> Iterator[str]:
    """Where two canonical values differ."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted(expected.keys() | actual.keys()):
            if key not in actual:
                yield f"{place}/{key} is missing"
            elif key not in expected:
                yield f"{place}/{key} is unexpected"
            else:
                yield from differences(expected[key], actual[key], f"{place}/{key}")
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from differences(one, other, f"{place}/{index}")
    elif expected != actual:
        yield f"{place}: expected {expected!r}, is {actual!r}"
