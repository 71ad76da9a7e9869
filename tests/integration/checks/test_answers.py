"""What a response means is never guessed: a refusal or a server error is not an empty listing, nor the end of one."""

import itertools
import json
import re
from functools import partial
from typing import NamedTuple

import pytest

from ampeco_conformance.target.emulator_token import DEFAULT_TOKEN
from tests.support.scenario_runs import TOKEN_VARIABLE, Outcomes, Variant, run_contract_tests
from tests.support.tampering import (
    Corruption,
    SwitchedTampering,
    TamperedResponse,
    Tampering,
    adding_to,
    after,
    both,
    setting,
    tampering_proxy,
    when,
    with_status,
)

TAX = r"taxes/v2\.0/\d+$"

forbidden = with_status(403, {"message": "This action is unauthorized."})
unknown = with_status(404, {"message": "No query results for model."})
failing = with_status(500, {"message": "Server Error"})
unrouted = with_status(404, {"message": "The route public-api/x could not be found."})
switched_off = with_status(404, {"message": "Feature is not enabled"})
invalid = with_status(422, {"message": "The name has been taken.", "errors": {"name": ["has been taken"]}})


def succeeded(answer: TamperedResponse) -> bool:
    return answer.status < 300


def not_the_first(answer: TamperedResponse) -> bool:
    return succeeded(answer) and answer.item["id"] != 1


def missing(answer: TamperedResponse) -> bool:
    return answer.status == 404


def first_evse(answer: TamperedResponse) -> None:
    """Show another item than the one asked for."""
    if isinstance(answer.body.get("data"), dict):
        answer.item["id"] += 1


def answered(answer: TamperedResponse) -> bool:
    """Whether the caller has a token, and the method exists."""
    return answer.status not in (401, 405)


def unincluded(answer: TamperedResponse) -> None:
    """Leave one include out, whatever was requested."""
    for item in answer.body["data"] if isinstance(answer.body["data"], list) else [answer.body["data"]]:
        item.pop("socPriorities", None)


def encrypted(answer: TamperedResponse) -> None:
    """Name the same host by another scheme in the links, as behind a proxy that ends TLS."""
    answer.body = json.loads(re.sub(r"http://(?=127\.0\.0\.1:\d+/public-api)", "https://", json.dumps(answer.body)))


def named(host: str, *, everywhere: bool = True) -> Corruption:
    """Name the target by another host in the links; else by another host each time."""
    number = itertools.count()

    def corrupt(answer: TamperedResponse) -> None:
        name = host if everywhere else f"{next(number)}.{host}"
        written = re.sub(r"http://127\.0\.0\.1:\d+(?=/public-api)", f"https://{name}", json.dumps(answer.body))
        answer.body = json.loads(written)

    return corrupt


class Case(NamedTuple):
    """A server, what becomes of the items with these words in their names, and words of the outcome."""

    words: str
    tamperings: tuple[Tampering, ...]
    said: str


