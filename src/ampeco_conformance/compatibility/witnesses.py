"""Proof of a change: a concrete value that one contract accepts and the other refuses."""

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.contracts import Json, Schema
from ampeco_conformance.compatibility.instances import Instances, around
from ampeco_conformance.compatibility.places import DifferencePath
from ampeco_conformance.compatibility.schema_diff import Difference, SchemaComparison, SchemaStep
from ampeco_conformance.compatibility.texts import Unbuildable, refused_texts, text_of_pattern
from ampeco_conformance.compatibility.validation import LONGEST_REPEATED, Reading, Validation, longest_text

_CONDITIONS = ("if", "then", "else", "not", "allOf", "anyOf", "oneOf", "dependentSchemas")
_MOST_NAMES = 12
"""Fields of which every pair is tried together."""

_LONGEST = 10_001
"""Items of an array that is tried."""

_MOST_LOCAL = 12
"""Values that are tried in the whole request or response."""

_MOST_PROPOSED = 50
"""Values of the second engine that are tried."""

_MOST_CAREFUL = 3
"""Values that are tried again with more care."""

_APPLICATORS = {"anyOf", "oneOf", "allOf", "not", "if", "then", "else", "contains", "dependentSchemas", "$ref"}


_TOGETHER = (("if", "then", "else"), ("contains", "minContains", "maxContains"), ("items", "prefixItems"))
"""Keywords that mean something together only."""


@dataclass(frozen=True, slots=True)
class WitnessProof:
    """A complete request or response, and why the other contract refuses it."""

    value: Json
    reason: str


class Side:
    """What is needed of one contract in one direction to search for witnesses."""

    def __init__(self, canonical: Canonical) -> None:
        self.canonical = canonical
        self.instances = Instances(canonical)
        self.validation = Validation(canonical)
        self.careful = Instances(canonical, self.validation)


