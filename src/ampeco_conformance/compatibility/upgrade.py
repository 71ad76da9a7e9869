"""Decides whether clients can upgrade: tries suspected changes on a live server and weighs all evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ampeco_conformance.compatibility.changes import Change
from ampeco_conformance.compatibility.impact import ImpactLevel
from ampeco_conformance.compatibility.rendering.witnesses import witness_text
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.compatibility.usage import fields
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import NotPermitted, SafetyPolicy

_NOT_THERE = (404, 405, 410, 501)
_REFUSED = (400, 415, 422)


class Confirmation(StrEnum):
    """What the response of a server says about a suspected change."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    OPEN = "not settled"


class UpgradeVerdict(StrEnum):
    """Whether clients can upgrade, the worst last."""

    GO = "go"
    WITH_CARE = "go with care"
    UNKNOWN = "no verdict"
    NO_GO = "no-go"


@dataclass(frozen=True, slots=True)
class ServerEvidence:
    """The evidence of the server about one suspected change."""

    change: Change
    answer: Confirmation
    reason: str


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """The result of testing the old contract on the server: exit code, sentence and headlines of the failures."""

    code: int
    headlines: tuple[str, ...]
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class UpgradeDecision:
    """The verdict with its reasons, worst first; the evidence of the server; what is not known; the exit code.

    `was_tested` says whether the old contract was tested on a server.
    """

    verdict: UpgradeVerdict
    reasons: tuple[str, ...]
    evidence: tuple[ServerEvidence, ...]
    unknown: tuple[str, ...]
    code: ExitCode
    was_tested: bool

    @property
    def sentence(self) -> str:
        """The verdict, which covers operations only where fields are not known."""
        scope = " for operations" if self.verdict in (UpgradeVerdict.GO, UpgradeVerdict.WITH_CARE) else ""
        return "; ".join([f"{self.verdict}{scope}", *self.unknown]) if self.unknown else str(self.verdict)


def ask(report: ComparisonReport, client: ApiClient, policy: SafetyPolicy) -> list[ServerEvidence]:
    """Ask the server about every change that is not safe: replay its witness, or look for the removed field."""
    return [_ask(change, client, policy) for change in report.changes if change.severity is not ChangeSeverity.SAFE]


def decide(
    report: ComparisonReport,
    evidence: Sequence[ServerEvidence],
    suite: SuiteResult | None,
    *,
    require_evidence: bool = False,
) -> UpgradeDecision:
    """Weigh the evidence of the documents, the caller's traffic and the server.

    With `require_evidence`, what is not known leaves no verdict.
    """
    reasons: list[tuple[UpgradeVerdict, str]] = []
    refuted = {id(proof.change) for proof in evidence if proof.answer is Confirmation.REFUTED}
    for index, group in enumerate(report.groups):
        if group.severity is ChangeSeverity.SAFE:
            continue
        change = group.first
        described = f"{change.operation} {change.location}: {change.message}".strip()
        if report.impacts and report.impacts[index].level is ImpactLevel.NONE:
            continue
        if all(id(member) in refuted for member in group.changes):
            reasons.append((UpgradeVerdict.WITH_CARE, f"{described}; but the server still behaves as before"))
            continue
        breaks = group.severity is ChangeSeverity.BREAKING and (
            not report.impacts or report.impacts[index].level is ImpactLevel.BREAKS
        )
        impact = f" ({report.impacts[index].level}: {report.impacts[index].reason})" if report.impacts else ""
        reasons.append((UpgradeVerdict.NO_GO if breaks else UpgradeVerdict.WITH_CARE, described + impact))
    if suite is not None:
        reasons += _of_suite(suite)
    if require_evidence:
        reasons += [(UpgradeVerdict.UNKNOWN, line) for line in report.unknown]
        reasons += [(UpgradeVerdict.UNKNOWN, "nothing was tried on a server")] if suite is None else []
    order = list(UpgradeVerdict)
    reasons.sort(key=lambda reason: -order.index(reason[0]))
    worst = reasons[0][0] if reasons else UpgradeVerdict.GO
    return UpgradeDecision(
        worst,
        tuple(f"{verdict}: {text}" for verdict, text in reasons),
        tuple(evidence),
        report.unknown,
        _exit_code(worst, suite),
        suite is not None,
    )


