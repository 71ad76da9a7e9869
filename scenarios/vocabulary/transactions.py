"""Transactions: what was paid for a session, or tried to."""

from typing import Any

from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse

TRANSACTIONS = "/resources/transactions/v1.0"
TRANSACTION = "/resources/transactions/v1.0/{transaction}"


def payments_of(api: ScenarioApi, session: ScenarioResponse) -> list[dict[str, Any]]:
    """The transactions that pay for a session; authorizations of an amount are not among them."""
    found = api.listing(TRANSACTIONS, filter={"sessionId": session["id"]})
    return [entry for entry in found if is_payment(entry)]


def is_payment(transaction: dict[str, Any]) -> bool:
    """Whether a transaction of a session pays for it."""
    return bool(transaction.get("purchaseResourceType", "session") == "session")
