"""What a listing shows can be read, and reads the same (see `checks/reads.py`)."""

from collections.abc import Iterable, Iterator, Mapping

import pytest

from ampeco_conformance.checks.availability import unread_violation
from ampeco_conformance.checks.reads import read_violations, shared_properties, steady
from ampeco_conformance.contract.answers import Answer, Cause, Meaning
from ampeco_conformance.contract.path_templates import fill, is_parameter, parameters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.exchanges import Exchange, JsonObject
from ampeco_conformance.exercise.listing import Listing
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

# Behind a load balancer a fault comes and goes.
_REPLAYS = 4
#: How a read of what is listed may not be answered; the role of a token may forbid every read.
_UNREAD = frozenset({Cause.MODEL, Cause.ROUTE, Cause.INPUT})


def reads_a_listed_item(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation reads an item of a collection that has a listing."""
    collection, _, last = operation.path.rpartition("/")
    is_item = operation.method == "GET" and is_parameter(last)
    return is_item and "get" in contract.specification.document["paths"].get(collection, ())


@pytest.mark.operations(selector=reads_a_listed_item)
def test_reads(operation: Operation, client: ApiClient, pool: IdPool, record: Recorder, seed: int) -> None:
    """Items of a listing are read under their ids, and show what the listing shows."""
    source, parameter = pool.resources.listed_by(operation), parameters_of(operation.path)[-1]
    collection = None if source is None else pool.resources.operation("GET", source.collection)
    if source is None or collection is None:
        pytest.skip("its ids come from elsewhere than its listing")
    parents = next(pool.path_parameters(collection, limit=1), None)
    if parents is None:
        pytest.skip("there is nothing on the target to list it under")
    listing = Listing(collection, fill(collection.path, parents), client, record)
    names = shared_properties(record.contract, collection, operation)
    compared = 0

    def read(id: str | int) -> Answer:
        return Listing(operation, fill(operation.path, {**parents, parameter: id}), client, record).answer({})

    def look() -> Iterator[tuple[Violation, Exchange]]:
        nonlocal compared
        earlier = {id: item for item in listing.read({}).items if (id := source.identify(item)) is not None}
        answers = [(id, read(id)) for id in _sample(list(earlier), seed)]
        compared += sum(answer.succeeded for _, answer in answers)

        def differing(listed: Mapping[str | int, JsonObject]) -> Iterator[tuple[Violation, Exchange]]:
            for id, answer in [(id, answer) for id, answer in answers if id in listed]:
                if _is_unread(answer, [other for _, other in answers]):
                    yield unread_violation(id, str(answer)), answer.exchange
                for item in answer.items:
                    for violation in read_violations(source, id, names, listed[id], item):
                        yield violation, answer.exchange

        if any(True for _ in differing(earlier)):
            # What changed between two listings, or is gone from the second, is not judged.
            later = {source.identify(item): item for item in listing.read({}).items}
            yield from differing({id: steady(item, later[id]) for id, item in earlier.items() if id in later})

    listing.verify(look, replays=_REPLAYS)
    if not compared:
        pytest.skip("the listing is empty, or its items may not be read")


def _is_unread(answer: Answer, others: Iterable[Answer]) -> bool:
    """Whether an item is not read that is there, or that can be read as the others are."""
    is_alone = not answer.succeeded and any(other.succeeded for other in others)
    return answer.cause in _UNREAD or answer.meaning is Meaning.EMPTY or is_alone


def _sample(ids: list[str | int], seed: int) -> list[str | int]:
    """The first, the last and one between; always an odd number, so that two targets that take turns are noticed."""
    return [ids[0], ids[(len(ids) // 2 + seed) % len(ids)], ids[-1]] if len(ids) > 1 else ids
