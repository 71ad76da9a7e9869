"""What shows once only is no finding: an item that others remove, a role or a route that changes."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import load_specification
from tests.support.aspect_bench import AspectBench, aspect_bench
from tests.support.emulator import NOON, RunningEmulator, running
from tests.support.loopback import Sent
from tests.support.reverse_proxy import reverse_proxy

AUTHORIZATIONS = "/public-api/resources/authorizations/v2.0"
DEPRECATED = ("test_deprecation::test_deprecated", f"GET {AUTHORIZATIONS}/{{authorization}}")
Spoil = Callable[[str, str, Sent], None]


@pytest.fixture(scope="module")
def newest() -> Iterator[RunningEmulator]:
    with running("--clock", NOON, "--api-version", "3.110.0") as emulator:
        yield emulator


@pytest.fixture(scope="module")
def newest_contract() -> ApiContract:
    return ApiContract(load_specification("3.110.0"))


@pytest.fixture
def spoiled(
    newest: RunningEmulator, newest_contract: ApiContract
) -> Callable[[Spoil], AbstractContextManager[AspectBench]]:
    @contextmanager
    def behind(spoil: Spoil) -> Iterator[AspectBench]:
        with (
            reverse_proxy(str(newest.client.base_url), spoil) as base_url,
            aspect_bench(base_url, newest_contract) as bench,
        ):
            yield bench

    return behind


def removed_by_others(listed: list[str]) -> Spoil:
    """List an authorization once, under another id, and then no more; it cannot be read."""

    def apply(_method: str, path: str, sent: Sent) -> None:
        if path.startswith(f"{AUTHORIZATIONS}/gone"):
            sent.status, sent.content = 404, b'{"message": "No query results."}'
        elif path.partition("?")[0] == AUTHORIZATIONS and not listed:
            listed.append(path)
            body = json.loads(sent.content)
            body["data"][0]["id"] = "gone"
            sent.content = json.dumps(body).encode()

    return apply


def removed(_method: str, path: str, sent: Sent) -> None:
    if path.startswith(f"{AUTHORIZATIONS}/"):
        sent.status, sent.content = 410, b'{"message": "Gone."}'


def once(spoil: Spoil) -> Spoil:
    """Spoil the first answer that the spoiler changes, and no other."""
    done: list[int] = []

    def apply(method: str, path: str, sent: Sent) -> None:
        before = sent.status
        if not done:
            spoil(method, path, sent)
            done.extend([before] if sent.status != before else [])

    return apply


def accepted(method: str, _path: str, sent: Sent) -> None:
    """Accept what is refused to a read-only token, and methods that no path has."""
    if method != "GET" and sent.status in (403, 405):
        sent.status, sent.content = 204, b""


def test_an_item_that_others_removed_is_not_held_against_a_deprecated_operation(
    spoiled: Callable[[Spoil], AbstractContextManager[AspectBench]],
) -> None:
    listed: list[str] = []
    with spoiled(removed_by_others(listed)) as bench:
        assert bench.checks(*DEPRECATED) == []
    assert listed


def test_a_deprecated_operation_that_is_gone_is_found(
    spoiled: Callable[[Spoil], AbstractContextManager[AspectBench]],
) -> None:
    with spoiled(removed) as bench:
        assert bench.checks(*DEPRECATED) == ["deprecated_still_answers"]


@pytest.mark.parametrize(
    ("test", "label", "check"),
    [
        ("test_permissions::test_reader_may_not_write", "POST /public-api/resources/taxes/v2.0", "permission_required"),
        ("test_headers::test_allow", "GET /public-api/resources/currencies/v2.0", "error_status"),
    ],
)
def test_an_exception_is_found_when_it_comes_again(
    spoiled: Callable[[Spoil], AbstractContextManager[AspectBench]], test: str, label: str, check: str
) -> None:
    with spoiled(accepted) as bench:
        assert check in bench.checks(test, label)
    with spoiled(once(accepted)) as bench:
        assert bench.checks(test, label) == []
