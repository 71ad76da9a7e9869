"""The life of a session: what happens to it, and what it is next."""

from typing import Any

import pytest

from tests.support.emulator import RunningEmulator

EVSE, CHARGE_POINT = 1, 1
START = f"/actions/evse/v1.0/{EVSE}/start"
ALL = {"withPriceBreakdown": "true", "withChargingPeriods": "true", "withAuthorization": "true"}


def session(emulator: RunningEmulator, number: int) -> Any:
    return emulator.data(f"/resources/sessions/v1.0/{number}", **ALL)


def hardware_status(emulator: RunningEmulator) -> Any:
    return emulator.data(f"/resources/evses/v2.1/{EVSE}")["hardwareStatus"]


def begin(emulator: RunningEmulator, **body: Any) -> int:
    answer = emulator.post(START, {"userId": emulator.new_user(), **body}).json()
    assert answer["success"], answer
    return int(answer["sessionId"])


def stop(emulator: RunningEmulator, number: int, **body: Any) -> int:
    return emulator.post(f"/actions/charge-point/v1.0/{CHARGE_POINT}/stop/{number}", body).status_code


def test_a_session_goes_through_its_states(emulator: RunningEmulator) -> None:
    number = begin(emulator)
    assert (session(emulator, number)["status"], hardware_status(emulator)) == ("pending", "preparing")
    emulator.advance(3)
    assert (session(emulator, number)["status"], hardware_status(emulator)) == ("active", "charging")
    emulator.advance(3600)
    assert session(emulator, number)["energy"] == 11_000
    assert stop(emulator, number) == 202
    over = session(emulator, number)
    assert (over["status"], over["reason"]) == ("finished", "remote")
    assert (over["billingStatus"], over["paymentStatus"]) == ("pending", "pending")
    assert hardware_status(emulator) == "finishing"
    emulator.advance(2)
    over = session(emulator, number)
    assert (over["billingStatus"], over["paymentStatus"]) == ("completed", "paid")
    emulator.advance(10)
    assert hardware_status(emulator) == "available"


def test_a_session_that_costs_nothing_has_nothing_to_pay(emulator: RunningEmulator) -> None:
    number = begin(emulator)
    emulator.advance(3)
    assert stop(emulator, number) == 202
    assert session(emulator, number)["paymentStatus"] is None
    emulator.advance(2)
    over = session(emulator, number)
    assert (over["billingStatus"], over["paymentStatus"], over["receiptId"]) == ("completed", None, None)


def test_a_full_battery_takes_no_more_energy(emulator: RunningEmulator) -> None:
    number = begin(emulator)
    emulator.advance(6 * 3600)
    full = session(emulator, number)
    assert (full["energy"], full["socPercent"], hardware_status(emulator)) == (45_000, 100.0, "suspendedEV")
    assert [period["chargingState"] for period in full["chargingPeriods"]] == ["charging", "idle"]


def test_the_bill_adds_up(emulator: RunningEmulator) -> None:
    number = begin(emulator)
    emulator.advance(3 + 3600)
    stop(emulator, number)
    emulator.advance(5)
    over = session(emulator, number)
    # 11 kWh at 0.35, tax of 25 % inside.
    assert over["totalAmount"] == {"withTax": 3.85, "withoutTax": 3.08}
    assert sum(line["price"]["withTax"] for line in over["priceBreakdown"]) == 3.85
    receipt = emulator.data(f"/resources/receipts/v2.0/{over['receiptId']}")
    assert (receipt["totalAmount"], receipt["totalKwh"], receipt["paymentStatus"]) == (3.85, 11.0, "paid")
    paid = emulator.data("/resources/transactions/v1.0", **{"filter[userId]": over["userId"]})
    assert [(entry["status"], entry["totalAmount"]) for entry in paid] == [("finalized", 3.85)]
    assert emulator.data(f"/resources/users/v1.0/{over['userId']}")["balance"] == 96.15


def test_optional_parts_are_returned_only_when_requested(emulator: RunningEmulator) -> None:
    number = begin(emulator)
    plain = emulator.data(f"/resources/sessions/v1.0/{number}")
    assert not {"authorization", "priceBreakdown", "chargingPeriods"} & plain.keys()
    assert {"authorization", "priceBreakdown", "chargingPeriods"} <= session(emulator, number).keys()


@pytest.mark.parametrize(
    ("charger", "force", "status"),
    [("accept", False, 202), ("reject", False, 406), ("offline", False, 406), ("reject", True, 202)],
)
def test_the_charger_accepts_or_rejects_a_stop(
    emulator: RunningEmulator, charger: str, force: bool, status: int
) -> None:
    number = begin(emulator)
    emulator.advance(10)
    emulator.control("PUT", f"/evses/{EVSE}", {"charger": charger})
    assert stop(emulator, number, force=force) == status
    assert session(emulator, number)["status"] == ("finished" if status == 202 else "active")


