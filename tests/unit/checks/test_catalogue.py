"""The catalogue is current, and the links of the reports lead somewhere in it."""

import re

import pytest

from ampeco_conformance.checks.registry import CHECKS
from ampeco_conformance.core.checks import Check, Severity
from tools.catalogue import PAGE, module_of, page


def test_the_catalogue_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run .venv/bin/python -m tools.catalogue"


def test_every_check_scenario_and_rule_can_be_linked_to() -> None:
    text = PAGE.read_text(encoding="utf-8")
    anchors = re.findall(r'<a id="([^"]+)"></a>', text)
    assert set(CHECKS) <= set(anchors)
    assert {"story-step", "balance-adds", "test_adding_to_a_balance_adds"} <= set(anchors)
    assert len(anchors) == len(set(anchors))


def test_every_case_says_what_to_do_and_what_to_expect() -> None:
    cases = re.split(r"^### ", PAGE.read_text(encoding="utf-8").partition("## Rules that")[0], flags=re.MULTILINE)[1:]
    assert len(cases) > len(CHECKS) + 50
    for case in cases:
        for row in ("precondition", "steps", "expectation", "source", "versions"):
            assert re.search(rf"^\| {row} \| \S", case, re.MULTILINE), f"no {row}: {case.splitlines()[0]}"


def test_an_aspect_without_a_contract_test_is_an_error() -> None:
    check = Check("made_up", "Made up", Severity.NORMAL, "Nothing.", "a test", aspect="pagnation")
    with pytest.raises(ValueError, match=r"'made_up' has the aspect 'pagnation', but there is no contract_tests/"):
        module_of(check)
