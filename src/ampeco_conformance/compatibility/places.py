"""Finds the places where two compared schemas differ: paths from the root, the shortest first.

A comparison is a graph that may lead back to itself, and the number of paths through it grows without bounds. The first
paths are all listed; after those, every comparison is passed once, so that no difference is lost.
"""

from collections import deque
from collections.abc import Callable, Iterator

from ampeco_conformance.compatibility.rules.model import dashed
from ampeco_conformance.compatibility.schema_diff import Difference, SchemaComparison, SchemaStep

DifferencePath = tuple[tuple[SchemaStep, SchemaComparison], ...]

_MOST_PATHS = 300


def places(root: SchemaComparison) -> Iterator[tuple[DifferencePath, Difference]]:
    """Every difference with paths to it; a path passes no comparison twice, and none that leads nowhere."""
    leading = _leading(root, lambda _: True)
    asserting: set[int] | None = None
    waiting: deque[tuple[SchemaComparison, DifferencePath]] = deque([(root, ())])
    known, count = {id(root)}, 0
    while waiting:
        comparison, path = waiting.popleft()
        count += 1
        for difference in comparison.differences:
            yield path, difference
        opaque = [(str(step.new), id(child)) for step, child in comparison.children if step.kind == "opaque"]
        if opaque:
            asserting = _leading(root, lambda found: not found.is_annotation) if asserting is None else asserting
            for keyword in sorted({name for name, child in opaque if child in asserting}):
                yield path, Difference(f"{dashed(keyword)}-changed", keyword)
        below = [(step, child) for step, child in comparison.children if id(child) in leading and step.kind != "opaque"]
        if not below:
            continue
        passed = {id(root), *(id(earlier) for _, earlier in path)}
        for step, child in below:
            if id(child) not in passed and (id(child) not in known or count < _MOST_PATHS):
                known.add(id(child))
                waiting.append((child, (*path, (step, child))))


def _leading(root: SchemaComparison, counts: Callable[[Difference], bool]) -> set[int]:
    """The comparisons from which a difference that counts can be reached."""
    parents: dict[int, list[int]] = {id(root): []}
    waiting, found = [root], []
    while waiting:
        comparison = waiting.pop()
        if any(map(counts, comparison.differences)):
            found.append(id(comparison))
        for _, child in comparison.children:
            if id(child) not in parents:
                parents[id(child)] = []
                waiting.append(child)
            parents[id(child)].append(id(comparison))
    leading: set[int] = set()
    while found:
        current = found.pop()
        if current not in leading:
            leading.add(current)
            found.extend(parents[current])
    return leading
