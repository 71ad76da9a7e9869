"""Both styles of pagination give every item once, and say the truth about where one is.

Source: the pagination guide. Page style: `page` from 1, meta {current_page, from, to, last_page, per_page, total},
links {first, last, prev, next}. Cursor style: an empty `cursor` starts, `links.next` (or meta.next_cursor) leads on,
null ends. `per_page` is 100 by default and at most.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ampeco_conformance.core.exchanges import Exchange

MAXIMUM_PER_PAGE = 100

# A broken rule: its id, what is wrong, where, what was expected, what was received.
Violation = tuple[str, str, str, Any, Any]


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of a listing, as received."""

    exchange: Exchange
    items: Sequence[Any]
    meta: dict[str, Any]
    links: dict[str, Any]

    @property
    def ids(self) -> list[Any]:
        """The ids of the items that have one; others cannot be told apart."""
        return [item["id"] for item in self.items if isinstance(item, dict) and "id" in item]

    @classmethod
    def read(cls, exchange: Exchange) -> "ListingPage | None":
        """The page an exchange gave; None when it is no successful listing."""
        response = exchange.response
        if response is None or response.status_code != 200:
            return None
        try:
            body = response.json()
        except ValueError:
            return None
        if not isinstance(body, dict) or not isinstance(body.get("data"), list):
            return None
        meta, links = body.get("meta"), body.get("links")
        return cls(
            exchange, body["data"], meta if isinstance(meta, dict) else {}, links if isinstance(links, dict) else {}
        )


def page_violations(page: ListingPage, number: int, per_page: int) -> Iterator[Violation]:
    """What is wrong with one page of page style that was asked for by number."""
    expected: dict[str, int | None] = {"current_page": number, "per_page": per_page}
    total, last = page.meta.get("total"), page.meta.get("last_page")
    if isinstance(total, int):
        first_item = (number - 1) * per_page + 1
        on_page = max(0, min(per_page, total - first_item + 1))
        expected["last_page"] = max(1, -(-total // per_page))
        expected |= {"from": first_item, "to": first_item + on_page - 1} if on_page else {"from": None, "to": None}
        if len(page.items) != on_page:
            yield ("pagination_items", f"page {number} has {len(page.items)} items", "/data", on_page, len(page.items))
    for key, value in expected.items():
        received = page.meta.get(key, "absent")
        if received != value:
            yield ("pagination_meta", f"meta.{key} of page {number} is {received}", f"/meta/{key}", value, received)
    if isinstance(last, int):
        for link, present in (("prev", number > 1), ("next", number < last)):
            if bool(page.links.get(link)) != present:
                wrong = "missing" if present else "given"
                sentence = f"links.{link} of page {number} of {last} is {wrong}"
                yield ("pagination_links", sentence, f"/links/{link}", present, page.links.get(link))


def numbered_violations(page: ListingPage, number: int) -> Iterator[Violation]:
    """What is wrong with a page of a listing, asked for in any way, where it is of page style and tells its size."""
    per_page = page.meta.get("per_page")
    if "last_page" in page.meta and isinstance(per_page, int) and per_page > 0:
        yield from page_violations(page, number, per_page)


def size_violations(page: ListingPage, per_page: int) -> Iterator[Violation]:
    """More items than were asked for."""
    if len(page.items) > per_page:
        yield ("pagination_per_page", f"{len(page.items)} items on a page", "/data", per_page, len(page.items))


def told_size_violations(page: ListingPage, per_page: int) -> Iterator[Violation]:
    """`meta.per_page`, where it is told, is what was asked for, or the documented default."""
    told = page.meta.get("per_page", per_page)
    if told != per_page:
        yield ("pagination_per_page", f"meta.per_page is {told}", "/meta/per_page", per_page, told)


def excess_violations(page: ListingPage, most: int) -> Iterator[Violation]:
    """`meta.per_page` is never above the documented maximum, also where fewer items fill the page."""
    told = page.meta.get("per_page")
    if isinstance(told, int) and told > most:
        yield ("pagination_per_page", f"meta.per_page is {told}", "/meta/per_page", f"at most {most}", told)


def cursor_violations(page: ListingPage) -> Iterator[Violation]:
    """`meta.next_cursor` and `links.next` lead on, or end, together."""
    if "next_cursor" in page.meta and "next" in page.links:
        cursor, link = page.meta["next_cursor"], page.links["next"]
        if bool(cursor) != bool(link):
            sentence = "only one of meta.next_cursor and links.next leads on"
            yield ("pagination_links", sentence, "/meta/next_cursor", link, cursor)


def link_violations(page: ListingPage, base_url: str) -> Iterator[Violation]:
    """Links must lead back to the host that was asked."""
    host = urlsplit(base_url).netloc
    for name, link in page.links.items():
        if isinstance(link, str) and urlsplit(link).netloc not in ("", host):
            yield ("pagination_links", f"links.{name} leads to another host", f"/links/{name}", host, link)


def is_same_address(one: str, other: str) -> bool:
    """Whether two addresses ask for the same, whatever the host, the order and the spelling."""
    return _address(one) == _address(other)


def _address(url: str) -> tuple[str, list[tuple[str, str]]]:
    parts = urlsplit(url)
    return unquote(parts.path), sorted(parse_qsl(parts.query, keep_blank_values=True))


def repetition_violations(pages: Sequence[ListingPage]) -> Iterator[Violation]:
    """No item may come twice in a walk."""
    counts = Counter(identifier for page in pages for identifier in page.ids)
    repeated = [identifier for identifier, count in counts.items() if count > 1]
    if repeated:
        yield ("pagination_items", f"{len(repeated)} items come more than once", "/data", "once", repeated[:5])
