"""A schema as a tree of what is still to be seen; branches in which nothing is left are cut off."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from ampeco_conformance.contract.json_schema import COMBINATORS, HIDDEN_BY, Direction
from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.specs.walking import escape_pointer

Reach = Callable[[CoverageKind, str], None]
"""Called with the kind and the place of something that a value reaches."""
Point = tuple[CoverageKind, str]
"""One thing to reach in an operation: its kind, and its place in the operation."""
_DEEPEST = 12


class Watcher(Protocol):
    """Watches the values at one place until there is nothing left to see."""

    @property
    def points(self) -> list[Point]:
        """What is left to reach."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to reach."""

    def see(self, value: Any, reach: Reach) -> None:
        """Report what a value reaches for the first time."""


Watch = Callable[[str, Sequence[Mapping[str, Any]]], Iterable[Watcher]]
"""The watchers of a place, which has alternative schemas without references and combinators."""


class SchemaTree:
    """The watchers of a value, and the trees of its parts."""

    __slots__ = ("_items", "_properties", "_rest", "_watchers")

    def __init__(
        self,
        watchers: list[Watcher],
        properties: dict[str, "SchemaTree"],
        items: "SchemaTree | None",
        rest: "SchemaTree | None",
    ) -> None:
        self._watchers = watchers
        self._properties = properties
        self._items = items
        self._rest = rest

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to reach."""
        return not (self._watchers or self._properties or self._items or self._rest)

    def points(self) -> Iterator[Point]:
        """What is left to reach."""
        for watcher in self._watchers:
            yield from watcher.points
        for part in (*self._properties.values(), self._items, self._rest):
            if part is not None:
                yield from part.points()

    def see(self, value: Any, reach: Reach) -> None:
        """Report what a value reaches for the first time."""
        if self._watchers:
            for watcher in self._watchers:
                watcher.see(value, reach)
            self._watchers = [watcher for watcher in self._watchers if not watcher.is_done]
        if isinstance(value, dict):
            self._see_object(value, reach)
        elif isinstance(value, list):
            for item in value:
                if self._items is None:
                    break
                self._items.see(item, reach)
                self._items = None if self._items.is_done else self._items

    def _see_object(self, value: Mapping[str, Any], reach: Reach) -> None:
        for name in [name for name in self._properties if name in value]:
            part = self._properties[name]
            part.see(value[name], reach)
            if part.is_done:
                del self._properties[name]
        if self._rest is not None:
            for item in value.values():
                self._rest.see(item, reach)
            self._rest = None if self._rest.is_done else self._rest


def schema_tree(
    schemas: Schemas, schema: Mapping[str, Any], direction: Direction, place: str, watch: Watch
) -> SchemaTree:
    """The tree of a schema, whose root is called `place`."""
    return _Builder(schemas, HIDDEN_BY[direction], watch).tree([schema], place, frozenset(), 0)


class _Builder:
    def __init__(self, schemas: Schemas, hidden: str, watch: Watch) -> None:
        self._schemas = schemas
        self._hidden = hidden
        self._watch = watch

    def tree(
        self, alternatives: Sequence[Mapping[str, Any]], place: str, above: frozenset[str], depth: int
    ) -> SchemaTree:
        flat: list[Mapping[str, Any]] = []
        references = set(above)
        for schema in alternatives:
            self._flatten(schema, above, references, flat)
        properties: dict[str, list[Mapping[str, Any]]] = {}
        items: list[Mapping[str, Any]] = []
        rest: list[Mapping[str, Any]] = []
        for schema in flat if depth < _DEEPEST else ():
            for name, inner in schema.get("properties", {}).items():
                if not self._schemas.resolve(inner, "")[0].get(self._hidden):
                    properties.setdefault(name, []).append(inner)
            items += [schema["items"]] if isinstance(schema.get("items"), Mapping) else []
            more = schema.get("additionalProperties")
            rest += [more] if isinstance(more, Mapping) and more else []
        below = frozenset(references)

        def part(inner: Sequence[Mapping[str, Any]], name: str) -> SchemaTree:
            return self.tree(inner, f"{place}/{escape_pointer(name)}", below, depth + 1)

        trees = {name: part(inner, name) for name, inner in properties.items()}
        return SchemaTree(
            [watcher for watcher in self._watch(place, flat) if not watcher.is_done],
            {name: tree for name, tree in trees.items() if not tree.is_done},
            part(items, "*") if items else None,
            part(rest, "*") if rest else None,
        )

    def _flatten(
        self, schema: Mapping[str, Any], above: frozenset[str], references: set[str], flat: list[Mapping[str, Any]]
    ) -> None:
        """Collect a schema and its combined parts, without references to what it is a part of."""
        if "$ref" in schema:
            pointer = str(schema["$ref"])
            if pointer in above:
                return
            references.add(pointer)
        resolved, _ = self._schemas.resolve(schema, "")
        flat.append({key: value for key, value in resolved.items() if key not in COMBINATORS})
        for keyword in COMBINATORS:
            for part in resolved.get(keyword, ()):
                self._flatten(part, above, references, flat)
