"""What charging at an EVSE costs a driver."""

import secrets
from typing import Any

from allure import step

from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.people import Driver

TARIFFS = "/resources/tariffs/v1.0"
TARIFF = "/resources/tariffs/v1.0/{tariff}"
TARIFF_GROUPS = "/resources/tariff-groups/v1.0"
TARIFF_GROUP = "/resources/tariff-groups/v1.0/{tariffGroup}"

#: Types of tariff that never ask for money.
WITHOUT_PRICE = frozenset({"free", "charging not allowed"})


class Tariffs:
    """Finds the tariff that applies; the API resolves it from tariff group and user (fact: tariffs listing)."""

    def __init__(self, api: ScenarioApi, cleanup: Cleanup) -> None:
        self._api = api
        self._cleanup = cleanup

    def applying(self, evse: Evse, driver: Driver) -> dict[str, Any] | None:
        """The one tariff that applies to the driver at the EVSE; None without a tariff group."""
        if evse.tariff_group is None:
            return None
        filter = {"tariffGroupId": evse.tariff_group, "userId": driver.id}
        found = self._api.get(TARIFFS, query={"filter": filter}).items
        return found[0] if found else None

    def has_price(self, evse: Evse, driver: Driver) -> bool:
        """Whether the driver has to pay there."""
        tariff = self.applying(evse, driver)
        return tariff is not None and tariff["type"] not in WITHOUT_PRICE

    def new(self, type: str, **fields: Any) -> int:
        """A tariff of its own; its id."""
        with step(f"The operator creates a tariff of type '{type}'"):
            tariff = self._api.post(TARIFFS, {"name": _name(), "type": type, **fields})
            self._cleanup.later("DELETE", TARIFF, tariff=tariff["id"])
        return int(tariff["id"])

    def group_of(self, *tariffs: int) -> int:
        """A group of tariffs, in this order; its id."""
        group = self._api.post(TARIFF_GROUPS, {"name": _name(), "tariffIds": list(tariffs)})
        self._cleanup.later("DELETE", TARIFF_GROUP, tariffGroup=group["id"])
        return int(group["id"])

    def new_group(self, type: str, **fields: Any) -> int:
        """A tariff group of its own with one tariff of this type; its id."""
        return self.group_of(self.new(type, **fields))

    def replace(self, tariff: int, type: str, **fields: Any) -> None:
        """Give a tariff other terms."""
        with step("The operator changes the tariff"):
            self._api.put(TARIFF, {"name": _name(), "type": type, **fields}, tariff=tariff)


def _name() -> str:
    return f"conformance {secrets.token_hex(4)}"
