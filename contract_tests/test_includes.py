"""Optional includes are returned when they are requested, and only then (see `checks/includes.py`)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from ampeco_conformance.checks.includes import (
    Extra,
    dropped_violations,
    extras_of,
    ignored_violations,
    reads_of,
    shown_together,
    unasked_violations,
    unshown,
    unshown_violation,
)
from ampeco_conformance.contract.answers import Answer, Meaning
from ampeco_conformance.contract.resource_map import fill, parameters_of
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
    known = list(pool.path_parameters(operation, limit=_ITEMS_READ))
    readings = [Listing(operation, fill(operation.path, values), client, record) for values in known]
    if not readings:
        pytest.skip(pool.absence(operation))

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
        for extra in unshown(shown):
            other = _elsewhere(operation, extra, shown[extra], known, client, record)
            if other is not None:
                yield unshown_violation(extra, other), answers[-1].exchange
        for parameter, several in shown_together(shown).items():
            query = {parameter.removesuffix("[]"): [extra.value for extra in several]}
            answers = [reading.read(query) for reading in readings]
            for violation in dropped_violations(several, _items(answers)):
                yield violation, answers[0].exchange

    readings[0].verify(look)


def _elsewhere(
    operation: Operation,
    extra: Extra,
    items: Sequence[JsonObject],
    known: Sequence[Mapping[str, Any]],
    client: ApiClient,
    record: Recorder,
) -> Operation | None:
    """A read that shows what an include does not show of the same items; None when nothing shows it."""
    for other, query in reads_of(record.contract, operation, extra):
        name = parameters_of(other.path)[-1]
        addresses = (
            known
            if operation.path.endswith("}")
            else [{**known[0], name: item["id"]} for item in items if "id" in item]
        )
        for values in addresses[:_ITEMS_READ]:
            answer = Listing(other, fill(other.path, values), client, record).answer(query)
            if any(item.get(extra.name) for item in answer.items) if query else answer.meaning is Meaning.VALUE:
                return other
    return None


def _items(answers: Sequence[Answer]) -> list[JsonObject]:
    return [item for answer in answers for item in answer.items]
