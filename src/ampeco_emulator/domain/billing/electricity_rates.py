"""Electricity rates: their default price and their periods, in the forms of both versions.

Facts: v2.0 has a default price, and periods of a day of the week or of a date; in v1.0 the default price has another
name, and the intervals of days and dates are fields of the rate. All prices include tax.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.openapi.validation import Incoming

_NEW, _OLD = "defaultPrice", "defaultPricePerKwh"


def prices_of(backend: Backend, rate: Record) -> dict[str, Any]:
    """The prices of an electricity rate: the default one, and those of its periods."""
    return {"default": rate.fields.get(_NEW, 0), **dict(_intervals(rate.fields)), **price_periods(backend, rate)}


@rule
def price_periods(backend: Backend, rate: Record) -> dict[str, list[Any]]:
    """The price periods of a rate, by day of the week or date."""
    parents = {"electricity-rates": str(rate.id)}
    return {
        str(entry.fields[name]): list(entry.fields.get("periods") or ())
        for name, kind in (("weekDay", "price-periods-week-day"), ("date", "price-periods-date"))
        for entry in backend.store.all(kind, parents)
        if entry.fields.get(name) is not None
    }


def _intervals(fields: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """The intervals of a rate that was written in v1.0, by day of the week or date, as periods."""
    for name, days in (("intervalPricing", "weekDays"), ("intervalSpecialPricing", "validOn")):
        for entry in fields.get(name) or ():
            periods = [
                {"startsAt": item["startAt"], "endsAt": item["endAt"], "price": item["price"]}
                for item in entry.get("elements") or ()
                if item.get("price") is not None
            ]
            yield from ((str(day)[:3] if days == "weekDays" else str(day), periods) for day in entry.get(days) or ())


def complete_rate(backend: Backend, rate: Record) -> None:
    """Complete a new rate: its default price under the name that both versions are computed with."""
    change_rate(backend, rate, rate.fields)


def change_rate(_backend: Backend, rate: Record, body: Mapping[str, Any]) -> None:
    """Keep the default price that v1.0 writes."""
    if _OLD in body:
        rate.fields[_NEW] = body[_OLD]


def show_rate(_backend: Backend, rate: Record, _incoming: Incoming | None) -> dict[str, Any]:
    """The default price under the names of both versions."""
    return {**rate.fields, _OLD: rate.fields.get(_NEW)}


CREATED = {"electricity-rates": complete_rate}
CHANGING = {"electricity-rates": change_rate}
SHOWING = {"electricity-rates": show_rate}
