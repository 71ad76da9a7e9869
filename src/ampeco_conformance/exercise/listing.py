"""A listing or an item under test: its responses and pages, and findings that two walks in a row confirm."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from ampeco_conformance.checks.pagination import MAXIMUM_PER_PAGE, ListingPage
from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.contract.resource_map import items_of
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import ContractViolation
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

Walk = Callable[[], list[tuple[Violation, Exchange]]]

_PAGES_READ = 5


def items_in(exchange: Exchange) -> list[Mapping[str, Any]]:
    """The items in a 200 response; none for any other response."""
    response = exchange.response
    return list(items_of(response.json())) if response is not None and response.status_code == 200 else []


class Listing:
    """A listing whose path contains ids of existing parents."""

    def __init__(self, operation: Operation, path: str, client: ApiClient, record: Recorder) -> None:
        self.operation = operation
        self.path = path
        self._client = client
        self._record = record

    def answer(self, query: Mapping[str, object]) -> Exchange:
        """Send a query. Raises ContractViolation for a non-conforming response, TargetError for no response."""
        exchange = self._client.send("GET", self.path, query=query)
        if exchange.response is None:
            raise TargetError(f"{self.operation.label}: {exchange.error}")
        self._record.expect_conformance(exchange)
        return exchange

    def page(self, **query: object) -> ListingPage:
        """Read one page. Raises ContractViolation if it does not conform; skips the test if the query is rejected."""
        exchange = self.answer(query)
        page = ListingPage.read(exchange)
        if page is None:
            pytest.skip(f"the listing was answered {exchange.response.status_code if exchange.response else 'nothing'}")
        return page

    def survives(self, query: Mapping[str, object]) -> Exchange:
        """Send a query that may be rejected. Raises ContractViolation for a server error only."""
        exchange = self._client.send("GET", self.path, query=query)
        if exchange.response is not None and exchange.response.status_code >= 500:
            self._record.expect_conformance(exchange)
        return exchange

    def follow(self, page: ListingPage, towards: str = "next") -> ListingPage | None:
        """The page that a link leads to; None without a link, or when it points to another host."""
        link = page.links.get(towards)
        if not isinstance(link, str) or not link.startswith(f"{self._client.base_url}/"):
            return None
        exchange = self._client.send("GET", link)
        self._record.expect_conformance(exchange)
        return ListingPage.read(exchange)

    def whole(self, query: dict[str, str], per_page: int = MAXIMUM_PER_PAGE) -> tuple[list[ListingPage], bool]:
        """The pages for a query up to a limit, and whether they are complete; no page when the query is rejected."""
        sized = takes_query(self._record.contract, self.operation, "per_page")
        size = {"per_page": per_page} if sized else {}
        page = ListingPage.read(self.answer({**query, **size}))
        if page is None:
            return [], False
        pages = [page]
        while (following := self.follow(pages[-1])) is not None:
            if len(pages) == _PAGES_READ:
                return pages, False
            pages.append(following)
        return pages, True

    def verify(self, walk: Walk) -> None:
        """Walk twice. Raises ContractViolation with the violations that both walks find."""
        found = walk()
        if not found:
            return
        again = {(violation.check, violation.location) for violation, _ in walk()}
        findings = [
            finding
            for violation, exchange in found
            if (violation.check, violation.location) in again
            for finding in self._record.contract.findings(self.operation, exchange, [_with_expected(violation)])
        ]
        if findings:
            raise ContractViolation(findings)


def _with_expected(violation: Violation) -> Violation:
    return replace(violation, message=f"{violation.message} (expected: {violation.expected})")
