"""Pages of a listing, numbered or by cursor, with links to the host of the request."""

import base64
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import orjson

from ampeco_emulator.backend.store import Record
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.validation import Incoming

DEFAULT_PER_PAGE = 100
# Of the number of a page: a longer one is not a number that JSON readers agree on, and is ignored.
_MOST_DIGITS = 15
# The most pages that are all linked; of more, the first ones and the last two.
_MOST_NUMBERED, _FIRST_NUMBERED = 15, 10


def page_of(
    endpoint: Endpoint, incoming: Incoming, records: Sequence[Record], url: str
) -> tuple[list[Record], dict[str, Any]]:
    """The records of the requested page, and the `links` and `meta` of the listing."""
    takes_page = endpoint.parameter("page") is not None
    takes_cursor = endpoint.parameter("cursor") is not None or endpoint.pages_by_cursor
    if not takes_page and not takes_cursor and endpoint.parameter("per_page") is None:
        return list(records), {}
    per_page = int(incoming.query.get("per_page", DEFAULT_PER_PAGE))
    per_page = max(1, min(DEFAULT_PER_PAGE, per_page))
    position_names = ("page", "cursor", "per_page")
    others = [
        pair for name, value in incoming.query.items() if name not in position_names for pair in _pairs(name, value)
    ]
    others += [("include[]", name) for name in sorted(incoming.include)]

    fixed = _address(url, (*others, ("per_page", str(per_page))))

    def link(name: str, place: int | str) -> str:
        return f"{fixed}&{name}={place}"

    if takes_cursor and ("cursor" in incoming.query or not takes_page):
        return _cursor_page(str(incoming.raw_query.get("cursor", "")), per_page, records, url, link)
    # Some listings do not document the parameter that their links contain.
    page = str(incoming.query.get("page", 1) if takes_page else incoming.raw_query.get("page", 1))
    is_number = page.isdecimal() and len(page) <= _MOST_DIGITS
    return _numbered_page(int(page) if is_number else 1, per_page, records, url, link)


@lru_cache(maxsize=256)
def _address(url: str, query: tuple[tuple[str, str], ...]) -> str:
    """An address with a query: that of the links, which the pages of a listing share."""
    return f"{url}?{urlencode(query)}"


def _numbered_page(
    number: int, per_page: int, records: Sequence[Record], url: str, link: Callable[..., str]
) -> tuple[list[Record], dict[str, Any]]:
    number = max(1, number)
    total = len(records)
    last = max(1, -(-total // per_page))
    shown = list(records[(number - 1) * per_page : number * per_page])
    first_item = (number - 1) * per_page + 1
    links = {
        "first": link("page", 1),
        "last": link("page", last),
        "prev": link("page", number - 1) if number > 1 else None,
        "next": link("page", number + 1) if number < last else None,
    }
    shortened = last > _MOST_NUMBERED
    numbers = [*range(1, _FIRST_NUMBERED + 1), last - 1, last] if shortened else range(1, last + 1)
    numbered: list[dict[str, Any]] = [
        {"url": link("page", item), "label": str(item), "active": item == number} for item in numbers
    ]
    if shortened:
        numbered.insert(_FIRST_NUMBERED, {"url": None, "label": "...", "active": False})
    meta = {
        "current_page": number,
        "from": first_item if shown else None,
        "last_page": last,
        "links": [
            {"url": links["prev"], "label": "&laquo; Previous", "active": False},
            *numbered,
            {"url": links["next"], "label": "Next &raquo;", "active": False},
        ],
        "path": url,
        "per_page": per_page,
        "to": first_item + len(shown) - 1 if shown else None,
        "total": total,
    }
    return shown, {"links": links, "meta": meta}


def _cursor_page(
    cursor: str, per_page: int, records: Sequence[Record], url: str, link: Callable[..., str]
) -> tuple[list[Record], dict[str, Any]]:
    position, forward = _decoded(cursor)
    if forward:
        begin = bisect_right(records, position, key=_id)
        end = min(begin + per_page, len(records))
    else:
        end = bisect_left(records, position, key=_id)
        begin = max(0, end - per_page)
    shown = list(records[begin:end])
    more_before, more_after = begin > 0, end < len(records)
    following = _encoded(shown[-1].id, forward=True) if shown and more_after else None
    previous = _encoded(shown[0].id, forward=False) if shown and more_before else None
    links = {
        "first": None,
        "last": None,
        "prev": link("cursor", previous) if previous else None,
        "next": link("cursor", following) if following else None,
    }
    meta = {"path": url, "per_page": per_page, "next_cursor": following, "prev_cursor": previous}
    return shown, {"links": links, "meta": meta}


def _id(record: Record) -> int:
    return record.id


def _encoded(position: int, *, forward: bool) -> str:
    return base64.urlsafe_b64encode(orjson.dumps({"id": position, "_pointsToNextItems": forward})).decode().rstrip("=")


def _decoded(cursor: str) -> tuple[int, bool]:
    """Position and direction; the beginning for an empty cursor, the word null, or an unknown cursor."""
    try:
        content = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return int(content["id"]), bool(content["_pointsToNextItems"])
    except (ValueError, KeyError, TypeError):
        return 0, True


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    """A parameter as a query has it: a list repeats its name."""
    if isinstance(value, list):
        return [(f"{name}[]", _query_text(item)) for item in value]
    return [(name, _query_text(value))]


def _query_text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
