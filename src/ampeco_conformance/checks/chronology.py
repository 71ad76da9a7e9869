"""The moments of one object come in the order of what they stand for: nothing ends before it begins.

Source: the date-time fields of a response that no request of its resource sets; what a client may set is the client's.
"""

from collections.abc import Iterator
from datetime import timedelta

from ampeco_conformance.checks.resource_fields import shown_properties, written_properties
from ampeco_conformance.contract.answers import answer_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Reproduction, Severity, Strictness, Violation, declare
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.moments import utc_moment
from ampeco_conformance.specs import Operation

MOMENTS_IN_ORDER = declare(
    "moments_in_order",
    title="Nothing ends before it begins",
    severity=Severity.NORMAL,
    claim="Of two moments that the server sets, such as `startedAt` and `stoppedAt`, the first is not the later one.",
    source="the date-time fields of the response; advice on tenants, whose charge points have clocks of their own",
    aspect="chronology",
    reproduction=Reproduction.SIGHT,
    on_tenants=Strictness.ADVISORY,
)

_IN_ORDER = (
    ("createdAt", "lastUpdatedAt"),
    ("createdAt", "updatedAt"),
    ("startedAt", "stoppedAt"),
    ("startedAt", "endedAt"),
    ("startTime", "endTime"),
    ("periodFrom", "periodTo"),
    ("periodStart", "periodEnd"),
    ("reservedAt", "canceledAt"),
    ("createdAt", "redeemedAt"),
    ("addedAt", "removedAt"),
)
#: One of the two may be rounded.
_A_SECOND = timedelta(seconds=1)


class Chronology:
    """Compares the moments of the objects in responses, where the operation documents them."""

    def __init__(self, contract: ApiContract) -> None:
        self._contract = contract
        self._pairs: dict[str, list[tuple[str, str]]] = {}

    def violations(self, operation: Operation, exchange: Exchange) -> Iterator[Violation]:
        """The moments in a successful response that are not in their order; one object shows each."""
        if operation.label not in self._pairs:
            self._pairs[operation.label] = ordered_pairs(self._contract, operation)
        pairs = self._pairs[operation.label]
        items = answer_of(exchange).items if pairs else []
        for first, second in pairs:
            for item in items:
                earlier, later = utc_moment(item.get(first)), utc_moment(item.get(second))
                if earlier is not None and later is not None and earlier - later > _A_SECOND:
                    message = f"{first} is {item[first]}, after {second}, which is {item[second]}"
                    yield MOMENTS_IN_ORDER.violation(
                        message, f"/data/{second}", expected=f"not before {item[first]}", actual=item[second]
                    )
                    break


def ordered_pairs(contract: ApiContract, operation: Operation) -> list[tuple[str, str]]:
    """The pairs of moments that the response of an operation documents, and that no request of its resource sets."""
    shown = shown_properties(contract, operation)
    collection = operation.path.rpartition("/{")[0] if operation.path.endswith("}") else operation.path
    written = {
        name
        for other in contract.specification.operations
        if other.method != "GET" and other.path.startswith(collection)
        for name, schema in written_properties(contract, other).items()
        if not schema.get("readOnly")
    }
    return [
        (first, second)
        for first, second in _IN_ORDER
        if all(
            name in shown and name not in written and shown[name][0].get("format") == "date-time"
            for name in (first, second)
        )
    ]
