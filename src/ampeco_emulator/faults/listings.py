"""Defects of listings that show for some values, fields or pages only."""

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ampeco_emulator.backend.backend import Backend, find_item, included
from ampeco_emulator.backend.rules import Override, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.calls import EndpointCall
from ampeco_emulator.crud.collections import filter_predicates, requested_filters, requested_page
from ampeco_emulator.crud.filters import RecordPredicate, filters_of
from ampeco_emulator.crud.listing import DEFAULT_PER_PAGE
from ampeco_emulator.faults import corruption
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.faults.query import GetPage, Query, RecordPage, misread_filters, without_offset
from ampeco_emulator.http.body_changes import ChangeValue, everywhere, rewritten, timestamps
from ampeco_emulator.openapi.validation import Incoming

_GetPredicates = Callable[[EndpointCall, Query], list[RecordPredicate]]
_SIZE = re.compile(r"(?<=[?&]per_page=)\d+")
_FAR = 12
_LARGEST = 10


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


def _cut(page_of: GetPage, call: EndpointCall, records: list[Record]) -> RecordPage:
    """Return small pages of cursor style where large ones are requested."""
    query = call.incoming.query
    size = min(int(query.get("per_page", DEFAULT_PER_PAGE)), _LARGEST)
    cut = replace(call.incoming, query={**query, "per_page": size}) if "cursor" in query else call.incoming
    return page_of(replace(call, incoming=cut), records)


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


def _but_the_last(
    decide: Callable[[Backend, Mapping[str, str], Incoming | None], frozenset[str]],
    backend: Backend,
    extras: Mapping[str, str],
    incoming: Incoming | None,
) -> frozenset[str]:
    """Ignore the last of several includes that an operation has."""
    return decide(backend, extras, incoming) - ({max(extras)} if len(extras) > 1 else set())


def _included_unless(is_lost: Callable[[Query], bool]) -> Override:
    """Ignore all includes of the queries of which this holds."""

    def include(
        decide: Callable[[Backend, Mapping[str, str], Incoming | None], frozenset[str]],
        backend: Backend,
        extras: Mapping[str, str],
        incoming: Incoming | None,
    ) -> frozenset[str]:
        is_ignored = incoming is not None and is_lost(incoming.query)
        return frozenset() if is_ignored else decide(backend, extras, incoming)

    return override(included, include)


def _found_instead(choose: Callable[[Record, list[Record], Mapping[str, str]], Record]) -> Override:
    """Find another of the records below the same parents in place of the one that is asked for."""

    def find_other(
        find: Callable[[Backend, str, str, Mapping[str, str]], Record | None],
        backend: Backend,
        resource_type: str,
        key: str,
        parents: Mapping[str, str],
    ) -> Record | None:
        found = find(backend, resource_type, key, parents)
        return found and choose(found, backend.store.all(resource_type, parents), parents)

    return override(find_item, find_other)


def _first_child(found: Record, records: list[Record], parents: Mapping[str, str]) -> Record:
    return records[0] if parents else found


def _next_item(found: Record, records: list[Record], _parents: Mapping[str, str]) -> Record:
    """The record after the one that is asked for, or else the first."""
    return records[(records.index(found) + 1) % len(records)]


