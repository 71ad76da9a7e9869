"""Reproduces a finding before it is reported.

Reads are repeated freely; a write only on an emulator, or when the target had rejected it as invalid, because then
nothing was changed. A finding of a read that cannot be reproduced is advisory.

What is compared is the identity of a finding: check, operation, place and status. A response may also break the same
check in a new way each time (another field, another status of the same class); that is the same kind of finding.
"""

from enum import Enum

from ampeco_conformance.apis import Effect
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
from ampeco_conformance.target.safety import effect

#: Statuses with which a target responds before it changes anything, whatever its state.
_REFUSED_UNCHANGED = frozenset({400, 401, 404, 405, 415, 422})
#: Statuses that may have another cause the second time: the token, the item or the rate of requests.
_OF_ANOTHER_CAUSE = frozenset({401, 404, 429})
_PROVEN = frozenset({Reproduction.TEST, Reproduction.SIGHT, Reproduction.COMPARISON})
_TRIES = 10


class Repetition(Enum):
    """What a repeated request shows of a finding."""

    SAME = "the same finding"
    KIND = "another finding of the same kind"
    NOTHING = "nothing of it"


class NotRepeated:
    """Stands where nothing may be sent: what is found counts as it was seen."""

    def certainty_of(self, finding: Finding) -> tuple[Certainty, str]:
        """How certain a finding is: that of the one time it was seen."""
        return finding.certainty, ""

    def unanswered_again(self, exchange: Exchange) -> Exchange | None:  # noqa: ARG002
        """No second exchange."""
        return None


class Reproducer:
    """Repeats, against one target, the request that showed a finding."""

    def __init__(self, client: ApiClient, contract: ApiContract, *, is_emulator: bool) -> None:
        self._client = client
        self._contract = contract
        self._is_emulator = is_emulator

    def certainty_of(self, finding: Finding) -> tuple[Certainty, str]:
        """How certain a finding is; and, when it is too doubtful to fail the run, why (else empty)."""
        if finding.certainty is not Certainty.UNPROVEN:
            # What several requests show is confirmed by the test that sends them.
            return finding.certainty, ""
        if finding.check not in CHECKS:
            return Certainty.STATE_DEPENDENT, ""
        if finding.violation.check.reproduction in _PROVEN:
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
            repetition = self._repeat(finding, operation, exchange)
            return Certainty.DETERMINISTIC if repetition is Repetition.SAME else Certainty.STATE_DEPENDENT, ""
        return Certainty.UNPROVEN, ""

    def unanswered_again(self, exchange: Exchange) -> Exchange | None:
        """The repeated exchange of a request that gets no response again, while the target answers another one.

        None when it is answered now, and where it may not be repeated: a write to a tenant.
        """
        operation = self._contract.operation_of(exchange.request.method, exchange.request.url)
        if operation is None or not (self._is_emulator or effect(operation) is Effect.READ):
            return None
        again = self._client.repeat(exchange.request)
        listings = (item for item in self._contract.specification.operations if item.method == "GET")
        other = next((item.path for item in listings if "{" not in item.path and item.path != operation.path), None)
        if again.response is not None or other is None or self._client.send("GET", other).response is None:
            return None
        return again

    def _certainty_of_read(self, finding: Finding, operation: Operation, exchange: Exchange) -> tuple[Certainty, str]:
        for attempt in range(_TRIES):
            repetition = self._repeat(finding, operation, exchange)
            if repetition is not Repetition.NOTHING:
                is_certain = repetition is Repetition.SAME and attempt == 0
                return Certainty.DETERMINISTIC if is_certain else Certainty.FLAKY, ""
        return Certainty.UNPROVEN, f"seen once, and not again when the request was repeated {_TRIES} times"

    def _repeat(self, finding: Finding, operation: Operation, exchange: Exchange) -> Repetition:
        return repetition_of(finding, self._contract, operation, self._client.repeat(exchange.request))


def repetition_of(finding: Finding, contract: ApiContract, operation: Operation, repeated: Exchange) -> Repetition:
    """What a repeated exchange shows of a finding that one response, or its status, can show."""
    if finding.exchange is None or finding.status is None or repeated.response is None:
        return Repetition.NOTHING
    if finding.violation.check.reproduction is Reproduction.STATUS:
        return _repetition_of_status(finding.status, repeated.response.status_code)
    again = {found.identity for found in findings_in(contract, operation, repeated) if found.check == finding.check}
    if finding.identity in again:
        return Repetition.SAME
    # What the first response showed besides is another fault, which proves nothing of this one.
    new = again - {found.identity for found in findings_in(contract, operation, finding.exchange)}
    return Repetition.KIND if new else Repetition.NOTHING


def _repetition_of_status(first: int, second: int) -> Repetition:
    if first == second:
        return Repetition.SAME
    is_of_same_class = first // 100 == second // 100 and _OF_ANOTHER_CAUSE.isdisjoint({first, second})
    return Repetition.KIND if is_of_same_class else Repetition.NOTHING


def findings_in(contract: ApiContract, operation: Operation, exchange: Exchange) -> list[Finding]:
    """Everything that one response alone shows: violations of the specification, and what it does not document."""
    return contract.check_response(exchange, operation) + UndocumentedFinder(contract).findings(operation, exchange)
