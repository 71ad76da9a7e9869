"""What is asked of an emulator to see whether it has a defect."""

import socket
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx

from tests.support.emulator import PREFIX, TOKEN, RunningEmulator

USERS, SESSIONS = "/resources/users/v1.0", "/resources/sessions/v1.0"
CHARGE_POINT = "/resources/charge-points/v2.0/1"
TAX = "/resources/taxes/v2.0/1"
CONTACT_DETAILS = "/resources/contact-details/v2.0"
USER_GROUPS = "/resources/user-groups/v1.0"
START = "/actions/evse/v1.0/1/start"
TRANSACTIONS, CIRCUIT = "/resources/transactions/v1.0", "/actions/circuit/v2.0/1"
NEW_USER = {"email": "new@example.com", "password": "Secret-1-word", "first_name": "Ada", "last_name": "Berg"}
EmulatorProbe = Callable[[RunningEmulator], Any]


def seen(answer: httpx.Response) -> Any:
    """The part of a response that a probe compares."""
    kept = ("content-type", "allow", "retry-after", "x-ratelimit-limit")
    return answer.status_code, [answer.headers.get(name) for name in kept[:2]], answer.content


def getting(path: str, **query: Any) -> EmulatorProbe:
    return lambda emulator: seen(emulator.get(path, **query))


def sending(method: str, path: str, body: Any = None, **headers: str) -> EmulatorProbe:
    def send(emulator: RunningEmulator) -> Any:
        return seen(emulator.client.request(method, PREFIX + path, json=body, headers=headers))

    return send


def after(*steps: EmulatorProbe) -> EmulatorProbe:
    """The result of the last of some steps."""
    return lambda emulator: [step(emulator) for step in steps][-1]


def waiting(seconds: float) -> EmulatorProbe:
    return lambda emulator: emulator.advance(seconds)


def limited(emulator: RunningEmulator) -> Any:
    emulator.control("PATCH", "/settings", {"rateLimit": 0})
    answer = emulator.get(USERS)
    emulator.control("PATCH", "/settings", {"rateLimit": None})
    return answer.status_code, [name in answer.headers for name in ("x-ratelimit-limit", "retry-after")]


def bare_limit(emulator: RunningEmulator) -> Any:
    """The statuses that one request gets when it is repeated."""
    return {emulator.get(f"{USERS}/1").status_code for _ in range(13)}


def removed_raw(emulator: RunningEmulator) -> Any:
    """The end of what a removal is answered, byte for byte: clients ignore what follows the headers of a 204."""
    url = emulator.client.base_url
    head = f"DELETE {PREFIX}{USERS}/1 HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: Bearer {TOKEN}\r\n"
    with socket.create_connection((url.host, url.port or 80), timeout=5) as connection:
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(4096), b"")).partition(b"\r\n\r\n")[2]


def as_token(token: dict[str, Any], probe: EmulatorProbe) -> EmulatorProbe:
    def ask(emulator: RunningEmulator) -> Any:
        emulator.control("POST", "/tokens", token)
        return probe(emulator)

    return ask


def broken_json(emulator: RunningEmulator) -> Any:
    return seen(emulator.client.post(PREFIX + USERS, content=b"{", headers={"Content-Type": "application/json"}))


def session(*, hours: float = 1, settle: float = 60) -> EmulatorProbe:
    """A session of user 1 from start to payment, and the user after it."""

    def charge(emulator: RunningEmulator) -> Any:
        number = emulator.post(START, {"userId": 1}).json()["sessionId"]
        emulator.advance(hours * 3600)
        emulator.post(f"/actions/charge-point/v1.0/1/stop/{number}", {})
        emulator.advance(settle)
        return seen(emulator.get(f"{SESSIONS}/{number}", withPriceBreakdown="true")), seen(emulator.get(f"{USERS}/1"))

    return charge


def energy_twice(emulator: RunningEmulator) -> Any:
    number = emulator.post(START, {"userId": 1}).json()["sessionId"]
    emulator.advance(600)
    return emulator.data(f"{SESSIONS}/{number}")["energy"]


def invoiced(emulator: RunningEmulator) -> Any:
    path = f"/actions/transactions/v1.0/{emulator.data('/resources/transactions/v1.0')[0]['id']}/issue-invoice"
    body = {"email": "a@example.com", "invoiceDetails": {"invoiceType": "individual", "individualName": "Ada"}}
    return [emulator.post(path, body).status_code for _ in range(2)]


def quick(emulator: RunningEmulator) -> Any:
    try:
        return emulator.client.get(PREFIX + USERS, timeout=1).status_code
    except httpx.TimeoutException:
        return "nothing in time"


def unbroken(emulator: RunningEmulator) -> Any:
    try:
        return emulator.client.get(f"{PREFIX}{USERS}/1").status_code
    except httpx.RemoteProtocolError:
        return "half an answer, or none"


