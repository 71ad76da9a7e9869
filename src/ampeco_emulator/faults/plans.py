"""Defects of money that does not come from the balance: plans, cards, contracts, payments outside of the platform."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import always, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.domain.billing import (
    billing,
    partner_money,
    plans,
    post_paid,
    preauthorization,
    settlement,
    wallet,
)
from ampeco_emulator.faults.model import Defect


def _card_and_balance(
    take: Callable[[Backend, Record, Decimal, Mapping[str, Any]], None],
    backend: Backend,
    user: Record,
    amount: Decimal,
    purchase: Mapping[str, Any],
) -> None:
    take(backend, user, amount, purchase)
    if purchase["paymentMethodId"] != "balance":
        billing.book(backend, user, -amount, "custom_fee")


def _from_balance(complete: Callable[[Backend, Record], None], backend: Backend, transaction: Record) -> None:
    complete(backend, transaction)
    user = backend.store.peek("users", transaction.fields["userId"])
    if user is not None and transaction.fields["status"] == "finalized":
        billing.book(backend, user, -Decimal(str(transaction.fields["totalAmount"])), "transaction", transaction)


def _capture(_release: Callable[[Backend, Record], None], backend: Backend, session: Record) -> None:
    transaction = backend.store.peek("transactions", session.state.pop("blocked", None))
    if transaction is not None:
        backend.change(transaction, {"status": "finalized"})


PLANS = (
    Defect(
        "due-doubled",
        "domain",
        "the amount due is twice what was charged",
        override(post_paid.amount_due, lambda decide, backend, user: 2 * decide(backend, user)),
    ),
    Defect(
        "plan-pays-everywhere",
        "domain",
        "a post-paid plan pays for sessions that it does not accumulate",
        always(post_paid.accumulates, True),
    ),
    Defect("allowance-everywhere", "domain", "an allowance counts wherever one charges", always(plans.counts, True)),
    Defect(
        "card-and-balance",
        "domain",
        "a fee that a card pays is taken from the balance, too",
        override(wallet.take_payment, _card_and_balance),
    ),
    Defect(
        "outside-from-balance",
        "domain",
        "a payment outside of the platform is taken from the balance, too",
        override(billing.complete_status, _from_balance),
    ),
    Defect(
        "blocked-is-taken",
        "domain",
        "a blocked amount is taken, besides the price of the session",
        override(preauthorization.release, _capture),
    ),
    Defect(
        "contract-fees-ignored",
        "domain",
        "the fees of a contract are not taken from the partner's share",
        always(partner_money.fees_of, Decimal(0)),
    ),
    Defect(
        "expenses-not-settled",
        "domain",
        "a settlement report takes no expenses off the revenue",
        override(settlement.left_of, lambda _decide, _backend, earned, _owed: earned),
    ),
)
