"""Filters that compare with something else than the field of their name."""

from typing import Any

import pytest

from tests.support.emulator import RunningEmulator

TRANSACTIONS, VOUCHERS = "transactions/v1.0", "vouchers/v2.1"
DOWNTIMES = "charge-point-downtime-periods/v1.0"


def kept(emulator: RunningEmulator, listing: str, **filters: Any) -> list[int]:
    query = {f"filter[{name}]": value for name, value in filters.items()}
    return [int(item["id"]) for item in emulator.data(f"/resources/{listing}", **query)]


def test_a_group_keeps_its_users(emulator: RunningEmulator) -> None:
    group = emulator.post("/resources/user-groups/v1.0", {"name": "Neighbours"}).json()["data"]["id"]
    assert kept(emulator, "users/v1.0", userGroupId=group) == []
    user = emulator.new_user(userGroupIds=[group])
    assert kept(emulator, "users/v1.0", userGroupId=group) == [user]


@pytest.mark.parametrize(
    ("listing", "filters", "is_empty"),
    [
        (TRANSACTIONS, {"purchaseType][": "session"}, False),
        (TRANSACTIONS, {"purchaseType][": "custom_fee"}, True),
        (VOUCHERS, {"code": "WELCOME"}, False),
        (VOUCHERS, {"code": "ELCO"}, False),
        (VOUCHERS, {"code": "nothing"}, True),
        (VOUCHERS, {"createdAt": "2025-04-27"}, False),
        (VOUCHERS, {"createdAt": "2026-06-02"}, True),
        (DOWNTIMES, {"durationGreaterThan": 120}, False),
        (DOWNTIMES, {"durationGreaterThan": 121}, True),
        (DOWNTIMES, {"durationLessThan": 119}, True),
        ("configuration-templates/v1.0", {"ocppVersion": "ocpp1.6"}, False),
        ("authorizations/v2.0", {"method": "mobile_device"}, False),
        ("evses/v2.1", {"hasTariffGroup": "true"}, False),
        ("evses/v2.1", {"hasTariffGroup": "false"}, True),
        ("invoices/v1.0", {"issuedFrom": "2999-01-01T00:00:00Z"}, True),
        ("invoices/v1.0", {"issuedFrom": "1999-01-01T00:00:00Z"}, False),
        ("invoices/v1.0", {"issuedFrom": "a text that is no date"}, True),
        ("charge-points/v2.0", {"sharingCode": "sharingCode"}, True),
        ("partner-settlement-reports/v1.0", {"periodAfter": "2026-01-01"}, False),
        ("users/v1.0", {"externalAppData.a.b": "1"}, True),
        ("charge-points/v1.0", {"evseId": 1}, False),
        ("charge-points/v1.0", {"evseId": 99999}, True),
        ("user-groups/v1.0", {"noPartner": "false"}, False),
        ("tariffs/v1.0", {"tariffGroupId": 1}, False),
        ("sessions/v1.0", {"authorizationSource": "local"}, False),
        ("sessions/v1.0", {"authorizationSource": "roaming"}, True),
    ],
)
def test_a_filter_compares_as_documented(
    emulator: RunningEmulator, listing: str, filters: dict[str, Any], is_empty: bool
) -> None:
    assert (kept(emulator, listing, **filters) == []) is is_empty


def test_a_charge_point_is_found_by_its_tags_and_its_network_id(emulator: RunningEmulator) -> None:
    kind = {"name": "a", "type": "public", "status": "enabled", "locationId": 1, "communicationMode": "none"}
    body = {**kind, "networkId": "net-7", "tags": ["north", "fast"]}
    number = emulator.post("/resources/charge-points/v2.0", body).json()["data"]["id"]
    assert kept(emulator, "charge-points/v2.0", tag="fast") == [number]
    assert kept(emulator, "charge-points/v1.0", chargePointNetworkId="net-7") == [number]


def test_bounds_of_downtimes_are_included_in_them(emulator: RunningEmulator) -> None:
    (item, *_) = emulator.data(f"/resources/{DOWNTIMES}")
    assert item["id"] in kept(emulator, DOWNTIMES, startedAfter=item["startedAt"])
    assert item["id"] in kept(emulator, DOWNTIMES, stoppedBefore=item["endedAt"])


def test_a_result_follows_the_records_that_it_refers_to(emulator: RunningEmulator) -> None:
    session = emulator.data("/resources/sessions/v1.0")[0]
    assert kept(emulator, "sessions/v1.0", chargePointNetworkId="NEW-1") == []
    emulator.client.patch(
        f"/public-api/resources/charge-points/v2.0/{session['chargePointId']}", json={"network": {"id": "NEW-1"}}
    )
    assert int(session["id"]) in kept(emulator, "sessions/v1.0", chargePointNetworkId="NEW-1")
