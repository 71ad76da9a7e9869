"""What shows defects of charging, money and bookings."""

from tests.support.defect_probes import (
    CIRCUIT,
    SESSIONS,
    START,
    TRANSACTIONS,
    EmulatorProbe,
    after,
    booked,
    cancelled,
    changing_the_newest_transaction,
    energy_twice,
    getting,
    invoiced,
    rejected_stop,
    seen,
    sending,
    session,
    session_at,
    tagged_start,
    unpaid_and_retried,
    waiting,
)

reserve = sending("POST", "/actions/charge-point/v1.0/1/reserve/1", {"userId": 2})
voucher = sending("POST", "/actions/users/v2.0/1/redeem-voucher", {"code": "WELCOME1"})

SHOWS: dict[str, EmulatorProbe] = {
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
    **dict.fromkeys(("energy-in-kilowatt-hours", "never-stopped"), session()),
}
