"""Defects of the domain: charging, billing, bookings and circuits that decide wrongly; and Spirii's charge records."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, shown_fields
from ampeco_emulator.backend.rules import Override, always, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.calls import EndpointCall
from ampeco_emulator.domain.billing import billing, partner_money, wallet
from ampeco_emulator.domain.billing.pricing import Line
from ampeco_emulator.domain.charging import (
    bookings,
    charging,
    meter,
    power,
    refusals,
    reservations,
    session_views,
    sessions,
)
from ampeco_emulator.domain.integrations import charge_records, roaming
from ampeco_emulator.domain.network import circuits, profiles
from ampeco_emulator.faults import corruption
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.validation import Incoming


def _only_active(find: Callable[[refusals.StartAttempt], list[Record]], attempt: refusals.StartAttempt) -> list[Record]:
    return [session for session in find(attempt) if session.fields["status"] == "active"]


def _start_again(
    start: Callable[[EndpointCall, Record, Record], EmulatorResponse],
    call: EndpointCall,
    charge_point: Record,
    evse: Record,
) -> EmulatorResponse:
    """Begin another session where one of the user is pending."""
    attempt = charging.attempt_of(call, charge_point, evse)
    pending = [session for session in refusals.occupying_sessions(attempt) if session.fields["status"] == "pending"]
    is_own = any(attempt.user is not None and session.fields["userId"] == attempt.user.id for session in pending)
    return charging.accept_start(call, attempt) if is_own else start(call, charge_point, evse)


def _start_refused(
    start: Callable[[EndpointCall, Record, Record], EmulatorResponse],
    call: EndpointCall,
    charge_point: Record,
    evse: Record,
) -> EmulatorResponse:
    """Begin a session although its start is refused."""
    attempt = charging.attempt_of(call, charge_point, evse)
    is_refused = refusals.refusal_of(attempt) is not None
    response = start(call, charge_point, evse)
    if is_refused:
        charging.accept_start(call, attempt)
    return response


def _internal_issue(
    refuse: Callable[[EndpointCall, refusals.Refusal], EmulatorResponse], call: EndpointCall, refusal: refusals.Refusal
) -> EmulatorResponse:
    return refuse(call, refusals.Refusal("INTERNAL_ISSUE", refusal.message))


def _stop_rejected(refuse: Callable[[EndpointCall, Record], None], call: EndpointCall, session: Record) -> None:
    sessions.finish(call.backend, session, call.backend.now(), reason="remote")
    refuse(call, session)


def _total_off(name: str) -> Override:
    """Make one of the totals of a session one too high."""

    def corrupt(
        total_amount: Callable[[Backend, list[Line], Decimal], dict[str, float]],
        backend: Backend,
        lines: list[Line],
        percentage: Decimal,
    ) -> dict[str, float]:
        amounts = total_amount(backend, lines, percentage)
        return {**amounts, name: amounts[name] + 1}

    return override(meter.total_amount, corrupt)


def _present_tax(
    show: Callable[[Backend, Record, Incoming | None], dict[str, Any]],
    backend: Backend,
    session: Record,
    incoming: Incoming | None,
) -> dict[str, Any]:
    """Show the tax as it is now, in place of that of the session's time."""
    fields = show(backend, session, incoming)
    tax = backend.store.peek("taxes", (fields.get("tax") or {}).get("taxId"))
    if tax is None:
        return fields
    return {**fields, "tax": {"taxId": tax.id, "taxPercentage": tax.fields["percentage"]}}


def _pay_twice(
    pay: Callable[[Backend, Record, Decimal, Record], None],
    backend: Backend,
    user: Record,
    total: Decimal,
    transaction: Record,
) -> None:
    for _ in range(2):
        pay(backend, user, total, transaction)


def _finalize_refund(complete: Callable[[Backend, Record], None], backend: Backend, transaction: Record) -> None:
    if transaction.fields["status"] == "refunded":
        transaction.fields["status"] = "finalized"
    complete(backend, transaction)


