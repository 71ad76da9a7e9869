"""Plans: sessions at a home charger become the amount due, which is billed or cleared; where an allowance counts."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.emulator import PREFIX, RunningEmulator

CHARGE_POINT, EVSE, ELSEWHERE = 1, 1, 3
HOUR, MONTH = 3600, 31 * 86400
PLAN = {
    "name": [{"locale": "en", "translation": "Home"}],
    "description": [{"locale": "en", "translation": "Home"}],
    "renewalCycle": "monthly",
    "type": "post-paid",
    "status": "enabled",
    "postPaidChargingSessionsAccumulation": "personal",
}


@dataclass(frozen=True)
class Home:
    """A user with a post-paid plan and a charger at home, and a charger elsewhere that everybody can use."""

    emulator: RunningEmulator
    user: int

    def charge(self, evse: int = EVSE, **start: Any) -> Any:
        """A session of an hour, once it is settled."""
        answer = self.start(evse, **start)
        assert answer["success"], answer
        session = answer["sessionId"]
        self.emulator.advance(HOUR)
        place = self.emulator.data(f"/resources/sessions/v1.0/{session}")["chargePointId"]
        self.emulator.post(f"/actions/charge-point/v1.0/{place}/stop/{session}", {})
        self.emulator.advance(60)
        return self.session(session)

    def start(self, evse: int, **start: Any) -> Any:
        return self.emulator.post(f"/actions/evse/v1.0/{evse}/start", {"userId": self.user, **start}).json()

    def session(self, number: int) -> Any:
        return self.emulator.data(f"/resources/sessions/v1.0/{number}")

    def shown(self) -> Any:
        """The user, with the amount due."""
        return self.emulator.data(f"/resources/users/v1.0/{self.user}", withAmountDue="true")

    def transactions(self) -> list[Any]:
        """What was paid, or is due, through the subscription."""
        known = self.emulator.data("/resources/transactions/v1.0", **{"filter[userId]": self.user, "per_page": 100})
        return [item for item in known if item["paymentMethodId"] == "subscription"]


def at_home(emulator: RunningEmulator, *, balance: float = 100, renews: bool = False, **plan: Any) -> Home:
    user = emulator.new_user(balance)
    made = emulator.post("/resources/subscription-plans/v2.0", PLAN | plan).json()["data"]["id"]
    activation = {"planId": made, "reason": "test", "autoRenewal": renews}
    assert emulator.post(f"/actions/users/v1.0/{user}/activate-subscription", activation).status_code == 202
    tariff = {"name": "Priced", "type": "duration+energy", "pricing": {"pricePerKwh": 0.5}}
    priced = emulator.post("/resources/tariffs/v1.0", tariff).json()["data"]["id"]
    for evse in (EVSE, ELSEWHERE):
        group = emulator.post("/resources/tariff-groups/v1.0", {"name": "Priced", "tariffIds": [priced]}).json()
        change = {"tariffGroupId": group["data"]["id"]}
        assert emulator.client.patch(f"{PREFIX}/resources/evses/v2.1/{evse}", json=change).is_success
    personal = {"type": "personal", "pin": "1234"}
    path = f"{PREFIX}/resources/charge-points/v2.0/{CHARGE_POINT}"
    assert emulator.client.patch(path, json=personal).is_success
    owned = emulator.post(f"/actions/charge-point/v1.0/{CHARGE_POINT}/change-owner", {"userId": user})
    assert owned.is_success, owned.text
    return Home(emulator, user)


def evse_place(emulator: RunningEmulator, evse: int) -> int:
    return int(emulator.data(f"/resources/evses/v2.1/{evse}")["chargePointId"])


def price(session: Any) -> float:
    return float(session["totalAmount"]["withTax"])


def test_a_session_at_home_becomes_the_amount_due_and_is_billed_at_the_end_of_the_cycle(
    emulator: RunningEmulator,
) -> None:
    home = at_home(emulator, baseFee=7, renews=True)
    session = home.charge()
    assert (session["paymentType"], session["paymentMethodId"]) == ("subscription", "subscription")
    assert (session["paymentStatus"], session["billingStatus"]) == ("pending", "completed")
    assert home.shown()["amountDue"] == price(session) > 0
    assert home.shown()["balance"] == 100
    assert "amountDue" not in emulator.data(f"/resources/users/v1.0/{home.user}")
    emulator.advance(MONTH)
    assert home.shown()["amountDue"] == 0
    assert home.shown()["balance"] == pytest.approx(100 - 7 - price(session))
    assert home.session(session["id"])["paymentStatus"] == "paid"
    paid = {(item["purchaseResourceType"], item["status"], item["totalAmount"]) for item in home.transactions()}
    assert paid == {("session", "finalized", price(session)), ("subscription_plan", "finalized", 7)}


def test_what_the_balance_does_not_cover_remains_due(emulator: RunningEmulator) -> None:
    home = at_home(emulator, balance=0, renews=True)
    session = home.charge()
    emulator.advance(MONTH)
    assert home.shown()["amountDue"] == price(session)
    assert home.session(session["id"])["paymentStatus"] == "pending"


def test_the_threshold_bills_at_once(emulator: RunningEmulator) -> None:
    home = at_home(emulator, billingUsageThreshold=1)
    session = home.charge()
    assert price(session) >= 1
    assert home.shown()["amountDue"] == 0
    assert home.session(session["id"])["paymentStatus"] == "paid"


def test_the_amount_due_can_be_cleared(emulator: RunningEmulator) -> None:
    home = at_home(emulator, renews=True)
    home.charge()
    action = f"/actions/users/v1.0/{home.user}/clear-subscription-amount-due"
    assert emulator.post(action).status_code == 202
    assert home.shown()["amountDue"] == 0
    assert [item["totalAmount"] for item in home.transactions()] == [0]
    emulator.advance(MONTH)
    assert home.shown()["balance"] == 100


@pytest.mark.parametrize(
    ("accumulation", "expected"), [("none", False), ("personal", False), ("personal_commercial", True)]
)
def test_only_some_plans_pay_elsewhere_when_they_are_named(
    emulator: RunningEmulator, accumulation: str, expected: bool
) -> None:
    home = at_home(emulator, postPaidChargingSessionsAccumulation=accumulation)
    assert home.charge(ELSEWHERE)["paymentMethodId"] == "balance"
    answer = home.start(ELSEWHERE, paymentMethodId="subscription")
    assert answer["success"] is expected
    assert expected or answer["errorCode"] == "CANNOT_USE_PAYMENT_METHOD"


def test_without_accumulation_the_balance_pays_at_home(emulator: RunningEmulator) -> None:
    home = at_home(emulator, postPaidChargingSessionsAccumulation="none")
    assert home.charge()["paymentType"] == "balance"


def test_a_subscription_that_ends_during_a_session_does_not_pay_for_it(emulator: RunningEmulator) -> None:
    home = at_home(emulator)
    started = home.start(EVSE)
    emulator.advance(HOUR)
    emulator.post(f"/actions/users/v1.0/{home.user}/cancel-subscription", {"reason": "test"})
    emulator.post(f"/actions/charge-point/v1.0/{CHARGE_POINT}/stop/{started['sessionId']}", {})
    emulator.advance(60)
    session = home.session(started["sessionId"])
    assert (session["paymentType"], session["paymentStatus"]) == ("balance", "paid")
    assert home.shown()["balance"] == pytest.approx(100 - price(session))


@pytest.mark.parametrize(
    ("restrictions", "evse", "counts"),
    [
        ({"homeChargersOnly": True}, EVSE, True),
        ({"homeChargersOnly": True}, ELSEWHERE, False),
        # All other restrictions are void then.
        ({"homeChargersOnly": True, "includedCountries": ["JP"]}, EVSE, True),
        ({"includedPartnerChargePoints": [], "includedCountries": []}, ELSEWHERE, True),
        ({"includedPartnerChargePoints": [1], "includedCountries": ["DK"]}, ELSEWHERE, True),
        ({"includedPartnerChargePoints": [2]}, ELSEWHERE, False),
        ({"excludedPartnerChargePoints": [1]}, ELSEWHERE, False),
        ({"includedCountries": ["JP"]}, ELSEWHERE, False),
        ({"excludedCountries": ["DK"]}, ELSEWHERE, False),
    ],
)
def test_an_allowance_counts_where_its_plan_says_so(
    emulator: RunningEmulator, restrictions: dict[str, Any], evse: int, counts: bool
) -> None:
    home = at_home(emulator, allowance={"type": "combined", "combined": 5, **restrictions})
    place = emulator.data(f"/resources/charge-points/v2.0/{evse_place(emulator, ELSEWHERE)}")
    for path, change in (
        (f"charge-points/v2.0/{place['id']}", {"partner": {"id": 1}}),
        (f"locations/v2.0/{place['locationId']}", {"country": "DK"}),
    ):
        assert emulator.client.patch(f"{PREFIX}/resources/{path}", json=change).is_success
    started = home.start(evse)
    emulator.advance(HOUR)
    assert (home.session(started["sessionId"])["nonBillableEnergy"] > 0) is counts


def test_what_is_left_of_an_allowance_is_shown(emulator: RunningEmulator) -> None:
    home = at_home(emulator, type="pre-paid", baseFee=0, allowance={"type": "separate", "ac": 30, "dc": 5})
    number = emulator.data(f"/resources/users/v1.0/{home.user}")["subscriptionId"]
    subscription = f"/resources/subscriptions/v1.0/{number}"
    assert emulator.data(subscription)["remainingAllowance"] == {"ac": 30, "dc": 5}
    home.charge()
    assert emulator.data(subscription)["remainingAllowance"] == {"ac": 19, "dc": 5}


def test_free_periods_are_the_first_renewals_of_a_pre_paid_plan(emulator: RunningEmulator) -> None:
    home = at_home(emulator, balance=100, renews=True, type="pre-paid", baseFee=10, freeRenewalPeriods=2)
    number = emulator.data(f"/resources/users/v1.0/{home.user}")["subscriptionId"]
    seen = []
    for _ in range(4):
        left = emulator.data(f"/resources/subscriptions/v1.0/{number}")["remainingFreeRenewalPeriods"]
        seen.append((left, home.shown()["balance"]))
        emulator.advance(MONTH)
    assert seen == [(2, 90), (1, 90), (0, 90), (0, 80)]
