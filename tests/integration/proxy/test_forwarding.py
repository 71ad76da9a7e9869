"""The proxy forwards: streaming, connections, encodings, headers, one upstream only."""

import gzip
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.proxy import recording
from ampeco_conformance.specs import load_specification
from tests.support.live_proxy import LiveProxy, live_proxy
from tests.support.loopback import NO_TLS


class Upstream(BaseHTTPRequestHandler):
    """Counts connections, and answers in ways that a proxy may get wrong."""

    protocol_version = "HTTP/1.1"
    connections = 0
    release = threading.Event()
    seen: list[tuple[str, dict[str, str], bytes]] = []

    def setup(self) -> None:
        super().setup()
        type(self).connections += 1

    def do_GET(self) -> None:
        self.seen.append((self.path, dict(self.headers), b""))
        if self.path.startswith("/stream"):
            self._chunks()
            return
        body = gzip.compress(b'{"zipped": true}') if self.path == "/zipped" else b"{}"
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("set-cookie", "a=1")
        self.send_header("set-cookie", "b=2")
        if self.path == "/zipped":
            self.send_header("content-encoding", "gzip")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        while self.headers.get("transfer-encoding") and (size := int(self.rfile.readline(), 16)):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.seen.append((self.path, dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def do_CONNECT(self) -> None:
        """Be the proxy by which the environment lets requests out: pass what comes to this server itself."""
        self.seen.append((self.path, dict(self.headers), b""))
        self.send_response(200)
        self.end_headers()

    def _chunks(self) -> None:
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nfirst\r\n")
        self.wfile.flush()
        self.release.wait(20)
        self.wfile.write(b"4\r\nlast\r\n0\r\n\r\n")

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def upstream() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[LiveProxy]:
    Upstream.connections, Upstream.seen = 0, []
    Upstream.release.clear()
    with upstream() as address, live_proxy(address, load_specification("v1", "spirii"), tmp_path, "t") as proxy:
        yield proxy


def test_a_response_reaches_the_client_while_it_is_still_being_sent(proxy: LiveProxy) -> None:
    with httpx.Client(base_url=proxy.address, verify=NO_TLS) as client, client.stream("GET", "/stream") as response:
        parts = response.iter_raw()
        assert next(parts) == b"first"
        Upstream.release.set()
        assert b"".join(parts) == b"last"


def test_connections_are_kept_on_both_sides(proxy: LiveProxy) -> None:
    with httpx.Client(base_url=proxy.address, verify=NO_TLS) as client:
        for _ in range(5):
            response = client.get("/kept")
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert Upstream.connections == 1


def test_encodings_headers_and_bodies_arrive_as_they_were_sent(proxy: LiveProxy) -> None:
    with httpx.Client(base_url=proxy.address, verify=NO_TLS) as client:
        zipped = client.get("/zipped", headers={"accept-encoding": "gzip", "x-own": "1"})
        client.post("/things?a=%2F&b=c%20d", content=b"\x00body")
    assert (zipped.json(), zipped.headers["content-encoding"]) == ({"zipped": True}, "gzip")
    (_, headers, _), (path, sent, body) = Upstream.seen
    assert headers["x-own"] == "1"
    assert (path, body) == ("/things?a=%2F&b=c%20d", b"\x00body")
    assert "authorization" not in {name.lower() for name in sent}


@pytest.mark.parametrize("line", ["GET http://elsewhere.example/kept", "CONNECT elsewhere.example:443"])
def test_it_is_no_relay_to_other_hosts(proxy: LiveProxy, line: str) -> None:
    parts = urlsplit(proxy.address)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(f"{line} HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n".encode())
        response = http.client.HTTPResponse(connection)
        response.begin()
    if line.startswith("CONNECT"):
        assert response.status >= 400
        assert Upstream.seen == []
    else:
        assert [path for path, *_ in Upstream.seen] == ["/kept"]


def test_the_proxy_of_the_environment_is_used_for_other_hosts_than_loopback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Upstream.seen = []
    specification = load_specification("v1", "spirii")
    with upstream() as address:
        monkeypatch.setenv("http_proxy", address.replace("http://", "http://me:pass%21@"))
        with live_proxy("http://tenant.example/base", specification, tmp_path, "t") as proxy:
            answer = httpx.get(f"{proxy.address}/kept", trust_env=False)
        with live_proxy(address, specification, tmp_path, "t") as proxy:
            httpx.get(f"{proxy.address}/direct", trust_env=False)
    assert answer.status_code == 200
    assert [path for path, *_ in Upstream.seen] == ["tenant.example:80", "/base/kept", "/direct"]
    (_, connecting, _), (_, tunnelled, _), _ = Upstream.seen
    assert connecting["proxy-authorization"] == "Basic bWU6cGFzcyE="
    assert (tunnelled["host"], "proxy-authorization" in tunnelled) == ("tenant.example", False)


def test_requests_wait_when_more_come_than_can_be_judged_and_none_is_left_out(
    proxy: LiveProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged, observe = threading.Event(), proxy.judge.observe
    monkeypatch.setattr(proxy.judge, "observe", lambda exchange: (judged.wait(20), observe(exchange)))
    monkeypatch.setattr(recording, "MOST_WAITING", 0)
    with httpx.Client(base_url=proxy.address, verify=NO_TLS) as client, ThreadPoolExecutor() as pool:
        client.get("/first")
        second = pool.submit(client.get, "/second")
        while proxy.recording.delayed == 0:
            time.sleep(0.01)
        assert [path for path, *_ in Upstream.seen] == ["/first"]
        judged.set()
        assert second.result().status_code == 200
    proxy.recording.finish()
    assert proxy.judge.exchanges == 2


def test_what_stops_the_judge_is_told_at_once_and_requests_are_still_forwarded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Exchange) -> None:
        raise OSError(28, "No space left on device")

    def send(proxy: LiveProxy) -> int:
        with httpx.Client(base_url=proxy.address, verify=NO_TLS) as client:
            client.get("/kept")
            while not proxy.failures:
                time.sleep(0.01)
            return client.get("/kept").status_code

    with upstream() as address, ExitStack() as stack:
        proxy = stack.enter_context(live_proxy(address, load_specification("v1", "spirii"), tmp_path, "t"))
        monkeypatch.setattr(proxy.judge, "observe", full)
        assert send(proxy) == 200
        with pytest.raises(OSError, match="No space left"):
            stack.close()


def test_a_body_without_a_length_is_forwarded_in_chunks(proxy: LiveProxy) -> None:
    with httpx.Client(base_url=proxy.address, verify=NO_TLS) as client:
        client.post("/things", content=iter([b"a", b"b"]))
    (_, sent, body), *_ = Upstream.seen
    assert (sent["transfer-encoding"], body) == ("chunked", b"ab")


def test_a_target_that_does_not_answer_is_a_502_and_the_proxy_goes_on(tmp_path: Path) -> None:
    with live_proxy("http://127.0.0.1:9", load_specification("v1", "spirii"), tmp_path, "t") as proxy:
        paths = ("/v1/charge-records", "/v1/charge-recordz")
        answers = [httpx.get(proxy.address + path, trust_env=False) for path in paths]
    assert [answer.status_code for answer in answers] == [502, 502]
    assert "did not answer" in answers[0].json()["message"]
    assert [fault.kind for fault in proxy.judge.faults] == ["unknown-operation"]
