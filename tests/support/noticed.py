"""Which scenario notices which defect of the emulator."""

from collections.abc import Iterator
from typing import NamedTuple


class NoticedDefect(NamedTuple):
    """A defect that the scenarios of a file notice, in those of its tests that have these words in their names."""

    file: str
    defect: str
    words: str


NOTICED = {
    "test_charging_session.py": {
        "energy-falls": "statistics",
        "price-off": "charges_and_stops and evse",
        "tax-off": "charges_and_stops and evse",
        "stop-ignored": "forced",
        "never-stopped": "charges_and_stops and evse",
        "energy-in-kilowatt-hours": "charges_and_stops and evse",
    },
    "test_start_details.py": {"start-forgets-tag": "tag and evse"},
    "test_refused_start.py": {
        "start-occupied": "in_use and evse",
        "start-disabled-user": "disabled and evse",
        "start-unavailable": "out_of_order and evse",
        "refused-start-runs": "forbidding and evse id",
        "network-id-open": "forbidding and network id",
        "refused-start-authorized": "disabled and evse id",
        "start-in-private": "private_charge_point and charge point",
        "disabled-reads-enabled": "disabled and evse id",
    },
    "test_refusing_charger.py": {
        "wrong-refusal-code": "every_reason and evse",
        "rejected-stop-stops": "rejected_stop and rejecting",
        "cancel-ignored": "cancellation and rejecting",
    },
    "test_reservation.py": {
        "start-reserved": "keeps",
        "never-expires": "expires",
        "cancel-ignored": "cancelled",
        "reservation-short": "expires",
        "reservation-extended": "keeps",
        "reservation-blocks": "cancelled",
        "canceled-long-ago": "cancelled",
    },
    "test_receipt.py": {
        "no-receipt": "exactly_one",
        "pay-twice": "balance",
        "balance-not-reduced": "balance",
        "receipt-number-repeats": "numbers",
        "receipt-for-nothing": "free",
    },
    "test_transaction.py": {"invoice-twice": "invoice", "finalized-changes": "cannot_be_changed"},
    "test_outside_payment.py": {
        "refund-ignored": "refund_leaves",
        "finalized-changes": "told and finalized",
        "outside-from-balance": "outside",
    },
    "test_tax.py": {"receipt-tax": "records", "tax-snapshot-lost": "after_the_change", "forget-changes": "reads_back"},
    "test_price.py": {
        "price-doubled": "price per session",
        "grace-ignored": "idle",
        "floor-ignored": "floor",
        "levels-ignored": "levels of energy",
        "tariff-in-utc": "time_of_day and changing",
        "session-cent": "price per session",
        "fee-limits-ignored": "time up to a limit",
        "fee-hours-ignored": "hours and idle",
        "connection-always": "connection fee for a longer",
        "locks-ignored": "idle_fee_changes and kept",
        "special-dates-ignored": "special and today",
    },
    "test_electricity_rate.py": {
        "rate-periods-ignored": "period and kept",
        "markup-ignored": "interval",
        "week-days-shifted": "week_day and its",
    },
    "test_tariff_choice.py": {
        "first-tariff": "last_tariff",
        "newest-tariff": "last_tariff and older",
        "restrictions-ignored": "has ended",
        "live-terms": "keeps_the_terms",
        "limits-ignored": "limit_of and energy",
    },
    "test_post_paid.py": {"due-doubled": "is_due", "plan-pays-everywhere": "other_sessions and none"},
    "test_preauthorization.py": {"amount-stays-blocked": "given_back", "blocked-is-taken": "given_back"},
    "test_ledger.py": {
        "voucher-cent": "goes_in",
        "fee-cent": "fee_is",
        "fee-failed": "fee_is",
        "plan-free": "plan_is",
        "plan-charged-again": "plan_is",
        "pay-twice": "session_is",
        "retry-twice": "retried",
    },
    "test_records.py": {
        "receipt-period": "receipt_agree",
        "total-vanishes": "receipt_agree",
        "receipt-crossed": "receipt_agree",
        "session-currency": "receipt_agree",
        "invoice-tax": "invoice",
        "invoice-tax-rate": "invoice",
        "invoice-subtotal": "invoice",
        "invoice-user": "invoice",
        "failed-session-price": "failed",
    },
    "test_session_time.py": {
        "energy-doubled": "power_over",
        "intervals-unaligned": "aligned and 15",
        "started-later": "lasts and stopped",
        "stopped-later": "lasts and stopped",
        "stop-reason": "lasts and forced",
        "authorization-crossed": "own_authorization",
    },
    "test_partner_money.py": {
        "share-off": "shared_out",
        "expense-off": "expenses_add",
        "revenue-currency": "shared_out",
        "revenue-twice": "shared_out",
    },
    "test_booking.py": {
        "double-booking": "booked_once",
        "booking-criteria-ignored": "kind_of_evse",
        "no-show-ignored": "no_show",
    },
    "test_wallet.py": {
        "voucher-twice": "redeemed",
        "fee-on-credit": "fee_takes",
        "voucher-keeps-amount": "redeemed_once",
        "voucher-disabled": "disabled_voucher",
        "voucher-expired": "expireDate",
    },
    "test_start_conditions.py": {
        "start-at-broken-charge-point": "out_of_order and network id",
        "start-when-closed": "closed and charge point",
        "start-without-plan": "plan and network id",
        "unknown-starts": "deleted and evse id",
        "stop-elsewhere": "another_charge_point",
    },
    "test_webhook.py": {
        "unsigned-webhook": "reservation and 2.0",
        "wrong-signature": "reservation and 2.0",
        "webhook-without-name": "reservation and 2.0",
        "unasked-webhook": "reservation and 2.0",
        "lost-webhook": "payment",
        "event-twice": "step_by_step",
        "pending-untold": "step_by_step",
        "session-told-otherwise": "step_by_step",
        "stop-told-otherwise": "meter",
        "meter-in-celsius": "meter",
    },
    "test_webhook_changes.py": {
        "wrong-signature": "balance",
        "balance-told-otherwise": "balance",
        "told-of-long-ago": "tag_is_told",
    },
    "test_webhook_records.py": {
        "webhook-wrong-action": "circuit and changed_and_removed",
        "reservation-end-untold": "used_reservation",
    },
    "test_charge_point_life.py": {"start-unavailable": "inoperative", "keep-removed": "built"},
    "test_references.py": {"keep-removed": "location"},
    "test_cdr.py": {"ignore-filters": "local"},
    "test_id_tag.py": {
        "start-forgets-tag": "told_in",
        "authorization-unlinked": "accepted_authorization",
        "tag-status-ignored": "authorize_is_refused and suspended",
    },
    "test_access.py": {"keep-removed": "share_lets", "start-in-private": "guest"},
    "test_flexibility.py": {"field-rules-ignored": "one_thing"},
    "test_defaults.py": {"group-without-base-tariff": "group"},
    "test_refused_changes.py": {"voucher-twice": "too_late"},
    "test_field_rules.py": {"field-rules-ignored": "hours"},
    "test_fixed_fields.py": {"undocumented-written": "charge point of"},
    "test_charging_profile.py": {"profile-ignored": "start_with", "profile-criteria-ignored": "meets_all"},
    "test_payment_method.py": {
        "retry-by-balance": "retry",
        "lost-webhook": "two_steps",
        "card-and-balance": "from_the_balance",
        "foreign-card-pays": "another_driver",
    },
    "test_roaming_operator.py": {"filter-order-ignored": "room"},
    "test_subscription.py": {
        "allowance-ignored": "covers and combined",
        "allowance-everywhere": "counts_where and home",
        "never-renewed": "renewed and itself",
        "plan-joins-nothing": "joins",
    },
    "test_settlement.py": {
        "contract-always": "months and next",
        "lost-webhook": "settled_once",
        "expenses-not-settled": "settled_once",
        "contract-fees-ignored": "decides and fees",
    },
    "test_downtime.py": {"field-rules-ignored": "EVSE"},
    "test_filters.py": {"ignore-filters": "application"},
    "test_circuit.py": {"circuit-priority-ignored": "joins"},
    "test_failed_payment.py": {"retry-ignored": "retried", "network-id-open": "retried"},
    "test_private_data.py": {"keep-removed": "export"},
    "test_session_owner.py": {"assign-twice": "assigned", "assign-early": "assigned"},
    "test_concurrency.py": {"both-win": "two_drivers", "double-tap": "twice_at_once", "stop-ignored": "two_stops"},
    "spirii/test_charge_record.py": {"vat-off": "adds_up", "separator-ignored": "adds_up"},
}


def noticed() -> Iterator[NoticedDefect]:
    """Every line of the table."""
    for file, defects in NOTICED.items():
        for defect, words in defects.items():
            yield NoticedDefect(file, defect, words)


def one_for_each_test() -> Iterator[NoticedDefect]:
    """The first line for each selection of tests: that its rule can fail. `./conform selftest` tries every defect."""
    seen: set[tuple[str, str]] = set()
    for line in noticed():
        if (line.file, line.words) not in seen:
            seen.add((line.file, line.words))
            yield line
