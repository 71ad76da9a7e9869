"""Values of the seeded records: of the world, consistent with each other, and of nobody."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ampeco_conformance.specs import load_specification
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.resource_types import resource_type_of
from ampeco_emulator.clock import VirtualClock, parse_timestamp
from ampeco_emulator.domain import HOOKS
from ampeco_emulator.domain.field_rules import RULES
from ampeco_emulator.openapi.texts import CITIES
from ampeco_emulator.openapi.validation import Incoming
from ampeco_emulator.seed.seeding import seed
from ampeco_emulator.seed.sizes import SMALL
from tests.support.emulator import NOON

_PLAIN = Incoming({}, {}, frozenset(), None, False, {})
_RESERVED = re.compile(r"(?:[\w.+-]+@|https?://)(?:[\w-]+\.)*example\.(?:com|org|net)(?:/.*)?|http://127\.0\.0\.1:9/")


@pytest.fixture(scope="module", params=["3.110.0", "3.90.0"])
def backend(request: pytest.FixtureRequest) -> Backend:
    backend = Backend(load_specification(request.param), HOOKS, VirtualClock(parse_timestamp(NOON)))
    seed(backend, SMALL)
    return backend


def _items(backend: Backend, path: str) -> list[dict[str, Any]]:
    endpoint = backend.router.get("GET", f"/public-api/resources/{path}")
    assert endpoint is not None
    return [backend.present(endpoint, record, _PLAIN) for record in backend.store.all(resource_type_of(endpoint.path))]


def _strings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, key)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, name)
    elif isinstance(value, str):
        yield name, value


def _all_strings(backend: Backend) -> list[tuple[str, str]]:
    return [
        found
        for endpoint in backend.router.listings()
        for record in backend.store.all(resource_type_of(endpoint.path))
        for found in _strings(backend.present(endpoint, record, _PLAIN))
    ]


def test_hardly_any_text_is_the_name_of_its_field(backend: Backend) -> None:
    strings = _all_strings(backend)
    named = [name for name, text in strings if name == text]
    assert len(strings) > 5000
    assert len(named) <= len(strings) / 100, sorted(set(named))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("users/v1.0", "email"),
        ("users/v1.0", "phone"),
        ("users/v1.0", "externalId"),
        ("charge-points/v2.0", "externalId"),
        ("evses/v2.1", "physicalReference"),
        ("id-tags/v2.0", "idTagUid"),
        ("partners/v2.0", "regNo"),
    ],
)
def test_the_values_of_a_field_are_distinct(backend: Backend, path: str, name: str) -> None:
    values = [item[name] for item in _items(backend, path)]
    assert len(set(values)) == len(values)


def test_what_is_of_one_city_belongs_together(backend: Backend) -> None:
    by_city = {city.city: city for city in CITIES}
    for user in _items(backend, "users/v1.0"):
        city = by_city[user["city"]]
        assert (user["postCode"], user["country"]) == (city.post_code, city.country)
        assert user["phone"].startswith(city.phone)
        assert user["bankDetails"]["bankIban"].startswith(city.country)
    for location in _items(backend, "locations/v2.0"):
        city = by_city[location["city"]]
        assert (location["postCode"], location["country"]) == (city.post_code, city.country)
        assert location["timezone"] == city.timezone
        assert abs(location["geoposition"]["latitude"] - city.latitude) < 0.1


def test_an_iban_has_right_check_digits(backend: Backend) -> None:
    for user in _items(backend, "users/v1.0"):
        iban = user["bankDetails"]["bankIban"]
        digits = "".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])
        assert int(digits) % 97 == 1


def test_addresses_are_of_nobody(backend: Backend) -> None:
    addresses = [text for _, text in _all_strings(backend) if "@" in text or text.startswith("http")]
    assert addresses
    assert [text for text in addresses if not _RESERVED.fullmatch(text)] == []


def test_nothing_is_updated_before_it_is_created(backend: Backend) -> None:
    for endpoint in backend.router.listings():
        for record in backend.store.all(resource_type_of(endpoint.path)):
            shown = backend.present(endpoint, record, _PLAIN)
            if isinstance(shown, dict) and shown.get("createdAt") and shown.get("lastUpdatedAt"):
                assert shown["createdAt"] <= shown["lastUpdatedAt"], endpoint.path


@pytest.mark.parametrize("series", ["time-series-forecast", "historical-time-series"])
def test_a_series_names_its_asset(backend: Backend, series: str) -> None:
    named = {
        asset.id: {
            record.fields["assetId"] for record in backend.store.all(series, {"flexibility-assets": str(asset.id)})
        }
        for asset in backend.store.all("flexibility-assets")
    }
    assert any(named.values())
    assert all(ids <= {asset} for asset, ids in named.items())


def test_the_seed_keeps_the_rules_that_writes_have_to_keep(backend: Backend) -> None:
    broken = {
        (resource_type, record.id, rule.named)
        for resource_type, rules in RULES.items()
        for record in backend.store.all(resource_type)
        for rule in rules
        if "downtime" not in resource_type and rule.is_broken(backend, record.fields)
    }
    assert not broken
    # The rules of downtimes are for exempt ones, which are all that can be written.
    for resource_type in ("charge-point-downtime-periods", "evse-downtime-periods"):
        for period in backend.store.all(resource_type):
            notice = backend.store.peek("downtime-period-notices", period.fields["noticeId"])
            assert notice is not None
            assert notice.fields["type"] == period.fields["type"]


def test_what_the_seed_refers_to_belongs_together(backend: Backend) -> None:
    store = backend.store
    for resource_type in ("sessions", "reservations", "authorizations", "evse-downtime-periods", "booking-requests"):
        for record in store.all(resource_type):
            evse = store.peek("evses", record.fields["evseId"])
            assert evse is not None
            charge_point = store.peek("charge-points", evse.fields["chargePointId"])
            assert charge_point is not None
            assert record.fields.get("chargePointId", charge_point.id) == charge_point.id, resource_type
            assert record.fields.get("locationId") in (None, charge_point.fields["locationId"]), resource_type
    for circuit in store.all("circuits"):
        assert circuit.fields["parentCircuitId"] != circuit.id
