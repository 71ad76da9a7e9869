"""On a tenant, the limited token of its settings must not see what belongs to another partner; nothing is written."""

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.target.configuration import LimitedAccess, Safety
from tests.support.aspect_bench import aspect_bench
from tests.support.emulator import RunningEmulator

OWNED = "test_permissions::test_partner_sees_only_its_own", "GET /public-api/resources/user-groups/v1.0"
ITSELF = "test_permissions::test_partner_sees_only_itself", "GET /public-api/resources/partners/v2.0"
PARTNER = 2


def checks(
    served: RunningEmulator,
    contract: ApiContract,
    item: tuple[str, str],
    defect: str | None = None,
    token: str = "limited",
) -> list[str]:
    """The checks that find something with the limited token, on a tenant that is only read."""
    served.control("POST", "/tokens", {"token": "limited", "partnerId": PARTNER})
    served.control("PUT", "/defects", {"defect": defect})
    address, limited = str(served.client.base_url), LimitedAccess(token, PARTNER)
    try:
        with aspect_bench(address, contract, Safety.READ_ONLY, is_emulator=False, limited=limited) as bench:
            return bench.checks(*item)
    finally:
        served.control("PUT", "/defects", {"defect": None})


@pytest.mark.parametrize(
    ("item", "defect"),
    [
        (OWNED, "ignore-scope"),
        (OWNED, "scope-ignored-in-listings"),
        (OWNED, "scope-ignored-by-id"),
        (ITSELF, "ignore-scope"),
    ],
)
def test_a_limited_token_that_sees_more_is_found(
    served: RunningEmulator, contract: ApiContract, item: tuple[str, str], defect: str
) -> None:
    assert checks(served, contract, item, defect) == ["permission_required"]


@pytest.mark.parametrize("item", [OWNED, ITSELF])
def test_a_limited_token_is_not_accused_of_its_own(
    served: RunningEmulator, contract: ApiContract, item: tuple[str, str]
) -> None:
    assert checks(served, contract, item) == []


def test_a_limited_token_that_has_expired_shows_nothing(served: RunningEmulator, contract: ApiContract) -> None:
    with pytest.raises(NotTestable, match="the limited token is not accepted"):
        checks(served, contract, OWNED, token="expired")
