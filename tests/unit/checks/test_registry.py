"""The registry has every check that is declared, once, and every declaration is used."""

import ast
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from ampeco_conformance.checks.registry import CHECKS, check_of
from ampeco_conformance.core.checks import Check, Severity, declare, declared

PROJECT = Path(__file__).resolve().parents[3]
SOURCES = [
    *(PROJECT / "src/ampeco_conformance/checks").glob("*.py"),
    *(PROJECT / "src/ampeco_conformance/contract").glob("*.py"),
    *(PROJECT / "contract_tests").glob("*.py"),
]


def constants() -> dict[str, str]:
    """Id -> name of the constant of every declaration in `checks/` and `contract/`."""
    found: dict[str, str] = {}
    for file in SOURCES:
        if file.parent.name in ("checks", "contract") and file.stem != "__init__":
            module = import_module(f"ampeco_conformance.{file.parent.name}.{file.stem}")
            found |= {value.id: name for name, value in vars(module).items() if isinstance(value, Check)}
    return found


def test_every_declaration_is_collected() -> None:
    assert constants().keys() == CHECKS.keys() == declared().keys()
    assert "pagination_links" in CHECKS
    assert len(CHECKS) > 40


def test_the_order_does_not_depend_on_imports() -> None:
    assert list(CHECKS.values()) == sorted(CHECKS.values(), key=lambda check: (check.aspect, check.id))


def _identifiers(tree: ast.AST) -> set[str]:
    """Every name that a piece of source refers to."""
    return {
        found
        for node in ast.walk(tree)
        if (found := getattr(node, "id", None) or getattr(node, "attr", None)) is not None
    }


@cache
def used_by_the_suite() -> set[str]:
    """Names that contract tests or the plugin refer to, directly or through what they call."""
    refers: dict[str, set[str]] = {}
    for file in (PROJECT / "src/ampeco_conformance").rglob("*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            targets = getattr(node, "targets", [getattr(node, "target", node)])
            for target in targets:
                name = getattr(target, "name", getattr(target, "id", ""))
                refers.setdefault(name, set()).update(_identifiers(node) - {name})
    starts = [*(PROJECT / "contract_tests").glob("*.py"), *(PROJECT / "src/ampeco_conformance/plugin").glob("*.py")]
    waiting = set().union(*(_identifiers(ast.parse(file.read_text(encoding="utf-8"))) for file in starts))
    used: set[str] = set()
    while waiting:
        name = waiting.pop()
        used.add(name)
        waiting |= refers.get(name, set()) - used
    return used


@pytest.mark.parametrize("id", CHECKS)
def test_a_contract_test_uses_every_declaration(id: str) -> None:
    name = constants()[id]
    assert name in used_by_the_suite(), f"no contract test calls what makes violations of {name}"


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_declaration_says_what_a_reader_needs(check: Check) -> None:
    assert check.title
    assert check.claim.endswith(".")
    assert check.source
    assert check.aspect


def test_an_id_is_declared_once() -> None:
    with pytest.raises(ValueError, match="'pagination_links' is declared twice"):
        declare("pagination_links", title="", severity=Severity.MINOR, claim="", source="", aspect="")
    assert CHECKS["pagination_links"].severity is Severity.NORMAL


def test_the_rule_of_a_scenario_is_a_check_too() -> None:
    assert check_of("wallet-adds").title == "Wallet adds"
    assert check_of("wallet-adds").aspect == "scenario"
