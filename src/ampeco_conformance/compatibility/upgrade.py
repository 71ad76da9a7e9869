"""Decides whether clients can upgrade: tries suspected changes on a live server and weighs all evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus

from ampeco_conformance.compatibility.changes import Change, Witness
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
    """Ask the server about every change that is not safe: replay its witness, or look for the removed field.

    With the caller's traffic, only about what may concern the caller.
    """
    concerning = [
        group
        for index, group in enumerate(report.groups)
        if not report.impacts or report.impacts[index].level is not ImpactLevel.NONE
    ]
    suspected = [
        change
        for group in concerning
        for change in group.changes
        if change.severity is ChangeSeverity.MAYBE or change.witness is not None
    ]
    questions = _Questions(client, policy)
    return [questions.ask(change) for change in suspected if change.severity is not ChangeSeverity.SAFE]


def decide(
    report: ComparisonReport,
    evidence: Sequence[ServerEvidence],
    suite: SuiteResult | None,
    *,
    require_evidence: bool = False,
    older: str = "",
) -> UpgradeDecision:
    """Weigh the evidence of the documents, the caller's traffic and the server.

    With `require_evidence`, what is not known leaves no verdict. `older` says that the server is not at B yet: then
    there is no verdict either.
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
    reasons = sorted(dict.fromkeys(reasons), key=lambda reason: -order.index(reason[0]))
    worst = reasons[0][0] if reasons else UpgradeVerdict.GO
    if older:
        worst = UpgradeVerdict.UNKNOWN
        reasons.insert(0, (worst, older))
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


class _Questions:
    """The requests that are sent as evidence; what was sent is not sent again."""

    def __init__(self, client: ApiClient, policy: SafetyPolicy) -> None:
        self._client, self._policy = client, policy
        self._statuses: dict[str, int | str] = {}

    def ask(self, change: Change) -> ServerEvidence:
        """The evidence of the server about one change."""
        method, _, path = change.operation.partition(" ")
        if not path.startswith("/"):
            return ServerEvidence(change, Confirmation.OPEN, "it does not belong to an operation")
        operation = Operation(method, path, "", "", "", False, {})
        refused = self._policy.refusal(operation)
        if self._policy.own_data_only(operation):
            refused = f"safety {self._policy.safety}: it would touch data that is not ours"
        if refused:
            return ServerEvidence(change, Confirmation.OPEN, refused)
        if change.witness is not None and change.witness.kind == "request":
            try:
                return self._replay(change, change.witness)
            except NotPermitted as refused:
                return ServerEvidence(change, Confirmation.OPEN, str(refused))
        if method == "GET" and "{" not in path and change.rule.endswith("property-removed"):
            return _look_for(change, self._client, path)
        return ServerEvidence(change, Confirmation.OPEN, "it needs a response that cannot be requested")

    def _replay(self, change: Change, witness: Witness) -> ServerEvidence:
        """Send the witness. A removed operation is not found; an invalid request is refused, and a valid one is not."""
        status, line = self._send(witness)
        if isinstance(status, str):
            return ServerEvidence(change, Confirmation.OPEN, f"no answer: {status}")
        said = f"{line} gave {status}"
        if change.rule == "operation-removed":
            is_gone = status in _NOT_THERE and ("{" not in change.operation or status != HTTPStatus.NOT_FOUND)
            unsettled = Confirmation.OPEN if status in _NOT_THERE else Confirmation.REFUTED
            return ServerEvidence(change, Confirmation.CONFIRMED if is_gone else unsettled, said)
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return ServerEvidence(change, Confirmation.REFUTED, said)
        if status not in _REFUSED:
            return ServerEvidence(change, Confirmation.OPEN, said)
        if not witness.control:
            return ServerEvidence(change, Confirmation.OPEN, f"{said}; no valid request is known to compare it with")
        allowed, control = self._send(replace(witness, value=witness.control))
        accepted = isinstance(allowed, int) and allowed < HTTPStatus.MULTIPLE_CHOICES
        said += f"; {control}, which the new contract allows, gave {allowed}"
        return ServerEvidence(change, Confirmation.CONFIRMED if accepted else Confirmation.OPEN, said)

    def _send(self, witness: Witness) -> tuple[int | str, str]:
        """The status of the response, or why there is none; and the request line."""
        text = witness_text(witness)
        line = text.splitlines()[0]
        if text not in self._statuses:
            method, _, target = line.partition(" ")
            body = witness.value.get("body", {}).get("application/json")
            headers = {name: str(value) for name, value in witness.value.get("headers", {}).items()}
            exchange = self._client.send(method, target, json=body, headers=headers)
            response = exchange.response
            self._statuses[text] = str(exchange.error) if response is None else response.status_code
        return self._statuses[text], line


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
    if change.rule.endswith("optional-property-removed"):
        return ServerEvidence(change, Confirmation.OPEN, f"GET {path} has no {name}, which was optional before")
    return ServerEvidence(change, Confirmation.CONFIRMED, f"GET {path} has no {name}")
