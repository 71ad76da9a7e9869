"""Charge records of Spirii: their amounts are texts, written with the decimal separator that was asked for.

Facts: amount is amountExVat plus amountVat, amountVat is vatRate of amountExVat; `decimalSeparator` is `.` or `,`.
"""

from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record
from ampeco_emulator.openapi.validation import Incoming


def show(backend: Backend, record: Record, incoming: Incoming | None) -> dict[str, Any]:
    """A record with its amounts as the request wants them written."""
    separator = str(incoming.query.get("decimalSeparator") or ".") if incoming else "."
    price = dict(record.fields["price"])
    if backend.misbehaves("vat-off"):
        price["amount"] = str(Decimal(price["amount"]) + 1)
    if not backend.misbehaves("separator-ignored"):
        price = {name: value.replace(".", separator) for name, value in price.items()}
    return {**record.fields, "price": price}


SHOWING = {"charge-records": show}
