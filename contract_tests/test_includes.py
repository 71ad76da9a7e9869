"""Optional includes are returned when they are requested, and only then (see `checks/includes.py`)."""

from collections.abc import Sequence

import pytest

from ampeco_conformance.checks.includes import (
    Extra,
    dropped_violations,
    extras_of,
    ignored_violations,
    shown_together,
    unasked_violations,
)
from ampeco_conformance.contract.resource_map import fill
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.exchanges import Exchange, JsonObject
from ampeco_conformance.exercise.listing import Listing, items_in
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

    def look() -> list[tuple[Violation, Exchange]]:
        found: list[tuple[Violation, Exchange]] = []
        answers: dict[Extra, list[JsonObject]] = {}
        for asked in (None, *extras):
            exchanges = [reading.answer({asked.parameter: asked.value} if asked else {}) for reading in readings]
            items = _items(exchanges)
            found += [(violation, exchanges[0]) for violation in unasked_violations(extras, asked, items)]
            if asked is not None:
                answers[asked] = items
        found += [(violation, exchanges[-1]) for violation in ignored_violations(answers)]
        for parameter, several in shown_together(answers).items():
            query = {parameter.removesuffix("[]"): [extra.value for extra in several]}
            exchanges = [reading.answer(query) for reading in readings]
            found += [(violation, exchanges[0]) for violation in dropped_violations(several, _items(exchanges))]
        return found

    readings[0].verify(look)


def _items(exchanges: Sequence[Exchange]) -> list[JsonObject]:
    return [item for exchange in exchanges for item in items_in(exchange)]
