"""Tokens for client credentials: fetched once, renewed before they expire and when they are refused, never shown."""

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ampeco_conformance.core.errors import TargetError, TargetGone
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.http.access_tokens import RenewedTokens
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.target.configuration import ClientCredentials
from tests.support.gates import OpenGate
from tests.support.loopback import Received, Sent, sent_json, serving

PATH = "/public-api/oauth/token"
CREDENTIALS = ClientCredentials("a-client", "the-secret-of-the-client")
FETCH = """
import sys
from ampeco_conformance.http.access_tokens import RenewedTokens
from ampeco_conformance.target.configuration import ClientCredentials
print(RenewedTokens(sys.argv[1], sys.argv[2], ClientCredentials(*sys.argv[3:]), 5).current())
"""


@dataclass
class Issuer:
    """A target that gives numbered tokens, and accepts those that are neither `revoked` nor too old."""

    lifetime: float | None = 3600
    given: list[str] = field(default_factory=list)
    given_at: float = 0.0
    revoked: set[str] = field(default_factory=set)
    requests: list[Received] = field(default_factory=list)
    answer_to_fetch: Sent | None = None

    def answer(self, request: Received) -> Sent:
        if request.path == PATH:
            return self.answer_to_fetch or self._token(json.loads(request.body))
        self.requests.append(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        is_old = self.lifetime is not None and time.monotonic() > self.given_at + self.lifetime
        is_accepted = token in self.given and token not in self.revoked and not is_old
        return sent_json({"data": [], "echo": token}, 200 if is_accepted else 401)

    def _token(self, body: dict[str, str]) -> Sent:
        assert body == {
            "grant_type": "client_credentials",
            "client_id": CREDENTIALS.id,
            "client_secret": CREDENTIALS.secret,
        }
        self.given_at = time.monotonic()
        self.given.append(f"token-{len(self.given)}-of-the-client")
        return sent_json({"access_token": self.given[-1], "token_type": "Bearer", "expires_in": self.lifetime})


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@contextmanager
def issuing(issuer: Issuer) -> Iterator[tuple[ApiClient, RenewedTokens]]:
    with serving(issuer.answer) as base_url:
        tokens = RenewedTokens(base_url, PATH, CREDENTIALS, 5)
        with ApiClient(base_url, tokens, timeout=5, gate=OpenGate()) as client:
            yield client, tokens


def status(client: ApiClient, method: str = "GET") -> int | None:
    response = client.send(method, "/things", json={} if method == "POST" else None).response
    return None if response is None else response.status_code


def status_until_the_end(client: ApiClient) -> None:
    while status(client) is not None:
        pass


def test_all_processes_share_one_token_that_only_this_user_can_read(tmp_path: Path) -> None:
    issuer = Issuer()
    with issuing(issuer) as (client, _):
        assert status(client) == 200
        address = [client.base_url, PATH, CREDENTIALS.id, CREDENTIALS.secret]
        others = [subprocess.run([sys.executable, "-c", FETCH, *address], capture_output=True, text=True, check=True)]
    assert [other.stdout.strip() for other in others] == issuer.given
    assert len(issuer.given) == 1
    (file,) = tmp_path.glob("ampeco-conformance-*/tokens-*.json")
    assert file.stat().st_mode & 0o077 == 0


def test_a_token_is_renewed_before_it_expires() -> None:
    issuer = Issuer(lifetime=1)
    with issuing(issuer) as (client, _):
        while len(issuer.given) < 2:
            assert status(client, "POST") == 200
    assert {request.headers["Authorization"] for request in issuer.requests} == {f"Bearer {x}" for x in issuer.given}


def test_a_token_that_another_process_has_renewed_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer()
    with issuing(issuer) as (client, tokens):
        other = RenewedTokens(client.base_url, PATH, CREDENTIALS, 5)
        assert tokens.current() == other.current()
        monkeypatch.setattr("ampeco_conformance.http.access_tokens._YOUNG", 0.0)
        assert other.after(issuer.given[0]) == "token-1-of-the-client"
        assert tokens.after(issuer.given[0]) == "token-1-of-the-client"
    assert len(issuer.given) == 2


def test_a_refused_read_is_repeated_with_a_new_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ampeco_conformance.http.access_tokens._YOUNG", 0.0)
    issuer = Issuer()
    with issuing(issuer) as (client, _):
        assert status(client) == 200
        issuer.revoked |= {*issuer.given}
        assert status(client) == 200
    assert len(issuer.given) == 2


def test_a_write_whose_refusal_nothing_explains_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ampeco_conformance.http.access_tokens._YOUNG", 0.0)
    issuer = Issuer()
    with issuing(issuer) as (client, _):
        assert status(client, "POST") == 200
        issuer.revoked |= {*issuer.given}
        observed: list[Exchange] = []
        client.observe(observed.append)
        exchange = client.send("POST", "/things", json={})
        assert exchange.is_lost
        # Who counts what got lost is shown it once, and no refusal.
        assert [seen.is_lost for seen in observed] == [True]
        assert "a write is not repeated" in (exchange.error or "")
        assert status(client, "POST") == 200
    assert [request.method for request in issuer.requests] == ["POST"] * 3


def test_a_refusal_of_a_new_token_is_an_answer() -> None:
    issuer = Issuer()
    with issuing(issuer) as (client, tokens):
        issuer.revoked.add(tokens.current())
        assert status(client) == 401
    assert len(issuer.given) == 1


def test_every_token_ever_held_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ampeco_conformance.http.access_tokens._YOUNG", 0.0)
    redactor = Redactor([CREDENTIALS.secret], disguised=True)
    issuer = Issuer()
    with issuing(issuer) as (client, tokens):
        status(client)
        tokens.tell(redactor.learn)
        issuer.revoked |= {*issuer.given}
        exchange = client.send("GET", "/things")
    assert not any(token in str(exchange.request) for token in issuer.given)
    disguised = [base64.b64encode(token.encode()).decode() for token in issuer.given]
    shown = redactor.text(" ".join([*issuer.given, *disguised, CREDENTIALS.secret]))
    assert not any(secret in shown for secret in [*issuer.given, *disguised, CREDENTIALS.secret])
    late = Redactor([])
    RenewedTokens(client.base_url, PATH, CREDENTIALS, 5).tell(late.learn)
    assert late.text(issuer.given[0]) == "***"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (sent_json({"message": "Feature is not enabled"}, 404), "OAuth is not enabled; use `token_env`"),
        (sent_json({"error": "invalid_client"}, 401), r"\(401 invalid_client\); are the variables of `oauth` right"),
        (sent_json({"error": "Secret the-secret!"}, 400), r"\(400\); are the variables"),
        (sent_json({"token": "x"}), "without an access_token"),
        (Sent(200, b"<html>"), "without an access_token"),
        (Sent(200, b"[" * 100_000), "without an access_token"),
        (Sent(200, b"{}", {"Content-Encoding": "gzip"}), "cannot be reached for a token"),
        (Sent(200, pieces=[b" " * 2**20] * 20), "the response body is larger than 16 MB"),
        (Sent(302, headers={"Location": "http://127.0.0.1:1/"}), r"\(302\); it redirects: is `base_url` right"),
        (Sent(502, b"<html>"), r"\(502\); try again later"),
        (sent_json({"access_token": "a", "token_type": "DPoP"}), "no bearer token; use `token_env`"),
        (sent_json({"access_token": "a", "token_type": None}), "no bearer token"),
        (Sent(is_lost=True), "cannot be reached for a token"),
    ],
)
def test_what_gives_no_token_is_one_line(answer: Sent, message: str) -> None:
    with pytest.raises(TargetError, match=message) as raised, issuing(Issuer(answer_to_fetch=answer)) as (client, _):
        client.send("GET", "/things")
    assert "the-secret" not in str(raised.value)


