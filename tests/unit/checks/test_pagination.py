"""The metadata of a page: its size, its numbers and its links."""

from typing import Any

import pytest

from ampeco_conformance.checks.pagination import (
    ListingPage,
    cursor_violations,
    excess_violations,
    gap_violations,
    is_same_address,
    numbered_link_violations,
    numbered_violations,
    other_name,
    page_violations,
    path_violations,
    reported_size_violations,
)
from ampeco_conformance.contract.answers import answer_of
from tests.support.small_contract import MakeAnswer


def page(answer: MakeAnswer, meta: dict[str, Any], links: dict[str, Any], items: int = 1) -> ListingPage:
    body = {"data": [{"id": number + 1} for number in range(items)], "meta": meta, "links": links}
    read = ListingPage.of(answer_of(answer("GET", "/users", body=body)))
    assert read is not None
    return read


@pytest.mark.parametrize(
    ("number", "links", "found"),
    [
        (1, {"prev": None, "next": "/users?page=2"}, []),
        (2, {"prev": "/users?page=1", "next": "/users?page=3"}, []),
        (3, {"prev": "/users?page=2", "next": None}, []),
        (1, {"prev": "/users?page=0", "next": "/users?page=2"}, ["/links/prev"]),
        (2, {"prev": None, "next": "/users?page=3"}, ["/links/prev"]),
        (3, {"prev": "/users?page=2", "next": "/users?page=4"}, ["/links/next"]),
    ],
)
def test_the_links_lead_to_the_pages_beside(
    answer: MakeAnswer, number: int, links: dict[str, Any], found: list[str]
) -> None:
    meta = {"current_page": number, "per_page": 1, "from": number, "to": number, "last_page": 3, "total": 3}
    violations = page_violations(page(answer, meta, links), number, 1)
    assert [violation.location for violation in violations] == found


@pytest.mark.parametrize(("meta", "found"), [({"per_page": 3}, 0), ({"per_page": 100}, 1), ({}, 0)])
def test_the_reported_size_is_the_requested_size(answer: MakeAnswer, meta: dict[str, Any], found: int) -> None:
    assert len(list(reported_size_violations(page(answer, meta, {}), 3))) == found


@pytest.mark.parametrize(
    ("meta", "links", "found"),
    [
        ({"next_cursor": "eyJ"}, {"next": "https://tenant.example.com/users?cursor=eyJ"}, 0),
        ({"next_cursor": None}, {"next": None}, 0),
        ({"next_cursor": "eyJ"}, {"next": None}, 1),
        ({"next_cursor": None}, {"next": "https://tenant.example.com/users?cursor=eyJ"}, 1),
        ({}, {"next": "https://tenant.example.com/users?cursor=eyJ"}, 0),
        ({"prev_cursor": None}, {"prev": "https://tenant.example.com/users?cursor=eyJ"}, 1),
        ({"next_cursor": "eyJ"}, {}, 0),
    ],
)
def test_cursor_and_link_lead_on_together(
    answer: MakeAnswer, meta: dict[str, Any], links: dict[str, Any], found: int
) -> None:
    assert len(list(cursor_violations(page(answer, meta, links)))) == found


@pytest.mark.parametrize(
    ("per_page", "following", "found"), [(1, "/users?cursor=eyJ", 0), (2, "/users?cursor=eyJ", 1), (2, None, 0)]
)
def test_only_the_last_page_has_fewer_items(
    answer: MakeAnswer, per_page: int, following: str | None, found: int
) -> None:
    assert len(list(gap_violations(page(answer, {}, {"next": following}), per_page))) == found


@pytest.mark.parametrize(("meta", "found"), [({"per_page": 100}, 0), ({"per_page": 101}, 1), ({}, 0)])
def test_the_reported_size_is_never_above_the_maximum(answer: MakeAnswer, meta: dict[str, Any], found: int) -> None:
    assert len(list(excess_violations(page(answer, meta, {}), 100))) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"last_page": 2}, ["/meta/last_page", "/links/next"]),
        ({"total": 5}, ["/data", "/meta/last_page", "/meta/to"]),
        ({"per_page": None}, []),
        ({"per_page": 0}, []),
    ],
)
def test_a_numbered_page_counts_by_the_size_it_reports(
    answer: MakeAnswer, changes: dict[str, Any], found: list[str]
) -> None:
    meta = {"current_page": 1, "from": 1, "to": 1, "last_page": 1, "per_page": 2, "total": 1, **changes}
    violations = numbered_violations(page(answer, meta, {"prev": None, "next": None}), 1)
    assert sorted(violation.location for violation in violations) == sorted(found)


def test_a_page_of_cursor_style_is_not_counted(answer: MakeAnswer) -> None:
    assert list(numbered_violations(page(answer, {"per_page": 1, "next_cursor": "eyJ"}, {}), 1)) == []


OTHER, OWN = "https://tenant.example.com/public-api/users", "http://127.0.0.1:8080/gateway/public-api/users"


