"""Every documented filter returns the items that match and no others (see `checks/filters.py`)."""

from collections.abc import Mapping

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
from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.exchanges import Exchange, JsonObject
from ampeco_conformance.exercise.listing import Listing
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
    items = _items(listing.whole({})[0])
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
    listing.survives({"filter[conformUnknown]": "1"})

    def walk() -> list[tuple[Violation, Exchange]]:
        pages, complete = listing.whole({})
        everything = _items(pages)

        def judged(
            query: Mapping[Filter, str], style: Mapping[str, str], per_page: int
        ) -> list[tuple[Violation, Exchange]]:
            asked = {rule.parameter: value for rule, value in query.items()}
            kept, all_kept = listing.whole({**asked, **style}, per_page)
            violations = filter_violations(query, everything, _items(kept), complete=complete and all_kept)
            misnumbered = _misnumbered(kept) if is_numbered else []
            return [(violation, kept[-1].exchange) for violation in violations if kept] + misnumbered

        found = [violation for query in queries for violation in judged(query, {}, MAXIMUM_PER_PAGE)]
        rule, per_page = over_pages
        if per_page < MAXIMUM_PER_PAGE or has_both_styles:
            found += [
                violation for style in styles for violation in judged({rule: values_by_filter[rule]}, style, per_page)
            ]
        for rule in values_by_filter:
            if (unused := unused_value(rule)) is not None:
                kept, _ = listing.whole({rule.parameter: unused})
                violations = unused_value_violations(rule, unused, _items(kept))
                found += [(violation, kept[0].exchange) for violation in violations if kept]
                found += _misnumbered(kept) if is_numbered else []
        return found

    listing.verify(walk)


def _misnumbered(pages: list[ListingPage]) -> list[tuple[Violation, Exchange]]:
    """Wrong metadata of filtered pages, such as a total that counts what the filter leaves out."""
    numbered = enumerate(pages, 1)
    return [(violation, page.exchange) for number, page in numbered for violation in numbered_violations(page, number)]


def _items(pages: list[ListingPage]) -> list[JsonObject]:
    return [item for page in pages for item in page.items if isinstance(item, dict)]
