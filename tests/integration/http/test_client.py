"""The HTTP client against real sockets on loopback."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

import pytest

from ampeco_conformance.core.errors import ConfigurationError, TargetError, TargetGone
from ampeco_conformance.core.exchanges import Exchange, header
from ampeco_conformance.http.client import MAXIMUM_ATTEMPTS, ApiClient, encode_query
from ampeco_conformance.http.rate_limiter import RateLimiter
from tests.support.gates import OpenGate
from tests.support.loopback import Received, Sent, sent_json, serving
from tests.support.raw_server import raw_server

TOKEN = "3f2c8c1e-secret"


@contextmanager
def echo_server() -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """A server that answers with what it received; also gives the client ports it saw."""
    seen: list[tuple[str, int]] = []

    def answer(received: Received) -> Sent:
        seen.append((received.path, received.port))
        limited = urlsplit(received.path).path == "/limited" and len(seen) < 3
        echo = {"headers": dict(received.headers), "path": received.path, "body": received.body.decode()}
        return sent_json(echo, 429, **{"Retry-After": "0"}) if limited else sent_json(echo)

    with serving(answer) as base_url:
        yield base_url, seen


def waited(release: threading.Event) -> None:
    release.wait(10)


def error_of(base_url: str, timeout: float = 5.0) -> str:
    with ApiClient(base_url, TOKEN, timeout=timeout, gate=OpenGate()) as client:
        exchange = client.send("GET", "/users")
    assert exchange.response is None
    assert exchange.error is not None
    assert TOKEN not in repr(exchange)
    return exchange.error


def test_it_records_the_request_as_sent_and_the_response() -> None:
    with echo_server() as (base_url, _), ApiClient(base_url, TOKEN, timeout=5, gate=OpenGate()) as client:
        exchange = client.send(
            "post",
            "/public-api/users",
            query={"filter": {"userId": 7}, "include": ["evses"], "cursor": None, "flag": True},
            json={"name": "Zoë"},
            headers={"X-Trace": "1"},
        )
    assert exchange.response is not None
    received = exchange.response.json()
    assert received["body"] == '{"name": "Zoë"}'
    assert received["headers"]["authorization"] == f"Bearer {TOKEN}"
    assert received["headers"]["content-type"] == "application/json"
    parts = urlsplit(exchange.request.url)
    assert parts.path == "/public-api/users"
    assert parse_qsl(parts.query, keep_blank_values=True) == [
        ("filter[userId]", "7"),
        ("include[]", "evses"),
        ("cursor", ""),
        ("flag", "true"),
    ]
    assert received["path"] == f"{parts.path}?{parts.query}"
    assert exchange.request.method == "POST"
    assert exchange.request.body == received["body"].encode()
    assert header(exchange.request.headers, "x-trace") == "1"
    assert exchange.error is None


def test_the_token_is_sent_but_never_recorded() -> None:
    with echo_server() as (base_url, _), ApiClient(base_url, TOKEN, timeout=5, gate=OpenGate()) as client:
        exchange = client.send("GET", "/users")
        assert TOKEN not in repr(client)
    assert TOKEN not in repr(exchange.request)
    assert header(exchange.request.headers, "Authorization") == "Bearer ***"


@pytest.mark.parametrize("token", ["json", "a"])
def test_a_token_that_is_an_ordinary_word_is_masked_in_the_credentials_alone(token: str) -> None:
    with echo_server() as (base_url, _), ApiClient(base_url, token, timeout=5, gate=OpenGate()) as client:
        exchange = client.send("GET", "/users")
    assert header(exchange.request.headers, "Accept") == "application/json"
    assert header(exchange.request.headers, "Authorization") == "Bearer ***"


def test_an_unauthenticated_request_carries_no_token() -> None:
    with echo_server() as (base_url, _), ApiClient(base_url, TOKEN, timeout=5, gate=OpenGate()) as client:
        exchange = client.send("GET", "/users", authenticated=False)
        wrong = client.send("GET", "/users", headers={"Authorization": "Bearer wrong"})
    assert exchange.response is not None
    assert wrong.response is not None
    assert "authorization" not in {name.lower() for name in exchange.response.json()["headers"]}
    assert wrong.response.json()["headers"]["Authorization"] == "Bearer wrong"


def test_the_connection_is_reused() -> None:
    with echo_server() as (base_url, seen), ApiClient(base_url, TOKEN, timeout=5, gate=OpenGate()) as client:
        for _ in range(3):
            client.send("GET", "/users")
    assert len({port for _, port in seen}) == 1


def test_threads_share_a_client_and_every_exchange_is_observed() -> None:
    observed: list[Exchange] = []
    with echo_server() as (base_url, _), ApiClient(base_url, TOKEN, timeout=5, gate=OpenGate()) as client:
        client.observe(observed.append)
        with ThreadPoolExecutor(8) as pool:
            exchanges = list(pool.map(lambda number: client.send("GET", f"/users/{number}"), range(40)))
    bodies = [exchange.response.json()["path"] for exchange in exchanges if exchange.response]
    assert bodies == [f"/users/{number}" for number in range(40)]
    assert {id(exchange) for exchange in observed} == {id(exchange) for exchange in exchanges}


def test_a_rate_limited_request_is_sent_again_and_counted() -> None:
    observed: list[Exchange] = []
    with echo_server() as (base_url, _), ApiClient(base_url, TOKEN, timeout=5, gate=OpenGate()) as client:
        client.observe(observed.append)
        exchange = client.send("GET", "/limited")
        assert client.rate_limited == 2
    assert exchange.response is not None
    assert exchange.response.status_code == 200
    assert [exchange.response.status_code for exchange in observed if exchange.response] == [429, 429, 200]


def test_a_limited_server_is_hardly_ever_pushed() -> None:
    """Windows of a second with ten requests each, as a server with a limit per minute has, but quicker."""
    counts: Counter[int] = Counter()
    refused: list[int] = []

    def limited(_: Received) -> Sent:
        window = int(time.time())
        counts[window] += 1
        headers = {
            "X-RateLimit-Remaining": str(max(0, 10 - counts[window])),
            "X-RateLimit-Reset": str(window + 1),
        }
        if counts[window] <= 10:
            return Sent(headers=headers)
        refused.append(window)
        return Sent(429, headers=headers | {"Retry-After": "1"})

    with serving(limited) as base_url:

        def work(_worker: int) -> list[int]:
            # Each as in a process of its own: what they share is the key.
            with ApiClient(
                base_url, TOKEN, timeout=5, gate=OpenGate(), rate_limiter=RateLimiter(key=base_url)
            ) as client:
                answers = [client.send("GET", "/").response for _ in range(12)]
            return [answer.status_code for answer in answers if answer is not None]

        with ThreadPoolExecutor(3) as pool:
            statuses = [status for worker in pool.map(work, range(3)) for status in worker]
    assert statuses == [200] * 36
    assert len(refused) <= 2 * len(counts)


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}, {"Retry-After": "-5"}])
def test_a_server_that_never_lets_anybody_in_gets_longer_pauses_and_is_given_up(
    headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    limiter = RateLimiter()
    monkeypatch.setattr(limiter, "pause_until", lambda until: pauses.append(until - time.time()))
    with (
        serving(lambda _: Sent(429, headers=headers)) as base_url,
        ApiClient(base_url, TOKEN, timeout=5, rate_limiter=limiter) as client,
    ):
        with pytest.raises(TargetError, match="keeps responding with 429"):
            client.send("GET", "/")
        assert client.rate_limited == MAXIMUM_ATTEMPTS
    assert max(pauses) == pytest.approx(2 ** (MAXIMUM_ATTEMPTS - 1), abs=5)


def test_a_read_waits_as_long_as_an_unavailable_server_says_and_a_write_does_not() -> None:
    answers = [sent_json({}, 503, **{"Retry-After": "0"}), sent_json({}, 503)]
    with (
        serving(lambda _: answers.pop(0) if answers else sent_json({})) as base_url,
        ApiClient(base_url, TOKEN, timeout=5, gate=OpenGate()) as client,
    ):
        statuses = [client.send("GET", "/").response, client.send("GET", "/").response]
        answers.append(sent_json({}, 503, **{"Retry-After": "0"}))
        statuses.append(client.send("POST", "/", json={}).response)
    assert [response.status_code for response in statuses if response] == [503, 200, 503]


def test_a_read_waits_as_long_as_a_gateway_says_and_a_write_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = Sent(503, b"<html>maintenance</html>", {"Content-Type": "text/html", "Retry-After": "7"})
    answers, pauses = [closed, closed], list[int]()
    limiter = RateLimiter()
    monkeypatch.setattr(limiter, "pause_until", lambda until: pauses.append(round(until - time.time())))
    with (
        serving(lambda _: answers.pop(0) if answers else sent_json({})) as base_url,
        ApiClient(base_url, TOKEN, timeout=5, gate=OpenGate(), rate_limiter=limiter) as client,
    ):
        shown: list[Exchange] = []
        client.observe(shown.append)
        assert client.send("GET", "/").response is not None
        assert [exchange.is_lost for exchange in shown] == [True, True, False]
        assert 7 in pauses
        pauses.clear()
        answers.append(closed)
        assert client.send("POST", "/", json={}).is_lost
    assert pauses == [7]


@pytest.mark.parametrize("patient", [True, False])
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_a_day_is_not_waited_for(patient: bool, status: int) -> None:
    closed = sent_json({}, status, **{"Retry-After": "86400"})
    with (
        serving(lambda _: closed) as base_url,
        ApiClient(base_url, TOKEN, timeout=5, patient=patient) as client,
        pytest.raises(TargetGone, match=rf"asks for a pause of 86400 s \({status}, Retry-After\)"),
    ):
        client.send("GET", "/")


def test_a_refused_connection_is_an_exchange_with_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert "cannot connect" in error_of(f"http://127.0.0.1:{port}")


def test_a_silent_server_is_a_timeout() -> None:
    release = threading.Event()
    with raw_server(lambda *_: waited(release)) as base_url:
        assert error_of(base_url, timeout=0.2) == "no complete answer within 0.2 s"
        release.set()


def test_a_server_that_trickles_is_a_timeout() -> None:
    release = threading.Event()

    def trickle(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not release.wait(0.05):
            connection.sendall(b"x")

    with raw_server(trickle) as base_url:
        assert error_of(base_url, timeout=0.3) == "no complete answer within 0.3 s"
        release.set()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", id="truncated body"),
        pytest.param(b"this is not HTTP\r\n\r\n", id="no HTTP"),
        pytest.param(b"", id="closed without an answer"),
    ],
)
def test_a_broken_answer_is_an_error(answer: bytes) -> None:
    with raw_server(lambda connection, _: connection.sendall(answer)) as base_url:
        assert "invalid or incomplete HTTP response" in error_of(base_url)


def test_a_body_that_does_not_decode_is_an_error() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"
    with raw_server(lambda connection, _: connection.sendall(answer)) as base_url:
        assert "Content-Encoding" in error_of(base_url)


@pytest.mark.parametrize("base_url", ["tenant.example.com", "ftp://tenant.example.com", "https://", ""])
def test_a_base_url_without_scheme_or_host_is_refused(base_url: str) -> None:
    with pytest.raises(ConfigurationError, match="https://tenant"):
        ApiClient(base_url, TOKEN, timeout=1)


def test_credentials_in_the_base_url_are_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as caught:
        ApiClient("https://someone:password@tenant.example.com", TOKEN, timeout=1)
    assert "someone" not in str(caught.value)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "tökén"])
def test_a_token_that_no_header_can_carry_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ApiClient("https://tenant.example.com", token, timeout=1)
    assert not token or token not in str(caught.value)


def test_links_below_the_base_url_are_followed_others_refused() -> None:
    with echo_server() as (base_url, seen), ApiClient(base_url, TOKEN, timeout=5, gate=OpenGate()) as client:
        client.send("GET", f"{base_url}/users?page=2", query={"per_page": 1})
        with pytest.raises(ConfigurationError, match="token is not sent"):
            client.send("GET", f"{base_url}.evil.example/users")
    assert [path for path, _ in seen] == ["/users?page=2&per_page=1"]


def test_queries_nest_as_the_api_writes_them() -> None:
    query = {"filter": {"status": ["active", "pending"], "securityLevel": {"from": 1}}, "page": 2}
    assert encode_query(query) == [
        ("filter[status][]", "active"),
        ("filter[status][]", "pending"),
        ("filter[securityLevel][from]", "1"),
        ("page", "2"),
    ]
