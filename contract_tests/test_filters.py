"""Every documented filter keeps all that matches and nothing else, alone and with another (see `checks/filters.py`)."""

import itertools

import pytest

from ampeco_conformance.checks.conformance import Contract
from ampeco_conformance.checks.filters import (
    Filter,
    Item,
    filter_violations,
    filters_of,
    nobody_violations,
    paged_filter,
    telling_value,
    value_of_nobody,
)
from ampeco_conformance.checks.pagination import Page, Violation
from ampeco_conformance.exchanges import Exchange
from ampeco_conformance.generation.listing import Listing
from ampeco_conformance.recording import Recorder
from ampeco_conformance.specs import Operation


def has_filters(operation: Operation, contract: Contract) -> bool:
    """Whether the operation is a listing with filters whose meaning can be told."""
    return operation.method == "GET" and bool(filters_of(contract, operation))


@pytest.mark.operations(selector=has_filters)
def test_filters(operation: Operation, listing: Listing, record: Recorder) -> None:
    """Each filter gives exactly the items that match it, two give those that match both, and no match gives nothing."""
    rules = filters_of(record.contract, operation)
    items = _items(listing.whole({})[0])
    telling = {rule: value for rule in rules if (value := telling_value(rule, items)) is not None}
    if not telling:
        pytest.skip("no item of the listing has a field that it could be filtered by")
    queries = [{rule: value} for rule, value in telling.items()] + _together(telling, items)
    over_pages = paged_filter(telling, items)
    listing.survives({"filter[conformUnknown]": "1"})

    def walk() -> list[tuple[Violation, Exchange]]:
        pages, complete = listing.whole({})
        found: list[tuple[Violation, Exchange]] = []
        for query in queries:
            kept, all_kept = listing.whole({rule.parameter: value for rule, value in query.items()})
            violations = filter_violations(query, _items(pages), _items(kept), complete=complete and all_kept)
            found += [(violation, kept[0].exchange) for violation in violations if kept]
        if over_pages is not None:
            rule, per_page = over_pages
            kept, all_kept = listing.whole({rule.parameter: telling[rule]}, per_page)
            violations = filter_violations(
                {rule: telling[rule]}, _items(pages), _items(kept), complete=complete and all_kept
            )
            found += [(violation, kept[-1].exchange) for violation in violations if kept]
        for rule in telling:
            if (nobody := value_of_nobody(rule)) is not None:
                kept, _ = listing.whole({rule.parameter: nobody})
                violations = nobody_violations(rule, nobody, _items(kept))
                found += [(violation, kept[0].exchange) for violation in violations if kept]
        return found

    listing.prove(walk)


def _together(telling: dict[Filter, str], items: list[Item]) -> list[dict[Filter, str]]:
    """A pair of filters that an item passes together; none when there is no such pair."""
    pairs = (dict(pair) for pair in itertools.combinations(telling.items(), 2))
    passed = (pair for pair in pairs for item in items if all(rule.keeps(item, value) for rule, value in pair.items()))
    return list(itertools.islice(passed, 1))


def _items(pages: list[Page]) -> list[Item]:
    return [item for page in pages for item in page.items if isinstance(item, dict)]
