"""The owner of a personal charge point controls who else may use it.

Business rule: a share names its user, who can charge until it is removed, and is listed at its charge point; partners a
private charge point is shared with are exactly those that were set; owner and sharing code are the last that were set.
Documented: shares 2.0 (create, read, listing, delete) and shared partners (PUT replaces the whole list; the charge
point needs an owner and access type private).
"""

import secrets

import pytest
from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import CHARGE_POINT, CHARGE_POINT_EVSES, Evse, EvseFinder
from scenarios.vocabulary.people import Driver, Drivers
from scenarios.vocabulary.sites import new_charge_point, new_location
from scenarios.vocabulary.waiting import looks

pytestmark = NORMAL

SHARES = "/resources/charge-points/v2.0/{chargePoint}/shares"
SHARE = "/resources/charge-points/v2.0/{chargePoint}/shares/{share}"
SHARED_PARTNERS = "/resources/charge-points/v2.0/{chargePoint}/shared-partners"
CHANGE_OWNER = "/actions/charge-point/v1.0/{chargePoint}/change-owner"
CHANGE_SHARING_CODE = "/actions/charge-point/v2.0/{chargePoint}/change-sharing-code"
PARTNERS = "/resources/partners/v2.0"
PARTNER = "/resources/partners/v2.0/{partner}"


def test_a_share_lets_one_more_user_in_until_it_ends(api: ScenarioApi, cleanup: Cleanup, drivers: Drivers) -> None:
    """The owner shares a personal charge point with a user and revokes the share."""
    owner, guest = drivers.new(), drivers.new()
    location = new_location(api, cleanup)
    charge_point = new_charge_point(api, cleanup, location["id"], type="personal", pin="1234", user={"id": owner.id})
    ids = {"chargePoint": charge_point["id"]}
    with step("The owner shares it"):
        share = api.post(SHARES, {"userId": guest.id}, **ids)
        cleanup.later("DELETE", SHARE, share=share["id"], **ids)
        share.require_equal(share["userId"], guest.id, "share-of-guest", "userId of the share")
    with step("It is listed there"):
        for look in looks(api.clock):
            with look:
                listed = api.get(SHARES, **ids)
                users = [entry["userId"] for entry in listed.items if entry["id"] == share["id"]]
                listed.require_equal(users, [guest.id], "share-listed", "the users of the share in the listing")
    with step("The owner revokes the share"):
        api.delete(SHARE, share=share["id"], **ids)
        api.call("GET", SHARE, expected=(404,), share=share["id"], **ids)
        for look in looks(api.clock):
            with look:
                remaining = [entry["id"] for entry in api.get(SHARES, **ids).items]
                share.require(share["id"] not in remaining, "share-ended", "the removed share is still listed")


def test_a_guest_charges_while_the_share_lasts(
    api: ScenarioApi, cleanup: Cleanup, charging: Charging, evse_finder: EvseFinder, drivers: Drivers
) -> None:
    """At a personal charge point a guest is refused before and after the share, and let in between."""
    api.operation("POST", SHARES)
    owner, guest = drivers.new(), drivers.new()
    location = new_location(api, cleanup)
    charge_point = new_charge_point(api, cleanup, location["id"], type="personal", pin="1234", user={"id": owner.id})
    ids = {"chargePoint": charge_point["id"]}
    body = {"physicalReference": secrets.token_hex(4), "currentType": "ac", "networkId": "1", "status": "enabled"}
    evse = evse_finder.evse(api.post(CHARGE_POINT_EVSES, body, **ids)["id"])
    with step("Before the share the guest is refused"):
        check_kept_out(charging, evse, guest)
    with step("While it lasts the guest charges"):
        share = api.post(SHARES, {"userId": guest.id}, **ids)
        cleanup.later("DELETE", SHARE, share=share["id"], **ids)
        answer = charging.try_to_start(evse, guest, expected=(202, 406))
        if answer.status == 406:
            pytest.skip("no car can connect at a new charge point of the target")
        session = charging.accepted(answer, evse)
        charging.stop(session, force=True)
        charging.wait_until_over(session)
    with step("After it the guest is refused again"):
        api.delete(SHARE, share=share["id"], **ids)
        charging.wait_until_free(evse)
        check_kept_out(charging, evse, guest)


