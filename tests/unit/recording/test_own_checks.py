"""Checks that users declare, in a conftest or in a package with an entry point."""

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
