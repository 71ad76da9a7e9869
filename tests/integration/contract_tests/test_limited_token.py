"""On a tenant, the limited token of its settings must neither see nor touch what belongs to another partner.

It writes to nothing but what the run has created for another partner.
"""

import json

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
    safety: Safety = Safety.READ_ONLY,
    role: str = "full",
) -> list[str]:
    """The checks that find something with the limited token on a tenant."""
    served.control("POST", "/tokens", {"token": "limited", "partnerId": PARTNER, "role": role})
    served.control("PUT", "/defects", {"defect": defect})
    address, limited = str(served.client.base_url), LimitedAccess(token, PARTNER)
    try:
        with aspect_bench(address, contract, safety, is_emulator=False, limited=limited) as bench:
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


@pytest.mark.parametrize("item", [OWNED, ITSELF])
def test_a_limited_token_that_is_refused_every_listing_is_not_accused(
    served: RunningEmulator, contract: ApiContract, item: tuple[str, str]
) -> None:
    assert checks(served, contract, item, role="no-access") == []


def test_a_limited_token_that_has_expired_shows_nothing(served: RunningEmulator, contract: ApiContract) -> None:
    with pytest.raises(NotTestable, match="the limited token is not accepted"):
        checks(served, contract, OWNED, token="expired")


@pytest.mark.parametrize(
    ("item", "defect"),
    [
        (OWNED, "others-user-groups-changed"),
        (OWNED, "others-user-groups-removed"),
        (OWNED, "others-user-groups-created"),
        (ITSELF, "scope-ignored-in-removals"),
    ],
)
def test_a_limited_token_that_touches_what_the_run_made_for_another_partner_is_found(
    served: RunningEmulator, contract: ApiContract, item: tuple[str, str], defect: str
) -> None:
    served.control("PUT", "/defects", {"defect": None})
    before = records(served)
    assert checks(served, contract, item, defect, safety=Safety.OWN_DATA) == ["permission_required"]
    assert before.items() <= records(served).items()


def test_a_limited_token_that_touches_nothing_of_others_is_not_accused(
    served: RunningEmulator, contract: ApiContract
) -> None:
    assert checks(served, contract, OWNED, safety=Safety.OWN_DATA) == []


def records(served: RunningEmulator) -> dict[str, str]:
    """What the tenant has, by resource and id."""
    names = ("partners", "user-groups", "charge-points")
    families = served.control("GET", "/state")["families"]
    return {f"{name}/{item['id']}": json.dumps(item["fields"]) for name in names for item in families[name]["records"]}
