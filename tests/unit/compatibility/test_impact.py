"""What a group of changes means to one caller."""

import pytest

from ampeco_conformance.compatibility.changes import Change, ChangeGroup
from ampeco_conformance.compatibility.impact import ImpactLevel, impact_of
from ampeco_conformance.compatibility.rules import RULES
from ampeco_conformance.compatibility.rules.model import ChangeSeverity
from ampeco_conformance.compatibility.usage import Usage


@pytest.mark.parametrize("order", [1, -1], ids=["worst first", "worst last"])
def test_the_worst_change_of_a_group_decides(order: int) -> None:
    rule = next(iter(RULES))
    breaking = Change(rule, "", "security", "something broke", ChangeSeverity.BREAKING)
    safe = Change(rule, "GET /users", "security", "something is new", ChangeSeverity.SAFE)
    group = ChangeGroup((breaking, safe)[::order])
    assert impact_of(group, Usage("traffic.har")).level is ImpactLevel.UNKNOWN
