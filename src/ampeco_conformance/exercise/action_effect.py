"""Compares what an action sets with what its resource shows afterwards.

It applies where the read of the resource documents a field of the action's body with all of its values: the status that
`.../change-status` sets.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from random import Random
from typing import Any

from ampeco_conformance.checks.resource_fields import shown_properties, written_properties
from ampeco_conformance.checks.resources import ACTION_TAKES_EFFECT
from ampeco_conformance.contract.answers import answer_of
from ampeco_conformance.contract.path_templates import fill, parameters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.exercise.happy_path import SuccessAttempt, SuccessFinder
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.operation_paths import is_creation
from ampeco_conformance.specs import Operation

_READS = 2


class ActionEffects:
    """Requests actions with another value than their resource shows, and then with the former one."""

    def __init__(self, contract: ApiContract, finder: SuccessFinder, client: ApiClient) -> None:
        self._contract = contract
        self._finder = finder
        self._client = client

    def findings(self, operation: Operation, attempt: SuccessAttempt, order: Random) -> Iterator[Finding]:
        """Values that an action accepted, and that its resource does not show."""
        read = self._reads.get(parameters_of(operation.path)[0]) if _is_action(operation) else None
        # A moment that was left out may have passed: an asset stays disabled after its end.
        if read is None or attempt.left_out or not isinstance(attempt.body, dict):
            return
        for name, values in self._shown_values(operation, read):
            before, _ = self._shown(read, attempt.path_values, name)
            others = self._shown_by_others(read, attempt.path_values, name)
            other = order.choice([value for value in values if value != before])
            if before is None or not self._finder.send_like(operation, attempt, {name: other}).succeeded:
                continue
            violation, exchange = self._unlike(read, attempt.path_values, name, other)
            changed = self._changed(others, self._shown_by_others(read, attempt.path_values, name), other)
            self._finder.send_like(operation, attempt, {name: before})
            if violation is None and changed:
                # What follows the way back, too, is no change by somebody else.
                again = self._shown_by_others(read, attempt.path_values, name)
                violation = next((_of_another(name, key, other) for key in changed if again.get(key) == before), None)
            if violation is not None:
                yield Finding(violation, operation.label, self._contract.specification.version, exchange)

    def _unlike(
        self, read: Operation, ids: Mapping[str, Any], name: str, expected: Any
    ) -> tuple[Violation | None, Exchange]:
        """The violation of an action whose value is not shown, and the last read."""
        for _ in range(_READS):
            shown, exchange = self._shown(read, ids, name)
            if shown == expected:
                return None, exchange
        message = f"{name} was set to {expected!r}, which was accepted, and reads {shown!r}"
        return ACTION_TAKES_EFFECT.violation(message, f"/data/{name}", expected=expected, actual=shown), exchange

    def _shown_by_others(self, read: Operation, ids: Mapping[str, Any], name: str) -> dict[str, Any]:
        """The field of the other items that the listing shows on its first page."""
        items = answer_of(self._client.send("GET", read.path.rpartition("/{")[0])).items
        acted_on = str(next(iter(ids.values())))
        shown = {str(item["id"]): item.get(name) for item in items if "id" in item}
        return {key: value for key, value in shown.items() if key != acted_on}

    @staticmethod
    def _changed(before: Mapping[str, Any], after: Mapping[str, Any], to: Any) -> list[str]:
        """The items that show a value which they did not show before."""
        return [key for key, value in after.items() if value == to != before.get(key, to)]

    def _shown_values(self, operation: Operation, read: Operation) -> Iterator[tuple[str, list[Any]]]:
        """The fields of an action whose values its resource shows too."""
        shown = shown_properties(self._contract, read)
        for name, schema in written_properties(self._contract, operation).items():
            values = schema.get("enum", ())
            documented = shown[name][0].get("enum", ()) if name in shown else ()
            if len(values) > 1 and set(values) <= set(documented):
                yield name, list(values)

    def _shown(self, read: Operation, ids: Mapping[str, Any], name: str) -> tuple[Any, Exchange]:
        exchange = self._client.send("GET", fill(read.path, ids))
        return (answer_of(exchange).item or {}).get(name), exchange

    @cached_property
    def _reads(self) -> dict[str, Operation]:
        """The read of the resource that a parameter of a path names, of its last version."""
        reads = (operation for operation in self._contract.specification.operations if operation.method == "GET")
        return {
            name: operation
            for operation in reads
            for name in parameters_of(operation.path)
            if operation.path.count("{") == 1 and operation.path.endswith("}")
        }


def _of_another(name: str, identifier: str, value: Any) -> Violation:
    message = f"{name} of item {identifier}, which was not named, became {value!r} as well"
    return ACTION_TAKES_EFFECT.violation(message, f"/data/{name}", expected="no change", actual=value, kind="another")


def _is_action(operation: Operation) -> bool:
    is_of_one_resource = operation.path.count("{") == 1 and not operation.path.endswith("}")
    return operation.method == "POST" and is_of_one_resource and not is_creation(operation)
