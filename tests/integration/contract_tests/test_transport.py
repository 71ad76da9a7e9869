"""Answers that break off, are missing or go on too long: findings on the operation that gives them, if repeated."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.target.safety import Safety
from tests.support.aspect_bench import AspectBench, aspect_bench
from tests.support.emulator import RunningEmulator
from tests.support.gates import OpenGate
from tests.support.loopback import Received, Sent, sent_json, serving
from tests.support.raw_server import raw_server
from tests.support.reverse_proxy import reverse_proxy

TAXES = "/public-api/resources/taxes/v2.0"
TAX = f"{TAXES}/{{tax}}"
USERS = "GET /public-api/resources/users/v1.0"
Spoil = Callable[[str, str, Sent], None]


@pytest.fixture
def spoiled(
    bench: AspectBench, served: RunningEmulator, contract: ApiContract
) -> Iterator[Callable[[Spoil], AspectBench]]:
    """A bench behind a proxy that spoils answers; the emulator is as it was seeded."""
    assert bench
    with ExitStack() as stack:

        def behind(spoil: Spoil) -> AspectBench:
            base_url = stack.enter_context(reverse_proxy(str(served.client.base_url), spoil))
            return stack.enter_context(aspect_bench(base_url, contract))

        yield behind


def cut(_method: str, path: str, sent: Sent) -> None:
    """Promise more of an answer about a tax than is sent."""
    if path.startswith(f"{TAXES}/"):
        sent.headers["Content-Length"] = "100000"
        sent.pieces = [sent.content[:10]]


def withheld(_method: str, path: str, sent: Sent) -> None:
    sent.is_lost = path.startswith(f"{TAXES}/")


@pytest.mark.parametrize("spoil", [cut, withheld])
@pytest.mark.parametrize(
    ("test", "label"),
    [
        ("test_robustness::test_reads_agree", f"GET {TAX}"),
        ("test_errors::test_unknown_id", f"DELETE {TAX}"),
        ("test_permissions::test_reader_may_not_write", f"PATCH {TAX}"),
    ],
)
def test_what_is_never_answered_in_full_is_a_finding(
    spoiled: Callable[[Spoil], AspectBench], spoil: Spoil, test: str, label: str
) -> None:
    found = spoiled(spoil).findings(test, label)
    assert {(finding.check, finding.operation.partition(" ")[2]) for finding in found} == {("answers_in_full", TAX)}


def test_what_is_withheld_once_is_no_finding(spoiled: Callable[[Spoil], AspectBench]) -> None:
    number = 0

    def once(_method: str, path: str, sent: Sent) -> None:
        nonlocal number
        number += path.startswith(f"{TAXES}/")
        sent.is_lost = path.startswith(f"{TAXES}/") and number <= 2

    with pytest.raises(Exception, match="invalid or incomplete HTTP response"):
        spoiled(once).findings("test_robustness::test_reads_agree", f"GET {TAX}")


def test_a_204_with_a_body_is_found_and_harms_no_other_request(contract: ApiContract) -> None:
    def answer(received: Received) -> Sent:
        return Sent(204, b'{"message": "deleted"}') if received.method == "DELETE" else sent_json({"data": []})

    with serving(answer) as base_url, ApiClient(base_url, "a-token", timeout=5, gate=OpenGate()) as client:
        for _ in range(3):
            removal = client.send("DELETE", f"{TAXES}/1")
            found = contract.check_response(removal, contract.specification.operation(f"DELETE {TAX}"))
            assert [finding.check for finding in found] == ["no_content_has_no_body"]
            other = client.send("POST", TAXES, json={})
            assert other.response is not None, other.error
            assert other.response.json() == {"data": []}


def test_a_204_after_early_hints_has_no_body(contract: ApiContract) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"

    def reply(connection: socket.socket, _received: bytes) -> None:
        connection.sendall(hints + b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    with raw_server(reply) as base_url, ApiClient(base_url, "a-token", timeout=5, gate=OpenGate()) as client:
        removal = client.send("DELETE", f"{TAXES}/1")
    assert contract.check_response(removal, contract.specification.operation(f"DELETE {TAX}")) == []


SHORT = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize("surplus", [b"}", b"HTTP/1.1 500 Error\r\nContent-Length: 2\r\n\r\n{}"])
def test_what_follows_a_response_is_found_and_answers_no_other_request(surplus: bytes) -> None:
    def reply(connection: socket.socket, received: bytes) -> None:
        while received:
            if b" HTTP/1.1\r\n" in received:  # else it is the body of a request, which comes after its headers
                connection.sendall(SHORT + (surplus if b" /spoiled " in received else b"\r\n"))
            received = connection.recv(65536)

    with raw_server(reply) as base_url, ApiClient(base_url, "a-token", timeout=5, gate=OpenGate()) as client:
        for _ in range(2):
            other = client.send("POST", "/other", json={})
            assert other.response is not None, other.error
            assert other.response.json() == {}
            spoiled = client.send("GET", "/spoiled")
            assert spoiled.error == f"the response is followed by {len(surplus)} bytes that no request asked for"


def test_parallel_answers_that_are_mixed_up_are_found(spoiled: Callable[[Spoil], AspectBench]) -> None:
    under_way: list[Sent] = []
    lock = threading.Lock()
    met = threading.Barrier(2)

    def mixed(method: str, path: str, sent: Sent) -> None:
        """Swap the answers to two different reads that are answered at once."""
        if method != "GET" or not path.startswith(f"{USERS.partition(' ')[2]}/"):
            return
        original = sent.content
        with lock:
            under_way.append(sent)
        try:
            met.wait(0.2)
        except threading.BrokenBarrierError:
            met.reset()
            return
        finally:
            with lock:
                others = [other.content for other in under_way if other is not sent and other.content != original]
        if others:
            sent.content = others[-1]

    found = spoiled(mixed).checks("test_robustness::test_reads_agree", f"{USERS}/{{user}}")
    assert "parallel_reads_agree" in found


def test_a_bare_429_that_the_client_waited_for_is_found(spoiled: Callable[[Spoil], AspectBench]) -> None:
    limited: list[str] = []

    def limit_once(_method: str, path: str, sent: Sent) -> None:
        if path.startswith(TAXES) and not limited:
            limited.append(path)
            sent.status, sent.content, sent.headers = 429, b"", {"Content-Type": "text/plain"}

    assert spoiled(limit_once).checks("test_acceptance::test_acceptance", f"GET {TAXES}") == ["rate_limit_headers"]


@pytest.mark.parametrize(
    ("test", "label"),
    [
        ("test_authentication::test_authentication", f"GET {TAX}"),
        ("test_errors::test_unknown_id", f"GET {TAX}"),
        ("test_robustness::test_reads_agree", f"GET {TAX}"),
        ("test_robustness::test_hostile_query", f"GET {TAXES}"),
    ],
)
def test_reads_are_tested_with_reads_only(
    served: RunningEmulator, contract: ApiContract, test: str, label: str
) -> None:
    sent: set[str] = set()
    with (
        reverse_proxy(str(served.client.base_url), lambda method, _path, _answer: sent.add(method)) as base_url,
        aspect_bench(base_url, contract, Safety.READ_ONLY, is_emulator=False) as bench,
    ):
        assert bench.checks(test, label) == []
    assert sent == {"GET"}
