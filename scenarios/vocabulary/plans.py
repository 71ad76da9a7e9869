"""Subscription plans that the scenario makes."""

import secrets
from typing import Any

from allure import step

from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup

PLANS = "/resources/subscription-plans/v2.0"
PLAN = "/resources/subscription-plans/v2.0/{subscriptionPlan}"
ACTIVATE = "/actions/users/v1.0/{user}/activate-subscription"


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
