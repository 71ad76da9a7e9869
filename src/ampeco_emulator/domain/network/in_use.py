"""What cannot be removed while something else uses it: answered 409.

Facts: the removal of a currency, or of a tax, that is in use is answered 409.
"""

from ampeco_emulator.backend.backend import RefusedError, World
from ampeco_emulator.backend.store import Record


def keep_currency(world: World, currency: Record) -> None:
    """The base currency, and one that a tariff is in, stay."""
    code = currency.fields.get("alphabeticCode")
    is_base = world.store.all("currencies")[0] is currency
    if is_base or any(tariff.fields.get("currency") == code for tariff in world.store.all("tariffs")):
        raise RefusedError(409, "The currency is in use.")


def keep_tax(world: World, tax: Record) -> None:
    """A tax that is in the price of a session stays."""
    if any((session.fields.get("tax") or {}).get("taxId") == tax.id for session in world.store.all("sessions")):
        raise RefusedError(409, "The tax is in use.")


REMOVING = {"currencies": keep_currency, "taxes": keep_tax}
