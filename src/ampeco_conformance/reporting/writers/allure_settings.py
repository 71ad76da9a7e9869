"""The settings of an Allure report: the section of each result, which results are muted, and where the history is."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypedDict

from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.verdict import Verdict

ALLURE_HISTORY = "allure.jsonl"


class MutingRule(TypedDict):
    """The results that Allure mutes for one known issue."""

    resolution: str
    comment: str
    testCaseId: list[str]


class AllureSettings(TypedDict):
    """What reports/allure/allurerc.mjs reads; `sections` maps the labels of a result to its section."""

    sections: dict[str, str]
    rules: list[MutingRule]
    historyPath: str
    appendHistory: bool
    variables: dict[str, str]


_MOST_URGENT_LAST = ("advisory", "drift", "known", "blocked", "flaky", "open", "new")


def item_digest(node_id: str) -> str:
    """The test case id and history id of an item in Allure."""
    return hashlib.md5(node_id.encode(), usedforsecurity=False).hexdigest()


def allure_settings(verdict: Verdict, results: Iterable[ItemResult], history: Path, *, is_new: bool) -> AllureSettings:
    """The settings of one report (see reports/allure/allurerc.mjs); `is_new` says that the history lacks this run."""
    sections: dict[str, str] = {}
    # A result with several causes belongs to the most urgent section: known issues never hide another finding.
    for section in _MOST_URGENT_LAST:
        sections |= {node_id: section for cluster in verdict.section(section) for node_id in cluster.node_ids}
    found = (result for result in results if result.node_id in sections)
    return {
        "sections": {_labels(result): sections[result.node_id] for result in found},
        "rules": _rules(verdict, sections),
        "historyPath": str((history / ALLURE_HISTORY).resolve()),
        "appendHistory": is_new,
        "variables": {
            "Run": verdict.run.id,
            "Verdict": verdict.decision,
            "Specification versions": ", ".join(verdict.run.versions),
            "Target": verdict.run.target,
        },
    }


def _labels(result: ItemResult) -> str:
    """The labels that say which item a result is of; allurerc.mjs joins the same."""
    return "\n".join(map(str, (result.aspect, result.story, result.api_version, result.target)))


def _rules(verdict: Verdict, sections: Mapping[str, str]) -> list[MutingRule]:
    """Results that show only known issues are muted, with the known issue as the reason."""
    rules: list[MutingRule] = []
    for cluster in verdict.section("known"):
        muted = [item_digest(node_id) for node_id in cluster.node_ids if sections[node_id] == "known"]
        if muted:
            rules.append({"resolution": "muted", "comment": f"{cluster.issue}: {cluster.setting}", "testCaseId": muted})
    return rules
