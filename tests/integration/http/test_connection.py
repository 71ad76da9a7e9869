"""A target behind a proxy, with a private certificate authority, or behind a gateway that wants a header."""

import socket
import ssl
from pathlib import Path

import pytest

from ampeco_conformance.core.errors import ConfigurationError, TargetError
from ampeco_conformance.core.exchanges import header
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.connecting import proxy_of
from ampeco_conformance.probe.probe import probe
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.configuration import Safety, Target
from ampeco_conformance.target.connection import DIRECT, Connection, connection_of
from tests.support.loopback import Received, Sent, sent_json, serving
from tests.support.raw_server import raw_server

TOKEN = "b5a1c0de-secret"
KEY = "gateway-canary-7f3a"
TLS = Path(__file__).parents[2] / "data/tls"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def refused(base_url: str, connection: Connection) -> str:
    """What the probe says of a target that cannot be reached."""
    target = Target("one", "ampeco", "3.90.0", base_url, TOKEN, Safety.READ_ONLY, timeout=5, connection=connection)
    with pytest.raises((TargetError, ConfigurationError)) as caught:
        probe(target, load_specification("3.90.0"))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def test_a_header_reaches_the_target_and_no_recording() -> None:
    received: list[Received] = []

    def answer(request: Received) -> Sent:
        received.append(request)
        return sent_json({})

    connection = connection_of(None, None, [f"X-Gateway-Key: {KEY}"])
    with serving(answer) as base_url, ApiClient(base_url, TOKEN, timeout=5, connection=connection) as client:
        exchange = client.send("GET", "/a")
        bare = client.send("GET", "/a", authenticated=False)
        client.repeat(exchange.request)
    assert [request.headers["X-Gateway-Key"] for request in received] == [KEY] * 3
    assert [header(sent.request.headers, "x-gateway-key") for sent in (exchange, bare)] == ["***", "***"]
    assert KEY not in repr(connection)


def test_a_request_goes_through_the_proxy_that_is_named() -> None:
    received: list[str] = []

    def proxy(request: Received) -> Sent:
        received.append(request.path)
        return sent_json({})

    with serving(proxy) as address:
        connection = connection_of(address, None, [])
        with ApiClient("http://api.invalid", TOKEN, timeout=5, connection=connection) as client:
            assert client.send("GET", "/a").response is not None
    assert received == ["http://api.invalid/a"]


def test_a_private_authority_is_trusted_when_it_is_named() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "server.pem", TLS / "server.key")
    with serving(lambda _: sent_json({}), context) as base_url:
        said = refused(base_url, DIRECT)
        with ApiClient(base_url, TOKEN, timeout=5, connection=connection_of(None, TLS / "server.pem", [])) as client:
            assert client.send("GET", "/a").response is not None
    assert "its TLS certificate is not trusted; name its authority with --ca-bundle FILE" in said


@pytest.mark.parametrize(
    ("certificate", "line"),
    [
        ("expired.pem", "its TLS certificate has expired; renew it, or set the clock of this machine"),
        ("other.pem", "its TLS certificate is for another host; give the host that it names"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_named(certificate: str, line: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / certificate, TLS / "server.key")
    with serving(lambda _: sent_json({}), context) as base_url:
        said = refused(base_url, connection_of(None, TLS / certificate, []))
    assert said.endswith(f" cannot be reached: {line}")


ALERT = b"\x15\x03\x03\x00\x02\x02"


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (ALERT + bytes([70]), "it does not speak TLS 1.2 or newer; update it"),
        (ALERT + bytes([40]), "it does not speak TLS 1.2 or newer; update it"),
        (ALERT + bytes([116]), "it asks for a certificate of the client, which is not supported"),
        (b"", "it ended the connection before TLS was agreed on; is this the address of the API?"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "it does not speak TLS; should the URL start with http://?"),
    ],
)
def test_how_a_handshake_failed_is_named(answer: bytes, line: str) -> None:
    with raw_server(lambda connection, _received: connection.sendall(answer)) as base_url:
        said = refused(base_url.replace("http:", "https:"), DIRECT)
    assert said.endswith(f" cannot be reached: {line}")


def test_a_proxy_that_is_down_is_named_and_not_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = f"http://127.0.0.1:{closed_port()}"
    line = refused("https://api.invalid", connection_of(proxy, None, []))
    assert f"the proxy {proxy} (--proxy) does not connect: nothing listens there" in line
    monkeypatch.setenv("HTTPS_PROXY", proxy.replace("//", "//user:s3cret@"))
    line = refused("https://api.invalid", DIRECT)
    assert f"the proxy {proxy} (HTTPS_PROXY) does not connect" in line
    assert "s3cret" not in line


def test_a_socks_proxy_of_the_environment_is_refused_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    line = refused("https://api.invalid", DIRECT)
    assert line.startswith("ALL_PROXY names a SOCKS proxy, which is not supported; unset it, or give an HTTP proxy")


@pytest.mark.parametrize("address", ["proxy:port", "ftp://proxy:3128", "http://"])
def test_what_is_the_address_of_no_proxy_is_refused_with_the_variable(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    assert refused("https://api.invalid", DIRECT).startswith("HTTPS_PROXY must look like http://proxy.example.com:3128")


@pytest.mark.parametrize(("file", "problem"), [("no.pem", "does not exist"), (__file__, "has no certificate in PEM")])
def test_a_file_of_authorities_that_the_environment_names_is_checked(
    file: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", file)
    assert refused("https://api.invalid", DIRECT).startswith(f"SSL_CERT_FILE {file} {problem}")


def test_loopback_and_excepted_hosts_are_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    monkeypatch.setenv("NO_PROXY", "near.invalid")
    assert proxy_of("https://far.invalid", DIRECT) == ("HTTPS_PROXY", "http://proxy.invalid:3128")
    assert proxy_of("https://near.invalid", DIRECT) is None
    assert proxy_of("https://127.0.0.1:8443", DIRECT) is None


@pytest.mark.parametrize(
    ("proxy", "bundle", "headers", "named"),
    [
        ("socks5://a:1", None, [], "--proxy socks5://a:1: SOCKS proxies are not supported"),
        ("proxy:3128", None, [], "--proxy proxy:3128 must look like http://proxy.example.com:3128"),
        ("http://u:p@a", None, [], "--proxy must not contain a user name or password"),
        ("http://a:port", None, [], "--proxy is invalid"),
        (None, Path("no.pem"), [], "--ca-bundle no.pem does not exist"),
        (None, TLS / "README.md", [], "has no certificate in PEM format"),
        (None, None, [KEY], "--header must look like 'X-Gateway-Key: value'"),
        (None, None, [f"a b: {KEY}"], "--header must look like 'X-Gateway-Key: value'"),
        (None, None, ["X-A: "], "--header X-A has no value"),
        (None, None, ["X-A: ***"], "--header X-A has no value; reports show *** in its place"),
        (None, None, [f"X-A: {KEY}é"], "--header X-A has a character that a header cannot carry"),
        (None, None, [f"Authorization: {KEY}"], "--header Authorization is not possible: the token is given with"),
    ],
)
def test_what_means_nothing_is_refused_without_repeating_a_value(
    proxy: str | None, bundle: Path | None, headers: list[str], named: str
) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        connection_of(proxy, bundle, headers)
    assert named in str(refusal.value)
    assert KEY not in str(refusal.value)
