"""Variants of what is sent to others: webhooks, charge records of Spirii."""

from collections.abc import Callable

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import override
from ampeco_emulator.domain.integrations import webhooks
from ampeco_emulator.domain.integrations.webhooks import WebhookDelivery
from ampeco_emulator.variants.model import EmulatorVariant


def _every_second(
    _decide: Callable[[Backend, WebhookDelivery], float], _backend: Backend, delivery: WebhookDelivery
) -> float:
    return 0.4 * (delivery.id % 2)


INTEGRATIONS = (
    EmulatorVariant(
        "deliveries-overtake",
        "integrations",
        "every second delivery comes late, after the one that follows",
        (override(webhooks.held_back, _every_second),),
    ),
)
