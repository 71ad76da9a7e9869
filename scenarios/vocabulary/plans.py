"""Subscription plans that the scenario makes."""

import secrets
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.people import Driver

PLANS = "/resources/subscription-plans/v2.0"
PLAN = "/resources/subscription-plans/v2.0/{subscriptionPlan}"
ACTIVATE = "/actions/users/v1.0/{user}/activate-subscription"
SUBSCRIPTIONS = "/resources/subscriptions/v1.0"
CANCEL = "/actions/users/v1.0/{user}/cancel-subscription"


def new_plan(api: ScenarioApi, cleanup: Cleanup, fee: float, **fields: Any) -> ScenarioResponse:
    """A monthly plan that is paid in advance."""
    with step(f"The operator creates a plan for {fee} a month" if fee else "The operator makes a plan without a fee"):
        text = [{"locale": "en", "translation": f"Conformance {secrets.token_hex(4)}"}]
        plan = api.post(
            PLANS,
            {
                "name": text,
                "description": text,
                "renewalCycle": "monthly",
                "type": "pre-paid",
                "baseFee": fee,
                "status": "enabled",
                **fields,
            },
        )
        cleanup.later("DELETE", PLAN, subscriptionPlan=plan["id"])
    return plan


def subscribe(api: ScenarioApi, driver: Driver, plan: ScenarioResponse, **fields: Any) -> None:
    """The driver activates a plan; skips the scenario where the target does not let plans be activated like this."""
    with step("The driver subscribes"):
        activation = {"planId": plan["id"], "reason": "conformance scenario", **fields}
        answer = api.post(ACTIVATE, activation, expected=(202, 400), user=driver.id)
        if answer.status == 400:
            pytest.skip(f"the target does not activate the plan: {answer.body.get('message')}")


def cancel(api: ScenarioApi, driver: Driver) -> None:
    """The driver ends the subscription."""
    with step("The driver cancels the plan"):
        api.post(CANCEL, {"reason": "conformance scenario"}, user=driver.id)


def subscriptions_of(api: ScenarioApi, plan: ScenarioResponse, driver: Driver) -> list[dict[str, Any]]:
    """The subscriptions that a driver has, or had, to a plan."""
    listed = api.listing(SUBSCRIPTIONS, filter={"planId": plan["id"]})
    return [entry for entry in listed if entry["userId"] == driver.id]
