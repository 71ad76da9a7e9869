"""Defects of listings that show only in some corner: two parameters at once, full pages, a link that is rarely used."""

import re
from typing import Any

from ampeco_emulator.faults import responses as to
from ampeco_emulator.faults.model import Defect

_PAGE = re.compile(r"(?<=[?&]page=)\d+")


def _one_page_more(body: Any) -> Any:
    """Count pages as a whole division and one more: too many where the last page is full."""
    meta = body.get("meta") if isinstance(body, dict) else None
    if not isinstance(meta, dict) or not meta.get("total"):
        return body
    return to.meta(last_page=meta["total"] // meta["per_page"] + 1)(body)


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


LISTINGS = (
    Defect("total-unfiltered", "pagination", "total and last_page count what a filter leaves out"),
    Defect("per-page-beyond", "pagination", "meta tells a per_page above the maximum"),
    Defect("full-last-page", "pagination", "there is one more page after a full last one", to.body(_one_page_more)),
    Defect("prev-stays", "pagination", "links.prev leads to the page itself", to.body(_stay_on_page)),
    Defect(
        "ends-swapped",
        "pagination",
        "links.first leads to the last page, and links.last to the first",
        to.body(_swap_ends),
    ),
    Defect("offset-cursor", "pagination", "a cursor counts items, newest first, so that new ones shift the pages"),
    Defect("status-filter-alone", "filters", "the status filter is ignored beside another"),
    Defect("cursor-ignores-filters", "filters", "filters do nothing on the first page of cursor style"),
    Defect("offset-overlooked", "filters", "the offset of a moment in a filter is overlooked"),
    Defect("one-include-only", "filters", "of several includes only one is given"),
)
