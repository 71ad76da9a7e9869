"""What is told by hand of the seeded operator: how many of what, and the fields that must make sense together."""

from collections.abc import Callable, Mapping
from typing import Any

Value = Any | Callable[[int], Any]

# How many records of a family there are; in the order in which they are made, because later ones refer to earlier ones.
COUNTS: Mapping[str, int] = {
    "currencies": 3,
    "tax-identification-numbers": 2,
    "taxes": 4,
    "sub-operators": 2,
    "partners": 4,
    "partner-contracts": 3,
    "user-groups": 3,
    "users": 25,
    "utilities": 2,
    "electricity-rates": 3,
    "tariffs": 12,
    "tariff-groups": 6,
    "charge-point-vendors": 3,
    "charge-point-models": 5,
    "locations": 12,
    "charging-zones": 4,
    "charge-points": 15,
    "evses": 30,
    "connectors": 30,
    "circuits": 4,
    "id-tags": 20,
    "roaming-platforms": 2,
    "roaming-operators": 3,
    "roaming-providers": 3,
    "subscription-plans": 3,
    "authorizations": 12,
    "tariff-snapshots": 5,
    "sessions": 20,
    "transactions": 14,
    "receipts": 13,
    "invoices": 6,
    "reservations": 8,
    "bookings": 5,
}

_CITIES = ("Copenhagen", "Aarhus", "Odense", "Sofia", "Plovdiv", "Varna", "Berlin", "Hamburg", "Munich", "Vienna")
_FIRST = ("Ada", "Bo", "Clara", "Dan", "Eva", "Finn", "Greta", "Hugo", "Ida", "Jonas")
_LAST = ("Andersen", "Berg", "Clausen", "Dimitrov", "Eriksen", "Fischer", "Georgiev", "Hansen", "Ivanova", "Jensen")


def _translated(text: str) -> list[dict[str, str]]:
    return [{"locale": "en", "translation": text}]


FIELDS: Mapping[str, Mapping[str, Value]] = {
    "users": {
        "email": lambda number: f"{_FIRST[number % 10].lower()}.{_LAST[number // 10].lower()}@example.com",
        "firstName": lambda number: _FIRST[number % 10],
        "lastName": lambda number: _LAST[number // 10],
        "status": "enabled",
    },
    "locations": {
        "name": lambda number: _translated(f"{_CITIES[number % 10]} {number // 10 + 1}"),
        "status": "active",
    },
    "charge-points": {
        "name": lambda number: f"Charger {number + 1:02d}",
        "status": "enabled",
        "networkStatus": "available",
        "hardwareStatus": "available",
        "accessType": "public",
    },
    "evses": {
        "chargePointId": lambda number: number // 2 + 1,
        "networkId": lambda number: str(number % 2 + 1),
        "status": "enabled",
        "hardwareStatus": "available",
    },
    "connectors": {"evseId": lambda number: number + 1},
    "sessions": {"status": "finished", "billingStatus": "completed", "paymentStatus": "paid"},
    "reservations": {"status": "expired"},
    "taxes": {"percentage": lambda number: (25.0, 20.0, 19.0, 0.0)[number % 4]},
}
