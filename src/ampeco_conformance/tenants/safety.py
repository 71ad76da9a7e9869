"""What a run may write on its target: what each operation does to a tenant, and what each safety level permits."""

from enum import StrEnum

from ampeco_conformance.errors import ConfigurationError
from ampeco_conformance.specs import Operation


class Safety(StrEnum):
    """What a run may write on its target, from least to most."""

    READ_ONLY = "read-only"
    OWN_DATA = "own-data"
    FULL = "full"


class Effect(StrEnum):
    """What an operation does to a tenant; the values read well after "this operation"."""

    READ = "reads"
    ACTING_READ = "acts although it is a GET"
    CREATE = "creates"
    CHANGE = "changes"
    DELETE = "deletes"
    ACTION = "acts on a resource"
    MONEY = "moves money or sends invoices"
    DEVICE = "commands hardware"


_METHOD_EFFECTS = {
    "GET": Effect.READ,
    "HEAD": Effect.READ,
    "POST": Effect.CREATE,
    "PUT": Effect.CHANGE,
    "PATCH": Effect.CHANGE,
    "DELETE": Effect.DELETE,
}

#: Targets of actions (`/actions/<target>/...`) that are, or pass commands on to, charge points in the field.
_DEVICES = {"charge-point", "circuit", "evse", "flexibility-asset", "reservation"}

#: Where method and path alone would mislead, by last fixed part of the path. Facts: the vendor's interface.
_ACTION_EXCEPTIONS = {
    "activate-subscription": Effect.MONEY,
    "add-balance": Effect.MONEY,
    "apply-custom-fee": Effect.MONEY,
    "apply-to-charge-points": Effect.DEVICE,
    "assign-charge-points": Effect.DEVICE,
    "assign-user": Effect.MONEY,
    "cancel-subscription": Effect.MONEY,
    "check-booking-availability": Effect.READ,
    "clear-subscription-amount-due": Effect.MONEY,
    "issue-invoice": Effect.MONEY,
    "redeem-voucher": Effect.MONEY,
    "replace": Effect.MONEY,
    "resend-invoice": Effect.MONEY,
    "retry-payment": Effect.MONEY,
    "update-payment-reference": Effect.MONEY,
}
_CREATION_EXCEPTIONS = {
    "invoice-details": Effect.CHANGE,
    "partner-invites": Effect.ACTION,  # sends mail
    "personal-smart-charging-preferences": Effect.CHANGE,
    "smart-charging": Effect.CHANGE,
    "transactions": Effect.MONEY,
}


def parse_safety(text: str) -> Safety:
    """The safety level of that name. Raises ConfigurationError."""
    try:
        return Safety(text)
    except ValueError:
        raise ConfigurationError(f"unknown safety level {text!r}; known are {', '.join(Safety)}") from None


def effect(operation: Operation) -> Effect:
    """What the operation does to a tenant. A method nobody knows counts as an action."""
    plain = _METHOD_EFFECTS.get(operation.method, Effect.ACTION)
    parts = [part for part in operation.path.split("/") if part and not part.startswith("{")]
    if "actions" in parts:
        if plain == Effect.READ:
            return Effect.ACTING_READ
        target = parts[parts.index("actions") + 1]
        return _ACTION_EXCEPTIONS.get(_verb(parts), Effect.DEVICE if target in _DEVICES else Effect.ACTION)
    if plain == Effect.CREATE:
        return _CREATION_EXCEPTIONS.get(_verb(parts), plain)
    return plain


def refusal(operation: Operation, safety: Safety) -> str | None:
    """Why the operation may not be sent at this safety level; None when it may (see also `own_data_only`)."""
    what = effect(operation)
    if what == Effect.READ or safety == Safety.FULL:
        return None
    if safety == Safety.READ_ONLY or what in (Effect.MONEY, Effect.DEVICE):
        return f"safety {safety}: this operation {what}"
    if what != Effect.CREATE and "{" not in operation.path:
        return f"safety {safety}: this operation {what}, but names none that the run could have created"
    return None


def own_data_only(operation: Operation, safety: Safety) -> bool:
    """Whether the ids in the operation's path must be of resources that this run created."""
    return safety == Safety.OWN_DATA and effect(operation) != Effect.READ and "{" in operation.path


def _verb(parts: list[str]) -> str:
    """The last part of the path that is not a version."""
    return next(part for part in reversed(parts) if not part.startswith("v") or not part[1:2].isdigit())
