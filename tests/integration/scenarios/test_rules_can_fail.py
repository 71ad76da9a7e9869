"""Every story notices when its rule is broken: an answer is spoilt on its way, and the story names the rule."""

from typing import NamedTuple

import pytest

from tests.support.scenario_runs import run_scenarios
from tests.support.tampering import (
    Spoil,
    TamperedResponse,
    Tampering,
    adding_to,
    both,
    clearing,
    duplicating,
    empty_list,
    having_status,
    in_turn,
    setting,
    tampering_proxy,
    when,
    with_status,
)

SESSION = r"/resources/sessions/v1\.0/\d+\?"
SESSIONS = r"/resources/sessions/v1\.0\?"
STATISTICS = r"/consumption-stats$"
START = r"/actions/evse/v1\.0/\d+/start$"
STOP = r"/stop/\d+$"
RESERVE = r"/reserve/\d+$"
CANCEL = r"/reservation/v1\.0/\d+/cancel$"
RESERVATION = r"/resources/reservations/v1\.0/\d+$"
RESERVATIONS = r"/resources/reservations/v1\.0\?"
RECEIPT = r"/resources/receipts/v2\.0/\d+$"
RECEIPTS = r"/resources/receipts/v2\.0\?"
TRANSACTION = r"/resources/transactions/v1\.0/\d+$"
TRANSACTIONS = r"/resources/transactions/v1\.0\?"
USER = r"/resources/users/v1\.0/\d+$"
TAX = r"/resources/taxes/v2\.0/\d+$"
TAG = r"/resources/id-tags/v2\.0/\d+$"
AUTHORIZATION = r"/resources/authorizations/v2\.\d/\d+$"
BOOKING = r"/resources/bookings/v1\.0/\d+$"
BOOKING_REQUESTS = r"/resources/booking-requests/v1\.0$"
RETRY = r"/retry-payment$"
ASSIGN = r"/assign-user$"
DOWNTIME = r"/charge-point-downtime-periods/v1\.0/\d+$"
REVENUES = r"/partner-revenues/v1\.1"
SUBSCRIPTION = r"/notifications/v2\.0/\d+$"
RESEND = r"/resend$"
ZONES = r"/charging-zones(\?|$)"
THRESHOLDS = r"/soc-priorities$"

finished = having_status("finished")
active = having_status("active")
accepted_start = setting("success", True)


def gone(answer: TamperedResponse) -> bool:
    return answer.status == 404


class Case(NamedTuple):
    """A story, the answers that are spoilt, and the rule it must name."""

    story: str
    method: str
    path: str
    spoil: Spoil
    rule: str


