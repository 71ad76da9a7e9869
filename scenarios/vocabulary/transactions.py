"""Transactions: what was paid for a session, or tried to."""

from typing import Any

from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.waiting import looks

TRANSACTIONS = "/resources/transactions/v1.0"
TRANSACTION = "/resources/transactions/v1.0/{transaction}"


def payments_of(
    api: ScenarioApi, session: ScenarioResponse, *, status: str = "finalized", least: int = 1
) -> list[dict[str, Any]]:
    """The transactions with a status that pay for a session, as soon as so many are listed.

    Authorizations of an amount are not among them.
    """
    for look in looks(api.clock):
        with look:
            entries = api.listing(TRANSACTIONS, filter={"sessionId": session["id"]})
            found = [entry for entry in entries if is_payment(entry) and entry["status"] == status]
            session.require(len(found) >= least, "payment-listed", f"{len(found)} {status} payments are listed")
    return found


def is_payment(transaction: dict[str, Any]) -> bool:
    """Whether a transaction of a session pays for it."""
    return bool(transaction.get("purchaseResourceType", "session") == "session")
