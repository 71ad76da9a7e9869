"""Optional includes are returned when they are requested, and only then (see `checks/includes.py`)."""

from collections.abc import Iterator, Sequence

import pytest

from ampeco_conformance.checks.includes import (
    Extra,
    dropped_violations,
    extras_of,
    ignored_violations,
    shown_together,
    unasked_violations,
)
from ampeco_conformance.contract.answers import Answer
from ampeco_conformance.contract.resource_map import fill
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.exchanges import Exchange, JsonObject
from ampeco_conformance.exercise.confirmation import PartRefused
from ampeco_conformance.exercise.listing import Listing
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

_ITEMS_READ = 3


def has_extras(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation reads, and has optional includes."""
    return operation.method == "GET" and bool(extras_of(contract, operation))


@pytest.mark.operations(selector=has_extras)
def test_includes(operation: Operation, client: ApiClient, pool: IdPool, record: Recorder) -> None:
    """Each include is returned when it is requested, alone and with others, and none is returned unrequested."""
    extras = extras_of(record.contract, operation)
    paths = [fill(operation.path, values) for values in pool.path_parameters(operation, limit=_ITEMS_READ)]
    readings = [Listing(operation, path, client, record) for path in paths]
    if not readings:
        pytest.skip("nothing to read: the resource does not exist on the target")

    def look() -> Iterator[tuple[Violation, Exchange]]:
        shown: dict[Extra, list[JsonObject]] = {}
        for asked in (None, *extras):
            try:
                answers = [reading.read({asked.parameter: asked.value} if asked else {}) for reading in readings]
            except PartRefused as refused:
                yield refused.discovery.violation, refused.discovery.exchange
                continue
            items = _items(answers)
            for violation in unasked_violations(extras, asked, items):
                yield violation, answers[0].exchange
            if asked is not None:
                shown[asked] = items
        for violation in ignored_violations(shown):
            yield violation, answers[-1].exchange
        for parameter, several in shown_together(shown).items():
            query = {parameter.removesuffix("[]"): [extra.value for extra in several]}
            answers = [reading.read(query) for reading in readings]
            for violation in dropped_violations(several, _items(answers)):
                yield violation, answers[0].exchange

    readings[0].verify(look)


def _items(answers: Sequence[Answer]) -> list[JsonObject]:
    return [item for answer in answers for item in answer.items]
