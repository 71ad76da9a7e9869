"""Lost connections, gateways, oversized and endless responses, and targets that stop serving, on loopback."""

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from ampeco_conformance.core.errors import TargetGone
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.http import receiving
from ampeco_conformance.http.client import ApiClient
from tests.support.gates import OpenGate
from tests.support.loopback import Received, Sent, sent_json, serving
from tests.support.raw_server import raw_server

TOKEN = "3f2c8c1e-secret"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
GATEWAY = Sent(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"})


def _writing(url: str) -> ApiClient:
    return ApiClient(url, TOKEN, timeout=5, gate=OpenGate())


@contextmanager
def scripted(answer: Callable[[int], bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers the n-th connection (from 0) with these bytes; also gives the requests it received."""
    received: list[bytes] = []

    def reply(connection: socket.socket, request: bytes) -> None:
        received.append(request)
        connection.sendall(answer(len(received) - 1))

    with raw_server(reply) as base_url:
        yield base_url, received


def status_of(exchange: Exchange) -> int | None:
    return exchange.response.status_code if exchange.response else None


@pytest.mark.parametrize("lost", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"], ids=["lost", "cut"])
def test_a_lost_read_is_sent_once_more(lost: bytes) -> None:
    observed: list[Exchange] = []
    with scripted(lambda number: OK if number else lost) as (url, received), ApiClient(url, TOKEN, timeout=5) as client:
        client.observe(observed.append)
        assert status_of(client.send("GET", "/users")) == 200
    assert len(received) == 2
    assert [(status_of(exchange), exchange.is_lost, exchange.is_repeated) for exchange in observed] == [
        (None, True, True),
        (200, False, False),
    ]


def test_a_read_that_stays_lost_is_sent_twice_only() -> None:
    with scripted(lambda _: b"") as (url, received), ApiClient(url, TOKEN, timeout=5) as client:
        exchange = client.send("GET", "/users")
    assert (exchange.is_lost, exchange.is_repeated, len(received)) == (True, False, 2)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_lost_write_is_never_sent_again(method: str) -> None:
    with scripted(lambda _: b"") as (url, received), _writing(url) as client:
        assert client.send(method, "/users", json={}).is_lost
    assert len(received) == 1


def test_writes_need_no_kept_connection_once_the_target_has_closed_one_without_notice() -> None:
    """The target answers each connection once, and closes it when the next request comes."""
    served: set[int] = set()

    def answer(received: Received) -> Sent:
        is_lost = received.port in served
        served.add(received.port)
        return Sent(is_lost=True) if is_lost else sent_json({})

    with serving(answer) as url, _writing(url) as client:
        sent = [client.send(method, "/users") for method in ("GET", "GET", "POST", "PUT", "DELETE", "POST")]
    assert [status_of(exchange) for exchange in sent] == [200] * 6


@pytest.mark.parametrize("status", [502, 503, 504, 522])
@pytest.mark.parametrize("body", [b"", b"<html>", b"no healthy upstream"], ids=["empty", "HTML", "text"])
def test_a_gateway_is_not_the_api(status: int, body: bytes) -> None:
    with (
        serving(lambda _: Sent(status, body)) as url,
        ApiClient(url, TOKEN, timeout=5) as client,
    ):
        exchange = client.send("GET", "/users")
    assert exchange.response is None
    assert exchange.error is not None
    assert f"{status} " in exchange.error
    assert "gateway" in exchange.error


def test_a_gateway_is_asked_once_more() -> None:
    asked: list[str] = []

    def answer(received: Received) -> Sent:
        asked.append(received.path)
        return GATEWAY if len(asked) == 1 else sent_json({})

    with serving(answer) as url, ApiClient(url, TOKEN, timeout=5) as client:
        assert status_of(client.send("GET", "/users")) == 200


def test_an_error_of_the_api_is_a_response() -> None:
    with serving(lambda _: sent_json({"message": "x"}, 502)) as url, ApiClient(url, TOKEN, timeout=5) as client:
        assert status_of(client.send("GET", "/users")) == 502


def bomb() -> bytes:
    """A gzip body of some kilobytes that is 64 MiB when it is decoded."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    chunk = bytes(2**20)
    return b"".join([*(packer.compress(chunk) for _ in range(64)), packer.flush()])


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b" " * (3 * 2**20), {}), (bomb(), {"Content-Encoding": "gzip"})],
    ids=["plain", "compressed"],
)
def test_a_body_that_is_too_large_is_an_error(
    body: bytes, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MAXIMUM_BODY", 2 * 2**20)
    with serving(lambda _: Sent(200, body, headers)) as url, ApiClient(url, TOKEN, timeout=5) as client:
        exchange = client.send("GET", "/users")
    assert exchange.error == "the response body is larger than 2 MB"
    assert not exchange.is_lost


def test_a_compressed_body_is_decoded_in_bounded_parts() -> None:
    """A part is at most a step long, however well the body was compressed."""
    parts = list(receiving._inflated(iter([bomb()]), receiving._GZIP_OR_ZLIB))
    assert max(map(len, parts)) <= receiving._STEP
    assert sum(map(len, parts)) == 64 * 2**20


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "identity", ""])
def test_a_coded_body_is_decoded(coding: str) -> None:
    body = b'{"data": []}' * 1000
    packers: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "x-gzip": gzip.compress}
    coded = (packers | {"deflate": zlib.compress}).get(coding, bytes)(body)
    with (
        serving(lambda _: Sent(200, coded, {"Content-Encoding": coding} if coding else {})) as url,
        ApiClient(url, TOKEN, timeout=5) as client,
    ):
        exchange = client.send("GET", "/users")
    assert exchange.response is not None
    assert exchange.response.body == body


