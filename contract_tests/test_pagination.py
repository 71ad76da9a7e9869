"""Every listing can be walked: each item once, the same in both styles, sizes and links as documented.

Source: the pagination guide (see `checks/pagination.py`). What a walk finds is confirmed by a second walk, because
another client may have added an item meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest

from ampeco_conformance.checks.pagination import (
    MAXIMUM_PER_PAGE,
    ListingPage,
    cursor_violations,
    differing_items_violations,
    excess_violations,
    hidden_items_violations,
    is_same_address,
    link_target_violations,
    numbered_violations,
    page_violations,
    repetition_violations,
    reported_size_violations,
    size_violations,
)
from ampeco_conformance.contract.requests import parameters, takes_query
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.exercise.listing import Listing
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import SafetyPolicy

_PER_PAGE = 3
_PAGES_WALKED = 6
# What is created between the pages of a walk must leave something to be shifted.
_PAGES_DISTURBED = 3


def takes(parameter: str) -> Callable[[Operation, ApiContract], bool]:
    """Selects the listings that take a query parameter."""

    def selector(operation: Operation, contract: ApiContract) -> bool:
        return operation.method == "GET" and takes_query(contract, operation, parameter)

    return selector


@pytest.mark.operations(selector=takes("page"))
def test_page_style(listing: Listing) -> None:
    """By page numbers the listing returns each item once with correct metadata, and its links lead to these pages."""

    def walk() -> Iterator[tuple[Violation, Exchange]]:
        first = listing.page(page=1, per_page=_PER_PAGE)
        last = first.meta.get("last_page", 1)
        numbers = sorted({*range(2, min(last, _PAGES_WALKED) + 1), last} - {1})
        pages: dict[int, ListingPage] = {}
        for number in (1, *numbers):
            page = first if number == 1 else listing.page(page=number, per_page=_PER_PAGE)
            pages[number] = page
            yield from _with_exchange(page_violations(page, number, _PER_PAGE), page)
            yield from _with_exchange(size_violations(page, _PER_PAGE), page)
            yield from _with_exchange(listing.link_violations(page), page)
        yield from _with_exchange(repetition_violations(list(pages.values())), first)
        yield from _misleading_links(listing, pages, last)

    listing.verify(walk)


def _misleading_links(
    listing: Listing, pages: Mapping[int, ListingPage], last: int
) -> Iterator[tuple[Violation, Exchange]]:
    """The links of the first two pages that lead elsewhere than to the pages found by number."""
    for number in sorted(pages.keys() & {1, 2}):
        for link, target in {"prev": number - 1, "next": number + 1, "first": 1, "last": last}.items():
            expected, address = pages.get(target), pages[number].links.get(link)
            if expected is None or not address or is_same_address(str(address), expected.exchange.request.url):
                continue
            followed = listing.follow(pages[number], link)
            if followed is not None:
                wrong = link_target_violations(f"page {number}", link, f"page {target}", expected, followed)
                yield from _with_exchange(wrong, followed)


@pytest.mark.operations(selector=takes("cursor"))
def test_cursor_style(operation: Operation, listing: Listing, record: Recorder) -> None:
    """By cursors the listing returns each item once, ends, and returns the same items as page style."""

    def walk() -> Iterator[tuple[Violation, Exchange]]:
        small = listing.walk(listing.page(cursor="", per_page=_PER_PAGE), _PAGES_WALKED)
        pages = small.pages
        for page in pages:
            yield from _with_exchange(size_violations(page, _PER_PAGE), page)
            yield from _with_exchange(reported_size_violations(page, _PER_PAGE), page)
            yield from _with_exchange(cursor_violations(page), page)
            yield from _with_exchange(listing.link_violations(page), page)
        back = listing.follow(pages[1], "prev") if len(pages) > 1 else None
        if back is not None:
            wrong = link_target_violations("the second page", "prev", "the first", pages[0], back)
            yield from _with_exchange(wrong, back)
        if small.is_complete:
            large = listing.whole({"cursor": ""})
            differing = _ids(large.pages) ^ _ids(pages)
            if large.is_complete:
                message = "small pages and large ones return different items"
                yield from _with_exchange(differing_items_violations(differing, message, "sizes"), large.pages[-1])
        yield from _with_exchange(repetition_violations(pages), pages[-1])
        if takes_query(record.contract, operation, "page"):
            by_number = listing.page(page=1, per_page=MAXIMUM_PER_PAGE)
            by_cursor = listing.page(cursor="", per_page=MAXIMUM_PER_PAGE)
            if len(by_number.ids) < MAXIMUM_PER_PAGE:
                message = "page style and cursor style return different items"
                differing = set(by_number.ids) ^ set(by_cursor.ids)
                yield from _with_exchange(differing_items_violations(differing, message, "styles"), by_cursor)

    listing.verify(walk)


def takes_inserts(operation: Operation, contract: ApiContract) -> bool:
    """Whether an item can be created in the listing while it is walked by cursors."""
    creations = {other.path for other in contract.specification.operations if other.method == "POST"}
    return takes("cursor")(operation, contract) and operation.path in creations


@pytest.mark.operations(selector=takes_inserts)
def test_insert_while_walking(
    operation: Operation, listing: Listing, pool: IdPool, policy: SafetyPolicy, success_finder: SuccessFinder
) -> None:
    """An item that is created while a listing is walked by cursors neither repeats nor hides another."""
    creating = pool.resources.creating(operation.path)
    assert creating is not None
    if (reason := policy.refusal(creating)) is not None:
        pytest.skip(reason)
    values = next(pool.path_parameters(operation, limit=1))

    def walk() -> Iterator[tuple[Violation, Exchange]]:
        before = _ids(listing.whole({"cursor": ""}).pages)
        if len(before) < 2:
            raise NotTestable("fewer than two items: nothing can be created between two pages")
        first = listing.page(cursor="", per_page=min(-(-len(before) // _PAGES_DISTURBED), MAXIMUM_PER_PAGE))
        inserted = success_finder.attempt(creating, values)
        if not inserted.succeeded:
            raise NotTestable(f"nothing was created between two pages: {inserted.reason}")
        walked = listing.walk(first, _PAGES_WALKED)
        last = walked.pages[-1]
        yield from _with_exchange(repetition_violations(walked.pages), last)
        if walked.is_complete:
            yield from _with_exchange(hidden_items_violations(before - _ids(walked.pages)), last)

    listing.verify(walk)


@pytest.mark.operations(selector=takes("per_page"))
def test_page_size(operation: Operation, contract: ApiContract, listing: Listing) -> None:
    """A page has the requested size, the documented one by default, and never more than the maximum."""
    schema = next(item["schema"] for item, _ in parameters(contract, operation) if item["name"] == "per_page")
    default, most = schema.get("default", MAXIMUM_PER_PAGE), schema.get("maximum", MAXIMUM_PER_PAGE)
    # Every total is a multiple of one: the last page is full.
    numbered = {"page": 1} if takes_query(contract, operation, "page") else {}
    sizes: list[tuple[dict[str, int], int]] = [({}, default), ({"per_page": 1, **numbered}, 1), ({"per_page": 2}, 2)]

    def walk() -> Iterator[tuple[Violation, Exchange]]:
        for query, size in sizes:
            page = listing.page(**query)
            yield from _with_exchange(size_violations(page, size), page)
            yield from _with_exchange(reported_size_violations(page, size), page)
            yield from _with_exchange(numbered_violations(page, 1), page)
        beyond = listing.refusable_page({"per_page": most + 1})
        if beyond is not None:
            yield from _with_exchange(size_violations(beyond, most), beyond)
            yield from _with_exchange(excess_violations(beyond, most), beyond)

    listing.verify(walk)


def _ids(pages: Iterable[ListingPage]) -> set[Any]:
    return {identifier for page in pages for identifier in page.ids}


def _with_exchange(violations: Iterable[Violation], page: ListingPage) -> Iterator[tuple[Violation, Exchange]]:
    return ((violation, page.exchange) for violation in violations)
