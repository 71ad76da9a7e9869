"""The run as JUnit XML: one test case per item; the type of a failure is the id of its cause."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache

from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.core.junit import JUnitCase, render_junit_xml
from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.reporting.causes import of_items
from ampeco_conformance.reporting.clusters import Cluster
from ampeco_conformance.reporting.decision import UNKNOWN
from ampeco_conformance.reporting.labels import further
from ampeco_conformance.reporting.links import place_of
from ampeco_conformance.reporting.verdict import Verdict

_OUTCOMES = {"failed": "failure", "broken": "error", "skipped": "skipped"}


def render_junit(
    results: Iterable[ItemResult], verdict: Verdict, exchange_of: Callable[[str], Mapping[str, str]]
) -> bytes:
    """The document; `exchange_of` gives the texts of a failing case.

    A run without a verdict has an error of its own, so that it is not taken for a success.
    """
    cards = [*verdict.causes, *verdict.others]
    causes, shown = of_items(cards), defaultdict[str, list[str]](list)
    for card in cards:
        for node_id in card.node_ids:
            shown[node_id].append(card.id)
    suites: dict[str, list[JUnitCase]] = {}
    for result in sorted(results, key=lambda result: (result.layer, result.node_id)):
        case = _case(result, causes.get(result.node_id), shown[result.node_id], exchange_of)
        suites.setdefault(result.layer, []).append(case)
    if verdict.decision == UNKNOWN or verdict.incomplete:
        message = "\n".join([verdict.sentence, *further(verdict.reasons, verdict.sentence)])
        suites["run"] = [
            JUnitCase(classname="conform", name="The run came to its end", outcome="error", message=message)
        ]
    properties = {"causes": str(len(verdict.causes)), "decision": verdict.decision, "run": verdict.run.id}
    started = datetime.fromtimestamp(verdict.run.at, UTC).isoformat(timespec="seconds")
    return render_junit_xml(
        suites, name="conform", seconds=verdict.run.seconds, properties=properties, timestamp=started
    )


def _case(
    result: ItemResult, cause: Cluster | None, shown: Sequence[str], exchange_of: Callable[[str], Mapping[str, str]]
) -> JUnitCase:
    """The case of an item: `cause` stands for it, `shown` are the ids of all that it shows."""
    version = f"{result.api_version}@{result.target}"
    message = result.message or result.reason or ""
    return JUnitCase(
        classname=f"{result.layer}.{result.aspect}.{version}" if result.aspect else result.layer,
        name=result.operation or result.story or result.node_id,
        outcome=_OUTCOMES.get(result.status),
        message=message.partition("\n")[0],
        type=cause.id if cause and result.is_failure else None,
        text="\n".join(_text(result, message, exchange_of)) if result.is_failure else "",
        seconds=result.seconds,
        properties=_properties(result) | ({"cards": " ".join(shown)} if shown else {}),
        file=result.node_id.partition("::")[0],
        line=_line(*result.node_id.partition("[")[0].partition("::")[::2]),
    )


@cache
def _line(file: str, function: str) -> int | None:
    """The line of a test in its file; None when the file is not here."""
    try:
        text = (PROJECT / file).read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(rf"^def {re.escape(function)}\(", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else None


def _text(result: ItemResult, message: str, exchange_of: Callable[[str], Mapping[str, str]]) -> Iterator[str]:
    yield message
    for finding in result.findings:
        if finding.expected is not None or finding.actual is not None:
            yield f"{finding.location or finding.check}: expected {finding.expected}, received {finding.actual}"
        if place := place_of(result.api or "", result.api_version or "", finding.source):
            yield f"Rule: {finding.source} ({place[0].name}, line {place[1]})"
    curls = (exchange_of(finding.case).get("curl") for finding in result.findings if finding.case)
    if curl := next(filter(None, curls), None):
        yield f"\n{curl}"
    yield f"\nRun again: {result.rerun or ''}"


def _properties(result: ItemResult) -> dict[str, str]:
    if not result.severity:
        return {}
    started = datetime.fromtimestamp(result.started_at or 0, UTC).isoformat(timespec="seconds")
    fingerprints = dict.fromkeys(finding.fingerprint for finding in result.findings)
    return {"severity": result.severity, "fingerprints": " ".join(fingerprints), "started": started}
