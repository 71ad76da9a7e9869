"""Proves the differences of two contracts in one direction: each cause at some places, where it follows at others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ampeco_conformance.compatibility.algebra import SchemaAlgebra
from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.containment import Containment
from ampeco_conformance.compatibility.contracts import Json
from ampeco_conformance.compatibility.deadlines import TimeLimit
from ampeco_conformance.compatibility.places import DifferencePath
from ampeco_conformance.compatibility.schema_diff import Difference, SchemaComparison, SchemaStep
from ampeco_conformance.compatibility.witnesses import Side, WitnessProof, WitnessSearch, keywords_of
from ampeco_conformance.contract.json_schema import Direction

_MOST_WITNESSES = 8
"""Places of one cause that get a witness of their own."""

_MOST_SEARCHES = 4_000
"""Searches of one comparison in one direction, however many places there are."""

_DEEPEST = 80
"""Steps down to a place that a witness is built for."""

_UNIONS = ("anyOf", "oneOf")
_CONDITIONAL = {
    *("anyOf", "oneOf", "allOf", "not", "if", "dependentSchemas", "dependentRequired", "patternProperties"),
    *("minProperties", "maxProperties", "uniqueItems", "contains", "propertyNames"),
    *("unevaluatedProperties", "unevaluatedItems"),
}
"""Keywords that may let a part of a value pass or fail because of something else than its own schema."""

_ENVELOPE_STEPS = 2
"""Steps down to a parameter or a body, which are the same in every request and response."""

Edges = frozenset[tuple[int, SchemaStep]]


@dataclass(slots=True)
class _SharedCause:
    witnesses: int = 0
    failures: int = 0
    edges: set[tuple[int, SchemaStep]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether a difference breaks at a place; without a witness of its own it follows from the places that have one."""

    breaks: bool
    witness: WitnessProof | None = None
    control: Json = None
    """A value of the other side that has something at the same place."""


