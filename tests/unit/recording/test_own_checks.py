"""Checks that users declare, in a conftest or in a package with an entry point."""

import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from ampeco_conformance.core.checks import Severity
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.recording import own_checks

MODULE = """
from ampeco_conformance.core.checks import Severity
from ampeco_conformance.recording.own_checks import own_check


@own_check("request-id", claim="Every response names its request.", source="ours", severity=Severity.MINOR)
def request_id(exchange):
    if not exchange.response.headers:
        yield "the response has no X-Request-Id"
"""


@pytest.fixture(autouse=True)
def none_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_checks, "_OWN", {})


def exchange(*headers: tuple[str, str]) -> Exchange:
    return Exchange(Request("GET", "http://t.test/a"), Response(200, "OK", headers, b"{}"), 0.0, 0.1)


def test_a_package_declares_checks_by_an_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "our_checks.py").write_text(MODULE)
    metadata = tmp_path / "ours-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[ampeco_conformance.checks]\nours = our_checks\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    own_checks.load_entry_points()
    (violation,) = own_checks.own_violations(exchange())
    assert (violation.check.id, violation.check.severity) == ("request-id", Severity.MINOR)
    assert violation.message == "the response has no X-Request-Id"
    assert [*own_checks.own_violations(exchange(("x-request-id", "7")))] == []


def test_an_exchange_without_a_response_is_not_judged() -> None:
    own_checks.own_check("never-called", claim="", source="")(lambda _: ["called"])
    assert [*own_checks.own_violations(Exchange(Request("GET", "http://t.test/a"), None, 0.0, 0.1, "lost"))] == []


def test_an_id_that_could_be_one_of_the_suite_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="needs a hyphen"):
        own_checks.own_check("response_time", claim="", source="")


@pytest.mark.parametrize(
    ("said", "messages"), [(None, []), ("one sentence", ["one sentence"]), (("a", "b"), ["a", "b"])]
)
def test_a_check_may_return_nothing_or_one_sentence(said: object, messages: list[str]) -> None:
    own_checks.own_check("own-check", claim="", source="")(lambda _: said)  # type: ignore[arg-type, return-value]
    assert [violation.message for violation in own_checks.own_violations(exchange())] == messages


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (lambda _: [5], "your check 'own-check' says 5; a violation is a sentence"),
        (lambda _: [None], "your check 'own-check' says None; a violation is a sentence"),
        (lambda _: dict[str, list[str]]()["oops"], "your check 'own-check' fails: KeyError: 'oops'"),
    ],
)
def test_a_check_that_cannot_tell_is_named(said: own_checks.JudgeResponse, problem: str) -> None:
    own_checks.own_check("own-check", claim="", source="")(said)
    with pytest.raises(own_checks.OwnCheckError, match=re.escape(problem)):
        list(own_checks.own_violations(exchange()))


def test_an_entry_point_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = EntryPoint("ours", "no_such_package.checks", own_checks.GROUP)
    monkeypatch.setattr(own_checks, "entry_points", lambda **_: [missing])
    with pytest.raises(ConfigurationError, match=r"entry point no_such_package\.checks cannot be loaded"):
        own_checks.load_entry_points()
