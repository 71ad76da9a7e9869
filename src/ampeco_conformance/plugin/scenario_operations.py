"""Which operations a scenario touches, read off its source and that of the vocabulary it uses.

A step names an operation by its path, mostly through a constant of the vocabulary. Functions that a scenario calls are
followed, and its fixtures; methods by the annotated types of parameters, attributes and results. Where the HTTP method
of a path is not evident, any counts.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
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
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)

    def add(self, file: Path) -> None:
        """Add what a file defines."""
        module = ast.parse(file.read_text(encoding="utf-8"))
        for statement in module.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                paths = frozenset(_paths_in(statement.value, self.constants))
                self.constants |= {target.id: paths for target in targets if isinstance(target, ast.Name)}
            elif isinstance(statement, ast.FunctionDef):
                self.functions[statement.name] = statement
            elif isinstance(statement, ast.ClassDef):
                self._add_class(statement)

    def _add_class(self, statement: ast.ClassDef) -> None:
        for method in statement.body:
            if isinstance(method, ast.FunctionDef):
                self.functions[f"{statement.name}.{method.name}"] = method
                types = _parameter_types(method)
                for node in ast.walk(method):
                    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in types:
                        for target in node.targets:
                            if isinstance(target, ast.Attribute):
                                self.attributes[f"{statement.name}.{target.attr}"] = types[node.value.id]


def touched_paths(scenarios: Path, file: Path, function: str) -> frozenset[PathUse]:
    """The paths that a test function of a file below the folder of scenarios touches."""
    shared = _shared(scenarios)
    source = _Source(dict(shared.constants), dict(shared.functions), dict(shared.attributes))
    source.add(file)
    found: set[PathUse] = set()
    remaining, seen = [function], set[str]()
    while remaining:
        name = remaining.pop()
        if name not in seen and name in source.functions and not name.startswith(f"{_CLIENT}."):
            reader = _Reader(source, name)
            found |= reader.paths
            remaining += reader.names
        seen.add(name)
    return frozenset(found)


@lru_cache
def _shared(scenarios: Path) -> _Source:
    """What every scenario may use: fixtures and the vocabulary."""
    source = _Source()
    for file in sorted(scenarios.rglob("*.py")):
        if not file.name.startswith("test_"):
            source.add(file)
    return source


class _Reader:
    """Reads one function: the paths that it mentions, and the names of the functions and fixtures that it uses."""

    def __init__(self, source: _Source, name: str) -> None:
        self._source = source
        self._node = source.functions[name]
        owner = name.rpartition(".")[0]
        self._types = _parameter_types(self._node) | ({"self": owner} if owner else {})
        for node in ast.walk(self._node):
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            if isinstance(node, ast.Assign) and isinstance(target, ast.Name) and (type_ := self._type(node.value)):
                self._types[target.id] = type_
        # Parameters of functions that are no methods may be fixtures.
        self.names = set() if owner else set(self._types) | {argument.arg for argument in self._node.args.args}
        self.paths: set[PathUse] = set()
        self._read()

    def _read(self) -> None:
        explained: set[ast.AST] = set()
        for call in (node for node in ast.walk(self._node) if isinstance(node, ast.Call)):
            method, path = _request(call)
            if path is not None:
                explained.update(ast.walk(path))
                self.paths |= {(method, found) for found in _paths_in(path, self._source.constants)}
        for node in ast.walk(self._node):
            if isinstance(node, ast.Attribute) and (owner := self._type(node.value)):
                self.names.add(f"{owner}.{node.attr}")
            elif isinstance(node, ast.Name):
                self.names |= {node.id, f"{node.id}.__init__"}
            if node not in explained and isinstance(node, ast.Name | ast.Constant):
                self.paths |= {(None, path) for path in _paths_in(node, self._source.constants)}

    def _type(self, node: ast.AST) -> str | None:
        """The class of an expression, as far as annotations tell."""
        if isinstance(node, ast.Name):
            return self._types.get(node.id)
        if isinstance(node, ast.Attribute):
            return self._source.attributes.get(f"{self._type(node.value)}.{node.attr}")
        if isinstance(node, ast.Call):
            called = self._called(node.func)
            if f"{called}.__init__" in self._source.functions:
                return called
            function = self._source.functions.get(called)
            return _name(function.returns) if function is not None else None
        return None

    def _called(self, node: ast.AST) -> str:
        if isinstance(node, ast.Attribute):
            return f"{self._type(node.value)}.{node.attr}"
        return node.id if isinstance(node, ast.Name) else ""


def _parameter_types(function: ast.FunctionDef) -> dict[str, str]:
    arguments = [*function.args.args, *function.args.kwonlyargs]
    return {argument.arg: name for argument in arguments if (name := _name(argument.annotation)) is not None}


def _name(annotation: ast.AST | None) -> str | None:
    return annotation.id if isinstance(annotation, ast.Name) else None


def _paths_in(node: ast.AST, constants: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Constant) and isinstance(child.value, str) and child.value.startswith("/"):
            yield child.value
        elif isinstance(child, ast.Name):
            yield from constants.get(child.id, ())


def _request(call: ast.Call) -> tuple[str | None, ast.AST | None]:
    """The method and the path of a call that sends a request; no path for any other call."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in _METHODS and call.args:
        return _METHODS[name], call.args[0]
    if name in _NAMED_METHODS and len(call.args) > 1 and isinstance(call.args[0], ast.Constant):
        return str(call.args[0].value), call.args[1]
    return None, None