@pytest.mark.parametrize("lifetime", ["true", "1e400", "NaN", "-1", "0", '"soon"', "9" * 400, "null", "[]"])
def test_a_life_that_is_none_has_no_end(lifetime: str) -> None:
    body = f'{{"access_token": "token-for-ever", "expires_in": {lifetime}}}'
    issuer = Issuer(answer_to_fetch=Sent(200, body.encode()))
    with issuing(issuer) as (_, tokens):
        assert tokens.current() == "token-for-ever"
        assert not tokens.has_expired("token-for-ever")


@pytest.mark.parametrize("lifetime", [40, 40.0, "40", " 40.0 "])
def test_a_life_is_read_from_numbers_and_texts(lifetime: object, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer(answer_to_fetch=sent_json({"access_token": "a", "token_type": "bearer", "expires_in": lifetime}))
    with issuing(issuer) as (_, tokens):
        assert tokens.current() == "a"
        now = time.time()
        for later, has_expired in ((20, False), (50, True)):
            monkeypatch.setattr("ampeco_conformance.http.access_tokens.time.time", lambda at=now + later: at)
            assert tokens.has_expired("a") is has_expired


@pytest.mark.parametrize("lost", [sent_json({}, 503), Sent(502, b"<html>"), sent_json({}, 429), Sent(is_lost=True)])
def test_a_token_is_asked_for_again_when_the_target_stumbles(lost: Sent) -> None:
    issuer = Issuer()
    stumbles = [lost]
    with serving(lambda asked: stumbles.pop() if stumbles else issuer.answer(asked)) as base_url:
        assert RenewedTokens(base_url, PATH, CREDENTIALS, 5).current() == "token-0-of-the-client"


def test_the_same_token_given_again_has_its_new_life(monkeypatch: pytest.MonkeyPatch) -> None:
    fetches: list[str] = []

    def answer(request: Received) -> Sent:
        fetches.append(request.path)
        return sent_json({"access_token": "the-same", "expires_in": 100})

    with serving(answer) as base_url:
        tokens = RenewedTokens(base_url, PATH, CREDENTIALS, 5)
        tokens.current()
        now = time.time()
        monkeypatch.setattr("ampeco_conformance.http.access_tokens.time.time", lambda: now + 90)
        assert [tokens.current() for _ in range(3)] == ["the-same"] * 3
        monkeypatch.setattr("ampeco_conformance.http.access_tokens.time.time", lambda: now + 120)
        assert not tokens.has_expired("the-same")
    assert len(fetches) == 2


def test_a_short_life_that_is_over_explains_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = Issuer(lifetime=2)
    with issuing(issuer) as (_, tokens):
        refused = tokens.current()
        now = time.time()
        monkeypatch.setattr("ampeco_conformance.http.access_tokens.time.time", lambda: now + 3)
        assert tokens.after(refused) == "token-1-of-the-client"


def test_a_token_that_comes_too_slowly_is_given_up() -> None:
    def drip() -> Iterator[bytes]:
        for _ in range(30):
            yield b" "
            time.sleep(0.1)

    with serving(lambda _: Sent(200, pieces=drip())) as base_url:
        tokens = RenewedTokens(base_url, PATH, CREDENTIALS, 0.3)
        with pytest.raises(TargetError, match="cannot be reached for a token"):
            tokens.current()


def test_a_target_that_gives_no_more_tokens_ends_the_run() -> None:
    issuer = Issuer(lifetime=0.1)
    with issuing(issuer) as (client, _):
        assert status(client) == 200
        issuer.answer_to_fetch = sent_json({}, 503)
        with pytest.raises(TargetGone, match="gives no token"):
            status_until_the_end(client)


def test_a_file_that_another_program_wrote_is_replaced(tmp_path: Path) -> None:
    issuer = Issuer()
    with issuing(issuer) as (client, tokens):
        tokens.current()
        (file,) = tmp_path.glob("ampeco-conformance-*/tokens-*.json")
        file.write_bytes(b'[["half a to')
        assert RenewedTokens(client.base_url, PATH, CREDENTIALS, 5).current() == "token-1-of-the-client"
