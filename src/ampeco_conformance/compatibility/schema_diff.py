"""Walks a pair of schemas and lists the differences at each node, without a severity."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ampeco_conformance.compatibility.canonical import Canonical, holds
from ampeco_conformance.compatibility.contracts import UNKNOWN, Json, Schema, listing
from ampeco_conformance.compatibility.keywords import BOUNDS, TYPES
from ampeco_conformance.compatibility.openness import is_closed, of_unnamed, openness
from ampeco_conformance.compatibility.rules import RULES, ChangeSeverity
from ampeco_conformance.compatibility.rules.model import dashed
from ampeco_conformance.compatibility.variants import are_apart, pair_variants, variant_name
from ampeco_conformance.contract.json_schema import COMBINATORS, SCHEMA_LISTS, SCHEMA_MAPS, SINGLE_SCHEMAS, Direction


class SchemaStep(NamedTuple):
    """One step down into a schema; `old` and `new` are the name or index on each side."""

    kind: str
    old: str | int
    new: str | int


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference at a node: `aspect` names the rule, `subject` a property or a keyword, `label` a variant."""

    aspect: str
    subject: str = ""
    before: Json = None
    after: Json = None
    label: str = ""

    @property
    def is_annotation(self) -> bool:
        """Whether it changes no value that is allowed."""
        return self.aspect in ("deprecated", "reactivated") or self.aspect.startswith(("default-", "discriminator-"))


@dataclass(slots=True, eq=False)
class SchemaComparison:
    """What differs between two schemas at this node and below; below may lead back to itself."""

    old: Json
    new: Json
    cause: str
    differences: list[Difference] = field(default_factory=list)
    children: list[tuple[SchemaStep, "SchemaComparison"]] = field(default_factory=list)