@pytest.mark.parametrize(
    ("body", "coding", "message"),
    [
        (gzip.compress(b"x" * 1000)[:-12], "gzip", "does not match its Content-Encoding"),
        (b"\x1b", "br", "the response has the Content-Encoding br, and gzip was asked for"),
    ],
    ids=["cut-off", "not-asked-for"],
)
def test_a_body_that_cannot_be_decoded_is_an_error(body: bytes, coding: str, message: str) -> None:
    with (
        serving(lambda _: Sent(200, body, {"Content-Encoding": coding})) as url,
        ApiClient(url, TOKEN, timeout=5) as client,
    ):
        exchange = client.send("GET", "/users")
    assert exchange.error is not None
    assert message in exchange.error


def test_headers_that_trickle_are_a_timeout() -> None:
    """Each byte comes in time, and their sum never would."""

    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while not stop.wait(0.05):
            connection.sendall(b"x")

    stop = threading.Event()
    with raw_server(drip) as base_url, ApiClient(base_url, TOKEN, timeout=0.3) as client:
        exchange = client.send("GET", "/users")
        stop.set()
    assert exchange.error == "no complete answer within 0.3 s"
    assert exchange.elapsed < 2


def test_no_cookie_is_kept() -> None:
    cookies: list[str | None] = []

    def answer(received: Received) -> Sent:
        cookies.append(received.headers["Cookie"])
        return Sent(200, b"{}", {"Content-Type": "application/json", "Set-Cookie": "session=abc; Path=/"})

    with serving(answer) as url, ApiClient(url, TOKEN, timeout=5) as client:
        client.send("GET", "/users")
        client.send("GET", "/users", authenticated=False)
    assert cookies == [None, None]


def serving_once(status: int, asked: list[str]) -> Callable[[Received], Sent]:
    """A server that succeeds once and answers with a status from then on; `asked` are the paths of all requests."""

    def answer(received: Received) -> Sent:
        asked.append(received.path)
        return sent_json({}, 200 if len(asked) == 1 else status)

    return answer


@pytest.mark.parametrize("status", [401, 503])
def test_a_target_that_refuses_what_it_has_served_is_gone(status: int) -> None:
    asked: list[str] = []
    with serving(serving_once(status, asked)) as url, ApiClient(url, TOKEN, timeout=5) as client:
        client.send("GET", "/users")
        with pytest.raises(TargetGone, match=f"GET /users succeeded before and is answered {status} now"):
            client.send("GET", "/taxes")
    assert asked == ["/users", "/taxes", "/users"]


def test_a_target_that_is_unavailable_is_gone_for_a_request_without_the_token_too() -> None:
    with serving(serving_once(503, [])) as url, ApiClient(url, TOKEN, timeout=5) as client:
        client.send("GET", "/users")
        with pytest.raises(TargetGone, match="no longer available"):
            client.send("GET", "/taxes", headers={"Authorization": "Bearer wrong"})


def test_a_target_that_permits_nothing_any_more_is_gone_after_some_refusals() -> None:
    with serving(serving_once(403, [])) as url, ApiClient(url, TOKEN, timeout=5) as client:
        client.send("GET", "/users")
        for _ in range(4):
            assert status_of(client.send("GET", "/taxes")) == 403
        with pytest.raises(TargetGone, match="no longer permits what it has permitted; GET /users succeeded before"):
            client.send("GET", "/taxes")


def test_operations_that_a_token_may_not_call_cost_few_more_requests() -> None:
    asked: list[str] = []

    def answer(received: Received) -> Sent:
        asked.append(received.path)
        return sent_json({}, 200 if received.path == "/users" else 403)

    with serving(answer) as url, ApiClient(url, TOKEN, timeout=5) as client:
        client.send("GET", "/users")
        statuses = [status_of(client.send("GET", "/taxes")) for _ in range(10)]
    assert statuses == [403] * 10
    assert asked.count("/users") == 3


def test_one_operation_that_refuses_the_token_is_a_response() -> None:
    with (
        serving(lambda received: sent_json({}, 401 if received.path == "/taxes" else 200)) as url,
        ApiClient(url, TOKEN, timeout=5) as client,
    ):
        client.send("GET", "/users")
        assert status_of(client.send("GET", "/taxes")) == 401
        assert status_of(client.send("GET", "/users")) == 200


def test_a_token_that_is_refused_from_the_start_is_noticed() -> None:
    with serving(lambda _: sent_json({}, 401)) as url, _writing(url) as client:
        for _ in range(4):
            assert status_of(client.send("GET", "/users")) == 401
        with pytest.raises(TargetGone, match="no longer accepts the token"):
            client.send("POST", "/users", json={})


def test_requests_without_the_token_say_nothing_about_it() -> None:
    with serving(lambda _: sent_json({}, 401)) as url, ApiClient(url, TOKEN, timeout=5) as client:
        for _ in range(10):
            assert status_of(client.send("GET", "/users", authenticated=False)) == 401