class WitnessSearch:
    """Searches values that contract `giver` allows and contract `taker` refuses.

    The giver keeps to documented fields. The taker accepts undocumented fields where its schemas allow them; with
    `retired`, documented fields only.
    `giver_is` says which side of the comparison the giver is: "old" or "new".
    """

    def __init__(self, giver: Side, taker: Side, giver_is: str, *, retired: bool = False) -> None:
        self._giver, self._taker, self._side = giver, taker, giver_is
        self._taking = Reading.EXACT if retired else Reading.OPEN
        self._known: dict[tuple[int, str, str], tuple[list[Json], Iterator[Json]]] = {}

    def prove(self, root: SchemaComparison, path: DifferencePath, difference: Difference) -> WitnessProof | None:
        """A proof that a difference at the end of a path affects the complete value; None when none was found."""
        place = path[-1][1] if path else root
        steps = [step for step, _ in path]
        for value in self._local_values(place, difference):
            if proof := self._embedded(self._giver.instances, root, steps, value):
                return proof
        # What stands beside the place may be hard to make up.
        tried = itertools.islice(self._local_values(place, difference), _MOST_CAREFUL)
        careful = (self._embedded(self._giver.careful, root, steps, value) for value in tried)
        return next(filter(None, careful), None)

    def prove_by(
        self, proposed: Iterable[Json], root: SchemaComparison, path: DifferencePath, difference: Difference
    ) -> WitnessProof | None:
        """The same by one of the first of the proposed values."""
        place = path[-1][1] if path else root
        steps = [step for step, _ in path]
        if difference.aspect == "one-of-overlap":
            proposed = self._overlapping(place, proposed)
        values = self._local(place, difference, itertools.islice(proposed, _MOST_PROPOSED))
        careful = (self._embedded(self._giver.careful, root, steps, value) for value in values)
        return next(filter(None, careful), None)

    def control(self, root: SchemaComparison, path: DifferencePath) -> Json:
        """A value of the taker that has something at the end of a path too; None when none is found."""
        side = "new" if self._side == "old" else "old"
        place = path[-1][1] if path else root
        instances, schema = self._taker.instances, self._other(root)
        with suppress(Unbuildable, KeyError, IndexError, TypeError):
            whole = instances.embed(schema, [step for step, _ in path], side, instances.minimal(self._other(place)))
            if self._taker.validation.accepts(schema, whole, reading=Reading.DOCUMENTED):
                return whole
        return None

    def _local_values(self, place: SchemaComparison, difference: Difference) -> Iterator[Json]:
        """The first values that prove the difference at its own place, each searched once, when it is asked for."""
        key = id(place), difference.aspect, difference.subject
        if key not in self._known:
            candidates = self._candidates(place, difference)
            self._known[key] = [], itertools.islice(self._local(place, difference, candidates), _MOST_LOCAL)
        found, rest = self._known[key]
        yield from found
        for value in rest:
            found.append(value)
            yield value

    def _embedded(
        self, instances: Instances, root: SchemaComparison, steps: Sequence[SchemaStep], value: Json
    ) -> WitnessProof | None:
        with suppress(Unbuildable, KeyError, IndexError, TypeError):
            whole = instances.embed(self._of(root), steps, self._side, value)
            reason = self._refusal(root, whole, self._instance_path(steps))
            return WitnessProof(whole, reason) if reason else None
        return None

    def _of(self, comparison: SchemaComparison) -> Json:
        return comparison.old if self._side == "old" else comparison.new

    def _other(self, comparison: SchemaComparison) -> Json:
        return comparison.new if self._side == "old" else comparison.old

    def _local(self, place: SchemaComparison, difference: Difference, candidates: Iterable[Json]) -> Iterator[Json]:
        """The candidates that only the giver accepts at the place itself."""
        keyword = _keyword(difference.aspect)
        return (value for value in candidates if self._tells_apart(place, value, keyword))

    def _tells_apart(self, place: SchemaComparison, value: Json, keyword: str | None) -> bool:
        """Whether only the giver accepts a value at a place; with a keyword, because of that."""
        if not self._giver.validation.accepts(self._of(place), value, reading=Reading.DOCUMENTED):
            return False
        taker, other = self._taker.validation, self._other(place)
        if not taker.refuses(other, value, reading=self._taking):
            return False
        errors = taker.errors(other, value, reading=self._taking)
        return keyword is None or any(_asserts(error.schema_path, keyword) for error in errors)

    def _refusal(self, root: SchemaComparison, whole: Json, path: Sequence[str | int]) -> str | None:
        # A oneOf may refuse in open objects what it allows where no other fields are.
        readings = (Reading.DOCUMENTED, Reading.OPEN)
        if not all(self._giver.validation.accepts(self._of(root), whole, reading=reading) for reading in readings):
            return None
        if (length := longest_text(whole)) > LONGEST_REPEATED:
            is_refused = not self._taker.validation.accepts(self._other(root), whole, reading=self._taking)
            return f"a text of {length} characters is refused" if is_refused else None
        for error in self._taker.validation.errors(self._other(root), whole, reading=self._taking):
            found = list(error.instance_path)
            at_or_below = found[: len(path)] == list(path)
            above = list(path)[: len(found)] == found and bool(_APPLICATORS & set(map(str, error.schema_path[-2:])))
            if at_or_below or above:
                return error.message[:300]
        return None

    def _instance_path(self, steps: Sequence[SchemaStep]) -> list[str | int]:
        path: list[str | int] = []
        for step in steps:
            key = step.old if self._side == "old" else step.new
            if step.kind in ("anyOf", "oneOf"):
                continue
            if step.kind in ("items", "prefix"):
                path.append(int(key) if step.kind == "prefix" else 0)
            elif step.kind == "pattern":
                path.append(text_of_pattern(str(key)))
            else:
                path.append("other" if step.kind == "additional" else str(key))
        return path

    def _candidates(self, place: SchemaComparison, difference: Difference) -> Iterator[Json]:
        instances, schema = self._giver.instances, self._of(place)
        node, other = self._giver.canonical.node(schema), self._taker.canonical.node(self._other(place))
        gone = difference.before if self._side == "old" else difference.after
        if difference.aspect.startswith("enum-value"):
            yield gone
            return
        if difference.aspect == "one-of-overlap":
            yield from self._overlaps(place)
            return
        if "variant" in difference.aspect:
            with suppress(Unbuildable):
                alone: Schema = {**node, **{union: [gone] for union in ("anyOf", "oneOf") if union in node}}
                yield instances.of_node(alone)
                yield instances.named(alone)
        if "property" in difference.aspect and difference.subject:
            yield from self._lacking(place, difference.subject)
        if difference.aspect.endswith(("property-removed", "property-added", "closed-object")) and difference.subject:
            with suppress(Unbuildable):
                preset = {difference.subject: instances.minimal(gone)} if gone is not None else {}
                yield instances.object(node, preset)
        yield from _building(instances, schema)
        for kind in node.get("type", ()):
            yield from _of_type(instances, schema, kind)
        sides = (self._taker.canonical, other), (self._giver.canonical, node)
        variants = [canonical.node(child) for canonical, side in sides for child in _variants(side)]
        listed = [value for variant in variants for value in variant.get("enum", ())]
        yield from refused_texts(node, {"enum": listed, **other} if listed else other)
        for one in (other, node, *variants):
            yield from around(one)
        yield from self._objects(place)
        yield from self._arrays(place)

    def _lacking(self, place: SchemaComparison, name: str) -> Iterator[Json]:
        """An object with all that the taker requires, but for one field."""
        instances, node = self._giver.instances, self._giver.canonical.node(self._of(place))
        needed = self._taker.canonical.node(self._other(place)).get("required", ())
        properties = node.get("properties", {})
        with suppress(Unbuildable, StopIteration):
            others = {key: instances.minimal(properties[key]) for key in needed if key != name and key in properties}
            value = instances.object(node, others)
            if name not in value:
                yield value

    def _overlaps(self, place: SchemaComparison) -> Iterator[Json]:
        """Values that more than one variant of the taker allows."""
        giver, given, taken = self._giver, self._of(place), self._other(place)
        node, other = giver.canonical.node(given), self._taker.canonical.node(taken)
        variants = other["oneOf"][:_MOST_NAMES]
        nodes = [self._taker.canonical.node(variant) for variant in variants]
        rest = {key: value for key, value in other.items() if key != "oneOf"}
        candidates = itertools.chain(
            _building(giver.instances, given),
            around(node),
            *(around(variant) for variant in nodes),
            *(_building(giver.instances, variant) for union in ("anyOf", "oneOf") for variant in node.get(union, ())),
            itertools.islice(self._objects(place), _MOST_PROPOSED),
            (
                value
                for pair in itertools.combinations(nodes, 2)
                for value in _of_nodes(self._taker.instances, self._taker.canonical, (rest, *pair))
            ),
        )
        yield from self._overlapping(place, candidates)

    def _overlapping(self, place: SchemaComparison, values: Iterable[Json]) -> Iterator[Json]:
        """Those of the values that more than one variant of the taker allows."""
        variants = self._taker.canonical.node(self._other(place))["oneOf"][:_MOST_NAMES]
        for value in values:
            accepting = (self._taker.validation.accepts(variant, value, reading=Reading.OPEN) for variant in variants)
            if sum(itertools.islice(filter(None, accepting), 2)) > 1:
                yield value

    def _objects(self, place: SchemaComparison) -> Iterator[Json]:
        """Objects with one field more than needed."""
        instances, node = self._giver.instances, self._giver.canonical.node(self._of(place))
        properties = node.get("properties", {})
        other = self._taker.canonical.node(self._other(place))
        patterns = [*node.get("patternProperties", ()), *other.get("patternProperties", ())]
        names = [*properties, *map(text_of_pattern, patterns), "k", "K", "0", "_", "other", "a-longer-name-than-any"]
        for name in names:
            schema = properties.get(name, node.get("additionalProperties", True))
            for value in (
                around(self._giver.canonical.node(schema)) if name not in properties else _building(instances, schema)
            ):
                with suppress(Unbuildable, StopIteration):
                    yield instances.object(node, {name: value})
        for condition in [node[key] for node in (other, node) for key in ("if",) if key in node]:
            chosen = self._taker.canonical.node(condition).get("properties", {})
            with suppress(Unbuildable, StopIteration):
                yield instances.object(node, {name: self._taker.instances.minimal(chosen[name]) for name in chosen})
        mentioned = sorted(_mentioned(node) | _mentioned(other))[:_MOST_NAMES]
        for some in (*itertools.combinations(mentioned, 1), *itertools.combinations(mentioned, 2), mentioned):
            for value in ("a", 1):
                with suppress(Unbuildable, StopIteration):
                    yield instances.object(node, dict.fromkeys(some, value))
        for bound in {
            limit for side in (node, other) for limit in (side.get("minProperties"), side.get("maxProperties")) if limit
        }:
            for count in (bound - 1, bound, bound + 1):
                with suppress(Unbuildable, StopIteration):
                    yield instances.object({**node, "minProperties": count}, {})
        with suppress(Unbuildable):
            yield {name: instances.minimal(child) for name, child in properties.items()}

    def _arrays(self, place: SchemaComparison) -> Iterator[Json]:
        instances, node = self._giver.instances, self._giver.canonical.node(self._of(place))
        other = self._taker.canonical.node(self._other(place))
        limits = {
            limit
            for side in (node, other)
            for key in ("minItems", "maxItems", "minContains", "maxContains")
            if (limit := side.get(key))
        }
        lengths = {length for limit in limits for length in (limit - 1, limit, limit + 1)} | {0, 1, 2, 3}
        for length in sorted(length for length in lengths if 0 <= length <= _LONGEST):
            for unique in (False, True):
                with suppress(Unbuildable):
                    yield instances.array({**node, "minItems": length, "uniqueItems": unique}, [])
        for value in around(other.get("contains", {})):
            with suppress(Unbuildable):
                yield from (instances.array(node, [value] * count) for count in sorted({1, *lengths & set(range(50))}))
        with suppress(Unbuildable):
            firsts = [instances.minimal(item) for item in node.get("prefixItems", ())]
            yield firsts
            yield from ([*firsts, value] for value in around(self._giver.canonical.node(node.get("items", {}))))


