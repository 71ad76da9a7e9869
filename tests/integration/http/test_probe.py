"""What the first look at a target says, against real servers on loopback."""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ampeco_conformance.core.errors import ExitCode, TargetError
from ampeco_conformance.probe.probe import probe
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.configuration import Safety, Target
from tests.support.loopback import Received, Sent, serving

TOKEN = "b5a1c0de-secret"
SPECIFICATION = load_specification("3.90.0")

Answer = tuple[int, dict[str, str], str]
JSON = {"Content-Type": "application/json"}
EMPTY_LISTING: Answer = (200, {**JSON, "X-App-Version": "3.225.1 (0f3a)"}, '{"data": []}')
NOT_FOUND: Answer = (404, JSON, '{"message": "Not found."}')


def server(answer: Callable[[str, str | None], Answer]) -> AbstractContextManager[str]:
    """Serves `answer(path, authorization)`; gives the base URL."""

    def sent(received: Received) -> Sent:
        status, headers, body = answer(received.path, received.headers.get("Authorization"))
        return Sent(status, body.encode(), headers)

    return serving(sent)


def target(base_url: str, timeout: float = 10) -> Target:
    return Target("one", "ampeco", "3.90.0", base_url, TOKEN, Safety.READ_ONLY, timeout=timeout)


def refused(base_url: str, timeout: float = 10) -> str:
    """What the probe says of a target it refuses."""
    with pytest.raises(TargetError) as caught:
        probe(target(base_url, timeout), SPECIFICATION)
    message = str(caught.value)
    assert caught.value.exit_code == ExitCode.ENVIRONMENT
    assert "\n" not in message
    assert TOKEN not in message
    assert base_url in message
    return message


def api(path: str, authorization: str | None) -> Answer:
    """A tenant that knows the token."""
    if path.startswith("/public-api/"):
        return EMPTY_LISTING if authorization == f"Bearer {TOKEN}" else (401, JSON, '{"message": "Unauthenticated."}')
    return NOT_FOUND


def test_a_tenant_tells_its_application_version() -> None:
    with server(api) as base_url:
        found = probe(target(base_url), SPECIFICATION)
    assert (found.is_emulator, found.app_version) == (False, "3.225.1 (0f3a)")
    assert found.clock_ahead is not None
    assert abs(found.clock_ahead) < 30


def test_a_tenant_tells_its_time() -> None:
    def later(path: str, authorization: str | None) -> Answer:
        status, headers, body = api(path, authorization)
        return status, {**headers, "Date": format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)}, body

    with server(later) as base_url:
        found = probe(target(base_url), SPECIFICATION)
    assert found.clock_ahead == pytest.approx(7200, abs=30)


@pytest.mark.parametrize("prefix", ["", "/behind/proxy"])
def test_an_emulator_is_recognised_also_behind_a_proxy_and_without_the_token(prefix: str) -> None:
    asked: list[str | None] = []

    def emulator(path: str, authorization: str | None) -> Answer:
        if path == f"{prefix}/_emulator/":
            asked.append(authorization)
            return 200, JSON, json.dumps({"emulator": "ampeco-emulator"})
        return api(path.removeprefix(prefix), authorization)

    with server(emulator) as base_url:
        assert probe(target(base_url + prefix), SPECIFICATION).is_emulator
    assert asked == [None]


def test_a_tenant_that_greets_everything_with_json_is_no_emulator() -> None:
    with server(lambda _path, _authorization: EMPTY_LISTING) as base_url:
        assert not probe(target(base_url), SPECIFICATION).is_emulator


def test_a_listing_the_token_may_not_read_does_not_condemn_the_target() -> None:
    asked: list[str] = []

    def answer(path: str, _authorization: str | None) -> Answer:
        asked.append(path)
        return EMPTY_LISTING if len(asked) > 1 else (403, JSON, '{"message": "This action is unauthorized."}')

    with server(answer) as base_url:
        assert probe(target(base_url), SPECIFICATION)


def test_a_target_that_asks_to_slow_down_is_usable() -> None:
    with server(lambda _path, _authorization: (429, JSON, '{"message": "Too Many Attempts."}')) as base_url:
        assert probe(target(base_url), SPECIFICATION)


def test_broken_json_is_for_the_tests_to_find() -> None:
    with server(lambda _path, _authorization: (200, JSON, '{"data": [{"id"')) as base_url:
        assert not probe(target(base_url), SPECIFICATION).is_emulator


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((401, JSON, '{"message": "Unauthenticated."}'), "refuses the token (401)"),
        ((403, JSON, '{"message": "This action is unauthorized."}'), "the token is valid but may not read anything"),
        (NOT_FOUND, "serves no listing of the API"),
        ((503, JSON, "{}"), "503"),
        ((200, {"Content-Type": "text/html"}, "<html>Log in</html>"), "does not answer with JSON (200, text/html)"),
        ((200, JSON, "<html>"), "does not answer with JSON"),
        (
            (302, {"Location": "https://me:s3cret@login.example.com/s3cret?state=x"}, ""),
            "to https://login.example.com;",
        ),
        ((302, {"Location": "/s3cret"}, ""), "redirects to http://127.0.0.1:"),
        ((302, {"Location": "file:///s3cret"}, ""), "redirects to file://;"),
        ((307, {"Location": "http://["}, ""), "redirects to"),
        ((301, {}, ""), "redirects to http://127.0.0.1:"),
    ],
)
def test_a_target_that_is_not_the_api_or_refuses_the_token_costs_one_line(answer: Answer, message: str) -> None:
    with server(lambda _path, _authorization: answer) as base_url:
        line = refused(base_url)
    assert message in line
    assert "s3cret" not in line


def test_nothing_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert "nothing listens there" in refused(f"http://127.0.0.1:{taken.getsockname()[1]}")


def test_a_host_that_does_not_exist() -> None:
    assert "its host is unknown" in refused("http://no-such-host.invalid")


def test_tls_is_spoken_to_a_server_without_it() -> None:
    with server(api) as base_url:
        assert "it does not speak TLS" in refused(base_url.replace("http:", "https:"))


def test_a_silent_target_is_given_up_at_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "0.3 s" in refused(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.3)


def test_a_target_that_is_slow_every_time_is_given_up_at_the_timeout() -> None:
    released = threading.Event()

    def slow(_path: str, _authorization: str | None) -> Answer:
        released.wait(0.2)
        return NOT_FOUND

    with server(slow) as base_url:
        assert "did not answer within 0.3 s" in refused(base_url, timeout=0.3)


@pytest.mark.parametrize("broken", [(200, JSON, "<html>"), (500, JSON, '{"message": "Server Error"}')])
def test_broken_answers_are_for_the_tests_to_find_where_the_api_answers_at_all(broken: Answer) -> None:
    def answer(_path: str, authorization: str | None) -> Answer:
        return (401, JSON, '{"message": "Unauthenticated."}') if authorization is None else broken

    with server(answer) as base_url:
        assert not probe(target(base_url), SPECIFICATION).is_emulator
