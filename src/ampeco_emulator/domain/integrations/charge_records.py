"""Charge records of Spirii: amounts are strings, with the requested decimal separator.

Facts: amount is amountExVat plus amountVat, amountVat is vatRate of amountExVat; `decimalSeparator` is `.` or `,`.
"""

from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.openapi.validation import Incoming


def show(backend: Backend, record: Record, incoming: Incoming | None) -> dict[str, Any]:
    """The fields of a record, its amounts with the requested decimal separator."""
    separator = str(incoming.query.get("decimalSeparator") or ".") if incoming else "."
    return {**record.fields, "price": with_separator(backend, price_of(backend, record, incoming), separator)}


@rule
def price_of(_backend: Backend, record: Record, _incoming: Incoming | None) -> dict[str, str]:
    """The amounts of a charge record, with a decimal point."""
    return dict(record.fields["price"])


@rule
def with_separator(_backend: Backend, price: dict[str, str], separator: str) -> dict[str, str]:
    """The amounts with the requested decimal separator."""
    return {name: value.replace(".", separator) for name, value in price.items()}


SHOWING = {"charge-records": show}
