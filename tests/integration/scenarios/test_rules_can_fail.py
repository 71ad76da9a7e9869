"""Every scenario notices when its rule is broken: a response is changed on its way, and the scenario names the rule."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import pytest

from tests.support.scenario_runs import Outcomes, Variant, run_under_variants
from tests.support.tampering import (
    Corruption,
    SwitchedTampering,
    TamperedResponse,
    Tampering,
    adding_to,
    after,
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
CHARGE_POINT = r"/resources/charge-points/v2\.0/\d+$"
PLAN = r"/resources/subscription-plans/v2\.0/\d+$"
ZONES = r"/charging-zones(\?|$)"
THRESHOLDS = r"/soc-priorities$"

finished = having_status("finished")
active = having_status("active")
accepted_start = setting("success", True)


def later_each_time(name: str) -> Corruption:
    """Move a moment on by one second more in each response."""
    seconds = itertools.count()

    def corrupt(answer: TamperedResponse) -> None:
        moment = datetime.fromisoformat(answer.item[name]) + timedelta(seconds=next(seconds))
        answer.item[name] = moment.isoformat()

    return corrupt


def gone(answer: TamperedResponse) -> bool:
    return answer.status == 404


class BrokenRule(NamedTuple):
    """A rule that fails when responses are changed: in the scenarios with these words in their names."""

    words: str
    method: str
    path: str
    corrupt: Corruption
    rule: str

    def tampering(self) -> Tampering:
        """What changes the responses."""
        return Tampering(self.method, self.path, self.corrupt)


CASES = {
    "test_charging_session.py": [
        BrokenRule("charges_and_stops", "GET", SESSION, setting("userId", 424242), "session-of-driver"),
        BrokenRule("charges_and_stops", "GET", SESSION, setting("evseId", 424242), "session-at-evse"),
        BrokenRule(
            "charges_and_stops",
            "GET",
            SESSION,
            when(active, in_turn("energy", [900, 900, 400, 50000])),
            "energy-never-falls",
        ),
        BrokenRule("charges_and_stops", "GET", SESSION, when(finished, setting("energy", 0)), "stop-keeps-energy"),
        BrokenRule(
            "charges_and_stops",
            "GET",
            SESSION,
            when(finished, setting("stoppedAt", "2001-01-01T00:00:00Z")),
            "ends-after-start",
        ),
        BrokenRule(
            "charges_and_stops",
            "GET",
            SESSION,
            when(finished, adding_to("chargingPeriods.0.energy", 500)),
            "periods-sum",
        ),
        BrokenRule("charges_and_stops", "GET", SESSION, when(finished, setting("energy", 10**8)), "energy-possible"),
        BrokenRule(
            "charges_and_stops", "GET", SESSION, when(finished, adding_to("totalAmount.withTax", 1)), "tax-of-total"
        ),
        BrokenRule(
            "charges_and_stops",
            "GET",
            SESSION,
            when(finished, adding_to("priceBreakdown.0.price.withTax", 1)),
            "line-is-product",
        ),
        BrokenRule(
            "statistics",
            "GET",
            SESSION,
            when(finished, adding_to("clockAlignedEnergyConsumption.0.energyConsumed", 500)),
            "aligned-sum",
        ),
        BrokenRule("statistics", "GET", STATISTICS, adding_to("data.-1.energy", 5000), "stats-sum"),
        BrokenRule("listing", "GET", SESSIONS, empty_list, "filter-finds"),
        BrokenRule("listing", "GET", SESSIONS, setting("data.0.userId", 424242), "filter-holds"),
        BrokenRule("second_stop", "GET", SESSION, when(finished, in_turn("energy", [50000, 60000])), "stop-once"),
        BrokenRule("forced", "POST", STOP, with_status(406), "story-step"),
    ],
    "test_refused_start.py": [
        BrokenRule(
            "single_session",
            "POST",
            START,
            when(lambda answer: not answer.item["success"], setting("sessionId", 424242)),
            "refusal-without-session",
        ),
        BrokenRule(
            "in_use",
            "POST",
            START,
            when(lambda answer: not answer.item["success"], clearing("message", "errorCode")),
            "refusal-says-why",
        ),
    ],
    "test_refusing_charger.py": [
        BrokenRule("every_reason", "POST", START, setting("errorCode", "AGILE_STREETS_CALCULATE"), "refusal-code"),
        BrokenRule("rejected_stop", "POST", STOP, with_status(202), "story-step"),
        BrokenRule("cancellation", "POST", CANCEL, with_status(202), "story-step"),
        BrokenRule(
            "configuration and rejecting",
            "GET",
            r"/configurations/",
            in_turn("key.value", ["60", "61"]),
            "rejected-command-changes-nothing",
        ),
    ],
    "test_reservation.py": [
        BrokenRule("keeps", "GET", RESERVATION, setting("evseId", 424242), "reservation-at-evse"),
        BrokenRule(
            "in_use", "POST", RESERVE, with_status(202, {"success": True, "reservationId": 424242}), "reserve-refused"
        ),
        BrokenRule(
            "cancelled",
            "GET",
            RESERVATION,
            when(having_status("canceled"), later_each_time("canceledAt")),
            "cancel-once",
        ),
        BrokenRule("expires", "GET", RESERVATION, setting("status", "active"), "not within"),
        BrokenRule("listing", "GET", RESERVATIONS, empty_list, "filter-finds"),
    ],
    "test_receipt.py": [
        BrokenRule("exactly_one", "GET", RECEIPT, adding_to("totalAmount", 0.5), "receipt-total"),
        BrokenRule("exactly_one", "GET", RECEIPT, setting("userId", 424242), "receipt-of-user"),
        BrokenRule("exactly_one", "GET", RECEIPT, adding_to("totalKwh", 1), "receipt-energy"),
        BrokenRule("exactly_one", "GET", RECEIPT, adding_to("tax.taxPercentage", 1), "receipt-tax"),
        BrokenRule("exactly_one", "GET", RECEIPTS, duplicating("id"), "one-receipt-per-session"),
        BrokenRule("balance", "GET", USER, in_turn("balance", [500, 499]), "balance-pays-total"),
        BrokenRule("numbers", "GET", RECEIPTS, duplicating("id"), "receipt"),
        BrokenRule("unpaid", "GET", SESSION, when(active, setting("paymentStatus", "paid")), "unpaid-while-running"),
        BrokenRule("numbers", "GET", RECEIPT, in_turn("receiptNo", ["R9", "R8"]), "receipt-number-increases"),
        BrokenRule("each_filter", "GET", RECEIPTS + ".*periodStart", empty_list, "filter-finds"),
    ],
    "test_transaction.py": [
        BrokenRule("one_finalized", "GET", TRANSACTION, adding_to("totalAmount", 9), "transaction-total"),
        BrokenRule("one_finalized", "GET", TRANSACTIONS, duplicating("id"), "one-payment-per-session"),
        BrokenRule("reference", "GET", TRANSACTION, setting("ref", "another"), "reference-reads-back"),
        BrokenRule("cannot", "GET", TRANSACTION, in_turn("totalAmount", [10, 0]), "finalized-stays"),
    ],
    "test_outside_payment.py": [
        BrokenRule(
            "refund_leaves", "GET", TRANSACTIONS, setting("data.-1.status", "finalized"), "refund-is-no-payment"
        ),
        BrokenRule("told", "GET", TRANSACTION, setting("status", "pending"), "transaction-status"),
    ],
    "test_start_details.py": [
        BrokenRule("number", "GET", SESSION, setting("externalSessionId", "another"), "session-tells-start"),
        BrokenRule("tag", "GET", SESSION, setting("idTag", "another"), "session-names-tag"),
    ],
    "test_tax.py": [
        BrokenRule("reads_back", "GET", TAX, setting("percentage", 10), "update-stays"),
        BrokenRule("after", "GET", SESSION, setting("tax.taxPercentage", 20), "tax"),
    ],
    "test_wallet.py": [
        BrokenRule("adding", "GET", USER, setting("balance", 100), "balance-adds"),
        BrokenRule("redeemed", "GET", USER, in_turn("balance", [0, 15, 30]), "voucher-once"),
        BrokenRule("fee", "GET", USER, in_turn("balance", [20, 13, 0]), "fee-refused"),
        BrokenRule("paid_once", "GET", USER, in_turn("balance", [100, 40]), "plan-fee-once"),
        BrokenRule(
            "plan_is_kept",
            "GET",
            r"/subscription-plans/v2\.0/\d+$",
            setting("renewalCycle", "annually"),
            "plan-reads-back",
        ),
    ],
    "test_id_tag.py": [
        BrokenRule("kept", "GET", TAG, setting("status", "enabled"), "tag-suspended"),
        BrokenRule("accepted", "GET", AUTHORIZATION, setting("userId", 424242), "authorization-of-driver"),
        BrokenRule("accepted", "GET", AUTHORIZATION, setting("sessionIds", []), "authorization-names-session"),
    ],
    "test_charge_point_life.py": [
        BrokenRule("built", "GET", ZONES, empty_list, "created-listed"),
        BrokenRule("inoperative", "POST", START, accepted_start, "start-refused"),
        BrokenRule("as_a_whole", "POST", START, in_turn("success", [True, True]), "start-refused"),
        BrokenRule("firmware and unsigned", "POST", r"/update-firmware$", with_status(202), "story-step"),
        BrokenRule("downtime", "GET", DOWNTIME, setting("type", "downtime"), "downtime-exempt"),
    ],
    "test_booking.py": [
        BrokenRule("cancelled", "GET", BOOKING, setting("userId", 424242), "booking-of-driver"),
        BrokenRule("cancelled", "GET", BOOKING, setting("startAt", "2001-01-01T00:00:00Z"), "booking-times"),
        BrokenRule("once", "POST", BOOKING_REQUESTS, setting("status", "approved"), "no-double-booking"),
        BrokenRule("is_used", "GET", BOOKING, setting("status", "accepted"), "not within"),
        BrokenRule("moves", "GET", BOOKING, setting("startAt", "2001-01-01T00:00:00Z"), "booking-times"),
        BrokenRule("no_show", "GET", BOOKING, setting("status", "accepted"), "not within"),
    ],
    "test_partner_money.py": [
        BrokenRule(
            "expenses_add",
            "GET",
            r"/partner-expenses/v1\.0",
            adding_to("data.0.operatorDiscountAmount", 1),
            "expense-discount",
        ),
        BrokenRule(
            "shared",
            "GET",
            REVENUES,
            both(adding_to("data.-1.partnerShare", 1), adding_to("data.-1.operatorShare", -1)),
            "share-by-contract",
        ),
        BrokenRule("shared", "GET", REVENUES, adding_to("data.-1.partnerShare", 1), "shares-are-all"),
    ],
    "test_failed_payment.py": [
        BrokenRule("", "POST", RETRY, with_status(202), "story-step"),
    ],
    "test_session_owner.py": [
        BrokenRule("", "POST", ASSIGN, with_status(202), "assigned-when-billed"),
        BrokenRule("", "POST", ASSIGN, after(2, with_status(202)), "story-step"),
        BrokenRule("", "GET", SESSION, setting("userId", 424242), "session-assigned"),
    ],
    "test_private_data.py": [
        BrokenRule("", "GET", USER, when(gone, with_status(200, {"data": {}})), "story-step"),
    ],
    "test_access.py": [
        BrokenRule("share_lets", "GET", r"/shares$", empty_list, "share-listed"),
        BrokenRule("exactly", "GET", r"/shared-partners$", empty_list, "shared-as-set"),
        BrokenRule("owner", "GET", CHARGE_POINT, setting("user.id", 424242), "owner-changed"),
        BrokenRule("sharing_code", "GET", CHARGE_POINT, setting("sharingCode", "another"), "sharing-code-reads-back"),
    ],
    "test_defaults.py": [
        BrokenRule("package", "POST", r"/top-up-packages/", setting("enabled", True), "default-kept"),
        BrokenRule("star", "POST", r"/circuits/v2\.0$", setting("electricalConfiguration", "delta"), "default-kept"),
        BrokenRule("energy_mix", "GET", r"/energy-mix$", setting("solar", 5), "default-kept"),
        BrokenRule(
            "booked", "POST", r"/evses/v2\.1$", setting("allowsReservation", False), "booking-allows-reservation"
        ),
    ],
    "test_refused_changes.py": [
        BrokenRule("partner and group", "GET", r"/user-groups/", setting("partnerId", 424242), "refused-change"),
        BrokenRule("card and balance", "DELETE", r"/payment-methods/", with_status(204), "story-step"),
        BrokenRule("fee", "GET", USER, in_turn("balance", [20, 15]), "refusal-costs-nothing"),
        BrokenRule("same_status", "GET", USER, in_turn("balance", [20, 15]), "refused-change"),
        BrokenRule("too_late", "POST", r"/vouchers/v2\.1$", setting("code", "other"), "voucher-prefix"),
        BrokenRule("stays_disabled", "GET", PLAN, setting("status", "enabled"), "refused-change"),
        BrokenRule("moment", "GET", r"/subscriptions/v1\.0", empty_list, "plan-replaced"),
        BrokenRule("variable", "GET", r"/variables", empty_list, "template-variables"),
    ],
    "test_flexibility.py": [
        BrokenRule("end", "GET", r"/flexibility-assets/v1\.0/\d+$", setting("status", "enabled"), "asset-ends"),
        BrokenRule("meter", "GET", r"/consumption$", setting("data.0.consumption", 9), "consumption-reported"),
    ],
    "test_references.py": [
        BrokenRule(
            "location", "GET", r"/locations/v2\.0/\d+$", when(gone, with_status(403, {"message": "No."})), "story-step"
        ),
    ],
    "test_cdr.py": [
        BrokenRule("local", "GET", r"/cdrs/v2\.0\?", setting("data.0.isLocal", False), "filter-holds"),
        BrokenRule("its_id", "GET", r"/cdrs/v2\.0/\d+$", setting("sessionId", "another"), "listed-as-read"),
    ],
    "test_circuit.py": [
        BrokenRule("weight", "GET", r"/user-priorities", empty_list, "user-priority"),
        BrokenRule("of_its_own", "GET", r"/charge-point-priorities", setting("data.0.evses", []), "evse-priority"),
        BrokenRule("joins", "GET", r"/charge-point-priorities$", empty_list, "circuit-priority"),
        BrokenRule("thresholds", "GET", THRESHOLDS, setting("lowSoCPriority", 9), "soc-priorities"),
        BrokenRule("thresholds", "GET", THRESHOLDS, setting("upperThresholdPercent", 80), "soc-priorities"),
    ],
    "test_webhook.py": [
        BrokenRule("ended", "GET", SUBSCRIPTION, setting("notifications", []), "subscription-changed"),
        BrokenRule("once_in_a_while", "POST", RESEND, with_status(202), "story-step"),
        BrokenRule("only_webhook", "POST", RESEND, with_status(202), "story-step"),
    ],
    "test_webhook_changes.py": [
        BrokenRule("balance", "GET", USER, setting("balance", 1), "event-tells-balance"),
    ],
    "test_concurrency.py": [
        BrokenRule("two_drivers", "GET", SESSIONS, duplicating("id"), "one-session-per-evse"),
        BrokenRule("two_stops", "GET", SESSION, when(finished, in_turn("energy", [50000, 60000])), "stop-once"),
    ],
}


class RunUnderRules:
    """Runs the scenarios of a file under all its broken rules, in one session that later tests of the file share."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._outcomes: dict[str, list[Outcomes]] = {}

    def outcomes(self, file: str, number: int) -> Outcomes:
        """What became of the scenarios under a rule, by its number in the table."""
        if file not in self._outcomes:
            tampering = SwitchedTampering()
            with tampering_proxy(self._base_url, tampering) as base_url:
                variants = [
                    Variant(rule.words, partial(tampering.switched_to, rule.tampering())) for rule in CASES[file]
                ]
                self._outcomes[file] = run_under_variants(file, base_url, variants)
        return self._outcomes[file][number]


@pytest.fixture(scope="module")
def runs(emulator: str) -> RunUnderRules:
    """The sessions of this module."""
    return RunUnderRules(emulator)


def every_case() -> Iterator[object]:
    for file, rules in CASES.items():
        for number, rule in enumerate(rules):
            name = f"{file.removeprefix('test_')} -k {rule.words}" if rule.words else file.removeprefix("test_")
            yield pytest.param(file, number, id=f"{name}: {rule.rule}")


@pytest.mark.parametrize(("file", "number"), list(every_case()))
def test_a_scenario_notices_when_its_rule_is_broken(runs: RunUnderRules, file: str, number: int) -> None:
    outcomes = runs.outcomes(file, number)
    assert outcomes.failed, f"nothing failed: {outcomes}"
    assert any(CASES[file][number].rule in message for message in outcomes.failed.values()), outcomes.failed
