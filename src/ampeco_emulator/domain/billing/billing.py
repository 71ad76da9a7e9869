"""Billing of sessions: settlement, transactions, receipts, payment retries, assignment of users, invoices.

Facts: billingStatus pending -> completed; paymentStatus pending, paid, failed; only a finalized transaction is paid.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted
from ampeco_emulator.domain.billing.currencies import as_money, currency, precision_of
from ampeco_emulator.domain.billing.partner_money import share_out
from ampeco_emulator.domain.billing.pricing import without_tax

_ACTIONS = "/public-api/actions"


def settle(backend: Backend, session: Record, at: datetime) -> None:
    """Bill a finished session, once, if it has a price and a user."""
    if session.fields.get("billingStatus") != "pending":
        return
    backend.change(session, {"billingStatus": billing_status(backend, session)})
    user = backend.store.peek("users", session.fields["userId"])
    if user is not None and has_price(backend, session):
        _pay(backend, session, user, at)
    elif session.fields.get("paymentStatus") == "pending":
        backend.change(session, {"paymentStatus": None})


def awaited_payment(backend: Backend, session: Record, at: datetime) -> dict[str, Any]:
    """The payment status of a session that has just ended: pending where a user has to pay something."""
    if session.fields.get("userId") is None or not has_price(backend, session):
        return {}
    return {"paymentStatus": "pending", "paymentStatusUpdatedAt": format_timestamp(at)}


@rule
def has_price(_backend: Backend, session: Record) -> bool:
    """Whether a session has to be paid."""
    return total_of(session) > 0


@rule
def billing_status(_backend: Backend, _session: Record) -> str | None:
    """The billing status of a session that has been settled."""
    return "completed"


def total_of(session: Record) -> Decimal:
    """The price of a session, including tax."""
    return Decimal(str((session.fields.get("totalAmount") or {}).get("withTax") or 0))


def book(backend: Backend, user: Record, amount: Decimal, kind: str, transaction: Record | None = None) -> None:
    """Add an amount to the balance of a user, and announce it."""
    balance = Decimal(str(user.fields.get("balance") or 0)) + amount
    backend.change(user, {"balance": float(as_money(backend, balance))})
    backend.announce(
        "userBalance.changed",
        {
            "debit": float(max(-amount, Decimal(0))),
            "credit": float(max(amount, Decimal(0))),
            "updatedBalance": user.fields["balance"],
            "userId": user.id,
            "currency": currency(backend),
            "type": kind,
            "transactionId": transaction.id if transaction else None,
            "timestamp": format_timestamp(backend.now()),
            "lastUpdatedAt": format_timestamp(backend.now()),
        },
    )


def add_transaction(backend: Backend, fields: dict[str, Any], at: datetime) -> Record:
    """Add a transaction, and announce it."""
    transaction = backend.add(
        "transactions",
        {
            "date": format_timestamp(at),
            "currency": currency(backend),
            "billingType": "internal",
            "paymentMethod": "balance",
            "paymentMethodId": "balance",
            "failureReason": None,
            "finalizedAt": format_timestamp(at) if fields.get("status") == "finalized" else None,
            "invoiceId": None,
            "invoiceNo": None,
            "receiptId": None,
            **fields,
        },
    )
    transaction.fields |= {
        "number": transaction.fields.get("number") or f"T{transaction.id:08d}",
        "ref": transaction.fields.get("ref") or f"ref-{transaction.id:08d}",
    }
    announce_transaction(backend, transaction, "created")
    return transaction


def announce_transaction(backend: Backend, transaction: Record, action: str) -> None:
    """Announce a transaction."""
    moment = transaction.fields["lastUpdatedAt"]
    backend.announce(
        "transaction.changed", {"transactionId": transaction.id, "action": action, "lastUpdatedAt": moment}
    )


def _pay(backend: Backend, session: Record, user: Record, at: datetime) -> None:
    total = total_of(session)
    method = session.fields.get("paymentMethodId") or "balance"
    from_balance = method == "balance"
    taken, outcome = payment_of(backend, user, total, method)
    is_taken = outcome != "failed"
    transaction = add_transaction(
        backend,
        {
            "userId": user.id,
            "userEmail": user.fields.get("email"),
            "sessionId": session.id,
            "paymentMethod": "balance" if from_balance else "card",
            "paymentMethodId": method,
            "purchaseResourceType": "session",
            "purchaseResourceId": session.id,
            "totalAmount": float(taken),
            "currency": session.fields["currency"],
            "status": "finalized" if is_taken else "failed",
            "failureReason": None if is_taken else "insufficient balance",
        },
        at,
    )
    if is_taken and from_balance:
        pay_from_balance(backend, user, taken, transaction)
    close_payment(backend, session, transaction, outcome, at)


def close_payment(backend: Backend, session: Record, transaction: Record, outcome: str, at: datetime) -> None:
    """Set the payment status of a session, with the receipt and the partner's share of one that is paid."""
    changes: dict[str, Any] = {"paymentStatus": outcome, "paymentStatusUpdatedAt": format_timestamp(at)}
    if outcome == "paid":
        share_out(backend, session, at)
        changes |= issue_receipt(backend, session, transaction, total_of(session))
    backend.change(session, changes)
    shown = {**session.fields, "id": str(session.id)}
    backend.announce("SessionUpdateNotification", {"session": shown})


