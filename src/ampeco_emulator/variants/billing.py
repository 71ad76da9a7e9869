"""Variants of billing: when and how sessions are settled, rounded and documented."""

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import always, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.domain.billing import billing, currencies, wallet
from ampeco_emulator.domain.billing.energy import Charge
from ampeco_emulator.domain.billing.pricing import Line, PricePrecision, without_tax
from ampeco_emulator.domain.charging import meter, sessions
from ampeco_emulator.variants.model import EmulatorVariant

_Settled = Callable[[Backend, Record], str | None]
_ShowLine = Callable[[Backend, Record, Line, Decimal], dict[str, Any]]
#: To how many decimals a quantity is shown, by its unit.
_SHOWN = {"kwh": Decimal("0.01"), "minute": Decimal("0.1")}


def _unless_anonymous(status: str | None) -> Callable[[_Settled, Backend, Record], str | None]:
    def decide(settled: _Settled, backend: Backend, session: Record) -> str | None:
        return status if session.fields["userId"] is None else settled(backend, session)

    return decide


def _in_part(
    decide: Callable[[Backend, Record, Decimal, str], tuple[Decimal, str]],
    backend: Backend,
    user: Record,
    total: Decimal,
    method: str,
) -> tuple[Decimal, str]:
    """Take what there is on the balance."""
    taken, outcome = decide(backend, user, total, method)
    balance = Decimal(str(user.fields.get("balance") or 0))
    return (balance, "partially") if outcome == "failed" and balance > 0 else (taken, outcome)


def _collect(_decide: Callable[[Backend, Record], None], backend: Backend, user: Record) -> None:
    """Pay what is open from a new balance."""
    for session in backend.store.all("sessions", {"users": str(user.id)}):
        if session.fields.get("paymentStatus") == "failed":
            billing.pay_again(backend, session, user)


def _tax_by_line(
    decide: Callable[[Backend, list[Line], Decimal], dict[str, float]],
    backend: Backend,
    lines: list[Line],
    percentage: Decimal,
) -> dict[str, float]:
    nets = (without_tax(line.amount, percentage, line.precision.step) for line in lines)
    return {**decide(backend, lines, percentage), "withoutTax": float(sum(nets, Decimal(0)))}


def _half_even(decide: Callable[[Backend, str], PricePrecision], backend: Backend, code: str) -> PricePrecision:
    return replace(decide(backend, code), rounding=ROUND_HALF_EVEN)


def _short_quantity(
    show: _ShowLine, backend: Backend, session: Record, line: Line, percentage: Decimal
) -> dict[str, Any]:
    shown = show(backend, session, line, percentage)
    step = _SHOWN.get(line.unit, Decimal(1))
    return {**shown, "quantity": float(line.quantity.quantize(step, ROUND_HALF_UP))}


def _floor_whole(show: _ShowLine, backend: Backend, session: Record, line: Line, percentage: Decimal) -> dict[str, Any]:
    """Show the whole floor, which a total is raised to, in place of what it adds."""
    if line.type != "min_price":
        return show(backend, session, line, percentage)
    least = Decimal(str((meter.terms_of(backend, session).get("pricing") or {})["minPrice"]))
    return show(backend, session, replace(line, unit_price=least), percentage)


def _invoice(
    _issue: Callable[[Backend, Record, Record, Decimal], dict[str, Any]],
    backend: Backend,
    _session: Record,
    transaction: Record,
    _total: Decimal,
) -> dict[str, Any]:
    """Issue an invoice in place of a receipt."""
    invoice = backend.add("invoices", billing.invoice_fields(backend, transaction, {}))
    invoice.fields |= {"number": f"I{invoice.id:08d}", "downloadUrl": f"https://example.com/invoices/{invoice.id}.pdf"}
    backend.change(transaction, {"invoiceId": invoice.id, "invoiceNo": invoice.fields["number"]})
    return {}


def _number_in_series(_decide: Callable[[Backend, Record], str], backend: Backend, receipt: Record) -> str:
    """The number of a receipt in one of two series, that of the legal entity of its user."""
    series = int(receipt.fields.get("userId") or 0) % 2
    same = (item for item in backend.store.all("receipts") if int(item.fields.get("userId") or 0) % 2 == series)
    return f"R{sum(1 for _ in same):08d}"


def _at_the_end(
    price: Callable[[Backend, Record, Charge], list[Line]], backend: Backend, session: Record, charge: Charge
) -> list[Line]:
    return price(backend, session, charge) if "ended" in session.state else []


BILLING = (
    EmulatorVariant(
        "settles-slowly", "billing", "sessions are settled after ten minutes", (always(sessions.settles_after, 600),)
    ),
    EmulatorVariant(
        "settles-later", "billing", "sessions are settled after a minute", (always(sessions.settles_after, 60),)
    ),
    EmulatorVariant(
        "anonymous-suspended",
        "billing",
        "the billing of a session without a user is suspended",
        (override(billing.billing_status, _unless_anonymous("suspended")),),
    ),
    EmulatorVariant(
        "anonymous-unbilled",
        "billing",
        "a session without a user is not billed",
        (override(billing.billing_status, _unless_anonymous(None)),),
    ),
    EmulatorVariant(
        "paid-in-part", "billing", "a balance that is too low pays in part", (override(billing.payment_of, _in_part),)
    ),
    EmulatorVariant(
        "debt-collected",
        "billing",
        "a top-up pays the sessions that are unpaid",
        (override(wallet.topped_up, _collect),),
    ),
    EmulatorVariant(
        "priced-at-the-end", "billing", "a running session has no price", (override(meter.price_lines, _at_the_end),)
    ),
    EmulatorVariant(
        "tax-by-line", "billing", "tax is rounded line by line", (override(meter.total_amount, _tax_by_line),)
    ),
    EmulatorVariant(
        "half-even", "billing", "amounts are rounded half to even", (override(currencies.precision_of, _half_even),)
    ),
    EmulatorVariant(
        "quantities-rounded",
        "billing",
        "lines show minutes with one decimal and kWh with two",
        (override(meter.shown_line, _short_quantity),),
    ),
    EmulatorVariant(
        "floor-line-whole",
        "billing",
        "the line of a minimum price shows all of it",
        (override(meter.shown_line, _floor_whole),),
    ),
    EmulatorVariant(
        "invoices-only", "billing", "payments get invoices, no receipts", (override(billing.issue_receipt, _invoice),)
    ),
    EmulatorVariant(
        "receipt-series",
        "billing",
        "the numbers of receipts are unique for each legal entity",
        (override(billing.receipt_number, _number_in_series),),
    ),
)
