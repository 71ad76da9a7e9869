"""A small run that shows everything a report can show: a new finding, a known issue, drift, and a failed scenario."""

import shutil
from argparse import Namespace
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import yaml

from ampeco_conformance.cli.report import make_reports
from ampeco_conformance.reporting.plan import read_plan, write_plan
from ampeco_conformance.reporting.results import append_results, read_results
from ampeco_conformance.reporting.summary import summarise, write_summary
from ampeco_conformance.reporting.writers.pages import HISTORY
from ampeco_conformance.triage.known_issues import today
from tests.support.runs import conform_run

NEW = "GET /public-api/resources/taxes/v2.0/{tax}"
KNOWN = "GET /public-api/resources/id-tags/v2.0/{idTag}"
TOLERATED = "GET /public-api/resources/user-groups/v1.0/{userGroup}"
SCENARIO = "One paid session gives one receipt"
#: What the card of its finding says; the scenario's title is in Allure.
SCENARIO_FINDING = "the driver gets a receipt"
TICKET = "https://tickets.example.com/browse/QA-17"
_CHECK = "response_schema_conformance"


def make_demonstration(folder: Path) -> Path:
    """Run it and generate its pages: one night, and the next one, to which a finding of the first is a known issue."""
    settings, ledger, history = folder / "strictness.yaml", folder / "known_issues.yaml", folder / HISTORY
    rule = {"check": _CHECK, "operation": TOLERATED, "strictness": "tolerant", "reason": "to be documented in May"}
    settings.write_text(yaml.safe_dump({"rules": [rule]}))
    defect = ("--defect", "timestamp-as-number", "--strictness", str(settings), "--history", str(history))

    before = conform_run(folder / "before", *defect, *_only(KNOWN, TOLERATED))
    ledger.write_text(yaml.safe_dump({"issues": _entries(before.reports)}))
    scenario = conform_run(folder / "scenario", "--defect", "no-receipt", "--", "-k", "exactly_one_receipt")
    night = conform_run(folder / "night", *defect, "--known-issues", str(ledger), *_only(NEW, KNOWN, TOLERATED))
    _join(scenario.reports, night.reports)
    (history / "runs.jsonl").write_bytes((history / "runs.jsonl").read_bytes().splitlines(keepends=True)[0])
    make_reports(Namespace(reports=night.reports, history=history, html=True, open=False))
    return night.reports


def _only(*operations: str) -> list[str]:
    """The arguments that run one aspect of these operations."""
    patterns = [word for label in operations for word in ("--operation", label)]
    return [*patterns, "--workers", "1", "--", "-k", "test_operation", "--deselect", "scenarios"]


def _entries(reports: Path) -> list[dict[str, str]]:
    """The known issues that a run has found: one for each field."""
    fingerprints = {
        finding.fingerprint
        for result in read_results(reports)
        if result.operation == KNOWN
        for finding in result.findings
    }
    return [
        {
            "check": _CHECK,
            "operation": KNOWN,
            "versions": "*",
            "tenant": "*",
            "fingerprint": fingerprint,
            "reason": "the vendor fixes it in the next release",
            "owner": "Ann",
            "ticket": TICKET,
            "expires": str(today() + timedelta(days=30)),
        }
        for fingerprint in sorted(fingerprints)
    ]


def _join(scenario: Path, night: Path) -> None:
    """Add the results of one run to another, as if one target had both faults: the emulator has one at a time."""
    shutil.copytree(scenario / "allure-results", night / "allure-results", dirs_exist_ok=True)
    append_results(read_results(scenario), night)
    both = read_plan(night).joined(read_plan(scenario))
    plan = replace(both, operations=both.operations // 2, permitted=both.permitted // 2)
    write_plan(plan, night)
    write_summary(summarise(read_results(night), plan, seconds=42.0), night)
