"""Defects of money: prices, tariffs and terms that are not those of the tariff."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record
from ampeco_emulator.domain.billing import tariffs
from ampeco_emulator.domain.billing.energy import Charge
from ampeco_emulator.domain.billing.pricing import Line
from ampeco_emulator.domain.charging import sessions
from ampeco_emulator.faults.model import Defect, Override, always, override

_Terms = Mapping[str, Any]


def _doubled(
    price: Callable[[Backend, Record, Charge], list[Line]], backend: Backend, session: Record, charge: Charge
) -> list[Line]:
    return [replace(line, unit_price=line.unit_price * 2) for line in price(backend, session, charge)]


def _without_term(*names: str) -> Override:
    """Sessions are priced, or limited, as if their tariff lacked some terms."""

    def forget(decide: Callable[[Backend, Record], _Terms], backend: Backend, session: Record) -> _Terms:
        terms = decide(backend, session)
        pricing = terms.get("pricing") or {}
        kept = {name: value for name, value in pricing.items() if name not in names}
        return {**{name: value for name, value in terms.items() if name not in names}, "pricing": kept}

    return override(sessions.terms_of, forget)


def _live_terms(decide: Callable[[Backend, Record], _Terms], backend: Backend, session: Record) -> _Terms:
    tariff = backend.store.peek("tariffs", decide(backend, session).get("tariffId"))
    return tariff.fields if tariff is not None else {}


def _first_level(terms: _Terms) -> _Terms:
    pricing = terms.get("pricing") or {}
    levels = [{**level, "lastKwh": None} for level in (pricing.get("multiPricePerKwh") or ())[:1]]
    return {**terms, "pricing": {**pricing, "multiPricePerKwh": levels}}


TARIFFS = (
    Defect(
        "price-doubled", "domain", "every price is twice that of the tariff", override(sessions.price_lines, _doubled)
    ),
    Defect(
        "first-tariff",
        "domain",
        "the first tariff of a group that fits applies, in place of the last",
        override(tariffs.in_order, lambda decide, backend, group: decide(backend, group)[::-1]),
    ),
    Defect("restrictions-ignored", "domain", "a tariff applies to everybody at any time", always(tariffs.suits, True)),
    Defect(
        "grace-ignored", "domain", "the idle fee begins without its grace", _without_term("idleFeeGracePeriodMinutes")
    ),
    Defect("floor-ignored", "domain", "a session may cost less than the minimum price", _without_term("minPrice")),
    Defect("limits-ignored", "domain", "the limits of a tariff do not end a session", _without_term("stopSession")),
    Defect(
        "levels-ignored",
        "domain",
        "all energy has the price of the first level",
        override(sessions.terms_of, lambda decide, backend, session: _first_level(decide(backend, session))),
    ),
    Defect(
        "live-terms", "domain", "a changed tariff changes running sessions", override(sessions.terms_of, _live_terms)
    ),
    Defect("tariff-in-utc", "domain", "day and night are those of UTC", always(tariffs.zone_of, UTC)),
)
