"""What the state of a record forbids is refused and changes nothing.

Business rule: a group with users keeps its partner, balance and corporate billing are neither default nor removable,
no corporate account pays a fee, a voucher that is assigned too late pays nothing, a plan that was replaced stays
disabled, a variable is in a template once, only a private charge point with an owner is shared with
partners.
Documented: user groups 1.0, payment methods, "Apply Custom Fee", vouchers 2.1 (assignBeforeDate, prefix), "Replace" of
subscription plans, configuration templates 1.0 (409; duplicates are checked for), sharing with partners.
"""

import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from allure import step

from ampeco_conformance.emulator_client.clock import TargetClock
from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.people import USER, Drivers, add_balance, balance
from scenarios.vocabulary.sites import new_charge_point, new_location, text
from scenarios.vocabulary.waiting import looks

pytestmark = CRITICAL

PARTNERS = "/resources/partners/v2.0"
GROUPS = "/resources/user-groups/v1.0"
GROUP = "/resources/user-groups/v1.0/{userGroup}"
METHOD = "/resources/users/v1.0/{user}/payment-methods/{paymentMethodId}"
CUSTOM_FEE = "/actions/users/v1.0/{user}/apply-custom-fee"
CHANGE_STATUS = "/actions/users/v1.0/{user}/change-status"
VOUCHERS = "/resources/vouchers/v2.1"
VOUCHER = "/resources/vouchers/v2.1/{voucher}"
REDEEM = "/actions/users/v2.0/{user}/redeem-voucher"
PLANS = "/resources/subscription-plans/v2.0"
PLAN = "/resources/subscription-plans/v2.0/{subscriptionPlan}"
REPLACE = "/actions/subscription-plans/v1.0/{subscriptionPlan}/replace"
TEMPLATES = "/resources/configuration-templates/v1.0"
VARIABLES = "/resources/configuration-templates/v1.0/{template}/variables"
INSERT = "/actions/configuration-template/v1.0/{template}/insert-bulk-variables"
SHARED_PARTNERS = "/resources/charge-points/v2.0/{chargePoint}/shared-partners"

REFUSED = (400, 403, 404, 406, 409, 422)


def unique() -> str:
    """A name that nobody else uses."""
    return f"Conformance {secrets.token_hex(4)}"


def new_partner(api: ScenarioApi, cleanup: Cleanup) -> int:
    """A new partner."""
    with step("There is a partner"):
        partner = api.post(PARTNERS, {"name": unique()})["id"]
        cleanup.later("DELETE", f"{PARTNERS}/{{partner}}", partner=partner)
    return int(partner)


def test_a_group_with_users_keeps_its_partner(api: ScenarioApi, cleanup: Cleanup, drivers: Drivers) -> None:
    """The partner of a user group changes only while the group has no users."""
    partner = new_partner(api, cleanup)
    with step("There is a group with a user"):
        group = api.post(GROUPS, {"name": unique()})
        cleanup.later("DELETE", GROUP, userGroup=group["id"])
        drivers.new(userGroupIds=[group["id"]])
    with step("Another partner is refused"):
        body = {"name": group["name"], "partnerId": partner}
        api.patch(GROUP, body, expected=(403, 409, 422), userGroup=group["id"])
        kept = api.get(GROUP, userGroup=group["id"])
        kept.require_equal(kept.get("partnerId"), group.get("partnerId"), "refused-change", "partnerId of the group")


@pytest.mark.parametrize("method", ["balance", "corporate"])
def test_what_is_no_card_is_neither_default_nor_removed(api: ScenarioApi, drivers: Drivers, method: str) -> None:
    """Balance and corporate billing cannot become the default method, nor be removed."""
    ids: dict[str, Any] = {"user": drivers.new().id, "paymentMethodId": method}
    with step("It cannot be the default"):
        api.patch(METHOD, {"default": True}, expected=REFUSED, **ids)
    with step("It cannot be removed"):
        api.delete(METHOD, expected=REFUSED, **ids)


