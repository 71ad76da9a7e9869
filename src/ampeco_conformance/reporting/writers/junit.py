"""The run as JUnit XML: one test case per item."""

from collections.abc import Iterable

from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.core.junit import JUnitCase, render_junit_xml
from ampeco_conformance.reporting.decision import UNKNOWN
from ampeco_conformance.reporting.verdict import Verdict

_OUTCOMES = {"failed": "failure", "broken": "error", "skipped": "skipped"}


def render_junit(results: Iterable[ItemResult], verdict: Verdict) -> bytes:
    """The document. A run without a verdict has an error of its own, so that it is not taken for a success."""
    suites: dict[str, list[JUnitCase]] = {}
    for result in sorted(results, key=lambda result: (result.layer, result.node_id)):
        suites.setdefault(result.layer, []).append(_case(result))
    if verdict.decision == UNKNOWN or verdict.incomplete:
        message = "\n".join([verdict.sentence, *verdict.reasons])
        suites["run"] = [
            JUnitCase(classname="conform", name="The run came to its end", outcome="error", message=message)
        ]
    return render_junit_xml(suites, name="conform", seconds=verdict.run.seconds)


def _case(result: ItemResult) -> JUnitCase:
    version = f"{result.api_version}@{result.target}"
    message = result.message or result.reason or ""
    return JUnitCase(
        classname=f"{result.layer}.{result.aspect}.{version}" if result.aspect else result.layer,
        name=result.operation or result.story or result.node_id,
        outcome=_OUTCOMES.get(result.status),
        message=message.partition("\n")[0],
        text=f"{message}\n\nRun again: {result.rerun or ''}" if result.is_failure else "",
        seconds=result.seconds,
        properties={"severity": result.severity} if result.severity else {},
    )
