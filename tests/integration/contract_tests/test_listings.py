"""What the tests of listings find, one defect at a time; and nothing on the healthy emulator."""

from collections.abc import Callable

import pytest

from tests.support.aspect_bench import AspectBench

RESOURCES = "GET /public-api/resources"
FILTERS = "test_filters::test_filters"

#: Test, listing, check and place of what is found, and the defect.
ROWS = [
    (FILTERS, "/transactions/v1.0", "filter_matches_only", "common-status-unfiltered"),
    (FILTERS, "/transactions/v1.0", "filter_matches_only", "null-matches"),
    (FILTERS, "/cdrs/v2.0", "filter_matches_only", "false-is-no-filter"),
    (FILTERS, "/bookings/v1.0", "filter_matches_all", "before-overlooks-offset"),
    (FILTERS, "/invoices/v1.0", "filter_matches_only", "issued-unfiltered"),
]


@pytest.mark.parametrize(("test", "listing", "check", "defect"), ROWS)
def test_a_defect_is_found(
    bench: AspectBench, with_defect: Callable[[str], None], test: str, listing: str, check: str, defect: str
) -> None:
    with_defect(defect)
    assert check in bench.checks(test, RESOURCES + listing)


@pytest.mark.parametrize(("test", "listing"), sorted({(test, listing) for test, listing, *_ in ROWS}))
def test_nothing_is_found_without_a_defect(bench: AspectBench, test: str, listing: str) -> None:
    assert bench.checks(test, RESOURCES + listing) == []
