"""Pairs the variants of an anyOf or oneOf."""

import itertools
from collections.abc import Callable, Hashable

import orjson

from ampeco_conformance.compatibility.canonical import Canonical, meaning
from ampeco_conformance.compatibility.contracts import Json, Schema
from ampeco_conformance.compatibility.keywords import TYPES

Pairs = list[tuple[int, int]]


def pair_variants(
    old: Canonical, new: Canonical, before: list[Json], after: list[Json]
) -> tuple[Pairs, list[int], list[int]]:
    """Pairs of indices, the indices that went and those that came.

    What is the same goes together first, then what has the same name, the same tag, or alone the
    same type, and last what has most fields in common.
    """
    gone, come = list(range(len(before))), list(range(len(after)))
    pairs: Pairs = []
    for mark in (lambda side, schema: side.contract.digest(schema), _name, _meaning, _tag, _type):
        marks = _marks(mark, old, before, gone), _marks(mark, new, after, come)
        for value, index in marks[0].items():
            if value is not None and value in marks[1]:
                pairs.append((index, marks[1][value]))
                gone.remove(index)
                come.remove(marks[1][value])
    for index in list(gone):
        alike = [(_likeness(old, before[index], new, after[other]), -other) for other in come]
        likeness, other = max(alike, default=(0.0, 0))
        if likeness > _ALIKE:
            pairs.append((index, -other))
            gone.remove(index)
            come.remove(-other)
    return pairs, gone, come


_ALIKE = 0.5
"""Share of common fields from which on two variants count as the same one, changed."""


def are_apart(side: Canonical, variants: list[Json]) -> bool:
    """Whether no value fits two of the variants, as their types and the values of required fields tell."""
    told = [_told(side.node(variant), side) for variant in variants]
    return all(_differ(one, other) for one, other in itertools.combinations(told, 2))


_Told = tuple[set[str], dict[str, set[str]]]
"""The types of a variant, and of one that is an object the texts that its required fields may be."""


def _told(node: Schema, side: Canonical) -> _Told:
    kinds = {"number" if kind == "integer" else kind for kind in node.get("type", TYPES)}
    fields = node.get("properties", {})
    required = [name for name in node.get("required", ()) if name in fields] if kinds == {"object"} else []
    values = {name: side.node(fields[name]).get("enum", ()) for name in required}
    return kinds, {name: {*some} for name, some in values.items() if some and all(isinstance(v, str) for v in some)}


def _differ(one: _Told, other: _Told) -> bool:
    shared = one[1].keys() & other[1].keys()
    return not one[0] & other[0] or any(not one[1][name] & other[1][name] for name in shared)


def variant_name(side: Canonical, schema: Json, index: int) -> str:
    """What people call a variant: its component or title, its only value or tag, its type, or its number."""
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        return str(schema["$ref"]).rpartition("/")[2]
    if isinstance(schema, dict) and isinstance(schema.get("title"), str):
        return str(schema["title"])
    node = side.node(schema)
    if len(node.get("enum", ())) == 1:
        return str(node["enum"][0])
    for name, child in node.get("properties", {}).items():
        if len(values := side.node(child).get("enum", ())) == 1:
            return f"{name} {values[0]}"
    if fields := [*node.get("required", ()), *node.get("properties", ())]:
        return f"object with {fields[0]}"
    return " or ".join(node["type"]) if "type" in node else f"number {index + 1}"


def _likeness(old: Canonical, before: Json, new: Canonical, after: Json) -> float:
    """Share of common fields; a variant that only gained or lost fields counts as alike."""
    names = old.node(before).get("properties", {}).keys(), new.node(after).get("properties", {}).keys()
    share = len(names[0] & names[1]) / max(1, len(names[0] | names[1]))
    grown = share > 0 and (names[0] <= names[1] or names[1] <= names[0])
    return _ALIKE + share / 2 if grown else share


def _marks(
    mark: Callable[[Canonical, Json], Hashable], side: Canonical, variants: list[Json], left: list[int]
) -> dict[Hashable, int]:
    """Mark -> index, of the marks that one variant only has."""
    marks = [(mark(side, variants[index]), index) for index in left]
    names = [value for value, _ in marks]
    return {value: index for value, index in marks if names.count(value) == 1}


def _meaning(side: Canonical, schema: Json) -> Hashable:
    return orjson.dumps(meaning(side, schema), option=orjson.OPT_SORT_KEYS)


def _name(_side: Canonical, schema: Json) -> Hashable:
    return schema.get("$ref") if isinstance(schema, dict) else None


def _tag(side: Canonical, schema: Json) -> Hashable:
    """The properties with a single value, which distinguish variants."""
    properties = side.node(schema).get("properties", {})
    tags = {name: values for name, child in properties.items() if len(values := side.node(child).get("enum", ())) == 1}
    return orjson.dumps(tags, option=orjson.OPT_SORT_KEYS) if tags else None


def _type(side: Canonical, schema: Json) -> Hashable:
    node = side.node(schema)
    return tuple(node["type"]) if "type" in node else None