def _later(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Change all items but the first."""
    return lambda item: change(item) if isinstance(item, dict) and str(item.get("id")) != "1" else item


def _without_last_parts(item: Any) -> Any:
    """An item whose lists of objects lack their last element."""
    if not isinstance(item, dict):
        return item
    lists = {name: value for name, value in item.items() if isinstance(value, list) and value}
    return item | {name: value[:-1] for name, value in lists.items() if isinstance(value[0], dict)}


def _last_match_lost(page_of: GetPage, call: EndpointCall, records: list[Record]) -> RecordPage:
    return page_of(call, records[:-1] if requested_filters(call) else records)


def _numbered() -> Callable[[Any], Any]:
    """Give every text another number."""
    numbers = itertools.count()
    return lambda text: f"{text} {next(numbers)}" if isinstance(text, str) else text


def _without_numbers(item: Any) -> Any:
    return item | {name: None for name in ("regNo", "vatNo") if name in item} if isinstance(item, dict) else item


def _answered_otherwise(part: str, change: ChangeValue) -> Override:
    """Change the objects of the answers to queries with a parameter whose name has this part."""
    return rewritten(everywhere(change), lambda request: any(part in name for name in request.query_params))


def _without_last_field(value: Any) -> Any:
    """An item without the last of its fields that has a value."""
    if not isinstance(value, dict) or "id" not in value:
        return value
    last = next(name for name in reversed(value) if value[name] is not None)
    return {name: field for name, field in value.items() if name != last}


PARTS = (
    Defect(
        "filtered-lack-a-field",
        "filters",
        "a filtered listing leaves out the last field of its items",
        _answered_otherwise("filter[", _without_last_field),
    ),
    Defect(
        "include-renames",
        "filters",
        "an item has another name when it is requested with an include",
        _answered_otherwise("include", corruption.field("name", lambda name: f"{name} *")),
    ),
    Defect(
        "include-first-page-only",
        "filters",
        "only the first page of a listing has includes",
        _included_unless(lambda query: query.get("page", "1") not in ("1", 1) or bool(query.get("cursor"))),
    ),
    Defect(
        "include-lost-with-filters",
        "filters",
        "a filtered listing has no includes",
        _included_unless(lambda query: any(name.startswith("filter[") for name in query)),
    ),
    Defect(
        "last-include-ignored",
        "filters",
        "the last of several includes does nothing",
        override(included, _but_the_last),
    ),
    Defect(
        "first-child-only",
        "state",
        "every read below a parent gives its first child",
        _found_instead(_first_child),
    ),
    Defect(
        "later-views-differ",
        "filters",
        "v1.0 of a resource returns other times than its later versions, except for the first record",
        corruption.below("/v1.0/", corruption.reading(_later(timestamps(lambda text: f"2019{text[4:]}")))),
    ),
    Defect(
        "older-view-lists-shorter",
        "filters",
        "v2.0 of EVSEs lacks the last element of lists of objects",
        corruption.below("/evses/v2.0/", corruption.reading(_without_last_parts)),
    ),
    Defect(
        "older-listing-empty",
        "filters",
        "v1.0 of a listing is empty",
        corruption.only(f"GET {corruption.RESOURCES}/locations/v1.0", corruption.listing(lambda _: [])),
    ),
    Defect("next-item-found", "state", "an id leads to the record after its own", _found_instead(_next_item)),
    Defect(
        "unsteady-read",
        "state",
        "every read gives another name",
        corruption.reading(corruption.field("name", _numbered())),
    ),
    Defect(
        "older-view-nulls",
        "filters",
        "v1.0 of a resource returns null for numbers that its later versions show",
        corruption.below("/v1.0/", corruption.reading(_without_numbers)),
    ),
)
WALKS = (
    Defect("garbled-next-cursor", "pagination", "meta.next_cursor leads nowhere", corruption.body(_garbled)),
    Defect(
        "half-pages",
        "pagination",
        "pages of cursor style have half of the requested items",
        override(requested_page, _with_half_pages),
    ),
    Defect(
        "large-pages-cut",
        "pagination",
        "pages of cursor style have ten items at most",
        override(requested_page, _cut),
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


def _first_value(filters: Query, _query: Query) -> Query:
    return {name: value[:1] if isinstance(value, list) else value for name, value in filters.items()}


VALUES = (
    Defect(
        "last-match-lost", "filters", "a filter leaves out its last match", override(requested_page, _last_match_lost)
    ),
    Defect(
        "invoices-unfiltered",
        "filters",
        "the filters of invoices are ignored",
        override(requested_filters, lambda read, call: {} if "/invoices/" in call.endpoint.path else read(call)),
    ),
    Defect(
        "first-value-only",
        "filters",
        "of several values of a filter only the first is applied",
        misread_filters(_first_value),
    ),
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
