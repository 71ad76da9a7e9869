"""From broken rules, as the checks of single aspects tell them, to findings."""

from collections.abc import Iterable

from ampeco_conformance.checks.pagination import Violation
from ampeco_conformance.checks.registry import check_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.specs import Operation


def findings_of(
    contract: ApiContract, operation: Operation, exchange: Exchange, violations: Iterable[Violation]
) -> list[Finding]:
    """The findings of one exchange, as severe as the registry says."""
    return [
        contract.finding(
            operation,
            exchange,
            check,
            sentence,
            check_of(check).severity,
            location=location,
            expected=expected,
            actual=actual,
        )
        for check, sentence, location, expected, actual in violations
    ]
