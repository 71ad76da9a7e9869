"""Reproduces a finding before it is reported.

Reads are repeated freely; a write only on an emulator, or when the target had rejected it as invalid, because then
nothing was changed. A finding of a read that cannot be reproduced is advisory.
"""

from ampeco_conformance.checks.acceptance import VALID_REQUEST_REFUSED
from ampeco_conformance.checks.registry import CHECKS
from ampeco_conformance.contract.requests import invalid_inputs
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.contract.undocumented import UndocumentedFinder
from ampeco_conformance.core.checks import Reproduction
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Certainty, Finding
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import Effect, effect

#: Statuses with which a target responds before it changes anything, whatever its state.
_REFUSED_UNCHANGED = frozenset({400, 401, 404, 405, 415, 422})
_TRIES = 10


class Reproducer:
    """Repeats, against one target, the request that showed a finding."""

    def __init__(self, client: ApiClient, contract: ApiContract, *, is_emulator: bool) -> None:
        self._client = client
        self._contract = contract
        self._is_emulator = is_emulator

    def certainty_of(self, finding: Finding) -> tuple[Certainty, str]:
        """How certain a finding is; and, when it is too doubtful to fail the run, why (else empty)."""
        if finding.check not in CHECKS:
            return Certainty.STATE_DEPENDENT, ""
        if finding.violation.check.reproduction in (Reproduction.TEST, Reproduction.COMPARISON):
            return Certainty.DETERMINISTIC, ""
        exchange = finding.exchange
        if exchange is None:
            return Certainty.UNPROVEN, ""
        operation = self._contract.operation_of(exchange.request.method, exchange.request.url)
        if operation is None:
            return Certainty.UNPROVEN, ""
        if finding.violation.check is VALID_REQUEST_REFUSED and invalid_inputs(self._contract, operation, exchange):
            return Certainty.UNPROVEN, "found on second sight that the request was invalid"
        if exchange.response is not None and exchange.response.status_code == 429:
            # The requests before it caused it; a repeated one waits, and gets another response.
            return Certainty.STATE_DEPENDENT, ""
        if effect(operation) is Effect.READ:
            return self._certainty_of_read(finding, operation, exchange)
        if self._is_emulator or (exchange.response and exchange.response.status_code in _REFUSED_UNCHANGED):
            again = self._shows_again(finding, operation, exchange)
            return Certainty.DETERMINISTIC if again else Certainty.STATE_DEPENDENT, ""
        return Certainty.UNPROVEN, ""

    def _certainty_of_read(self, finding: Finding, operation: Operation, exchange: Exchange) -> tuple[Certainty, str]:
        for attempt in range(_TRIES):
            if self._shows_again(finding, operation, exchange):
                return Certainty.FLAKY if attempt else Certainty.DETERMINISTIC, ""
        return Certainty.UNPROVEN, f"seen once, and not again when the request was repeated {_TRIES} times"

    def _shows_again(self, finding: Finding, operation: Operation, exchange: Exchange) -> bool:
        return shows_again(finding, self._contract, operation, self._client.repeat(exchange.request))


def shows_again(finding: Finding, contract: ApiContract, operation: Operation, repeated: Exchange) -> bool:
    """Whether a repeated exchange shows a finding that one response, or its status, can show."""
    response = finding.exchange.response if finding.exchange else None
    if response is None or repeated.response is None:
        return False
    if finding.violation.check.reproduction is Reproduction.STATUS:
        return repeated.response.status_code == response.status_code
    return any(again.fingerprint == finding.fingerprint for again in findings_in(contract, operation, repeated))


def findings_in(contract: ApiContract, operation: Operation, exchange: Exchange) -> list[Finding]:
    """Everything that one response alone shows: violations of the specification, and what it does not document."""
    return contract.check_response(exchange, operation) + UndocumentedFinder(contract).findings(operation, exchange)
