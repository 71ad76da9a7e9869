"""Every check that can find something is in the registry, and nothing else is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ampeco_conformance.checks.registry import CHECKS, check_of

PROJECT = Path(__file__).resolve().parents[3]
FOLDERS = (
    "src/ampeco_conformance/checks",
    "src/ampeco_conformance/contract",
    "src/ampeco_conformance/exercise",
    "contract_tests",
)


def ids_in(source: str) -> Iterator[str]:
    """The ids under which a module makes findings: `finding(operation, exchange, ID, ...)`, `Finding(check=ID)`, and
    the tuples (ID, sentence, location, expected, actual) of violations.
    """
    for node in ast.walk(ast.parse(source)):
        candidates: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            candidates = [keyword.value for keyword in node.keywords if keyword.arg == "check"]
            candidates += node.args[2:3] if name == "finding" else node.args[:1] if name == "Finding" else []
        elif isinstance(node, ast.Tuple) and len(node.elts) == 5:
            candidates = node.elts[:1]
        for candidate in candidates:
            if isinstance(candidate, ast.Constant) and re.fullmatch(r"[a-z]+([_-][a-z]+)+", str(candidate.value)):
                yield str(candidate.value)


def used() -> dict[str, str]:
    """Id -> file, of all ids in the code."""
    files = [file for folder in FOLDERS for file in (PROJECT / folder).rglob("*.py")]
    return {id: file.name for file in files for id in ids_in(file.read_text())}


def test_every_id_in_the_code_is_in_the_registry() -> None:
    found = used()
    assert "pagination_links" in found
    unknown = {id: file for id, file in found.items() if id not in CHECKS}
    assert not unknown, f"add to src/ampeco_conformance/checks/registry.py: {unknown}"


@pytest.mark.parametrize("id", CHECKS)
def test_no_row_of_the_registry_is_dead(id: str) -> None:
    files = [file for folder in FOLDERS for file in (PROJECT / folder).rglob("*.py") if file.name != "registry.py"]
    assert any(f'"{id}"' in file.read_text() for file in files)


def test_the_rule_of_a_story_is_a_check_too() -> None:
    assert check_of("wallet-adds").title == "Wallet adds"
    assert check_of("wallet-adds").aspect == "scenario"
