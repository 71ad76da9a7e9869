"""A contract counts in its months, and each month is settled once.

Business rule: a session gives a partner revenue in the months of the contract and in no other; after a month one report
has what its revenues add up to, it is announced, and no later report has them again.
Documented: partner contracts 1.0 (dates count by month, from the first day of the start month to the last day of the
end month), partner revenues 1.1 (settlementReportId), partner settlement reports 1.0, event settlementReport.created.
"""

import secrets
from datetime import timedelta
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import Evse, EvseFinder
from scenarios.vocabulary.money import decimal, rounding_of
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.settings import Settings
from scenarios.vocabulary.subscriptions import Subscriptions
from scenarios.vocabulary.tariffs import Tariffs
from scenarios.vocabulary.waiting import looks

pytestmark = CRITICAL

PARTNERS = "/resources/partners/v2.0"
PARTNER = "/resources/partners/v2.0/{partner}"
CONTRACTS = "/resources/partner-contracts/v1.0"
CONTRACT = "/resources/partner-contracts/v1.0/{partnerContract}"
REVENUES = "/resources/partner-revenues/v1.1"
REPORTS = "/resources/partner-settlement-reports/v1.0"
CREATED = "settlementReport.created"
A_MONTH = timedelta(days=32)


class Contracts:
    """Partners with a contract, who get a charge point for one scenario."""

    def __init__(self, charging: Charging, cleanup: Cleanup, operator_settings: Settings) -> None:
        self.charging = charging
        self.api = charging.api
        self._cleanup = cleanup
        self._settings = operator_settings

    def give(self, evse: Evse, first: int, last: int | None) -> int:
        """A new partner gets the charge point, by a contract from one month to another, counted from this one."""
        with step("A new partner gets the charge point under a contract"):
            partner = self.api.post(PARTNERS, {"name": f"Conformance {secrets.token_hex(4)}"})["id"]
            self._cleanup.later("DELETE", PARTNER, partner=partner)
            shares = {"partnerSharePercentageAcEvse": 60, "partnerSharePercentageDcEvse": 60}
            body = {"title": "Conformance", "partnerId": partner, "revenueSharing": shares}
            # Whole months count: a contract that starts on the last day of a month has all of it.
            dates = {"startDate": self.day(first, is_last=True), "endDate": None if last is None else self.day(last)}
            contract = self.api.post(CONTRACTS, body | dates)["id"]
            self._cleanup.later("DELETE", CONTRACT, partnerContract=contract)
            terms = {"id": partner, "contractId": contract}
            self._settings.change_charge_point(evse, partner=terms)
        return int(partner)

    def day(self, months: int, *, is_last: bool = False) -> str:
        """The first or the last day of a month, counted from the present one."""
        day = self.charging.clock.moment().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        for _ in range(abs(months)):
            day = (day + timedelta(days=32 if months > 0 else -1)).replace(day=1)
        if is_last:
            day = (day + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        return day.isoformat()

    def rows(self, partner: int) -> list[dict[str, Any]]:
        """The revenue rows of a partner."""
        return list(self.api.listing(REVENUES, filter={"partnerId": partner}))

    def wait(self) -> None:
        """Wait as long as revenue may take."""
        self.charging.clock.let_pass(min(2 * 86400.0, self.charging.clock.patience))


@pytest.fixture
def contracts(charging: Charging, cleanup: Cleanup, operator_settings: Settings) -> Contracts:
    """Partners of the scenario."""
    return Contracts(charging, cleanup, operator_settings)


@pytest.fixture
def evse(evse_finder: EvseFinder, tariffs: Tariffs, driver: Driver) -> Evse:
    """A free EVSE of a partner, where the driver has to pay."""
    return evse_finder.free_evse(
        lambda evse: tariffs.has_price(evse, driver),
        at=lambda charge_point: (charge_point.get("partner") or {}).get("contractId") is not None,
    )


@pytest.mark.parametrize(
    ("first", "last", "counts"),
    [(0, 0, True), (-1, None, True), (1, None, False), (-2, -1, False)],
    ids=["this month", "since last month", "from next month", "until last month"],
)
def test_a_contract_counts_in_its_months(
    contracts: Contracts, evse: Evse, driver: Driver, first: int, last: int | None, counts: bool
) -> None:
    """A session gives revenue in the months of the contract, whatever their days, and in no other."""
    partner = contracts.give(evse, first, last)
    paid = contracts.charging.charge_and_pay(evse, driver)
    contracts.wait()
    with step("The partner has revenue" if counts else "The partner has no revenue"):
        rows = [row for row in contracts.rows(partner) if str(row.get("chargingSessionId")) == str(paid["id"])]
        if counts and not rows and contracts.charging.clock.patience < 3600:
            pytest.skip("the target creates revenue rows later than a scenario waits; raise `patience` of the tenant")
        paid.require_equal(len(rows), int(counts), "contract-months", "the revenue rows of the session")


def test_a_month_is_settled_once(
    api: ScenarioApi, contracts: Contracts, evse: Evse, driver: Driver, subscriptions: Subscriptions
) -> None:
    """After the month one report has the revenue and is announced; after the next one there is no other with it."""
    clock = contracts.charging.clock
    if clock.patience < A_MONTH.total_seconds():
        pytest.skip("a month is settled at its end, longer than a scenario waits on a tenant")
    partner = contracts.give(evse, 0, None)
    subscription = subscriptions.subscribe(CREATED)
    contracts.charging.charge_and_pay(evse, driver)
    contracts.wait()
    earned = sum(decimal(row["partnerShare"]) for row in contracts.rows(partner))
    with step("The month ends"):
        clock.let_pass(A_MONTH.total_seconds())
        for look in looks(api.clock):
            with look:
                page = api.get(REPORTS, query={"filter": {"partnerId": partner}})
                page.require_equal(len(page.items), 1, "settled-once", "the settlement reports of the partner")
        report = page.items[0]
    with step(f"The report has {earned}, the revenue names it"):
        rounding = rounding_of(api, report.get("currencyCode"))
        page.require(
            rounding.equal(report["totalRevenue"], earned),
            "settlement-total",
            f"totalRevenue is {report['totalRevenue']}, the revenues add up to {earned}",
            expected=float(earned),
            actual=report["totalRevenue"],
        )
        for look in looks(api.clock):
            with look:
                named = {row.get("settlementReportId") for row in contracts.rows(partner)}
                page.require_equal(named, {report["id"]}, "settlement-named", "the reports that the revenues name")
    told = subscriptions.check_arrives(subscription, CREATED, id=report["id"], partnerId=partner)
    subscription.require_equal(
        told.payload.get("totalRevenue"), report["totalRevenue"], "settlement-told", "totalRevenue as delivered"
    )
    with step("Another month ends: nothing is settled again"):
        clock.let_pass(A_MONTH.total_seconds())
        page = api.get(REPORTS, query={"filter": {"partnerId": partner}})
        page.require_equal(len(page.items), 1, "settled-once", "the settlement reports of the partner")