class SchemaWalk:
    """Compares the schemas of two contracts in one direction, every pair once."""

    def __init__(self, old: Canonical, new: Canonical) -> None:
        self.old, self.new = old, new
        self._is_request = old.direction is Direction.REQUEST
        self._known: dict[tuple[int, int], SchemaComparison | None] = {}
        self._waiting: list[SchemaComparison] = []

    def compare(self, old: Json, new: Json, cause: str = "") -> SchemaComparison | None:
        """The comparison of two schemas; None when they mean the same. `cause` is the component they belong to."""
        common = _component(new) if _component(new) == _component(old) else None
        cause = _reference(new) or _reference(old) or common or cause
        old, new = self.old.target(old), self.new.target(new)
        key = id(old), id(new)
        if key not in self._known:
            if self._same(old, new):
                self._known[key] = None
            else:
                comparison = self._known[key] = SchemaComparison(old, new, cause)
                self._waiting.append(comparison)
                if len(self._waiting) == 1:
                    self._fill_all()
        return self._known[key]

    def _fill_all(self) -> None:
        """Fill the comparisons that wait; those below are added meanwhile, so that deep schemas need no deep stack."""
        position = 0
        while position < len(self._waiting):
            self._fill(self._waiting[position])
            position += 1
        self._waiting.clear()

    def _fill(self, comparison: SchemaComparison) -> None:
        before, after = self.old.node(comparison.old), self.new.node(comparison.new)
        found = comparison.differences
        if UNKNOWN in before or UNKNOWN in after:
            found.append(Difference("not-comparable"))
            return
        self._compare_nodes(comparison, before, after)
        invalid = {*before.get("x-invalid", ()), *after.get("x-invalid", ())}
        unread = [f"{dashed(keyword)}-" for keyword in invalid]
        if invalid & {*COMBINATORS}:
            unread += ["enum-", "type-", "became-", *(f"{dashed(keyword)}-" for keyword in COMBINATORS)]
        doubtful = [difference for difference in found if difference.aspect.startswith(tuple(unread))]
        # An invalid keyword has promised nothing; what it will come to mean is not known.
        if doubtful and ("x-invalid" in after or any(map(self._may_break, doubtful))):
            found[:] = [difference for difference in found if difference not in doubtful]
            found.append(Difference("not-comparable"))

    def _may_break(self, difference: Difference) -> bool:
        """Whether a difference may break someone when an invalid keyword of the old schema says nothing."""
        return RULES[f"{self.old.direction}-{difference.aspect}"].severity is not ChangeSeverity.SAFE

    def _compare_nodes(self, comparison: SchemaComparison, before: Schema, after: Schema) -> None:
        found = comparison.differences
        found.extend(self._annotations(comparison.old, comparison.new))
        if self._compare_variants(comparison, before, after):
            return
        found.extend(_types(before, after))
        found.extend(_values(before, after))
        found.extend(_bounds(before, after))
        found.extend(_keywords(before, after))
        self._compare_properties(comparison, before, after)
        self._compare_parts(comparison, before, after)
        self._compare_opaque(comparison, before, after)

    def _descend(self, comparison: SchemaComparison, step: SchemaStep, old: Json, new: Json) -> None:
        for side, schema in ((self.old, old), (self.new, new)):
            side.node(schema)  # so that what is not understood beside a change is named, whatever is searched later
        child = self.compare(old, new, comparison.cause)
        if child is not None:
            comparison.children.append((step, child))

    def _compare_properties(self, comparison: SchemaComparison, before: Schema, after: Schema) -> None:
        old, new = before.get("properties", {}), after.get("properties", {})
        was_required, is_required = set(before.get("required", ())), set(after.get("required", ()))
        for name in {**old, **new}:
            if name in old and name in new:
                self._descend(comparison, SchemaStep("property", name, name), old[name], new[name])
            elif name in old:
                comparison.differences.append(self._removed(name, old[name], before, after))
                for schema in of_unnamed(after, name):
                    self._descend(comparison, SchemaStep("property", name, name), old[name], schema)
            else:
                comparison.differences.append(self._added(name, new[name], before, after))
                for schema in of_unnamed(before, name):
                    self._descend(comparison, SchemaStep("property", name, name), schema, new[name])
        gone, come = old.keys() - new.keys(), new.keys() - old.keys()
        comparison.differences.extend(
            Difference("property-became-required", name) for name in sorted(is_required - was_required - come)
        )
        comparison.differences.extend(
            Difference("property-became-optional", name) for name in sorted(was_required - is_required - gone)
        )

    def _removed(self, name: str, schema: Json, before: Schema, after: Schema) -> Difference:
        if name in after.get("x-hidden", ()):
            was_promised = not self._is_request and name in before.get("required", ())
            return Difference(f"{'required-' if was_promised else ''}property-became-hidden", name)
        if self._is_request and is_closed(after, name):
            return Difference("property-removed-from-closed-object", name, schema)
        kind = "required" if name in before.get("required", ()) else "optional"
        return Difference(f"{kind}-property-removed", name, schema)

    def _added(self, name: str, schema: Json, before: Schema, after: Schema) -> Difference:
        required = name in after.get("required", ())
        if name in before.get("x-hidden", ()) and not (required and self._is_request):
            return Difference("property-became-visible", name)
        if not self._is_request and is_closed(before, name):
            return Difference("property-added-to-closed-object", name, None, schema)
        return Difference(f"{'required' if required else 'optional'}-property-added", name, None, schema)

    def _compare_parts(self, comparison: SchemaComparison, before: Schema, after: Schema) -> None:
        """additionalProperties, patternProperties, items and prefixItems."""
        old, new = before.get("additionalProperties", True), after.get("additionalProperties", True)
        if isinstance(old, dict) and isinstance(new, dict):
            self._descend(comparison, SchemaStep("additional", "", ""), old, new)
        elif openness(old) != openness(new):
            aspect = "narrowed" if openness(new) < openness(old) else "widened"
            comparison.differences.append(Difference(f"additional-properties-{aspect}", "", old, new))
        patterns = before.get("patternProperties", {}), after.get("patternProperties", {})
        for pattern in {**patterns[0], **patterns[1]}:
            if pattern in patterns[0] and pattern in patterns[1]:
                step = SchemaStep("pattern", pattern, pattern)
                self._descend(comparison, step, patterns[0][pattern], patterns[1][pattern])
            else:
                aspect = "removed" if pattern in patterns[0] else "added"
                comparison.differences.append(Difference(f"pattern-property-{aspect}", pattern))
        if "items" in before and "items" in after:
            self._descend(comparison, SchemaStep("items", "", ""), before["items"], after["items"])
        elif "items" in before or "items" in after:
            comparison.differences.append(Difference(f"items-{'unset' if 'items' in before else 'set'}"))
        firsts = before.get("prefixItems", []), after.get("prefixItems", [])
        for index, (one, other) in enumerate(zip(*firsts, strict=False)):
            self._descend(comparison, SchemaStep("prefix", index, index), one, other)
        if len(firsts[0]) != len(firsts[1]):
            aspect = "removed" if len(firsts[0]) > len(firsts[1]) else "added"
            comparison.differences.append(Difference(f"prefix-items-{aspect}", "", len(firsts[0]), len(firsts[1])))

    def _compare_variants(self, comparison: SchemaComparison, before: Schema, after: Schema) -> bool:
        """anyOf and oneOf; True when that was all there is to compare."""
        whole = False
        taker, side = (after, self.new) if self._is_request else (before, self.old)
        if (
            len(taker.get("oneOf", ())) > 1
            and not self._same(before.get("oneOf"), after.get("oneOf"))
            and not are_apart(side, taker["oneOf"])
        ):
            comparison.differences.append(Difference("one-of-overlap", "oneOf"))
        for union, name in (("anyOf", "any-of"), ("oneOf", "one-of")):
            old, new = before.get(union), after.get(union)
            if (old is None) == (new is None):
                if old is None or new is None:
                    continue
            elif old is None and set(after) <= {union}:
                old, whole = [comparison.old], True
            elif new is None and set(before) <= {union}:
                new, whole = [comparison.new], True
            else:
                comparison.differences.append(Difference(f"{name}-{'added' if old is None else 'removed'}"))
                continue
            assert old is not None
            assert new is not None
            pairs, gone, come = pair_variants(self.old, self.new, old, new)
            for one, other in pairs:
                # A side that is not a union counts as its own only variant: no step down.
                step = SchemaStep(union, one if union in before else "", other if union in after else "")
                self._descend(comparison, step, old[one], new[other])
            comparison.differences.extend(
                Difference(
                    f"{name}-variant-removed", str(index), old[index], label=variant_name(self.old, old[index], index)
                )
                for index in gone
            )
            comparison.differences.extend(
                Difference(
                    f"{name}-variant-added",
                    str(index),
                    None,
                    new[index],
                    label=variant_name(self.new, new[index], index),
                )
                for index in come
            )
        return whole

    def _compare_opaque(self, comparison: SchemaComparison, before: Schema, after: Schema) -> None:
        """Keywords whose values are only compared for equality."""
        for keyword in _OPAQUE:
            if (keyword in before) != (keyword in after):
                aspect = "removed" if keyword in before else "added"
                comparison.differences.append(Difference(f"{dashed(keyword)}-{aspect}", keyword))
            elif keyword in before and not self._same(before[keyword], after[keyword]):
                if self._same_form(keyword, before[keyword], after[keyword]):
                    for old, new in _schema_pairs(keyword, before[keyword], after[keyword]):
                        self._descend(comparison, SchemaStep("opaque", keyword, keyword), old, new)
                else:
                    comparison.differences.append(Difference(f"{dashed(keyword)}-changed", keyword))

    def _same(self, old: Json, new: Json) -> bool:
        """Whether two parts mean the same, with all that they refer to."""
        return self.old.contract.digest(old) == self.new.contract.digest(new)

    @staticmethod
    def _same_form(keyword: str, old: Json, new: Json) -> bool:
        """Whether two values of a keyword hold schemas that can be compared one by one."""
        if keyword in SCHEMA_LISTS:
            return len(old) == len(new)
        if keyword in SCHEMA_MAPS:
            return bool(old.keys() == new.keys())
        return keyword in SINGLE_SCHEMAS

    def _annotations(self, old: Json, new: Json) -> Iterator[Difference]:
        deprecated = (
            annotation(self.old, old, "deprecated") or False,
            annotation(self.new, new, "deprecated") or False,
        )
        if deprecated[0] != deprecated[1]:
            yield Difference("deprecated" if deprecated[1] else "reactivated")
        before, after = annotation(self.old, old, "default"), annotation(self.new, new, "default")
        if before != after:
            aspect = "added" if before is None else "removed" if after is None else "changed"
            yield Difference(f"default-{aspect}", "", before, after)
        before, after = annotation(self.old, old, "discriminator"), annotation(self.new, new, "discriminator")
        if before != after:
            aspect = "added" if before is None else "removed" if after is None else "changed"
            yield Difference(f"discriminator-{aspect}", "", before, after)


