"""Drivers: who charges and who pays."""

import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allure import step

from ampeco_conformance.target.configuration import Target
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.money import decimal

USERS = "/resources/users/v1.0"
USER = "/resources/users/v1.0/{user}"
GROUPS = "/resources/user-groups/v1.0"
GROUP = "/resources/user-groups/v1.0/{userGroup}"
ADD_BALANCE = "/actions/users/v1.0/{user}/add-balance"
BALANCE = Decimal(500)


@dataclass(frozen=True)
class Driver:
    """A user of the tenant; `is_ours` when this scenario made it, so that nothing else happens to it."""

    id: int
    is_ours: bool


class Drivers:
    """Gives drivers: those the tenant's configuration names under `ids: user`, else new ones, removed afterwards."""

    def __init__(self, api: ScenarioApi, target: Target, cleanup: Cleanup) -> None:
        self._api = api
        self._cleanup = cleanup
        self._configured = [int(user) for user in target.for_scenarios("user")]

    def with_balance(self, amount: Decimal = BALANCE) -> Driver:
        """A driver who can pay: a configured one as it is, a new one with an amount put on the balance."""
        if self._configured:
            return Driver(self._configured.pop(0), is_ours=False)
        return self.new_with_balance(amount)

    def new_with_balance(self, amount: Decimal = BALANCE, **fields: Any) -> Driver:
        """A new driver with an amount on the balance."""
        self._api.operation("POST", ADD_BALANCE)
        driver = self.new(**fields)
        with step(f"{amount} is added to the driver's balance"):
            add_balance(self._api, driver, amount)
        return driver

    def new(self, **fields: Any) -> Driver:
        """A driver nobody else knows, without any money."""
        with step("A new driver signs up"):
            name = secrets.token_hex(6)
            created = self._api.post(
                USERS,
                {
                    "email": f"conformance-{name}@example.com",
                    "password": f"Conformance-{name}-1",
                    "first_name": "Conformance",
                    "last_name": f"Driver {name}",
                    **fields,
                },
            )
            driver = Driver(int(created["id"]), is_ours=True)
            self._cleanup.later("DELETE", USER, user=driver.id)
        return driver

    def new_group(self) -> int:
        """A user group without users; its id."""
        with step("The operator creates a user group"):
            group = self._api.post(GROUPS, {"name": f"Conformance {secrets.token_hex(4)}"})
            self._cleanup.later("DELETE", GROUP, userGroup=group["id"])
        return int(group["id"])


def add_balance(api: ScenarioApi, driver: Driver, amount: Decimal) -> ScenarioResponse:
    """Put money on a driver's balance; a negative amount takes it away."""
    return api.post(
        ADD_BALANCE,
        {"amount": float(amount), "reason": "conformance scenario"},
        user=driver.id,
    )


def balance(api: ScenarioApi, driver: Driver) -> Decimal:
    """What a driver has on the balance now."""
    return decimal(api.get(USER, user=driver.id)["balance"])
