"""What the items of a run reach: read off every exchange, or stated by a test."""

from collections.abc import Iterable
from functools import partial

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.coverage.operation_points import OperationPoints
from ampeco_conformance.specs import Operation

#: Why something that takes turns was not tried.
ANOTHER_SEED = "it takes turns: a run with another seed tries it"


class CoverageRecord:
    """What one item reaches that no item of the process reached before it; and why a test could not reach something.

    Both by kind and operation.
    """

    def __init__(self) -> None:
        self.reached: dict[str, dict[str, list[str]]] = {}
        self.gaps: dict[str, dict[str, dict[str, str]]] = {}

    def reach(self, label: str, kind: CoverageKind, place: str) -> None:
        """Something was reached."""
        self.reached.setdefault(kind.value, {}).setdefault(label, []).append(place)

    def miss(self, label: str, kind: CoverageKind, place: str, reason: str) -> None:
        """A test could not reach something."""
        self.gaps.setdefault(kind.value, {}).setdefault(label, {})[place] = reason

    def share(self, label: str, kind: CoverageKind, tried: Iterable[str], places: Iterable[str]) -> None:
        """Of these places a run tries some, and the runs with the next seeds the others."""
        tried = [*tried]
        for place in tried:
            self.reach(label, kind, place)
        for place in places:
            if place not in tried:
                self.miss(label, kind, place, ANOTHER_SEED)


class CoverageObserver:
    """Reads off exchanges what they reach; one instance per process."""

    def __init__(self, contract: ApiContract) -> None:
        self._contract = contract
        self._points: dict[str, OperationPoints] = {}

    def observe(self, operation: Operation, exchange: Exchange, record: CoverageRecord) -> None:
        """Record what an exchange reaches for the first time."""
        points = self._points.get(operation.label)
        if points is None:
            points = self._points[operation.label] = OperationPoints(self._contract, operation)
        points.see(exchange, partial(record.reach, operation.label))
