"""Recorded traffic: one reader for `drift` and for `--usage`, tolerant of what tools leave out."""

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.compatibility.traffic import read_usage
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.har import read_har

REQUEST = {"method": "GET", "url": "https://api.test/users/7?page=1"}


def written(folder: Path, *entries: dict[str, Any]) -> Path:
    file = folder / "traffic.har"
    file.write_text(json.dumps({"log": {"entries": entries}}))
    return file


def exchange_of(folder: Path, **entry: Any) -> Exchange:
    (exchange,) = read_har(written(folder, {"request": REQUEST, **entry})).exchanges
    return exchange


def test_a_complete_entry_becomes_an_exchange(tmp_path: Path) -> None:
    exchange = exchange_of(
        tmp_path,
        startedDateTime="2026-11-01T10:00:00.000Z",
        time=12,
        request={"headers": [{"name": "X-A", "value": "b"}], "postData": {"text": '{"a": 1}'}, **REQUEST},
        response={"status": 201, "statusText": "Created", "content": {"mimeType": "application/json", "text": "{}"}},
    )
    assert (exchange.request.method, exchange.request.url) == ("GET", REQUEST["url"])
    assert (exchange.request.headers, exchange.request.body) == ((("X-A", "b"),), b'{"a": 1}')
    assert (exchange.started_at, exchange.elapsed) == (1793527200.0, 0.012)
    assert exchange.response is not None
    assert (exchange.response.status_code, exchange.response.reason, exchange.response.body) == (201, "Created", b"{}")
    assert exchange.response.headers == (("Content-Type", "application/json"),)


ODD_STATUSES: list[Any] = [0, -1, 1e300, "9" * 400, "200 OK", [], {}]


@pytest.mark.parametrize("response", [{}, None, *({"status": odd} for odd in ODD_STATUSES)], ids=repr)
def test_a_request_without_a_response_is_kept(tmp_path: Path, response: dict[str, Any] | None) -> None:
    assert exchange_of(tmp_path, response=response).response is None


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ({}, b""),
        ({"text": "a"}, b"a"),
        ({"text": base64.b64encode(b"\xff{}").decode(), "encoding": "base64"}, b"\xff{}"),
        ({"text": "e30xx", "encoding": "base64"}, b""),
    ],
)
def test_the_body_of_a_response(tmp_path: Path, content: dict[str, str], body: bytes) -> None:
    response = exchange_of(tmp_path, response={"status": 200, "content": content}).response
    assert response is not None
    assert response.body == body


@pytest.mark.parametrize(
    "written_as",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: gzip.compress(text.encode()),
        lambda text: text.replace("page=1", "page=\xe9").encode("latin-1"),
    ],
    ids=["byte order mark", "utf-16", "gzip", "latin-1"],
)
def test_encodings_and_compression(tmp_path: Path, written_as: Callable[[str], bytes]) -> None:
    file = written(tmp_path, {"request": REQUEST})
    file.write_bytes(written_as(file.read_text()))
    assert len(read_har(file).exchanges) == 1
    assert read_usage(file).calls


@pytest.mark.parametrize("content", ["{", "[]", '{"log": {"entries": [{"request": {"url": "/"}}]}}', '{"log": null}'])
def test_a_broken_file_gets_one_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "traffic.har"
    file.write_text(content)
    for read in (lambda: read_har(file), lambda: read_usage(file)):
        with pytest.raises(ConfigurationError) as caught:
            read()
        assert str(caught.value).startswith(f"{file} is not a readable HAR file: ")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"request": None},
        {"request": {"method": "GET"}},
        {"request": {"method": "GET", "url": "wss://api.test/ws"}},
        {"request": {"method": "POST", "url": "chrome-extension://x/y"}},
        {"request": {"method": "GET", "url": "http://["}},
        [],
    ],
)
def test_an_entry_that_is_no_request_is_left_out(tmp_path: Path, other: Any) -> None:
    recording = read_har(written(tmp_path, other, {"request": REQUEST}))
    assert [exchange.request.url for exchange in recording.exchanges] == [REQUEST["url"]]
    (skipped,) = recording.skipped
    assert skipped.startswith("entry 1 ")
    assert read_usage(tmp_path / "traffic.har").skipped == [skipped]


@pytest.mark.parametrize("odd", [{"time": None}, {"time": "?"}, {"startedDateTime": "yesterday"}, {"response": "x"}])
def test_odd_times_are_no_times(tmp_path: Path, odd: dict[str, Any]) -> None:
    exchange = exchange_of(tmp_path, **odd)
    assert (exchange.started_at, exchange.elapsed, exchange.response) == (0.0, 0.0, None)


