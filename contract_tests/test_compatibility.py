"""The version under test keeps what the target's last tested version promised (see docs/guide/compatibility.md).

Source: the two specifications, compared under the vendor's policy; every breaking change has a witness that proves it.
"""

import pytest

from ampeco_conformance.checks.backward_compatibility import BACKWARD_COMPATIBILITY
from ampeco_conformance.compatibility.changes import Change, ChangeGroup
from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.rendering.witnesses import witness_text
from ampeco_conformance.compatibility.report import compare
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.core.findings import ContractViolation, Finding
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.target.configuration import Target


@pytest.mark.layer("compatibility")
def test_compatibility(target: Target, record: Recorder) -> None:
    """Nothing that a client of the last tested version relies on has gone."""
    previous = target.last_tested_version
    if previous is None:
        pytest.skip("which version was tested last is not known: `last_tested_version` in tenants.yaml says it")
    old, new = load_contract(previous, target.api), load_contract(target.api_version, target.api)
    report = compare(old, new, load_policy(api=target.api))
    for incompatibility in report.of(ChangeSeverity.MAYBE):
        record.note(f"may break clients of {previous}: {_summary(incompatibility)}")
    if broken := report.of(ChangeSeverity.BREAKING):
        raise ContractViolation([_finding(group, target, previous) for group in broken])


def _finding(incompatibility: ChangeGroup, target: Target, previous: str) -> Finding:
    change = incompatibility.first
    violation = BACKWARD_COMPATIBILITY.violation(
        f"breaks clients of {previous}: {_summary(incompatibility)}",
        change.location,
        expected=change.before,
        actual=witness_text(change.witness) if change.witness else change.after,
        kind=change.rule,
        source=f"rule {change.rule}, policy {change.clause or 'none'}",
    )
    return Finding(violation, change.operation, target.api_version)


def _summary(incompatibility: ChangeGroup) -> str:
    change: Change = incompatibility.first
    others = len(incompatibility.operations) - 1
    return f"{change.location}: {change.message}" + (f" (and in {others} more operations)" if others else "")
