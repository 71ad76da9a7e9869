"""The response to a write shows what was sent, also where nothing can be read afterwards: actions, for one."""

from ampeco_conformance.checks.echoes import answer_violations
from ampeco_conformance.contract.answers import answer_of
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.exercise.happy_path import SuccessAttempt
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

_ACCEPTED = 202


def answered_otherwise(operation: Operation, attempt: SuccessAttempt, record: Recorder) -> list[Finding]:
    """What the response to a successful request shows otherwise than it was sent; a 202 shows nothing yet."""
    exchange = attempt.exchange
    if not attempt.succeeded or not isinstance(attempt.body, dict) or exchange is None or exchange.response is None:
        return []
    answered = answer_of(exchange).item
    if not answered or exchange.response.status_code == _ACCEPTED:
        return []
    violations = answer_violations(record.contract, operation, attempt.body, answered)
    return record.findings(operation, exchange, violations)
