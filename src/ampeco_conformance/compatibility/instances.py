"""Generates small values of a schema. They are proposals, which a JSON Schema validator checks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import jsonschema_rs

from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.contracts import Json, Schema
from ampeco_conformance.compatibility.schema_diff import SchemaStep
from ampeco_conformance.compatibility.validation import Reading, Validation

_MAXIMUM_DEPTH = 30
_PREFERRED = ("object", "array", "string", "integer", "number", "boolean", "null")
_FORMATS = {
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "a@b.co",
    "idn-email": "a@b.co",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "iri": "https://example.com/",
    "uri-reference": "/a",
    "iri-reference": "/a",
    "json-pointer": "/a",
    "relative-json-pointer": "0/a",
    "regex": "a",
    "url": "https://example.com/",
    "uuid": "3f1b7a52-8c1d-4f6e-9a20-5d3e7c9b1a44",
}


class Unbuildable(Exception):
    """No value was found; the schema may accept none."""


class Instances:
    """Small values of the schemas of one contract in one direction."""

    def __init__(self, canonical: Canonical, judge: Validation | None = None) -> None:
        """With a judge, every value is one that it accepts; that takes longer."""
        self.canonical = canonical
        self._judge = judge
        self._generated: dict[int, Json] = {}

    def minimal(self, schema: Json, depth: int = 0) -> Json:
        """A small value of the schema. Raises Unbuildable when its required fields go round in a circle."""
        if self._judge is None:
            return self.of_node(self.canonical.node(schema), depth)
        if id(schema) not in self._generated:
            self._generated[id(schema)] = self._accepted(self._judge, schema, depth)
        return self._generated[id(schema)]

    def _accepted(self, judge: Validation, schema: Json, depth: int) -> Json:
        with suppress(Unbuildable, KeyError, IndexError, TypeError, StopIteration):
            value = self.of_node(self.canonical.node(schema), depth)
            if judge.accepts(schema, value, reading=Reading.DOCUMENTED):
                return value
        complete = judge.json_schema(schema, reading=Reading.DOCUMENTED)
        return generated(complete, lambda value: judge.accepts(schema, value, reading=Reading.DOCUMENTED))

    def of_node(self, node: Schema, depth: int = 0) -> Json:
        """A small value of a canonical node. Raises Unbuildable."""
        if depth > _MAXIMUM_DEPTH:
            raise Unbuildable
        if node.get("enum"):
            return next((value for value in node["enum"] if value is not None), None)
        node = self._chosen(node)
        if node.get("enum"):
            return next((value for value in node["enum"] if value is not None), None)
        kinds = node.get("type") or _guess(node)
        kind = next((name for name in _PREFERRED if name in kinds), "string")
        if kind == "object":
            return self.object(node, {}, depth)
        if kind == "array":
            return self.array(node, [], depth)
        return _scalar(node, kind)

    def of_type(self, schema: Json, kind: str) -> Json:
        """A small value of one type of the schema. Raises Unbuildable."""
        return self.of_node({**self.canonical.node(schema), "type": [kind]})

    def object(self, node: Schema, preset: Mapping[str, Json], depth: int = 0) -> dict[str, Json]:
        """An object with the preset fields, the required ones, and as many more as it needs. Raises Unbuildable."""
        node = self._chosen(node)
        properties = node.get("properties", {})
        additional = node.get("additionalProperties", {})
        value = dict(preset)
        wanted = [
            *node.get("required", ()),
            *(name for names in node.get("dependentRequired", {}).values() for name in names),
        ]
        spare = iter([*properties, *(f"field{number}" for number in range(1, 100))])
        while wanted or len(value) < node.get("minProperties", 0):
            name = wanted.pop(0) if wanted else next(spare)
            if name not in value:
                schema = properties.get(name, additional if isinstance(additional, dict) else {})
                value[name] = self.minimal(schema, depth + 1)
        return value

    def array(self, node: Schema, preset: Sequence[Json], depth: int = 0) -> list[Json]:
        """An array with the preset items and as many more as it needs. Raises Unbuildable."""
        value = list(preset)
        firsts = node.get("prefixItems", ())
        if "contains" in node and not value:
            value = [self.minimal(node["contains"], depth + 1)] * node.get("minContains", 1)
        while len(value) < max(node.get("minItems", 0), 0):
            schema = firsts[len(value)] if len(value) < len(firsts) else node.get("items", {})
            item = self.minimal(schema, depth + 1)
            value.append(_distinct(item, len(value)) if node.get("uniqueItems") else item)
        return value

    def embed(self, schema: Json, steps: Sequence[SchemaStep], side: str, leaf: Json) -> Json:
        """A value of the schema that has `leaf` at the end of the steps, as named on one side. Raises Unbuildable."""
        if not steps:
            return leaf
        node, step, rest = self.canonical.node(schema), steps[0], steps[1:]
        key = step.old if side == "old" else step.new
        if step.kind in ("anyOf", "oneOf"):
            if key == "":
                return self.embed(schema, rest, side, leaf)
            variant = node[step.kind][key]
            value = self.embed(variant, rest, side, leaf)
            others = {name: child for name, child in node.items() if name != step.kind}
            whole = self.canonical.merge(others, self.canonical.node(variant))
            return self.object(whole, value) if isinstance(value, dict) else value
        if step.kind == "property":
            child = node.get("properties", {}).get(key, node.get("additionalProperties", {}))
            return self.object(self._allowing(node, key), {str(key): self.embed(child, rest, side, leaf)})
        if step.kind == "additional":
            return self.object(node, {"other": self.embed(node["additionalProperties"], rest, side, leaf)})
        if step.kind == "pattern":
            name = text_of_pattern(str(key))
            return self.object(node, {name: self.embed(node["patternProperties"][key], rest, side, leaf)})
        if step.kind == "prefix":
            firsts = [self.minimal(item) for item in node["prefixItems"][: int(key)]]
            return self.array(node, [*firsts, self.embed(node["prefixItems"][key], rest, side, leaf)])
        return self.array(node, [self.embed(node["items"], rest, side, leaf)])

    def _allowing(self, node: Schema, name: str | int) -> Schema:
        """The node with the variant chosen that knows the field, when it is not its own."""
        if name in node.get("properties", {}):
            return node
        for union in ("anyOf", "oneOf"):
            for variant in node.get(union, ()):
                if name in self.canonical.node(variant).get("properties", {}):
                    rest = {key: value for key, value in node.items() if key != union}
                    return self.canonical.merge(rest, self.canonical.node(variant))
        return node

    def _chosen(self, node: Schema) -> Schema:
        """The node with the first variant of its unions."""
        for union in ("anyOf", "oneOf"):
            if node.get(union):
                rest = {key: value for key, value in node.items() if key != union}
                node = self.canonical.merge(rest, self.canonical.node(node[union][0]))
        return node


def around(node: Schema) -> Iterator[Json]:
    """Values on both sides of every limit of a node, and one of each type."""
    yield from node.get("enum", ())
    for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        if keyword in node:
            limit = node[keyword]
            yield from (limit, limit - 1, limit + 1, limit - 0.5, limit + 0.5, limit * 2, limit / 2)
    for keyword in ("minLength", "maxLength"):
        if keyword in node:
            yield from ("a" * length for length in (node[keyword] - 1, node[keyword], node[keyword] + 1) if length >= 0)
    if "pattern" in node:
        yield text_of_pattern(node["pattern"])
    if node.get("format") in _FORMATS:
        yield _FORMATS[node["format"]]
    yield from (None, True, False, 0, 1, -1, 0.5, 2, 3, "", "a", "b", "0", [], {}, ["a"], [1], [1, 1])


def text_of_pattern(pattern: str) -> str:
    """A text that matches the pattern; empty when none is found."""
    try:
        return str(generated({"type": "string", "pattern": pattern}, lambda text: "\n" not in text))
    except Unbuildable:
        return ""


def generated(schema: Schema, is_good: Callable[[Json], bool]) -> Json:
    """A value of a complete JSON Schema 2020-12 as Schemathesis generates them. Raises Unbuildable."""
    # Here, because it takes half a second and is seldom needed.
    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis import strategies as st
    from hypothesis.errors import HypothesisException
    from schemathesis.core.errors import SchemathesisError
    from schemathesis.generation.jsonschema.builder import build

    quiet = settings(database=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    formats: dict[str, st.SearchStrategy[str]] = {name: st.just(text) for name, text in _FORMATS.items()}
    try:
        return find(build(schema, draft=jsonschema_rs.Draft202012, formats=formats), is_good, settings=quiet)
    except (HypothesisException, SchemathesisError, ValueError, RecursionError, OverflowError, TypeError) as error:
        raise Unbuildable from error


def _guess(node: Schema) -> tuple[str, ...]:
    if "properties" in node or "required" in node or "patternProperties" in node:
        return ("object",)
    if "items" in node or "prefixItems" in node or "contains" in node:
        return ("array",)
    if any(keyword in node for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")):
        return ("number",)
    return ("string",)


def _scalar(node: Schema, kind: str) -> Json:
    if kind == "string":
        return _text(node)
    if kind in ("integer", "number"):
        return _number(node, kind)
    return True if kind == "boolean" else None


def _text(node: Schema) -> str:
    if "pattern" in node:
        return text_of_pattern(node["pattern"])
    sample = _FORMATS.get(node.get("format", ""), "a")
    return sample.ljust(node.get("minLength", 0), "a")[
        : max(node.get("maxLength", len(sample)), node.get("minLength", 0))
    ]


def _number(node: Schema, kind: str) -> Any:
    step = node.get("multipleOf", 1)
    low = node.get("minimum", node.get("exclusiveMinimum"))
    if low is not None:
        value = -(-low // step) * step
        return value + step if value == node.get("exclusiveMinimum") else value
    high = node.get("maximum", node.get("exclusiveMaximum"))
    if high is None or high > step:
        return step
    value = high // step * step
    value = value - step if value == node.get("exclusiveMaximum") else value
    return int(value) if kind == "integer" else value


def _distinct(item: Json, number: int) -> Json:
    return item + number if isinstance(item, (int, float)) and not isinstance(item, bool) else f"{item}{number}"