CHARGES = "test_charging_session.py -k charges_and_stops"
CASES = [
    Case(CHARGES, "GET", SESSION, setting("userId", 424242), "session-of-driver"),
    Case(CHARGES, "GET", SESSION, setting("evseId", 424242), "session-at-evse"),
    Case(CHARGES, "GET", SESSION, when(active, in_turn("energy", [900, 900, 400, 50000])), "energy-never-falls"),
    Case(CHARGES, "GET", SESSION, when(finished, setting("energy", 0)), "stop-keeps-energy"),
    Case(CHARGES, "GET", SESSION, when(finished, setting("stoppedAt", "2001-01-01T00:00:00Z")), "ends-after-start"),
    Case(CHARGES, "GET", SESSION, when(finished, adding_to("chargingPeriods.0.energy", 500)), "periods-sum"),
    Case(CHARGES, "GET", SESSION, when(finished, adding_to("totalAmount.withTax", 1)), "tax-of-total"),
    Case(CHARGES, "GET", SESSION, when(finished, adding_to("priceBreakdown.0.price.withTax", 1)), "line-is-product"),
    Case("test_charging_session.py -k statistics", "GET", SESSION,
         when(finished, adding_to("clockAlignedEnergyConsumption.0.energyConsumed", 500)), "aligned-sum"),
    Case("test_charging_session.py -k statistics", "GET", STATISTICS, adding_to("data.-1.energy", 5000), "stats-sum"),
    Case("test_charging_session.py -k listing", "GET", SESSIONS, empty_list, "filter-finds"),
    Case("test_charging_session.py -k listing", "GET", SESSIONS, setting("data.0.userId", 424242), "filter-holds"),
    Case("test_charging_session.py -k second_stop", "GET", SESSION,
         when(finished, in_turn("energy", [50000, 60000])), "stop-once"),
    Case("test_charging_session.py -k forced", "POST", STOP, with_status(406), "story-step"),
    Case("test_refused_start.py -k disabled", "POST", START, setting("errorCode", "INTERNAL_ISSUE"), "refusal-code"),
    Case("test_refused_start.py -k single_session", "POST", START, when(
        lambda answer: not answer.item["success"], setting("sessionId", 424242)), "refusal-without-session"),
    Case("test_refused_start.py -k in_use", "POST", START, when(
        lambda answer: not answer.item["success"], clearing("message", "errorCode")), "refusal-says-why"),
    Case("test_refusing_charger.py -k every_reason", "POST", START, setting("errorCode", "AGILE_STREETS_CALCULATE"),
         "refusal-code"),
    Case("test_refusing_charger.py -k rejected_stop", "POST", STOP, with_status(202), "story-step"),
    Case("test_refusing_charger.py -k cancellation", "POST", CANCEL, with_status(202), "story-step"),
    Case("test_reservation.py -k keeps", "GET", RESERVATION, setting("evseId", 424242), "reservation-at-evse"),
    Case("test_reservation.py -k in_use", "POST", RESERVE,
         with_status(202, {"success": True, "reservationId": 424242}), "reserve-refused"),
    Case("test_reservation.py -k cancelled", "GET", RESERVATION,
         when(having_status("canceled"), in_turn("canceledAt", ["2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"])),
         "cancel-once"),
    Case("test_reservation.py -k expires", "GET", RESERVATION, setting("status", "active"), "not within"),
    Case("test_reservation.py -k listing", "GET", RESERVATIONS, empty_list, "filter-finds"),
    Case("test_receipt.py -k exactly_one", "GET", RECEIPT, adding_to("totalAmount", 0.5), "receipt-total"),
    Case("test_receipt.py -k exactly_one", "GET", RECEIPT, setting("userId", 424242), "receipt-of-user"),
    Case("test_receipt.py -k exactly_one", "GET", RECEIPT, adding_to("totalKwh", 1), "receipt-energy"),
    Case("test_receipt.py -k exactly_one", "GET", RECEIPT, adding_to("tax.taxPercentage", 1), "receipt-tax"),
    Case("test_receipt.py -k exactly_one", "GET", RECEIPTS, duplicating("id"), "one-receipt-per-session"),
    Case("test_receipt.py -k balance", "GET", USER, in_turn("balance", [500, 499]), "balance-pays-total"),
    Case("test_receipt.py -k numbers", "GET", RECEIPTS, duplicating("id"), "receipt"),
    Case("test_receipt.py -k unpaid", "GET", SESSION,
         when(active, setting("paymentStatus", "paid")), "unpaid-while-running"),
    Case("test_transaction.py -k one_finalized", "GET", TRANSACTION, adding_to("totalAmount", 9), "transaction-total"),
    Case("test_transaction.py -k one_finalized", "GET", TRANSACTIONS, duplicating("id"), "one-payment-per-session"),
    Case("test_transaction.py -k reference", "GET", TRANSACTION, setting("ref", "another"), "reference-reads-back"),
    Case("test_transaction.py -k cannot", "GET", TRANSACTION, in_turn("totalAmount", [10, 0]), "finalized-stays"),
    Case("test_receipt.py -k numbers", "GET", RECEIPT, in_turn("receiptNo", ["R9", "R8"]), "receipt-number-increases"),
    Case("test_receipt.py -k each_filter", "GET", RECEIPTS + ".*periodStart", empty_list, "filter-finds"),
    Case("test_outside_payment.py -k refund_leaves", "GET", TRANSACTIONS, setting("data.-1.status", "finalized"),
         "refund-is-no-payment"),
    Case("test_outside_payment.py -k told", "GET", TRANSACTION, setting("status", "pending"), "transaction-status"),
    Case("test_start_details.py -k number", "GET", SESSION, setting("externalSessionId", "another"),
         "session-tells-start"),
    Case("test_start_details.py -k tag", "GET", SESSION, setting("idTag", "another"), "session-names-tag"),
    Case("test_tax.py -k reads_back", "GET", TAX, setting("percentage", 10), "update-stays"),
    Case("test_tax.py -k after", "GET", SESSION, setting("tax.taxPercentage", 20), "tax"),
    Case("test_wallet.py -k adding", "GET", USER, setting("balance", 100), "balance-adds"),
    Case("test_wallet.py -k redeemed", "GET", USER, in_turn("balance", [0, 15, 30]), "voucher-once"),
    Case("test_wallet.py -k fee", "GET", USER, in_turn("balance", [20, 12.5, 0]), "fee-refused"),
    Case("test_id_tag.py -k kept", "GET", TAG, setting("status", "enabled"), "tag-suspended"),
    Case("test_id_tag.py -k accepted", "GET", AUTHORIZATION, setting("userId", 424242), "authorization-of-driver"),
    Case("test_id_tag.py -k accepted", "GET", AUTHORIZATION, setting("sessionIds", []), "authorization-names-session"),
    Case("test_charge_point_life.py -k built", "GET", ZONES, empty_list, "created-listed"),
    Case("test_booking.py -k cancelled", "GET", BOOKING, setting("userId", 424242), "booking-of-driver"),
    Case("test_booking.py -k cancelled", "GET", BOOKING, setting("startAt", "2001-01-01T00:00:00Z"), "booking-times"),
    Case("test_booking.py -k once", "POST", BOOKING_REQUESTS, setting("status", "approved"), "no-double-booking"),
    Case("test_booking.py -k is_used", "GET", BOOKING, setting("status", "accepted"), "not within"),
    Case("test_booking.py -k moves", "GET", BOOKING, setting("startAt", "2001-01-01T00:00:00Z"), "booking-times"),
    Case("test_booking.py -k no_show", "GET", BOOKING, setting("status", "accepted"), "not within"),
    Case("test_wallet.py -k paid_once", "GET", USER, in_turn("balance", [100, 40]), "plan-fee-once"),
    Case("test_wallet.py -k plan_is_kept", "GET", r"/subscription-plans/v2\.0/\d+$",
         setting("renewalCycle", "annually"), "plan-reads-back"),
    Case("test_partner_money.py -k expenses_add", "GET", r"/partner-expenses/v1\.0",
         adding_to("data.0.operatorDiscountAmount", 1), "expense-discount"),
    Case("test_partner_money.py -k shared", "GET", REVENUES,
         both(adding_to("data.-1.partnerShare", 1), adding_to("data.-1.operatorShare", -1)), "share-by-contract"),
    Case("test_failed_payment.py", "POST", RETRY, with_status(202), "story-step"),
    Case("test_session_owner.py", "POST", ASSIGN, with_status(202), "story-step"),
    Case("test_session_owner.py", "GET", SESSION, setting("userId", 424242), "session-assigned"),
    Case("test_private_data.py", "GET", USER, when(gone, with_status(200, {"data": {}})), "story-step"),
    Case("test_access.py -k share_lets", "GET", r"/shares$", empty_list, "share-listed"),
    Case("test_access.py -k exactly", "GET", r"/shared-partners$", empty_list, "shared-as-set"),
    Case("test_references.py -k location", "GET", r"/locations/v2\.0/\d+$",
         when(gone, with_status(403, {"message": "No."})), "story-step"),
    Case("test_cdr.py -k local", "GET", r"/cdrs/v2\.0\?", setting("data.0.isLocal", False), "filter-holds"),
    Case("test_cdr.py -k its_id", "GET", r"/cdrs/v2\.0/\d+$", setting("sessionId", "another"), "listed-as-read"),
    Case("test_circuit.py -k weight", "GET", r"/user-priorities", empty_list, "user-priority"),
    Case("test_circuit.py -k of_its_own", "GET", r"/charge-point-priorities", setting("data.0.evses", []),
         "evse-priority"),
    Case("test_circuit.py -k joins", "GET", r"/charge-point-priorities$", empty_list, "circuit-priority"),
    Case("test_circuit.py -k thresholds", "GET", THRESHOLDS, setting("lowSoCPriority", 9), "soc-priorities"),
    Case("test_charge_point_life.py -k inoperative", "POST", START, accepted_start, "start-refused"),
    Case("test_charge_point_life.py -k downtime", "GET", DOWNTIME, setting("type", "downtime"), "downtime-exempt"),
    Case("test_partner_money.py -k shared", "GET", REVENUES, adding_to("data.-1.partnerShare", 1), "shares-are-all"),
    Case("test_webhook.py -k ended", "GET", SUBSCRIPTION, setting("notifications", []), "subscription-changed"),
    Case("test_webhook.py -k resend", "POST", RESEND, with_status(202), "story-step"),
    Case("test_webhook_changes.py -k balance", "GET", USER, setting("balance", 1), "event-tells-balance"),
    Case("test_concurrency.py -k two_drivers", "GET", SESSIONS, duplicating("id"), "one-session-per-evse"),
    Case("test_concurrency.py -k two_stops", "GET", SESSION,
         when(finished, in_turn("energy", [50000, 60000])), "stop-once"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{case.story.removeprefix('test_')}: {case.rule}" for case in CASES])
def test_a_story_notices_when_its_rule_is_broken(emulator: str, case: Case) -> None:
    with tampering_proxy(emulator, Tampering(case.method, case.path, case.spoil)) as base_url:
        outcomes = run_scenarios(case.story, base_url)
    assert outcomes.failed, f"nothing failed: {outcomes}"
    assert any(case.rule in message for message in outcomes.failed.values()), outcomes.failed
