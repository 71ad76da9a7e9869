"""A selection of `tools/hostile_targets.py`: bad targets get the right exit code and decision, and come to no harm."""

from collections.abc import Iterator

import pytest

from tests.support.runs import TOKEN
from tests.support.shared_tenant import SharedTenant, shared_tenant
from tools.hostile_targets import TARGETS, examine

ROWS = {row.name: row for row in TARGETS}


@pytest.fixture(scope="module")
def tenant() -> Iterator[SharedTenant]:
    with shared_tenant(TOKEN) as tenant:
        yield tenant


@pytest.mark.parametrize("name", ["1 lost connection", "token dies in the middle", "gzip bomb"])
def test_a_target_is_judged_as_it_should_be(name: str, tenant: SharedTenant) -> None:
    result = examine(ROWS[name], tenant)
    assert ROWS[name].faults(result) == [], result.said
