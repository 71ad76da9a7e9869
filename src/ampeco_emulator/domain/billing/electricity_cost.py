"""What the energy of a session costs the operator, by the electricity rate of its charge point.

Facts: the prices of a rate include tax; its periods are local times, and its default price covers the others.
"""

from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record
from ampeco_emulator.domain.billing.currencies import as_money
from ampeco_emulator.domain.billing.electricity_rates import prices_of
from ampeco_emulator.domain.billing.energy import Charge
from ampeco_emulator.domain.billing.local_charge import LocalCharge
from ampeco_emulator.domain.billing.rate_prices import hours_of_one_price, rate_price
from ampeco_emulator.domain.billing.tariffs import zone_of


def electricity_cost(backend: Backend, session: Record, charge: Charge) -> float | None:
    """The cost of the energy of a session; None where the charge point has no electricity rate."""
    charge_point = backend.store.peek("charge-points", session.fields["chargePointId"])
    number: Any = charge_point.fields.get("electricityRateId") if charge_point is not None else None
    rate = backend.store.peek("electricity-rates", number)
    if rate is None:
        return None
    prices, local = {"rate": prices_of(backend, rate)}, LocalCharge(charge, zone_of(backend, session))
    cost = Decimal(0)
    for start, end in hours_of_one_price(prices, local):
        energy = charge.energy_until(end) - charge.energy_until(start)
        cost += energy * rate_price(prices, start.astimezone(local.zone)) / 1000
    return float(as_money(backend, cost))
