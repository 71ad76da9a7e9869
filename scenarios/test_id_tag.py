"""An id tag belongs to a driver, and every start leaves an authorization.

Business rule: a tag reads back, is found by its uid, changes status and can be removed; the session of a start with
an id tag names it; a tag that is suspended or nobody's starts nothing; an accepted start has an accepted authorization
with driver, charge point and session.
Documented: id tags 2.0; start bodies (`idTag`); authorizations 2.0/2.1 (status, method, source, sessionIds,
rejectionReason only when rejected).
"""

from datetime import timedelta
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.listings import check_listed
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.refusal import check_is_refusal
from scenarios.vocabulary.tags import TAG, TAGS, Tags
from scenarios.vocabulary.waiting import looks

#: How long ago what the scenario does may have been, at most.
A_DAY = timedelta(days=1)

pytestmark = CRITICAL

AUTHORIZATIONS = ("/resources/authorizations/v2.1", "/resources/authorizations/v2.0")
AUTHORIZATION = tuple(f"{path}/{{authorization}}" for path in AUTHORIZATIONS)


@pytest.fixture
def tag(tags: Tags, driver: Driver) -> ScenarioResponse:
    """A new RFID tag of the driver."""
    return tags.new(driver)


def test_a_tag_is_kept_found_suspended_and_removed(api: ScenarioApi, driver: Driver, tag: ScenarioResponse) -> None:
    """A tag reads back with its owner, is found by its uid, changes status and is gone when deleted."""
    with step("It reads back"):
        read = api.get(TAG, idTag=tag["id"])
        read.require_equal(read["idTagUid"], tag["idTagUid"], "tag-reads-back", "idTagUid")
        read.require_equal(read.get("userId"), driver.id, "tag-of-driver", "userId")
        read.require_equal(read["status"], "enabled", "tag-enabled", "status")
    with step("It is found among the driver's tags"):
        check_listed(api, TAGS, tag["id"], {"userId": driver.id})
    with step("It is suspended"):
        api.patch(TAG, {"status": "suspended"}, idTag=tag["id"])
        read = api.get(TAG, idTag=tag["id"])
        read.require_equal(read["status"], "suspended", "tag-suspended", "status")
        read.require_equal(read["idTagUid"], tag["idTagUid"], "partial-update", "idTagUid that was not sent")
    with step("It is deleted and gone"):
        api.delete(TAG, idTag=tag["id"])
        api.call("GET", TAG, expected=(404,), idTag=tag["id"])


def test_a_start_with_an_id_tag_is_told_in_the_session(
    charging: Charging, evse: Evse, driver: Driver, tag: ScenarioResponse
) -> None:
    """The session of a start with an id tag names that tag."""
    session = charging.start(evse, driver, idTag=tag["idTagUid"])
    active = charging.wait_until_active(session)
    active.require_equal(active.get("idTag"), tag["idTagUid"], "session-names-tag", "idTag")
    active.require_equal(active["userId"], driver.id, "session-of-driver", "userId")
    charging.stop(session)
    charging.wait_until_finished(session)


@pytest.mark.parametrize("change", [{"status": "suspended"}, {"userId": None}], ids=["suspended", "nobody's"])
def test_a_tag_that_does_not_authorize_is_refused(
    api: ScenarioApi, charging: Charging, evse: Evse, tag: ScenarioResponse, change: dict[str, Any]
) -> None:
    """A suspended tag, and one without a user, start nothing where an enabled one of a user does."""
    with step("The enabled tag starts a session"):
        answer = charging.try_to_start(evse, None, idTag=tag["idTagUid"])
        if not answer["success"]:
            pytest.skip(f"the target starts no session with a tag alone ({answer.get('errorCode')})")
        session = charging.accepted(answer, evse)
        charging.wait_until_active(session)
        charging.stop(session, force=True)
        charging.wait_until_over(session)
    charging.wait_until_free(evse)
    with step("The tag is changed, and refused"):
        changed = api.patch(TAG, change, expected=(200, 422), idTag=tag["id"])
        if changed.status == 422:
            pytest.skip("the target does not take the user from a tag")
        refused = charging.try_to_start(evse, None, idTag=tag["idTagUid"])
        if refused["success"] and refused.get("sessionId") is not None:
            over = charging.wait_until_over(charging.accepted(refused, evse), rule="start-refused")
            over.require(over["status"] in ("failed", "expired"), "start-refused", f"the session is {over['status']}")
        else:
            check_is_refusal(refused)


def test_an_accepted_start_has_an_accepted_authorization(
    api: ScenarioApi, charging: Charging, evse: Evse, driver: Driver
) -> None:
    """The authorization names the driver, the charge point and the session, and is listed as accepted."""
    with step("The driver starts charging"):
        started = charging.try_to_start(evse, driver)
        session = charging.accepted(started, evse)
    charging.wait_until_active(session)
    number = started.get("authorizationId")
    started.require(number is not None, "start-names-authorization", "an accepted start names no authorization")
    with step("The authorization names the driver"):
        authorization = api.get(api.newest("GET", *AUTHORIZATION), authorization=int(number))
        authorization.require_equal(authorization["status"], "accepted", "authorization-accepted", "status")
        authorization.require_equal(authorization.get("userId"), driver.id, "authorization-of-driver", "userId")
        authorization.require_equal(
            authorization["chargePointId"], evse.charge_point, "authorization-at-charge-point", "chargePointId"
        )
        authorization.require_equal(authorization["source"], "local", "authorization-source", "source")
        authorization.require(
            not authorization.get("rejectionReason"), "accepted-without-reason", "an accepted one has a rejectionReason"
        )
        sessions = [str(linked) for linked in authorization["sessionIds"]]
        authorization.require(session.id in sessions, "authorization-names-session", f"sessionIds is {sessions}")
    with step("The session names the authorization"):
        running = charging.read(session)
        running.require_equal(running["authorizationId"], int(number), "session-names-authorization", "authorizationId")
    with step("It is listed as accepted"):
        listing = api.newest("GET", *AUTHORIZATIONS)
        listed = api.get(listing, query={"filter": {"status": "accepted"}})
        wrong = [entry["id"] for entry in listed.items if entry["status"] != "accepted"]
        listed.require_equal(wrong, [], "filter-holds", "authorizations that are not accepted")
        recent = {"status": "accepted", "createdAfter": (api.clock.moment() - A_DAY).isoformat()}
        for look in looks(api.clock):
            with look:
                found = any(entry["id"] == int(number) for entry in api.listing(listing, filter=recent))
                listed.require(found, "authorization-listed", f"authorization {number} is not listed as accepted")
    charging.stop(session)
    charging.wait_until_finished(session)
