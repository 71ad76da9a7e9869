"""Optional includes are returned when they are requested, and only then (see `checks/includes.py`)."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any

import pytest

from ampeco_conformance.checks.includes import (
    Extra,
    dropped_violations,
    extras_of,
    ignored_violations,
    lost_violations,
    reads_of,
    shown_together,
    unasked_violations,
    unshown,
    unshown_violation,
)
from ampeco_conformance.checks.reads import included_violation, shared_properties, unchanged, unlike_violations
from ampeco_conformance.checks.values import agree
from ampeco_conformance.contract.answers import Answer, Meaning
from ampeco_conformance.contract.filters import filters_of
from ampeco_conformance.contract.path_templates import fill, parameters_of
from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.core.exchanges import Exchange, JsonObject
from ampeco_conformance.exercise.confirmation import PartRefused
from ampeco_conformance.exercise.listing import Listing
from ampeco_conformance.generate.filter_values import values_to_try
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

Found = Iterator[tuple[Violation, Exchange]]

_ITEMS_READ = 2


def has_extras(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation reads, and has optional includes."""
    return operation.method == "GET" and bool(extras_of(contract, operation))


@pytest.mark.operations(selector=has_extras)
def test_includes(operation: Operation, client: ApiClient, pool: IdPool, record: Recorder, seed: int) -> None:
    """Each include is returned when it is requested, alone and with others, and none is returned unrequested.

    An include changes nothing else.
    """
    extras = extras_of(record.contract, operation)
    sample = pool.sample(operation, seed, _ITEMS_READ)
    if not sample:
        pytest.skip(pool.absence(operation))
    listings = [(values, Listing(operation, fill(operation.path, values), client, record)) for values in sample]

    def look() -> Found:
        read = [(values, reading, answer) for values, reading in listings if (answer := reading.answer({})).succeeded]
        # What others have removed meanwhile is left out.
        if not read:
            raise NotTestable("none of its items can be read")
        known, readings, plain = [values for values, _, _ in read], [reading for _, reading, _ in read], read[0][2]
        for violation in unasked_violations(extras, None, _items([answer for _, _, answer in read])):
            yield violation, plain.exchange
        shown = yield from _shown_alone(extras, readings)
        yield from _shown_otherwise(readings, [answer for _, _, answer in read], shown)
        for violation in ignored_violations(shown):
            yield violation, plain.exchange
        for extra in unshown(shown):
            other = _elsewhere(operation, extra, shown[extra], known, client, record)
            if other is not None:
                yield unshown_violation(extra, other), plain.exchange
        if not operation.path.endswith("}"):
            yield from _read_otherwise(readings[0], shown, known[0], client, record)
            yield from _with_more(readings[0], shown, record.contract, seed)
        for parameter, several in shown_together(shown).items():
            query = {parameter.removesuffix("[]"): [extra.value for extra in several]}
            answers = [reading.read(query) for reading in readings]
            for violation in dropped_violations(several, _items(answers)):
                yield violation, answers[0].exchange

    listings[0][1].verify(look)


def _shown_alone(
    extras: Sequence[Extra], readings: Sequence[Listing]
) -> Generator[tuple[Violation, Exchange], None, dict[Extra, list[JsonObject]]]:
    """What each include shows when it is requested alone; yields what it shows of the others, and refusals."""
    shown: dict[Extra, list[JsonObject]] = {}
    for asked in extras:
        try:
            answers = [reading.read({asked.parameter: asked.value}) for reading in readings]
        except PartRefused as refused:
            yield refused.discovery.violation, refused.discovery.exchange
            continue
        shown[asked] = _items(answers)
        for violation in unasked_violations(extras, asked, shown[asked]):
            yield violation, answers[0].exchange
    return shown


def _shown_otherwise(
    readings: Sequence[Listing], plain: Sequence[Answer], shown: Mapping[Extra, Sequence[JsonObject]]
) -> Found:
    """What an include changes that is not an include."""
    names = {extra.name for extra in shown}

    def unlike(items: Sequence[JsonObject]) -> Iterator[Violation]:
        for extra, others in shown.items():
            yield from unlike_violations(items, others, f"with {extra.parameter}={extra.value}", but=names)

    items = _items(plain)
    if any(unlike(items)):
        # What changed between two plain answers is not judged.
        for violation in unlike(unchanged(items, _items([reading.answer({}) for reading in readings]))):
            yield violation, plain[0].exchange


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


def _read_otherwise(
    listing: Listing,
    shown: Mapping[Extra, Sequence[JsonObject]],
    parents: Mapping[str, Any],
    client: ApiClient,
    record: Recorder,
) -> Found:
    """Items whose include in the listing is another one than in the read of the item.

    Compared are the last item that shows something, as the first may be the only right one, and the last that does not.
    """
    for extra, items in shown.items():
        comparable = [
            (other, query)
            for other, query in reads_of(record.contract, listing.operation, extra)
            if query and extra.name in shared_properties(record.contract, listing.operation, other)
        ]
        last = {bool(item[extra.name]): item for item in items if extra.name in item and "id" in item}
        for other, query in comparable if True in last else ():
            for item in last.values():
                path = fill(other.path, {**parents, parameters_of(other.path)[-1]: item["id"]})
                answer = Listing(other, path, client, record).answer(query)
                value = next((read[extra.name] for read in answer.items if extra.name in read), None)
                if value is None or not (value or item[extra.name]) or agree(item[extra.name], value):
                    continue
                # What changed meanwhile is not judged.
                if _is_listed(listing, query, extra, item):
                    yield included_violation(extra.name, item["id"], item[extra.name], value), answer.exchange


def _with_more(
    listing: Listing, shown: Mapping[Extra, Sequence[JsonObject]], contract: ApiContract, seed: int
) -> Found:
    """An include that is not shown on the second page, or with a filter; which include is decided by the seed."""
    extras = [extra for extra, items in shown.items() if sum(bool(item.get(extra.name)) for item in items) > 1]
    if not extras:
        return
    extra = extras[seed % len(extras)]
    items, query = shown[extra], {extra.parameter: extra.value}
    if takes_query(contract, listing.operation, "per_page"):
        size = -(-len(items) // 2)
        second = listing.follow(listing.page(**query, per_page=size))
        if second is not None:
            for violation in lost_violations(extra, "on the second page", items, second.items):
                yield violation, second.exchange
    for rule in filters_of(contract, listing.operation):
        if rule.lookup is None and (values := values_to_try(rule, items, seed)):
            answer = listing.read({**query, rule.parameter: values[0]})
            for violation in lost_violations(extra, f"with {rule.parameter}", items, answer.items):
                yield violation, answer.exchange
            return


def _is_listed(listing: Listing, query: Mapping[str, str], extra: Extra, item: JsonObject) -> bool:
    """Whether the listing still shows an include of an item."""
    again = (other for other in listing.read(query).items if other.get("id") == item["id"])
    return any(agree(item[extra.name], other.get(extra.name)) for other in again)


def _items(answers: Sequence[Answer]) -> list[JsonObject]:
    return [item for answer in answers for item in answer.items]