def test_no_corporate_account_pays_a_fee(api: ScenarioApi, drivers: Drivers) -> None:
    """A fee for corporate billing is refused, and the balance stays as it is."""
    driver = drivers.new()
    add_balance(api, driver, Decimal(20))
    before = balance(api, driver)
    fee = {"amount": 5, "description": "Lost card", "paymentMethodId": "corporate:1"}
    with step("The fee is refused"):
        answer = api.post(CUSTOM_FEE, fee, expected=(400, 422), user=driver.id)
        answer.require_equal(balance(api, driver), before, "refusal-costs-nothing", "the balance")


def test_the_same_status_again_changes_nothing(api: ScenarioApi, drivers: Drivers) -> None:
    """A user who is enabled stays as before when enabled again."""
    driver = drivers.new()
    before = api.get(USER, user=driver.id)
    with step("The user is enabled again"):
        api.post(CHANGE_STATUS, {"status": "enabled", "reason": "conformance scenario"}, user=driver.id)
        after = api.get(USER, user=driver.id)
        changed = sorted(name for name in before.item if name != "lastUpdatedAt" and after.get(name) != before[name])
        after.require_equal(changed, [], "refused-change", "the changed fields")


def test_a_voucher_that_is_assigned_too_late_pays_nothing(
    api: ScenarioApi, cleanup: Cleanup, drivers: Drivers, clock: TargetClock
) -> None:
    """A voucher that nobody was assigned to by its day is refused and pays nothing; its code begins with its prefix."""
    past = f"{clock.moment() - timedelta(days=3):%Y-%m-%d}"
    with step("There is a voucher that had to be assigned earlier"):
        body = {"amount": 15, "description": unique(), "prefix": "CNF", "assignBeforeDate": past}
        voucher = api.post(VOUCHERS, body, expected=(201, 422))
        if voucher.status == 422:
            pytest.skip("the target creates no voucher whose day is in the past")
        cleanup.later("DELETE", VOUCHER, voucher=voucher["id"])
        code = str(voucher["code"])
        voucher.require(code.startswith("CNF"), "voucher-prefix", f"the code {code} lacks its prefix CNF")
    driver = drivers.new()
    before = balance(api, driver)
    with step("It is refused"):
        answer = api.post(REDEEM, {"code": code}, expected=(404, 406, 422), user=driver.id)
        answer.require_equal(balance(api, driver), before, "refusal-costs-nothing", "the balance")


def new_plan(api: ScenarioApi, cleanup: Cleanup) -> ScenarioResponse:
    """A plan without a fee."""
    name = text(unique())
    terms = {"renewalCycle": "monthly", "type": "pre-paid", "baseFee": 0, "status": "enabled"}
    plan = api.post(PLANS, {"name": name, "description": name, **terms})
    cleanup.later("DELETE", PLAN, subscriptionPlan=plan["id"])
    return plan


def test_a_plan_that_was_replaced_stays_disabled(api: ScenarioApi, cleanup: Cleanup, drivers: Drivers) -> None:
    """Subscribers get the new plan at once, and the old one cannot be enabled again."""
    api.operation("POST", REPLACE)
    old, new = new_plan(api, cleanup), new_plan(api, cleanup)
    driver = drivers.new()
    ids = {"subscriptionPlan": old["id"]}
    with step("A driver subscribes, and the plan is replaced"):
        activation = {"planId": old["id"], "reason": "conformance scenario"}
        api.post("/actions/users/v1.0/{user}/activate-subscription", activation, user=driver.id)
        api.post(REPLACE, {"planId": new["id"], "reason": "conformance scenario"}, **ids)
    with step("The driver has the new plan"):
        check_subscribers(api, new, [driver.id])
    with step("The old plan cannot be enabled again"):
        api.patch(PLAN, {"status": "disabled", "type": "pre-paid"}, **ids)
        api.patch(PLAN, {"status": "enabled", "type": "pre-paid"}, expected=(403, 409, 422), **ids)
        kept = api.get(PLAN, **ids)
        kept.require_equal(kept["status"], "disabled", "refused-change", "the status of the old plan")