FOUND = {
    "a filter is forbidden": Case(
        "test_filters and users", (Tampering("GET", r"users/v1\.0\?.*filter", forbidden),), "valid_request_refused"
    ),
    "a documented value is forbidden": Case(
        "test_acceptance and users", (Tampering("GET", r"users/v1\.0\?.*filter", forbidden),), "valid_request_refused"
    ),
    "the second page is forbidden": Case(
        "test_page_style and taxes", (Tampering("GET", r"[?&]page=2", forbidden),), "valid_request_refused"
    ),
    "the first page is unknown": Case(
        "test_page_style and taxes", (Tampering("GET", r"[?&]page=1", unknown),), "status_code_conformance"
    ),
    "a size is forbidden": Case(
        "test_page_size and taxes", (Tampering("GET", r"per_page=[12](&|$)", forbidden),), "valid_request_refused"
    ),
    "a size above the maximum is forbidden": Case(
        "test_page_size and taxes", (Tampering("GET", r"per_page=101", forbidden),), "error_status"
    ),
    "a cursor is forbidden": Case(
        "test_cursor_style and users", (Tampering("GET", r"cursor=ey", forbidden),), "pagination_links"
    ),
    "an include is forbidden": Case(
        "test_includes and circuits", (Tampering("GET", r"include", forbidden),), "valid_request_refused"
    ),
    "one include does nothing": Case(
        "test_includes and circuits",
        (Tampering("GET", r"circuits/v2\.0(/\d+)?\?.*include", when(succeeded, unincluded)),),
        "include_ignored",
    ),
    "a child is forbidden": Case("test_children", (Tampering("GET", r"evses/\d+$", forbidden),), "child_of_its_parent"),
    "a child is another": Case("test_children", (Tampering("GET", r"evses/\d+$", first_evse),), "child_of_its_parent"),
    "nothing more can be created": Case(
        "test_write and POST and taxes",
        (
            Tampering("GET", TAX, when(succeeded, adding_to("percentage", 5))),
            Tampering("POST", "taxes", after(1, invalid)),
        ),
        "resource_keeps_fields",
    ),
    "the second walk is forbidden": Case(
        "test_page_style and taxes",
        (
            Tampering("GET", r"[?&]page=1&", adding_to("meta.current_page", 1)),
            Tampering("GET", r"[?&]page=1&", after(1, forbidden)),
        ),
        "pagination_",
    ),
    "a skip after a fault": Case(
        "test_faulty_body and POST and taxes",
        (Tampering("POST", "taxes", both(failing, after(1, forbidden))),),
        "not_a_server_error",
    ),
    "a removed item fails": Case(
        "test_write and DELETE and taxes", (Tampering("GET", TAX, when(missing, failing)),), "not_a_server_error"
    ),
    "a removed item is forbidden": Case(
        "test_write and DELETE and taxes", (Tampering("GET", TAX, when(missing, forbidden)),), "resource_removed"
    ),
    "a listed item is unknown": Case("test_reads and taxes", (Tampering("GET", TAX, unknown),), "listed_is_read"),
    "some listed items are forbidden": Case(
        "test_reads and taxes", (Tampering("GET", TAX, when(not_the_first, forbidden)),), "listed_is_read"
    ),
    "a creation has no route": Case(
        "test_operation and POST and taxes", (Tampering("POST", "taxes", unrouted),), "route_exists"
    ),
    "a removal has no route": Case(
        "test_operation and DELETE and taxes", (Tampering("DELETE", TAX, unrouted),), "route_exists"
    ),
    "the host changes": Case(
        "test_page_style and taxes",
        (Tampering("GET", "taxes", named("example.com", everywhere=False)),),
        "pagination_links",
    ),
    "only links lead to another host": Case(
        "test_page_style and taxes",
        (
            Tampering(
                "GET", "taxes", setting("links.next", "https://other.example.com/public-api/resources/taxes/v2.0")
            ),
        ),
        "pagination_links",
    ),
    "a filter is switched off": Case(
        "test_filters and users", (Tampering("GET", r"users/v1\.0\?.*filter", switched_off),), "status 404"
    ),
}
KEPT = {
    "by page numbers": Case("test_page and taxes", (Tampering("GET", "taxes", named("tenant.example.com")),), ""),
    "by cursors": Case("test_cursor_style and users", (Tampering("GET", "users", named("tenant.example.com")),), ""),
    "by another scheme": Case("test_cursor_style and users", (Tampering("GET", "users", encrypted),), ""),
    "with filters": Case("test_filters and users", (Tampering("GET", "users", named("tenant.example.com")),), ""),
}
SKIPPED = {
    "the listing is forbidden": Case(
        "test_page_style and taxes", (Tampering("GET", "taxes", forbidden),), "GET /public-api/resources/taxes/v2.0 was"
    ),
    "the listing of the ids is forbidden": Case(
        "test_acceptance and {circuit}",
        (Tampering("*", r"circuits/v2\.0$", forbidden),),
        "no ids known: GET /public-api/resources/circuits/v2.0 was answered 403",
    ),
    "nothing can be created": Case(
        "test_insert and users", (Tampering("POST", "users", forbidden),), "nothing was created"
    ),
    "methods of a feature that is switched off": Case(
        "test_allow and taxes", (Tampering("*", "taxes", switched_off),), ""
    ),
    "the feature is switched off": Case(
        "/taxes/", (Tampering("*", "taxes", when(answered, switched_off)),), "switched off on the target: GET"
    ),
}


@pytest.fixture(scope="module")
def outcomes(emulator: str) -> dict[str, Outcomes]:
    """The outcome of every case."""
    cases, proxy = FOUND | KEPT | SKIPPED, SwitchedTampering()
    with tampering_proxy(emulator, proxy) as base_url, pytest.MonkeyPatch.context() as patch:
        patch.setenv(TOKEN_VARIABLE, DEFAULT_TOKEN)
        variants = [Variant(case.words, partial(proxy.switched_to, *case.tamperings)) for case in cases.values()]
        patterns = [
            "GET */users/v1.0",
            "*/taxes/*",
            "GET */circuits/v2.0*",
            "GET */charge-points/v2.0/{chargePoint}/evses*",
        ]
        # With this seed it is the turn of the listing of users to have an item inserted between two pages.
        found = run_contract_tests(base_url, variants, patterns, seed=3)
    return dict(zip(cases, found, strict=True))


@pytest.mark.parametrize("name", FOUND)
def test_a_violation_is_found(outcomes: dict[str, Outcomes], name: str) -> None:
    assert FOUND[name].said in str(outcomes[name].failed)


@pytest.mark.parametrize("name", KEPT)
def test_a_target_that_calls_itself_by_another_name_is_tested_in_full(outcomes: dict[str, Outcomes], name: str) -> None:
    assert outcomes[name].passed
    assert not outcomes[name].failed
    assert not outcomes[name].skipped


@pytest.mark.parametrize("name", SKIPPED)
def test_what_cannot_be_tested_is_skipped_with_its_reason(outcomes: dict[str, Outcomes], name: str) -> None:
    assert SKIPPED[name].said in str(outcomes[name].skipped)
    assert not outcomes[name].failed
