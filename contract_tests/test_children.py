"""A child belongs to its parent: what is listed below a parent can be read there, and what is not cannot.

Source: the path of a child names its parent; a resource that does not exist is answered 404.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from ampeco_conformance.apis import IdSource
from ampeco_conformance.checks.children import foreign_violation, missing_violation
from ampeco_conformance.contract.answers import Answer, Cause, answer_of
from ampeco_conformance.contract.path_templates import fill, is_parameter, parameters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.exercise.listing import Listing
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

_PARENTS = 2


def reads_a_child(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation reads an item by its own id and a parent's, and the parent has a listing of them."""
    collection, _, last = operation.path.rpartition("/")
    is_item = operation.method == "GET" and is_parameter(last)
    return is_item and "{" in collection and "get" in contract.specification.document["paths"].get(collection, ())


@pytest.mark.operations(selector=reads_a_child)
def test_children(
    operation: Operation,
    client: ApiClient,
    pool: IdPool,
    success_finder: SuccessFinder,
    record: Recorder,
    target_probe: Probe,
) -> None:
    """The items listed below a parent are read there, and neither read nor written below another parent."""
    collection, name = operation.path.rpartition("/")[0], parameters_of(operation.path)[-1]
    source = next(
        (known for known in pool.resources.sources(operation.path, name) if known.collection == collection), None
    )
    listing = pool.resources.operation("GET", collection)
    parents = list(pool.path_parameters(listing, limit=_PARENTS)) if listing else []
    if source is None or listing is None or len(parents) < _PARENTS:
        pytest.skip("needs two parents whose children are known by an id")
    listings = [Listing(listing, fill(collection, values), client, record) for values in parents]
    compared = 0

    def read(values: Mapping[str, Any], child: str | int) -> Answer:
        exchange = client.send("GET", fill(operation.path, {**values, name: child}))
        record.expect_conformance(exchange)
        return answer_of(exchange)

    def look() -> Iterator[tuple[Violation, Exchange]]:
        nonlocal compared
        children = [_children(listing, source) for listing in listings]
        for (values, mine), (others, theirs) in itertools.permutations(zip(parents, children, strict=True), 2):
            for child in dict.fromkeys((*mine[:1], *mine[-1:])):
                compared += 1
                answer = read(values, child)
                shown = [source.identify(item) for item in answer.items]
                if answer.cause is not Cause.CONNECTION and child not in shown:
                    yield missing_violation(child, str(answer)), answer.exchange
            for child in [child for child in mine if child not in theirs][:1]:
                answer = read(others, child)
                if child in [source.identify(item) for item in answer.items]:
                    yield foreign_violation(child, "read"), answer.exchange
        # What belongs to others is not written on a tenant.
        foreign = [child for child in children[0] if child not in children[1]] if target_probe.is_emulator else []
        yield from _written_below(operation, {**parents[1]}, foreign[:1], client, success_finder, record)

    listings[0].verify(look)
    if not compared:
        pytest.skip("no parent has children")


def _written_below(
    operation: Operation,
    parent: Mapping[str, Any],
    children: Sequence[str | int],
    client: ApiClient,
    success_finder: SuccessFinder,
    record: Recorder,
) -> Iterator[tuple[Violation, Exchange]]:
    """Writes to children below a parent that does not list them, which succeed."""
    operations = record.contract.specification.operations
    writes = [other for other in operations if other.path == operation.path and other.method != "GET"]
    for write, child in itertools.product(writes, children):
        path = fill(operation.path, {**parent, parameters_of(operation.path)[-1]: child})
        answer = answer_of(client.send(write.method, path, json=success_finder.object_body(write, least=True)))
        if answer.succeeded:
            yield foreign_violation(child, f"written by {write.method}"), answer.exchange


def _children(listing: Listing, source: IdSource) -> list[str | int]:
    """The ids of all that a listing has; one that is too long to be known whole ends the test."""
    walked = listing.whole({})
    if not walked.is_complete:
        raise NotTestable("the listing cannot be read whole")
    ids = (source.identify(item) for page in walked.pages for item in page.items)
    return [id for id in ids if id is not None]
