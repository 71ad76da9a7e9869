"""Defects of listings that show for some values, fields or pages only."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.filters import RecordPredicate, filters_of
from ampeco_emulator.crud.listing import DEFAULT_PER_PAGE
from ampeco_emulator.crud.resources import EndpointCall, filter_predicates, requested_page
from ampeco_emulator.faults import corruption
from ampeco_emulator.faults.model import Defect, override
from ampeco_emulator.faults.query import GetPage, Query, RecordPage, misread_filters, without_offset

_GetPredicates = Callable[[EndpointCall, Query], list[RecordPredicate]]
_SIZE = re.compile(r"(?<=[?&]per_page=)\d+")
_FAR = 12


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


def _with_half_pages(page_of: GetPage, call: EndpointCall, records: list[Record]) -> RecordPage:
    """Return half of the items that a page of cursor style should have, and the rest on the following ones."""
    query = call.incoming.query
    size = int(query.get("per_page", DEFAULT_PER_PAGE))
    if "cursor" not in query:
        return page_of(call, records)
    incoming = replace(call.incoming, query={**query, "per_page": max(1, size // 2)})
    shown, envelope = page_of(replace(call, incoming=incoming), records)
    links = {name: link and _SIZE.sub(str(size), link) for name, link in envelope["links"].items()}
    return shown, {**envelope, "links": links, "meta": {**envelope["meta"], "per_page": size}}


def _skipping_late(page_of: GetPage, call: EndpointCall, records: list[Record]) -> RecordPage:
    """Leave out the first item of a page of cursor style that is far from the beginning."""
    shown, envelope = page_of(call, records)
    is_late = bool(call.incoming.query.get("cursor")) and bool(shown) and records.index(shown[0]) > _FAR
    return shown[1:] if is_late else shown, envelope


def _empty_for_null(page_of: GetPage, call: EndpointCall, records: list[Record]) -> RecordPage:
    return page_of(call, [] if call.incoming.query.get("cursor") == "null" else records)


def _garbled(body: Any) -> Any:
    meta = body.get("meta") if isinstance(body, dict) else None
    is_followed = isinstance(meta, dict) and bool(meta.get("next_cursor"))
    return corruption.meta(next_cursor="eyJpZCI6MH0")(body) if is_followed else body


WALKS = (
    Defect("garbled-next-cursor", "pagination", "meta.next_cursor leads nowhere", corruption.body(_garbled)),
    Defect(
        "half-pages",
        "pagination",
        "pages of cursor style have half of the requested items",
        override(requested_page, _with_half_pages),
    ),
    Defect(
        "late-cursor-skips",
        "pagination",
        "cursors far from the beginning skip an item",
        override(requested_page, _skipping_late),
    ),
    Defect(
        "null-cursor-ends",
        "pagination",
        "the cursor null leads to an empty page",
        override(requested_page, _empty_for_null),
    ),
)
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
