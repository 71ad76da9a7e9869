"""Defects of listings that show for some values, fields or pages only."""

from collections.abc import Callable, Mapping
from typing import Any

from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.filters import RecordPredicate, filters_of
from ampeco_emulator.crud.resources import EndpointCall, filter_predicates
from ampeco_emulator.faults.model import Defect, override
from ampeco_emulator.faults.query import Query, misread_filters, without_offset

_GetPredicates = Callable[[EndpointCall, Query], list[RecordPredicate]]


def _without(ignored: Callable[[str, Any], bool]) -> Callable[[Query, Query], Query]:
    """Ignore the filters of which this holds, by name and value."""
    return lambda filters, _query: {name: value for name, value in filters.items() if not ignored(name, value)}


def _without_offset_of_upper_bounds(filters: Query, query: Query) -> Query:
    upper = {name: value for name, value in filters.items() if name.endswith("Before]")}
    return {**filters, **without_offset(upper, query)}


def _matching_nothing(predicates_of: _GetPredicates, call: EndpointCall, filters: Query) -> list[RecordPredicate]:
    """Also keep what has no value in a field that is filtered by."""
    names = [name for name, _ in filters_of(filters)]

    def is_empty(record: Record) -> bool:
        shown: Mapping[str, Any] = call.backend.present(call.endpoint, record)
        return any(name in shown and shown[name] is None for name in names)

    def lenient(predicate: RecordPredicate) -> RecordPredicate:
        return lambda record: predicate(record) or is_empty(record)

    return [lenient(predicate) for predicate in predicates_of(call, filters)]


VALUES = (
    Defect(
        "common-status-unfiltered",
        "filters",
        "the status filter is ignored for one value, that of most records",
        misread_filters(_without(lambda name, value: (name, value) == ("filter[status]", "finalized"))),
    ),
    Defect(
        "false-is-no-filter",
        "filters",
        "a filter is ignored when its value is false",
        misread_filters(_without(lambda _name, value: str(value).lower() == "false")),
    ),
    Defect(
        "null-matches",
        "filters",
        "a filter also returns the records that have no value",
        override(filter_predicates, _matching_nothing),
    ),
    Defect(
        "before-overlooks-offset",
        "filters",
        "the offset of an upper bound in a filter is overlooked",
        misread_filters(_without_offset_of_upper_bounds),
    ),
    Defect(
        "issued-unfiltered",
        "filters",
        "invoices are not filtered by when they were issued",
        misread_filters(_without(lambda name, _value: name.startswith("filter[issued"))),
    ),
)
