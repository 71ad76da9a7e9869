"""A response names the resource that the path of its request names.

Source: the path of the operation, whose `{chargePoint}` is the `chargePointId` that the response documents.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ampeco_conformance.checks.resource_fields import shown_properties, written_properties
from ampeco_conformance.contract.answers import answer_of
from ampeco_conformance.contract.path_templates import parameters_of, path_values
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Reproduction, Severity, Violation, declare
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.specs import Operation

ADDRESSED_RESOURCE_NAMED = declare(
    "addressed_resource_named",
    title="Responses name the resource of the path",
    severity=Severity.CRITICAL,
    claim="The `chargePointId` of a response is the `{chargePoint}` of the path, where no request may set it.",
    source="the path of the operation, and the id fields of its response",
    aspect="addressing",
    reproduction=Reproduction.SIGHT,
)

_LAST_WORD = re.compile(r"[A-Za-z][a-z]*")


class AddressedResources:
    """Compares the ids of responses with those of the paths, where the operation documents them."""

    def __init__(self, contract: ApiContract) -> None:
        self._contract = contract
        self._fields: dict[str, Mapping[str, str]] = {}

    def violations(self, operation: Operation, exchange: Exchange) -> Iterator[Violation]:
        """The ids in a successful response that are not those of the path."""
        fields = self._fields_of(operation)
        if not fields:
            return
        values = path_values(operation, exchange.request.url)
        items = answer_of(exchange).items
        for name, field in fields.items():
            wrong = [item[field] for item in items if field in item and _is_other(item[field], values[name])]
            if wrong:
                message = f"{field} is {wrong[0]!r} in the response to a request for {name} {values[name]}"
                yield ADDRESSED_RESOURCE_NAMED.violation(
                    message, f"/data/{field}", expected=values[name], actual=wrong[0]
                )

    def _fields_of(self, operation: Operation) -> Mapping[str, str]:
        if operation.label not in self._fields:
            self._fields[operation.label] = named_in_path(self._contract, operation)
        return self._fields[operation.label]


def named_in_path(contract: ApiContract, operation: Operation) -> dict[str, str]:
    """The documented field of each path parameter that has one, where no request sets it."""
    names = parameters_of(operation.path)
    written = written_properties(contract, operation) if names else {}
    shown = shown_properties(contract, operation) if names else {}
    known = {name: schema for name, (schema, _) in shown.items() if name not in written}
    fields = {name: _field_of(name, operation.path, known) for name in names}
    return {name: field for name, field in fields.items() if field is not None}


def _field_of(name: str, path: str, known: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The field with the id of a path parameter; `assetId` is that of the `{flexibilityAsset}` above an item."""
    field = name if name.endswith("Id") else f"{name}Id"
    if field in known:
        return field
    short = f"{_LAST_WORD.findall(name)[-1].lower()}Id"
    is_parent = not path.endswith(f"{{{name}}}")
    return short if is_parent and known.get(short, {}).get("type") == "integer" else None


def _is_other(shown: Any, wanted: str) -> bool:
    """Whether an id is certainly not the one of a path, where a number may have zeros in front."""
    if isinstance(shown, int) and not isinstance(shown, bool):
        return wanted.isdecimal() and shown != int(wanted)
    return isinstance(shown, str) and shown != wanted
