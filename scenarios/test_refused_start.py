"""A start that is not allowed is refused with a reason and has no effect.

Business rule: a refused start makes no session and costs nothing; a running session is untouched by it.
Documented: the start actions answer 202 with success=false, a message and an errorCode; 422 for an impossible body
(paymentMethodId without userId, unknown booking); `out of order` allows no session; `disabled` users may not use the
system; a tariff may be `charging not allowed`; an EVSE in use has no room for a second session.
"""

from datetime import timedelta

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.charging import AT_AN_EVSE, EVERY_WAY, Charging
from scenarios.vocabulary.evses import START_EVSE, Evse, EvseFinder
from scenarios.vocabulary.people import USER, Driver, Drivers
from scenarios.vocabulary.refusal import check_is_refusal, check_start_refused, standing_of
from scenarios.vocabulary.settings import Settings
from scenarios.vocabulary.tariffs import Tariffs
from scenarios.vocabulary.waiting import looks

pytestmark = CRITICAL

CHANGE_STATUS = "/actions/users/v1.0/{user}/change-status"
AUTHORIZATIONS = "/resources/authorizations/v2.0"
UNKNOWN_ID = 999_999_999
BY_EITHER_ID = pytest.mark.parametrize("way", AT_AN_EVSE.values(), ids=AT_AN_EVSE)
BY_EVERY_WAY = pytest.mark.parametrize("way", EVERY_WAY.values(), ids=EVERY_WAY)


@BY_EITHER_ID
def test_a_disabled_user_is_refused(
    api: ScenarioApi, charging: Charging, evse: Evse, drivers: Drivers, way: str
) -> None:
    """A disabled user cannot start; when enabled again, the user can."""
    driver = drivers.new_with_balance()
    with step("The driver is disabled"):
        api.post(CHANGE_STATUS, {"status": "disabled", "reason": "conformance scenario"}, user=driver.id)
        for look in looks(api.clock):
            with look:
                read = api.get(USER, user=driver.id)
                read.require_equal(read.get("status"), "disabled", "status-changed", "the status of the driver")
    with step("The driver tries to start and is refused"):
        answer = check_start_refused(charging, evse, driver, way)
    with step("No authorization was accepted"):
        recent = (api.clock.moment() - timedelta(days=1)).isoformat()
        listed = api.listing(AUTHORIZATIONS, filter={"createdAfter": recent, "status": "accepted"})
        accepted = [entry["id"] for entry in listed if entry.get("userId") == driver.id]
        answer.require_equal(accepted, [], "refusal-authorizes-nothing", "the accepted authorizations of the driver")
    with step("The driver is enabled again"):
        api.post(CHANGE_STATUS, {"status": "enabled", "reason": "conformance scenario"}, user=driver.id)
    session = charging.start(evse, driver, way)
    charging.stop(session, force=True)


@BY_EITHER_ID
def test_an_evse_in_use_is_refused(charging: Charging, evse: Evse, drivers: Drivers, way: str) -> None:
    """A second driver cannot start at an EVSE in use, and the first session continues."""
    session = charging.start(evse, drivers.with_balance())
    charging.wait_until_active(session)
    with step("Another driver tries to start there and is refused"):
        check_start_refused(charging, evse, drivers.with_balance(), way)
    with step("The first session continues"):
        running = charging.read(session)
        running.require_equal(running["status"], "active", "session-survives-refusal", "the status of the session")
    charging.stop(session)
    charging.wait_until_finished(session)


@BY_EITHER_ID
def test_a_second_session_of_a_single_session_user_is_refused(
    charging: Charging, evse_finder: EvseFinder, drivers: Drivers, way: str
) -> None:
    """A user limited to one session cannot start a second one elsewhere."""
    driver = drivers.new_with_balance(options={"sessionsAllowed": "single_session"})
    session = charging.start(evse_finder.free_evse(), driver)
    charging.wait_until_active(session)
    elsewhere = evse_finder.free_evse()
    with step("The same driver tries to start elsewhere and is refused"):
        check_start_refused(charging, elsewhere, driver, way)
    charging.stop(session)
    charging.wait_until_finished(session)


