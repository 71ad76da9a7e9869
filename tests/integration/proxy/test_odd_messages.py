"""Messages that a proxy may get wrong: lengths, encodings, statuses and headers that HTTP does not allow, or barely."""

import gzip
import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from ampeco_conformance.core.har import read_har
from ampeco_conformance.proxy import passage
from ampeco_conformance.proxy.live_judge import Party
from ampeco_conformance.specs import load_specification
from tests.support.live_proxy import LiveProxy, live_proxy
from tests.support.loopback import NO_TLS, Received, Sent, sent_json, serving
from tests.support.raw_server import raw_server

TAXES = "/public-api/resources/taxes/v2.0"
JSON = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PAGE = '{"data":[],"links":{},"meta":{}}'
CHUNKS = f"{len(PAGE):x}\r\n{PAGE}\r\n0\r\n\r\n"


@contextmanager
def proxy_of(answer: bytes, folder: Path) -> Iterator[tuple[LiveProxy, list[bytes]]]:
    """A proxy of a server that gives this answer to every request, and the heads of the requests it got."""
    seen: list[bytes] = []

    def reply(connection: socket.socket, request: bytes) -> None:
        while request:
            seen.append(request)
            connection.sendall(answer)
            if b"Connection: close" in answer:
                return
            request = connection.recv(65536)

    with raw_server(reply) as upstream, live_proxy(upstream, load_specification("3.90.0"), folder, "t") as proxy:
        yield proxy, seen


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n", 304, ""),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, ""),
        (f"{JSON}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n{CHUNKS}", 200, PAGE),
        (f"{JSON}Connection: close\r\n\r\n{PAGE}", 200, PAGE),
        (f"{JSON}Content-Length: {len(PAGE)}\r\n\r\n{PAGE}and more", 200, PAGE),
    ],
)
def test_an_answer_with_an_odd_length_arrives_and_the_next_one_too(
    answer: str, status: int, body: str, tmp_path: Path
) -> None:
    with proxy_of(answer.encode(), tmp_path) as (proxy, _), httpx.Client(verify=NO_TLS) as client:
        answers = [client.get(proxy.address + TAXES) for _ in range(2)]
    assert [(answer.status_code, answer.text) for answer in answers] == [(status, body)] * 2


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", "HTTP has no status 999"),
        (f"{JSON}X-Odd: a\x07b\r\nContent-Length: 0\r\n\r\n", "the header x-odd has control characters"),
        (f"{JSON}X Odd canary: a\r\n\r\n", "illegal header line"),
        (f"{JSON}Content-Length: 5000\r\nConnection: close\r\n\r\n{PAGE}", "peer closed connection"),
        (f"{JSON}Content-Encoding: gzip\r\nContent-Length: {len(PAGE)}\r\n\r\n{PAGE}", "not in the encoding gzip"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_fault_of_the_target(answer: str, problem: str, tmp_path: Path) -> None:
    with proxy_of(answer.encode(), tmp_path) as (proxy, _):
        parts = urlsplit(proxy.address)
        connection = http.client.HTTPConnection(parts.netloc)
        connection.request("GET", TAXES)
        response = connection.getresponse()
        assert response.status in (200, 502)
        connection.close()
    [fault] = proxy.judge.faults
    assert (fault.side, fault.kind, fault.breaks) == (Party.TARGET, "answers_in_full", True)
    assert problem in fault.message
    assert "canary" not in (tmp_path / "traffic.har").read_text() + (tmp_path / "index.html").read_text()


def test_a_body_after_a_204_is_a_fault_of_the_target(tmp_path: Path) -> None:
    path = "/public-api/resources/taxes/v2.0/1"
    with proxy_of(b"HTTP/1.1 204 No Content\r\n\r\n{}", tmp_path) as (proxy, _):
        assert httpx.delete(proxy.address + path, verify=NO_TLS).status_code == 204
    assert [fault.kind for fault in proxy.judge.faults] == ["no_content_has_no_body"]


def test_headers_of_one_connection_are_not_forwarded(tmp_path: Path) -> None:
    answer = f"{JSON}Keep: 1\r\nX-Hop: 1\r\nConnection: x-hop\r\nContent-Length: {len(PAGE)}\r\n\r\n{PAGE}".encode()
    with proxy_of(answer, tmp_path) as (proxy, seen):
        headers = {"Connection": "close, X-Own-Hop", "X-Own-Hop": "1", "X-Spaced": "a \t", "TE": "trailers"}
        connection = http.client.HTTPConnection(urlsplit(proxy.address).netloc)
        connection.request("GET", TAXES, headers=headers)
        received = dict(connection.getresponse().getheaders())
        connection.close()
    assert ("keep" in received, "x-hop" in received) == (True, False)
    head = seen[0].lower()
    assert (b"x-spaced: a\r\n" in head, b"x-own-hop" in head, b"te: trailers" in head) == (True, False, False)


def test_a_request_is_judged_without_its_encoding_and_one_that_is_too_large_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def created(_received: Received) -> Sent:
        return sent_json({"message": "Unauthenticated."}, 401)

    monkeypatch.setattr(passage, "MOST_RECORDED", 1000)
    body = json.dumps({"email": "a@example.com", "password": "Long-Enough-1"}).encode()
    large = body[:-1] + b" " * 1000 + b"}"
    with serving(created) as upstream, live_proxy(upstream, load_specification("3.90.0"), tmp_path, "t") as proxy:
        for content, headers in ((gzip.compress(body), {"Content-Encoding": "gzip"}), (large, {}), (body, {})):
            headers = {"Content-Type": "application/json", **headers}
            httpx.post(f"{proxy.address}/public-api/resources/users/v1.0", content=content, headers=headers)
    assert [(fault.kind, fault.message) for fault in proxy.judge.faults if fault.side is Party.CLIENT] == []
    recorded = read_har(tmp_path / "traffic.har").exchanges
    assert [exchange.request.body_is_known for exchange in recorded] == [True, False, True]


def test_messages_show_documented_names_and_the_places_of_ids(tmp_path: Path) -> None:
    def refused(_received: Received) -> Sent:
        return sent_json({"message": "Invalid.", "errors": {"filter[startedAfter]": ["Not a date."]}}, 422)

    with serving(refused) as upstream, live_proxy(upstream, load_specification("3.90.0"), tmp_path, "t") as proxy:
        path = f"{proxy.address}/public-api/resources"
        httpx.get(f"{path}/sessions/v1.0?cursor=&filter[startedAfter]=yesterday", verify=NO_TLS)
        httpx.put(f"{path}/users/v1.0/17", verify=NO_TLS)
        httpx.get(f"{path}/taxes/v2.0?Per_Page=1", verify=NO_TLS)
    told = [f"{fault.operation}: {fault.message}" for fault in proxy.told if fault.side is Party.CLIENT]
    assert told == [
        "GET /public-api/resources/sessions/v1.0: the query parameter filter[startedAfter] is not a valid date-time",
        "PUT /public-api/resources/users/v1.0/{}: the path has no PUT; it has DELETE, GET, PATCH",
        "GET /public-api/resources/taxes/v2.0: there is no query parameter Per_Page; did you mean per_page?",
    ]
