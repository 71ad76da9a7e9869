"""A finished session must add up: energy, periods, lines, tax and total describe the same charge.

Facts: a session's energy and its periods' energy are Wh; a price line is quantity times unit price; an amount with
tax is the one without plus the session's percentage (operation notes and the session schema).
"""

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary.api import ScenarioResponse
from scenarios.vocabulary.money import Rounding, decimal

#: Kilowatt-hours are quantities with decimals; a session that shows three of them is off by half a Wh.
# What an amount has; a version to come may add to it.
_KINDS = ("withTax", "withoutTax")
KWH_STEP = decimal("0.001")
#: The type of the line of a minimum price.
FLOOR = "min_price"


def moment(text: str) -> datetime:
    """A timestamp of the API."""
    return datetime.fromisoformat(text)


def total_of(session: ScenarioResponse) -> Any:
    """The total of a session, tax included. Skips the scenario when the session shows no price at all."""
    total = (session.get("totalAmount") or {}).get("withTax")
    if total is None:
        session.require(not session.get("priceBreakdown"), "has-total", "a session with price lines has no totalAmount")
        pytest.skip("the session has no total with tax, which this scenario compares with")
    return total


def check_times(session: ScenarioResponse) -> None:
    """A finished session has ended, after it began."""
    stopped = session.get("stoppedAt")
    session.require(stopped is not None, "finished-has-end", "a finished session has no stoppedAt")
    session.require(
        moment(stopped) >= moment(session["startedAt"]),
        "ends-after-start",
        "the session stopped before it started",
        expected=session["startedAt"],
        actual=stopped,
    )


def check_energy(session: ScenarioResponse) -> None:
    """Periods follow each other and hold the session's energy; grid and local energy are the total."""
    with step("The energy adds up"):
        consumption = session["energyConsumption"]
        if consumption.get("local") is not None:
            _require_sum(
                session,
                "sources-sum",
                "grid and local",
                [consumption["grid"], consumption["local"]],
                consumption["total"],
            )
        periods = session.get("chargingPeriods") or []
        if not periods and not session["energy"]:
            return
        session.require(bool(periods), "has-periods", "a session with energy has no charging periods")
        energies = [period["energy"] for period in periods]
        # Periods are whole Wh, so each may hide one.
        session.require(
            abs(sum(map(decimal, energies)) - decimal(session["energy"])) <= len(energies),
            "periods-sum",
            f"the periods hold {sum(energies)} Wh, the session {session['energy']} Wh",
            expected=session["energy"],
            actual=sum(energies),
        )
        for earlier, later in pairwise(periods):
            session.require(
                earlier.get("stoppedAt") is not None and moment(earlier["stoppedAt"]) <= moment(later["startedAt"]),
                "periods-in-order",
                f"period {later['id']} begins before period {earlier['id']} ends",
            )


def check_price(session: ScenarioResponse, rounding: Rounding) -> None:
    """Lines are quantity times unit price and sum up to the total; tax is the percentage of it."""
    with step("The price adds up"):
        total = session.get("totalAmount")
        session.require(total is not None, "has-total", "a billed session has no totalAmount")
        tax = session.get("tax")
        if tax and tax.get("taxPercentage") is not None and total.get("withoutTax") is not None:
            session.require(
                rounding.is_taxed(
                    total["withTax"],
                    total["withoutTax"],
                    tax["taxPercentage"],
                    # Tax may be rounded line by line.
                    max(1, len(session.get("priceBreakdown") or ())),
                ),
                "tax-of-total",
                f"{total['withTax']} is not {total['withoutTax']} plus {tax['taxPercentage']} %",
            )
        amount = session.get("amount")
        if amount is not None:
            session.require(
                any(rounding.equal(amount, total[kind]) for kind in _KINDS if total.get(kind) is not None),
                "amount-is-total",
                f"amount {amount} is neither total of {total}",
                expected=total,
                actual=amount,
            )
        lines = session.get("priceBreakdown")
        session.require(lines is not None, "has-price-lines", "the price breakdown asked for is missing")
        for line in lines:
            _check_line(session, line, rounding)
        for kind in _KINDS:
            parts = [line["price"].get(kind) for line in lines]
            if total.get(kind) is not None and None not in parts:
                # The line of a floor shows what it adds to the others, or all of it.
                at_floor = any(line["type"] == FLOOR and line["price"][kind] == total[kind] for line in lines)
                session.require(
                    at_floor or rounding.add_up(parts, total[kind]),
                    "lines-sum",
                    f"the lines sum up to {sum(map(decimal, parts))} {kind}, the total is {total[kind]}",
                    expected=total[kind],
                    actual=parts,
                )
        _check_billed_energy(session, lines)


