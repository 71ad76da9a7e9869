"""Proves that a schema of one contract allows only what a schema of the other one allows.

A proof, not a guess: whatever is not understood makes it fail. Pairs that are met again while they are compared count
as contained (coinduction). The sender keeps to documented fields, as in searches for witnesses.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ampeco_conformance.compatibility.canonical import Canonical, holds
from ampeco_conformance.compatibility.contracts import UNKNOWN, Json, Schema
from ampeco_conformance.compatibility.keywords import ASSERTED_FORMATS, INTEGER_RANGES, TYPES, is_of
from ampeco_conformance.compatibility.texts import are_among, is_within
from ampeco_conformance.compatibility.validation import Reading, Validation

_MOST_STEPS = 3_000
_UNIONS = ("anyOf", "oneOf")
_OF_TYPE = {
    "string": ("pattern", "minLength", "maxLength", "format", "contentEncoding", "contentMediaType", "contentSchema"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"),
    "array": (
        "items",
        "prefixItems",
        "minItems",
        "maxItems",
        "uniqueItems",
        "contains",
        "minContains",
        "maxContains",
        "unevaluatedItems",
    ),
    "object": (
        *("properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties"),
        *("propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedProperties"),
    ),
}
"""The keywords that say something about values of a type."""
_FOR_ALL = ("type", "enum", "allOf", "not", "if", "then", "else", *_UNIONS)
_TOGETHER = {"if": ("if", "then", "else"), "contains": ("contains", "minContains", "maxContains")}
"""Keywords that mean something together only."""
_TEXT_KEYWORDS = ("pattern", "minLength", "maxLength")


class Containment:
    """Whether what contract `giver` allows is allowed by contract `taker`, in one direction."""

    def __init__(self, giver: Canonical, taker: Canonical, judge: Validation) -> None:
        """`judge` has the validators of the taker."""
        self._giver, self._taker, self._judge = giver, taker, judge
        self._own = Validation(giver)
        self._steps = 0
        self._trail: list[tuple[int, int]] = []
        self._assumed: set[tuple[int, int]] = set()

    def proves(self, given: Schema, taken: Schema) -> bool:
        """Whether a node of the giver is certainly contained in a node of the taker."""
        self._steps = 0
        self._trail.clear()
        self._assumed.clear()
        try:
            return self._node(given, taken)
        except RecursionError:  # schemas that are nested deeper than a proof can go
            return False

    def _schemas(self, given: Json, taken: Json) -> bool:
        given, taken = self._giver.target(given), self._taker.target(taken)
        key = id(given), id(taken)
        if key in self._assumed or self._giver.contract.digest(given) == self._taker.contract.digest(taken):
            return True
        start = len(self._trail)
        self._trail.append(key)
        self._assumed.add(key)
        if self._node(self._giver.node(given), self._taker.node(taken)):
            return True
        self._assumed.difference_update(self._trail[start:])
        del self._trail[start:]
        return False

    def _node(self, given: Schema, taken: Schema) -> bool:
        self._steps += 1
        if self._steps > _MOST_STEPS or UNKNOWN in given or UNKNOWN in taken:
            return False
        values = _values(given)
        if values is not None:
            return all(self._judge.accepts(taken, value, reading=Reading.OPEN) for value in values)
        if given.get("not") == {}:
            return True
        parts = list(self._parts(given))
        if parts and all(self._node(part, taken) for part in parts):
            return True
        return not parts and self._single(given, given["type"][0], taken)

    def _parts(self, given: Schema) -> Iterator[Schema]:
        """Nodes that together allow what the node allows: one for each variant or type, none when there is one."""
        for union in _UNIONS:
            if union in given:
                rest = {key: value for key, value in given.items() if key != union}
                for variant in given[union]:
                    yield self._giver.merge(rest, self._giver.node(variant))
                return
        kinds = given.get("type", sorted(TYPES - {"integer"}))
        if len(kinds) > 1 or "type" not in given:
            for kind in kinds:
                yield {**given, "type": [kind]}

    def _single(self, given: Schema, kind: str, taken: Schema) -> bool:
        """A node of one type in any node."""
        group = "number" if kind == "integer" else kind
        relevant = {key: taken[key] for key in (*_FOR_ALL, *_OF_TYPE.get(group, ())) if key in taken}
        if not self._general(given, kind, relevant):
            return False
        checks: dict[str, Any] = {"string": _texts, "number": _numbers, "array": self._arrays, "object": self._objects}
        return group not in checks or bool(checks[group](given, relevant))

    def _general(self, given: Schema, kind: str, taken: Schema) -> bool:
        """What applies to values of every type."""
        kinds = taken.get("type", [kind])
        if kind not in kinds and not (kind == "integer" and "number" in kinds):
            return False
        if "enum" in taken and not _are_among(given, kind, taken["enum"]):
            return False
        if any(keyword in taken and not self._same(given, taken, keyword) for keyword in ("not", "if")):
            return False
        if not all(self._node(given, self._taker.node(member)) for member in taken.get("allOf", ())):
            return False
        if "anyOf" in taken and not self._in_any(given, kind, taken["anyOf"]):
            return False
        return "oneOf" not in taken or self._in_one(given, taken["oneOf"])

    def _in_any(self, given: Schema, kind: str, variants: list[Json]) -> bool:
        nodes = [self._taker.node(variant) for variant in variants]
        if any(self._node(given, node) for node in nodes):
            return True
        return _are_among(given, kind, [value for node in nodes for value in _values(node) or ()])

    def _in_one(self, given: Schema, variants: list[Json]) -> bool:
        nodes = [self._taker.node(variant) for variant in variants]
        around = [index for index, node in enumerate(nodes) if self._node(given, node)]
        return len(around) == 1 and all(
            self._apart(given, node) for index, node in enumerate(nodes) if index != around[0]
        )

    def _apart(self, given: Schema, other: Schema) -> bool:
        """Whether no value is allowed by both nodes, as far as types and single values tell."""
        if UNKNOWN in other:
            return False
        kinds, others = set(given.get("type", TYPES)), set(other.get("type", TYPES))
        if not (_widened(kinds) & _widened(others)):
            return True
        if "enum" in other:
            return not any(self._allows(given, value) for value in other["enum"])
        for name in set(given.get("required", ())) & set(other.get("required", ())):
            if name in given.get("properties", {}) and name in other.get("properties", {}):
                one, two = self._giver.node(given["properties"][name]), self._taker.node(other["properties"][name])
                if "enum" in one and "enum" in two and not any(holds(two["enum"], value) for value in one["enum"]):
                    return kinds == others == {"object"}
        return False

    def _allows(self, given: Schema, value: Json) -> bool:
        return self._own.accepts(given, value, reading=Reading.OPEN)

    def _same(self, given: Schema, taken: Schema, keyword: str) -> bool:
        keywords = _TOGETHER.get(keyword, (keyword,))
        digests = [
            [side.contract.digest(node.get(name)) for name in keywords]
            for side, node in ((self._giver, given), (self._taker, taken))
        ]
        return digests[0] == digests[1]

    def _arrays(self, given: Schema, taken: Schema) -> bool:
        if not _counts(taken, "Items", given.get("minItems", 0), given.get("maxItems")):
            return False
        if taken.get("uniqueItems") and not given.get("uniqueItems") and given.get("maxItems", 2) > 1:
            return False
        if "unevaluatedItems" in taken or ("contains" in taken and not self._same(given, taken, "contains")):
            return False
        firsts = given.get("prefixItems", []), taken.get("prefixItems", [])
        if len(firsts[0]) != len(firsts[1]) or not all(map(self._schemas, *firsts)):
            return False
        return "items" not in taken or self._schemas(given.get("items", True), taken["items"])

    def _objects(self, given: Schema, taken: Schema) -> bool:
        named, others = given.get("properties", {}), taken.get("properties", {})
        extra = given.get("additionalProperties", not named)
        own = {**dict.fromkeys(given.get("required", ()), given.get("additionalProperties", True)), **named}
        if not set(taken.get("required", ())) <= set(given.get("required", ())):
            return False
        if "unevaluatedProperties" in taken or "patternProperties" in given or "patternProperties" in taken:
            return False
        conditions = ("propertyNames", "dependentRequired", "dependentSchemas")
        if any(key in taken and not self._same(given, taken, key) for key in conditions):
            return False
        if not _counts(
            *(taken, "Properties"),
            max(len(given.get("required", ())), given.get("minProperties", 0)),
            given.get("maxProperties", len(own) if extra is False else None),
        ):
            return False
        additional = taken.get("additionalProperties", True)
        for name, schema in others.items():
            if name not in own and extra is not False and not self._schemas(extra, schema):
                return False
        if extra is not False and not self._schemas(extra, additional):
            return False
        return all(self._schemas(schema, others.get(name, additional)) for name, schema in own.items())


def _values(node: Schema) -> list[Json] | None:
    """All values of a node, when they can be listed."""
    if "enum" in node:
        kinds = node.get("type")
        return [value for value in node["enum"] if kinds is None or is_of(value, kinds)]
    if "type" in node and set(node["type"]) <= {"boolean", "null"}:
        return [value for kind in node["type"] for value in ([None] if kind == "null" else [True, False])]
    return None


def _widened(kinds: set[str]) -> set[str]:
    return kinds | ({"integer"} if "number" in kinds else set())


def _counts(taken: Schema, what: str, least: int, most: int | None) -> bool:
    """Whether counts between two numbers are within the limits of the taker."""
    limit = taken.get(f"max{what}")
    return least >= taken.get(f"min{what}", 0) and (limit is None or (most is not None and most <= limit))


def _are_among(given: Schema, kind: str, values: list[Json]) -> bool:
    """Whether everything that a node of one type allows is certainly one of some values."""
    if kind == "string":
        return are_among(given, values)
    (lowest, _), (highest, _) = _range(given, whole=True) if kind == "integer" else _range({"type": [kind]})
    numbers = {value for value in values if isinstance(value, int | float) and not isinstance(value, bool)}
    if highest - lowest >= len(numbers):
        return False
    return numbers.issuperset(range(int(lowest), int(highest) + 1))


def _texts(given: Schema, taken: Schema) -> bool:
    same = ("contentEncoding", "contentMediaType", "contentSchema")
    if any(key in taken and given.get(key) != taken[key] for key in same):
        return False
    if taken.get("format") in ASSERTED_FORMATS and given.get("format") != taken["format"]:
        return False
    wanted = {key: taken[key] for key in _TEXT_KEYWORDS if key in taken}
    return all(given.get(key) == value for key, value in wanted.items()) or is_within(given, wanted)


def _numbers(given: Schema, taken: Schema) -> bool:
    step = given.get("multipleOf", 1 if given["type"] == ["integer"] else None)
    if "multipleOf" in taken and (step is None or not is_multiple(step, taken["multipleOf"])):
        return False
    (low, high), (lowest, highest) = _range(given), _range(taken, whole=given["type"] == ["integer"])
    return low >= lowest and high <= highest


def is_multiple(number: Json, step: Json) -> bool:
    """Whether a number is a whole multiple of another one, as they are written in decimals."""
    return (Fraction(str(number)) / Fraction(str(step))).denominator == 1


_Bound = tuple[float, int]


def _range(node: Schema, *, whole: bool | None = None) -> tuple[_Bound, _Bound]:
    """The lowest and the highest number; the second part says by how much an excluded limit is passed."""
    whole = node["type"] == ["integer"] if whole is None else whole
    low, high = [(-float("inf"), 0)], [(float("inf"), 0)]
    if node.get("format") in INTEGER_RANGES and whole:
        bounds = INTEGER_RANGES[node["format"]]
        low, high = [(bounds[0], 0)], [(bounds[1], 0)]
    if "minimum" in node:
        low.append((_up(node["minimum"]) if whole else node["minimum"], 0))
    if "maximum" in node:
        high.append((_down(node["maximum"]) if whole else node["maximum"], 0))
    if "exclusiveMinimum" in node:
        limit = node["exclusiveMinimum"]
        low.append((_down(limit) + 1, 0) if whole else (limit, 1))
    if "exclusiveMaximum" in node:
        limit = node["exclusiveMaximum"]
        high.append((_up(limit) - 1, 0) if whole else (limit, -1))
    return max(low), min(high)


def _up(number: float) -> int:
    return -int(-number // 1)


def _down(number: float) -> int:
    return int(number // 1)
