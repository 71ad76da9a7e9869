"""Generates small values of a schema. They are proposals, which a JSON Schema validator checks."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.contracts import Json, Schema
from ampeco_conformance.compatibility.keywords import INTEGER_RANGES
from ampeco_conformance.compatibility.schema_diff import SchemaStep
from ampeco_conformance.compatibility.texts import (
    FORMATS,
    Unbuildable,
    generated,
    several_texts,
    text_of,
    text_of_pattern,
)
from ampeco_conformance.compatibility.validation import Reading, SchemaTooLarge, Validation

_MAXIMUM_DEPTH = 30
_SHALLOW = 3
"""Levels from which on null and the empty list are preferred, so that values stay small."""
_MOST_DEFINITIONS = 40
"""Schemas that a schema may refer to for a value to be searched; beyond, the search takes too long."""
_LARGEST = 20_000
"""Nodes of a value; fields that are required on many levels would double it on each."""
_DEEPEST_JUDGED = 12
"""Levels of a value that is judged: fields that may not be unevaluated double the work of the judge on each level."""
_MOST_VARIANTS = 12
"""Variants of a union of which a value is tried."""
_NONE = object()
_PREFERRED = ("object", "array", "string", "integer", "number", "boolean", "null")


class Instances:
    """Small values of the schemas of one contract in one direction."""

    def __init__(self, canonical: Canonical, judge: Validation | None = None) -> None:
        """With a judge, every value is one that it accepts; that takes longer."""
        self.canonical = canonical
        self._judge = judge
        self._minimal: dict[int, tuple[Json, Json]] = {}
        self._sizes: dict[int, int] = {}

    def minimal(self, schema: Json, depth: int = 0) -> Json:
        """A small value of the schema. Raises Unbuildable when its required fields go round in a circle."""
        known = self._minimal.get(id(schema))
        if known is None:
            node = self.canonical.node(schema)
            made = self.of_node(node, depth) if self._judge is None else self._accepted(self._judge, schema, depth)
            made = self._of_bounded_size(made)
            known = self._minimal[id(schema)] = schema, made
        if known[1] is _NONE:
            raise Unbuildable
        return known[1]

    def _of_bounded_size(self, value: Json) -> Json:
        """The value, or the marker of none when it is too large; its parts may be one and the same value many times."""
        if not isinstance(value, (dict, list)):
            return value
        size = self._size(value)
        if size > _LARGEST:
            return _NONE
        self._sizes[id(value)] = size  # it stays, so its address is that of no other value
        return value

    def _size(self, value: Json) -> int:
        if not isinstance(value, (dict, list)):
            return 1
        parts = value.values() if isinstance(value, dict) else value
        return self._sizes.get(id(value)) or 1 + sum(map(self._size, parts))

    def _accepted(self, judge: Validation, schema: Json, depth: int) -> Json:
        """A value that the judge accepts; the marker of none when a search finds none, which is not repeated."""
        for node in self._with_each_variant(self.canonical.node(schema)):
            with suppress(Unbuildable, KeyError, IndexError, TypeError, StopIteration):
                value = self.of_node(node, depth)
                if depth_of(value) > _DEEPEST_JUDGED:
                    return _NONE
                if judge.accepts(schema, value, reading=Reading.DOCUMENTED):
                    return value
        try:
            complete = judge.json_schema(schema, reading=Reading.DOCUMENTED)
        except (RecursionError, SchemaTooLarge):
            return _NONE
        if len(complete.get("$defs", ())) > _MOST_DEFINITIONS:
            return _NONE
        try:
            return generated(complete, lambda value: judge.accepts(schema, value, reading=Reading.DOCUMENTED))
        except Unbuildable:
            return _NONE

    @staticmethod
    def _with_each_variant(node: Schema) -> Iterator[Schema]:
        """The node, and what it is with each of the first variants of its unions alone."""
        yield node
        for union in ("anyOf", "oneOf"):
            for variant in node.get(union, ())[1:_MOST_VARIANTS]:
                yield {**node, union: [variant]}

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
        if depth > _SHALLOW and "null" in kinds:
            return None
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
        spare = itertools.chain(properties, (f"field{number}" for number in range(1, 100)))
        while wanted or len(value) < node.get("minProperties", 0):
            name = wanted.pop(0) if wanted else next(spare)
            if name not in value:
                schema = properties.get(name, additional if isinstance(additional, dict) else {})
                value[name] = self.minimal(schema, depth + 1)
        return value

    def named(self, schema: Json) -> dict[str, Json]:
        """An object of the schema with all fields that may have a single value. Raises Unbuildable."""
        node = self._chosen(self.canonical.node(schema))
        single = {
            name: child["enum"][0]
            for name, field in node.get("properties", {}).items()
            if len((child := self.canonical.node(field)).get("enum", ())) == 1
        }
        return self.object(node, single)

    def array(self, node: Schema, preset: Sequence[Json], depth: int = 0) -> list[Json]:
        """An array with the preset items and as many more as it needs. Raises Unbuildable."""
        value = list(preset)
        firsts = node.get("prefixItems", ())
        if "contains" in node and not value:
            value = [self.minimal(node["contains"], depth + 1)] * node.get("minContains", 1)
        while len(value) < max(node.get("minItems", 0), 0):
            schema = firsts[len(value)] if len(value) < len(firsts) else node.get("items", {})
            if node.get("uniqueItems"):
                value.append(self._another(schema, value, depth))
            else:
                value.append(self.minimal(schema, depth + 1))
        return value

    def _another(self, schema: Json, others: Sequence[Json], depth: int) -> Json:
        """A value of the schema that is none of the others. Raises Unbuildable."""
        node = self._chosen(self.canonical.node(schema))
        found = next((value for value in self._several(node, len(others) + 1, depth) if value not in others), _NONE)
        if found is _NONE:
            raise Unbuildable
        return found

    def _several(self, node: Schema, count: int, depth: int) -> Iterator[Json]:
        """Different values of a node, as far as one kind of change gives them."""
        if "enum" in node:
            yield from node["enum"]
            return
        first = self.of_node(node, depth + 1)
        yield first
        if isinstance(first, dict):
            names = node.get("properties", {}) or {"field": {}}
            for name, child in names.items():
                for value in self._several(self._chosen(self.canonical.node(child)), count, depth + 1):
                    yield {**first, name: value}
        elif isinstance(first, str):
            yield from several_texts(node, count)
        elif isinstance(first, (int, float)) and not isinstance(first, bool):
            step = node.get("multipleOf", 1)
            yield from (first + sign * number * step for number in range(1, count + 1) for sign in (1, -1))
        else:
            yield from (value for value in (None, True, False) if _is_of(value, node))

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
            whole = {name: child for name, child in whole.items() if name not in ("anyOf", "oneOf")}
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


def depth_of(value: Json) -> int:
    """The levels of nesting in a value of bounded size."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth_of, parts), default=0)


