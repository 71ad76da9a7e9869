"""Safety levels: the effect of each operation on a tenant, and which effects each level permits."""

from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache

from ampeco_conformance.core.errors import ConfigurationError, ConformError
from ampeco_conformance.specs import Operation


class Safety(StrEnum):
    """What a run may write on its target, from the least to the most."""

    READ_ONLY = "read-only"
    OWN_DATA = "own-data"
    FULL = "full"


class Permission(StrEnum):
    """Effects that a tenant's configuration must allow explicitly, at every safety level."""

    MONEY = "money"
    DEVICES = "devices"


class Effect(StrEnum):
    """The effect of an operation on a tenant; the values complete "this operation ..."."""

    READ = "reads"
    ACTING_READ = "acts although it is a GET"
    CREATE = "creates"
    CHANGE = "changes"
    DELETE = "deletes"
    ACTION = "acts on a resource"
    MONEY = "moves money or sends invoices"
    DEVICE = "commands hardware"


class NotPermitted(ConformError):
    """A request that the target's safety level forbids; it was not sent."""


#: Effects by method and path pattern; the first match decides. Source: the vendor's interface. Patterns such as
#: `*firmware*` cover whole families, so that actions of future versions are not taken for harmless.
_EFFECTS = (
    ("GET", "*/actions/*", Effect.ACTING_READ),
    ("HEAD", "*/actions/*", Effect.ACTING_READ),
    ("POST", "*/check-booking-availability", Effect.READ),
    ("POST", "*/resources/transactions/v*", Effect.MONEY),
    ("POST", "*/resources/payments/*", Effect.MONEY),
    ("POST", "*/actions/*balance*", Effect.MONEY),
    ("POST", "*/actions/*fee*", Effect.MONEY),
    ("POST", "*/actions/*invoice*", Effect.MONEY),
    ("POST", "*/actions/*pay*", Effect.MONEY),
    ("POST", "*/actions/*refund*", Effect.MONEY),
    ("POST", "*/actions/*subscription*", Effect.MONEY),
    ("POST", "*/actions/*top-up*", Effect.MONEY),
    ("POST", "*/actions/*voucher*", Effect.MONEY),
    ("POST", "*/actions/session/*/assign-user", Effect.MONEY),
    # Charge points, and resources that pass commands on to them.
    ("POST", "*/actions/charge-point*", Effect.DEVICE),
    ("POST", "*/actions/circuit*", Effect.DEVICE),
    ("POST", "*/actions/evse*", Effect.DEVICE),
    ("POST", "*/actions/flexibility-asset*", Effect.DEVICE),
    ("POST", "*/actions/reservation*", Effect.DEVICE),
    ("POST", "*/actions/*/*-charge-points", Effect.DEVICE),
    ("POST", "*/actions/*firmware*", Effect.DEVICE),
    ("POST", "*/actions/*reset*", Effect.DEVICE),
    ("POST", "*/actions/*start*", Effect.DEVICE),
    ("POST", "*/actions/*stop*", Effect.DEVICE),
    ("POST", "*/actions/*unlock*", Effect.DEVICE),
    ("PATCH", "*/resources/charge-points/*/configurations/*", Effect.DEVICE),
    ("POST", "*/resources/charge-points/*/*smart-charging*", Effect.DEVICE),
    ("POST", "*/resources/partner-invites/*", Effect.ACTION),  # sends mail
    ("POST", "*/resources/users/*/invoice-details", Effect.CHANGE),
    ("*", "*/actions/*", Effect.ACTION),
    ("GET", "*", Effect.READ),
    ("HEAD", "*", Effect.READ),
    ("POST", "*", Effect.CREATE),
    ("PUT", "*", Effect.CHANGE),
    ("PATCH", "*", Effect.CHANGE),
    ("DELETE", "*", Effect.DELETE),
    ("*", "*", Effect.ACTION),
)
_NEEDED = {Effect.MONEY: Permission.MONEY, Effect.DEVICE: Permission.DEVICES}


def parse_safety(text: str) -> Safety:
    """The safety level of that name. Raises ConfigurationError."""
    try:
        return Safety(text)
    except ValueError:
        raise ConfigurationError(f"unknown safety level {text!r}; known are {', '.join(Safety)}") from None


def effect(operation: Operation) -> Effect:
    """The effect of an operation on a tenant. An unknown method counts as an action."""
    return _effect(operation.method, operation.path)


# Asked before every request.
@cache
def _effect(method: str, path: str) -> Effect:
    return next(what for known, pattern, what in _EFFECTS if known in (method, "*") and fnmatchcase(path, pattern))


class SafetyPolicy:
    """Decides which operations of a version may be sent, by safety level and permissions."""

    def __init__(self, safety: Safety, permissions: Iterable[Permission], operations: Iterable[Operation]) -> None:
        self.safety = safety
        self._permissions = frozenset(permissions)
        self._removable = {item.path.rpartition("/")[0] for item in operations if item.method == "DELETE"}

    def refusal(self, operation: Operation) -> str | None:
        """Why the operation may not be sent; None when it may (see also `own_data_only`)."""
        what = effect(operation)
        said = f"safety {self.safety}: this operation {what}"
        if self.safety is Safety.READ_ONLY:
            if what is Effect.READ and operation.method not in ("GET", "HEAD"):
                return f"{said}, but by {operation.method}"
            return None if what is Effect.READ else said
        if what is Effect.READ:
            return None
        needed = _NEEDED.get(what)
        if needed is not None and needed not in self._permissions:
            return f"{said}, which needs `permissions: [{needed}]` in tenants.yaml"
        if self.safety is Safety.FULL:
            return None
        if "{" not in operation.path:
            if what is not Effect.CREATE:
                return f"{said}, but names no resource that the run could have created"
            if operation.path not in self._removable:
                return f"{said} what the API cannot delete again"
        return None

    def own_data_only(self, operation: Operation) -> bool:
        """Whether the ids in the operation's path must be of resources that this run created."""
        return self.safety is Safety.OWN_DATA and effect(operation) is not Effect.READ and "{" in operation.path
