"""Of the tariffs of a group, the last one that fits the driver applies, with the terms it had at the start.

Business rule: tariffs of a group are matched from the last to the first; one whose restrictions the driver does not fit
is passed over; a session keeps the terms of its start, whatever becomes of the tariff or the EVSE; the limits of its
tariff end it, with their reason.
Documented: tariff groups (matched from the end; the matching tariff with the largest index applies), restrictions (the
user fits at least one entry; the last day of endDate counts), tariff listing by group and user (the one that would
apply), tariff snapshots (frozen terms), stopSession (time_limit, energy_exceeded), preAuthorizeAmount.
"""

from datetime import timedelta
from typing import Any

import pytest
from allure import step

from scenarios.pricing.terms import Terms
from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.people import Driver, Drivers
from scenarios.vocabulary.plans import cancel, new_plan, subscribe, subscriptions_of
from scenarios.vocabulary.priced_charging import PricedCharging, zone_of
from scenarios.vocabulary.tariffs import TARIFFS

pytestmark = CRITICAL

FLAT = "flat rate"
SHORT = 10


def flat(price: int) -> dict[str, Any]:
    """The pricing of a flat rate."""
    return {"pricePerSession": price}


def check_applies(priced: PricedCharging, evse: Evse, driver: Driver, group: int, tariff: int) -> ScenarioResponse:
    """The tariff is the one that would apply, and a session pays it."""
    with step(f"Tariff {tariff} is the one that applies to the driver"):
        answer = priced.api.get(TARIFFS, query={"filter": {"tariffGroupId": group, "userId": driver.id}})
        found = [entry["id"] for entry in answer.items]
        answer.require_equal(found, [tariff], "tariff-resolved", "the tariffs that would apply")
    session = priced.charge(evse, driver, SHORT)
    with step(f"The session was charged under tariff {tariff}"):
        snapshot = priced.snapshot_of(session)
        snapshot.require_equal(snapshot["tariffId"], tariff, "tariff-applies", "tariffId of the session's snapshot")
    priced.check_bill(session, evse)
    return session


@pytest.mark.parametrize("is_newer", [True, False], ids=["newer", "older"])
def test_the_last_tariff_of_a_group_applies(priced: PricedCharging, evse: Evse, driver: Driver, is_newer: bool) -> None:
    """Of two tariffs that fit, the last one of the group applies, whichever was made later."""
    older, newer = (priced.tariffs.new(FLAT, pricing=flat(price)) for price in (3, 5))
    first, last = (older, newer) if is_newer else (newer, older)
    group = priced.put_under(evse, first, last)
    check_applies(priced, evse, driver, group, last)


def test_a_tariff_for_others_is_passed_over(priced: PricedCharging, evse: Evse, drivers: Drivers) -> None:
    """A tariff for a user group applies to its users; the next one before it to everybody else."""
    members = drivers.new_group()
    member, other = drivers.new_with_balance(userGroupIds=[members]), drivers.new_with_balance()
    everybody = priced.tariffs.new(FLAT, pricing=flat(5))
    restricted = priced.tariffs.new(FLAT, pricing=flat(3), restrictions={"applyToUserGroupIds": [members]})
    group = priced.put_under(evse, everybody, restricted)
    check_applies(priced, evse, member, group, restricted)
    priced.charging.wait_until_free(evse)
    check_applies(priced, evse, other, group, everybody)


def test_a_tariff_for_subscribers_is_for_them_while_they_have_the_plan(
    priced: PricedCharging, evse: Evse, drivers: Drivers, cleanup: Cleanup
) -> None:
    """One of several plans is enough to fit; who has cancelled it no longer does."""
    api, driver = priced.api, drivers.new_with_balance()
    other, plan = new_plan(api, cleanup, 0), new_plan(api, cleanup, 0)
    subscribe(api, driver, plan)
    everybody = priced.tariffs.new(FLAT, pricing=flat(5))
    plans = {"applyToUsersWithSubscriptions": [other["id"], plan["id"]]}
    restricted = priced.tariffs.new(FLAT, pricing=flat(3), restrictions=plans)
    group = priced.put_under(evse, everybody, restricted)
    check_applies(priced, evse, driver, group, restricted)
    cancel(api, driver)
    if any(entry["status"] == "active" for entry in subscriptions_of(api, plan, driver)):
        pytest.skip("the target lets a plan that is cancelled last until its end")
    priced.charging.wait_until_free(evse)
    check_applies(priced, evse, driver, group, everybody)


