"""State machines as tables: state, event, next state."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.emulator import PREFIX, RunningEmulator

MINUTE, HOUR, DAY = 60, 3600, 86400
CHARGE_POINT, EVSE, USER, OTHER = 1, 1, 2, 3
ACTIONS = f"/actions/charge-point/v1.0/{CHARGE_POINT}"
Event = Callable[[RunningEmulator, Any], Any]


@dataclass(frozen=True)
class StateMachine:
    """A state machine: how a record is created, the events that lead to each state, and how its state is read."""

    make: Callable[[RunningEmulator], Any]
    events: dict[str, Event]
    paths: dict[str, list[str]]
    read: Event


def put(emulator: RunningEmulator, method: str, path: str, body: Any = None) -> Any:
    answer = emulator.client.request(method, PREFIX + path, json=body)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json().get("data", answer.json()) if answer.content else {}


def wait(seconds: float) -> Event:
    return lambda emulator, _: emulator.advance(seconds)


def posting(path: str, body: Any = None) -> Event:
    """Send a request about the record; a refusal is an event, too."""
    return lambda emulator, thing: emulator.post(path.format(thing=thing), body if body is not None else {})


def charger(kind: str) -> Event:
    return lambda emulator, _: emulator.control("PUT", f"/evses/{EVSE}", {"charger": kind})


def status_of(path: str, field: str = "status") -> Event:
    return lambda emulator, thing: emulator.data(path.format(thing=thing))[field]


def start(emulator: RunningEmulator, **body: Any) -> int:
    answer = emulator.post(f"/actions/evse/v1.0/{EVSE}/start", {"userId": USER, **body}).json()
    assert answer["success"], answer
    return int(answer["sessionId"])


SESSION = StateMachine(
    start,
    {
        "3 s": wait(3),
        "10 s": wait(10),
        "6 h": wait(6 * HOUR),
        "stop": posting(f"{ACTIONS}/stop/{{thing}}"),
        "forced stop": posting(f"{ACTIONS}/stop/{{thing}}", {"force": True}),
        "charger gone": charger("offline"),
        "charger refuses": charger("reject"),
        "unlock": posting(f"{ACTIONS}/unlock/1"),
        "hard reset": posting(f"{ACTIONS}/reset/hard"),
    },
    {"pending": [], "active": ["3 s"], "finished": ["3 s", "stop"]},
    lambda emulator, thing: (
        emulator.data(f"/resources/sessions/v1.0/{thing}")["status"],
        emulator.data(f"/resources/evses/v2.1/{EVSE}")["hardwareStatus"],
    ),
)


def reserve(emulator: RunningEmulator) -> Any:
    return put(emulator, "POST", f"{ACTIONS}/reserve/1", {"userId": USER})["reservationId"]


RESERVATION = StateMachine(
    reserve,
    {
        "29 min": wait(29 * MINUTE),
        "31 min": wait(31 * MINUTE),
        "cancel": posting("/actions/reservation/v1.0/{thing}/cancel"),
        "start": lambda emulator, _: start(emulator),
        "start of another": posting(f"/actions/evse/v1.0/{EVSE}/start", {"userId": OTHER}),
    },
    {"active": [], "canceled": ["cancel"], "expired": ["31 min"], "done": ["start"]},
    status_of("/resources/reservations/v1.0/{thing}"),
)


def book(emulator: RunningEmulator) -> Any:
    location = emulator.data(f"/resources/charge-points/v2.0/{CHARGE_POINT}")["locationId"]
    times = {"startAt": "2026-06-01T14:00:00Z", "endAt": "2026-06-01T15:00:00Z"}
    body = {"type": "create", "userId": USER, "locationId": location, "evseId": EVSE, **times}
    request = put(emulator, "POST", "/resources/booking-requests/v1.0", body)
    assert request["status"] == "approved"
    return request["bookingId"]


def ask(kind: str, **fields: Any) -> Event:
    def send(emulator: RunningEmulator, thing: Any) -> Any:
        body = {"type": kind, "bookingId": thing, **fields}
        return put(emulator, "POST", "/resources/booking-requests/v1.0", body)

    return send


BOOKING = StateMachine(
    book,
    {
        "2 h": wait(2 * HOUR),
        "3 h": wait(3 * HOUR),
        "1 h": wait(HOUR),
        "charger gone": charger("offline"),
        "cancel": ask("cancel"),
        "later": ask("update", startAt="2026-06-01T18:00:00Z", endAt="2026-06-01T19:00:00Z"),
        "start": lambda emulator, thing: start(emulator, bookingId=thing),
    },
    {"accepted": [], "reserved": ["2 h"], "cancelled": ["cancel"], "completed": ["start"], "no-show": ["3 h"]},
    status_of("/resources/bookings/v1.0/{thing}"),
)


def pay_for_session(emulator: RunningEmulator) -> Any:
    number = start(emulator)
    emulator.advance(HOUR)
    emulator.post(f"{ACTIONS}/stop/{number}", {})
    emulator.advance(MINUTE)
    return emulator.data("/resources/transactions/v1.0", **{"filter[userId]": USER, "per_page": 100})[-1]["id"]


INVOICE_BODY = {"email": "a@example.com", "invoiceDetails": {"invoiceType": "individual", "individualName": "Ada"}}
INVOICE = StateMachine(
    pay_for_session,
    {
        "issue": posting("/actions/transactions/v1.0/{thing}/issue-invoice", INVOICE_BODY),
        "resend": posting("/actions/transactions/v1.0/{thing}/resend-invoice"),
    },
    {"not issued": [], "issued": ["issue"]},
    lambda emulator, thing: (
        "issued" if emulator.data(f"/resources/transactions/v1.0/{thing}")["invoiceId"] else "not issued"
    ),
)


def report_payment(emulator: RunningEmulator) -> Any:
    body = {"paymentMethod": {"methodType": "card", "cardNetwork": "visa"}, "totalAmount": 5, "status": "pending"}
    return put(emulator, "POST", "/resources/transactions/v1.0", body)["id"]


def update(status: str) -> Event:
    body = {"status": status, "totalAmount": 5}
    return lambda emulator, thing: emulator.client.patch(f"{PREFIX}/resources/transactions/v1.0/{thing}", json=body)


TRANSACTION = StateMachine(
    report_payment,
    {status: update(status) for status in ("authorized", "finalized", "failed", "reversed", "refunded")},
    {"pending": [], "authorized": ["authorized"], "finalized": ["finalized"], "failed": ["failed"]},
    status_of("/resources/transactions/v1.0/{thing}"),
)


def new_voucher(emulator: RunningEmulator) -> tuple[int, int]:
    """A voucher, and a user with a balance of 100."""
    voucher = put(emulator, "POST", "/resources/vouchers/v2.1", {"amount": 20, "validityPeriod": "3 months"})
    return voucher["id"], emulator.new_user(balance=100)


def redeem(emulator: RunningEmulator, thing: tuple[int, int]) -> int:
    code = emulator.data(f"/resources/vouchers/v2.1/{thing[0]}")["code"]
    return emulator.post(f"/actions/users/v2.0/{thing[1]}/redeem-voucher", {"code": code}).status_code


def change_voucher(**fields: Any) -> Event:
    def change(emulator: RunningEmulator, thing: tuple[int, int]) -> Any:
        return put(emulator, "PATCH", f"/resources/vouchers/v2.1/{thing[0]}", {"amount": 20, **fields})

    return change


def voucher_and_balance(emulator: RunningEmulator, thing: tuple[int, int]) -> Any:
    voucher = emulator.data(f"/resources/vouchers/v2.1/{thing[0]}")
    balance = emulator.data(f"/resources/users/v1.0/{thing[1]}")["balance"]
    return voucher["redeemedByUserId"] == thing[1], balance, voucher.get("expireDate")


VOUCHER = StateMachine(
    new_voucher,
    {
        "redeem": redeem,
        "disable": change_voucher(status="disabled"),
        "expire": change_voucher(expireDate="2026-05-31"),
    },
    {"new": [], "disabled": ["disable"], "over": ["expire"], "redeemed": ["redeem"]},
    voucher_and_balance,
)


def subscribe(emulator: RunningEmulator) -> Any:
    put(emulator, "POST", f"/actions/users/v1.0/{USER}/activate-subscription", {"planId": 1, "reason": "test"})
    return emulator.data(f"/resources/users/v1.0/{USER}")["subscriptionId"]


SUBSCRIPTION = StateMachine(
    subscribe,
    {
        "cancel": posting(f"/actions/users/v1.0/{USER}/cancel-subscription", {"reason": "test"}),
        "another": lambda emulator, _: subscribe(emulator),
        "29 days": wait(29 * DAY),
        "two years": wait(730 * DAY),
    },
    {"active": [], "canceled": ["cancel"], "expired": ["two years"]},
    status_of("/resources/subscriptions/v1.0/{thing}"),
)


def new_circuit(emulator: RunningEmulator) -> Any:
    body = {"name": "Roof", "maxCurrent": 63, "phases": "three_phase"}
    return put(emulator, "POST", "/resources/circuits/v2.0", body)["id"]


CIRCUIT_ACTIONS = "/actions/circuit/v2.0/{thing}"
CIRCUIT = StateMachine(
    new_circuit,
    {
        "attach": posting(f"{CIRCUIT_ACTIONS}/attach-charge-point", {"chargePointId": CHARGE_POINT, "priority": 2}),
        "prefer": posting(f"{CIRCUIT_ACTIONS}/set-charge-point-priority/{CHARGE_POINT}", {"priority": 5}),
        "detach": posting(f"{CIRCUIT_ACTIONS}/detach-charge-point/{CHARGE_POINT}"),
    },
    {"empty": [], "attached": ["attach"]},
    lambda emulator, thing: [
        (item["id"], item["priority"])
        for item in emulator.data(f"/resources/circuits/v2.0/{thing}/charge-point-priorities")
    ],
)


def new_downtime(emulator: RunningEmulator) -> Any:
    notice = put(emulator, "POST", "/resources/downtime-period-notices/v1.0", {"notice": "Works", "type": "exempt"})
    times = {"startedAt": "2026-06-01T13:00:00Z", "endedAt": "2026-06-01T14:00:00Z"}
    body = {"evseId": EVSE, "noticeId": notice["id"], **times}
    return put(emulator, "POST", "/resources/evse-downtime-periods/v1.0", body)["id"]


def downtime(emulator: RunningEmulator, thing: Any) -> Any:
    answer = emulator.get(f"/resources/evse-downtime-periods/v1.0/{thing}")
    period = answer.json().get("data", {})
    return (period.get("type"), period.get("entryMode"), period.get("endedAt"))


DOWNTIME = StateMachine(
    new_downtime,
    {
        "remove": lambda emulator, thing: emulator.client.delete(
            f"{PREFIX}/resources/evse-downtime-periods/v1.0/{thing}"
        ),
        "longer": lambda emulator, thing: put(
            emulator,
            "PATCH",
            f"/resources/evse-downtime-periods/v1.0/{thing}",
            {"endedAt": "2026-06-01T15:00:00Z"},
        ),
    },
    {"planned": []},
    downtime,
)

TABLE: list[tuple[StateMachine, str, str, Any]] = [
    (SESSION, "pending", "3 s", ("active", "charging")),
    (SESSION, "pending", "stop", ("finished", "finishing")),
    (SESSION, "pending", "charger gone, 3 s", ("expired", "finishing")),
    (SESSION, "pending", "charger refuses, 3 s", ("failed", "finishing")),
    (SESSION, "active", "6 h", ("active", "suspendedEV")),
    (SESSION, "active", "stop", ("finished", "finishing")),
    (SESSION, "active", "unlock", ("finished", "finishing")),
    (SESSION, "active", "hard reset", ("finished", "available")),
    (SESSION, "active", "charger refuses, stop", ("active", "charging")),
    (SESSION, "active", "charger refuses, forced stop", ("finished", "finishing")),
    (SESSION, "finished", "10 s", ("finished", "available")),
    (SESSION, "finished", "stop", ("finished", "finishing")),
    (RESERVATION, "active", "29 min", "active"),
    (RESERVATION, "active", "31 min", "expired"),
    (RESERVATION, "active", "cancel", "canceled"),
    (RESERVATION, "active", "start", "done"),
    (RESERVATION, "active", "start of another", "active"),
    (RESERVATION, "canceled", "31 min", "canceled"),
    (RESERVATION, "expired", "cancel", "expired"),
    (RESERVATION, "done", "31 min", "done"),
    (BOOKING, "accepted", "1 h", "accepted"),
    (BOOKING, "accepted", "2 h", "reserved"),
    (BOOKING, "accepted", "cancel", "cancelled"),
    (BOOKING, "accepted", "charger gone, 2 h", "failed"),
    (BOOKING, "accepted", "later, 2 h", "accepted"),
    (BOOKING, "reserved", "start", "completed"),
    (BOOKING, "reserved", "cancel", "cancelled"),
    (BOOKING, "reserved", "1 h", "no-show"),
    (BOOKING, "completed", "3 h", "completed"),
    (BOOKING, "cancelled", "3 h", "cancelled"),
    (BOOKING, "no-show", "cancel", "no-show"),
    (INVOICE, "not issued", "issue", "issued"),
    (INVOICE, "not issued", "resend", "not issued"),
    (INVOICE, "issued", "issue", "issued"),
    *((TRANSACTION, "pending", status, status) for status in ("authorized", "finalized", "failed", "reversed")),
    (TRANSACTION, "authorized", "finalized", "finalized"),
    (TRANSACTION, "authorized", "reversed", "reversed"),
    (TRANSACTION, "failed", "finalized", "finalized"),
    (TRANSACTION, "finalized", "failed", "finalized"),
    (VOUCHER, "new", "redeem", (True, 120.0, "2026-08-30")),
    (VOUCHER, "redeemed", "redeem", (True, 120.0, "2026-08-30")),
    (VOUCHER, "disabled", "redeem", (False, 100.0, None)),
    (VOUCHER, "over", "redeem", (False, 100.0, "2026-05-31")),
    (SUBSCRIPTION, "active", "29 days", "active"),
    (SUBSCRIPTION, "active", "two years", "expired"),
    (SUBSCRIPTION, "active", "cancel", "canceled"),
    (SUBSCRIPTION, "active", "another", "canceled"),
    (SUBSCRIPTION, "canceled", "two years", "canceled"),
    (SUBSCRIPTION, "expired", "cancel", "expired"),
    (CIRCUIT, "empty", "attach", [(CHARGE_POINT, 2)]),
    (CIRCUIT, "attached", "prefer", [(CHARGE_POINT, 5)]),
    (CIRCUIT, "attached", "attach", [(CHARGE_POINT, 2)]),
    (CIRCUIT, "attached", "detach", []),
    (DOWNTIME, "planned", "longer", ("exempt", "manual", "2026-06-01T15:00:00Z")),
    (DOWNTIME, "planned", "remove", (None, None, None)),
]
NAMES = {id(value): name for name, value in list(globals().items()) if isinstance(value, StateMachine)}


@pytest.mark.parametrize(
    ("life", "state", "events", "after"),
    TABLE,
    ids=[f"{NAMES[id(life)].lower()} {state}, {events}" for life, state, events, _ in TABLE],
)
def test_the_state_after_these_events(
    emulator: RunningEmulator, life: StateMachine, state: str, events: str, after: Any
) -> None:
    thing = life.make(emulator)
    for name in (*life.paths[state], *events.split(", ")):
        life.events[name](emulator, thing)
    assert life.read(emulator, thing) == after


def test_a_refusal_has_its_documented_status(emulator: RunningEmulator) -> None:
    number = pay_for_session(emulator)
    action = f"/actions/transactions/v1.0/{number}"
    assert emulator.post(f"{action}/resend-invoice").status_code == 409
    assert emulator.post(f"{action}/issue-invoice", INVOICE_BODY).status_code == 202
    assert emulator.post(f"{action}/issue-invoice", INVOICE_BODY).status_code == 409
    assert emulator.post(f"{action}/resend-invoice").status_code == 202
    pending = report_payment(emulator)
    assert emulator.post(f"/actions/transactions/v1.0/{pending}/issue-invoice", INVOICE_BODY).status_code == 412
    assert update("failed")(emulator, number).status_code == 422
    nobody = emulator.post(f"/actions/users/v1.0/{USER}/cancel-subscription", {"reason": "test"})
    assert nobody.status_code == 400
    voucher = new_voucher(emulator)
    assert [redeem(emulator, voucher) for _ in range(2)] == [202, 406]
    soc = {"upperThresholdPercent": 20, "lowerThresholdPercent": 20}
    circuit = new_circuit(emulator)
    wrong = emulator.post(f"/actions/circuit/v2.0/{circuit}/set-circuit-soc-priorities", soc)
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["upperThresholdPercent"])
    assert emulator.client.delete(f"{PREFIX}/resources/currencies/v2.0/1").status_code == 409
    assert emulator.client.delete(f"{PREFIX}/resources/taxes/v2.0/1").status_code == 409
    assert emulator.client.delete(f"{PREFIX}/resources/taxes/v2.0/6").status_code == 204


def test_a_blocked_amount_is_released(emulator: RunningEmulator) -> None:
    tariff = {
        "name": "Blocked",
        "type": "duration+energy",
        "pricing": {"pricePerKwh": 1, "pricePerPeriod": 0, "pricePeriodInMinutes": 1, "preAuthorizeAmount": 5.5},
    }
    number = put(emulator, "POST", "/resources/tariffs/v1.0", tariff)["id"]
    group = put(emulator, "POST", "/resources/tariff-groups/v1.0", {"name": "Blocked", "tariffIds": [number]})["id"]
    put(emulator, "PATCH", f"/resources/evses/v2.1/{EVSE}", {"tariffGroupId": group})
    method = emulator.data(f"/resources/users/v1.0/{USER}/payment-methods")[0]["id"]
    session = start(emulator, paymentMethodId=method)
    query = {"filter[sessionId]": session, "filter[userId]": USER, "per_page": 100}

    def transactions() -> list[tuple[str, str, float]]:
        found = emulator.data("/resources/transactions/v1.0", **query)
        kinds = ("purchaseResourceType", "status", "totalAmount")
        return [tuple(item[kind] for kind in kinds) for item in found if item["sessionId"] == session]

    assert transactions() == [("payment_authorisation", "authorized", 5.5)]
    emulator.advance(HOUR)
    over = emulator.data(f"/resources/sessions/v1.0/{session}")
    # 11 kW at 1 a kWh reach 5.5 after half an hour.
    assert (over["status"], over["reason"], over["energy"]) == ("finished", "authorization_amount_reached", 5500)
    assert transactions() == [("payment_authorisation", "reversed", 5.5), ("session", "finalized", 5.5)]
