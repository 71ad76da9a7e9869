"""Every scenario says which rule it guards, where the rule is documented, and what each of its tests shows."""

import ast
from pathlib import Path

import pytest

from tests.support.scenario_runs import ROOT

STORIES = sorted((ROOT / "scenarios").rglob("test_*.py"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.name)
def test_a_story_tells_its_rule_and_where_it_is_documented(path: Path) -> None:
    module = ast.parse(path.read_text(encoding="utf-8"))
    told = ast.get_docstring(module) or ""
    assert "Business rule: " in told
    assert "Documented: " in told
    tests = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    assert tests
    assert [test.name for test in tests if not ast.get_docstring(test)] == []


def test_every_story_is_in_the_table_of_the_documentation() -> None:
    documentation = (ROOT / "docs" / "guide" / "scenarios.md").read_text(encoding="utf-8")
    names = [str(path.relative_to(ROOT / "scenarios")) for path in STORIES]
    rules = documentation.partition("## Running them")[0]
    assert [name for name in names if f"| `{name}` |" not in rules] == []
