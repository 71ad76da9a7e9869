"""What a run did with each operation: one row for the table of the first page."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.clusters import Cluster

#: The first of these that an item of an operation has is the status of the operation.
_WORST_FIRST = ("failed", "broken", "passed", "skipped")


@dataclass(slots=True)
class TestedOperation:
    """An operation in a version: status of its items, how it answered, and the causes it shows.

    `contract` says how the version is known to have it, and since when.
    """

    operation: str
    version: str
    tag: str
    contract: str
    items: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    causes: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The worst status of its items."""
        return next(status for status in _WORST_FIRST if self.items[status])

    @property
    def requests(self) -> int:
        """How many of its requests were answered."""
        return self.answers.total()


def operation_rows(
    results: Iterable[ItemResult], causes: Sequence[Cluster], contracts: Mapping[tuple[str, str], str]
) -> list[TestedOperation]:
    """The rows, by tag and operation. `contracts` says of operations and versions how they are known."""
    rows: dict[tuple[str, str], TestedOperation] = {}
    for result in results:
        if result.operation is None:
            continue
        version = result.api_version or ""
        key = (result.operation, version)
        row = rows.setdefault(key, TestedOperation(*key, result.tag or "", contracts.get(key, "")))
        row.items[result.status] += 1
        row.answers.update(result.answers.get(result.operation, {}))
        row.slowest = max([row.slowest, *result.milliseconds.get(result.operation, ())])
    for cause in causes:
        for (operation, version), row in rows.items():
            if operation in cause.operations and version in cause.versions:
                row.causes.append(cause.id)
    return sorted(rows.values(), key=lambda row: (row.tag, row.operation, row.version))
