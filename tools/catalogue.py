"""Writes docs/reference/catalogue.md from checks, contract tests and scenarios: `python -m tools.catalogue`."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ampeco_conformance.apis import owner_of_scenario
from ampeco_conformance.checks.registry import CHECKS
from ampeco_conformance.core.checks import Check, Reproduction
from ampeco_conformance.specs import Provenance, load_catalog, load_specification, store_directory
from tests.support.noticed import NOTICED

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "reference" / "catalogue.md"

_HEAD = """# Catalogue of conformance cases

Made by `python -m tools.catalogue`; a test keeps it current.

The first part lists the checks: what each claims of every operation it applies to, and how it is tested. The second
lists the scenarios: flows of several operations, with the business rules they assert. `strictness.yaml` and
`known_issues.yaml` refer to the ids of checks and rules.
"""
_REPRODUCTIONS = {
    Reproduction.ANSWER: "the request is repeated, and the new response judged again",
    Reproduction.STATUS: "the request is repeated, and the status compared",
    Reproduction.TEST: "the test repeats its requests before it reports",
    Reproduction.SIGHT: "the response is the proof; nothing is repeated",
    Reproduction.COMPARISON: "two documents are compared; nothing is sent",
}
_EVERY_EXCHANGE = "Every exchange of the run is checked."
#: Aspects without a contract test of their own: every exchange of any test is judged by their checks.
_OF_EVERY_EXCHANGE = frozenset({"addressing", "chronology", "disclosure", "drift"})
_ANSWERS = "a response of the operation, in any contract test or scenario"
#: Fixtures of every scenario, which are not a precondition.
_TOOLS = frozenset({"api", "cleanup", "request", "record", "client", "specification", "target", "pytestconfig"})
_RULE = re.compile(r"[a-z]+(-[a-z0-9]+)+")
_ASSERTING = frozenset({"require", "require_equal", "violates"})


@dataclass(frozen=True, slots=True)
class Function:
    """A test or a fixture, read from its source."""

    name: str
    doc: str
    arguments: tuple[str, ...]
    node: ast.FunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """A file of tests: its docstring, its functions, its constants that are paths."""

    file: Path
    doc: str
    functions: Mapping[str, Function]
    paths: Mapping[str, str]

    @property
    def tests(self) -> list[Function]:
        """The tests in the order of the file."""
        return [function for name, function in self.functions.items() if name.startswith("test_")]

    def paragraph(self, name: str) -> str:
        """A paragraph of the docstring, `Source: ...` say, without its name; empty when there is none."""
        found = re.search(rf"^{name}: (.*?)(?=^[A-Z][a-z ]+: |\n\n|\Z)", self.doc, re.MULTILINE | re.DOTALL)
        return " ".join(found[1].split()) if found else ""


@cache
def read(file: Path) -> Module:
    """A file of tests."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = {
        node.name: Function(
            node.name,
            " ".join((ast.get_docstring(node) or "").split()),
            tuple(argument.arg for argument in node.args.args),
            node,
        )
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    paths = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str) and node.value.value.startswith("/")
    }
    return Module(file, ast.get_docstring(tree) or "", functions, paths)


def page() -> str:
    """The whole page."""
    lines = [_HEAD, "## Checks", ""]
    for number, check in enumerate(CHECKS.values(), 1):
        lines += _check(number, check)
    files = sorted((PROJECT / "scenarios").rglob("test_*.py"))
    lines += ["## Scenarios", "", *_files_of_scenarios(files), ""]
    listed: set[str] = set()
    scenarios = ((read(file), test) for file in files for test in read(file).tests)
    for number, (module, test) in enumerate(scenarios, 1):
        lines += _scenario(number, module, test, listed)
    lines += ["## Rules that scenarios share", "", "Asserted by the vocabulary of the scenarios.", ""]
    for file in sorted((PROJECT / "scenarios").rglob("*.py")):
        for rule in dict.fromkeys(_rules(ast.parse(file.read_text(encoding="utf-8")))):
            if rule not in listed:
                listed.add(rule)
                lines.append(f'- <a id="{rule}"></a>`{rule}` ({file.relative_to(PROJECT / "scenarios")})')
    return "\n".join(lines).rstrip() + "\n"


def _files_of_scenarios(files: list[Path]) -> Iterator[str]:
    yield from ("| file | in short | defects of the emulator that it notices |", "| --- | --- | --- |")
    for file in files:
        name = str(file.relative_to(PROJECT / "scenarios"))
        defects = ", ".join(f"`{defect}`" for defect in NOTICED.get(name, ()))
        yield f"| `{name}` | {read(file).doc.partition(chr(10))[0]} | {defects} |"


def _check(number: int, check: Check) -> Iterator[str]:
    module = module_of(check)
    steps = [f"{test.doc} (`{test.name}`)" for test in module.tests] if module else [_EVERY_EXCHANGE]
    yield from (f'<a id="{check.id}"></a>', "", f"### C{number:02}. {check.title}", "")
    yield from _rows(
        ("check", f"`{check.id}`, {check.severity}, {_strictness(check)} by default"),
        ("precondition", _precondition(module)),
        ("steps", "<br>".join(steps)),
        ("expectation", check.claim),
        ("reproduction", _REPRODUCTIONS[check.reproduction]),
        ("source", check.source),
        ("versions", "every version, for the operations it applies to"),
    )