def _schema_pairs(keyword: str, old: Json, new: Json) -> Iterator[tuple[Json, Json]]:
    if keyword in SCHEMA_LISTS:
        yield from zip(old, new, strict=True)
    elif keyword in SCHEMA_MAPS:
        yield from ((old[name], new[name]) for name in old)
    else:
        yield old, new


def _types(before: Schema, after: Schema) -> Iterator[Difference]:
    old, new = _accepted(before), _accepted(after)
    if "type" in before and "type" in after and ("null" in old) != ("null" in new) and old != {"null"} != new:
        yield Difference("became-nullable" if "null" in new else "became-not-nullable")
        old, new = old - {"null"}, new - {"null"}
    if old != new:
        aspect = "narrowed" if new < old else "widened" if old < new else "changed"
        yield Difference(f"type-{aspect}", "", before.get("type"), after.get("type"))


def _accepted(node: Schema) -> frozenset[str]:
    names = frozenset(node.get("type", TYPES))
    return names | {"integer"} if "number" in names else names


def _values(before: Schema, after: Schema) -> Iterator[Difference]:
    old, new = before.get("enum"), after.get("enum")
    if old is None and new is None:
        return
    if old is None or new is None:
        yield Difference("enum-set" if old is None else "enum-unset", "", old, new)
        return
    typed = "type" in before and "type" in after  # then null is reported as nullability
    gone = [value for value in old if not holds(new, value) and not (typed and value is None)]
    come = [value for value in new if not holds(old, value) and not (typed and value is None)]
    for value in gone:
        yield Difference("enum-value-removed", str(value), value)
    for value in come:
        yield Difference("enum-value-added", str(value), None, value)


