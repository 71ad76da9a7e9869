"""Settings of the operator that a scenario changes and restores."""

from typing import Any

from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.evses import EVSE, Evse


class EvseSettings:
    """Changes EVSEs; `restore` gives every changed field its first value again."""

    def __init__(self, api: ScenarioApi) -> None:
        self._api = api
        self._before: list[tuple[int, dict[str, Any]]] = []

    def change(self, evse: Evse, **fields: Any) -> None:
        """Change fields of an EVSE; the answer must show them."""
        before = self._api.get(EVSE, evse=evse.id)
        self._before.append((evse.id, {name: before.get(name) for name in fields}))
        changed = self._api.patch(EVSE, fields, evse=evse.id)
        for name, value in fields.items():
            changed.require_equal(changed.get(name), value, "change-shows", name)

    def restore(self) -> None:
        """Undo, last change first."""
        while self._before:
            number, fields = self._before.pop()
            self._api.patch(EVSE, fields, evse=number)
