"""What of the suite runs: what the profile has and the safety level permits. `--dry-run` tells it and sends nothing."""

from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ampeco_conformance.core.profiles import PROFILES, Profile, sampled
from ampeco_conformance.plugin.options import configured_target
from ampeco_conformance.plugin.selection import configured_policy, operation_of
from ampeco_conformance.target.safety import NotPermitted, Safety


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker; run nothing when it is only asked what would run."""
    if config.option.dry_run is not None:
        config.option.collectonly = True
    config.addinivalue_line(
        "markers", "reads: a scenario of an API that has nothing to write; it runs at every safety level"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the profile does not have, and what was not named."""
    suite = [item for item in items if _is_of_suite(item)]
    kept = _kept_by(PROFILES[config.option.profile], suite)
    if config.option.only_items is not None:
        named = set(config.option.only_items.read_text(encoding="utf-8").splitlines())
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
            by_aspect[_aspect(item)].append(item)
    kept = {item for aspect in profile.aspects for item in by_aspect[aspect]}
    for aspect in profile.conventions:
        indices = sampled(len(by_aspect[aspect]), profile.samples)
        kept |= {item for index, item in enumerate(by_aspect[aspect]) if index in indices}
    return kept


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write what would be sent, and what would not with the reason."""
    file: Path | None = session.config.option.dry_run
    if file is None:
        return
    lines: dict[str, list[str]] = defaultdict(list)
    for item in filter(_is_of_suite, session.items):
        operation = operation_of(item)
        subject = operation.label if operation is not None else item.nodeid.partition("[")[0]
        reason = refusal(item)
        lines[f"{subject}: not sent: {reason}" if reason else subject].append(_aspect(item))
    told = [line if ": not sent: " in line else f"{line}: {', '.join(aspects)}" for line, aspects in lines.items()]
    file.write_text("".join(f"{line}\n" for line in told), encoding="utf-8")


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Skip, before anything is sent, what the safety level does not permit.

    The innermost of the wrappers: pytest's own must have set up what they take down after a skip.
    """
    if reason := refusal(item):
        pytest.skip(reason)
    with _undecided_where_forbidden(item):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """What the safety level forbids in the middle of an item leaves the item undecided."""
    with _undecided_where_forbidden(item):
        yield


def refusal(item: pytest.Item) -> str | None:
    """Why an item may not run on the target; None when it may."""
    if not _is_of_suite(item):
        return None
    operation = operation_of(item)
    if operation is not None:
        return configured_policy(item.config).refusal(operation)
    target = configured_target(item.config)
    is_story = item.nodeid.startswith("scenarios/")
    if is_story and target.safety is Safety.READ_ONLY and item.get_closest_marker("reads") is None:
        return f"{target.name} is read-only: scenarios charge and pay; give it a higher safety level to run them"
    return None


@contextmanager
def _undecided_where_forbidden(item: pytest.Item) -> Generator[None, None, None]:
    try:
        yield
    except NotPermitted as refused:
        if not _is_of_suite(item):
            raise
        pytest.skip(str(refused))


def _is_of_suite(item: pytest.Item) -> bool:
    return "target" in getattr(item, "fixturenames", ())


def _aspect(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", None) or item.name).removeprefix("test_")
