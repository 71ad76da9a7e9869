"""May one upgrade? Suspected changes are asked of a live server, and everything is weighed to one verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ampeco_conformance.compatibility.changes import Change
from ampeco_conformance.compatibility.impact import Relevance
from ampeco_conformance.compatibility.rendering.witnesses import witness_text
from ampeco_conformance.compatibility.report import Report
from ampeco_conformance.compatibility.rules import Severity
from ampeco_conformance.compatibility.usage import fields
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import SafetyPolicy

_NOT_THERE = (404, 405, 410, 501)
_REFUSED = (400, 415, 422)


class Answer(StrEnum):
    """What a real answer says of a suspected change."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    OPEN = "not settled"


class Verdict(StrEnum):
    """May one upgrade?"""

    GO = "go"
    WITH_CARE = "go with care"
    NO_GO = "no-go"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the server said of one suspected change."""

    change: Change
    answer: Answer
    reason: str


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """How the contract of the old version fared on the server: exit code and first lines of what failed."""

    code: int
    headlines: tuple[str, ...]
    tested: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict with its reasons, worst first."""

    verdict: Verdict
    reasons: tuple[str, ...]


def ask(report: Report, client: ApiClient, policy: SafetyPolicy) -> list[Evidence]:
    """Ask the server about every change that is not safe: replay its witness, or look for what is said to be gone."""
    return [_ask(change, client, policy) for change in report.changes if change.severity is not Severity.SAFE]


def decide(report: Report, evidence: Sequence[Evidence], suite: SuiteResult | None) -> Decision:
    """Weigh what the documents, the caller's traffic and the server say."""
    reasons: list[tuple[Verdict, str]] = []
    refuted = {id(each.change) for each in evidence if each.answer is Answer.REFUTED}
    for index, finding in enumerate(report.findings):
        if finding.severity is Severity.SAFE:
            continue
        change = finding.first
        told = f"{change.operation} {change.location}: {change.message}".strip()
        if report.concerns and report.concerns[index].relevance is Relevance.NONE:
            continue
        if all(id(each) in refuted for each in finding.changes):
            reasons.append((Verdict.WITH_CARE, f"{told}; but the server still does it the old way"))
            continue
        breaks = finding.severity is Severity.BREAKING and (
            not report.concerns or report.concerns[index].relevance is Relevance.BREAKS
        )
        concern = f" ({report.concerns[index].relevance}: {report.concerns[index].reason})" if report.concerns else ""
        reasons.append((Verdict.NO_GO if breaks else Verdict.WITH_CARE, told + concern))
    if suite is not None:
        reasons += _of_suite(suite)
    order = list(Verdict)
    reasons.sort(key=lambda reason: -order.index(reason[0]))
    worst = reasons[0][0] if reasons else Verdict.GO
    return Decision(worst, tuple(f"{verdict}: {text}" for verdict, text in reasons))


def _of_suite(suite: SuiteResult) -> list[tuple[Verdict, str]]:
    if suite.code == ExitCode.VIOLATION:
        return [(Verdict.NO_GO, f"the server does not keep the old contract: {line}") for line in suite.headlines] or [
            (Verdict.NO_GO, "the server does not keep the old contract; see the report")
        ]
    if suite.code != ExitCode.CONFORM:
        return [(Verdict.WITH_CARE, f"the old contract could not be tested in full (exit code {suite.code})")]
    return []


def _ask(change: Change, client: ApiClient, policy: SafetyPolicy) -> Evidence:
    method, _, path = change.operation.partition(" ")
    if not path.startswith("/"):
        return Evidence(change, Answer.OPEN, "it belongs to no operation")
    operation = Operation(method, path, "", "", "", False, {})
    refused = policy.refusal(operation)
    if policy.own_data_only(operation):
        refused = f"safety {policy.safety}: it would touch what is not ours"
    if refused:
        return Evidence(change, Answer.OPEN, refused)
    if change.witness is not None and change.witness.kind == "request":
        return _replay(change, client)
    if method == "GET" and "{" not in path and change.rule.endswith("property-removed"):
        return _look_for(change, client, path)
    return Evidence(change, Answer.OPEN, "it takes an answer that cannot be asked for")


def _replay(change: Change, client: ApiClient) -> Evidence:
    """Send the witness. An operation that is gone is not there; a request that is refused is refused."""
    assert change.witness is not None
    value = change.witness.value
    line = witness_text(change.witness).splitlines()[0]
    method, _, target = line.partition(" ")
    body: Any = value.get("body", {}).get("application/json")
    exchange = client.send(method, target, json=body, headers={k: str(v) for k, v in value.get("headers", {}).items()})
    if exchange.response is None:
        return Evidence(change, Answer.OPEN, f"no answer: {exchange.error}")
    status = exchange.response.status_code
    if change.rule == "operation-removed":
        if status in _NOT_THERE and "{" not in change.operation:
            return Evidence(change, Answer.CONFIRMED, f"{line} gave {status}")
        if status in _NOT_THERE and status != 404:
            return Evidence(change, Answer.CONFIRMED, f"{line} gave {status}")
        answer = Answer.OPEN if status in _NOT_THERE else Answer.REFUTED
        return Evidence(change, answer, f"{line} gave {status}")
    answer = Answer.CONFIRMED if status in _REFUSED else Answer.REFUTED if status < 300 else Answer.OPEN
    return Evidence(change, answer, f"{line} gave {status}")


def _look_for(change: Change, client: ApiClient, path: str) -> Evidence:
    """Look for a field in the answer of a listing."""
    exchange = client.send("GET", path)
    if exchange.response is None or exchange.response.status_code != 200:
        return Evidence(change, Answer.OPEN, f"GET {path} gave no answer to look into")
    try:
        found = fields(exchange.response.json())
    except ValueError:
        return Evidence(change, Answer.OPEN, f"GET {path} gave no JSON")
    name = change.location.partition("body.")[2]
    if name in found:
        return Evidence(change, Answer.REFUTED, f"GET {path} still has {name}")
    parent = name.rpartition(".")[0].removesuffix("[]")
    if parent and not any(each.startswith(f"{parent}[].") or each.startswith(f"{parent}.") for each in found):
        return Evidence(change, Answer.OPEN, f"GET {path} gave no {parent} to look into")
    return Evidence(change, Answer.CONFIRMED, f"GET {path} has no {name}")