@rule
def payment_of(_backend: Backend, user: Record, total: Decimal, method: str) -> tuple[Decimal, str]:
    """What is taken of the total of a session, and its payment status then."""
    can_pay = method != "balance" or Decimal(str(user.fields.get("balance") or 0)) >= total
    return total, "paid" if can_pay else "failed"


@rule
def pay_from_balance(backend: Backend, user: Record, total: Decimal, transaction: Record) -> None:
    """Take the total of a session from the balance of its user."""
    book(backend, user, -total, "transaction", transaction)


@rule
def issue_receipt(backend: Backend, session: Record, transaction: Record, total: Decimal) -> dict[str, Any]:
    """Issue the receipt of a paid session; the fields that change at the session."""
    receipt = backend.add(
        "receipts",
        {
            "userId": session.fields["userId"],
            "totalKwh": session.fields["energy"] / 1000,
            "periodStart": session.fields["startedAt"],
            "periodEnd": session.fields["stoppedAt"],
            "totalAmount": float(total),
            "paymentStatus": "paid",
            **({"tax": session.fields["tax"]} if session.fields.get("tax") else {}),
        },
    )
    receipt.fields["receiptNo"] = receipt_number(backend, receipt)
    receipt.fields["downloadUrl"] = f"https://example.com/receipts/{receipt.id}.pdf"
    transaction.fields["receiptId"] = receipt.id
    return {"receiptId": receipt.id}


@rule
def receipt_number(_backend: Backend, receipt: Record) -> str:
    """The number of a receipt: unique."""
    return f"R{receipt.id:08d}"


def retry_payment(call: EndpointCall) -> EmulatorResponse:
    """Try again to pay a session whose payment failed."""
    backend = call.backend
    session = backend.named("session", call.incoming.path_values["session"])
    user = backend.store.peek("users", session.fields["userId"])
    if session.fields.get("paymentStatus") != "failed" or user is None:
        raise RefusedError(409, "The payment of the session did not fail.")
    if (method := call.body.get("paymentMethodId")) is not None:
        if backend.store.find("payment-methods", str(method), {"users": str(user.id)}) is None:
            message = "The selected paymentMethodId is invalid."
            raise RefusedError(422, message, {"paymentMethodId": [message]})
        pay_by(backend, session, str(method))
    pay_again(backend, session, user)
    return accepted(call)


@rule
def pay_by(_backend: Backend, session: Record, method: str) -> None:
    """Take the method that a retry names."""
    session.fields |= {"paymentMethodId": method, "paymentType": "tokenized"}


@rule
def pay_again(backend: Backend, session: Record, user: Record) -> None:
    """Repeat a payment that failed."""
    _pay(backend, session, user, backend.now())


def assign_user(call: EndpointCall) -> EmulatorResponse:
    """Assign a session without a user to one; it cannot be reassigned."""
    backend = call.backend
    session = backend.named("session", call.incoming.path_values["session"])
    user = backend.store.find("users", str(call.body.get("userId")))
    if user is None:
        raise RefusedError(422, "The selected userId is invalid.", {"userId": ["The selected userId is invalid."]})
    if not is_billed(backend, session) or has_user(backend, session):
        raise RefusedError(409, "The session has a user, or its billing is not completed.")
    backend.change(session, {"userId": user.id})
    return accepted(call)


@rule
def is_billed(_backend: Backend, session: Record) -> bool:
    """Whether the billing of a session is completed."""
    return session.fields.get("billingStatus") == "completed"


@rule
def has_user(_backend: Backend, session: Record) -> bool:
    """Whether a session is assigned to a user already."""
    return session.fields.get("userId") is not None


def issue_invoice(call: EndpointCall) -> EmulatorResponse:
    """Issue the invoice of a paid transaction."""
    backend = call.backend
    transaction = backend.named("transaction", call.incoming.path_values["transaction"])
    if is_invoiced(backend, transaction):
        raise RefusedError(409, "The invoice was issued already.")
    if transaction.fields.get("status") != "finalized":
        raise RefusedError(412, "Only a finalized transaction can be invoiced.")
    invoice = backend.add("invoices", invoice_fields(backend, transaction, call.body))
    invoice.fields["number"] = f"I{invoice.id:08d}"
    invoice.fields["downloadUrl"] = f"https://example.com/invoices/{invoice.id}.pdf"
    backend.change(transaction, {"invoiceId": invoice.id, "invoiceNo": invoice.fields["number"]})
    announce_transaction(backend, transaction, "updated")
    return accepted(call)


