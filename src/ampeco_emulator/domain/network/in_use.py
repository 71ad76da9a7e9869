"""Records that cannot be removed while they are in use: 409.

Facts: the removal of a currency, or of a tax, that is in use is answered 409.
"""

from ampeco_emulator.backend.backend import Backend, RefusedError
from ampeco_emulator.backend.store import Record


def keep_currency(backend: Backend, currency: Record) -> None:
    """Refuse to remove the base currency, and the currency of a tariff."""
    code = currency.fields.get("alphabeticCode")
    is_base = backend.store.all("currencies")[0] is currency
    if is_base or any(tariff.fields.get("currency") == code for tariff in backend.store.all("tariffs")):
        raise RefusedError(409, "The currency is in use.")


def keep_tax(backend: Backend, tax: Record) -> None:
    """Refuse to remove a tax that a session includes."""
    if any((session.fields.get("tax") or {}).get("taxId") == tax.id for session in backend.store.all("sessions")):
        raise RefusedError(409, "The tax is in use.")


REMOVING = {"currencies": keep_currency, "taxes": keep_tax}
