"""Defects of listings: filters that are read wrongly, pages and links that do not fit, includes that are ignored."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ampeco_emulator.backend.backend import Backend, included
from ampeco_emulator.backend.rules import Override, always, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.calls import EndpointCall
from ampeco_emulator.crud.collections import filter_predicates, records_below, requested_filters, requested_page
from ampeco_emulator.crud.filters import RecordPredicate
from ampeco_emulator.crud.listing import DEFAULT_PER_PAGE
from ampeco_emulator.faults import corruption
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.http.body_changes import timestamps
from ampeco_emulator.openapi.validation import Incoming

Query = Mapping[str, Any]
RecordPage = tuple[list[Record], dict[str, Any]]
GetPage = Callable[[EndpointCall, list[Record]], RecordPage]
_GetPredicates = Callable[[EndpointCall, Query], list[RecordPredicate]]
_OFFSET = re.compile(r"(?<=:\d\d)[+-]\d\d:\d\d$")
_PAGE = re.compile(r"(?<=[?&]page=)\d+")


def misread_filters(misread: Callable[[Query, Query], Query]) -> Override:
    """Read the filters of a query wrongly; `misread` receives the filters and the whole query."""
    return override(requested_filters, lambda read, call: misread(read(call), call.incoming.query))


def on_first_page(filters: Query, query: Query) -> Query:
    """The filters, on the first page only."""
    return filters if int(query.get("page", 1)) == 1 and not query.get("cursor") else {}


def _without_status(filters: Query, _query: Query) -> Query:
    kept = {name: value for name, value in filters.items() if name != "filter[status]"}
    return kept or filters


def without_offset(filters: Query, _query: Query) -> Query:
    """The filters, with moments whose offset is taken for UTC."""
    return {name: _OFFSET.sub("Z", value) if isinstance(value, str) else value for name, value in filters.items()}


def _inverted(predicates_of: _GetPredicates, call: EndpointCall, filters: Query) -> list[RecordPredicate]:
    predicates = predicates_of(call, filters)
    return [lambda record: not all(predicate(record) for predicate in predicates)]


def exclusive_bounds(predicates_of: _GetPredicates, call: EndpointCall, filters: Query) -> list[RecordPredicate]:
    """Exclude what was updated at the very bound of a filter."""
    bounds = set(filters.values())
    return [*predicates_of(call, filters), lambda record: record.fields.get("lastUpdatedAt") not in bounds]


def _ignoring(*names: str) -> Override:
    """Ignore pagination parameters."""

    def ignore(page_of: GetPage, call: EndpointCall, records: list[Record]) -> RecordPage:
        query = {name: value for name, value in call.incoming.query.items() if name not in names}
        return page_of(replace(call, incoming=replace(call.incoming, query=query)), records)

    return override(requested_page, ignore)


def skip_after_cursor(page_of: GetPage, call: EndpointCall, records: list[Record]) -> RecordPage:
    """Leave out the first item of every page that a cursor leads to."""
    shown, envelope = page_of(call, records)
    return (shown[1:] if call.incoming.query.get("cursor") else shown), envelope


def _wrong_meta(change: Callable[[Query, EndpointCall], Query]) -> Override:
    """Change the `meta` of every listing."""

    def corrupt(page_of: GetPage, call: EndpointCall, records: list[Record]) -> RecordPage:
        shown, envelope = page_of(call, records)
        return shown, envelope | ({"meta": change(envelope["meta"], call)} if "meta" in envelope else {})

    return override(requested_page, corrupt)


def _endless(meta: Query, _call: EndpointCall) -> Query:
    return {**meta, "next_cursor": meta["next_cursor"] or "eyJpZCI6MH0"} if "next_cursor" in meta else meta


def _unfiltered_total(meta: Query, call: EndpointCall) -> Query:
    if "total" not in meta:
        return meta
    total = len(records_below(call, call.backend.parents(call.endpoint, call.incoming.path_values)))
    return {**meta, "total": total, "last_page": max(1, -(-total // meta["per_page"]))}


def _per_page_beyond(meta: Query, call: EndpointCall) -> Query:
    requested = call.incoming.raw_query.get("per_page", "")
    is_beyond = requested.isdecimal() and int(requested) > DEFAULT_PER_PAGE
    return {**meta, "per_page": int(requested)} if is_beyond else meta


def _newest_first(page_of: GetPage, call: EndpointCall, records: list[Record]) -> RecordPage:
    """A page of cursor style whose cursors count the records before it: a new record shifts all others."""
    query = call.incoming.query
    if "cursor" not in query or requested_filters(call):
        return page_of(call, records)
    cursor = str(query["cursor"])
    begin = int(cursor) if cursor.isdecimal() else 0
    per_page = int(query.get("per_page", DEFAULT_PER_PAGE))
    end = begin + per_page
    following = str(end) if end < len(records) else None
    link = f"{call.url}?per_page={per_page}&cursor={following}" if following else None
    meta = {"path": call.url, "per_page": per_page, "next_cursor": following, "prev_cursor": None}
    links = {"first": None, "last": None, "prev": None, "next": link}
    return records[::-1][begin:end], {"links": links, "meta": meta}


def _one_include(
    decide: Callable[[Backend, Mapping[str, str], Incoming | None], frozenset[str]],
    backend: Backend,
    extras: Mapping[str, str],
    incoming: Incoming | None,
) -> frozenset[str]:
    return frozenset(sorted(decide(backend, extras, incoming))[:1])


def _last_page_again(page_of: GetPage, call: EndpointCall, records: list[Record]) -> RecordPage:
    """A page beyond the last one has the items of the last one."""
    shown, envelope = page_of(call, records)
    last = envelope.get("meta", {}).get("last_page")
    if shown or last is None:
        return shown, envelope
    incoming = replace(call.incoming, query={**call.incoming.query, "page": last})
    return page_of(replace(call, incoming=incoming), records)[0], envelope


def _one_page_more(body: Any) -> Any:
    """Count pages as a whole division and one more: too many where the last page is full."""
    meta = body.get("meta") if isinstance(body, dict) else None
    if not isinstance(meta, dict) or not meta.get("total"):
        return body
    return corruption.meta(last_page=meta["total"] // meta["per_page"] + 1)(body)


def _stay_on_page(body: Any) -> Any:
    """The way back from a page leads to the page itself."""
    if not isinstance(body, dict) or not isinstance(body.get("links"), dict) or not body["links"].get("prev"):
        return body
    number = str(body.get("meta", {}).get("current_page"))
    return {**body, "links": {**body["links"], "prev": _PAGE.sub(number, body["links"]["prev"])}}


def _swap_ends(body: Any) -> Any:
    if not isinstance(body, dict) or not isinstance(body.get("links"), dict):
        return body
    links = body["links"]
    return {**body, "links": {**links, "first": links.get("last"), "last": links.get("first")}}


def _shortened_link(link: Any) -> Any:
    return re.sub(r"[?&]per_page=\d+", "", link) if isinstance(link, str) else link


def _first_twice(data: list[Any]) -> list[Any]:
    return [*data[:1], *data]


def _only_cursors(page: GetPage, call: EndpointCall, records: list[Record]) -> RecordPage:
    if call.endpoint.parameter("page") is None or call.endpoint.parameter("cursor") is None:
        return page(call, records)
    query = {name: value for name, value in call.incoming.query.items() if name != "page"}
    return page(replace(call, incoming=replace(call.incoming, query={"cursor": "", **query})), records)


PAGINATION = (
    Defect(
        "page-style-gone",
        "pagination",
        "listings with both styles ignore the page, and page by cursor only",
        override(requested_page, _only_cursors),
    ),
    Defect(
        "repeated-item",
        "pagination",
        "listings give their first item twice",
        corruption.listing(lambda data: [data[0], *data[:-1]] if len(data) > 1 else data),
    ),
    Defect(
        "skipped-item", "pagination", "listings leave their last item out", corruption.listing(lambda data: data[:-1])
    ),
    Defect("ignore-per-page", "pagination", "per_page is ignored", _ignoring("per_page")),
    Defect("first-page-only", "pagination", "every page is the first", _ignoring("page", "cursor")),
    Defect(
        "no-next",
        "pagination",
        "the link to the next page is missing",
        corruption.body(lambda body: corruption.meta(next_cursor=None)(corruption.links(lambda _: None)(body))),
    ),
    Defect(
        "wrong-total",
        "pagination",
        "the total is one too many",
        corruption.body(corruption.meta(total=lambda total: total + 1)),
    ),
    Defect(
        "wrong-last-page",
        "pagination",
        "the number of pages is wrong",
        corruption.body(corruption.meta(last_page=lambda last: last + 1)),
    ),
    Defect(
        "foreign-links",
        "pagination",
        "links lead to another host",
        corruption.body(corruption.links(lambda link: "https://example.com/" if link else link)),
    ),
    Defect("no-meta", "pagination", "listings lack meta", corruption.body(corruption.without("meta"))),
    Defect("endless-cursor", "pagination", "the last page has a next one", _wrong_meta(_endless)),
    Defect(
        "links-forget-size", "pagination", "links lack per_page", corruption.body(corruption.links(_shortened_link))
    ),
    Defect("one-too-many", "pagination", "a page has one more item than asked for", corruption.listing(_first_twice)),
    Defect(
        "early-last-page",
        "pagination",
        "the last page is one too early",
        corruption.body(corruption.meta(last_page=lambda last: max(1, last - 1))),
    ),
    Defect("cursor-skips", "pagination", "every cursor skips an item", override(requested_page, skip_after_cursor)),
)
FILTERS = (
    Defect("ignore-filters", "filters", "filters are ignored", misread_filters(lambda _filters, _query: {})),
    Defect(
        "inverted-filters", "filters", "filters keep what they should leave out", override(filter_predicates, _inverted)
    ),
    Defect(
        "empty-filters", "filters", "a filtered listing is empty", always(filter_predicates, [lambda _record: False])
    ),
    Defect("ignore-include", "filters", "requested includes are missing", always(included, frozenset())),
    Defect(
        "always-include",
        "filters",
        "optional includes are always returned",
        override(included, lambda _decide, _backend, extras, _incoming: frozenset(extras)),
    ),
    Defect(
        "first-filter-only",
        "filters",
        "only the first of several filters is applied",
        misread_filters(lambda filters, _query: dict([*filters.items()][:1])),
    ),
    Defect(
        "filter-first-page-only",
        "filters",
        "filters are ignored from the second page on",
        misread_filters(on_first_page),
    ),
    Defect(
        "exclusive-bounds",
        "filters",
        "records updated exactly at the bound of a filter are left out",
        override(filter_predicates, exclusive_bounds),
    ),
    Defect(
        "older-view-differs",
        "filters",
        "v1.0 of a resource returns other times than its later versions",
        corruption.below("/v1.0/", corruption.reading(timestamps(lambda text: f"2019{text[4:]}"))),
    ),
)
LISTINGS = (
    Defect(
        "total-unfiltered",
        "pagination",
        "total and last_page count what a filter leaves out",
        _wrong_meta(_unfiltered_total),
    ),
    Defect("per-page-beyond", "pagination", "meta reports a per_page above the maximum", _wrong_meta(_per_page_beyond)),
    Defect(
        "full-last-page", "pagination", "there is one more page after a full last one", corruption.body(_one_page_more)
    ),
    Defect(
        "beyond-last-repeats",
        "pagination",
        "a page beyond the last one repeats its items",
        override(requested_page, _last_page_again),
    ),
    Defect("prev-stays", "pagination", "links.prev leads to the page itself", corruption.body(_stay_on_page)),
    Defect(
        "ends-swapped",
        "pagination",
        "links.first leads to the last page, and links.last to the first",
        corruption.body(_swap_ends),
    ),
    Defect(
        "offset-cursor",
        "pagination",
        "a cursor counts items, newest first, so that new ones shift the pages",
        override(requested_page, _newest_first),
    ),
    Defect(
        "status-filter-alone",
        "filters",
        "the status filter is ignored beside another",
        misread_filters(_without_status),
    ),
    Defect(
        "cursor-ignores-filters",
        "filters",
        "filters are ignored on the first page of cursor style",
        misread_filters(lambda filters, query: {} if query.get("cursor") == "" else filters),
    ),
    Defect(
        "offset-overlooked",
        "filters",
        "the offset of a moment in a filter is overlooked",
        misread_filters(without_offset),
    ),
    Defect("one-include-only", "filters", "of several includes only one is given", override(included, _one_include)),
)
