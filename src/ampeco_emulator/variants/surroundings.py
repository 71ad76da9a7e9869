"""Variants of the operator's surroundings: currency, tax, zone, features, ids."""

from collections.abc import Callable, Mapping
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import Override, override
from ampeco_emulator.domain.network.features import FEATURES
from ampeco_emulator.seed import seeding
from ampeco_emulator.variants.model import EmulatorVariant

_SeededFields = dict[str, Any]
_LARGE = 3_000_000_000


def _seeded(resource_type: str, fields: Mapping[str, Any]) -> Override:
    """Seed the records of a resource type with other fields."""

    def seed(
        decide: Callable[[Backend, str, int, _SeededFields], _SeededFields],
        backend: Backend,
        seeded_type: str,
        number: int,
        known: _SeededFields,
    ) -> _SeededFields:
        return decide(backend, seeded_type, number, {**known, **(fields if seeded_type == resource_type else {})})

    return override(seeding.seeded_fields, seed)


def _with_large_ids(_decide: Callable[[Backend], None], backend: Backend) -> None:
    backend.store.skip_ids(_LARGE)


def _without_features(_decide: Callable[[Backend], None], backend: Backend) -> None:
    backend.unsupported = frozenset(FEATURES)


def _decimals(amounts: int, unit_prices: int) -> Override:
    return _seeded("currencies", {"decimal": amounts, "unitPriceAndCalculationsDecimal": unit_prices})


SURROUNDINGS = (
    EmulatorVariant("no-decimals", "surroundings", "amounts have no decimals", (_decimals(0, 2),)),
    EmulatorVariant("three-decimals", "surroundings", "amounts have three decimals", (_decimals(3, 5),)),
    EmulatorVariant("short-unit-prices", "surroundings", "prices per unit have two decimals", (_decimals(2, 2),)),
    EmulatorVariant(
        "other-zone",
        "surroundings",
        "locations are in Asia/Kolkata",
        (_seeded("locations", {"timezone": "Asia/Kolkata"}),),
    ),
    EmulatorVariant("other-tax", "surroundings", "taxes are 7.7 %", (_seeded("taxes", {"percentage": 7.7}),)),
    EmulatorVariant("no-tax", "surroundings", "taxes are 0 %", (_seeded("taxes", {"percentage": 0.0}),)),
    EmulatorVariant(
        "large-ids", "surroundings", "new ids are above 3000000000", (override(seeding.complete, _with_large_ids),)
    ),
    EmulatorVariant(
        "no-reservations",
        "surroundings",
        "EVSEs can neither be reserved nor booked",
        (_seeded("evses", {"allowsReservation": False, "bookingEnabled": False}),),
    ),
    EmulatorVariant(
        "features-off",
        "surroundings",
        "no certificates, eMAIDs and parking occupancy: 501",
        (override(seeding.complete, _without_features),),
    ),
)
