"""Every listing can be walked: each item once, the same in both styles, sizes and links as documented.

Source: the pagination guide (see `checks/pagination.py`). What a walk finds is confirmed by a second walk, because
another client may have added an item meanwhile.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest

from ampeco_conformance.apis import describe
from ampeco_conformance.checks.pagination import (
    MAXIMUM_PER_PAGE,
    ListingPage,
    cursor_violations,
    differing_items_violations,
    excess_violations,
    gap_violations,
    hidden_items_violations,
    is_same_address,
    link_target_violations,
    numbered_link_violations,
    numbered_violations,
    page_violations,
    path_violations,
    repetition_violations,
    reported_size_violations,
    size_violations,
)
from ampeco_conformance.checks.reads import unchanged, unlike_violations
from ampeco_conformance.contract.answers import Cause
from ampeco_conformance.contract.requests import parameters, takes_query
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.core.exchanges import Exchange, JsonObject
from ampeco_conformance.core.rotation import Rotation
from ampeco_conformance.core.urls import parts_of
from ampeco_conformance.coverage.recording import ANOTHER_SEED
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.exercise.listing import Listing, Walked
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import SafetyPolicy

Found = Iterator[tuple[Violation, Exchange]]

_PER_PAGE = 3
_PAGES_NUMBERED = 6
# By cursors all items are walked in few pages, whatever their number; of few items each has a page of its own.
_LEAST_PER_PAGE = 2
_PAGES_WALKED = 8
_FEW_ITEMS = 4
# What `meta.next_cursor` leads to is compared with so many pages.
_PAGES_BY_CURSOR = 3
# How often a listing is walked that others change meanwhile.
_ATTEMPTS = 3
_SMALLER = "on smaller pages"
_CHANGES = "changes while it is walked: its pages could not be compared"
# What is created between the pages of a walk must leave something to be shifted.
_PAGES_DISTURBED = 3


def takes(parameter: str) -> Callable[[Operation, ApiContract], bool]:
    """Selects the listings that take a query parameter."""

    def selector(operation: Operation, contract: ApiContract) -> bool:
        return operation.method == "GET" and takes_query(contract, operation, parameter)

    return selector


@pytest.mark.operations(selector=takes("page"))
def test_page_style(operation: Operation, listing: Listing, record: Recorder, target_probe: Probe) -> None:
    """By page numbers the listing returns each item once with correct metadata, and its links lead to these pages."""
    if (end := _end_of_page_style(operation, listing, record.contract, target_probe)) is not None:
        pytest.skip(f"page style has ended on the target, as announced for {end}: it pages by cursor only")

    def walk() -> Found:
        for _ in range(_ATTEMPTS):
            pages = yield from _numbered_pages(listing)
            if len({page.meta.get("total") for page in pages.values()}) == 1:
                yield from _with_exchange(repetition_violations(list(pages.values())), pages[1])
                yield from _beyond(listing, pages)
                yield from _misleading_links(listing, pages, pages[1].meta.get("last_page", 1))
                return
        record.note(f"{operation.label} {_CHANGES}")

    listing.verify(walk)


def _end_of_page_style(operation: Operation, listing: Listing, contract: ApiContract, found: Probe) -> date | None:
    """The day that was announced as the end of page style, where a newer target pages by cursor only since then."""
    specification = contract.specification
    end = describe(specification.api).page_style_ends
    is_due = end is not None and end <= datetime.now(UTC).date() and found.is_newer_than(specification.version)
    if not is_due or not takes_query(contract, operation, "page") or not takes_query(contract, operation, "cursor"):
        return None
    page = listing.refusable_page({"page": 1})
    is_by_cursor = page is None or ("current_page" not in page.meta and "next_cursor" in page.meta)
    return end if is_by_cursor else None


def _numbered_pages(listing: Listing) -> Generator[tuple[Violation, Exchange], None, dict[int, ListingPage]]:
    """The first pages and the last one by number; yields what is wrong with each alone."""
    size = _PER_PAGE
    first = listing.page(page=1, per_page=size)
    if 1 < len(first.items) == first.meta.get("total"):
        # All on one page: every item gets a page of its own, so that there are links.
        size = 1
        first = listing.page(page=1, per_page=size)
    last = first.meta.get("last_page", 1)
    pages = {1: first}
    for number in sorted({*range(2, min(last, _PAGES_NUMBERED) + 1), last} - {1}):
        pages[number] = listing.page(page=number, per_page=size)
    for number, page in pages.items():
        yield from _with_exchange(page_violations(page, number, size), page)
        yield from _with_exchange(numbered_link_violations(page, number), page)
        yield from _with_exchange(path_violations(page, listing.path), page)
        yield from _with_exchange(size_violations(page, size), page)
        yield from _with_exchange(listing.link_violations(page), page)
    return pages


def _beyond(listing: Listing, pages: Mapping[int, ListingPage]) -> Found:
    """The page after the last one, which may be refused, repeats no item."""
    last = pages[1].meta.get("last_page", 1)
    query = {"page": last + 1, "per_page": pages[1].meta.get("per_page", _PER_PAGE)}
    beyond = listing.refusable_page(query, (Cause.INPUT, Cause.MODEL)) if last in pages else None
    if beyond is not None:
        yield from _with_exchange(repetition_violations([pages[last], beyond]), beyond)


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
def test_cursor_style(operation: Operation, listing: Listing, record: Recorder, target_probe: Probe) -> None:
    """By cursors the listing returns each item once, ends, and returns the same items as page style.

    Links and cursors lead through the same pages, small pages through the items of large ones.
    """
    has_numbers, has_size = (takes_query(record.contract, operation, name) for name in ("page", "per_page"))
    has_numbers = has_numbers and _end_of_page_style(operation, listing, record.contract, target_probe) is None

    def walk() -> Found:
        for _ in range(_ATTEMPTS):
            large = listing.whole({"cursor": ""})
            for page in large.pages if has_size else ():
                yield from _with_exchange(gap_violations(page, MAXIMUM_PER_PAGE), page)
                yield from _with_exchange(reported_size_violations(page, MAXIMUM_PER_PAGE), page)
            per_page = _per_page(len(_ids(large.pages)))
            small = listing.walk(listing.page(cursor="", per_page=per_page), _PAGES_WALKED)
            for page in small.pages:
                yield from _of_one_page(listing, page, per_page)
            compared = [*_compared(listing, large, small, per_page, has_numbers=has_numbers)]
            unlike = [*unlike_violations(_items(large.pages), _items(small.pages), _SMALLER)]
            again = listing.whole({"cursor": ""}) if compared or unlike else large
            if not compared or _ids(again.pages) == _ids(large.pages):
                yield from compared
                steady = unchanged(_items(large.pages), _items(again.pages)) if unlike else []
                yield from _with_exchange(unlike_violations(steady, _items(small.pages), _SMALLER), small.pages[0])
                return
        record.note(f"{operation.label} {_CHANGES}")

    listing.verify(walk)


def _per_page(items: int) -> int:
    """The size of the pages in which so many items are walked: more than two of them, if there are three items."""
    return 1 if items <= _FEW_ITEMS else max(_LEAST_PER_PAGE, -(-items // _PAGES_WALKED))


def _of_one_page(listing: Listing, page: ListingPage, per_page: int) -> Found:
    """What is wrong with a page of cursor style alone."""
    yield from _with_exchange(size_violations(page, per_page), page)
    yield from _with_exchange(gap_violations(page, per_page), page)
    yield from _with_exchange(reported_size_violations(page, per_page), page)
    yield from _with_exchange(cursor_violations(page), page)
    yield from _with_exchange(path_violations(page, listing.path), page)
    yield from _with_exchange(listing.link_violations(page), page)


def _compared(listing: Listing, large: Walked, small: Walked, per_page: int, *, has_numbers: bool) -> Found:
    """Where other ways through the listing return other items than the small pages, followed by their links."""
    pages, last = small.pages, small.pages[-1]
    yield from _leading_back(listing, pages)
    yield from _with_exchange(repetition_violations(pages), last)
    walked = _ids(pages)
    expected = _ids(large.pages) if small.is_complete and large.is_complete else _ids(large.pages)[: len(walked)]
    message = "small pages and large ones return different items"
    yield from _with_exchange(differing_items_violations({*expected} ^ {*walked}, message, "sizes"), last)
    if "next_cursor" in pages[0].meta:
        # A listing of both styles is asked for its first page of cursor style with the word null, too.
        by_cursor = listing.walk_by_cursor("null" if has_numbers else "", per_page, min(len(pages), _PAGES_BY_CURSOR))
        message = "links.next and meta.next_cursor lead to different items"
        differing = {*_ids(by_cursor.pages)} ^ {*_ids(pages[: len(by_cursor.pages)])}
        yield from _with_exchange(differing_items_violations(differing, message, "cursors"), by_cursor.pages[-1])
    if has_numbers and len(large.pages[0].ids) < MAXIMUM_PER_PAGE:
        by_number = listing.page(page=1, per_page=MAXIMUM_PER_PAGE)
        message = "page style and cursor style return different items"
        differing = {*by_number.ids} ^ {*large.pages[0].ids}
        yield from _with_exchange(differing_items_violations(differing, message, "styles"), large.pages[0])


def _leading_back(listing: Listing, pages: list[ListingPage]) -> Found:
    """What leads back from the last page, but not to the one before it."""
    if len(pages) < 2:
        return
    before, last = pages[-2:]
    back = listing.follow(last, "prev")
    if back is not None:
        wrong = link_target_violations("the last page", "prev", "the one before it", before, back)
        yield from _with_exchange(wrong, back)
    cursor, link = last.meta.get("prev_cursor"), last.links.get("prev")
    if cursor and link and cursor not in dict(parse_qsl(parts_of(str(link)).query)).values():
        by_cursor = listing.page(cursor=cursor, per_page=len(before.items))
        message = "links.prev and meta.prev_cursor lead to different items"
        differing = {*by_cursor.ids} ^ {*before.ids}
        yield from _with_exchange(differing_items_violations(differing, message, "cursors"), by_cursor)


def takes_inserts(operation: Operation, contract: ApiContract) -> bool:
    """Whether an item can be created in the listing while it is walked by cursors."""
    creations = {other.path for other in contract.specification.operations if other.method == "POST"}
    return takes("cursor")(operation, contract) and operation.path in creations


@pytest.mark.operations(selector=takes_inserts)
def test_insert_while_walking(
    operation: Operation,
    listing: Listing,
    pool: IdPool,
    policy: SafetyPolicy,
    success_finder: SuccessFinder,
    record: Recorder,
    rotation: Rotation,
) -> None:
    """An item that is created while a listing is walked by cursors neither repeats nor hides another.

    The listings take turns.
    """
    if not rotation.is_due(operation.label):
        pytest.skip(ANOTHER_SEED)
    creating = pool.resources.creating(operation.path)
    assert creating is not None
    if (reason := policy.refusal(creating)) is not None:
        pytest.skip(reason)
    values = next(pool.path_parameters(operation, limit=1))

    def walk() -> Iterator[tuple[Violation, Exchange]]:
        before = {*_ids(listing.whole({"cursor": ""}).pages)}
        if len(before) < 2:
            raise NotTestable("fewer than two items: nothing can be created between two pages")
        first = listing.page(cursor="", per_page=min(-(-len(before) // _PAGES_DISTURBED), MAXIMUM_PER_PAGE))
        inserted = success_finder.attempt(creating, values)
        record.expect_none(inserted.findings)
        if not inserted.succeeded:
            raise NotTestable(f"nothing was created between two pages: {inserted.reason}")
        walked = listing.walk(first, _PAGES_WALKED)
        last = walked.pages[-1]
        yield from _with_exchange(repetition_violations(walked.pages), last)
        if walked.is_complete:
            yield from _with_exchange(hidden_items_violations(before.difference(_ids(walked.pages))), last)

    listing.verify(walk)


@pytest.mark.operations(selector=takes("per_page"))
def test_page_size(
    operation: Operation, contract: ApiContract, listing: Listing, rotation: Rotation, target_probe: Probe
) -> None:
    """A page has the requested size, the documented one by default, and never more than the maximum."""
    schema = next(item["schema"] for item, _ in parameters(contract, operation) if item["name"] == "per_page")
    default, most = schema.get("default", MAXIMUM_PER_PAGE), schema.get("maximum", MAXIMUM_PER_PAGE)
    # Every total is a multiple of one: the last page is full.
    has_ended = _end_of_page_style(operation, listing, contract, target_probe) is not None
    numbered = {"page": 1} if takes_query(contract, operation, "page") and not has_ended else {}
    styles: list[dict[str, Any]] = [numbered] if numbered else [{}]
    if takes_query(contract, operation, "cursor"):
        styles.append({"cursor": ""})
    of_default = [(style, default) for style in rotation.of(operation.label, styles)]
    sizes = [*of_default, ({"per_page": 1, **numbered}, 1)]
    if rotation.is_due(operation.label):
        sizes.append(({"per_page": 2}, 2))

    def walk() -> Iterator[tuple[Violation, Exchange]]:
        for query, size in sizes:
            page = listing.page(**query)
            yield from _with_exchange(size_violations(page, size), page)
            yield from _with_exchange(reported_size_violations(page, size), page)
            yield from _with_exchange(numbered_violations(page, 1), page)
            yield from _with_exchange(numbered_link_violations(page, 1), page)
            yield from _with_exchange(path_violations(page, listing.path), page)
        beyond = listing.refusable_page({"per_page": most + 1})
        if beyond is not None:
            yield from _with_exchange(size_violations(beyond, most), beyond)
            yield from _with_exchange(excess_violations(beyond, most), beyond)

    listing.verify(walk)


def _ids(pages: Iterable[ListingPage]) -> list[Any]:
    return [identifier for page in pages for identifier in page.ids]


def _items(pages: Iterable[ListingPage]) -> list[JsonObject]:
    return [item for page in pages for item in page.items if isinstance(item, dict)]


def _with_exchange(violations: Iterable[Violation], page: ListingPage) -> Iterator[tuple[Violation, Exchange]]:
    return ((violation, page.exchange) for violation in violations)