def _check_line(session: ScenarioResponse, line: dict[str, Any], rounding: Rounding) -> None:
    for kind in _KINDS:
        price, unit_price = line["price"].get(kind), line["pricePerUnit"].get(kind)
        if price is not None and unit_price is not None:
            session.require(
                rounding.is_product(price, line["quantity"], line["unit"], unit_price),
                "line-is-product",
                f"{line['type']}: {price} is not {line['quantity']} {line['unit']} at {unit_price} ({kind})",
            )


def _check_billed_energy(session: ScenarioResponse, lines: list[dict[str, Any]]) -> None:
    kwh = [decimal(line["quantity"]) for line in lines if line["type"] == "energy" and line["unit"] == "kwh"]
    if not kwh:
        return
    billable = (decimal(session["energy"]) - decimal(session.get("nonBillableEnergy") or 0)) / 1000
    session.require(
        abs(sum(kwh) - billable) <= KWH_STEP * len(kwh) * 10,
        "billed-energy",
        f"{sum(kwh)} kWh are billed, {billable} kWh were charged",
        expected=float(billable),
        actual=float(sum(kwh)),
    )


def check_aligned_consumption(session: ScenarioResponse) -> None:
    """The clock-aligned intervals follow each other and hold the energy of the session (Wh)."""
    with step("The clock-aligned consumption agrees with the total"):
        intervals = session.get("clockAlignedEnergyConsumption") or []
        session.require(
            bool(intervals) or not session["energy"],
            "has-aligned-values",
            "the clock-aligned values asked for are missing",
        )
        for interval in intervals:
            session.require(
                moment(interval["start"]) < moment(interval["end"]),
                "interval-forward",
                "an interval ends before it starts",
            )
        for earlier, later in pairwise(intervals):
            session.require(
                moment(earlier["end"]) <= moment(later["start"]),
                "intervals-in-order",
                "clock-aligned intervals overlap",
            )
        consumed = sum(interval["energyConsumed"] for interval in intervals)
        session.require(
            abs(decimal(consumed) - decimal(session["energy"])) <= max(1, len(intervals)),
            "aligned-sum",
            f"the intervals hold {consumed} Wh, the session {session['energy']} Wh",
            expected=session["energy"],
            actual=consumed,
        )


def check_consumption_stats(stats: ScenarioResponse, session: ScenarioResponse) -> None:
    """The consumption statistics run forward in time and end at the energy of the session.

    Whether a point holds the energy so far or that of its interval is not documented; either must give the total.
    """
    with step("The consumption statistics agree with the total"):
        points = stats.items
        times = [moment(point["timestamp"]) for point in points]
        stats.require(times == sorted(times), "stats-in-order", "the points are not in the order of time")
        stats.require(len(points) <= 300, "stats-limit", f"{len(points)} points, at most 300 for a finished session")
        energies = [decimal(point["energy"]) for point in points if point["energy"] is not None]
        if not energies:
            return
        total, tolerance = decimal(session["energy"]), decimal(len(energies))
        stats.require(
            abs(energies[-1] - total) <= tolerance or abs(sum(energies) - total) <= tolerance,
            "stats-sum",
            f"the statistics end at {energies[-1]} and sum up to {sum(energies)}, the session has {total} Wh",
            expected=float(total),
            actual=float(energies[-1]),
        )


def _require_sum(session: ScenarioResponse, rule: str, what: str, parts: list[Any], total: Any) -> None:
    added = sum(map(decimal, parts))
    session.require(
        abs(added - decimal(total)) <= len(parts),
        rule,
        f"{what} sum up to {added}, the total is {total}",
        expected=total,
        actual=float(added),
    )
