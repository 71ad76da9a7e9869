"""A target that the proxy reaches as its options say: with a header, through another proxy, by a private authority."""

import ssl
from pathlib import Path

import httpx
import pytest

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.proxy.upstream import Upstream
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.connection import connection_of
from tests.support.live_proxy import live_proxy
from tests.support.loopback import Received, Sent, sent_json, serving

SPIRII = load_specification("v1", "spirii")
KEY = "gateway-canary-7f3a"
TLS = Path(__file__).parents[2] / "data/tls"


def test_a_header_is_added_to_each_request_and_recorded_nowhere(tmp_path: Path) -> None:
    received: list[Received] = []

    def answer(request: Received) -> Sent:
        received.append(request)
        return sent_json({"echo": request.headers["X-Gateway-Key"]})

    connection = connection_of(None, None, [f"X-Gateway-Key: {KEY}"])
    with serving(answer) as address, live_proxy(address, SPIRII, tmp_path, "t", connection) as proxy:
        for headers in ({}, {"x-gateway-key": "of the client"}):
            httpx.get(f"{proxy.address}/v1/charge-records", headers=headers, trust_env=False)
    assert [request.headers.get_all("X-Gateway-Key") for request in received] == [[KEY], [KEY]]
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {file.name for file in written} >= {"traffic.har", "index.html"}
    assert not [file for file in written if KEY in file.read_text()]
    assert not proxy.failures


@pytest.mark.parametrize("is_up", [True, False])
def test_requests_go_through_the_proxy_that_is_named(tmp_path: Path, is_up: bool) -> None:
    """The other proxy refuses every tunnel, and the client is told which one did so."""
    with serving(lambda _: sent_json({}, 405)) as address:
        pass
    with serving(lambda _: sent_json({}, 405)) as running:
        other = running if is_up else address
        connection = connection_of(other, None, [])
        with live_proxy("https://tenant.invalid", SPIRII, tmp_path, "t", connection) as proxy:
            answer = httpx.get(f"{proxy.address}/v1/charge-records", trust_env=False)
    assert answer.status_code == 502
    problem = " answered 501 to CONNECT" if is_up else " does not connect: "
    assert f"the proxy {other} (--proxy){problem}" in answer.json()["message"]


def test_a_private_authority_is_trusted_when_it_is_named(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "server.pem", TLS / "server.key")
    with serving(lambda _: sent_json({"ok": True}), context) as address:
        answers = []
        for bundle in (None, TLS / "server.pem"):
            with live_proxy(address, SPIRII, tmp_path, "t", connection_of(None, bundle, [])) as proxy:
                answers.append(httpx.get(f"{proxy.address}/v1/charge-records", trust_env=False))
    refused, trusted = answers
    assert refused.status_code == 502
    assert "its TLS certificate is not trusted; name its authority with --ca-bundle FILE" in refused.json()["message"]
    assert trusted.json() == {"ok": True}


def test_a_socks_proxy_of_the_environment_is_refused_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    with pytest.raises(ConfigurationError, match="ALL_PROXY names a SOCKS proxy, which is not supported; unset it"):
        Upstream("https://tenant.invalid", timeout=5)
