"""Every rule is found in its example, and what it calls breaking is proven there."""

import pytest

from ampeco_conformance.compatibility.rules import RULES, ChangeSeverity, ComparisonRule
from tests.support.comparison import compared, examples

_UNPROVABLE = {
    # JSON Schema 2020-12 asserts nothing about the content of a text.
    *("request-content-schema-added", "request-content-schema-changed"),
    *("response-content-schema-removed", "response-content-schema-changed"),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_is_found_in_its_example(rule: ComparisonRule) -> None:
    changes = [change for change in compared(*examples(rule)).changes if change.rule == rule.id]
    assert changes, f"{rule.id} is not found in its own example"
    expected = ChangeSeverity.MAYBE if rule.id in _UNPROVABLE else rule.severity
    assert {change.severity for change in changes} == {expected}
    assert all((change.witness is not None) == (change.severity is ChangeSeverity.BREAKING) for change in changes)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_an_example_does_not_differ_from_itself(rule: ComparisonRule) -> None:
    for document in examples(rule):
        assert not compared(document, document).groups