def sunset(emulator: RunningEmulator) -> Any:
    return emulator.post("/notifications/v1.0", {}).headers["sunset"]


def next_id(emulator: RunningEmulator) -> Any:
    number = emulator.post(USERS, NEW_USER).json()["data"]["id"]
    emulator.client.delete(f"{PREFIX}{USERS}/{number}")
    return emulator.post(USERS, NEW_USER).json()["data"]["id"]


def rejected_stop(emulator: RunningEmulator) -> Any:
    number = emulator.post(START, {"userId": 1}).json()["sessionId"]
    emulator.control("PUT", "/evses/1", {"charger": "reject"})
    emulator.post(f"/actions/charge-point/v1.0/1/stop/{number}", {})
    return emulator.data(f"{SESSIONS}/{number}")["status"]


def tagged_start(emulator: RunningEmulator) -> Any:
    started = emulator.post(START, {"userId": 1, "idTag": "ABC"}).json()
    authorization = emulator.data(f"/resources/authorizations/v2.0/{started['authorizationId']}")
    return emulator.data(f"{SESSIONS}/{started['sessionId']}")["idTag"], authorization["sessionIds"]


def unpaid_and_retried(emulator: RunningEmulator) -> Any:
    balance = emulator.data(f"{USERS}/1")["balance"]
    emulator.post("/actions/users/v1.0/1/add-balance", {"amount": round(0.01 - balance, 2), "reason": "test"})
    number = emulator.post(START, {"userId": 1}).json()["sessionId"]
    emulator.advance(3600)
    emulator.post(f"/actions/charge-point/v1.0/1/stop/{number}", {})
    emulator.advance(60)
    emulator.post("/actions/users/v1.0/1/add-balance", {"amount": 500, "reason": "test"})
    return emulator.post(f"/actions/session/v1.0/{number}/retry-payment", {}).status_code, seen(
        emulator.get(f"{USERS}/1")
    )


def changing_the_newest_transaction(emulator: RunningEmulator) -> Any:
    newest = max(item["id"] for item in emulator.data(TRANSACTIONS))
    return emulator.client.patch(
        f"{PREFIX}{TRANSACTIONS}/{newest}", json={"status": "failed", "totalAmount": 1}
    ).status_code


def session_at(evse: int) -> EmulatorProbe:
    """A session of one hour at an EVSE, if it may begin there."""

    def charge(emulator: RunningEmulator) -> Any:
        number = emulator.post(f"/actions/evse/v1.0/{evse}/start", {"userId": 1}).json().get("sessionId")
        if number is not None:
            emulator.advance(3600)
            charge_point = emulator.data(f"{SESSIONS}/{number}")["chargePointId"]
            emulator.post(f"/actions/charge-point/v1.0/{charge_point}/stop/{number}", {"force": True})
            emulator.advance(60)

    return charge


def cancelled(emulator: RunningEmulator) -> Any:
    number = emulator.post("/actions/charge-point/v1.0/1/reserve/1", {"userId": 2}).json()["reservationId"]
    emulator.post(f"/actions/reservation/v1.0/{number}/cancel", {})
    return emulator.data(f"/resources/reservations/v1.0/{number}")["status"]


def booked(emulator: RunningEmulator) -> Any:
    """A booking of the first EVSE that can be booked, for the day after NOON."""
    evse = next(item for item in emulator.data("/resources/evses/v2.1") if item.get("bookingEnabled"))
    charge_point = emulator.data(f"/resources/charge-points/v2.0/{evse['chargePointId']}")
    times = {"startAt": "2026-06-02T12:00:00Z", "endAt": "2026-06-02T13:00:00Z"}
    body = {"type": "create", "userId": 1, "locationId": charge_point["locationId"], "evseId": evse["id"], **times}
    return seen(emulator.post("/resources/booking-requests/v1.0", body))


def next_page(emulator: RunningEmulator) -> Any:
    return seen(emulator.client.get(emulator.get(USERS, per_page=3, cursor="").json()["links"]["next"]))


def bound_elsewhere(emulator: RunningEmulator) -> Any:
    """The users updated after a time two hours later than an update, written with the offset of another zone."""
    moment = datetime.fromisoformat(emulator.data(f"{USERS}/1")["lastUpdatedAt"]) + timedelta(hours=2)
    elsewhere = moment.astimezone(timezone(timedelta(hours=-5))).isoformat()
    return seen(emulator.get(USERS, **{"filter[lastUpdatedAfter]": elsewhere}))


def same_update_time(emulator: RunningEmulator) -> Any:
    moment = emulator.data(f"{USERS}/1")["lastUpdatedAt"]
    return seen(emulator.get(USERS, **{"filter[lastUpdatedAfter]": moment}))