def check_kept_out(charging: Charging, evse: Evse, guest: Driver) -> None:
    """A start of the guest is refused."""
    answer = charging.try_to_start(evse, guest, expected=(202, 406))
    if answer.status == 202 and answer["success"]:
        charging.accepted(answer, evse)
        answer.violates("guest-kept-out", "a guest without a share charges at a personal charge point")


@pytest.fixture
def partners(api: ScenarioApi, cleanup: Cleanup) -> list[ScenarioResponse]:
    """Three new partners."""
    with step("Three partners are created"):
        made = []
        for _ in range(3):
            partner = api.post(PARTNERS, {"name": f"Conformance {secrets.token_hex(4)}"})
            cleanup.later("DELETE", PARTNER, partner=partner["id"])
            made.append(partner)
    return made


def test_shared_partners_are_exactly_those_set(
    api: ScenarioApi, cleanup: Cleanup, partners: list[ScenarioResponse]
) -> None:
    """Setting the partners of a private charge point replaces the earlier ones."""
    owner, first, second = (partner["id"] for partner in partners)
    location = new_location(api, cleanup)
    charge_point = new_charge_point(
        api,
        cleanup,
        location["id"],
        type="private",
        partner={"id": owner, "accessType": "private_view_private_use"},
    )
    ids = {"chargePoint": charge_point["id"]}
    for chosen in ([first], [second], []):
        with step(f"It is shared with {len(chosen)} partners"):
            api.put(SHARED_PARTNERS, {"partnerIds": chosen}, **ids)
            for look in looks(api.clock):
                with look:
                    listed = api.get(SHARED_PARTNERS, **ids)
                    partner_ids = [entry["id"] for entry in listed.items]
                    listed.require_equal(partner_ids, chosen, "shared-as-set", "the partners")


def test_a_personal_charge_point_changes_its_owner(api: ScenarioApi, cleanup: Cleanup, drivers: Drivers) -> None:
    """The owner of a personal charge point is the last one that was set, or nobody."""
    api.operation("POST", CHANGE_OWNER)
    first, second = drivers.new(), drivers.new()
    location = new_location(api, cleanup)
    charge_point = new_charge_point(api, cleanup, location["id"], type="personal", pin="1234", user={"id": first.id})
    ids = {"chargePoint": charge_point["id"]}
    for owner in (second.id, None):
        with step(f"The owner becomes {owner or 'nobody'}"):
            api.post(CHANGE_OWNER, {"userId": owner}, **ids)
            read = api.get(CHARGE_POINT, **ids)
            read.require_equal((read.get("user") or {}).get("id"), owner, "owner-changed", "the owner")


def test_a_sharing_code_is_set_and_removed(api: ScenarioApi, cleanup: Cleanup, drivers: Drivers) -> None:
    """A sharing code reads back; an empty one removes it."""
    api.operation("POST", CHANGE_SHARING_CODE)
    location, owner = new_location(api, cleanup), drivers.new()
    charge_point = new_charge_point(api, cleanup, location["id"], type="personal", pin="1234", user={"id": owner.id})
    ids = {"chargePoint": charge_point["id"]}
    for code in (secrets.token_hex(4), ""):
        with step("The code is changed" if code else "The code is removed"):
            answer = api.post(CHANGE_SHARING_CODE, {"sharingCode": code}, expected=(202, 406), **ids)
            if answer.status == 406:
                pytest.skip("the charge point has no hardware, and the target asks it")
            read = api.get(CHARGE_POINT, **ids)
            read.require_equal(read.get("sharingCode") or "", code, "sharing-code-reads-back", "sharingCode")
