"""Defects of money: prices that are not those of the tariff, and payments that do not add up."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import Override, always, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.domain.billing import (
    billing,
    electricity_rates,
    partner_money,
    plans,
    preauthorization,
    tariffs,
    wallet,
)
from ampeco_emulator.domain.billing.energy import Charge
from ampeco_emulator.domain.billing.pricing import Line
from ampeco_emulator.domain.billing.rate_prices import WEEK_DAYS
from ampeco_emulator.domain.charging import meter, sessions
from ampeco_emulator.faults.model import Defect

CENT = Decimal("0.01")
_FEE_HOURS = ("durationFeeFrom", "durationFeeTo", "idleFeePeriodStart", "idleFeePeriodEnd")
_SessionTerms = Mapping[str, Any]


def _doubled(
    price: Callable[[Backend, Record, Charge], list[Line]], backend: Backend, session: Record, charge: Charge
) -> list[Line]:
    return [replace(line, unit_price=line.unit_price * 2) for line in price(backend, session, charge)]


def _without_term(*names: str) -> Override:
    """Sessions are priced, or limited, as if their tariff lacked some terms."""

    def forget(decide: Callable[[Backend, Record], _SessionTerms], backend: Backend, session: Record) -> _SessionTerms:
        terms = decide(backend, session)
        pricing = terms.get("pricing") or {}
        kept = {name: value for name, value in pricing.items() if name not in names}
        return {**{name: value for name, value in terms.items() if name not in names}, "pricing": kept}

    return override(meter.terms_of, forget)


def _live_terms(decide: Callable[[Backend, Record], _SessionTerms], backend: Backend, session: Record) -> _SessionTerms:
    tariff = backend.store.peek("tariffs", decide(backend, session).get("tariffId"))
    return tariff.fields if tariff is not None else {}


def _a_day_later(
    decide: Callable[[Backend, Record], dict[str, list[Any]]], backend: Backend, rate: Record
) -> dict[str, list[Any]]:
    following = dict(zip(WEEK_DAYS, (*WEEK_DAYS[1:], WEEK_DAYS[0]), strict=True))
    return {following.get(day, day): periods for day, periods in decide(backend, rate).items()}


def _first_level(terms: _SessionTerms) -> _SessionTerms:
    pricing = terms.get("pricing") or {}
    levels = [{**level, "lastKwh": None} for level in (pricing.get("multiPricePerKwh") or ())[:1]]
    return {**terms, "pricing": {**pricing, "multiPricePerKwh": levels}}


TARIFFS = (
    Defect("price-doubled", "domain", "every price is twice that of the tariff", override(meter.price_lines, _doubled)),
    Defect(
        "first-tariff",
        "domain",
        "the first tariff of a group that fits applies, in place of the last",
        override(tariffs.in_order, lambda decide, backend, group: decide(backend, group)[::-1]),
    ),
    Defect(
        "newest-tariff",
        "domain",
        "the newest tariff of a group that fits applies, wherever it is in the group",
        override(tariffs.in_order, lambda decide, backend, group: sorted(decide(backend, group), reverse=True)),
    ),
    Defect("restrictions-ignored", "domain", "a tariff applies to everybody at any time", always(tariffs.suits, True)),
    Defect(
        "grace-ignored", "domain", "the idle fee begins without its grace", _without_term("idleFeeGracePeriodMinutes")
    ),
    Defect("allowance-ignored", "domain", "energy that a plan covers is billed", always(plans.free_energy, 0)),
    Defect(
        "plan-joins-nothing",
        "domain",
        "a plan that replaces another does not join its restrictions",
        always(plans.join_restrictions, None),
    ),
    Defect("never-renewed", "domain", "no subscription renews itself", always(wallet.renew, False)),
    Defect(
        "contract-always", "domain", "a contract counts outside of its months", always(partner_money.is_in_force, True)
    ),
    Defect(
        "rate-periods-ignored",
        "domain",
        "an electricity rate has its default price at all times",
        always(electricity_rates.price_periods, {}),
    ),
    Defect(
        "markup-ignored",
        "domain",
        "the markup by intervals of the day is not charged",
        _without_term("flexibleMarkUpAsFixedPerKwh"),
    ),
    Defect(
        "special-dates-ignored",
        "domain",
        "special dates have the prices of other days",
        _without_term("daysWhenApplied"),
    ),
    Defect(
        "week-days-shifted",
        "domain",
        "the prices of a week day count on the next one",
        override(electricity_rates.price_periods, _a_day_later),
    ),
    Defect("fee-hours-ignored", "domain", "fees for some hours are charged all day", _without_term(*_FEE_HOURS)),
    Defect(
        "fee-limits-ignored",
        "domain",
        "fees go on above their limit",
        _without_term("durationFeeLimit", "idleFeeLimit"),
    ),
    Defect(
        "connection-always",
        "domain",
        "short sessions pay the connection fee, too",
        _without_term("connectionFeeMinimumSessionDuration", "connectionFeeMinimumSessionEnergy"),
    ),
    Defect(
        "locks-ignored",
        "domain",
        "prices change during a session that keeps those of its start",
        _without_term(*(f"lock{part}PriceOnSessionStart" for part in ("", "Energy", "Duration", "Idle"))),
    ),
    Defect("floor-ignored", "domain", "a session may cost less than the minimum price", _without_term("minPrice")),
    Defect("limits-ignored", "domain", "the limits of a tariff do not end a session", _without_term("stopSession")),
    Defect(
        "levels-ignored",
        "domain",
        "all energy has the price of the first level",
        override(meter.terms_of, lambda decide, backend, session: _first_level(decide(backend, session))),
    ),
    Defect("live-terms", "domain", "a changed tariff changes running sessions", override(meter.terms_of, _live_terms)),
    Defect("amount-stays-blocked", "domain", "blocked amounts stay blocked", always(preauthorization.release, None)),
    Defect("tariff-in-utc", "domain", "day and night are those of UTC", always(tariffs.zone_of, UTC)),
)


def _pay_again_twice(
    pay: Callable[[Backend, Record, Record], None], backend: Backend, session: Record, user: Record
) -> None:
    for _ in range(2):
        pay(backend, session, user)


def _a_cent_more(
    total_amount: Callable[[Backend, list[Line], Decimal], dict[str, float]],
    backend: Backend,
    lines: list[Line],
    percentage: Decimal,
) -> dict[str, float]:
    costs = sum(line.amount for line in lines)
    return total_amount(backend, [*lines, Line("more", "session", Decimal(1), CENT)] if costs else lines, percentage)


_TakePayment = Callable[[Backend, Record, Decimal, Mapping[str, Any]], None]


def _fee_off(take: _TakePayment, backend: Backend, user: Record, amount: Decimal, purchase: Mapping[str, Any]) -> None:
    take(backend, user, amount + CENT if purchase["purchaseResourceType"] == "custom_fee" else amount, purchase)


def _plan_free(
    take: _TakePayment, backend: Backend, user: Record, amount: Decimal, purchase: Mapping[str, Any]
) -> None:
    if purchase["purchaseResourceType"] != "subscription_plan":
        take(backend, user, amount, purchase)


def _plan_again(
    take: _TakePayment, backend: Backend, user: Record, amount: Decimal, purchase: Mapping[str, Any]
) -> None:
    take(backend, user, amount, purchase)
    if purchase["purchaseResourceType"] == "subscription_plan":
        fields = {"userId": user.id, "sessionId": None, "totalAmount": 999.0, "status": "finalized", **purchase}
        billing.add_transaction(backend, fields, backend.now())


def _fee_failed(
    take: _TakePayment, backend: Backend, user: Record, amount: Decimal, purchase: Mapping[str, Any]
) -> None:
    failed = {"status": "failed", "totalAmount": 0} if purchase["purchaseResourceType"] == "custom_fee" else {}
    take(backend, user, amount, {**purchase, **failed})


def _receipt_with(change: Callable[[Record, Record], None]) -> Override:
    """Change the receipt of a session, or its transaction, when it is issued."""

    def issue(
        decide: Callable[[Backend, Record, Record, Decimal], dict[str, Any]],
        backend: Backend,
        session: Record,
        transaction: Record,
        total: Decimal,
    ) -> dict[str, Any]:
        changes = decide(backend, session, transaction, total)
        receipt = backend.store.peek("receipts", changes.get("receiptId"))
        if receipt is not None:
            change(receipt, transaction)
        return changes

    return override(billing.issue_receipt, issue)


def _old_period(receipt: Record, _transaction: Record) -> None:
    receipt.fields |= {"periodStart": "2024-03-01T00:00:00Z", "periodEnd": "2024-03-31T23:59:59Z"}


def _other_tax(receipt: Record, _transaction: Record) -> None:
    receipt.fields["tax"] = {**(receipt.fields.get("tax") or {"taxId": 1}), "taxPercentage": 7}


def _other_receipt(receipt: Record, transaction: Record) -> None:
    transaction.fields["receiptId"] = receipt.id + 1


def _invoice_with(**changes: Callable[[Any], Any]) -> Override:
    """Change fields of every invoice."""

    def corrupt(
        decide: Callable[[Backend, Record, dict[str, Any]], dict[str, Any]],
        backend: Backend,
        transaction: Record,
        body: dict[str, Any],
    ) -> dict[str, Any]:
        fields = decide(backend, transaction, body)
        return {**fields, **{name: change(fields[name]) for name, change in changes.items()}}

    return override(billing.invoice_fields, corrupt)


def _revenue_with(change: Callable[[Backend, Record], None]) -> Override:
    """Change the revenue row of a session when it is recorded."""

    def record(
        share: Callable[[Backend, Record, datetime], None], backend: Backend, session: Record, at: datetime
    ) -> None:
        before = len(backend.store.all("partner-revenues"))
        share(backend, session, at)
        if len(rows := backend.store.all("partner-revenues")) > before:
            change(backend, rows[-1])

    return override(partner_money.share_out, record)


def _in_kroner(_backend: Backend, row: Record) -> None:
    row.fields |= {"currencyCode": "DKK", "currency": "DKK"}


def _credit_another(backend: Backend, row: Record) -> None:
    other = next(partner.id for partner in backend.store.all("partners") if partner.id != row.fields["partnerId"])
    backend.add(
        "partner-revenues", {name: value for name, value in row.fields.items() if name != "id"} | {"partnerId": other}
    )


PAYMENTS = (
    Defect("receipt-for-nothing", "domain", "a free session has a receipt", always(billing.has_price, True)),
    Defect("voucher-keeps-amount", "domain", "a redeemed voucher shows its whole amount", always(wallet.left_of, 15)),
    Defect("retry-twice", "domain", "a retry takes the money twice", override(billing.pay_again, _pay_again_twice)),
    Defect("session-cent", "domain", "a session costs a cent too much", override(meter.total_amount, _a_cent_more)),
    Defect("fee-cent", "domain", "a fee is a cent too high", override(wallet.take_payment, _fee_off)),
    Defect(
        "voucher-cent",
        "domain",
        "a voucher adds a cent too little",
        override(wallet.worth, lambda decide, backend, voucher: decide(backend, voucher) - CENT),
    ),
    Defect("plan-free", "domain", "a plan that has a price costs nothing", override(wallet.take_payment, _plan_free)),
    Defect("plan-charged-again", "domain", "a plan has a second payment", override(wallet.take_payment, _plan_again)),
    Defect(
        "fee-failed", "domain", "the payment of a fee is noted as failed", override(wallet.take_payment, _fee_failed)
    ),
    Defect("receipt-period", "domain", "receipts are for March 2024", _receipt_with(_old_period)),
    Defect("receipt-tax", "domain", "receipts have another tax than their session", _receipt_with(_other_tax)),
    Defect("invoice-tax-rate", "domain", "every invoice says 7 %", _invoice_with(taxRate=lambda _: 7)),
    Defect("receipt-crossed", "domain", "a transaction names another receipt", _receipt_with(_other_receipt)),
    Defect("invoice-tax", "domain", "the tax of an invoice is doubled", _invoice_with(taxAmount=lambda tax: tax * 2)),
    Defect("invoice-subtotal", "domain", "the subtotal of an invoice is 0.50", _invoice_with(subtotal=lambda _: 0.5)),
    Defect("invoice-user", "domain", "every invoice is for user 1", _invoice_with(userId=lambda _: 1)),
    Defect(
        "session-currency",
        "domain",
        "a session has another currency than its tariff",
        always(sessions.currency_of, "DKK"),
    ),
    Defect("revenue-currency", "domain", "a revenue has another currency than its session", _revenue_with(_in_kroner)),
    Defect("revenue-twice", "domain", "a session is credited to a second partner, too", _revenue_with(_credit_another)),
)
