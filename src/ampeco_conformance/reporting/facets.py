"""What the first page can be filtered by: tag, method, status, severity and owner of its cards and operations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ampeco_conformance.core.checks import Severity
from ampeco_conformance.reporting.clusters import BROKEN, Cluster
from ampeco_conformance.reporting.operations import TestedOperation

#: The facets, in the order of the page; a card or a row has several values of each.
NAMES = ("tag", "method", "status", "severity", "owner")
_ORDERS = {"severity": [str(severity) for severity in Severity], "status": ["failed", "broken", "passed", "skipped"]}


@dataclass(frozen=True, slots=True)
class Facets:
    """The facets of all cards and operations of a page."""

    causes: Sequence[Cluster]
    operations: Sequence[TestedOperation]

    def of_cause(self, cause: Cluster) -> dict[str, set[str]]:
        """The values of a card."""
        tags = {row.tag for row in self.operations if row.operation in cause.operations}
        status = "failed" if cause.is_counted else "broken" if cause.check == BROKEN else "passed"
        return {
            "tag": tags,
            "method": {operation.partition(" ")[0] for operation in cause.operations},
            "status": {status},
            "severity": {str(cause.severity)},
            "owner": set(cause.owner.split(", ")) if cause.owner else set(),
        }

    def of_operation(self, row: TestedOperation) -> dict[str, set[str]]:
        """The values of a row; severity and owner are those of the causes it shows."""
        shown = [cause for cause in self.causes if cause.id in row.causes]
        return {
            "tag": {row.tag},
            "method": {row.operation.partition(" ")[0]},
            "status": {row.status},
            "severity": {str(cause.severity) for cause in shown},
            "owner": {cause.owner for cause in shown if cause.owner},
        }

    def choices(self) -> dict[str, list[str]]:
        """The values to choose from, by facet; those that nothing has are left out."""
        found = [self.of_cause(cause) for cause in self.causes]
        found += [self.of_operation(row) for row in self.operations]
        values = {name: {value for entry in found for value in entry[name] if value} for name in NAMES}
        return {name: _ordered(name, values[name]) for name in NAMES if values[name]}


def attributes(values: dict[str, set[str]]) -> dict[str, str]:
    """The values as attributes of an element of the page."""
    return {f"data-{name}": "|".join(sorted(of_name)) for name, of_name in values.items() if of_name}


def _ordered(name: str, values: Iterable[str]) -> list[str]:
    order = _ORDERS.get(name, [])
    return sorted(values, key=lambda value: (order.index(value) if value in order else len(order), value))