def _variants(node: Schema) -> list[Json]:
    """The first variants of the unions of a node."""
    return [variant for union in ("anyOf", "oneOf") for variant in node.get(union, ())[:_MOST_NAMES]]


def _mentioned(node: Json) -> set[str]:
    """The names of fields that conditions mention, anywhere in a node."""
    if isinstance(node, list):
        return {name for part in node for name in _mentioned(part)}
    if not isinstance(node, dict):
        return set()
    required = node.get("required", ())
    own = {*node.get("properties", ()), *(required if isinstance(required, list) else ())}
    inner = (node[keyword] for keyword in _CONDITIONS if keyword in node)
    return {name for name in own if isinstance(name, str)} | {name for part in inner for name in _mentioned(part)}


def _of_nodes(instances: Instances, canonical: Canonical, nodes: Sequence[Schema]) -> Iterator[Json]:
    """A value of several nodes at once, with all fields that they name in conditions."""
    with suppress(Unbuildable, StopIteration, KeyError, IndexError, TypeError):
        yield instances.of_node(functools.reduce(canonical.merge, nodes))


def _building(instances: Instances, schema: Json) -> Iterator[Json]:
    with suppress(Unbuildable, StopIteration):
        yield instances.minimal(schema)


def _of_type(instances: Instances, schema: Json, kind: str) -> Iterator[Json]:
    with suppress(Unbuildable, StopIteration):
        yield instances.of_type(schema, kind)


