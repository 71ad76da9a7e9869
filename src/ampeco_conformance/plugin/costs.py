"""What a run may cost on a tenant: which of its items move money or command hardware, and at what.

No amounts: the tariffs of the equipment decide them, and the suite creates what it charges and pays with.
"""

from collections.abc import Iterator, Sequence

import pytest

from ampeco_conformance.apis import Effect
from ampeco_conformance.core.counting import counted
from ampeco_conformance.plugin.options import configured_target
from ampeco_conformance.plugin.selection import (
    configured_policy,
    configured_specification,
    operation_of,
    scenarios_touching,
)
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import Safety, effect

_VERBS = {Effect.MONEY: "move money", Effect.DEVICE: "command hardware"}
_AT_ANY = "at anything of the tenant"


def costs_of(config: pytest.Config, items: Sequence[pytest.Item]) -> list[str]:
    """A sentence for each kind of cost; none for the embedded emulator, and where only reads are sent."""
    target = configured_target(config)
    if target.base_url is None or target.safety is Safety.READ_ONLY:
        return []
    return list(_sentences(config, items, target))


def _sentences(config: pytest.Config, items: Sequence[pytest.Item], target: Target) -> Iterator[str]:
    policy = configured_policy(config)
    permitted = [
        operation for operation in configured_specification(config).operations if policy.refusal(operation) is None
    ]
    planned = {operation.label for item in items if (operation := operation_of(item)) is not None}
    for what, verb in _VERBS.items():
        of_kind = [operation for operation in permitted if effect(operation) is what]
        operations = sum(operation.label in planned for operation in of_kind)
        scenarios = scenarios_touching(config, items, of_kind) if of_kind else 0
        if operations or scenarios:
            items_of_kind = f"{counted(operations, 'operation')} and {counted(scenarios, 'scenario')}"
            yield f"{items_of_kind} {verb}: {_place(what, target)}"


def _place(what: Effect, target: Target) -> str:
    """At what the cost arises."""
    if target.safety is Safety.FULL:
        return _AT_ANY
    own = "at what the run creates"
    if what is not Effect.DEVICE or not target.test_equipment:
        return own
    named = "; ".join(f"{kind} {', '.join(map(str, ids))}" for kind, ids in target.test_equipment.items())
    return f"{own}, and at {named}, where sessions cost what the tariffs say"
