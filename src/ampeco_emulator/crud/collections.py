"""Listings: the records below a path, filtered, and the requested page of them."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Any

from ampeco_emulator.backend.backend import EmulatorResponse, ListingFilter
from ampeco_emulator.backend.resource_types import resource_type_of
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.calls import EndpointCall
from ampeco_emulator.crud.filters import RecordPredicate, filtered, filters_of, predicate_of
from ampeco_emulator.crud.listing import page_of
from ampeco_emulator.openapi.values import camel_case

# The number of filtered listings that are cached.
_REMEMBERED = 32


def list_all(call: EndpointCall) -> EmulatorResponse:
    """Respond with a page of a collection."""
    backend, endpoint = call.backend, call.endpoint
    parents = backend.parents(endpoint, call.incoming.path_values)
    records = records_below(call, parents)
    filters = requested_filters(call)
    if filters:
        _prepare(call, filters)
        records = _filtered(call, records, filters)
    if call.admits is not None:
        records = [record for record in records if call.admits(record)]
    shown, envelope = requested_page(call, records)
    return EmulatorResponse(200, {"data": backend.present_all(endpoint, shown, call.incoming), **envelope})


@rule
def records_below(call: EndpointCall, parents: Mapping[str, str]) -> list[Record]:
    """The records of a collection, before they are filtered."""
    return call.backend.store.all(resource_type_of(call.endpoint.path), parents)


@rule
def requested_filters(call: EndpointCall) -> Mapping[str, Any]:
    """The filters of a query: the `filter[...]` parameters with their values."""
    return {name: value for name, value in call.incoming.query.items() if name.startswith("filter[")}


@rule
def requested_page(call: EndpointCall, records: list[Record]) -> tuple[list[Record], dict[str, Any]]:
    """The records of the requested page, and the `links` and `meta` of the listing."""
    return page_of(call.endpoint, call.incoming, records, call.url)


@rule
def filter_predicates(call: EndpointCall, filters: Mapping[str, Any]) -> list[RecordPredicate]:
    """One predicate for every filter; a listing keeps the records that satisfy all of them."""
    show = _unstored(call)
    return [
        predicate_of(key, wanted, show)
        if (own := _documented_filter(call, key)) is None
        else own.predicate(call.backend, call.endpoint, wanted)
        for key, wanted in filters_of(filters)
    ]


def _documented_filter(call: EndpointCall, key: str) -> ListingFilter | None:
    """The row of a filter; None for one that only a user's own document has, and for a path of application data."""
    return call.backend.hooks.filters.get((resource_type_of(call.endpoint.path), key))


def _prepare(call: EndpointCall, filters: Mapping[str, Any]) -> None:
    """Bring the fields up to date that the records are filtered by."""
    if (prepare := call.backend.hooks.filtering.get(resource_type_of(call.endpoint.path))) is not None:
        for key, _ in filters_of(filters):
            prepare(call.backend, key)


def _filtered(call: EndpointCall, records: list[Record], filters: Mapping[str, Any]) -> list[Record]:
    """The records that pass the filters; kept, and brought up to date when a record of the resource type changes."""
    rows = (_documented_filter(call, key) for key, _ in filters_of(filters))
    others = {name for row in rows if row is not None for name in row.read.others}
    versions = tuple(map(call.backend.store.version, (resource_type_of(call.endpoint.path), *sorted(others))))
    wanted = sorted((name, str(value)) for name, value in filters.items())
    question = (call.endpoint.operation.label, *call.incoming.path_values.values(), *wanted)
    known = call.backend.filter_cache.get(question)
    if known is not None and known[0] == versions:
        return known[1]
    if known is not None and known[0][1:] == versions[1:] and _update_found(call, filters, known[0][0], known[1]):
        call.backend.filter_cache[question] = (versions, known[1])
        return known[1]
    found = list(filtered(records, filter_predicates(call, filters)))
    if len(call.backend.filter_cache) >= _REMEMBERED:
        call.backend.filter_cache.clear()
    call.backend.filter_cache[question] = (versions, found)
    return found


def _update_found(call: EndpointCall, filters: Mapping[str, Any], version: int, found: list[Record]) -> bool:
    """Bring what filters found at a version up to date, if only few of all records have changed."""
    store, resource_type = call.backend.store, resource_type_of(call.endpoint.path)
    changed = store.changed_since(resource_type, version)
    # An override may give a collection other records than those of its path, or in another order.
    if changed is None or call.incoming.path_values or call.backend.overrides:
        return False
    predicates = filter_predicates(call, filters)
    for number in changed:
        place = bisect_left(found, number, key=_id)
        was_found = place < len(found) and found[place].id == number
        record = store.peek(resource_type, number)
        kept = [] if record is None else list(filtered([record], predicates))
        found[place : place + was_found] = kept
    return True


def _id(record: Record) -> int:
    return record.id


def _unstored(call: EndpointCall) -> Callable[[Record, str], Any]:
    """Gives the value that a record shows under a name without storing it: a required field that was never set."""
    # A version may spell a field in snake_case, which is stored in camelCase.
    spelled = {camel_case(name): name for name in call.backend.values.properties(call.endpoint.item_schema or {})}

    def show(record: Record, name: str) -> Any:
        is_unstored = name in spelled and name not in record.fields
        return call.backend.present(call.endpoint, record).get(spelled[name]) if is_unstored else None

    return show
