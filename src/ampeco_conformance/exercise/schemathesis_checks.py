"""Runs Schemathesis' checks on a response; the suite's own contract check must confirm what they detect.

A failure that only Schemathesis reports becomes a note, never a finding.
"""

from collections.abc import Callable, Sequence
from typing import Any

from schemathesis import CheckContext, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import AcceptedNegativeData, Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ampeco_conformance.checks.negative_data import accepted_invalid_violations
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.item_results import UNCONFIRMED
from ampeco_conformance.generate.cases import AnyCase
from ampeco_conformance.specs import Operation

_SchemathesisCheck = Callable[[CheckContext, Response, AnyCase], bool | None]

CHECKS: list[_SchemathesisCheck] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


def judge(
    contract: ApiContract,
    operation: Operation,
    case: AnyCase,
    exchange: Exchange,
    response: Response,
    doubt: Callable[[str], None],
) -> list[Finding]:
    """The confirmed findings of one exchange; `doubt` is called with the text of unconfirmed ones."""
    findings = contract.check_response(exchange, operation)
    for failure in _failures(case, response):
        if isinstance(failure, AcceptedNegativeData):
            violations = accepted_invalid_violations(contract, operation, exchange, failure.status_code)
            findings += contract.findings(operation, exchange, violations)
        elif not findings:
            doubt(f"{UNCONFIRMED}: {failure.title} ({_first_line(failure.message)})")
    return findings


def _failures(case: AnyCase, response: Response) -> Sequence[Failure]:
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        return group.exceptions
    return ()


def _first_line(message: Any) -> str:
    return next(iter(str(message).splitlines()), "")