def test_a_faulty_charger_ends_the_session(emulator: RunningEmulator) -> None:
    emulator.control("PUT", f"/evses/{EVSE}", {"charger": "faulty"})
    number = begin(emulator)
    emulator.advance(120)
    assert session(emulator, number)["reason"] == "groundfault"
    assert hardware_status(emulator) == "faulted"


CODES = """BILLING_NOT_ASSOCIATED BILLING_NOT_PARTNER_ASSOCIATED INTERNAL_ISSUE SESSION_EXISTS AGILE_STREETS_CALCULATE
AGILE_STREETS_COMMUNICATION CHARGING_NOT_ALLOWED LOCATION_IS_CLOSED USER_VALIDATION_NOT_COMPLETE TERMS_NOT_ACCEPTED
USER_IS_DISABLED SUBSCRIPTION_REQUIRED SESSION_ALREADY_RUNNING PREVIOUS_SESSION_NOT_PAID ACCESS_RESTRICTED
PAYMENT_METHOD_REQUIRED CANNOT_BILL_PAYMENT_METHOD CORPORATE_ACCOUNT_LIMIT_REACHED CANNOT_USE_EXPIRED_PAYMENT_METHOD
CANNOT_USE_PAYMENT_METHOD PAYMENT_NO_FUNDS"""


def test_every_error_code_can_be_set(emulator: RunningEmulator) -> None:
    for code in CODES.split():
        emulator.control("PUT", f"/evses/{EVSE}", {"refuseWith": code})
        answer = emulator.post(START, {"userId": 1})
        assert answer.status_code == 202
        assert answer.json() | {"message": ""} == {
            "success": False,
            "sessionId": None,
            "authorizationId": None,
            "message": "",
            "errorCode": code,
        }


def refused(emulator: RunningEmulator, **body: Any) -> Any:
    answer = emulator.post(START, body)
    assert answer.status_code == 202
    return answer.json().get("errorCode")


def test_starts_are_refused_for_their_reasons(emulator: RunningEmulator) -> None:
    assert refused(emulator, userId=emulator.new_user(balance=0)) == "PAYMENT_NO_FUNDS"
    assert refused(emulator, userId=1, paymentMethodId="nobody-knows") == "CANNOT_USE_PAYMENT_METHOD"
    begin(emulator)
    assert refused(emulator, userId=emulator.new_user()) == "SESSION_EXISTS"
    disabled = emulator.new_user()
    emulator.post(f"/actions/users/v1.0/{disabled}/change-status", {"status": "disabled", "reason": "test"})
    assert refused(emulator, userId=disabled) == "USER_IS_DISABLED"


def test_a_reservation_keeps_its_evse(emulator: RunningEmulator) -> None:
    owner, other = emulator.new_user(), emulator.new_user()
    reserve = f"/actions/charge-point/v1.0/{CHARGE_POINT}/reserve/1"
    number = emulator.post(reserve, {"userId": owner}).json()["reservationId"]
    assert hardware_status(emulator) == "reserved"
    assert emulator.post(reserve, {"userId": other}).status_code == 406
    assert refused(emulator, userId=other) == "ACCESS_RESTRICTED"
    assert emulator.post(START, {"userId": owner}).json()["success"]
    assert emulator.data(f"/resources/reservations/v1.0/{number}")["status"] == "done"


@pytest.mark.parametrize(("wait", "status"), [(29 * 60, "active"), (31 * 60, "expired")])
def test_a_reservation_expires_by_the_clock(emulator: RunningEmulator, wait: int, status: str) -> None:
    reserve = f"/actions/charge-point/v1.0/{CHARGE_POINT}/reserve/1"
    number = emulator.post(reserve, {"userId": emulator.new_user()}).json()["reservationId"]
    emulator.advance(wait)
    assert emulator.data(f"/resources/reservations/v1.0/{number}")["status"] == status


def test_a_session_keeps_what_its_start_says(emulator: RunningEmulator) -> None:
    body = {"userId": 1, "paymentMethodId": "balance", "externalSessionId": "partner-7"}
    number = emulator.post("/actions/evse/v1.0/2/start", body).json()["sessionId"]
    emulator.advance(1800)
    session = emulator.data(f"/resources/sessions/v1.0/{number}")
    assert (session["externalSessionId"], session["paymentMethodId"]) == ("partner-7", "balance")
    assert (session["powerKw"], session["power"]["latest"], session["power"]["peak"]) == (11.0, 11_000, 11_000)
    found = emulator.data("/resources/sessions/v1.0", **{"filter[idTag]": session["idTag"]})
    assert [int(item["id"]) for item in found] == [number]
