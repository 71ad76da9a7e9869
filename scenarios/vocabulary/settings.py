"""Settings of the operator that a scenario changes and restores."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from ampeco_conformance.apis.ampeco.fields import UNSET_VALUES
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.evses import CHARGE_POINT, EVSE, Evse
from scenarios.vocabulary.sites import LOCATION


class Settings:
    """Changes EVSEs, charge points and locations; `restore` gives every changed field its first value again."""

    def __init__(self, api: ScenarioApi) -> None:
        self._api = api
        self._before: list[tuple[str, dict[str, Any], dict[str, Any]]] = []

    def change(self, evse: Evse, **fields: Any) -> None:
        """Change fields of an EVSE; the answer must show them."""
        known = {"tariffGroupId": evse.tariff_group} if evse.tariff_group is not None else {}
        self._change(EVSE, {"evse": evse.id}, fields, known)

    def change_charge_point(self, evse: Evse, **fields: Any) -> None:
        """Change fields of the charge point of an EVSE."""
        self._change(CHARGE_POINT, {"chargePoint": evse.charge_point}, fields)

    def change_location(self, evse: Evse, **fields: Any) -> None:
        """Change fields of the location of an EVSE; skips the scenario when it has none."""
        if evse.location is None:
            pytest.skip("the EVSE has no location")
        self._change(LOCATION, {"location": evse.location}, fields)

    def change_item(self, path: str, ids: dict[str, Any], **fields: Any) -> None:
        """Change fields of anything else."""
        self._change(path, ids, fields)

    def _change(
        self, path: str, ids: dict[str, Any], fields: dict[str, Any], known: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        """Change fields, and remember their values: those that are known already, or that a read shows."""
        before = known if fields.keys() <= known.keys() else self._api.get(path, **ids).item
        self._before.append((path, ids, {name: before.get(name) or UNSET_VALUES.get(name) for name in fields}))
        changed = self._api.patch(path, fields, **ids)
        for name, value in fields.items():
            if not isinstance(value, dict):
                changed.require_equal(changed.get(name), value, "change-shows", name)

    def restore(self) -> None:
        """Undo, last change first."""
        while self._before:
            path, ids, fields = self._before.pop()
            self._api.patch(path, fields, **ids)