class Proofs:
    """The proofs of one comparison in one direction."""

    def __init__(self, old: Canonical, new: Canonical, deadline: TimeLimit) -> None:
        self._deadline = deadline
        self.sides = {"old": Side(old), "new": Side(new)}
        self._searches: dict[tuple[str, bool], WitnessSearch] = {}
        self._containments: dict[str, Containment] = {}
        self._algebras: dict[str, SchemaAlgebra] = {}
        self._causes: dict[tuple[int, str, str, bool], _SharedCause] = {}
        self._harmless: dict[tuple[str, int, str], bool] = {}
        self._allowed: dict[Any, bool] = {}
        self._spent = 0

    def prove(
        self, giver: str, root: SchemaComparison, path: DifferencePath, difference: Difference, *, retired: bool
    ) -> Proof:
        """Whether a value that the giver ("old" or "new") allows is refused by the other one because of it."""
        place = path[-1][1] if path else root
        cause = self._causes.setdefault((id(place), difference.aspect, difference.subject, retired), _SharedCause())
        edges = self._edges(giver, root, path)
        if cause.witnesses >= _MOST_WITNESSES and edges <= cause.edges:
            return Proof(True)
        if len(path) > _DEEPEST or self._deadline.is_over:
            return Proof(False)
        if self._spent >= _MOST_SEARCHES or cause.failures >= _MOST_WITNESSES:
            return Proof(bool(cause.witnesses) and edges <= cause.edges)
        self._spent += 1
        search = self._search(giver, retired)
        found = search.prove(root, path, difference)
        if found is None and not retired:
            proposed = self._algebra(giver).counterexamples(*self._sides_of(giver, place))
            found = search.prove_by(proposed, root, path, difference)
        if found is None:
            cause.failures += 1
            return Proof(False)
        cause.witnesses += 1
        cause.edges |= edges
        is_request = self.sides[giver].canonical.direction is Direction.REQUEST
        return Proof(True, found, search.control(root, path) if is_request else None)

    def is_harmless(self, giver: str, root: SchemaComparison, path: DifferencePath, difference: Difference) -> bool:
        """Whether the other side certainly allows all that the giver allows at a place, or in a union around it."""
        if self._deadline.is_over:
            return False
        around = [root, *(child for _, child in path)]
        unions = [index for index, (step, _) in enumerate(path) if step.kind in _UNIONS]
        if any(self._contains(giver, place, difference) for place in (around[-1], *map(around.__getitem__, unions))):
            return True
        return any(self._others_allow(giver, around[index], path[index:]) for index in unions)

    def contains(self, giver: str, root: SchemaComparison) -> bool:
        """Whether the rules of containment prove that the other side allows all that the giver allows."""
        return not self._deadline.is_over and self._proves(giver, root)

    def _others_allow(self, giver: str, union: SchemaComparison, path: DifferencePath) -> bool:
        """Whether a union of the other side allows what one of its variants refuses at the end of a path."""
        key = giver, id(union), path[-1][1], tuple(step for step, _ in path)
        if key not in self._allowed:
            algebra = self._algebra(giver)
            only = algebra.difference(*self._sides_of(giver, path[-1][1]))
            only = None if only is None else _at_the_end(only, [step for step, _ in path])
            schemas = self._sides_of(giver, union)
            self._allowed[key] = only is not None and algebra.contains(*schemas, only=only) is True
        return self._allowed[key]

    def _algebra(self, giver: str) -> SchemaAlgebra:
        if giver not in self._algebras:
            taker = "new" if giver == "old" else "old"
            self._algebras[giver] = SchemaAlgebra(self.sides[giver].validation, self.sides[taker].validation)
        return self._algebras[giver]

    @staticmethod
    def _sides_of(giver: str, place: SchemaComparison) -> tuple[Json, Json]:
        """The schemas of a place: that of the giver, that of the other side."""
        return (place.old, place.new) if giver == "old" else (place.new, place.old)

    def _contains(self, giver: str, place: SchemaComparison, difference: Difference) -> bool:
        """Whether one place is contained in the other side, whole or as far as a keyword goes."""
        key = giver, id(place), difference.aspect
        if key not in self._harmless:
            keywords = keywords_of(difference.aspect)
            self._harmless[key] = (
                self._proves(giver, place)
                or self._proves(giver, place, keywords)
                or self._algebra(giver).contains(*self._sides_of(giver, place)) is True
            )
        return self._harmless[key]

    def _proves(self, giver: str, place: SchemaComparison, keywords: Sequence[str] = ()) -> bool:
        """Whether containment is proven at a place; with `keywords`, as far as some that the other side has go."""
        taker = "new" if giver == "old" else "old"
        if giver not in self._containments:
            side = self.sides[taker]
            self._containments[giver] = Containment(self.sides[giver].canonical, side.canonical, side.validation)
        schemas = self._sides_of(giver, place)
        given, taken = (
            self.sides[name].canonical.node(schema) for name, schema in zip((giver, taker), schemas, strict=True)
        )
        only = {name: taken[name] for name in keywords if name in taken} if keywords else taken
        return bool(only or not keywords) and self._containments[giver].proves(given, only)

    def _search(self, giver: str, retired: bool) -> WitnessSearch:
        key = giver, retired
        if key not in self._searches:
            taker = self.sides["new" if giver == "old" else "old"]
            self._searches[key] = WitnessSearch(self.sides[giver], taker, giver, retired=retired)
        return self._searches[key]

    def _edges(self, giver: str, root: SchemaComparison, path: DifferencePath) -> Edges:
        """The steps of a path at which a refusal may be lifted, or a value become impossible."""
        found = []
        parent = root
        for depth, (step, child) in enumerate(path):
            if depth < _ENVELOPE_STEPS:
                pass
            elif step.kind in _UNIONS or any(
                _CONDITIONAL & side.canonical.node(parent.old if name == "old" else parent.new).keys()
                for name, side in self.sides.items()
                if name == giver or step.kind not in ("property", "items")
            ):
                found.append((id(parent), step))
            parent = child
        return frozenset(found)


def _at_the_end(schema: Json, steps: Sequence[SchemaStep]) -> Json:
    """A schema of the values that have one of another schema at the end of some steps; None when it cannot be said."""
    if isinstance(schema, dict) and "$defs" in schema:
        return None
    for step in reversed(steps):
        if step.kind == "property":
            schema = {"type": "object", "required": [step.new], "properties": {step.new: schema}}
        elif step.kind == "items":
            schema = {"type": "array", "contains": schema}
        elif step.kind not in _UNIONS:
            return None
    return schema
