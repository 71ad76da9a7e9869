"""A newer tenant may have ended page style, as it was announced: the items of that style say so once, nothing fails."""

import pytest

from ampeco_conformance.contract.responses import ApiContract
from tests.support.aspect_bench import aspect_bench, skipped
from tests.support.emulator import RunningEmulator

USERS = "GET /public-api/resources/users/v1.0"


def test_page_style_that_has_ended_is_reported_as_announced(served: RunningEmulator, contract: ApiContract) -> None:
    served.control("PUT", "/defects", {"defect": "page-style-gone"})
    address = str(served.client.base_url)
    try:
        with aspect_bench(address, contract, app_version="3.110.0") as bench:
            reason = skipped(lambda: bench.checks("test_pagination::test_page_style", USERS))
            others = [
                bench.checks(f"test_pagination::{test}", USERS) for test in ("test_cursor_style", "test_page_size")
            ]
    finally:
        served.control("PUT", "/defects", {"defect": None})
    assert "as announced for 2026-06-01" in reason
    assert others == [[], []]


@pytest.mark.parametrize("version", [None, "3.110.0"])
def test_page_style_that_is_there_is_tested(
    version: str | None, served: RunningEmulator, contract: ApiContract
) -> None:
    with aspect_bench(str(served.client.base_url), contract, app_version=version) as bench:
        assert bench.checks("test_pagination::test_page_style", USERS) == []