@pytest.mark.parametrize(
    ("days", "is_valid"),
    [
        pytest.param({"endDate": 0}, True, id="ends today"),
        pytest.param({"endDate": 1}, True, id="ends tomorrow"),
        pytest.param({"endDate": -2}, False, id="has ended"),
        pytest.param({"startDate": 2}, False, id="begins later"),
    ],
)
def test_a_tariff_applies_on_its_days(
    priced: PricedCharging, evse: Evse, driver: Driver, days: dict[str, int], is_valid: bool
) -> None:
    """A tariff applies from its first to its last day."""
    # The session begins a little later; whether days are those of UTC or of the location is not published.
    soon = priced.charging.clock.moment() + timedelta(hours=1)
    today = max(soon.date(), soon.astimezone(zone_of(priced.api, evse)).date())
    dates = {name: f"{today + timedelta(days=number):%Y-%m-%d}" for name, number in days.items()}
    always = priced.tariffs.new(FLAT, pricing=flat(5))
    dated = priced.tariffs.new(FLAT, pricing=flat(3), restrictions=dates)
    group = priced.put_under(evse, always, dated)
    check_applies(priced, evse, driver, group, dated if is_valid else always)


def test_a_session_keeps_the_terms_of_its_start(priced: PricedCharging, evse: Evse, driver: Driver) -> None:
    """A tariff that is changed while a car charges, and another one at the EVSE, are for later sessions."""
    tariff = priced.tariffs.new(FLAT, pricing=flat(3))
    priced.put_under(evse, tariff)
    session = priced.begin(evse, driver)
    before = priced.snapshot_of(priced.charging.read(session))
    priced.tariffs.replace(tariff, FLAT, pricing=flat(7))
    priced.put_under(evse, priced.tariffs.new(FLAT, pricing=flat(9)))
    priced.charge_for(SHORT)
    paid = priced.end(session)
    with step("The snapshot is as it was"):
        after = priced.snapshot_of(paid)
        after.require_equal(after["id"], before["id"], "snapshot-kept", "tariffSnapshotId")
        after.require_equal(after.get("pricing"), before.get("pricing"), "snapshot-kept", "the pricing of the snapshot")
    priced.check_bill(paid, evse, Terms(FLAT, flat(3)))


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        pytest.param({"timeLimitMinutes": 30}, "time_limit", id="time"),
        pytest.param({"stopWhenEnergyExceedsKwh": 5}, "energy_exceeded", id="energy"),
    ],
)
def test_a_limit_of_the_tariff_ends_the_session(
    priced: PricedCharging, evse: Evse, driver: Driver, limit: dict[str, float], reason: str
) -> None:
    """A session ends at the limit of its tariff, for that reason, and pays what it took until then."""
    clock = priced.charging.clock
    if clock.patience < 3600:
        pytest.skip("the limit is reached after half an hour, longer than a scenario waits on a tenant")
    priced.put_under(evse, priced.tariffs.new("duration+energy", pricing={"pricePerKwh": 0.5}, stopSession=limit))
    session = priced.begin(evse, driver)
    priced.charge_for(60)
    ended = priced.charging.wait_until_finished(session)
    with step("It ended at the limit"):
        ended.require_equal(ended.get("reason"), reason, "limit-has-reason", "the reason of the end")
        course = priced.course_of(ended, evse)
        reached = float(course.minutes if reason == "time_limit" else course.kwh)
        (most,) = limit.values()
        ended.require(
            0.98 * most <= reached <= 1.1 * most,
            "limit-ends-session",
            f"it ended after {course.minutes} minutes and {course.kwh} kWh, not at {limit}",
            expected=most,
            actual=reached,
        )
    priced.check_bill(priced.charging.wait_until_paid(session), evse)
