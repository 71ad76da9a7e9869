"""Test equipment: charge points, EVSEs and users of the tenant that scenarios may charge at, reserve and refer to."""

from collections.abc import Callable, Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ampeco_conformance.apis import EquipmentAction, describe
from ampeco_conformance.contract.path_templates import fill, parameters_of, path_values
from ampeco_conformance.contract.resource_map import ResourceMap, items_of, kind_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Response
from ampeco_conformance.http.endings import ending_of
from ampeco_conformance.http.ownership import OwnItem
from ampeco_conformance.specs import Operation

Key = tuple[str, str]
"""The kind of a resource and an id."""
Read = Callable[[str], Response | None]
"""Reads the path of an item or a listing."""

#: What an EVSE shows that nobody uses.
_AVAILABLE = ("hardwareStatus", "available")


class Equipment:
    """The test equipment of a target, `named` in its configuration by parameter: `chargePoint`, `evse`, `user`."""

    def __init__(
        self, contract: ApiContract, resources: ResourceMap, named: Mapping[str, Collection[int | str]]
    ) -> None:
        self._api = contract.specification.api
        self._resources = resources
        #: Own sessions and reservations that are known to be over.
        self._over: set[str] = set()
        self.keys: set[Key] = {
            (kind, str(identifier))
            for name, identifiers in named.items()
            for kind in resources.kinds_of_field(f"{name}Id")
            for identifier in identifiers
        }

    def action(self, operation: Operation) -> EquipmentAction | None:
        """The action of the API that may be used on test equipment, if the operation is one."""
        actions = describe(self._api).equipment_actions
        return next((action for action in actions if fnmatchcase(operation.path, action.pattern)), None)

    def has(self, operation: Operation, path: str, own: Collection[Key]) -> bool:
        """Whether the first id of a path is test equipment, and all others are own or name a part of it."""
        names = parameters_of(operation.path)
        values = path_values(operation, path)
        for name in names:
            sources = self._resources.sources(operation.path, name)
            keys = {(kind_of(source.collection), values[name]) for source in sources}
            is_part = any(source.field != "id" for source in sources)
            if keys.isdisjoint(self.keys) and keys.isdisjoint(own) and (name == names[0] or not is_part):
                return False
        return True

    def occupied(self, operation: Operation, path: str, read: Read, own: Sequence[OwnItem]) -> str | None:
        """What all EVSEs that an action can use show instead of being available; None when it may be sent.

        An EVSE where something of the run's own is open may be used too.
        """
        action = self.action(operation)
        if action is None or action.evses is None:
            return None
        named = path_values(operation, path)
        response = read(fill(action.evses, named))
        evses = list(items_of(response.json())) if response is not None and response.status_code == 200 else []
        if action.named_by is not None:
            evses = [evse for evse in evses if str(evse.get(action.named_by)) == named.get("evse")]
        field, available = _AVAILABLE
        if any(evse.get(field) == available or self._is_used_by(own, evse, read) for evse in evses):
            return None
        return ", ".join(sorted({str(evse.get(field)) for evse in evses})) or "nothing"

    def _is_used_by(self, own: Sequence[OwnItem], evse: Mapping[str, Any], read: Read) -> bool:
        """Whether an EVSE has an open session or reservation of the run."""
        for item in reversed(own):
            ending = ending_of(self._api, item.path)
            if ending is None or item.path in self._over:
                continue
            response = read(item.path)
            if response is None or response.status_code != 200:
                continue
            shown = next(items_of(response.json()), {})
            if shown.get("status") not in ending.open_statuses:
                self._over.add(item.path)
            elif str(shown.get("evseId")) == str(evse.get("id")):
                return True
        return False
