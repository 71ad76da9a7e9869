"""The seeded data that schemas do not determine: counts of records, and fields that must be consistent."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ampeco_emulator.openapi.texts import CITIES, Subject, text_of

Value = Any | Callable[[int], Any]

# How many records of each resource type to create, in this order: later ones refer to earlier ones.
# Sessions and reservations, with their authorizations and transactions, are simulated: see seed/history.py.
COUNTS: Mapping[str, int] = {
    "currencies": 3,
    "tax-identification-numbers": 2,
    "taxes": 6,
    "sub-operators": 2,
    "partners": 4,
    "partner-contracts": 3,
    "user-groups": 3,
    "users": 25,
    "utilities": 2,
    "electricity-rates": 3,
    "tariffs": 13,
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
    "authorizations": 0,
    "tariff-snapshots": 0,
    "sessions": 20,
    "transactions": 0,
    "receipts": 0,
    "invoices": 6,
    "reservations": 8,
    "bookings": 5,
}

# Configuration keys of OCPP 1.6.
_KEYS = ("HeartbeatInterval", "MeterValueSampleInterval", "ConnectionTimeOut")


def _translated(text: str) -> list[dict[str, str]]:
    return [{"locale": "en", "translation": text}]


def _said(name: str) -> Callable[[int], Any]:
    """A text about a tag."""
    return lambda number: text_of(name, Subject("id-tags", number))


def _place(name: str) -> Callable[[int], Any]:
    """A fact of the place of a record."""
    return lambda number: getattr(CITIES[number % len(CITIES)], name)


def _price(times: int, consumed: float) -> dict[str, str]:
    """The price of a Spirii charge record, as strings."""
    net = Decimal("11.34") * times
    vat = (net / 4).quantize(Decimal("0.01"), ROUND_HALF_UP)
    amounts = {"amount": net + vat, "amountExVat": net, "amountVat": vat}
    shown = {name: str(amount) for name, amount in amounts.items()}
    return {"currency": "DKK", "vatRate": "0.25", "netKwh": str(consumed), **shown}


def _named(name: str) -> Callable[[int], str]:
    return lambda number: f"{name} {number + 1}"


_CURRENCIES = (("EUR", "Euro", "978"), ("DKK", "Danish krone", "208"), ("BGN", "Bulgarian lev", "975"))

# One tariff of every type, with the pricing fields of that type. Prices include tax.
_TARIFFS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("Standard energy", "duration+energy", {"pricePerKwh": 0.35, "pricePerPeriod": 0, "pricePeriodInMinutes": 1}),
    ("Energy and time", "duration+energy", {"pricePerKwh": 0.25, "pricePerPeriod": 0.6, "pricePeriodInMinutes": 15}),
    ("Per session", "flat rate", {"pricePerSession": 7.5}),
    ("Free", "free", {}),
    (
        "Day and night",
        "duration+energy time of day",
        {"dayPricePerKwh": 0.45, "nightPricePerKwh": 0.2, "dayPricePerPeriod": 0, "nightPricePerPeriod": 0},
    ),
    ("Electricity rate", "energy tou", {"chargePointElectricityRate": False, "fallbackElectricityRateId": 1}),
    (
        "By the clock",
        "standard",
        {
            "timePeriods": [{"startTime": "00:00", "endTime": "12:00"}, {"startTime": "12:00", "endTime": "24:00"}],
            "pricePeriods": {"energyFeePeriods": {"fee": [0.3, 0.4]}, "connectionFeePeriods": {"fee": [1, 1]}},
        },
    ),
    (
        "By average power",
        "average power levels",
        {"averagePowerLevels": [{"averagePowerUpToKw": 50, "pricePerMinute": 0.1}]},
    ),
    (
        "By peak power",
        "peak power levels",
        {
            "peakPowerLevels": [{"peakPowerUpToKw": 50, "regularPricePerMinute": 0.1, "excessUsePricePerMin": 0.2}],
            "regularUsePeriod": 60,
        },
    ),
    (
        "By the clock, every day",
        "standard_tod",
        {
            "timePeriods": [{"startTime": "00:00", "endTime": "24:00"}],
            "pricePeriods": {"energyFeePeriods": {"fee": [0.33]}},
        },
    ),
    ("Optimised", "optimised dynamic pricing", {"priceForEnergyWhenOptimized": 0.22, "pricePerKwh": 0.4}),
    ("Closed", "charging not allowed", {}),
    ("With idle fee", "duration+energy", {"pricePerKwh": 0.3, "idleFeePerMinute": 0.1, "minPrice": 1}),
)
_MARKED_UP = {"markupFixedFeePerKwh": 0.05}


def _tariff(part: int) -> Callable[[int], Any]:
    return lambda number: _TARIFFS[number % len(_TARIFFS)][part]


# The first charge points that are not connected and private.
OFFLINE_CHARGE_POINT = 13
PRIVATE_CHARGE_POINT = 14
# The first users without money and disabled, and a rate whose prices change by themselves.
POOR_USER = 23
DYNAMIC_RATE = 2
DISABLED_USER = 24


def _charge_point_of(number: int) -> int:
    """The charge point of an EVSE: each has two."""
    return number // 2 + 1


_DOWNTIMES: Mapping[str, Value] = {
    "entryMode": lambda number: ("automatic", "manual")[number % 2],
    "type": lambda number: ("downtime", "exempt")[number % 2],
    "noticeId": lambda number: (2, 1)[number % 2],
}

FIELDS: Mapping[str, Mapping[str, Value]] = {
    "currencies": {
        "alphabeticCode": lambda number: _CURRENCIES[number % 3][0],
        "name": lambda number: _CURRENCIES[number % 3][1],
        "numericCode": lambda number: _CURRENCIES[number % 3][2],
        "decimal": 2,
        "unitPriceAndCalculationsDecimal": 5,
    },
    "users": {
        "status": lambda number: "disabled" if number == DISABLED_USER else "enabled",
        "balance": lambda number: 0.05 if number == POOR_USER else 250,
        "options": {"sessionsAllowed": "multiple_simultaneous_sessions_remotely_and_idtags"},
        "subscriptionId": None,
        "country": _place("country"),
        "locale": _place("language"),
        "password": None,
    },
    "partners": {
        "name": lambda number: Subject("partners", number).company,
        "country": _place("country"),
    },
    "partner-contracts": {
        "title": _named("Contract"),
        "partnerId": lambda number: number + 1,
        "startDate": "2020-01-01T00:00:00Z",
        "endDate": None,
        "revenueSharing": {"partnerSharePercentageAcEvse": 60, "partnerSharePercentageDcEvse": 70},
    },
    "user-groups": {"name": _named("Group")},
    "utilities": {"name": _named("Utility")},
    # A rate has each day once.
    "price-periods-date": {"date": lambda number: f"2026-12-{24 + number}"},
    "price-periods-week-day": {"weekDay": lambda number: ("mon", "tue", "sat")[number]},
    "electricity-rates": {
        "name": _named("Rate"),
        "defaultPrice": lambda number: (20 + 5 * number) / 100,
        "type": lambda number: "nord_pool" if number == DYNAMIC_RATE else "admin_defined",
    },
    "id-tags": {
        "idTagUid": _said("idTagUid"),
        "rfidTagUid": _said("idTagUid"),
        "idLabel": _said("idLabel"),
        "rfidLabel": _said("idLabel"),
        "type": lambda number: ("rfid", "mac_address")[number % 2],
        "expireAt": None,
        "externalId": _said("externalId"),
    },
    "sub-operators": {"name": _named("Operator")},
    "charge-point-vendors": {"name": _named("Vendor")},
    "charge-point-models": {"name": _named("Model"), "vendorId": lambda number: number % 3 + 1},
    "tariffs": {
        "name": _tariff(0),
        "type": _tariff(1),
        "pricing": lambda number: _tariff(2)(number) | (_MARKED_UP if _tariff(1)(number) == "energy tou" else {}),
        "currency": "EUR",
        "stopSession": {},
        "restrictions": {},
        "dayTariffStart": "07:00:00Z",
        "nightTariffStart": "23:00:00Z",
    },
    "tariff-groups": {"name": _named("Tariff group"), "tariffIds": lambda number: [number + 1], "partnerId": None},
    "locations": {
        "name": lambda number: _translated(f"{CITIES[number % 10].city} {number // 10 + 1}"),
        "address": lambda number: _translated(Subject("locations", number).street),
        "streetAddress": lambda number: Subject("locations", number).street,
        "geoposition": lambda number: {
            "latitude": round(CITIES[number % 10].latitude + number // 10 / 100, 3),
            "longitude": CITIES[number % 10].longitude,
        },
        "status": "enabled",
        "country": _place("country"),
        "timezone": _place("timezone"),
        "workingHours": {"isAlwaysOpen": True},
        "tags": [],
    },
    "charge-points": {
        "name": lambda number: f"Charger {number + 1:02d}",
        "status": "enabled",
        "locationId": lambda number: number % 12 + 1,
        "electricityRateId": lambda number: number % DYNAMIC_RATE + 1,
        "networkStatus": lambda number: "temporarily_unavailable" if number == OFFLINE_CHARGE_POINT else "available",
        "hardwareStatus": "available",
        "type": lambda number: "private" if number == PRIVATE_CHARGE_POINT else "public",
        "accessType": lambda number: "private" if number == PRIVATE_CHARGE_POINT else "public",
        "partner": {"accessType": "private_view_private_use", "id": 1, "contractId": 1},
        "subscription": {"planIds": [], "required": False},
        "managedByOperator": True,
        "communicationMode": "direct_ocpp",
        "ocppConnectedChargePointId": None,
        "network": lambda number: {
            "id": f"AMP-{number + 1:05d}",
            "protocol": "ocpp 1.6",
            "ip": None,
            "port": None,
            "password": None,
        },
        "security": {"currentProfile": 1, "desiredProfile": 1, "hardwareEnabledProfile": 2},
        "networkProtocol": "ocpp 1.6",
        "manufacturedAt": "2024-05-02T00:00:00Z",
        "integratedAt": "2024-09-10T00:00:00Z",
        "firstContactAt": "2024-09-10",
        "vendorErrorCode": None,
        "chargingProfile": None,
        "user": {"id": None, "automaticFirmwareUpdatesEnabled": False},
        "tags": [],
    },
    "evses": {
        "chargePointId": _charge_point_of,
        "networkId": lambda number: str(number % 2 + 1),
        "status": "enabled",
        "hardwareStatus": "available",
        "physicalReference": lambda number: f"DK*AMP*E{number + 1:04d}",
        "currentType": lambda number: "dc" if number % 6 == 5 else "ac",
        "powerOptions": lambda number: {"maxPower": 150_000 if number % 6 == 5 else 22_000, "maxVoltage": "400"},
        "tariffGroupId": lambda number: number // 2 % 6 + 1,
        "allowsReservation": True,
        "bookingEnabled": True,
        "chargingProfile": None,
        "midMeterCertificationEndYear": None,
    },
    # One for each EVSE.
    "connectors": {
        "type": lambda number: "ccs2" if number % 6 == 5 else "type2",
        "format": "cable",
        "status": "enabled",
    },
    "charge-point-downtime-periods": _DOWNTIMES,
    "evse-downtime-periods": {**_DOWNTIMES, "chargePointId": _charge_point_of, "locationId": _charge_point_of},
    "booking-requests": {"locationId": _charge_point_of},
    # One for each kind of what an asset may be.
    "flexibility-assets": {
        "dlmCircuitId": lambda number: 1 if number % 3 == 0 else None,
        "chargePointId": lambda number: number + 1 if number % 3 == 1 else None,
        "evseId": lambda number: number + 1 if number % 3 == 2 else None,
    },
    "partner-invites": {"sendViaEmail": True, "acceptedAt": None},
    "downtime-period-notices": {"type": lambda number: ("exempt", "downtime")[number % 2]},
    "taxes": {"name": _named("VAT"), "percentage": lambda number: (25.0, 20.0, 19.0, 0.0)[number % 4]},
    "vouchers": {
        "code": lambda number: f"WELCOME{number + 1}",
        "status": "enabled",
        "amount": 10,
        "remainingAmount": 10,
        "redeemedAt": None,
        "redeemedByUserId": None,
        "expireDate": None,
        "currencyCode": "EUR",
    },
    "subscription-plans": {"name": lambda number: _translated(f"Plan {number + 1}"), "status": "enabled"},
    "subscriptions": {
        "status": "active",
        "userId": lambda number: number + 1,
        "startDate": "2025-05-01T00:00:00Z",
        "statusDate": "2025-05-01T00:00:00Z",
        "endDate": "2099-05-01T00:00:00Z",
        "remainingFreeRenewalPeriods": None,
    },
    "invoices": {
        "periodFrom": "2025-05-01T00:00:00Z",
        "periodTo": "2025-06-01T00:00:00Z",
        "date": "2025-06-01T08:00:00Z",
        "totalEnergy": lambda number: 20 + number,
        "quantity": 1,
        "unitPrice": lambda number: 8 + 4 * number,
        "subtotal": lambda number: 8 + 4 * number,
        "taxRate": 25,
        "taxAmount": lambda number: 2 + number,
        "totalAmount": lambda number: 10 + 5 * number,
    },
    "circuits": {
        "maxCurrent": lambda number: (400, 630, 800, 1000)[number % 4],
        "minChargePointCurrent": 6,
        "phases": "three_phase",
        "connectedPhase": None,
        "parentCircuitId": None,
        "loadBalancingIntegration": None,
    },
    "charge-point-priorities": {"evses": []},
    "currency-rates": {"rate": lambda number: (7.46, 1.46, 0.09)[number % 3]},
    "custom-fees": {"amount": lambda number: 5 + 5 * number},
    "custom-tariff-filters": {"order": lambda number: number + 1},
    "top-up-packages": {"price": lambda number: 20 + 10 * number},
    "bookings": {"status": lambda number: ("accepted", "completed", "cancelled", "no-show", "failed")[number % 5]},
    "notifications": {"via": "webhook", "webhook": {"callbackUrl": "http://127.0.0.1:9/"}, "kafka": None},
    "configurations": {
        "key": lambda number: _KEYS[number] if number < len(_KEYS) else f"VendorKey{number}",
        "value": "60",
        "readonly": False,
    },
    "consumption": {"phase": lambda number: f"L{number % 3 + 1}"},
    "unmanaged-load": {"phase": lambda number: f"L{number % 3 + 1}"},
    # At 25 % VAT, rounded to cents.
    "charge-records": {
        "startedAt": lambda number: f"2026-01-0{number % 9 + 1}T10:00:00.000Z",
        "updatedAt": lambda number: f"2026-01-0{number % 9 + 1}T11:30:05.000Z",
        "endedAt": lambda number: f"2026-01-0{number % 9 + 1}T11:30:00.000Z",
        "evseId": lambda number: f"DK.SPI.ZM{number + 49:04d}*1",
        "consumed": lambda number: 10.5 + number,
        "price": lambda number: _price(number + 1, 10.5 + number),
        "isDynamicPrice": False,
        "priceSource": "LocationTariff",
        "billingMethod": "AppPayment",
    },
    # Alternately issued and received; each has the data of its protocol only.
    "cdrs": {
        "protocolType": lambda number: ("OCPI", "Hubject")[number % 2],
        "isLocal": lambda number: number % 2 == 0,
        "credit": False,
        "roamingId": lambda number: f"CDR-{number + 1:08d}",
        "sentAt": lambda number: None if number % 2 else f"2026-01-0{number % 9 + 1}T12:00:00Z",
        "deliveryResponse": lambda number: None if number % 2 else "success",
        "receivedAt": lambda number: f"2026-01-0{number % 9 + 1}T12:00:00Z",
        "startTime": lambda number: f"2026-01-0{number % 9 + 1}T10:00:00Z",
        "endTime": lambda number: f"2026-01-0{number % 9 + 1}T11:30:00Z",
        "ocpiData": lambda number: (
            {"version": "2.2", "currency": "EUR", "totalEnergy": 10} if number % 2 == 0 else None
        ),
        "oicpData": lambda number: {"version": "2.3", "consumedEnergy": 10} if number % 2 else None,
    },
    "payment-methods": {"removedAt": None, "expireMonth": 12, "expireYear": 2099, "last4": "4242", "type": "tokenized"},
}
