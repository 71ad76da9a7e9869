"""Sends a failing case again, with one of three outcomes: STILL, FIXED or CANNOT."""

from dataclasses import dataclass
from enum import StrEnum

from ampeco_conformance.apis import Effect
from ampeco_conformance.checks.registry import CHECKS
from ampeco_conformance.contract.allow_list import allow_list_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Reproduction
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.core.tenant_data import TenantData
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.replay.cases import StoredCase, created_path
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import NotPermitted, effect
from ampeco_conformance.triage.reproduce import findings_in

#: Statuses that prevent a decision: no access, not found, too many requests.
_BESIDE_THE_POINT = frozenset({401, 403, 404, 429})
_TOO_MANY = 429
_TRIES = 10


class ReplayAnswer(StrEnum):
    """The outcome of a replay."""

    STILL = "STILL"
    FIXED = "FIXED"
    CANNOT = "CANNOT"


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """The answer and its reason."""

    answer: ReplayAnswer
    why: str


def replay_request(case: StoredCase, client: ApiClient, contract: ApiContract, *, is_emulator: bool) -> ReplayOutcome:
    """Send the request of a case, after what it builds on; reads several times, for a fault may be flaky.

    CANNOT gives the reason why one request cannot decide; running the item again may.
    """
    operation = next(
        (candidate for candidate in contract.specification.operations if candidate.label == case.operation), None
    )
    if operation is None:
        return ReplayOutcome(ReplayAnswer.CANNOT, f"version {contract.specification.version} has no {case.operation}")
    reads = effect(operation) is Effect.READ and not case.steps
    if (reason := _unfit(case, reads=reads, is_emulator=is_emulator)) is not None:
        return ReplayOutcome(ReplayAnswer.CANNOT, reason)
    try:
        return _replayed(case, client, contract, operation, reads=reads, is_emulator=is_emulator)
    except NotPermitted as refused:
        return ReplayOutcome(ReplayAnswer.CANNOT, str(refused))


def _replayed(
    case: StoredCase, client: ApiClient, contract: ApiContract, operation: Operation, *, reads: bool, is_emulator: bool
) -> ReplayOutcome:
    moved: dict[str, str] = {}
    for step in case.steps:
        exchange = client.repeat(step.request(client.base_url, moved))
        made = created_path(exchange, client.base_url)
        if step.created and not made:
            return ReplayOutcome(
                ReplayAnswer.CANNOT, f"{step.method} {step.path}, which it depends on, created nothing"
            )
        if step.created and made:
            moved[step.created] = made
    assert case.sent is not None
    request = case.sent.request(client.base_url, moved)
    for _ in range(_TRIES if reads else 1):
        exchange = client.repeat(request)
        outcome = _outcome(case, contract, operation, exchange, is_emulator=is_emulator)
        if outcome.answer is not ReplayAnswer.FIXED:
            break
    return outcome


def _unfit(case: StoredCase, *, reads: bool, is_emulator: bool) -> str | None:
    """Why one request cannot decide whether a fault is still there; None when it can."""
    check = CHECKS.get(case.check)
    if check is None or check.reproduction not in (Reproduction.ANSWER, Reproduction.STATUS) or case.sent is None:
        return f"{case.check} needs more than one request"
    if case.sent.masked or any(step.masked for step in case.steps):
        return "a secret in the request was masked when it was stored"
    if not reads and not is_emulator:
        return "the request writes"
    return None


def _outcome(
    case: StoredCase, contract: ApiContract, operation: Operation, exchange: Exchange, *, is_emulator: bool
) -> ReplayOutcome:
    response = exchange.response
    if response is None:
        return ReplayOutcome(ReplayAnswer.CANNOT, f"no answer: {exchange.error}")
    status, findings = response.status_code, findings_in(contract, operation, exchange)
    if CHECKS[case.check].reproduction is Reproduction.STATUS:
        shows = status == case.status
    else:
        shows = any(case.is_shown_by(finding) for finding in findings)
    if shows:
        return ReplayOutcome(ReplayAnswer.STILL, f"answered {status}: {case.message}")
    if case.status == _TOO_MANY:
        return ReplayOutcome(ReplayAnswer.CANNOT, f"answered {status}; a {_TOO_MANY} takes many requests")
    if status in _BESIDE_THE_POINT and status != case.status and CHECKS[case.check].reproduction is Reproduction.ANSWER:
        return ReplayOutcome(ReplayAnswer.CANNOT, f"answered {status}, which does not decide it")
    worse = contract.check_response(exchange, operation)
    redact = Redactor((), tenant=None if is_emulator else TenantData(allow_list_of(contract.specification)))
    now = f", though now: {redact.knowing(exchange).text(worse[0].message)}" if worse else ""
    return ReplayOutcome(ReplayAnswer.FIXED, f"answered {status}{now}")