def _asserts(path: Sequence[str | int], keyword: str) -> bool:
    """Whether an error comes from a keyword of the schema itself, or through one that joins schemas."""
    own = [part for part in path if part != "$ref"]
    return bool(own) and (own[0] == keyword or own[0] in _APPLICATORS)


def _keyword(aspect: str) -> str | None:
    """The keyword that refuses the witness of an aspect; None when it may be any."""
    if aspect.startswith(("enum-", "type-")):
        return aspect.split("-")[0]
    if aspect == "one-of-overlap":
        return "oneOf"
    return _named(aspect) if aspect.endswith(("-set", "-unset", "-increased", "-decreased")) else None


def keywords_of(aspect: str) -> tuple[str, ...]:
    """The keywords of a schema that an aspect is about."""
    if aspect.startswith("became-"):
        return ("type", "enum")
    if aspect.startswith(("any-of-", "one-of-")):
        return ("anyOf",) if aspect.startswith("any") else ("oneOf",)
    if aspect.startswith(("enum-", "type-")):
        return (aspect.split("-")[0],)
    name = _named(aspect)
    return next((names for names in _TOGETHER if name in names), (name,))


def _named(aspect: str) -> str:
    """`max-length-set` is about `maxLength`."""
    first, *words = aspect.split("-")[:-1]
    return first + "".join(word.title() for word in words)
