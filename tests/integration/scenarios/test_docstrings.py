"""Every scenario says which rule it guards, where the rule is documented, and what each of its tests shows."""

import ast
from pathlib import Path

import pytest

from tests.support.scenario_runs import ROOT

SCENARIOS = sorted((ROOT / "scenarios").rglob("test_*.py"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_a_scenario_states_its_rule_and_its_source(path: Path) -> None:
    module = ast.parse(path.read_text(encoding="utf-8"))
    docstring = ast.get_docstring(module) or ""
    assert "Business rule: " in docstring
    assert "Documented: " in docstring
    tests = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    assert tests
    assert [test.name for test in tests if not ast.get_docstring(test)] == []


def test_every_scenario_is_in_the_table_of_the_documentation() -> None:
    documentation = (ROOT / "docs" / "reference" / "catalogue.md").read_text(encoding="utf-8")
    names = [str(path.relative_to(ROOT / "scenarios")) for path in SCENARIOS]
    assert [name for name in names if f"| `{name}` |" not in documentation] == []
