"""The page of `conform upgrade-check`: verdict, reasons, evidence and what is not known, in four formats."""

from collections.abc import Callable
from pathlib import Path

import orjson

from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.compatibility.upgrade import Confirmation, UpgradeDecision, UpgradeVerdict
from ampeco_conformance.core.junit import JUnitCase, render_junit_xml
from ampeco_conformance.core.pages import render_page

_PAGE = Path(__file__).parent / "rendering" / "templates" / "upgrade.html"
#: The words of verdict.json, the same as for a run.
_DECISIONS = {
    UpgradeVerdict.GO: "go",
    UpgradeVerdict.WITH_CARE: "partial",
    UpgradeVerdict.UNKNOWN: "unknown",
    UpgradeVerdict.NO_GO: "no-go",
}
_OUTCOMES = {UpgradeVerdict.NO_GO: "failure", UpgradeVerdict.UNKNOWN: "error"}


def word(decision: UpgradeDecision) -> str:
    """The decision as `verdict.json` has it: go only when everything is known."""
    found = _DECISIONS[decision.verdict]
    return "partial" if found == "go" and decision.unknown else found


def unsettled(decision: UpgradeDecision) -> list[str]:
    """What is not known: fields, and suspected changes that no response settled."""
    opened = [found for found in decision.evidence if found.answer is Confirmation.OPEN]
    return [
        *decision.unknown,
        *(f"{found.change.operation} {found.change.location}: {found.reason}" for found in opened),
    ]


def _html(report: ComparisonReport, decision: UpgradeDecision) -> str:
    settled = [found for found in decision.evidence if found.answer is not Confirmation.OPEN]
    title = f"{decision.verdict}: {report.old} to {report.new}"
    return render_page(
        _PAGE,
        title=title,
        word=word(decision),
        report=report,
        decision=decision,
        settled=settled,
        unsettled=unsettled(decision),
        has_contract=decision.was_tested,
    )


def _markdown(report: ComparisonReport, decision: UpgradeDecision) -> str:
    lines = [
        f"# {str(decision.verdict).upper()}: {report.old} to {report.new}",
        "",
        decision.sentence,
        "",
        report.summary,
    ]
    evidence = [f"{found.answer}: {found.change.operation} {found.reason}" for found in decision.evidence]
    parts = {"Reasons": decision.reasons, "Evidence of the server": evidence, "Not known": unsettled(decision)}
    for heading, entries in parts.items():
        lines += ["", f"## {heading}", "", *(f"- {entry}" for entry in entries or ("None.",))]
    return "\n".join([*lines, ""])


def _json(report: ComparisonReport, decision: UpgradeDecision) -> str:
    evidence = [
        {
            "operation": found.change.operation,
            "location": found.change.location,
            "rule": found.change.rule,
            "answer": str(found.answer),
            "reason": found.reason,
        }
        for found in decision.evidence
    ]
    content = {
        "form": 1,
        "decision": word(decision),
        "verdict": str(decision.verdict),
        "exit_code": int(decision.code),
        "sentence": decision.sentence,
        "from": report.old,
        "to": report.new,
        "reasons": list(decision.reasons),
        "evidence": evidence,
        "unknown": unsettled(decision),
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()


def _junit(report: ComparisonReport, decision: UpgradeDecision) -> str:
    cases = [
        JUnitCase(
            classname="upgrade",
            name=f"Clients can upgrade from {report.old} to {report.new}",
            outcome=_OUTCOMES.get(decision.verdict),
            message=decision.sentence,
            text="\n".join(decision.reasons),
        ),
        *(JUnitCase(classname="upgrade", name=line, outcome="skipped", message=line) for line in unsettled(decision)),
    ]
    return render_junit_xml({"upgrade": cases}, name="conform upgrade-check", seconds=0).decode()


#: File name to the function that renders it.
UPGRADE_PAGES: dict[str, Callable[[ComparisonReport, UpgradeDecision], str]] = {
    "index.html": _html,
    "verdict.md": _markdown,
    "verdict.json": _json,
    "junit.xml": _junit,
}
