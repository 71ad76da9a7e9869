"""Invalid requests are rejected: judged on requests that Schemathesis generated, and confirmed to be invalid.

Source: the parameters and the body of the operation, and its documented errors.
"""

from collections.abc import Iterator

from ampeco_conformance.contract.requests import invalid_inputs
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Reproduction, Severity, Violation, declare
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.specs import Operation

NEGATIVE_DATA_REJECTION = declare(
    "negative_data_rejection",
    title="Invalid requests are rejected",
    severity=Severity.NORMAL,
    claim="A request that breaks the specification is rejected with a documented 400 or 422 (404 for a path).",
    source="the parameters and the body of the operation, and its documented errors",
    aspect="operation",
    reproduction=Reproduction.STATUS,
)

# Statuses by which these APIs reject an invalid request; an operation that documents none of them may be lenient.
_REJECTIONS = frozenset({"400", "422"})
_REJECTIONS_OF_PATHS = _REJECTIONS | {"404"}


def accepted_invalid_violations(
    contract: ApiContract, operation: Operation, exchange: Exchange, status: int
) -> Iterator[Violation]:
    """A violation when a request was accepted with `status` although it is invalid beyond doubt."""
    documented = contract.documented_statuses(operation)
    for invalid in invalid_inputs(contract, operation, exchange):
        rejections = _REJECTIONS_OF_PATHS if invalid.location.startswith("path ") else _REJECTIONS
        if expected := documented & rejections:
            yield NEGATIVE_DATA_REJECTION.violation(
                f"an invalid request was accepted with {status}: {invalid.location} {invalid.reason}",
                invalid.location,
                expected=" or ".join(sorted(expected)),
                actual=status,
                kind=invalid.keyword,
            )
            return
