"""What the verdict tells Allure: which section each result belongs to, which are muted, and where its history is."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ampeco_conformance.reporting.verdict import Verdict

ALLURE_HISTORY = "allure.jsonl"
_MOST_URGENT_LAST = ("advisory", "drift", "known", "blocked", "flaky", "open", "new")


def item_digest(node_id: str) -> str:
    """What stands for an item in Allure: its test case id, history id, and the label `item`."""
    return hashlib.md5(node_id.encode(), usedforsecurity=False).hexdigest()


def allure_settings(verdict: Verdict, history: Path, *, is_new: bool) -> Mapping[str, Any]:
    """The settings of one report (see reports/allure/allurerc.mjs); `is_new` says that the history lacks this run."""
    sections: dict[str, str] = {}
    # A result with several causes belongs to the most urgent section: known issues never hide another finding.
    for section in _MOST_URGENT_LAST:
        sections |= {item_digest(node_id): section for each in verdict.section(section) for node_id in each.node_ids}
    return {
        "sections": sections,
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


def _rules(verdict: Verdict, sections: Mapping[str, str]) -> list[dict[str, Any]]:
    """Results that show nothing but known issues are muted, with the entry of the ledger as the reason."""
    rules = []
    for cluster in verdict.section("known"):
        muted = [digest for digest in map(item_digest, cluster.node_ids) if sections[digest] == "known"]
        if muted:
            rules.append({"resolution": "muted", "comment": f"{cluster.issue}: {cluster.setting}", "testCaseId": muted})
    return rules
