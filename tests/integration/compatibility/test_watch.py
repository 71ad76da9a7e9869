"""The vendor is watched: only what concerns the caller is reported, once."""

import json
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.core.errors import ExitCode
from tests.support.loopback import Sent, serving


def _document(version: str, **operations: dict[str, Any]) -> dict[str, Any]:
    answer = {"200": {"description": "Fine."}}
    paths = {f"/{name}": {"get": {"responses": answer, **more}} for name, more in operations.items()}
    return {"openapi": "3.0.3", "info": {"title": "Small", "version": version}, "paths": paths}


FIRST = _document("1.0", users={}, taxes={})


class _Watcher:
    """One caller who watches in one folder, and calls GET /users."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys
        (folder / "used.txt").write_text("GET /users\n")

    def sees(self, document: Any, *options: str) -> tuple[int, str]:
        """The exit code and all that is said."""
        newest = self._folder / "newest.json"
        newest.write_text(document if isinstance(document, str) else json.dumps(document))
        return self.asks(str(newest), *options)

    def asks(self, source: str, *options: str) -> tuple[int, str]:
        """The same of another source."""
        files = ("--last", str(self.last), "--usage", str(self._folder / "used.txt"))
        code = main(["watch", source, *files, *options])
        said = self._capsys.readouterr()
        return code, said.out + said.err

    @property
    def last(self) -> Path:
        return self._folder / "kept" / "last.json"


@pytest.fixture
def watcher(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> _Watcher:
    return _Watcher(tmp_path, capsys)


def test_the_first_document_is_kept(watcher: _Watcher) -> None:
    code, said = watcher.sees(FIRST)
    assert code == ExitCode.CONFORM
    assert "is kept as" in said
    assert json.loads(watcher.last.read_text()) == FIRST


@pytest.mark.parametrize(
    "newer",
    [
        _document("1.1", users={}, taxes={}),
        _document("1.1", users={}, taxes={}, sessions={}),
        _document("1.1", users={}),  # what is gone is not called
        _document("1.1", users={}, taxes={"deprecated": True}),
    ],
)
def test_what_does_not_concern_the_caller_is_no_news(watcher: _Watcher, newer: dict[str, Any]) -> None:
    watcher.sees(FIRST)
    code, said = watcher.sees(newer)
    assert code == ExitCode.CONFORM
    assert said.startswith("1.0 -> 1.1: none of ")
    assert json.loads(watcher.last.read_text()) == newer


@pytest.mark.parametrize(
    ("newer", "named"),
    [
        (_document("1.1", taxes={}), "GET /users"),
        (_document("1.1", users={"deprecated": True}, taxes={}), "GET /users"),
    ],
)
def test_what_does_is_reported_once(watcher: _Watcher, tmp_path: Path, newer: dict[str, Any], named: str) -> None:
    watcher.sees(FIRST)
    news = tmp_path / "news.md"
    code, said = watcher.sees(newer, "-o", str(news))
    assert code == ExitCode.VIOLATION
    assert "1.0 -> 1.1: 1 of " in said
    assert named in news.read_text()
    assert "does not concern you" not in news.read_text()
    assert watcher.sees(newer)[0] == ExitCode.CONFORM


def test_an_address_is_asked_and_a_page_in_place_of_a_document_replaces_nothing(watcher: _Watcher) -> None:
    with serving(lambda _: Sent(200, json.dumps(FIRST).encode())) as url:
        assert watcher.asks(f"{url}/openapi.json")[0] == ExitCode.CONFORM
    code, said = watcher.sees("<html>Maintenance</html>")
    assert code == ExitCode.CONFIGURATION
    assert said.count("\n") == 1
    assert json.loads(watcher.last.read_text()) == FIRST
