"""Recorded traffic: one reader for `drift` and for `--usage`, tolerant of what tools leave out."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.compatibility.traffic import read_usage
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.har import har_exchanges

REQUEST = {"method": "GET", "url": "https://api.test/users/7?page=1"}


def written(folder: Path, *entries: dict[str, Any]) -> Path:
    file = folder / "traffic.har"
    file.write_text(json.dumps({"log": {"entries": entries}}))
    return file


def exchange_of(folder: Path, **entry: Any) -> Exchange:
    (exchange,) = har_exchanges(written(folder, {"request": REQUEST, **entry}))
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


@pytest.mark.parametrize("response", [{}, {"status": 0}, None])
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


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    file = written(tmp_path, {"request": REQUEST})
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert len(list(har_exchanges(file))) == 1
    assert read_usage(file).calls


@pytest.mark.parametrize("content", ["{", "[]", '{"log": {"entries": [{"request": {"url": "/"}}]}}', '{"log": null}'])
def test_a_broken_file_gets_one_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "traffic.har"
    file.write_text(content)
    for read in (lambda: list(har_exchanges(file)), lambda: read_usage(file)):
        with pytest.raises(ConfigurationError) as caught:
            read()
        assert str(caught.value).startswith(f"{file} is not a readable HAR file: ")
        assert "\n" not in str(caught.value)


def test_usage_reads_bodies_that_are_encoded(tmp_path: Path) -> None:
    text = base64.b64encode(b'{"data": {"id": 1}}').decode()
    content = {"text": text, "encoding": "base64"}
    usage = read_usage(written(tmp_path, {"request": REQUEST, "response": {"status": 200, "content": content}}))
    use = usage.of("GET /users/{user}")
    assert use is not None
    assert (use.received, use.parameters) == ({"data", "data.id"}, {"page"})