@rule
def is_invoiced(_backend: Backend, transaction: Record) -> bool:
    """Whether the invoice of a transaction was issued already."""
    return transaction.fields.get("invoiceId") is not None


@rule
def invoice_fields(backend: Backend, transaction: Record, body: dict[str, Any]) -> dict[str, Any]:
    """The fields of the invoice of a transaction."""
    details = body.get("invoiceDetails") or {}
    session = backend.store.peek("sessions", transaction.fields.get("sessionId"))
    percentage = Decimal(str(((session.fields.get("tax") or {}).get("taxPercentage") or 0) if session else 0))
    total = Decimal(str(transaction.fields["totalAmount"]))
    net = without_tax(total, percentage, precision_of(backend, str(transaction.fields.get("currency"))).step)
    kind = details.get("invoiceType", "individual")
    return {
        "type": "invoice",
        "date": format_timestamp(backend.now()),
        "userId": transaction.fields.get("userId"),
        "totalAmount": float(total),
        "totalEnergy": session.fields["energy"] / 1000 if session else 0,
        "taxRate": int(percentage),
        "taxAmount": float(total - net),
        "service": "Charging",
        "quantity": 1,
        "unitPrice": float(net),
        "subtotal": float(net),
        "client": {
            "type": kind,
            "name": details.get("companyName" if kind == "company" else "individualName") or "Customer",
            "email": body.get("email"),
            "country": details.get("country", "DK"),
        },
    }


def resend_invoice(call: EndpointCall) -> EmulatorResponse:
    """Send an issued invoice again."""
    transaction = call.backend.named("transaction", call.incoming.path_values["transaction"])
    if transaction.fields.get("invoiceId") is None:
        raise RefusedError(409, "The invoice was not issued yet.")
    return accepted(call)


def update_reference(call: EndpointCall) -> EmulatorResponse:
    """Overwrite the external reference of a payment."""
    transaction = call.backend.named("transaction", call.incoming.path_values["transaction"])
    call.backend.change(transaction, {"ref": call.body["ref"]})
    announce_transaction(call.backend, transaction, "updated")
    return accepted(call)


def complete_transaction(backend: Backend, transaction: Record) -> None:
    """Complete a transaction that the caller created: the user of its session, number, date."""
    session = backend.store.peek("sessions", transaction.fields.get("sessionId"))
    if isinstance(amount := transaction.fields.get("totalAmount"), int | float):
        transaction.fields["totalAmount"] = float(as_money(backend, Decimal(str(amount))))
    transaction.fields = {
        "date": format_timestamp(backend.now()),
        "currency": currency(backend),
        "userId": session.fields.get("userId") if session is not None else None,
        "number": f"T{transaction.id:08d}",
        "ref": f"ref-{transaction.id:08d}",
        "billingType": "external",
        "status": "pending",
        "cardDetails": _card(transaction.fields.get("paymentMethod")),
        **{name: value for name, value in transaction.fields.items() if name != "paymentMethod"},
    }
    complete_status(backend, transaction)
    announce_transaction(backend, transaction, "created")


def change_transaction(backend: Backend, transaction: Record, body: Any) -> None:
    """Only a transaction that is not finalized yet can be changed."""
    if not can_be_changed(backend, transaction):
        message = "A finalized transaction cannot be changed."
        raise RefusedError(422, message, {"status": [message]})
    transaction.fields["finalizedAt"] = format_timestamp(backend.now()) if body.get("status") == "finalized" else None
    announce_transaction(backend, transaction, "updated")


@rule
def can_be_changed(_backend: Backend, transaction: Record) -> bool:
    """Whether a transaction is not finalized yet."""
    return transaction.fields.get("status") != "finalized"


@rule
def complete_status(backend: Backend, transaction: Record) -> None:
    """Set the fields that follow from the status of a new transaction."""
    if transaction.fields.get("status") == "finalized":
        transaction.fields["finalizedAt"] = format_timestamp(backend.now())


def _card(method: Any) -> dict[str, Any]:
    return {"type": method.get("cardNetwork") or method.get("type")} if isinstance(method, dict) else {}


CREATED = {"transactions": complete_transaction}
CHANGING = {"transactions": change_transaction}
HANDLERS: dict[str, Handler] = {
    f"POST {_ACTIONS}/session/v1.0/{{session}}/retry-payment": retry_payment,
    f"POST {_ACTIONS}/session/v1.0/{{session}}/assign-user": assign_user,
    f"POST {_ACTIONS}/transactions/v1.0/{{transaction}}/issue-invoice": issue_invoice,
    f"POST {_ACTIONS}/transactions/v1.0/{{transaction}}/resend-invoice": resend_invoice,
    f"POST {_ACTIONS}/transactions/v1.0/{{transaction}}/update-payment-reference": update_reference,
}