def _exit_code(verdict: UpgradeVerdict, suite: SuiteResult | None) -> ExitCode:
    if verdict is UpgradeVerdict.NO_GO:
        return ExitCode.VIOLATION
    if verdict is UpgradeVerdict.UNKNOWN:
        return ExitCode(suite.code) if suite is not None and suite.code else ExitCode.TOO_LITTLE_TESTED
    return ExitCode.CONFORM


def _of_suite(suite: SuiteResult) -> list[tuple[UpgradeVerdict, str]]:
    if suite.code == ExitCode.VIOLATION:
        return [
            (UpgradeVerdict.NO_GO, f"the server violates the old contract: {line}") for line in suite.headlines
        ] or [(UpgradeVerdict.NO_GO, "the server violates the old contract; see the report")]
    if suite.code != ExitCode.CONFORM:
        told = f"the old contract was not tested in full (exit code {suite.code})"
        return [(UpgradeVerdict.UNKNOWN, f"{told}: {suite.sentence}".removesuffix(": "))]
    return []


def _ask(change: Change, client: ApiClient, policy: SafetyPolicy) -> ServerEvidence:
    method, _, path = change.operation.partition(" ")
    if not path.startswith("/"):
        return ServerEvidence(change, Confirmation.OPEN, "it does not belong to an operation")
    operation = Operation(method, path, "", "", "", False, {})
    refused = policy.refusal(operation)
    if policy.own_data_only(operation):
        refused = f"safety {policy.safety}: it would touch data that is not ours"
    if refused:
        return ServerEvidence(change, Confirmation.OPEN, refused)
    if change.witness is not None and change.witness.kind == "request":
        try:
            return _replay(change, client)
        except NotPermitted as refused:
            return ServerEvidence(change, Confirmation.OPEN, str(refused))
    if method == "GET" and "{" not in path and change.rule.endswith("property-removed"):
        return _look_for(change, client, path)
    return ServerEvidence(change, Confirmation.OPEN, "it needs a response that cannot be requested")


def _replay(change: Change, client: ApiClient) -> ServerEvidence:
    """Send the witness. A removed operation is not found; an invalid request is refused."""
    assert change.witness is not None
    value = change.witness.value
    line = witness_text(change.witness).splitlines()[0]
    method, _, target = line.partition(" ")
    body: Any = value.get("body", {}).get("application/json")
    exchange = client.send(method, target, json=body, headers={k: str(v) for k, v in value.get("headers", {}).items()})
    if exchange.response is None:
        return ServerEvidence(change, Confirmation.OPEN, f"no answer: {exchange.error}")
    status = exchange.response.status_code
    if change.rule == "operation-removed":
        if status in _NOT_THERE and "{" not in change.operation:
            return ServerEvidence(change, Confirmation.CONFIRMED, f"{line} gave {status}")
        if status in _NOT_THERE and status != 404:
            return ServerEvidence(change, Confirmation.CONFIRMED, f"{line} gave {status}")
        answer = Confirmation.OPEN if status in _NOT_THERE else Confirmation.REFUTED
        return ServerEvidence(change, answer, f"{line} gave {status}")
    answer = (
        Confirmation.CONFIRMED if status in _REFUSED else Confirmation.REFUTED if status < 300 else Confirmation.OPEN
    )
    return ServerEvidence(change, answer, f"{line} gave {status}")


def _look_for(change: Change, client: ApiClient, path: str) -> ServerEvidence:
    """Look for a field in the response of a listing."""
    exchange = client.send("GET", path)
    if exchange.response is None or exchange.response.status_code != 200:
        return ServerEvidence(change, Confirmation.OPEN, f"GET {path} gave no response to inspect")
    try:
        found = fields(exchange.response.json())
    except ValueError:
        return ServerEvidence(change, Confirmation.OPEN, f"GET {path} did not return JSON")
    name = change.location.partition("body.")[2]
    if name in found:
        return ServerEvidence(change, Confirmation.REFUTED, f"GET {path} still has {name}")
    parent = name.rpartition(".")[0].removesuffix("[]")
    if parent and not any(field.startswith(f"{parent}[].") or field.startswith(f"{parent}.") for field in found):
        return ServerEvidence(change, Confirmation.OPEN, f"GET {path} gave no {parent} to inspect")
    return ServerEvidence(change, Confirmation.CONFIRMED, f"GET {path} has no {name}")
