"""Generates the items: one per operation and aspect, named after operation, version and target.

A test that takes the fixture `operation` runs once for every operation its marker `operations(selector=...)` picks;
every test that needs the target has version and target in its node id.
"""

import re
from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

import pytest

from ampeco_conformance.apis import describe
from ampeco_conformance.contract.path_templates import parameters_of
from ampeco_conformance.contract.responses import ApiContract, contract_of
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.project import COMMAND, OWN_SCENARIOS, PROJECT
from ampeco_conformance.core.wildcards import fits
from ampeco_conformance.plugin.options import configured_target, run_options
from ampeco_conformance.plugin.scenario_operations import PathUse, touched_paths
from ampeco_conformance.specs import Operation, Specification, load_specification
from ampeco_conformance.target.safety import SafetyPolicy

Selector = Callable[[Operation, ApiContract], bool]

_SCENARIOS = PROJECT / "scenarios"
#: In a user's own session: the folder of what is ours there. Everything else is none of our business.
SCOPE = pytest.StashKey[Path]()
_CONTRACT = pytest.StashKey[ApiContract]()
_POLICY = pytest.StashKey[SafetyPolicy]()
_SELECTED = pytest.StashKey[list[Operation]]()


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    config.addinivalue_line("markers", "operations(selector=...): run once for every operation the selector picks")
    config.addinivalue_line("markers", "layer(name): the layer in the report, if not that of the folder")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize every item with its operation and its target."""
    if "target" not in metafunc.fixturenames or not _is_in_scope(metafunc.config, metafunc.definition.path):
        return
    target = configured_target(metafunc.config)
    if "operation" in metafunc.fixturenames:
        contract = configured_contract(metafunc.config)
        marker = metafunc.definition.get_closest_marker("operations")
        selector: Selector = marker.kwargs["selector"] if marker is not None else _every
        operations = [operation for operation in _selected_operations(metafunc.config) if selector(operation, contract)]
        metafunc.parametrize("operation", operations, ids=[operation.label for operation in operations])
    metafunc.parametrize("target", [None], ids=[f"v{target.api_version}@{target.name}"], indirect=True, scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect scenarios that touch no selected operation, and placeholders of aspects that have none.

    Last, because what a scenario touches is read off its source: not for those that `-k` or `--deselect` leave out.
    """
    selected = _selected_paths(config)
    left_out = [
        item
        for item in items
        if isinstance(item, pytest.Function)
        and (is_placeholder(item) or (selected is not None and is_scenario(item) and not _touches(item, selected)))
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def is_suite_item(item: pytest.Item) -> bool:
    """Whether an item tests the target."""
    return "target" in getattr(item, "fixturenames", ()) and _is_in_scope(item.config, item.path)


def _is_in_scope(config: pytest.Config, path: Path) -> bool:
    return SCOPE not in config.stash or path.is_relative_to(config.stash[SCOPE])


def is_placeholder(item: pytest.Item) -> bool:
    """Whether an item stands for an aspect that has no operation."""
    return "operation" in getattr(item, "fixturenames", ()) and operation_of(item) is None and is_suite_item(item)


def is_scenario(item: pytest.Item) -> bool:
    """Whether an item is a scenario: of the suite, or of the user's own folder."""
    return is_suite_item(item) and any(item.path.is_relative_to(folder) for folder in (_SCENARIOS, OWN_SCENARIOS))


def _selected_paths(config: pytest.Config) -> set[PathUse] | None:
    """The selected operations, as scenarios name them; None when all are selected."""
    if not run_options(config).operation and not run_options(config).exclude_operation:
        return None
    return _uses_of(config, _selected_operations(config))


def _uses_of(config: pytest.Config, operations: Iterable[Operation]) -> set[PathUse]:
    """How scenarios name operations."""
    prefix = describe(configured_target(config).api).path_prefix
    return {
        (method, path)
        for operation in operations
        for method in (operation.method, None)
        for path in (operation.path, operation.path.removeprefix(prefix))
    }


def _touches(item: pytest.Function, selected: set[PathUse]) -> bool:
    return not selected.isdisjoint(touched_paths(_SCENARIOS, item.path, item.function.__name__))


def scenarios_touching(config: pytest.Config, items: Iterable[pytest.Item], operations: Iterable[Operation]) -> int:
    """How many of the items are scenarios that touch one of the operations."""
    uses = _uses_of(config, operations)
    scenarios = (item for item in items if isinstance(item, pytest.Function) and is_scenario(item))
    return sum(_touches(item, uses) for item in scenarios)


def operation_of(item: pytest.Item) -> Operation | None:
    """The operation an item tests; None for scenarios and placeholders."""
    operation = item.callspec.params.get("operation") if hasattr(item, "callspec") else None
    return operation if isinstance(operation, Operation) else None


def configured_specification(config: pytest.Config) -> Specification:
    """The specification of the version under test; ends the session with exit 2 when there is none."""
    target = configured_target(config)
    try:
        specification = load_specification(target.api_version, target.api)
        refuse_misspelt_ids(target.ids, specification)
        return specification
    except ConfigurationError as error:
        pytest.exit(str(error), returncode=error.exit_code)


def refuse_misspelt_ids(ids: Iterable[str], specification: Specification) -> None:
    """Raise ConfigurationError for a parameter in another form (`charge_points`); others are of other versions."""
    known = {parameter for operation in specification.operations for parameter in parameters_of(operation.path)}
    by_form = {_form(parameter): parameter for parameter in known}
    for name in ids:
        if name not in known and (meant := by_form.get(_form(name))) is not None:
            raise ConfigurationError(f"ids: no path has a parameter {name!r}, did you mean {meant!r}?")


def _form(parameter: str) -> str:
    return re.sub(r"[\W_]", "", parameter).casefold().removesuffix("s").removesuffix("id")


def configured_contract(config: pytest.Config) -> ApiContract:
    """The rules of the version under test, created once per process."""
    if _CONTRACT not in config.stash:
        config.stash[_CONTRACT] = contract_of(configured_specification(config))
    return config.stash[_CONTRACT]


def _selected_operations(config: pytest.Config) -> list[Operation]:
    """The operations that the options select, matched once per process."""
    if _SELECTED not in config.stash:
        config.stash[_SELECTED] = selected_operations(configured_specification(config), run_options(config))
    return config.stash[_SELECTED]


def configured_policy(config: pytest.Config) -> SafetyPolicy:
    """What may be sent to the target, created once per process."""
    if _POLICY not in config.stash:
        target = configured_target(config)
        operations = configured_contract(config).specification.operations
        config.stash[_POLICY] = SafetyPolicy(target.safety, target.permissions, operations)
    return config.stash[_POLICY]


def _every(_operation: Operation, _contract: ApiContract) -> bool:
    return True


def selected_operations(specification: Specification, options: Namespace) -> list[Operation]:
    """The operations that `--operation` selects, all without it, less those that `--exclude-operation` names."""
    chosen, excluded = options.operation or ["*"], options.exclude_operation
    return [item for item in specification.operations if matches(item, chosen) and not matches(item, excluded)]


def no_match(specification: Specification, patterns: Sequence[str]) -> str:
    """That no operation matches, with the one whose name is nearest."""
    names = {
        name.lower(): operation.label
        for operation in specification.operations
        for name in (operation.label, operation.path, operation.operation_id, operation.tag)
    }
    given = [pattern.strip("*").lower() for pattern in patterns]
    near = [names[name] for pattern in given for name in get_close_matches(pattern, names, 1)]
    hint = f"did you mean {near[0]!r}?" if near else f"{COMMAND} specs show {specification.version} lists them"
    return f"no operation of {specification.api} {specification.version} matches {', '.join(patterns)}; {hint}"


def matches(operation: Operation, patterns: Iterable[str]) -> bool:
    """Whether an operation matches any of the patterns.

    A pattern is compared, ignoring case, with "METHOD /path", the path, the operationId and the tag;
    `*` and `?` are wildcards, and a pattern without wildcards matches any part of the label.
    """
    names = [name.lower() for name in (operation.label, operation.path, operation.operation_id, operation.tag)]
    return any(
        fits(name, pattern.lower()) or pattern.lower() in operation.label.lower()
        for pattern in patterns
        for name in names
    )
