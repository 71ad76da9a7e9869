"""A newer tenant may have ended page style, as it was announced: the items of that style say so once, nothing fails."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from ampeco_conformance.contract.responses import ApiContract
from tests.support.aspect_bench import aspect_bench, skipped
from tests.support.emulator import RunningEmulator
from tests.support.tampering import Tampering, tampering_proxy, with_status

USERS = "GET /public-api/resources/users/v1.0"


@contextmanager
def ignored(served: RunningEmulator) -> Iterator[str]:
    """The address of a target that ignores the number of the page."""
    served.control("PUT", "/defects", {"defect": "page-style-gone"})
    try:
        yield str(served.client.base_url)
    finally:
        served.control("PUT", "/defects", {"defect": None})


def refused(served: RunningEmulator) -> AbstractContextManager[str]:
    """The address of a target that refuses the number of a page."""
    refusal = with_status(422, {"message": "page is not supported", "errors": {"page": ["is not supported"]}})
    return tampering_proxy(str(served.client.base_url), Tampering("GET", r"[?&]page=", refusal))


@pytest.mark.parametrize("ended", [ignored, refused])
def test_page_style_that_has_ended_is_reported_as_announced(
    ended: Callable[[RunningEmulator], AbstractContextManager[str]], served: RunningEmulator, contract: ApiContract
) -> None:
    with ended(served) as address, aspect_bench(address, contract, app_version="3.110.0") as bench:
        reason = skipped(lambda: bench.checks("test_pagination::test_page_style", USERS))
        others = [bench.checks(f"test_pagination::{test}", USERS) for test in ("test_cursor_style", "test_page_size")]
    assert "as announced for 2026-06-01" in reason
    assert others == [[], []]


@pytest.mark.parametrize("version", [None, "3.110.0"])
def test_page_style_that_is_there_is_tested(
    version: str | None, served: RunningEmulator, contract: ApiContract
) -> None:
    with aspect_bench(str(served.client.base_url), contract, app_version=version) as bench:
        assert bench.checks("test_pagination::test_page_style", USERS) == []