@pytest.mark.parametrize(
    ("headers", "read"), [({"X-A": "b"}, (("X-A", "b"),)), (5, ()), ("X-A: b", ()), ([["X-A", "b"]], ())], ids=repr
)
def test_headers_in_other_forms(tmp_path: Path, headers: Any, read: tuple[tuple[str, str], ...]) -> None:
    response = exchange_of(tmp_path, response={"status": 200, "headers": headers}).response
    assert response is not None
    assert response.headers == read


def test_pseudo_headers_are_no_headers(tmp_path: Path) -> None:
    headers = [{"name": ":status", "value": "200"}, {"name": "X-A"}, {"value": "b"}, None]
    response = exchange_of(tmp_path, response={"status": 200, "headers": headers}).response
    assert response is not None
    assert response.headers == (("X-A", ""),)


UNREADABLE = [
    {},
    {"text": '{"data": [{"id": 1'},
    {"text": "eyJkYXRhIjo", "encoding": "base64"},
    {"text": "[" * 100_000},
    {"text": base64.b64encode(gzip.compress(b"{}")).decode(), "encoding": "base64"},
]


@pytest.mark.parametrize("content", UNREADABLE, ids=["absent", "cut off", "base64 cut off", "deep", "compressed"])
def test_a_body_that_cannot_be_read_says_nothing_of_its_fields(tmp_path: Path, content: dict[str, str]) -> None:
    read = {"request": REQUEST, "response": {"status": 200, "content": {"text": '{"data": []}'}}}
    unread = {"request": REQUEST, "response": {"status": 200, "content": {"mimeType": "application/json", **content}}}
    use = read_usage(written(tmp_path, read, unread)).of("GET /users/{user}")
    assert use is not None
    assert (use.received, use.unread_answers) == ({"data"}, 1)


@pytest.mark.parametrize(
    "response",
    [
        {"status": 204, "content": {}},
        {"status": 404, "content": {}},
        {"status": 200, "content": {"mimeType": "application/pdf"}},
    ],
)
def test_an_answer_without_fields_is_read(tmp_path: Path, response: dict[str, Any]) -> None:
    use = read_usage(written(tmp_path, {"request": REQUEST, "response": response})).of("GET /users/{user}")
    assert use is not None
    assert use.unread_answers == 0


@pytest.mark.parametrize(
    ("sent", "unread"),
    [
        ({}, 0),
        ({"bodySize": 12}, 1),
        ({"postData": {"params": [{"name": "a"}]}}, 1),
        ({"postData": {"text": "{"}}, 1),
        ({"postData": {"text": 5}}, 1),
        ({"bodySize": -1}, 0),
        ({"method": "POST", "bodySize": -1}, 1),
        ({"method": "POST", "bodySize": 0}, 0),
        ({"postData": {"text": "", "params": []}}, 0),
    ],
)
def test_a_request_body_that_cannot_be_read(tmp_path: Path, sent: dict[str, Any], unread: int) -> None:
    use = read_usage(written(tmp_path, {"request": {**REQUEST, **sent}})).of(
        f"{sent.get('method', 'GET')} /users/{{user}}"
    )
    assert use is not None
    assert use.unread_requests == unread


ENCODED = {"text": base64.b64encode(b'{"data": {"id": 1}}').decode(), "encoding": "base64"}


@pytest.mark.parametrize(
    "content",
    [
        ENCODED,
        {**ENCODED, "encoding": "BASE64"},
        {"text": {"data": {"id": 1}}},
        {"text": '{"data": {"id": 1}}', "mimeType": "text/plain"},
    ],
)
def test_usage_reads_bodies_that_are_encoded(tmp_path: Path, content: dict[str, Any]) -> None:
    usage = read_usage(written(tmp_path, {"request": REQUEST, "response": {"status": 200, "content": content}}))
    use = usage.of("GET /users/{user}")
    assert use is not None
    assert (use.received, use.parameters) == ({"data", "data.id"}, {"page"})


def test_a_query_that_is_recorded_apart_is_part_of_the_url(tmp_path: Path) -> None:
    request = {
        "method": "GET",
        "url": "https://t/users",
        "queryString": [{"name": "filter[name]", "value": "a b"}, None],
    }
    assert exchange_of(tmp_path, request=request).request.url == "https://t/users?filter%5Bname%5D=a+b"
