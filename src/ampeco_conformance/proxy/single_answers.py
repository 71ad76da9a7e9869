"""What one answer shows by itself besides its schema: pages, links, rate limits, deprecation, a 401."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from ampeco_conformance.checks.authentication import unauthenticated_violations
from ampeco_conformance.checks.headers import deprecation_violations, documented_limits, limit_violations
from ampeco_conformance.checks.pagination import (
    MAXIMUM_PER_PAGE,
    ListingPage,
    cursor_violations,
    link_violations,
    numbered_link_violations,
    numbered_violations,
    other_name,
    path_violations,
    reported_size_violations,
    size_violations,
)
from ampeco_conformance.contract.answers import answer_of
from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.specs import Operation

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


def single_violations(contract: ApiContract, operation: Operation, exchange: Exchange) -> Iterator[Violation]:
    """The violations that an answer of an operation shows without another request."""
    yield from unauthenticated_violations(contract.specification.api, exchange)
    yield from deprecation_violations(exchange)
    if exchange.response is not None and exchange.response.status_code == 429:
        yield from limit_violations(documented_limits(contract, operation), exchange.response)
    page = ListingPage.of(answer_of(exchange)) if operation.method == "GET" else None
    if page is not None:
        yield from _page_violations(contract, operation, page)


def _page_violations(contract: ApiContract, operation: Operation, page: ListingPage) -> Iterator[Violation]:
    """What is wrong with a page, by the size and the number that were asked for; wrong ones are the client's."""
    parts = urlsplit(page.exchange.request.url)
    query = parse_qs(parts.query, keep_blank_values=True)
    size, number = (_whole(query[name]) if name in query else None for name in ("per_page", "page"))
    if size is not None and size <= MAXIMUM_PER_PAGE and takes_query(contract, operation, "per_page"):
        yield from size_violations(page, size)
        yield from reported_size_violations(page, size)
    if "cursor" not in query and (number or "page" not in query):
        yield from numbered_violations(page, number or 1)
        yield from numbered_link_violations(page, number or 1)
    yield from cursor_violations(page)
    yield from path_violations(page, parts.path)
    host = f"{parts.scheme}://{parts.netloc}"
    yield from link_violations(page, host, other_name(page, host, parts.path))


def _whole(values: list[str]) -> int | None:
    """The number that a parameter gives once; None when it is none of 1 or more."""
    is_one = len(values) == 1 and _NUMBER.fullmatch(values[0])
    return int(values[0]) if is_one else None
