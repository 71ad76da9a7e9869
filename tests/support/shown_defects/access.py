"""What shows defects of tokens, roles and scopes."""

from ampeco_emulator.faults import DEFECTS
from tests.support.defect_probes import (
    CHARGE_POINT,
    NEW_USER,
    START,
    USER_GROUPS,
    USERS,
    EmulatorProbe,
    after,
    as_token,
    getting,
    sending,
)
from tests.support.emulator import NOON, TOKEN
from tests.support.shown_defects.requests import stranger

#: What of partner 1 a token of partner 2 asks for, by resource, and the request for each word of a defect.
FOREIGN = {
    "charge-points": "charge-points/v2.0",
    "evses": "evses/v2.1",
    "partner-contracts": "partner-contracts/v1.0",
    "partner-expenses": "partner-expenses/v1.0",
    "partner-invites": "partner-invites/v1.0",
    "partner-revenues": "partner-revenues/v1.0",
    "partner-settlement-reports": "partner-settlement-reports/v1.0",
    "roaming-providers": "roaming-providers/v2.0",
    "user-groups": "user-groups/v1.0",
}
METHODS = {
    "read": "GET",
    "changed": "PATCH",
    "removed": "DELETE",
    "listed": "GET",
    "created": "POST",
    "commanded": "POST",
}
COMMANDS = {
    "charge-points": "/actions/charge-point/v1.0/1/reset-security-profile",
    "evses": "/actions/evse/v1.0/1/start",
}


def foreign(defect: str) -> EmulatorProbe:
    resource, _, word = defect.removeprefix("others-").rpartition("-")
    method = "PUT" if (resource, word) == ("partner-contracts", "changed") else METHODS[word]
    body = {"name": "Changed", "title": "Changed", "partnerId": 1, "startDate": NOON}
    body |= {"partner": {"id": 1}, "type": "private", "status": "enabled"} if resource == "charge-points" else {}
    path = COMMANDS[resource] if word == "commanded" else f"/resources/{FOREIGN[resource]}"
    path += "/1" if word in ("read", "changed", "removed") else ""
    return as_token(
        {"token": "partner", "partnerId": 2},
        sending(method, path, None if method in ("GET", "DELETE") else body, Authorization="Bearer partner"),
    )


SHOWS: dict[str, EmulatorProbe] = {
    "open-items": sending("GET", f"{USERS}/1", Authorization=""),
    "open-changes": sending("DELETE", f"{USERS}/1", Authorization=""),
    "any-token": sending("GET", USERS, Authorization="Bearer wrong"),
    "any-scheme": sending("GET", USERS, Authorization=f"Basic {TOKEN}"),
    "half-a-token": sending("GET", USERS, Authorization=f"Bearer {TOKEN[:4]}"),
    "reader-may-write": as_token(
        {"token": "reader", "role": "read-only"}, sending("POST", USERS, NEW_USER, Authorization="Bearer reader")
    ),
    "outsider-may-read": as_token(
        {"token": "outsider", "role": "no-access"}, sending("GET", USERS, Authorization="Bearer outsider")
    ),
    "forbidden-shows-data": as_token(
        {"token": "reader", "role": "read-only"}, sending("DELETE", f"{USERS}/1", Authorization="Bearer reader")
    ),
    "reader-may-change": as_token(
        {"token": "reader", "role": "read-only"}, sending("DELETE", f"{USERS}/1", Authorization="Bearer reader")
    ),
    "reader-may-act": as_token(
        {"token": "reader", "role": "read-only"}, sending("POST", START, {"userId": 1}, Authorization="Bearer reader")
    ),
    "reader-removes-in-secret": after(
        as_token(
            {"token": "reader", "role": "read-only"}, sending("DELETE", f"{USERS}/1", Authorization="Bearer reader")
        ),
        getting(f"{USERS}/1"),
    ),
    "token-in-any-case": sending("GET", USERS, Authorization=f"Bearer {TOKEN.upper()}"),
    "open-with-query": sending("GET", f"{USERS}?per_page=1", Authorization=""),
    **{
        defect.name: foreign(defect.name)
        for defect in DEFECTS
        if defect.name.startswith("others-") and defect.name.rpartition("-")[2] in METHODS
    },
    "scope-ignored-by-filter": as_token(
        {"token": "partner", "partnerId": 2},
        sending("GET", f"{USER_GROUPS}?filter[partnerId]=1", Authorization="Bearer partner"),
    ),
    "scope-ignored-in-removals": as_token(
        {"token": "partner", "partnerId": 2}, sending("DELETE", f"{USER_GROUPS}/1", Authorization="Bearer partner")
    ),
    "reader-creates-in-secret": after(
        as_token(
            {"token": "reader", "role": "read-only"}, sending("POST", USERS, NEW_USER, Authorization="Bearer reader")
        ),
        getting(USERS),
    ),
    "stranger-writes-in-secret": after(sending("DELETE", f"{USERS}/1", Authorization=""), getting(f"{USERS}/1")),
    "scope-ignored-in-listings": as_token(
        {"token": "partner", "partnerId": 2},
        sending("GET", "/resources/charge-points/v2.0", Authorization="Bearer partner"),
    ),
    "scope-ignored-by-id": as_token(
        {"token": "partner", "partnerId": 2}, sending("GET", CHARGE_POINT, Authorization="Bearer partner")
    ),
    "ignore-scope": as_token(
        {"token": "partner", "partnerId": 2}, sending("GET", CHARGE_POINT, Authorization="Bearer partner")
    ),
    **dict.fromkeys(("leaking-refusal", "open-operation"), stranger),
}
