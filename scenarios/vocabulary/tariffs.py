"""What charging at an EVSE costs a driver."""

from typing import Any

from scenarios.vocabulary.api import Api
from scenarios.vocabulary.charging import Evse
from scenarios.vocabulary.people import Driver

TARIFFS = "/resources/tariffs/v1.0"

#: Types of tariff that never ask for money.
WITHOUT_PRICE = frozenset({"free", "charging not allowed"})


class Tariffs:
    """Finds the tariff that applies; the API resolves it from tariff group and user (fact: tariffs listing)."""

    def __init__(self, api: Api) -> None:
        self._api = api

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
