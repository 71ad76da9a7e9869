"""Variants of what is sent to others: webhooks, charge records of Spirii."""

from collections.abc import Callable
from decimal import Decimal

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import always, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.domain.integrations import charge_records, webhooks
from ampeco_emulator.domain.integrations.webhooks import WebhookDelivery
from ampeco_emulator.openapi.validation import Incoming
from ampeco_emulator.variants.model import EmulatorVariant


def _every_second(
    _decide: Callable[[Backend, WebhookDelivery], float], _backend: Backend, delivery: WebhookDelivery
) -> float:
    return 0.4 * (delivery.id % 2)


def _finance_decimals(
    decide: Callable[[Backend, Record, Incoming | None], dict[str, str]],
    backend: Backend,
    record: Record,
    incoming: Incoming | None,
) -> dict[str, str]:
    """Show amounts with four decimals in the finance form."""
    price = decide(backend, record, incoming)
    if incoming is None or incoming.query.get("format") != "finance":
        return price
    return {name: f"{Decimal(value):.4f}" if name.startswith("amount") else value for name, value in price.items()}


INTEGRATIONS = (
    EmulatorVariant(
        "deliveries-overtake",
        "integrations",
        "every second delivery comes late, after the one that follows",
        (override(webhooks.held_back, _every_second),),
    ),
    EmulatorVariant(
        "deliveries-late", "integrations", "deliveries come after a second", (always(webhooks.held_back, 1.0),)
    ),
    EmulatorVariant(
        "finance-decimals",
        "spirii",
        "the finance form of charge records has four decimals",
        (override(charge_records.price_of, _finance_decimals),),
    ),
)
