"""What a response means: by its status, its body and, of what is absent, the message."""

from typing import Any

import pytest

from ampeco_conformance.contract.answers import Cause, Meaning, answer_of, named_fields
from ampeco_conformance.core.exchanges import Exchange, Request
from tests.support.small_contract import MakeAnswer


@pytest.mark.parametrize(
    ("status", "body", "meaning", "cause"),
    [
        (200, {"data": [{"id": 1}]}, Meaning.VALUE, None),
        (200, {"data": []}, Meaning.EMPTY, None),
        (200, b"{", Meaning.BROKEN, Cause.CONTENT),
        (204, b"", Meaning.EMPTY, None),
        (302, b"", Meaning.BROKEN, Cause.SERVER),
        (400, {}, Meaning.REFUSED, Cause.INPUT),
        (401, {}, Meaning.REFUSED, Cause.CREDENTIALS),
        (403, {"message": "This action is unauthorized."}, Meaning.REFUSED, Cause.ROLE),
        (404, {"message": "No query results for model."}, Meaning.ABSENT, Cause.MODEL),
        (404, {"message": "The route public-api/x could not be found."}, Meaning.ABSENT, Cause.ROUTE),
        (404, {"message": "Feature is not enabled"}, Meaning.ABSENT, Cause.FEATURE),
        (403, {"error": "This feature has been disabled."}, Meaning.ABSENT, Cause.FEATURE),
        (405, {}, Meaning.REFUSED, Cause.METHOD),
        (409, {}, Meaning.REFUSED, Cause.STATE),
        (410, b"", Meaning.ABSENT, Cause.MODEL),
        (422, {"errors": {"name": ["is required"]}}, Meaning.REFUSED, Cause.INPUT),
        (500, {"message": "Feature is not enabled"}, Meaning.BROKEN, Cause.SERVER),
        (501, {}, Meaning.REFUSED, Cause.STATE),
    ],
)
def test_a_response_has_one_meaning(
    answer: MakeAnswer, status: int, body: Any, meaning: Meaning, cause: Cause | None
) -> None:
    exchange = answer("GET", "/users", status, body)
    read = answer_of(exchange)
    assert (read.meaning, read.cause) == (meaning, cause)
    assert read.succeeded == (meaning in (Meaning.VALUE, Meaning.EMPTY))
    assert read.item is None or read.succeeded


def test_a_missing_response_is_broken() -> None:
    exchange = Exchange(Request("GET", "https://tenant.example.com/users"), None, 0.0, 0.1, "timeout")
    read = answer_of(exchange)
    assert (read.meaning, read.cause, read.items, str(read)) == (
        Meaning.BROKEN,
        Cause.CONNECTION,
        [],
        "not answered: timeout",
    )


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"errors": {"name": ["is required"]}}, {"name"}),
        ({"errors": {"lines.0.text": ["is required"]}}, {"lines", "lines.0.text"}),
        ({"errors": {"lines[0].text": ["is required"]}}, {"lines", "lines[0].text"}),
        ({"errors": ["name"]}, {"name"}),
        ({"errors": "name"}, set()),
        ([], set()),
        (b"<html>", set()),
    ],
)
def test_a_refusal_names_fields(answer: MakeAnswer, body: Any, names: set[str]) -> None:
    assert named_fields(answer("POST", "/users", 422, body)) == names