def around(node: Schema) -> Iterator[Json]:
    """Values on both sides of every limit of a node, and one of each type."""
    yield from node.get("enum", ())
    for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        if keyword in node:
            limit = node[keyword]
            yield from (limit, limit - 1, limit + 1, limit - 0.5, limit + 0.5, limit * 2, limit / 2, -limit)
    step = node.get("multipleOf", 1) / 2
    yield from (
        step,
        -step,
        *(node[key] + sign * step for key in ("minimum", "maximum") if key in node for sign in (1, -1)),
    )
    if node.get("format") in INTEGER_RANGES:
        low, high = INTEGER_RANGES[node["format"]]
        yield from (high, high + 1, low - 1)
    for keyword in ("minLength", "maxLength"):
        if keyword in node:
            yield from (_letters(node[keyword] + more) for more in (-1, 0, 1) if node[keyword] + more >= 0)
    with suppress(Unbuildable):
        yield text_of(node)
    if node.get("format") in FORMATS:
        yield FORMATS[node["format"]]
    yield from (None, True, False, 0, 1, -1, 0.5, 2, 3, "", "a", "b", "0", [], {}, ["a"], [1], [1, 1])


@lru_cache(maxsize=32)
def _letters(length: int) -> str:
    """A text of a length; long ones are many megabytes, so each is made once."""
    return "a" * length


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
        return text_of(node)
    if kind in ("integer", "number"):
        return _number(node, kind)
    return True if kind == "boolean" else None


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


def _is_of(value: bool | None, node: Schema) -> bool:
    return ("null" if value is None else "boolean") in node.get("type", ("null", "boolean"))