@pytest.mark.parametrize(
    ("meta", "links", "name"),
    [
        ({"path": OTHER}, {"next": f"{OTHER}?page=2", "prev": None}, "tenant.example.com"),
        ({}, {"next": f"{OTHER}?page=2"}, "tenant.example.com"),
        ({"path": OWN}, {"next": f"{OWN}?page=2"}, None),
        ({"path": OWN}, {"next": f"{OTHER}?page=2"}, None),
        ({"path": OTHER}, {"next": f"{OTHER}?page=2", "last": "https://else.example.com/public-api/users"}, None),
        ({"path": OTHER}, {"next": "https://tenant.example.com/"}, None),
        ({}, {"next": "?page=2"}, None),
        ({}, {"next": None}, None),
    ],
)
def test_another_name_of_the_target_is_in_all_addresses_of_a_page(
    answer: MakeAnswer, meta: dict[str, Any], links: dict[str, Any], name: str | None
) -> None:
    assert other_name(page(answer, meta, links), "http://127.0.0.1:8080/gateway", "/public-api/users") == name


@pytest.mark.parametrize(
    ("link", "same"),
    [
        ("https://tenant.example.com/users?page=2&filter[status]=a", True),
        ("http://other.example.com/users?filter%5Bstatus%5D=a&page=2", True),
        ("https://tenant.example.com/users?page=3&filter[status]=a", False),
        ("https://tenant.example.com/users?page=2", False),
        ("http://[/users?page=2&filter[status]=a", False),
        ("https://tenant.example.com/taxes?page=2&filter[status]=a", False),
    ],
)
def test_an_address_is_known_in_another_spelling(link: str, same: bool) -> None:
    assert is_same_address(link, "https://tenant.example.com/users?page=2&filter%5Bstatus%5D=a") is same


NUMBERED: list[dict[str, Any]] = [
    {"url": None, "label": "Previous", "active": False},
    {"url": "https://tenant.example.com/users?page=1", "label": "1", "active": True},
    {"url": "https://tenant.example.com/users?page=2", "label": "2", "active": False},
    {"url": "https://tenant.example.com/users?page=2", "label": "Next", "active": False},
]


@pytest.mark.parametrize(
    ("index", "change", "found"),
    [
        (0, {}, []),
        (0, {"label": "Zurück"}, []),
        (1, {"label": "one"}, ["/meta/links/label"]),
        (1, {"active": False}, ["/meta/links/active"]),
        (2, {"active": True}, ["/meta/links/active"]),
        (2, {"url": "/users?page=3"}, ["/meta/links/url"]),
        (0, {"url": "/users?page=0"}, ["/meta/links/url"]),
        (3, {"url": None}, ["/meta/links/url"]),
    ],
)
def test_the_numbered_links_name_the_pages(
    answer: MakeAnswer, index: int, change: dict[str, Any], found: list[str]
) -> None:
    entries = [entry | change if number == index else entry for number, entry in enumerate(NUMBERED)]
    links = {"first": "/users?page=1", "last": "/users?page=2", "prev": None, "next": "/users?page=2"}
    shown = page(answer, {"last_page": 2, "links": entries}, links)
    assert [violation.location for violation in numbered_link_violations(shown, 1)] == found


def test_the_numbered_links_of_one_page_are_three(answer: MakeAnswer) -> None:
    entries = [NUMBERED[0], NUMBERED[1], NUMBERED[3]]
    shown = page(answer, {"last_page": 1, "links": entries}, {})
    assert list(numbered_link_violations(shown, 1)) == []
    shown = page(answer, {"last_page": 1, "links": entries[1:]}, {})
    assert [violation.location for violation in numbered_link_violations(shown, 1)] == ["/meta/links/label"]


def test_the_pages_of_a_long_listing_need_not_all_be_named(answer: MakeAnswer) -> None:
    entries = [*NUMBERED[:3], {"url": None, "label": "...", "active": False}, NUMBERED[3]]
    assert list(numbered_link_violations(page(answer, {"last_page": 90, "links": entries}, {}), 1)) == []


@pytest.mark.parametrize(
    ("path", "found"), [("https://tenant.example.com/users", 0), ("/users", 0), ("/userx", 1), (None, 0)]
)
def test_the_reported_path_is_that_of_the_listing(answer: MakeAnswer, path: str | None, found: int) -> None:
    assert len(list(path_violations(page(answer, {"path": path}, {}), "/users"))) == found


@pytest.mark.parametrize(
    ("bounds", "found"),
    [({}, []), ({"from": None, "to": None}, []), ({"from": 1, "to": 0}, ["/meta/from", "/meta/to"])],
)
def test_the_bounds_of_an_empty_page_are_null_or_left_out(
    answer: MakeAnswer, bounds: dict[str, Any], found: list[str]
) -> None:
    meta = {"current_page": 1, "last_page": 1, "per_page": 100, "total": 0, **bounds}
    violations = numbered_violations(page(answer, meta, {"prev": None, "next": None}, items=0), 1)
    assert [violation.location for violation in violations] == found
