"""A listing or an item under test: its responses and pages.

What is read must succeed. A query that is refused although the same request succeeds without it is a violation
(PartRefused); an item whose bare request is refused cannot be tested (NotTestable).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from ampeco_conformance.checks.acceptance import refused_query_violation
from ampeco_conformance.checks.errors import InvalidRequest, status_violations
from ampeco_conformance.checks.pagination import (
    MAXIMUM_PER_PAGE,
    ListingPage,
    has_path,
    link_violations,
    other_name,
    refused_link_violation,
)
from ampeco_conformance.contract.answers import Answer, Cause, answer_of
from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.errors import NotTestable, TargetError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.urls import parts_of
from ampeco_conformance.exercise.confirmation import Discovery, PartRefused, confirm
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

#: Violations, each with the exchange that shows it.
Walk = Callable[[], Iterable[tuple[Violation, Exchange]]]

_PAGES_READ = 5


@dataclass(frozen=True, slots=True)
class Walked:
    """The pages of a walk, and whether they are all there are."""

    pages: list[ListingPage]
    is_complete: bool


class Listing:
    """A listing whose path contains ids of existing parents."""

    def __init__(self, operation: Operation, path: str, client: ApiClient, record: Recorder) -> None:
        self.operation = operation
        self.path = path
        self._client = client
        self._record = record

    def answer(self, query: Mapping[str, object]) -> Answer:
        """Send a query. Raises ContractViolation for a non-conforming response, TargetError for no response."""
        return self._answer(self.path, query)

    def read(self, query: Mapping[str, object]) -> Answer:
        """Send a valid query, which must succeed.

        Raises PartRefused when the same request succeeds without the query, NotTestable when it does not either.
        """
        answer = self.answer(query)
        if not answer.succeeded:
            bare = self.answer({}) if query else answer
            if not bare.succeeded:
                raise NotTestable(f"{self.operation.label} was {bare}")
            raise PartRefused(self._discovery(refused_query_violation(answer.exchange, query), answer.exchange))
        return answer

    def page(self, **query: object) -> ListingPage:
        """Read one page; raises as `read` does."""
        page = ListingPage.of(self.read(query))
        if page is None:
            raise NotTestable(f"{self.operation.label} does not answer a list of items under `data`")
        return page

    def refusable_page(
        self, query: Mapping[str, object], refusals: Collection[Cause] = (Cause.INPUT,)
    ) -> ListingPage | None:
        """Read a page by a query that the target may refuse, by these causes; None when it does.

        Raises PartRefused for any other refusal, ContractViolation for a server error.
        """
        exchange = self._client.send("GET", self.path, query=query)
        answer = answer_of(exchange)
        if answer.cause is Cause.SERVER:
            self._record.expect_conformance(exchange)
        elif not answer.succeeded and answer.cause not in (*refusals, Cause.CONNECTION):
            names = "&".join(query)
            request = InvalidRequest(f"{names} that may be invalid", f"query {names}")
            for violation in status_violations(exchange, request, frozenset({200, 400, 422})):
                raise PartRefused(self._discovery(violation, exchange))
        return ListingPage.of(answer)

    def follow(self, page: ListingPage, towards: str = "next") -> ListingPage | None:
        """The page that a link leads to, on the host that was asked; None without a link, or when it leads elsewhere.

        Raises PartRefused when the link leads to no page.
        """
        address = self._address(page, towards)
        if address is None:
            return None
        answer = self._answer(address, {})
        followed = ListingPage.of(answer)
        if followed is None:
            raise PartRefused(self._discovery(refused_link_violation(towards, str(answer)), answer.exchange))
        return followed

    def walk(self, first: ListingPage, most: int) -> Walked:
        """The pages from the first one on, by their links, up to a number of pages."""
        pages = [first]
        while len(pages) < most and (following := self.follow(pages[-1])) is not None:
            pages.append(following)
        return Walked(pages, is_complete=pages[-1].links.get("next") is None)

    def walk_by_cursor(self, begin: str, per_page: int, most: int) -> Walked:
        """The pages from a cursor on, by `meta.next_cursor`, up to a number of pages; raises as `read` does."""
        pages = [self.page(cursor=begin, per_page=per_page)]
        while len(pages) < most and (cursor := pages[-1].meta.get("next_cursor")):
            pages.append(self.page(cursor=cursor, per_page=per_page))
        return Walked(pages, is_complete=not pages[-1].meta.get("next_cursor"))

    def whole(
        self, query: Mapping[str, object], per_page: int | None = MAXIMUM_PER_PAGE, *, most: int = _PAGES_READ
    ) -> Walked:
        """The pages for a query, of the documented size without `per_page`, up to a limit; raises as `read` does."""
        sized = per_page is not None and takes_query(self._record.contract, self.operation, "per_page")
        size = {"per_page": per_page} if sized else {}
        return self.walk(self.page(**query, **size), most)

    def verify(self, walk: Walk, *, replays: int = 1) -> None:
        """Walk twice. Raises ContractViolation with the violations that both walks find (see `confirmation`)."""
        confirm(
            self._record,
            lambda: (self._discovery(_with_expected(found), shown).finding(self._record) for found, shown in walk()),
            replays=replays,
        )

    def _answer(self, path: str, query: Mapping[str, object]) -> Answer:
        exchange = self._client.send("GET", path, query=query)
        if exchange.response is None:
            raise TargetError(f"{self.operation.label}: {exchange.error}")
        self._record.expect_conformance(exchange)
        return answer_of(exchange)

    def link_violations(self, page: ListingPage) -> Iterator[Violation]:
        """The links of a page that lead to another host than the target's, whose other name is only noted."""
        return link_violations(page, self._client.base_url, self._known_as(page))

    def _known_as(self, page: ListingPage) -> str | None:
        """The other host name that all listings of the target use in their links; None when there is none."""
        name = other_name(page, self._client.base_url, self.path)
        self._client.known_as = self._client.known_as or name
        if name is None or name != self._client.known_as:
            return None
        self._record.note(f"links name the target {name}; they are followed on the host that is tested")
        return name

    def _address(self, page: ListingPage, towards: str) -> str | None:
        link = page.links.get(towards)
        if not isinstance(link, str) or not link:
            return None
        if link.startswith(f"{self._client.base_url}/"):
            return link
        # Behind a proxy that ends TLS the links of the same host may have another scheme.
        is_own = parts_of(link).netloc in ("", urlsplit(self._client.base_url).netloc)
        if not has_path(link, self.path) or not (is_own or self._known_as(page)):
            return None
        return f"{self._client.base_url}{self.path}?{parts_of(link).query}"

    def _discovery(self, violation: Violation, exchange: Exchange) -> Discovery:
        return Discovery(violation, self.operation, exchange)


def _with_expected(violation: Violation) -> Violation:
    return replace(violation, message=f"{violation.message} (expected: {violation.expected})")
