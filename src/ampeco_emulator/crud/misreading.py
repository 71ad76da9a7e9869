"""Listings that misread their query, in the ways that defects name: what is overlooked, and what is taken wrongly."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.listing import DEFAULT_PER_PAGE
from ampeco_emulator.openapi.validation import Incoming

Query = Mapping[str, Any]

_OFFSET = re.compile(r"(?<=:\d\d)[+-]\d\d:\d\d$")
#: The pagination parameters that a defect overlooks.
_OVERLOOKED = {"ignore-per-page": {"per_page"}, "first-page-only": {"page", "cursor"}}


def _without_status(filters: Query, _query: Query) -> Query:
    kept = {name: value for name, value in filters.items() if name != "filter[status]"}
    return kept or filters


def _on_first_page(filters: Query, query: Query) -> Query:
    return filters if int(query.get("page", 1)) == 1 and not query.get("cursor") else {}


def _without_offset(filters: Query, _query: Query) -> Query:
    return {name: _OFFSET.sub("Z", value) if isinstance(value, str) else value for name, value in filters.items()}


#: The filters that a defect leaves of a query, and how it understands them.
_MISREAD: Mapping[str, Callable[[Query, Query], Query]] = {
    "ignore-filters": lambda _filters, _query: {},
    "first-filter-only": lambda filters, _query: dict([*filters.items()][:1]),
    "filter-first-page-only": _on_first_page,
    "status-filter-alone": _without_status,
    "cursor-ignores-filters": lambda filters, query: {} if query.get("cursor") == "" else filters,
    "offset-overlooked": _without_offset,
}


def filters_understood(query: Query, defect: str | None) -> Query:
    """The filters of a query, as the listing understands them."""
    filters = {name: value for name, value in query.items() if name.startswith("filter[")}
    misread = _MISREAD.get(defect or "")
    return filters if misread is None else misread(filters, query)


def position_understood(incoming: Incoming, defect: str | None) -> Incoming:
    """The request without the pagination parameters that are overlooked."""
    ignored = _OVERLOOKED.get(defect or "", set())
    return replace(incoming, query={name: value for name, value in incoming.query.items() if name not in ignored})


def meta_misread(meta: Query, incoming: Incoming, everything: int, defect: str | None) -> Query:
    """What `meta` says; `everything` is how many records there are without the filters."""
    asked = incoming.raw_query.get("per_page", "")
    if defect == "total-unfiltered" and "total" in meta:
        return {**meta, "total": everything, "last_page": max(1, -(-everything // meta["per_page"]))}
    if defect == "per-page-beyond" and asked.isdecimal() and int(asked) > DEFAULT_PER_PAGE:
        return {**meta, "per_page": int(asked)}
    if defect == "endless-cursor" and "next_cursor" in meta:
        return {**meta, "next_cursor": meta["next_cursor"] or "eyJpZCI6MH0"}
    return meta


def newest_first(records: list[Record], incoming: Incoming, url: str) -> tuple[list[Record], dict[str, Any]]:
    """A page of cursor style whose cursors say how many records came before: a new one shifts all the others."""
    cursor = str(incoming.query["cursor"])
    begin = int(cursor) if cursor.isdecimal() else 0
    per_page = int(incoming.query.get("per_page", DEFAULT_PER_PAGE))
    end = begin + per_page
    following = str(end) if end < len(records) else None
    link = f"{url}?per_page={per_page}&cursor={following}" if following else None
    meta = {"path": url, "per_page": per_page, "next_cursor": following, "prev_cursor": None}
    links = {"first": None, "last": None, "prev": None, "next": link}
    return records[::-1][begin:end], {"links": links, "meta": meta}
