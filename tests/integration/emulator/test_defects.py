"""Every defect shows: some response or delivery differs from that of the healthy emulator, while it is switched on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import load_specification
from ampeco_emulator.faults import DEFECTS, defect_named
from tests.support.defect_probes import (
    CHARGE_POINT,
    CIRCUIT,
    CONTACT_DETAILS,
    NEW_USER,
    SESSIONS,
    START,
    TAX,
    TRANSACTIONS,
    USER_GROUPS,
    USERS,
    EmulatorProbe,
    after,
    as_token,
    bare_limit,
    booked,
    bound_elsewhere,
    broken_json,
    cancelled,
    changing_the_newest_transaction,
    energy_twice,
    getting,
    invoiced,
    limited,
    next_id,
    next_page,
    quick,
    rejected_stop,
    removed_raw,
    same_update_time,
    seen,
    sending,
    session,
    session_at,
    tagged_start,
    unbroken,
    unpaid_and_retried,
    waiting,
)
from tests.support.emulator import NOON, PREFIX, TOKEN, RunningEmulator
from tests.support.noticed import noticed
from tests.support.webhooks import Receiver, settled, subscribe

read, missing = getting(f"{USERS}/1"), getting(f"{USERS}/99999")
page, cursor_page = getting(USERS, per_page=3, page=2), getting(USERS, per_page=3, cursor="")
create, invalid = sending("POST", USERS, NEW_USER), sending("POST", USERS, {"email": 7})
change, removal = sending("PATCH", f"{USERS}/1", {"first_name": "Eva"}), sending("DELETE", f"{USERS}/1")
stranger = sending("GET", USERS, Authorization="")
reserve = sending("POST", "/actions/charge-point/v1.0/1/reserve/1", {"userId": 2})
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
METHODS = {"read": "GET", "changed": "PATCH", "removed": "DELETE"}
METHODS |= {"listed": "GET", "created": "POST", "commanded": "POST"}
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


voucher = sending("POST", "/actions/users/v2.0/1/redeem-voucher", {"code": "WELCOME1"})
new_tax = sending("POST", "/resources/taxes/v2.0", {"name": "Tax", "percentage": 7, "displayName": []})
translated = sending(
    "PATCH", TAX, {"displayName": [{"locale": "en", "translation": "Tax"}, {"locale": "de", "translation": "Steuer"}]}
)
status_filter = {"filter[status]": "pending"}
SHOWS: dict[str, EmulatorProbe] = {
    **dict.fromkeys(("drop-id", "wrong-type", "number-as-text", "null-id", "no-envelope", "double-envelope"), read),
    **dict.fromkeys(("object-as-list", "timestamp-as-number", "timestamp-in-words", "timestamp-without-zone"), read),
    **dict.fromkeys(("boolean-as-number", "snake-case"), getting(CHARGE_POINT)),
    "unknown-status": read,
    "list-as-object": page,
    **dict.fromkeys(("server-error", "html-content-type", "text-content-type"), read),
    "undocumented-status": removal,
    "created-as-ok": create,
    "removed-as-ok": removal,
    "action-as-ok": sending("POST", "/actions/users/v1.0/1/add-balance", {"amount": 5, "reason": "test"}),
    **dict.fromkeys(("missing-as-error", "missing-as-empty"), missing),
    "unknown-is-changed": sending("PATCH", f"{USERS}/99999", {}),
    "unknown-is-acted-on": sending("POST", "/actions/users/v1.0/99999/add-balance", {"amount": 5, "reason": "test"}),
    "unknown-parent-gets-child": sending("POST", "/resources/charge-points/v2.0/99999/shares", {"userId": 1}),
    **dict.fromkeys(("unknown-child-as-empty", "unknown-child-crashes"), getting(f"{CHARGE_POINT}/evses/99999")),
    "invalid-as-error": invalid,
    "update-as-accepted": change,
    **dict.fromkeys(("token-in-body", "hash-in-answer"), read),
    "token-in-header": lambda emulator: emulator.get(USERS).headers.get("x-debug"),
    "password-in-answer": create,
    **dict.fromkeys(("trace-in-error", "sql-in-error"), missing),
    "no-allow": sending("PUT", USERS, {}),
    **dict.fromkeys(("no-retry-after", "no-limit-headers"), limited),
    **dict.fromkeys(("error-without-message", "error-as-text"), missing),
    **dict.fromkeys(("no-field-errors", "field-errors-as-text", "other-field-named"), invalid),
    **dict.fromkeys(("unknown-unauthenticated", "no-authentication", "forbidden-for-unauthenticated"), stranger),
    "open-items": sending("GET", f"{USERS}/1", Authorization=""),
    "open-changes": sending("DELETE", f"{USERS}/1", Authorization=""),
    "any-token": sending("GET", USERS, Authorization="Bearer wrong"),
    "any-scheme": sending("GET", USERS, Authorization=f"Basic {TOKEN}"),
    "half-a-token": sending("GET", USERS, Authorization=f"Bearer {TOKEN[:4]}"),
    "children-of-others": getting("/resources/charge-points/v2.0/1/evses"),
    "any-parent": getting("/resources/charge-points/v2.0/2/evses/1"),
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
    "empty-lists-ignored": after(sending("PATCH", TAX, {"displayName": []}), getting(TAX)),
    "marks-escaped": after(sending("PATCH", TAX, {"name": "A & B"}), getting(TAX)),
    "stamped-years-ago": getting(f"{USER_GROUPS}/1"),
    "include-first-page-only": sending(
        "GET", "/resources/locations/v2.0?include[]=chargingZones&cursor=eyJpZCI6MSwiX3BvaW50c1RvTmV4dEl0ZW1zIjp0cnVlfQ"
    ),
    "include-lost-with-filters": sending(
        "GET", "/resources/locations/v2.0?include[]=chargingZones&filter[lastUpdatedAfter]=2001-01-01T00:00:00Z"
    ),
    "large-pages-cut": getting(USERS, cursor="", per_page=100),
    "token-in-any-case": sending("GET", USERS, Authorization=f"Bearer {TOKEN.upper()}"),
    "open-with-query": sending("GET", f"{USERS}?per_page=1", Authorization=""),
    "page-style-gone": getting(USERS, page=2, per_page=3),
    **{defect.name: foreign(defect.name) for defect in DEFECTS if defect.name.startswith("others-")},
    "scope-ignored-by-filter": as_token(
        {"token": "partner", "partnerId": 2},
        sending("GET", f"{USER_GROUPS}?filter[partnerId]=1", Authorization="Bearer partner"),
    ),
    "scope-ignored-in-removals": as_token(
        {"token": "partner", "partnerId": 2}, sending("DELETE", f"{USER_GROUPS}/1", Authorization="Bearer partner")
    ),
    "changed-unfound": after(change, getting(USERS, **{"filter[lastUpdatedAfter]": "2001-01-01T00:00:00Z"})),
    "reader-creates-in-secret": after(
        as_token(
            {"token": "reader", "role": "read-only"}, sending("POST", USERS, NEW_USER, Authorization="Bearer reader")
        ),
        getting(USERS),
    ),
    "stranger-writes-in-secret": after(sending("DELETE", f"{USERS}/1", Authorization=""), getting(f"{USERS}/1")),
    "invalid-written-in-secret": after(sending("PATCH", TAX, {"name": "Changed", "percentage": "many"}), getting(TAX)),
    "removed-is-written": after(*[sending("DELETE", f"{USER_GROUPS}/1")] * 2),
    **dict.fromkeys(
        ("unsupported-method-crashes", "unsupported-method-succeeds", "unsupported-method-as-missing"),
        sending("PUT", USERS, {}),
    ),
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
    "accept-invalid-body": sending("PATCH", f"{USERS}/1", {"email": 7}),
    "accept-missing-fields": sending("POST", USERS, {}),
    "accept-invalid-query": getting("/resources/charge-points/v2.0", per_page="many"),
    "accept-broken-json": broken_json,
    "broken-body-changes-nothing": sending("PATCH", f"{USERS}/1", []),
    "refuse-valid-body": create,
    "accept-unknown-reference": sending("POST", "/resources/charge-point-models/v1.0", {"name": "M", "vendorId": 999}),
    "changes-accept-unknown-reference": sending("PATCH", "/resources/charge-point-models/v1.0/1", {"vendorId": 999}),
    "actions-accept-unknown-reference": sending(
        "POST", "/actions/charge-point/v1.0/1/move-evses-to-satellite", {"satelliteChargePointId": 999, "evseIds": [1]}
    ),
    "lists-accept-unknown-reference": sending("PATCH", f"{USERS}/1", {"userGroupIds": [99999]}),
    "later-items-unchecked": sending(
        "PATCH",
        "/resources/locations/v2.0/1",
        {"description": [{"locale": "en", "translation": "Yard"}, {"locale": 7}]},
    ),
    "accept-invalid-nested": sending("POST", "/resources/locations/v2.0", {"geoposition": {"latitude": "north"}}),
    "invalid-action-as-rejected": sending(
        "POST", "/actions/charge-point/v2.0/1/change-sharing-code", {"sharingCode": 7}
    ),
    "accept-known-email": after(create, create),
    **dict.fromkeys(("repeated-item", "skipped-item", "first-page-only", "no-next", "foreign-links", "no-meta"), page),
    **dict.fromkeys(("wrong-total", "wrong-last-page", "ignore-per-page"), page),
    "endless-cursor": getting(USERS, cursor=""),
    **dict.fromkeys(("ignore-filters", "inverted-filters", "empty-filters"), getting(SESSIONS, **status_filter)),
    **dict.fromkeys(("garbled-next-cursor", "half-pages"), getting(USERS, cursor="", per_page=3)),
    "late-cursor-skips": getting(USERS, cursor="eyJpZCI6MTUsIl9wb2ludHNUb05leHRJdGVtcyI6dHJ1ZX0"),
    "null-cursor-ends": getting(USERS, cursor="null"),
    "last-include-ignored": getting("/resources/circuits/v2.0/1", **{"include[]": "userPriorities"}),
    "first-child-only": getting("/resources/charge-points/v2.0/1/evses/2"),
    "later-views-differ": getting("/resources/locations/v1.0/2"),
    "older-view-nulls": getting("/resources/partners/v1.0/1"),
    "first-value-only": getting(TRANSACTIONS, **{"filter[purchaseType][]": ["topup_package", "session"]}),
    "common-status-unfiltered": getting(TRANSACTIONS, **{"filter[status]": "finalized"}),
    "false-is-no-filter": getting("/resources/cdrs/v2.0", **{"filter[isLocal]": "false"}),
    "null-matches": getting(TRANSACTIONS, **{"filter[sessionId]": "1"}),
    "before-overlooks-offset": getting(SESSIONS, **{"filter[startedBefore]": "2026-05-15T12:00:00-23:00"}),
    "issued-unfiltered": getting("/resources/invoices/v1.0", **{"filter[issuedFrom]": "2999-01-01T00:00:00Z"}),
    "filtered-lack-a-field": getting(SESSIONS, **status_filter),
    "include-renames": getting("/resources/circuits/v2.0/1", **{"include[]": "consumption"}),
    "last-match-lost": getting(SESSIONS, **status_filter),
    "invoices-unfiltered": getting("/resources/invoices/v1.0", **{"filter[issuedFrom]": "2999-01-01T00:00:00Z"}),
    "older-view-lists-shorter": getting("/resources/evses/v2.0/1"),
    "older-listing-empty": getting("/resources/locations/v1.0"),
    **dict.fromkeys(("next-item-found", "unsteady-read"), getting(f"{USER_GROUPS}/1")),
    "ignore-include": getting(CHARGE_POINT, **{"include[]": "lastBootNotification"}),
    "always-include": getting(CHARGE_POINT),
    "older-view-differs": read,
    "filter-first-page-only": getting(SESSIONS, page=2, per_page=1, **status_filter),
    "exclusive-bounds": same_update_time,
    "random-trace": getting("/resources/firmware-versions/v1.0"),
    "filters-forbidden": getting(USERS, **{"filter[email]": "ada@example.com"}),
    "second-page-forbidden": getting("/resources/partner-expenses/v1.0", page=2, per_page=1),
    "listed-not-found": getting("/resources/cdrs/v2.0/1"),
    "action-forbidden": sending("POST", "/actions/charge-point/v1.0/1/reset-security-profile", {}),
    "action-refused": sending(
        "POST", "/actions/charge-point/v1.0/1/get-diagnostics", {"location": "https://a.example"}
    ),
    "status-stays": after(
        sending("POST", "/actions/flexibility-asset/v1.0/1/change-status", {"status": "disabled"}),
        getting("/resources/flexibility-assets/v1.0/1"),
    ),
    "route-missing": sending("DELETE", f"{CHARGE_POINT}/shares/1"),
    "removed-crashes": after(removal, read),
    "second-creation-refused": after(new_tax, new_tax),
    "bare-limit": bare_limit,
    "no-response": unbroken,
    "body-of-204": removed_raw,
    "forget-created": after(create, getting(USERS, **{"filter[email]": "new@example.com"})),
    **dict.fromkeys(("forget-changes", "change-id", "patch-replaces"), after(change, read)),
    "stale-answer": change,
    "other-name-answered": sending("POST", "/resources/user-groups/v1.0", {"name": "Neighbours"}),
    "listed-otherwise": getting("/resources/taxes/v2.0"),
    "take-read-only": after(
        sending("PATCH", CHARGE_POINT, {"createdAt": "2001-02-03T04:05:06Z"}), getting(CHARGE_POINT)
    ),
    "cut-text": after(sending("PATCH", TAX, {"name": "long " * 20}), getting(TAX)),
    "ascii-only": after(sending("PATCH", TAX, {"name": "Łódź"}), getting(TAX)),
    "ignore-null": after(
        sending("PATCH", f"{USERS}/1", {"externalId": "A-7"}),
        sending("PATCH", f"{USERS}/1", {"externalId": None}),
        getting(f"{USERS}/1"),
    ),
    "keep-removed": after(removal, read),
    "changed-unlisted": after(waiting(60), change, getting(USERS)),
    "change-texts-only": after(sending("PATCH", TAX, {"percentage": 7}), getting(TAX)),
    "undocumented-written": after(sending("PATCH", f"{USERS}/1", {"balance": 7}), getting(f"{USERS}/1")),
    "falsy-ignored": after(sending("PATCH", TAX, {"percentage": 0}), getting(TAX)),
    "decimals-cut": sending("PATCH", TAX, {"percentage": 7.5}),
    "references-ignored": sending("PATCH", "/resources/charge-point-models/v1.0/1", {"vendorId": 2}),
    "names-in-lower-case": sending("PATCH", TAX, {"name": "Sales Tax"}),
    **dict.fromkeys(("list-grows", "list-shrinks"), translated),
    "update-time-null": change,
    "ignore-status": sending("PATCH", "/resources/evses/v2.1/1", {"status": "out of order"}),
    "flags-off": sending("PATCH", CHARGE_POINT, {"autoStartWithoutAuthorization": True}),
    "nested-altered": sending("PATCH", "/resources/partners/v2.0/1", {"bankDetails": {"bankName": "First"}}),
    "null-filled": after(
        sending("PATCH", f"{USER_GROUPS}/1", {"name": "Neighbours", "description": None}),
        sending("PATCH", f"{USER_GROUPS}/1", {"name": "Friends"}),
    ),
    **dict.fromkeys(("future-update-time", "answered-ahead"), change),
    "create-twice": after(sending("POST", USER_GROUPS, {"name": "Neighbours"}), getting(USER_GROUPS)),
    "refuse-optional-text": sending("PATCH", f"{USERS}/1", {"externalId": "A-7"}),
    "only-first-read": getting("/resources/receipts/v2.0/2"),
    "replace-merges": sending("PUT", "/resources/tariffs/v1.0/1", {"name": "Free", "type": "free"}),
    "forget-single": after(
        sending("PUT", CONTACT_DETAILS, {"email": "new@example.com", "phone": "+12025550101"}), getting(CONTACT_DETAILS)
    ),
    "other-balance-answered": create,
    "remove-another": after(removal, getting(USERS)),
    "creation-renames-another": after(
        sending("POST", USER_GROUPS, {"name": "Neighbours"}), getting(f"{USER_GROUPS}/1")
    ),
    "change-renames-another": after(
        sending("PATCH", f"{USER_GROUPS}/2", {"name": "Neighbours"}), getting(f"{USER_GROUPS}/1")
    ),
    "replacement-creates": after(
        sending("PUT", "/resources/utilities/v1.0/1", {"name": "x"}), getting("/resources/utilities/v1.0")
    ),
    "removal-renames-another": after(
        sending("POST", USER_GROUPS, {"name": "Neighbours"}),
        sending("DELETE", f"{USER_GROUPS}/2"),
        getting(f"{USER_GROUPS}/1"),
    ),
    "stale-update-time": after(waiting(60), change),
    "start-reserved": after(reserve, sending("POST", START, {"userId": 1})),
    "start-occupied": after(sending("POST", START, {"userId": 1}), sending("POST", START, {"userId": 2})),
    "start-disabled-user": sending("POST", START, {"userId": 25}),
    "energy-falls": energy_twice,
    **dict.fromkeys(("price-off", "tax-off", "pay-twice", "no-receipt", "stop-ignored"), session()),
    "start-unavailable": after(
        sending("PATCH", "/resources/evses/v2.1/1", {"status": "out of order"}), sending("POST", START, {"userId": 1})
    ),
    "both-win": after(sending("POST", START, {"userId": 1}), sending("POST", START, {"userId": 2})),
    **dict.fromkeys(
        ("refused-start-runs", "wrong-refusal-code"),
        lambda emulator: (seen(emulator.post(START, {"userId": 25})), seen(emulator.get(SESSIONS))),
    ),
    "rejected-stop-stops": rejected_stop,
    **dict.fromkeys(("start-forgets-tag", "authorization-unlinked"), tagged_start),
    "tax-snapshot-lost": after(
        session(),
        *(sending("PATCH", f"/resources/taxes/v2.0/{tax}", {"percentage": 7}) for tax in range(1, 5)),
        getting(SESSIONS),
    ),
    "balance-not-reduced": session(),
    "receipt-number-repeats": after(session(), getting("/resources/receipts/v2.0")),
    "retry-ignored": unpaid_and_retried,
    "refund-ignored": sending("POST", TRANSACTIONS, {"totalAmount": 5, "status": "refunded"}),
    "finalized-changes": after(
        sending("POST", TRANSACTIONS, {"totalAmount": 5, "status": "finalized"}), changing_the_newest_transaction
    ),
    "assign-twice": lambda emulator: seen(emulator.post("/actions/session/v1.0/1/assign-user", {"userId": 3})),
    "share-off": after(*(session_at(evse) for evse in range(1, 9)), getting("/resources/partner-revenues/v1.1")),
    "expense-off": getting("/resources/partner-expenses/v1.0"),
    "fee-on-credit": sending(
        "POST", "/actions/users/v1.0/1/apply-custom-fee", {"amount": 100_000, "description": "too much"}
    ),
    "double-booking": after(booked, booked),
    "no-show-ignored": after(booked, waiting(3 * 86400), getting("/resources/bookings/v1.0")),
    "cancel-ignored": cancelled,
    "field-rules-ignored": sending(
        "POST",
        "/resources/circuits/v2.0",
        {"name": "C", "maxCurrent": 32, "phases": "single_phase", "connectedPhase": "L1_L2"},
    ),
    "circuit-priority-ignored": after(
        sending("POST", f"{CIRCUIT}/attach-charge-point", {"chargePointId": 1, "priority": 1}),
        sending("POST", f"{CIRCUIT}/set-charge-point-priority/1", {"priority": 2}),
        getting("/resources/circuits/v2.0/1/charge-point-priorities"),
    ),
    "never-expires": after(reserve, waiting(3600), getting("/resources/reservations/v1.0")),
    "voucher-twice": after(voucher, voucher),
    "invoice-twice": invoiced,
    **dict.fromkeys(("truncated-json", "empty-body", "html-body"), read),
    "slow": quick,
    "nan-number": getting(CHARGE_POINT),
    "cut-connection": unbroken,
    "crash-on-unicode": sending("PATCH", f"{USERS}/1", {"first_name": "Éva"}),
    "moving-creation": after(waiting(60), change),
    "reuse-id": next_id,
    "touch-siblings": after(change, getting(f"{USERS}/2")),
    **dict.fromkeys(("shouted-status", "date-only", "omitted-null", "byte-order-mark", "repeated-key"), read),
    **dict.fromkeys(("trailing-text", "wide-characters"), read),
    "missing-nested-field": getting("/resources/charge-point-downtime-periods/v1.0/1"),
    **dict.fromkeys(("nested-list", "listed-id-as-text"), getting("/resources/taxes/v2.0")),
    "wrapped-listing": getting("/resources/partners/v2.0"),
    **dict.fromkeys(("links-forget-size", "one-too-many", "early-last-page"), page),
    **dict.fromkeys(("bare-creation", "created-without-body"), create),
    **dict.fromkeys(("invalid-as-ok", "invalid-as-missing", "wrong-field-errors"), invalid),
    **dict.fromkeys(("missing-as-forbidden", "refused-as-page"), missing),
    "removed-twice": sending("DELETE", "/resources/taxes/v2.0/99999"),
    **dict.fromkeys(("leaking-refusal", "open-operation"), stranger),
    "accept-unknown-words": sending("POST", "/notifications/v2.0", {"via": "pigeon", "notifications": []}),
    "accept-out-of-bounds": sending(
        "POST", "/actions/circuit/v2.0/1/set-circuit-soc-priorities", {"highSoCPriority": -1}
    ),
    "cursor-skips": next_page,
    **dict.fromkeys(
        ("first-filter-only", "status-filter-alone"), getting(SESSIONS, **{"filter[userId]": 1, **status_filter})
    ),
    "cursor-ignores-filters": getting(SESSIONS, cursor="", **status_filter),
    "offset-overlooked": bound_elsewhere,
    "one-include-only": getting("/resources/circuits/v2.0/1", **{"include[]": ["consumption", "unmanagedLoad"]}),
    "total-unfiltered": getting(SESSIONS, page=1, **status_filter),
    "per-page-beyond": getting(USERS, per_page=101),
    "full-last-page": getting(USERS, per_page=5, page=1),
    **dict.fromkeys(("prev-stays", "ends-swapped"), page),
    "beyond-last-repeats": getting(USERS, per_page=3, page=99),
    "zero-is-first": getting(f"{USERS}/0"),
    "leading-zeros-lost": after(sending("PATCH", f"{USERS}/1", {"post_code": "00712"}), read),
    "wraps-at-16-bits": sending("PATCH", "/resources/circuits/v2.0/1", {"maxCurrent": 70_000}),
    "offset-cursor": cursor_page,
    "stale-read": after(read, change, read),
    **dict.fromkeys(("energy-in-kilowatt-hours", "never-stopped"), session()),
    **dict.fromkeys(
        ("sunset-in-words", "sunset-first", "sunset-too-soon"),
        lambda emulator: emulator.post("/notifications/v1.0", {}).headers["sunset"],
    ),
}
DELIVERIES = ("unsigned-webhook", "wrong-signature", "lost-webhook", "webhook-without-name", "unasked-webhook")


@pytest.fixture
def lenient(emulator: RunningEmulator) -> Iterator[RunningEmulator]:
    """An emulator that does not validate its responses."""
    emulator.control("PATCH", "/settings", {"strict": False})
    yield emulator
    emulator.control("PUT", "/defects", {"defect": None})
    emulator.control("PATCH", "/settings", {"strict": True})


def test_there_are_many_of_every_class_and_each_shows_somewhere() -> None:
    names = [defect.name for defect in DEFECTS]
    assert len(names) == len(set(names)) >= 60
    assert len({defect.area for defect in DEFECTS}) >= 11
    by_scenarios = {line.defect for line in noticed()}
    assert set(names) == {*SHOWS, *DELIVERIES, *by_scenarios}


@pytest.fixture(scope="module")
def healthy_results() -> dict[EmulatorProbe, Any]:
    """The result of each probe with the healthy emulator."""
    return {}


@pytest.mark.parametrize("name", SHOWS)
def test_a_defect_shows(lenient: RunningEmulator, healthy_results: dict[EmulatorProbe, Any], name: str) -> None:
    probe = SHOWS[name]

    def probed() -> Any:
        lenient.control("POST", "/reset")
        return probe(lenient)

    if probe not in healthy_results:
        healthy_results[probe] = probed()
        assert probed() == healthy_results[probe], "the probe itself is not repeatable"
    healthy = healthy_results[probe]
    lenient.control("PUT", "/defects", {"defect": name})
    assert probed() != healthy
    lenient.control("PUT", "/defects", {"defect": None})
    assert probed() == healthy


@pytest.mark.parametrize("name", DELIVERIES)
def test_a_defect_of_deliveries_shows(lenient: RunningEmulator, receiver: Receiver, name: str) -> None:
    def delivered() -> Any:
        lenient.control("POST", "/reset")
        receiver.received.clear()
        number = subscribe(lenient, receiver.address, "UserChangedNotification")
        lenient.client.patch(f"{PREFIX}{USERS}/1", json={"first_name": "Eva"})
        lenient.client.patch(f"{PREFIX}/resources/evses/v2.1/1", json={"physicalReference": "X"})
        settled(lenient, number, 0)
        return [(headers.get("x-signature"), body) for headers, body in receiver.received]

    healthy = delivered()
    assert len(healthy) == 1
    lenient.control("PUT", "/defects", {"defect": name})
    assert delivered() != healthy


def test_an_unknown_defect_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no-such"):
        defect_named("no-such", load_specification("3.90.0"))


def test_a_field_is_dropped_from_one_operation_only(start: Callable[..., RunningEmulator]) -> None:
    emulator = start("--defect", "drop-field:GET /public-api/resources/users/v1.0:data.0.email")
    assert all("email" not in user for user in emulator.data(USERS))
    assert "email" in emulator.data(f"{USERS}/1")


def test_several_defects_show_at_once(lenient: RunningEmulator) -> None:
    names = "stopped-later+started-later+total-vanishes"
    lenient.control("PUT", "/defects", {"defect": names})
    assert lenient.control("GET", "/defects")["defect"] == names
    together = session()(lenient)
    lenient.control("POST", "/reset")
    lenient.control("PUT", "/defects", {"defect": "total-vanishes"})
    assert session()(lenient) != together
    assert "totalAmount" not in str(together)
