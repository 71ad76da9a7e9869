"""Every documented filter returns the items that match and no others (see `checks/filters.py`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from ampeco_conformance.checks.filters import (
    Filter,
    distinguishing_pairs,
    distinguishing_value,
    filter_violations,
    filters_of,
    paged_filter,
    unused_value,
    unused_value_violations,
    value_in_another_zone,
)
from ampeco_conformance.checks.pagination import MAXIMUM_PER_PAGE, ListingPage, numbered_violations
from ampeco_conformance.contract.answers import Cause
from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.exchanges import Exchange, JsonObject
from ampeco_conformance.exercise.confirmation import PartRefused
from ampeco_conformance.exercise.listing import Listing, Walked
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation


def has_filters(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation is a listing with filters whose meaning is known."""
    return operation.method == "GET" and bool(filters_of(contract, operation))


@pytest.mark.operations(selector=has_filters)
def test_filters(operation: Operation, listing: Listing, record: Recorder) -> None:
    """Each filter returns exactly the items that match it, two return those that match both, no match returns nothing.

    That holds with another filter, over pages, in both styles, and for a date-time in another time zone.
    """
    rules = filters_of(record.contract, operation)
    items = _items(listing.whole({}).pages)
    values_by_filter = {rule: value for rule in rules if (value := distinguishing_value(rule, items)) is not None}
    if not values_by_filter:
        pytest.skip("no item of the listing has a field that it could be filtered by")
    queries = [{rule: value} for rule, value in values_by_filter.items()] + distinguishing_pairs(
        values_by_filter, items
    )
    zoned = ((rule, value_in_another_zone(rule, items)) for rule in values_by_filter)
    queries += [{rule: value} for rule, value in zoned if value is not None][:1]
    is_numbered, has_cursors = (takes_query(record.contract, operation, name) for name in ("page", "cursor"))
    has_both_styles = is_numbered and has_cursors
    styles = [{"page": "1"}, {"cursor": ""}] if has_both_styles else [{}]
    over_pages = paged_filter(values_by_filter, items) or (next(iter(values_by_filter)), MAXIMUM_PER_PAGE)

    def walk() -> Iterator[tuple[Violation, Exchange]]:
        filtering = _Filtering(listing, listing.whole({}), is_numbered=is_numbered)
        for query in queries:
            yield from filtering.violations(query, {}, MAXIMUM_PER_PAGE)
        rule, per_page = over_pages
        if per_page < MAXIMUM_PER_PAGE or has_both_styles:
            for style in styles:
                yield from filtering.violations({rule: values_by_filter[rule]}, style, per_page)
        for rule in values_by_filter:
            yield from filtering.violations_of_unused_value(rule)
        listing.refusable_page({"filter[conformUnknown]": "1"})

    listing.verify(walk)


@dataclass(frozen=True, slots=True)
class _Filtering:
    """A listing with all of its pages, and what its filters return of them."""

    listing: Listing
    everything: Walked
    is_numbered: bool

    def violations(
        self, query: Mapping[Filter, str], style: Mapping[str, str], per_page: int
    ) -> Iterator[tuple[Violation, Exchange]]:
        """Violations in the items that a query returns; a query that is refused is one."""
        asked = {rule.parameter: value for rule, value in query.items()}
        try:
            kept = self.listing.whole({**asked, **style}, per_page)
        except PartRefused as refused:
            yield refused.discovery.violation, refused.discovery.exchange
            return
        everything, shown = _items(self.everything.pages), _items(kept.pages)
        for violation in filter_violations(query, everything, shown, complete=kept.is_complete):
            yield violation, kept.pages[-1].exchange
        yield from self._misnumbered(kept.pages)

    def violations_of_unused_value(self, rule: Filter) -> Iterator[tuple[Violation, Exchange]]:
        """Violations in the items that a filter returns for a value that none has; it may be refused."""
        unused = unused_value(rule)
        if unused is None:
            return
        page = self.listing.refusable_page({rule.parameter: unused}, (Cause.INPUT, Cause.MODEL))
        if page is not None:
            for violation in unused_value_violations(rule, unused, _items([page])):
                yield violation, page.exchange
            yield from self._misnumbered([page])

    def _misnumbered(self, pages: list[ListingPage]) -> Iterator[tuple[Violation, Exchange]]:
        """Wrong metadata of filtered pages, such as a total that counts what the filter leaves out."""
        for number, page in enumerate(pages, 1) if self.is_numbered else ():
            for violation in numbered_violations(page, number):
                yield violation, page.exchange


def _items(pages: list[ListingPage]) -> list[JsonObject]:
    return [item for page in pages for item in page.items if isinstance(item, dict)]
