"""Proves the differences of two contracts in one direction: each cause at some places, where it follows at others."""

from dataclasses import dataclass, field

from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.containment import Containment
from ampeco_conformance.compatibility.contracts import Json
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

    def __init__(self, old: Canonical, new: Canonical) -> None:
        self.sides = {"old": Side(old), "new": Side(new)}
        self._searches: dict[tuple[str, bool], WitnessSearch] = {}
        self._containments: dict[str, Containment] = {}
        self._causes: dict[tuple[int, str, str, bool], _SharedCause] = {}
        self._harmless: dict[tuple[str, int, str], bool] = {}
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
        if len(path) > _DEEPEST:
            return Proof(False)
        if self._spent >= _MOST_SEARCHES or cause.failures >= _MOST_WITNESSES:
            return Proof(bool(cause.witnesses) and edges <= cause.edges)
        self._spent += 1
        search = self._search(giver, retired)
        found = search.prove(root, path, difference)
        if found is None:
            cause.failures += 1
            return Proof(False)
        cause.witnesses += 1
        cause.edges |= edges
        is_request = self.sides[giver].canonical.direction is Direction.REQUEST
        return Proof(True, found, search.control(root, path) if is_request else None)

    def is_harmless(self, giver: str, root: SchemaComparison, path: DifferencePath, difference: Difference) -> bool:
        """Whether the other side certainly allows all that the giver allows at a place, or in a union around it."""
        around = [root, *(child for _, child in path)]
        unions = [place for place, (step, _) in zip(around, path, strict=False) if step.kind in _UNIONS]
        return any(self._contains(giver, place, difference) for place in (around[-1], *unions))

    def _contains(self, giver: str, place: SchemaComparison, difference: Difference) -> bool:
        """Whether one place is contained in the other side, whole or as far as a keyword goes."""
        key = giver, id(place), difference.aspect
        if key not in self._harmless:
            taker = "new" if giver == "old" else "old"
            given, taken = (
                side.canonical.node(place.old if name == "old" else place.new)
                for name, side in ((giver, self.sides[giver]), (taker, self.sides[taker]))
            )
            if giver not in self._containments:
                side = self.sides[taker]
                canonical = self.sides[giver].canonical
                self._containments[giver] = Containment(canonical, side.canonical, side.validation)
            proves = self._containments[giver].proves
            only = {name: taken[name] for name in keywords_of(difference.aspect) if name in taken}
            self._harmless[key] = proves(given, taken) or (bool(only) and proves(given, only))
        return self._harmless[key]

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