def test_without_money_nobody_charges_for_free(
    charging: Charging, evse_finder: EvseFinder, tariffs: Tariffs, drivers: Drivers
) -> None:
    """A driver without balance or payment method is refused, or the session stays unpaid."""
    driver = drivers.new()
    evse = evse_finder.free_evse(lambda evse: tariffs.has_price(evse, driver))
    with step("The driver tries to start"):
        answer = charging.try_to_start(evse, driver)
    if not answer["success"]:
        with step("The driver is refused: the balance is too low"):
            check_is_refusal(answer)
        return
    session = charging.accepted(answer, evse)
    with step("The session fails, or stays unpaid"):
        charging.clock.let_pass(charging.clock.a_while)
        charging.stop(session, force=True)
        over = charging.wait_until_over(session)
        costs = float((over.get("totalAmount") or {}).get("withTax") or 0)
        over.require(
            over.get("paymentStatus") != "paid" or not costs, "unpaid-without-money", f"{costs} were paid by nobody"
        )


def test_a_payment_method_of_nobody_pays_nothing(charging: Charging, evse: Evse, driver: Driver) -> None:
    """An unknown payment method is a validation error, or the start is refused."""
    before = standing_of(charging, driver)
    with step("The driver names a payment method that does not exist"):
        answer = charging.try_to_start(evse, driver, expected=(202, 422), paymentMethodId=str(UNKNOWN_ID))
    if answer.status == 202 and answer["success"]:
        charging.stop(charging.accepted(answer, evse), force=True)
        pytest.skip("the target charges with another method when it does not know the one named")
    if answer.status == 202:
        check_is_refusal(answer)
    with step("Nothing has changed"):
        answer.require_equal(standing_of(charging, driver), before, "refusal-changes-nothing", "sessions and balance")


@BY_EITHER_ID
def test_an_evse_out_of_order_is_refused(
    charging: Charging, evse: Evse, driver: Driver, operator_settings: Settings, way: str
) -> None:
    """No session can start at an EVSE that is out of order."""
    with step("The EVSE is put out of order"):
        operator_settings.change(evse, status="out of order")
    with step("The driver tries to start and is refused"):
        check_start_refused(charging, evse, driver, way)


@BY_EITHER_ID
def test_a_forbidding_tariff_is_refused(
    charging: Charging, evse: Evse, driver: Driver, tariffs: Tariffs, operator_settings: Settings, way: str
) -> None:
    """No session can start under a tariff that says `charging not allowed`."""
    group = tariffs.new_group("charging not allowed")
    with step("The EVSE gets the tariff"):
        operator_settings.change(evse, tariffGroupId=group)
    with step("The driver tries to start and is refused"):
        check_start_refused(charging, evse, driver, way)


@BY_EVERY_WAY
def test_a_private_charge_point_is_refused_to_strangers(
    charging: Charging, evse_finder: EvseFinder, driver: Driver, way: str
) -> None:
    """A driver without a share cannot start at a private charge point."""
    if not driver.is_ours:
        pytest.skip("a configured user may have access to private charge points; run without `test_equipment: user`")
    evse = evse_finder.private_evse()
    with step("A driver without access starts and is refused"):
        check_start_refused(charging, evse, driver, way)


def test_an_offline_charge_point_does_not_charge(charging: Charging, evse_finder: EvseFinder, driver: Driver) -> None:
    """A charge point that is offline starts no session."""
    evse = evse_finder.offline_evse()
    with step("The driver tries to start and is refused"):
        check_start_refused(charging, evse, driver)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"paymentMethodId": "1"}, id="payment method without user"),
        pytest.param({"bookingId": UNKNOWN_ID}, id="unknown booking"),
    ],
)
def test_an_impossible_request_is_invalid(
    charging: Charging, evse: Evse, driver: Driver, body: dict[str, object]
) -> None:
    """A contradictory start is a validation error that names the field."""
    user = {} if "paymentMethodId" in body else {"userId": driver.id}
    answer = charging.api.post(START_EVSE, user | body, expected=(422,), evse=evse.id)
    answer.require(bool(answer.body.get("errors")), "invalid-names-field", "the answer names no field")


def test_an_unknown_evse_is_not_found(charging: Charging, driver: Driver) -> None:
    """A start at an unknown EVSE is answered with 404."""
    charging.api.post(START_EVSE, {"userId": driver.id}, expected=(404,), evse=UNKNOWN_ID)