def _strictness(check: Check) -> str:
    return str(check.strictness) + (f" ({check.on_tenants} on tenants)" if check.on_tenants else "")


def module_of(check: Check) -> Module | None:
    """The contract tests that look for what a check claims; None for what every exchange can show.

    Raises ValueError for an aspect without a file.
    """
    if check.aspect in _OF_EVERY_EXCHANGE:
        return None
    names = (f"test_{check.aspect}.py", f"test_{check.aspect}s.py")
    files = (PROJECT / "contract_tests" / name for name in names)
    found = next((read(file) for file in files if file.exists()), None)
    if found is None:
        raise ValueError(
            f"the check {check.id!r} has the aspect {check.aspect!r}, but there is no contract_tests/{names[0]}: "
            "write it, or name the aspect of the test that uses the check"
        )
    return found


def _precondition(module: Module | None) -> str:
    """What the selectors of the tests say of the operations they pick."""
    if module is None:
        return _ANSWERS
    picked: list[str] = []
    for test in module.tests:
        nodes = (node for decorator in test.node.decorator_list for node in ast.walk(decorator))
        for name in (node.id for node in nodes if isinstance(node, ast.Name) and node.id in module.functions):
            picked += re.findall(r"^Whether (.*?)\.", module.functions[name].doc)
    return "; ".join(dict.fromkeys(picked)) or "any operation of the version"


def _scenario(number: int, module: Module, test: Function, listed: set[str]) -> Iterator[str]:
    rules = list(dict.fromkeys(_rules(test.node)))
    anchors = [rule for rule in rules if rule not in listed]
    listed.update(rules)
    yield from (f'<a id="{id}"></a>' for id in (test.name, *anchors))
    yield from ("", f"### S{number:02}. {test.doc.partition('. ')[0].rstrip('.')}", "")
    given = [_fixture(module, name) for name in test.arguments if name not in _TOOLS]
    yield from _rows(
        ("scenario", f"`{test.name}`"),
        ("precondition", " ".join(filter(None, given)) or "none"),
        ("steps", "<br>".join(_steps(test.node)) or test.doc),
        ("expectation", module.paragraph("Business rule") or test.doc),
        ("rules", ", ".join(f"`{rule}`" for rule in rules) or "every response as documented"),
        ("source", module.paragraph("Documented") or module.paragraph("Source") or module.paragraph("Facts")),
        ("versions", _versions(module, test)),
    )


def _rows(*rows: tuple[str, str]) -> Iterator[str]:
    yield from ("| | |", "| --- | --- |")
    yield from (f"| {name} | {text.replace('|', chr(92) + '|')} |" for name, text in rows if text)
    yield ""


def _fixture(module: Module, name: str) -> str:
    for place in (module, read(PROJECT / "scenarios" / "conftest.py")):
        if name in place.functions:
            return place.functions[name].doc
    return ""


def _steps(node: ast.AST) -> list[str]:
    """The texts of `with step("...")`, in their order; what is filled in at run time is shown as `...`."""
    calls = [call for call in _calls(node) if _name(call) == "step" and call.args]
    return [_text(call.args[0]) for call in calls]


def _calls(node: ast.AST) -> list[ast.Call]:
    """The calls in a piece of source, in their order."""
    calls = (child for child in ast.walk(node) if isinstance(child, ast.Call))
    return sorted(calls, key=lambda call: call.lineno)


def _rules(node: ast.AST) -> Iterator[str]:
    """The ids of rules among the arguments of what asserts, and of the helpers a scenario calls."""
    for call in _calls(node):
        texts = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "rule")]
        is_assertion = _name(call) in _ASSERTING or _name(call).startswith(("check", "wait"))
        for text in texts if is_assertion else ():
            if isinstance(text, ast.Constant) and _RULE.fullmatch(str(text.value)):
                yield str(text.value)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "..." for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "..."


def _name(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def _versions(module: Module, test: Function) -> str:
    """The versions that have the paths that the scenario names itself."""
    names = {child.id for child in ast.walk(test.node) if isinstance(child, ast.Name)}
    needed = [path for name, path in module.paths.items() if name in names]
    api = owner_of_scenario(module.file.relative_to(PROJECT))
    have = {
        version: all(_has(paths, api.path_prefix, path) for path in needed)
        for version, paths in _paths(api.name).items()
    }
    fitting = [version for version, fits in have.items() if fits]
    if len(fitting) == len(have):
        return f"{api.name}: all"
    which = f"{fitting[0]} to {fitting[-1]}" if fitting else "as far as they have its operations"
    return f"{api.name}: {which}"


def _has(paths: frozenset[str], prefix: str, path: str) -> bool:
    return path in paths or prefix + path in paths


@cache
def _paths(api: str) -> dict[str, frozenset[str]]:
    """The paths of every version of an API, but for imported ones: the page is the same whatever a user imports."""
    entries = load_catalog(store_directory()).versions(api)
    versions = [entry.version for entry in entries if entry.provenance is not Provenance.VENDOR]
    return {version: frozenset(load_specification(version, api).document["paths"]) for version in versions}


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