def _wrong_discount(
    show: Callable[[Backend, Endpoint, Record, Incoming | None], dict[str, Any]],
    backend: Backend,
    endpoint: Endpoint,
    record: Record,
    incoming: Incoming | None,
) -> dict[str, Any]:
    fields = show(backend, endpoint, record, incoming)
    discount = fields.get("operatorDiscountAmount")
    if record.resource_type != "partner-expenses" or discount is None:
        return fields
    return {**fields, "operatorDiscountAmount": discount + 1}


def _keep_priority(
    write: Callable[[Backend, Record, Any], None], backend: Backend, entry: Record, priority: Any
) -> None:
    if "priority" not in entry.fields:
        write(backend, entry, priority)


def _wrong_amount(
    price_of: Callable[[Backend, Record, Incoming | None], dict[str, str]],
    backend: Backend,
    record: Record,
    incoming: Incoming | None,
) -> dict[str, str]:
    price = price_of(backend, record, incoming)
    return {**price, "amount": str(Decimal(price["amount"]) + 1)}


def _in_kilo(value: Any) -> Any:
    return value / 1000 if isinstance(value, int | float) and not isinstance(value, bool) else value


DOMAIN = (
    Defect("start-reserved", "domain", "any user can start at a reserved EVSE", always(refusals.reserved, None)),
    Defect("start-occupied", "domain", "a second session starts at an EVSE in use", always(refusals.occupied, None)),
    Defect("start-disabled-user", "domain", "a disabled user can start", always(refusals.user_disabled, None)),
    Defect(
        "start-unavailable",
        "domain",
        "a session starts at an EVSE out of service",
        always(refusals.out_of_service, None),
    ),
    Defect(
        "both-win",
        "domain",
        "two simultaneous starts at an EVSE both succeed",
        override(refusals.occupying_sessions, _only_active),
    ),
    Defect(
        "refused-start-runs",
        "domain",
        "a refused start creates a session",
        override(charging.start_at, _start_refused),
    ),
    Defect(
        "wrong-refusal-code",
        "domain",
        "every refused start is reported as an internal issue",
        override(charging.refuse_start, _internal_issue),
    ),
    Defect(
        "rejected-stop-stops",
        "domain",
        "a stop that the charge point rejects ends the session",
        override(charging.refuse_stop, _stop_rejected),
    ),
    Defect(
        "start-forgets-tag",
        "domain",
        "a session forgets the id tag it was started with",
        override(sessions.id_tag_of, lambda decide, backend, session, _tag: decide(backend, session, None)),
    ),
    Defect(
        "authorization-unlinked",
        "domain",
        "an authorization does not name its session",
        always(sessions.link_authorization, None),
    ),
    Defect(
        "energy-falls",
        "domain",
        "the energy of a session falls",
        override(meter.metered_energy, lambda _decide, _backend, charge: max(0, 5000 - charge.energy)),
    ),
    Defect("price-off", "domain", "the price breakdown does not add up", _total_off("withTax")),
    Defect("tax-off", "domain", "the total without tax is wrong", _total_off("withoutTax")),
    Defect(
        "tax-snapshot-lost",
        "domain",
        "a changed tax changes the sessions before it",
        override(session_views.show, _present_tax),
    ),
    Defect("pay-twice", "domain", "a session is paid twice", override(billing.pay_from_balance, _pay_twice)),
    Defect(
        "balance-not-reduced",
        "domain",
        "a paid session takes nothing from the balance",
        always(billing.pay_from_balance, None),
    ),
    Defect("no-receipt", "domain", "a paid session has no receipt", always(billing.issue_receipt, {})),
    Defect(
        "receipt-number-repeats", "domain", "receipts share one number", always(billing.receipt_number, "R00000000")
    ),
    Defect("retry-ignored", "domain", "an accepted retry of a payment pays nothing", always(billing.pay_again, None)),
    Defect(
        "refund-ignored",
        "domain",
        "a refund is noted as a finalized payment",
        override(billing.complete_status, _finalize_refund),
    ),
    Defect(
        "finalized-changes", "domain", "a finalized transaction can be changed", always(billing.can_be_changed, True)
    ),
    Defect(
        "assign-twice", "domain", "a session that has a user can be given to another", always(billing.has_user, False)
    ),
    Defect(
        "share-off",
        "domain",
        "the shares of a partner's session are less than its total",
        override(partner_money.operator_share, lambda decide, *amounts: decide(*amounts) - 1),
    ),
    Defect("expense-off", "domain", "the discount of an expense is wrong", override(shown_fields, _wrong_discount)),
    Defect("fee-on-credit", "domain", "a fee is taken that the balance cannot pay", always(wallet.can_pay_fee, True)),
    Defect("double-booking", "domain", "one time of an EVSE is booked twice", always(bookings.is_free, True)),
    Defect("no-show-ignored", "domain", "an unused booking does not expire", always(bookings.end_unused, None)),
    Defect(
        "circuit-priority-ignored",
        "domain",
        "a priority in a circuit stays as it was",
        override(circuits.write_priority, _keep_priority),
    ),
    Defect(
        "tag-status-ignored",
        "domain",
        "a tag that is suspended, or nobody's, starts sessions",
        always(refusals.tag_unusable, None),
    ),
    Defect("never-expires", "domain", "a reservation never expires", always(reservations.expire, None)),
    Defect(
        "cancel-ignored",
        "domain",
        "an accepted cancellation does not end a reservation",
        always(reservations.end_canceled, None),
    ),
    Defect(
        "booking-criteria-ignored",
        "domain",
        "a booking by criteria gets any EVSE",
        always(bookings.meets_criteria, True),
    ),
    Defect(
        "canceled-long-ago",
        "domain",
        "a reservation was cancelled long ago",
        corruption.body(corruption.field("canceledAt", lambda _: "2020-01-01T00:00:00Z")),
    ),
    Defect(
        "double-tap",
        "domain",
        "a user who starts twice at once has two sessions",
        override(charging.start_at, _start_again),
    ),
    Defect("profile-ignored", "domain", "a charging profile limits no session", always(power.profiles_of, [])),
    Defect(
        "profile-criteria-ignored",
        "domain",
        "clearing a charging profile clears all, whatever the criteria",
        always(profiles.meets, True),
    ),
    Defect(
        "retry-by-balance",
        "domain",
        "a retry of a payment ignores the method that it names",
        always(billing.pay_by, None),
    ),
    Defect(
        "filter-order-ignored",
        "domain",
        "a custom tariff filter does not make room for another one",
        always(roaming.make_room, None),
    ),
    Defect("stop-ignored", "domain", "an accepted stop does not end the session", always(charging.end_stopped, None)),
    Defect("voucher-twice", "domain", "a voucher can be redeemed again", always(wallet.is_redeemable, True)),
    Defect("invoice-twice", "domain", "an invoice can be issued again", always(billing.is_invoiced, False)),
    Defect(
        "energy-in-kilowatt-hours",
        "domain",
        "energy is given in kWh",
        corruption.body(corruption.field("energy", _in_kilo)),
    ),
    Defect(
        "never-stopped",
        "domain",
        "a finished session has no end",
        corruption.body(corruption.field("stoppedAt", lambda _: None)),
    ),
)
SPIRII = (
    Defect(
        "vat-off",
        "spirii",
        "the amount of a charge record is not the sum of its parts",
        override(charge_records.price_of, _wrong_amount),
    ),
    Defect(
        "separator-ignored",
        "spirii",
        "amounts are written with a point, whatever was asked for",
        override(charge_records.with_separator, lambda _write, _backend, price, _separator: price),
    ),
)
