"""What a page says of itself: its size, and where it leads."""

from typing import Any

import pytest

from ampeco_conformance.checks.pagination import Page, cursor_violations, told_size_violations
from tests.checks.conftest import Answer


def page(answer: Answer, meta: dict[str, Any], links: dict[str, Any]) -> Page:
    read = Page.read(answer("GET", "/users", body={"data": [{"id": 1}], "meta": meta, "links": links}))
    assert read is not None
    return read


@pytest.mark.parametrize(("meta", "found"), [({"per_page": 3}, 0), ({"per_page": 100}, 1), ({}, 0)])
def test_the_size_told_is_the_size_asked_for(answer: Answer, meta: dict[str, Any], found: int) -> None:
    assert len(list(told_size_violations(page(answer, meta, {}), 3))) == found


@pytest.mark.parametrize(
    ("meta", "links", "found"),
    [
        ({"next_cursor": "eyJ"}, {"next": "https://tenant.example.com/users?cursor=eyJ"}, 0),
        ({"next_cursor": None}, {"next": None}, 0),
        ({"next_cursor": "eyJ"}, {"next": None}, 1),
        ({"next_cursor": None}, {"next": "https://tenant.example.com/users?cursor=eyJ"}, 1),
        ({}, {"next": "https://tenant.example.com/users?cursor=eyJ"}, 0),
        ({"next_cursor": "eyJ"}, {}, 0),
    ],
)
def test_cursor_and_link_lead_on_together(
    answer: Answer, meta: dict[str, Any], links: dict[str, Any], found: int
) -> None:
    assert len(list(cursor_violations(page(answer, meta, links)))) == found
