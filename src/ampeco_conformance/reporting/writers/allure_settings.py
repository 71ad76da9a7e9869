"""The settings of an Allure report: the cause of each result, which results are muted, and where the history is."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypedDict

from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting import labels
from ampeco_conformance.reporting.causes import of_items
from ampeco_conformance.reporting.clusters import Cluster
from ampeco_conformance.reporting.verdict import Verdict

ALLURE_HISTORY = "allure.jsonl"


class MutingRule(TypedDict):
    """The results that Allure mutes for one known issue."""

    resolution: str
    comment: str
    testCaseId: list[str]


class Category(TypedDict):
    """A category of Allure: one cause, or the whole of a section."""

    id: str
    name: str


class AllureSettings(TypedDict):
    """What allure_report/allurerc.mjs reads; `members` maps the labels of a result to the id of its category."""

    categories: list[Category]
    members: dict[str, str]
    rules: list[MutingRule]
    historyPath: str
    appendHistory: bool
    variables: dict[str, str]


#: The sections whose causes are a category each. Allure has one category for a result.
_BY_CAUSE = ("new", "open", "flaky", "known")
_WHOLE = ("drift",)


def item_digest(node_id: str) -> str:
    """The test case id and history id of an item in Allure."""
    return hashlib.md5(node_id.encode(), usedforsecurity=False).hexdigest()


def allure_settings(verdict: Verdict, results: Iterable[ItemResult], history: Path, *, is_new: bool) -> AllureSettings:
    """The settings of one report (see allure_report/allurerc.mjs); `is_new` says that the history lacks this run."""
    causes = of_items([*verdict.causes, *verdict.others])
    found = (result for result in results if _category(causes.get(result.node_id)))
    by_cause = [cause for name in _BY_CAUSE for cause in verdict.cards(name)]
    names = {cause.id: f"{cause.section.capitalize()}: {labels.headline(cause)} ({cause.id})" for cause in by_cause}
    names |= {name: name.capitalize() for name in _WHOLE}
    return {
        "categories": [{"id": id_, "name": name} for id_, name in names.items()],
        "members": {_labels(result): _category(causes[result.node_id]) for result in found},
        "rules": _rules(verdict, causes),
        "historyPath": str((history / ALLURE_HISTORY).resolve()),
        "appendHistory": is_new,
        "variables": {
            "Run": verdict.run.id,
            "Verdict": verdict.decision,
            "Causes": str(len(verdict.causes)),
            "Specification versions": ", ".join(verdict.run.versions),
            "Target": verdict.run.target,
        },
    }


def _category(cause: Cluster | None) -> str:
    """The id of the category of a cause; empty where it has none."""
    if cause is None:
        return ""
    return cause.id if cause.section in _BY_CAUSE else cause.section if cause.section in _WHOLE else ""


def _labels(result: ItemResult) -> str:
    """The labels that say which item a result is of; allurerc.mjs joins the same."""
    return "\n".join(map(str, (result.aspect, result.story, result.api_version, result.target)))


def _rules(verdict: Verdict, causes: Mapping[str, Cluster]) -> list[MutingRule]:
    """Results that show only known issues are muted, with the known issue as the reason."""
    rules: list[MutingRule] = []
    for cluster in verdict.section("known"):
        muted = [item_digest(node_id) for node_id in cluster.node_ids if causes[node_id].section == "known"]
        if muted:
            rules.append({"resolution": "muted", "comment": f"{cluster.issue}: {cluster.setting}", "testCaseId": muted})
    return rules
