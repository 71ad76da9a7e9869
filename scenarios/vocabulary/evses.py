"""Finds EVSEs of the target that suit a scenario."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pytest
from allure import step

from ampeco_conformance.target.configuration import Target
from scenarios.vocabulary.api import ScenarioApi

SESSIONS = "/resources/sessions/v1.0"
CHARGE_POINTS = "/resources/charge-points/v2.0"
CHARGE_POINT = "/resources/charge-points/v2.0/{chargePoint}"
CHARGE_POINT_EVSES = "/resources/charge-points/v2.0/{chargePoint}/evses"
START_EVSE = "/actions/evse/v1.0/{evse}/start"
EVSE = "/resources/evses/v2.1/{evse}"

#: How many charge points of a large tenant are looked at before a scenario gives up.
LOOKED_AT = 200

#: Network status of a charge point nobody can reach now.
OFFLINE = frozenset({"never_connected", "temporarily_unavailable", "long-term_unavailable"})


@dataclass(frozen=True)
class Evse:
    """An EVSE that was free when it was found; `network_id` is its number at its charge point."""

    id: int
    network_id: str
    charge_point: int
    location: int | None
    tariff_group: int | None


class EvseFinder:
    """Finds EVSEs; never the same one twice in a scenario."""

    def __init__(self, api: ScenarioApi, target: Target) -> None:
        self.api = api
        self._target = target
        self._taken: set[int] = set()

    def free_evse(
        self,
        suits: Callable[[Evse], bool] = lambda _: True,
        *,
        allowing: str | None = None,
        at: Callable[[dict[str, Any]], bool] = lambda _: True,
    ) -> Evse:
        """A free, public EVSE of a connected charge point; skips the scenario when there is none.

        `allowing` names a flag the EVSE must have (`allowsReservation`), `at` looks at the charge point. Only those
        the tenant's configuration names under `ids` are used when it names any.
        """
        self.api.operation("POST", START_EVSE)
        with step("A free EVSE is found"):
            for evse, details in self._public_evses(at):
                if (
                    evse.id not in self._taken
                    and (allowing is None or details.get(allowing))
                    and not self._is_awaited(evse)
                    and suits(evse)
                ):
                    self._taken.add(evse.id)
                    return evse
        suits_it = "that suits this scenario" if allowing is None else f"with {allowing}"
        pytest.skip(f"the target has no free public EVSE {suits_it}; name one under `test_equipment`")

    def private_evse(self) -> Evse:
        """An EVSE of a connected charge point that strangers may not use; skips the scenario when there is none."""

        def is_private(charge_point: dict[str, Any]) -> bool:
            access = (charge_point.get("partner") or {}).get("accessType")
            return (
                charge_point["type"] == "private"
                and charge_point["networkStatus"] == "available"
                and access != "private_view_public_use"
            )

        return self._any_evse("private charge point", is_private)

    def offline_evse(self) -> Evse:
        """An EVSE of a public charge point that is not connected; skips the scenario when there is none."""
        return self._any_evse(
            "public charge point that is offline",
            lambda charge_point: charge_point["type"] == "public" and charge_point["networkStatus"] in OFFLINE,
        )

    def evse(self, number: int) -> Evse:
        """The EVSE with this id."""
        details = self.api.get(EVSE, evse=number)
        charge_point = self.api.get(CHARGE_POINT, chargePoint=details["chargePointId"])
        return Evse(
            id=number,
            network_id=str(details["networkId"]),
            charge_point=int(charge_point["id"]),
            location=charge_point.get("locationId"),
            tariff_group=details.get("tariffGroupId"),
        )

    def at_charge_point(self, number: int) -> list[Evse]:
        """Every EVSE of a charge point."""
        charge_point = self.api.get(CHARGE_POINT, chargePoint=number).item
        return [evse for evse, _ in self._all_evses(charge_point)]

    def _any_evse(self, kind: str, suits: Callable[[dict[str, Any]], bool]) -> Evse:
        with step(f"An EVSE of a {kind} is found"):
            for charge_point in self._charge_points():
                if charge_point["status"] == "enabled" and suits(charge_point):
                    for evse, details in self._evses(charge_point):
                        if details["status"] == "enabled":
                            return evse
        pytest.skip(f"the target has no {kind} with an EVSE")

    def _public_evses(self, suits: Callable[[dict[str, Any]], bool]) -> Iterator[tuple[Evse, dict[str, Any]]]:
        for charge_point in self._charge_points():
            if (
                charge_point["status"] in ("enabled", "demo")
                and charge_point["networkStatus"] == "available"
                and charge_point["type"] == "public"
                and suits(charge_point)
            ):
                for evse, details in self._evses(charge_point):
                    if details["status"] == "enabled" and details["hardwareStatus"] == "available":
                        yield evse, details

    def _charge_points(self) -> Iterator[dict[str, Any]]:
        """The charge points the configuration names, else the first of the listing."""
        named = {int(number) for number in self._target.for_scenarios("chargePoint")}
        listed = self.api.listing(CHARGE_POINTS)
        for charge_point in listed if named else islice(listed, LOOKED_AT):
            if not named or int(charge_point["id"]) in named:
                yield charge_point

    def _evses(self, charge_point: dict[str, Any]) -> Iterator[tuple[Evse, dict[str, Any]]]:
        """The EVSEs of a charge point that the configuration names, else all that can be addressed."""
        named = {int(number) for number in self._target.for_scenarios("evse")}
        for evse, details in self._all_evses(charge_point):
            # Actions name an EVSE by this number; text that is none cannot be addressed.
            if evse.network_id.isdecimal() and (not named or evse.id in named):
                yield evse, details

    def _all_evses(self, charge_point: dict[str, Any]) -> Iterator[tuple[Evse, dict[str, Any]]]:
        number = int(charge_point["id"])
        for details in self.api.listing(CHARGE_POINT_EVSES, chargePoint=number):
            evse = Evse(
                id=int(details["id"]),
                network_id=str(details["networkId"]),
                charge_point=number,
                location=charge_point.get("locationId"),
                tariff_group=details.get("tariffGroupId"),
            )
            yield evse, details

    def _is_awaited(self, evse: Evse) -> bool:
        """Whether a session of somebody else is about to begin; one that has begun shows in the hardware status."""
        pending = self.api.listing(SESSIONS, filter={"evseId": evse.id, "status": "pending"})
        return any(True for _ in pending)