def _bounds(before: Schema, after: Schema) -> Iterator[Difference]:
    for keyword in BOUNDS:
        old, new = before.get(keyword), after.get(keyword)
        if keyword in _AT_LEAST_ZERO:
            old, new = old or None, new or None
        if keyword == "minContains" and "contains" in before and "contains" in after and {old, new} & {0, 1}:
            # Where nothing is said, it is one.
            old, new = (1 if old is None else old), (1 if new is None else new)
        if old != new:
            aspect = "set" if old is None else "unset" if new is None else "increased" if new > old else "decreased"
            yield Difference(f"{dashed(keyword)}-{aspect}", keyword, old, new)


def _keywords(before: Schema, after: Schema) -> Iterator[Difference]:
    for keyword in ("multipleOf", "pattern", "format", "contentEncoding", "contentMediaType"):
        old, new = before.get(keyword), after.get(keyword)
        if old != new:
            aspect = "set" if old is None else "unset" if new is None else "changed"
            yield Difference(f"{dashed(keyword)}-{aspect}", keyword, old, new)
    if before.get("uniqueItems", False) != after.get("uniqueItems", False):
        yield Difference(f"unique-items-{'set' if after.get('uniqueItems') else 'unset'}", "uniqueItems")


_AT_LEAST_ZERO = {"minLength", "minItems", "minProperties"}
_OPAQUE = (
    *("allOf", "not", "if", "then", "else", "contains"),
    *(
        "propertyNames",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedProperties",
        "unevaluatedItems",
        "contentSchema",
    ),
)


def _reference(schema: Json) -> str | None:
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    return reference if isinstance(reference, str) else None


def _component(schema: Json) -> str | None:
    """The component that a schema stands for: by reference, or by a union or allOf of it alone, null aside."""
    if not isinstance(schema, dict) or _reference(schema):
        return _reference(schema)
    for keyword in COMBINATORS:
        if members := listing(schema, keyword):
            named = [_reference(member) for member in members if member != {"type": "null"}]
            return named[0] if len(named) == 1 else None
    return None


def annotation(canonical: Canonical, schema: Json, keyword: str, passed: set[int] | None = None) -> Any:
    """An annotation of a schema, of what it refers to, or of a member of its allOf."""
    passed = set() if passed is None else passed
    if not isinstance(schema, dict) or id(schema) in passed:
        return None
    passed.add(id(schema))
    if keyword in schema:
        return schema[keyword]
    is_reference = isinstance(schema.get("$ref"), str)
    inner = [canonical.contract.resolve(schema)] if is_reference else listing(schema, "allOf")
    return next((value for part in inner if (value := annotation(canonical, part, keyword, passed)) is not None), None)
