"""Safety levels: the effect of each operation on a tenant, and which effects each level permits."""

from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache

from ampeco_conformance.apis import APIS, Effect, OperationEffect
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


class NotPermitted(ConformError):
    """A request that the target's safety level forbids; it was not sent."""


#: Effects by method and path pattern, of all APIs; the first match decides. What an API does not name follows from the
#: method.
_EFFECTS = (
    *(row for api in APIS.values() for row in api.effects),
    OperationEffect("GET", "*/actions/*", Effect.ACTING_READ),
    OperationEffect("HEAD", "*/actions/*", Effect.ACTING_READ),
    OperationEffect("*", "*/actions/*", Effect.ACTION),
    OperationEffect("GET", "*", Effect.READ),
    OperationEffect("HEAD", "*", Effect.READ),
    OperationEffect("POST", "*", Effect.CREATE),
    OperationEffect("PUT", "*", Effect.CHANGE),
    OperationEffect("PATCH", "*", Effect.CHANGE),
    OperationEffect("DELETE", "*", Effect.DELETE),
    OperationEffect("*", "*", Effect.ACTION),
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
    return next(row.effect for row in _EFFECTS if row.method in (method, "*") and fnmatchcase(path, row.pattern))


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
