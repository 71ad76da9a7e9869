"""What scenarios report of a broken rule."""

import ast
from pathlib import Path

from ampeco_conformance.core.project import PROJECT


def _half_given(file: Path) -> list[str]:
    calls = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call))
    rules = [call for call in calls if getattr(call.func, "attr", "") in ("require", "violates")]
    values = [(call.lineno, {keyword.arg for keyword in call.keywords} & {"expected", "actual"}) for call in rules]
    return [f"{file.name}:{line}" for line, given in values if len(given) == 1]


def test_who_gives_what_was_expected_gives_what_was_received_too_or_reports_say_nothing_was() -> None:
    files = (PROJECT / "scenarios").rglob("*.py")
    assert [place for file in files for place in _half_given(file)] == []
