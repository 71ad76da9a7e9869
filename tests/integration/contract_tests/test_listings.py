"""What the tests of listings find, one defect at a time; and nothing on the healthy emulator."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.target.safety import Safety
from tests.support.aspect_bench import AspectBench, aspect_bench
from tests.support.emulator import RunningEmulator
from tests.support.loopback import Received, Sent, sent_json, serving
from tests.support.reverse_proxy import reverse_proxy

RESOURCES = "GET /public-api/resources"
INCLUDES, VIEWS, CHILDREN = "test_includes::test_includes", "test_views::test_views", "test_children::test_children"
FILTERS, VERSIONS = "test_filters::test_filters", "test_views::test_older_listing"
OLDER, READS, ACCEPTANCE = (
    "test_views::test_older_listing",
    "test_reads::test_reads",
    "test_acceptance::test_acceptance",
)
AGREEING = "test_robustness::test_reads_agree"
CURSORS, NUMBERS = "test_pagination::test_cursor_style", "test_pagination::test_page_style"

#: Test, listing, check and place of what is found, and the defect.
ROWS = [
    (FILTERS, "/transactions/v1.0", "filter_matches_only", "common-status-unfiltered"),
    (FILTERS, "/transactions/v1.0", "filter_matches_only", "null-matches"),
    (FILTERS, "/transactions/v1.0", "filter_matches_all", "first-value-only"),
    (FILTERS, "/cdrs/v2.0", "filter_matches_only", "false-is-no-filter"),
    (FILTERS, "/bookings/v1.0", "filter_matches_all", "before-overlooks-offset"),
    (FILTERS, "/invoices/v1.0", "filter_matches_only", "issued-unfiltered"),
    (FILTERS, "/invoices/v1.0", "filter_matches_only", "invoices-unfiltered"),
    (FILTERS, "/bookings/v1.0", "filter_matches_all", "last-match-lost"),
    (FILTERS, "/bookings/v1.0", "valid_request_refused", "filters-forbidden"),
    (FILTERS, "/bookings/v1.0", "listed_alike", "filtered-lack-a-field"),
    (INCLUDES, "/circuits/v2.0/{circuit}", "listed_alike", "include-renames"),
    (NUMBERS, "/partner-expenses/v1.0", "valid_request_refused", "second-page-forbidden"),
    (VIEWS, "/evses/v2.1/{evse}", "views_agree", "older-view-lists-shorter"),
    (OLDER, "/locations/v1.0", "listed_in_every_version", "older-listing-empty"),
    (READS, "/cdrs/v2.0/{cdr}", "listed_is_read", "listed-not-found"),
    (READS, "/user-groups/v1.0/{userGroup}", "read_as_listed", "next-item-found"),
    (AGREEING, "/user-groups/v1.0/{userGroup}", "reads_are_repeatable", "unsteady-read"),
    (AGREEING, "/user-groups/v1.0/{userGroup}", "answers_in_full", "no-response"),
    (ACCEPTANCE, "/firmware-versions/v1.0", "not_a_server_error", "random-trace"),
    (FILTERS, "/users/v1.0", "rate_limit_headers", "bare-limit"),
    (CURSORS, "/users/v1.0", "pagination_items", "garbled-next-cursor"),
    (INCLUDES, "/circuits/v2.0", "include_ignored", "last-include-ignored"),
    (INCLUDES, "/circuits/v2.0/{circuit}", "include_ignored", "last-include-ignored"),
    (
        INCLUDES,
        "/users/v1.0",
        "read_as_listed",
        f"mutate:other-member:{RESOURCES}/users/v1.0:data[].partnerInvites[].status",
    ),
    (VIEWS, "/locations/v2.0/{location}", "views_agree", "later-views-differ"),
    (VIEWS, "/partners/v2.0/{partner}", "views_agree", "older-view-nulls"),
    (
        VIEWS,
        "/charge-points/v2.0/{chargePoint}/evses/{evse}",
        "views_agree",
        f"mutate:altered:{RESOURCES}/charge-points/v2.0/{{chargePoint}}/evses/{{evse}}:data.label",
    ),
    (CHILDREN, "/charge-points/v2.0/{chargePoint}/evses/{evse}", "child_of_its_parent", "first-child-only"),
    (
        VERSIONS,
        "/partner-revenues/v1.0",
        "views_agree",
        f"mutate:day-later:{RESOURCES}/partner-revenues/v1.0:data[].startedAt",
    ),
    (CURSORS, "/users/v1.0", "pagination_per_page", "half-pages"),
    (CURSORS, "/users/v1.0", "pagination_items", "late-cursor-skips"),
    (CURSORS, "/users/v1.0", "pagination_items", "null-cursor-ends"),
    (NUMBERS, "/taxes/v2.0", "pagination_meta", f"mutate:flipped:{RESOURCES}/taxes/v2.0:meta.links[].active"),
    (NUMBERS, "/taxes/v2.0", "pagination_meta", f"mutate:altered:{RESOURCES}/taxes/v2.0:meta.path"),
    (
        NUMBERS,
        "/top-up-packages/v2.0",
        "pagination_meta",
        f"mutate:first-lost:{RESOURCES}/top-up-packages/v2.0:meta.links",
    ),
    (
        NUMBERS,
        "/top-up-packages/v2.0",
        "pagination_links",
        f"mutate:altered:{RESOURCES}/top-up-packages/v2.0:links.next",
    ),
    (CURSORS, "/bookings/v1.0", "pagination_items", f"mutate:altered:{RESOURCES}/bookings/v1.0:meta.prev_cursor"),
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


class BusyListing:
    """A listing of users, newest first, in which another client creates one before every request."""

    def __init__(self, user: dict[str, Any]) -> None:
        self._user = user
        self._newest = 20

    def answer(self, received: Received) -> Sent:
        self._newest += 1
        ids = list(range(self._newest, 0, -1))
        query = dict(parse_qsl(urlsplit(received.path).query, keep_blank_values=True))
        size, url = int(query.get("per_page", 100)), f"http://{received.headers['Host']}{urlsplit(received.path).path}"
        numbers = {"path": url, "per_page": size}

        def link(**position: object) -> str:
            return f"{url}?{urlencode({'per_page': size, **position})}"

        if "cursor" in query:
            begin = int(query["cursor"]) if query["cursor"].isdecimal() else self._newest + 1
            left = [number for number in ids if number < begin]
            shown, following = left[:size], left[size - 1] if len(left) > size else None
            links = {"first": None, "last": None, "prev": None, "next": link(cursor=following) if following else None}
            meta = {**numbers, "next_cursor": following and str(following), "prev_cursor": None}
        else:
            page, last = int(query.get("page", 1)), -(-len(ids) // size)
            first = (page - 1) * size
            shown = ids[first : first + size]
            beside = {"prev": page - 1 if page > 1 else None, "next": page + 1 if page < last else None}
            links = {name: link(page=number) if number else None for name, number in beside.items()}
            links |= {"first": link(page=1), "last": link(page=last)}
            meta = {**numbers, "current_page": page, "last_page": last, "total": len(ids), "links": []}
            meta |= {"from": first + 1, "to": first + len(shown)}
        return sent_json(
            {"data": [{**self._user, "id": str(number)} for number in shown], "links": links, "meta": meta}
        )


@pytest.mark.parametrize("test", [NUMBERS, CURSORS])
def test_a_listing_that_changes_between_pages_is_not_accused(
    served: RunningEmulator, contract: ApiContract, test: str
) -> None:
    listing = BusyListing(served.data("/resources/users/v1.0/1"))
    with serving(listing.answer) as base_url, aspect_bench(base_url, contract, Safety.READ_ONLY) as bench:
        assert bench.checks(test, f"{RESOURCES}/users/v1.0") == []


def test_a_filter_does_not_miss_what_others_remove_meanwhile(served: RunningEmulator, contract: ApiContract) -> None:
    tags = "/public-api/resources/id-tags/v2.0"
    served.control("POST", "/reset")
    living = [tag["id"] for tag in served.data("/resources/id-tags/v2.0")]

    def remove_one(method: str, path: str, _sent: Sent) -> None:
        if method == "GET" and path.startswith(tags) and "filter" not in path:
            served.client.delete(f"{tags}/{living.pop()}").raise_for_status()

    base_url = str(served.client.base_url)
    with reverse_proxy(base_url, remove_one) as busy, aspect_bench(busy, contract, Safety.READ_ONLY) as bench:
        assert bench.checks(FILTERS, f"{RESOURCES}/id-tags/v2.0") == []
    assert len(living) < 20
