"""Which operations a scenario touches, read off its source and that of the vocabulary it uses.

A step names an operation by its path, mostly through a constant of the vocabulary. Functions that a scenario calls are
followed, and its fixtures; methods by the annotated types of parameters, attributes and results. Where the HTTP method
of a path is not evident, any counts.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

_METHODS = {name.lower(): name for name in ("GET", "POST", "PUT", "PATCH", "DELETE")}
_METHODS |= {"listing": "GET", "pages": "GET"}
#: Calls that name the method first, then the path.
_NAMED_METHODS = frozenset({"call", "operation", "later", "has", "newest", "ScenarioCall"})
#: Where the methods of a client are defined: what calls them names the path.
_CLIENT = "ScenarioApi"

PathUse = tuple[str | None, str]
"""A method, None when it is not evident, and the path of an operation."""


@dataclass(slots=True)
class _Source:
    """What files define: constants that hold paths, functions (methods under `Class.name`), types of attributes."""

    constants: dict[str, frozenset[str]] = field(default_factory=dict)
    functions: dict[str, "_FunctionSource"] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)

    def add(self, file: Path) -> None:
        """Add what a file defines."""
        module = ast.parse(file.read_text(encoding="utf-8"))
        for statement in module.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                paths = frozenset(_paths_in(ast.walk(statement.value), self.constants))
                self.constants |= {target.id: paths for target in targets if isinstance(target, ast.Name)}
            elif isinstance(statement, ast.FunctionDef):
                self.functions[statement.name] = _FunctionSource(statement, self)
            elif isinstance(statement, ast.ClassDef):
                self._add_class(statement)

    def _add_class(self, statement: ast.ClassDef) -> None:
        for method in statement.body:
            if isinstance(method, ast.FunctionDef):
                self.functions[f"{statement.name}.{method.name}"] = _FunctionSource(method, self, statement.name)
                types = _parameter_types(method)
                for node in ast.walk(method):
                    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in types:
                        for target in node.targets:
                            if isinstance(target, ast.Attribute):
                                self.attributes[f"{statement.name}.{target.attr}"] = types[node.value.id]


def touched_paths(scenarios: Path, file: Path, function: str) -> frozenset[PathUse]:
    """The paths that a test function of a file below the folder of scenarios touches."""
    functions = _source(scenarios, file).functions
    found: set[PathUse] = set()
    remaining, seen = [function], set[str]()
    while remaining:
        name = remaining.pop()
        if name not in seen and name in functions and not name.startswith(f"{_CLIENT}."):
            paths, names = functions[name].uses
            found |= paths
            remaining += names
        seen.add(name)
    return frozenset(found)


@lru_cache
def _source(scenarios: Path, file: Path) -> _Source:
    """What the tests of a file may use: what the file defines, and what is shared."""
    shared = _shared(scenarios)
    source = _Source(dict(shared.constants), dict(shared.functions), dict(shared.attributes))
    source.add(file)
    return source


@lru_cache
def _shared(scenarios: Path) -> _Source:
    """What every scenario may use: fixtures and the vocabulary."""
    source = _Source()
    for file in sorted(scenarios.rglob("*.py")):
        if not file.name.startswith("test_"):
            source.add(file)
    return source


class _FunctionSource:
    """A function; its `uses`, read once, are the paths that it mentions, and the functions and fixtures it uses."""

    def __init__(self, node: ast.FunctionDef, source: _Source, owner: str | None = None) -> None:
        self.node = node
        self._source = source
        self._owner = owner

    @cached_property
    def uses(self) -> tuple[set[PathUse], set[str]]:
        """The paths, and the names of functions (methods under `Class.name`) and fixtures."""
        nodes = list(ast.walk(self.node))
        types = self._types(nodes)
        # Parameters of functions that are no methods may be fixtures.
        names = set() if self._owner else set(types) | {argument.arg for argument in self.node.args.args}
        paths, explained = self._requests(nodes)
        for node in nodes:
            if isinstance(node, ast.Attribute) and (owner := self._type(node.value, types)):
                names.add(f"{owner}.{node.attr}")
            elif isinstance(node, ast.Name):
                names |= {node.id, f"{node.id}.__init__"}
        paths |= {(None, path) for path in _paths_in(set(nodes) - explained, self._source.constants)}
        return paths, names

    def _types(self, nodes: list[ast.AST]) -> dict[str, str]:
        """The classes of parameters and local variables."""
        types = _parameter_types(self.node) | ({"self": self._owner} if self._owner else {})
        for node in nodes:
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            if isinstance(node, ast.Assign) and isinstance(target, ast.Name) and (of := self._type(node.value, types)):
                types[target.id] = of
        return types

    def _requests(self, nodes: list[ast.AST]) -> tuple[set[PathUse], set[ast.AST]]:
        """The requests that are sent, and the nodes that name their paths."""
        paths: set[PathUse] = set()
        explained: set[ast.AST] = set()
        for call in (node for node in nodes if isinstance(node, ast.Call)):
            method, path = _request(call)
            if path is not None:
                named = list(ast.walk(path))
                explained.update(named)
                paths |= {(method, found) for found in _paths_in(named, self._source.constants)}
        return paths, explained

    def _type(self, node: ast.AST, types: Mapping[str, str]) -> str | None:
        """The class of an expression, as far as annotations tell."""
        if isinstance(node, ast.Name):
            return types.get(node.id)
        if isinstance(node, ast.Attribute):
            return self._source.attributes.get(f"{self._type(node.value, types)}.{node.attr}")
        if isinstance(node, ast.Call):
            called = self._called(node.func, types)
            if f"{called}.__init__" in self._source.functions:
                return called
            function = self._source.functions.get(called)
            return _name(function.node.returns) if function is not None else None
        return None

    def _called(self, node: ast.AST, types: Mapping[str, str]) -> str:
        if isinstance(node, ast.Attribute):
            return f"{self._type(node.value, types)}.{node.attr}"
        return node.id if isinstance(node, ast.Name) else ""


def _parameter_types(function: ast.FunctionDef) -> dict[str, str]:
    arguments = [*function.args.args, *function.args.kwonlyargs]
    return {argument.arg: name for argument in arguments if (name := _name(argument.annotation)) is not None}


def _name(annotation: ast.AST | None) -> str | None:
    return annotation.id if isinstance(annotation, ast.Name) else None


def _paths_in(nodes: Iterable[ast.AST], constants: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/"):
            yield node.value
        elif isinstance(node, ast.Name):
            yield from constants.get(node.id, ())


def _request(call: ast.Call) -> tuple[str | None, ast.AST | None]:
    """The method and the path of a call that sends a request; no path for any other call."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in _METHODS and call.args:
        return _METHODS[name], call.args[0]
    if name in _NAMED_METHODS and len(call.args) > 1 and isinstance(call.args[0], ast.Constant):
        return str(call.args[0].value), call.args[1]
    return None, None
