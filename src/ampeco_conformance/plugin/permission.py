"""Which items run: those of the profile that the safety level permits."""

from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from ampeco_conformance.core.profiles import PROFILES, Profile, sampled
from ampeco_conformance.plugin.options import configured_target, run_options
from ampeco_conformance.plugin.selection import configured_policy, is_scenario, is_suite_item, operation_of
from ampeco_conformance.target.safety import NotPermitted, Safety


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", "reads: a scenario that only reads; it runs at every safety level")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the items that the profile or `--only-items` leaves out."""
    suite = [item for item in items if is_suite_item(item)]
    kept = _kept_by(PROFILES[run_options(config).profile], suite)
    if run_options(config).only_items is not None:
        named = set(run_options(config).only_items.read_text(encoding="utf-8").splitlines())
        kept = {item for item in kept if item.nodeid in named}
    left_out = {item for item in suite if item not in kept}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def _kept_by(profile: Profile, suite: list[pytest.Item]) -> set[pytest.Item]:
    if profile.aspects is None:
        return set(suite)
    by_aspect: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in suite:
        operation = operation_of(item)
        if operation is not None and operation.method == "GET":
            by_aspect[aspect_of(item)].append(item)
    kept = {item for aspect in profile.aspects for item in by_aspect[aspect]}
    for aspect in profile.conventions:
        indices = sampled(len(by_aspect[aspect]), profile.samples)
        kept |= {item for index, item in enumerate(by_aspect[aspect]) if index in indices}
    return kept


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Skip an item that the safety level does not permit, before anything is sent.

    The innermost wrapper: pytest's own wrappers must have set up what they tear down after a skip.
    """
    if reason := refusal(item):
        pytest.skip(reason)
    with _skipped_if_not_permitted(item):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Skip an item when the safety level blocks one of its requests."""
    with _skipped_if_not_permitted(item):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Clean-up that is not permitted is reported as a warning: it says nothing about the target."""
    try:
        yield
    except NotPermitted as refused:
        if not is_suite_item(item):
            raise
        item.warn(pytest.PytestWarning(f"not cleaned up: {refused}"))


def refusal(item: pytest.Item) -> str | None:
    """The reason why an item may not run on the target; None when it may."""
    if not is_suite_item(item):
        return None
    operation = operation_of(item)
    if operation is not None:
        return configured_policy(item.config).refusal(operation)
    target = configured_target(item.config)
    if is_scenario(item) and target.safety is Safety.READ_ONLY and item.get_closest_marker("reads") is None:
        return f"{target.name} is read-only: scenarios charge and pay; give it a higher safety level to run them"
    return None


@contextmanager
def _skipped_if_not_permitted(item: pytest.Item) -> Generator[None, None, None]:
    try:
        yield
    except NotPermitted as refused:
        if not is_suite_item(item):
            raise
        pytest.skip(str(refused))


def aspect_of(item: pytest.Item) -> str:
    """The aspect of an item: the name of its test."""
    return str(getattr(item, "originalname", None) or item.name).removeprefix("test_")
