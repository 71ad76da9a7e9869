"""A changed tax applies to later sessions; earlier sessions keep the old one.

Business rule: an updated tax reads back; sessions after the change carry its new percentage and are billed with it;
finished sessions keep theirs, for their terms are frozen in the tariff snapshot.
Documented: taxes 2.0 (partial update), session.tax {taxId, taxPercentage}, totalAmount with and without tax,
tariffSnapshotId as the frozen copy of the terms.
"""

from decimal import Decimal

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL, bill
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import EVERYTHING, SESSION, Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.money import decimal, rounding_of
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.receipts import receipts_of, wait_for_receipt
from scenarios.vocabulary.waiting import looks

pytestmark = CRITICAL

TAXES = "/resources/taxes/v2.0"
TAX = "/resources/taxes/v2.0/{tax}"


def test_a_tax_reads_back_as_updated(api: ScenarioApi, cleanup: Cleanup) -> None:
    """An updated tax reads back with exactly the sent changes."""
    with step("The operator creates a tax"):
        created = api.post(TAXES, {"name": "Conformance tax", "percentage": 10})
        cleanup.later("DELETE", TAX, tax=created["id"])
    with step("The percentage is changed"):
        updated = api.patch(TAX, {"percentage": 12.5}, tax=created["id"])
        updated.require(decimal(updated["percentage"]) == Decimal("12.5"), "update-shows", "percentage is not 12.5")
    with step("It reads back changed, with its old name"):
        read = api.get(TAX, tax=created["id"])
        read.require(decimal(read["percentage"]) == Decimal("12.5"), "update-stays", "percentage is not 12.5")
        read.require_equal(read["name"], "Conformance tax", "partial-update", "the name that was not sent")
        for look in looks(api.clock):
            with look:
                listed = {entry["id"] for entry in api.listing(TAXES)}
                read.require(created["id"] in listed, "tax-listed", "the new tax is not in the listing")


def test_sessions_after_the_change_pay_the_new_tax(
    api: ScenarioApi, charging: Charging, paid_evse: Evse, driver: Driver, cleanup: Cleanup
) -> None:
    """A session before the change keeps the old percentage; a later one has the new one."""
    before = charging.charge_and_pay(paid_evse, driver)
    tax = before.get("tax")
    if not tax or tax.get("taxId") is None:
        pytest.skip("the session has no tax here; give the tariff of a public EVSE a tax")
    old = decimal(tax["taxPercentage"])
    new = old + 3
    with step(f"The tax goes from {old} to {new} %"):
        known = api.get(TAX, tax=tax["taxId"])
        known.require(decimal(known["percentage"]) == old, "session-has-tax", f"the tax is {known['percentage']} %")
        cleanup.later("PATCH", TAX, {"percentage": float(old)}, tax=tax["taxId"])
        api.patch(TAX, {"percentage": float(new)}, tax=tax["taxId"])
    charging.wait_until_free(paid_evse)
    after = charging.charge_and_pay(paid_evse, driver)
    check_tax(api, after, tax["taxId"], new)
    bill.check_price(after, rounding_of(api, after.get("currency")))
    with step("The earlier session kept the old tax"):
        kept = api.get(SESSION, query=EVERYTHING, session=before["id"])
        check_tax(api, kept, tax["taxId"], old)
        kept.require_equal(kept.get("totalAmount"), before.get("totalAmount"), "old-session-kept", "totalAmount")


def test_the_records_of_a_session_have_its_tax(
    api: ScenarioApi, charging: Charging, paid_evse: Evse, driver: Driver, cleanup: Cleanup
) -> None:
    """A tax that changes while a car charges: the session and its receipt have the same percentage."""
    session = charging.start(paid_evse, driver)
    charging.wait_until_active(session)
    tax = charging.wait_for_cost(session, charging.wait_for_energy(session)[-1]).get("tax")
    if not tax or tax.get("taxId") is None:
        pytest.skip("the session has no tax here; give the tariff of a public EVSE a tax")
    old = decimal(api.get(TAX, tax=tax["taxId"])["percentage"])
    with step(f"The tax goes from {old} to {old + 3} %"):
        cleanup.later("PATCH", TAX, {"percentage": float(old)}, tax=tax["taxId"])
        api.patch(TAX, {"percentage": float(old + 3)}, tax=tax["taxId"])
    earlier = {entry["id"] for entry in receipts_of(api, driver)}
    charging.stop(session)
    paid = charging.wait_until_paid(session, charging.wait_until_finished(session))
    bill.check_price(paid, rounding_of(api, paid.get("currency")))
    carried = decimal(paid["tax"]["taxPercentage"])
    receipt = wait_for_receipt(api, charging.clock, driver, earlier)
    with step(f"The receipt has {carried} %, as the session"):
        shown = (receipt.get("tax") or {}).get("taxPercentage")
        receipt.require(
            shown is None or decimal(shown) == carried,
            "receipt-tax",
            f"the receipt has {shown} %, the session {carried} %",
            expected=float(carried),
            actual=shown,
        )


def check_tax(api: ScenarioApi, session: ScenarioResponse, tax: int, percentage: Decimal) -> None:
    """The session carries the tax with this percentage, and its total was taxed with it."""
    carried = session.get("tax") or {}
    session.require_equal(carried.get("taxId"), tax, "session-tax", "taxId")
    session.require(
        decimal(carried.get("taxPercentage", 0)) == percentage,
        "session-tax",
        f"the session has {carried.get('taxPercentage')} %, expected {percentage} %",
        expected=float(percentage),
        actual=carried.get("taxPercentage"),
    )
    total = session.get("totalAmount") or {}
    if total.get("withoutTax") is not None:
        rounding = rounding_of(api, session.get("currency"))
        session.require(
            rounding.is_taxed(total["withTax"], total["withoutTax"], percentage),
            "tax-of-total",
            f"{total['withTax']} is not {total['withoutTax']} plus {percentage} %",
        )
