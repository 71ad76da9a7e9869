"""What every response is judged by, whatever the request was sent for."""

from collections.abc import Iterator

from ampeco_conformance.checks.addressing import AddressedResources
from ampeco_conformance.checks.chronology import Chronology
from ampeco_conformance.checks.disclosure import Disclosures
from ampeco_conformance.checks.headers import (
    ambiguous_header_violations,
    bare_limit_violations,
    charset_violations,
)
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.recording.own_checks import load_entry_points, own_violations
from ampeco_conformance.specs import Operation


class PassingChecks:
    """Judges every response of one process; what an operation shows more than once is reported once."""

    def __init__(self, contract: ApiContract, *tokens: str) -> None:
        self._contract = contract
        self._disclosures = Disclosures(contract, *tokens)
        self._addressed = AddressedResources(contract)
        self._chronology = Chronology(contract)
        self._reported: set[tuple[str, str, str]] = set()
        load_entry_points()

    def learn(self, token: str) -> None:
        """Look for another token of the run too."""
        self._disclosures.learn(token)

    def news(self, operation: Operation, exchange: Exchange) -> Iterator[Finding]:
        """The findings in a response that are new."""
        violations = [
            *self._disclosures.violations(operation, exchange),
            *self._addressed.violations(operation, exchange),
            *self._chronology.violations(operation, exchange),
            *bare_limit_violations(self._contract.specification.api, exchange),
            *charset_violations(exchange),
            *ambiguous_header_violations(exchange),
            *own_violations(exchange),
        ]
        for finding in self._contract.findings(operation, exchange, violations):
            key = (finding.check, finding.operation, finding.location)
            if key not in self._reported:
                self._reported.add(key)
                yield finding
