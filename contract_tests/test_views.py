"""Versions of a resource agree: one id has one value in all of them (see `checks/views.py`)."""

from collections.abc import Iterator, Mapping

import pytest

from ampeco_conformance.checks.includes import includes_of
from ampeco_conformance.checks.reads import steady
from ampeco_conformance.checks.views import (
    View,
    newer_listing,
    older_views,
    unlisted_violation,
    view_of,
    view_violations,
)
from ampeco_conformance.contract.answers import Answer
from ampeco_conformance.contract.path_templates import fill, parameters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.exchanges import Exchange, JsonObject
from ampeco_conformance.exercise.listing import Listing
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

_ITEMS_READ = 3


def has_older_views(operation: Operation, contract: ApiContract) -> bool:
    """Whether an older version of the operation reads the same resource."""
    return bool(older_views(contract, operation))


def has_newer_listing(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation is a listing that a newer version has, too."""
    return newer_listing(contract, operation) is not None


@pytest.mark.operations(selector=has_newer_listing)
def test_older_listing(operation: Operation, client: ApiClient, record: Recorder) -> None:
    """A listing is not empty while a newer version of it shows items, and shows them with the same values."""
    newer = newer_listing(record.contract, operation)
    assert newer is not None
    older_listing, listing = (Listing(listed, listed.path, client, record) for listed in (operation, newer))
    view = view_of(record.contract, newer, operation)

    def look() -> Iterator[tuple[Violation, Exchange]]:
        answer, other = older_listing.read({}), listing.read({})
        if not answer.items and other.items:
            yield unlisted_violation(newer, len(other.items)), answer.exchange
        if any(True for _ in _differing(view, other, answer)):
            # What changed between the readings is not compared.
            later = _by_id(listing.read({}))
            for violation in _differing(view, other, answer, later):
                yield violation, answer.exchange

    older_listing.verify(look)


def _differing(
    view: View, newer: Answer, older: Answer, later: Mapping[str, JsonObject] | None = None
) -> Iterator[Violation]:
    """What two versions of a listing show differently of an item, as far as it reads `later` as before."""
    shown = _by_id(older)
    for identifier, item in _by_id(newer).items():
        if identifier in shown:
            same = item if later is None else steady(item, later.get(identifier, {}))
            yield from view_violations(view, same, shown[identifier])


def _by_id(answer: Answer) -> dict[str, JsonObject]:
    return {str(item["id"]): item for item in answer.items if "id" in item}


@pytest.mark.operations(selector=has_older_views)
def test_views(operation: Operation, client: ApiClient, pool: IdPool, record: Recorder, seed: int) -> None:
    """An item has the same values in all versions that can read it."""
    known = pool.sample(operation, seed, _ITEMS_READ)
    if not known:
        pytest.skip(pool.absence(operation))
    newer = [Listing(operation, fill(operation.path, values), client, record) for values in known]
    views = older_views(record.contract, operation)
    wanted = includes_of(record.contract, operation, {name for view in views for name in view.shared})
    compared = 0

    def look() -> Iterator[tuple[Violation, Exchange]]:
        nonlocal compared
        for reading, values in zip(newer, known, strict=True):
            answer = reading.answer(wanted)
            # What others have removed meanwhile is left out.
            for view in views if answer.succeeded else ():
                # Versions may name the parameter differently; its place from the end of the path is the same.
                names = parameters_of(view.operation.path)
                named = dict(zip(names, list(values.values())[-len(names) :], strict=True))
                other = Listing(view.operation, fill(view.operation.path, named), client, record).answer(
                    includes_of(record.contract, view.operation, view.shared)
                )
                again = reading.answer(wanted)
                # A version need not have every item of a newer one; that it reads what it lists is tested by itself.
                for mine, theirs, later in zip(answer.items, other.items, again.items, strict=False):
                    compared += 1
                    # What changed between the two reads is not compared.
                    steady = {name: value for name, value in mine.items() if later.get(name) == value}
                    for violation in view_violations(view, steady, theirs):
                        yield violation, again.exchange

    newer[0].verify(look)
    if not compared:
        pytest.skip("no item could be read in two versions")
