"""How much of what the specification documents a run reached, and why the rest was not."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.coverage.all_points import DocumentedPoints, documented_points
from ampeco_conformance.coverage.kinds import MEANINGS, CoverageKind
from ampeco_conformance.coverage.schema_tree import Point
from ampeco_conformance.reporting.reachability import Reachability, labelled, reachability
from ampeco_conformance.reporting.text import normalised
from ampeco_conformance.specs import load_specification

#: Where a reason begins to quote a response, which differs for every operation.
_QUOTATION = re.compile(r"\s*(?:\{[\"}]|\[[\[{\"\]]|<)")
#: The aspects whose tests state what they reach, by kind.
_STATED_BY = {
    CoverageKind.FILTERS: ("filters",),
    CoverageKind.CHANGED_FIELDS: ("write", "existing"),
    CoverageKind.BROKEN_REFERENCES: ("unknown_reference",),
    CoverageKind.CREDENTIALS: ("authentication",),
    CoverageKind.HOSTILE_REQUESTS: ("reads_agree", "hostile_query", "hostile_body"),
}
_NEEDS_SUCCESS = frozenset(
    {
        *(CoverageKind.PARAMETERS_ALONE, CoverageKind.PARAMETERS_TOGETHER, CoverageKind.PARAMETER_BOUNDS),
        *(CoverageKind.REQUEST_FIELDS, CoverageKind.REQUEST_ENUMS, CoverageKind.FILTER_ENUMS),
    }
)
#: What it takes to be answered a status, where a request alone does not do.
_STATUS_CAUSES = {
    "403": "403: no token was used that may not call the operation",
    "406": "406: the charge point or partner never refused the command",
    "409": "409: nothing was in its way",
    "429": "429: the target was not driven into its rate limit",
    "501": "501: the feature is there",
}
_NOT_REACHED = {
    CoverageKind.PARAMETERS_ALONE: "never sent alone in a request that succeeded",
    CoverageKind.PARAMETERS_TOGETHER: "never sent with another one in a request that succeeded",
    CoverageKind.PARAMETER_BOUNDS: "never sent in a request that succeeded",
    CoverageKind.REQUEST_FIELDS: "never sent in a request that succeeded",
    CoverageKind.RESPONSE_FIELDS: "no response showed it",
    CoverageKind.REQUEST_ENUMS: "never sent in a request that succeeded",
    CoverageKind.RESPONSE_ENUMS: "no response showed it",
    CoverageKind.FILTER_ENUMS: "never sent in a request that succeeded",
    CoverageKind.VALID_KEYWORDS: "no value was sent that satisfies it",
    CoverageKind.INVALID_KEYWORDS: "no value was sent that violates it",
    CoverageKind.FILTERS: "the test of filters ended before it",
    CoverageKind.CHANGED_FIELDS: "the test of the resource ended before it",
    CoverageKind.BROKEN_REFERENCES: "the body with it would break the schema",
    CoverageKind.CREDENTIALS: "the test of authentication ended before it",
    CoverageKind.HOSTILE_REQUESTS: "the test of robustness ended before it",
}


@dataclass(frozen=True, slots=True)
class Unreached:
    """What was not reached for one reason: how much, and the places by operation."""

    reason: str
    count: int
    places: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class KindCoverage:
    """The coverage of one kind (see coverage/kinds.py), in total and by operation: how many were reached, of how many.

    An operation that documents nothing of the kind is left out. `unreachable` is what no request can reach; it is not
    counted.
    """

    kind: str
    meaning: str
    reached: int
    total: int
    percent: float
    unreached: Sequence[Unreached]
    unreachable: Sequence[Unreached]
    operations: Mapping[str, tuple[int, int]]


def coverage_of(api: str, results: Sequence[ItemResult]) -> list[KindCoverage]:
    """The coverage of all operations that have items in a run, for every kind that they document something of."""
    if not any(result.coverage for result in results):
        # An earlier release wrote the results.
        return []
    points = _points(api, results)
    run = _CoveredRun(labelled(results))
    found: list[KindCoverage] = []
    for kind in CoverageKind:
        totals = {label: places for label, known in points.items() if (places := _places(known.reachable, kind))}
        if not totals:
            continue
        left = {label: places - run.reached(kind, label) for label, places in totals.items()}
        counts = {label: (len(places) - len(left[label]), len(places)) for label, places in totals.items()}
        reached, total = (sum(numbers) for numbers in zip(*counts.values(), strict=True))
        percent = round(100 * reached / total, 2)
        unreached = _grouped(left, partial(run.reason, kind))
        excluded = {label: _places(known.unreachable, kind) for label, known in points.items()}
        unreachable = _grouped(excluded, partial(_why_unreachable, points, kind))
        found.append(KindCoverage(kind.value, MEANINGS[kind], reached, total, percent, unreached, unreachable, counts))
    return found


def _why_unreachable(points: Mapping[str, DocumentedPoints], kind: CoverageKind, label: str, place: str) -> str:
    return points[label].unreachable[kind, place]


def _places(points: Iterable[Point], kind: CoverageKind) -> set[str]:
    return {place for known, place in points if known is kind}


def _points(api: str, results: Sequence[ItemResult]) -> dict[str, DocumentedPoints]:
    """What each operation that has items documents."""
    selected = {(result.api_version, result.operation) for result in results if result.operation}
    versions = {version for version, _ in selected if version is not None}
    points: dict[str, DocumentedPoints] = {}
    for version in sorted(versions):
        contract = contract_of(load_specification(version, api))
        for operation in contract.specification.operations:
            if (version, operation.label) in selected:
                label = operation.label if len(versions) == 1 else f"v{version} {operation.label}"
                points[label] = documented_points(contract, operation)
    return points


class _CoveredRun:
    """What the items of a run reached, and what is known of the reasons why they did not reach the rest."""

    def __init__(self, results: Sequence[ItemResult]) -> None:
        self._reach_of = reachability(results)
        self._reached: dict[tuple[str, str], set[str]] = {}
        self._gaps: dict[tuple[str, str, str], str] = {}
        self._ended: dict[tuple[str, str], str] = {}
        for result in results:
            for kind, by_label in result.coverage.items():
                for label, places in by_label.items():
                    self._reached.setdefault((kind, label), set()).update(places)
            for kind, reasons in result.gaps.items():
                for label, by_place in reasons.items():
                    self._gaps |= {(kind, label, place): reason for place, reason in by_place.items()}
            if result.operation and result.aspect and result.status != "passed":
                self._ended[result.aspect, result.operation] = result.reason or f"the item {result.status}"
            elif result.operation and result.aspect:
                self._ended[result.aspect, result.operation] = ""

    def reached(self, kind: CoverageKind, label: str) -> set[str]:
        """What was reached of a kind in an operation."""
        return self._reached.get((kind.value, label), set())

    def reason(self, kind: CoverageKind, label: str, place: str) -> str:
        """Why something was not reached."""
        stated = self._gaps.get((kind.value, label, place))
        if stated is not None:
            return _QUOTATION.split(stated)[0]
        if kind in _STATED_BY:
            return self._stated(kind, label)
        reach = self._reach_of.get(label, Reachability(reached=False, cause="not tested"))
        if not reach.statuses:
            return f"the operation was not called: {reach.cause}"
        status = _status(kind, place)
        if status is not None and status not in self.reached(CoverageKind.STATUSES, label):
            return _unprovoked(label, status)
        if not reach.reached and kind in _NEEDS_SUCCESS:
            return f"the operation did not succeed: {reach.cause}"
        return _NOT_REACHED[kind]

    def _stated(self, kind: CoverageKind, label: str) -> str:
        ended = [self._ended[aspect, label] for aspect in _STATED_BY[kind] if (aspect, label) in self._ended]
        if not ended:
            return f"no item of this run tests it ({' or '.join(_STATED_BY[kind])})"
        return _QUOTATION.split(next(filter(None, ended), _NOT_REACHED[kind]))[0]


def _unprovoked(label: str, status: str) -> str:
    """Why an operation did not answer a status."""
    if status == "404" and "{" not in label:
        return "no request was answered 404: the path names nothing that could be missing"
    return f"no request was answered {_STATUS_CAUSES.get(status, status)}"


def _status(kind: CoverageKind, place: str) -> str | None:
    """The status that has to be seen first; None where that does not matter."""
    if kind in (CoverageKind.STATUSES, CoverageKind.FORBIDDEN, CoverageKind.NOT_FOUND):
        return place
    if kind in (CoverageKind.RESPONSE_FIELDS, CoverageKind.RESPONSE_ENUMS):
        return place.partition("/")[0].partition(" ")[0]
    return None


def _grouped(left: Mapping[str, set[str]], reason_of: Callable[[str, str], str]) -> list[Unreached]:
    """What is left, by reason; the most frequent reason first."""
    by_reason: dict[str, tuple[str, dict[str, list[str]]]] = {}
    for label, places in left.items():
        for place in sorted(places):
            reason = reason_of(label, place)
            _, known = by_reason.setdefault(normalised(reason), (reason, {}))
            known.setdefault(label, []).append(place)
    found = (Unreached(reason, sum(map(len, places.values())), places) for reason, places in by_reason.values())
    return sorted(found, key=lambda unreached: (-unreached.count, unreached.reason))
