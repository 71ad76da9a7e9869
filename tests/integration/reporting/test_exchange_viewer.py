"""Exchanges for Allure's viewer, and as curl commands."""

import json
import shlex
import shutil
import subprocess

import pytest

from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.reporting.writers.exchange_viewer import as_curl, as_viewer_json, title_of
from tests.support.loopback import Received, Sent, serving

TOKEN = "tok-0123456789"
REDACT = Redactor([TOKEN])
JSON = (("Content-Type", "application/json"),)


def test_a_long_body_is_cut_and_says_so() -> None:
    body = json.dumps({"name": "x" * 100_000}).encode()
    exchange = Exchange(Request("GET", "https://x.test"), Response(200, "OK", JSON, body), 0.0, 0.0)
    shown = json.loads(as_viewer_json(exchange, REDACT))["response"]["body"]
    assert len(shown["value"]) < 20_000
    assert shown["size"] == len(body)
    assert shown["truncated"]


def test_a_request_without_an_answer() -> None:
    exchange = Exchange(Request("GET", "https://x.test/users"), None, 0.0, 30.0, "no answer within 30 s")
    content = json.loads(as_viewer_json(exchange, REDACT))
    assert content["error"]["message"] == "no answer within 30 s"
    assert "response" not in content
    assert title_of(exchange, REDACT) == "GET /users: no answer within 30 s"


VARIABLES = {"API_TOKEN": "from-the-shell", "LIMITED_TOKEN": "of-a-partner", "PATH": "/usr/bin:/bin"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")
@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        (f"Bearer {TOKEN}", "Bearer of-a-partner"),
        ("Bearer ***", "Bearer from-the-shell"),
        ("Basic bm8=", "Basic bm8="),
    ],
)
def test_curl_repeats_the_request(authorization: str, expected: str) -> None:
    """The shell runs the line against a server that records requests."""
    received: list[tuple[str, str, str | None, bytes]] = []

    def answer(sent: Received) -> Sent:
        received.append((sent.method, sent.path, sent.headers["Authorization"], sent.body))
        return Sent(204)

    body = b"""{"name": "it's $HOME `x` \\u00e9"}"""
    with serving(answer) as base_url:
        url = f"{base_url}/users/1?filter%5Bname%5D=a%20b&page=1"
        request = Request("PATCH", url, (("Authorization", authorization), *JSON), body)
        curl = as_curl(Exchange(request, None, 0.0, 0.0, "reset"), REDACT)
        subprocess.run(["sh", "-c", curl], check=True, env=VARIABLES)
    assert received == [("PATCH", "/users/1?filter%5Bname%5D=a%20b&page=1", expected, body)]
    assert TOKEN not in curl
    assert shlex.split(curl)[0] == "curl"
