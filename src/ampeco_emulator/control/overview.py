"""What the root page shows: version, tokens, and the present sessions, EVSEs, money and deliveries."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.domain.integrations.webhooks import Webhooks
from ampeco_emulator.settings import EmulatorSettings

# The most records of a kind that the page lists.
_MOST = 50
_SESSION = ("id", "status", "evseId", "userId", "energy", "totalAmount", "startedAt")
_EVSE = ("id", "chargePointId", "status", "hardwareStatus")


def overview(backend: Backend, settings: EmulatorSettings, webhooks: Webhooks) -> dict[str, Any]:
    """The present state in short."""
    sessions, transactions = backend.store.all("sessions"), backend.store.all("transactions")
    evses = backend.store.all("evses")
    paid = [item.fields for item in transactions if item.fields.get("status") == "finalized"]
    balances = (item.fields.get("balance") for item in backend.store.all("users"))
    return {
        "api": backend.specification.api,
        "apiVersion": backend.specification.version,
        "clock": format_timestamp(backend.now()),
        "tokens": [
            {"token": token, "role": access.role, "partnerId": access.partner, "operatorId": access.operator}
            for token, access in settings.tokens.items()
        ],
        "sessions": {
            "byStatus": Counter(str(item.fields.get("status")) for item in sessions),
            "latest": [_session(backend, item) for item in sessions[: -_MOST - 1 : -1]],
        },
        "evses": [{name: item.fields.get(name) for name in _EVSE} for item in evses[:_MOST]],
        "money": {
            "transactions": len(transactions),
            "finalized": _sum(item.get("totalAmount") for item in paid),
            "balances": _sum(balances),
        },
        "deliveries": [
            {
                "id": item.id,
                "event": item.event,
                "subscription": item.subscription,
                "status": item.status,
                "attempts": item.attempts,
                "createdAt": item.created_at,
            }
            for item in islice(reversed(webhooks.deliveries), _MOST)
        ],
    }


def _sum(amounts: Iterable[Any]) -> float:
    return round(sum(float(item) for item in amounts if isinstance(item, int | float)), 2)


def _session(backend: Backend, session: Record) -> dict[str, Any]:
    backend.hooks.refreshing["sessions"](backend, session)
    total = session.fields.get("totalAmount")
    shown = {name: session.fields.get(name) for name in _SESSION}
    return {**shown, "totalAmount": total.get("withTax") if isinstance(total, dict) else total}
