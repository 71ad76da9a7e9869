"""Chargers that reject commands on demand: only an emulator's control plane can make them."""

import pytest
from allure import step

from ampeco_conformance.http.client import ApiClient
from scenarios.vocabulary.evses import Evse, EvseFinder

CHARGER = "/_emulator/evses/{evse}"
AS_USUAL: dict[str, str | None] = {"charger": "accept", "refuseWith": None}


class Chargers:
    """Orders how chargers answer; `as_usual` takes every order back."""

    def __init__(self, client: ApiClient, evse_finder: EvseFinder, *, is_emulator: bool) -> None:
        self._client = client
        self._evse_finder = evse_finder
        self._is_emulator = is_emulator
        self._neighbours: dict[int, list[Evse]] = {}
        self._ordered: dict[int, Evse] = {}

    def refuse_commands(self, evse: Evse, how: str) -> None:
        """Every EVSE of the charge point answers no (`reject`), or not at all (`offline`); skips elsewhere."""
        with step("The charge point rejects every command" if how == "reject" else "The charge point goes offline"):
            self._order(evse, {"charger": how})

    def refuse_starts(self, evse: Evse, code: str) -> None:
        """Every start at the charge point is refused with an error code; skips elsewhere."""
        self._order(evse, {"refuseWith": code})

    def as_usual(self) -> None:
        """Every charger takes commands again."""
        while self._ordered:
            self._send(self._ordered.popitem()[1], AS_USUAL)

    def _order(self, evse: Evse, order: dict[str, str | None]) -> None:
        if not self._is_emulator:
            pytest.skip("only an emulator can simulate a refusing charger; the target is a tenant")
        if evse.charge_point not in self._neighbours:
            self._neighbours[evse.charge_point] = self._evse_finder.at_charge_point(evse.charge_point)
        for neighbour in self._neighbours[evse.charge_point]:
            self._ordered[neighbour.id] = neighbour
            self._send(neighbour, AS_USUAL | order)

    def _send(self, evse: Evse, order: dict[str, str | None]) -> None:
        exchange = self._client.send("PUT", CHARGER.format(evse=evse.id), json=order, authenticated=False)
        response = exchange.response
        if response is None or response.status_code != 200 or response.json() != order:
            pytest.skip("the emulator under test does not order chargers under /_emulator/evses")