def test_a_plan_is_replaced_at_its_moment(
    api: ScenarioApi, cleanup: Cleanup, drivers: Drivers, clock: TargetClock
) -> None:
    """With a moment, subscribers keep their plan until then."""
    if clock.patience < 3600:
        pytest.skip("the plan is replaced after an hour, longer than a scenario waits on a tenant")
    api.operation("POST", REPLACE)
    old, new = new_plan(api, cleanup), new_plan(api, cleanup)
    driver = drivers.new()
    with step("A driver subscribes, and the plan is to be replaced in an hour"):
        activation = {"planId": old["id"], "reason": "conformance scenario"}
        api.post("/actions/users/v1.0/{user}/activate-subscription", activation, user=driver.id)
        moment = (clock.moment() + timedelta(hours=1)).isoformat()
        replacement = {"planId": new["id"], "replaceAt": moment, "reason": "conformance scenario"}
        api.post(REPLACE, replacement, subscriptionPlan=old["id"])
    for plan, minutes in ((old, 30), (new, 31)):
        clock.let_pass(minutes * 60)
        with step(f"After {minutes} minutes the driver has plan {plan['id']}"):
            check_subscribers(api, plan, [driver.id])


def check_subscribers(api: ScenarioApi, plan: ScenarioResponse, users: list[int]) -> None:
    """The plan is the active one of exactly these users."""
    for look in looks(api.clock):
        with look:
            found = api.listing("/resources/subscriptions/v1.0", filter={"planId": plan["id"]})
            owners = [entry["userId"] for entry in found if entry["status"] == "active"]
            plan.require_equal(owners, users, "plan-replaced", "the subscribers of the plan")


def test_a_variable_is_in_a_template_once(api: ScenarioApi, cleanup: Cleanup) -> None:
    """A variable that a template has is refused, alone and among others, which are not added either."""
    with step("There is a template with a variable"):
        template = api.post(TEMPLATES, {"name": unique(), "ocppVersion": "ocpp 1.6"})["id"]
        cleanup.later("DELETE", f"{TEMPLATES}/{{template}}", template=template)
        variable = {"keyName": "HeartbeatInterval", "value": "60"}
        api.post(VARIABLES, variable, template=template)
    with step("It is refused a second time"):
        api.post(VARIABLES, variable, expected=(409,), template=template)
    if api.has("POST", INSERT):
        with step("Among others it is refused as well"):
            other = {"keyName": "MeterValueSampleInterval", "value": "30"}
            api.post(INSERT, [variable, other], expected=(409, 422), template=template)
            check_variables(api, template, ["HeartbeatInterval"])
        with step("Others are added"):
            api.post(INSERT, [other], template=template)
            check_variables(api, template, ["HeartbeatInterval", "MeterValueSampleInterval"])


def check_variables(api: ScenarioApi, template: int, names: list[str]) -> None:
    """The template has exactly these variables."""
    for look in looks(api.clock):
        with look:
            found: list[str] = []
            for page in api.pages(VARIABLES, template=template):
                found += [entry["keyName"] for entry in page.items]
            page.require_equal(sorted(found), names, "template-variables", "the variables of the template")


def test_a_public_charge_point_is_not_shared_with_partners(api: ScenarioApi, cleanup: Cleanup) -> None:
    """Sharing with partners needs a private charge point with an owner."""
    partner = new_partner(api, cleanup)
    charge_point = new_charge_point(api, cleanup, new_location(api, cleanup)["id"])["id"]
    with step("Sharing is refused"):
        ids = {"chargePoint": charge_point}
        api.put(SHARED_PARTNERS, {"partnerIds": [partner]}, expected=(403, 409, 422), **ids)
        listed = api.get(SHARED_PARTNERS, **ids)
        listed.require_equal([entry["id"] for entry in listed.items], [], "refused-change", "the partners")
