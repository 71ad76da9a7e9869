"""A contract counts in its months, and each month is settled once.

Business rule: a session gives a partner revenue in the months of the contract and in no other; after a month one report
has what its revenues add up to, it is announced, and no later report has them again.
Documented: partner contracts 1.0 (dates count by month, from the first day of the start month to the last day of the
end month), partner revenues 1.1 (settlementReportId), partner settlement reports 1.0, event settlementReport.created.
"""

import secrets
from datetime import date, timedelta
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL, bill
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import CHARGE_POINT_EVSES, Evse, EvseFinder
from scenarios.vocabulary.money import Rounding, decimal, rounding_of
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.rates import new_rate
from scenarios.vocabulary.settings import Settings
from scenarios.vocabulary.shares import CONTRACT, check_share
from scenarios.vocabulary.subscriptions import Subscriptions
from scenarios.vocabulary.tariffs import Tariffs
from scenarios.vocabulary.waiting import looks

pytestmark = CRITICAL

PARTNERS = "/resources/partners/v2.0"
PARTNER = "/resources/partners/v2.0/{partner}"
CONTRACTS = "/resources/partner-contracts/v1.0"
REVENUES = "/resources/partner-revenues/v1.1"
EXPENSES = "/resources/partner-expenses/v1.1"
REPORTS = "/resources/partner-settlement-reports/v1.0"
CREATED = "settlementReport.created"
A_DAY, A_MONTH = timedelta(days=1), timedelta(days=32)
#: Other terms for each current, so that none passes for another.
SHARES = {
    "partnerSharePercentageAcEvse": 60,
    "partnerSharePercentageDcEvse": 35,
    "fixedFeePerSessionAc": 0.5,
    "fixedFeePerSessionDc": 0.3,
    "feePerKwhAc": 0.02,
    "feePerKwhDc": 0.03,
}
#: What a kWh costs the operator.
RATE_PRICE = 0.3
PLATFORM_FEES = {"perChargePoint": 3, "perAcEvse": 1, "perDcEvse": 2}


class Contracts:
    """Partners with a contract, who get a charge point for one scenario."""

    def __init__(self, charging: Charging, cleanup: Cleanup, operator_settings: Settings) -> None:
        self.charging = charging
        self.api = charging.api
        self._cleanup = cleanup
        self._settings = operator_settings

    def give(self, evse: Evse, first: int, last: int | None, **terms: Any) -> int:
        """A new partner gets the charge point, by a contract from one month to another, counted from this one."""
        with step("A new partner gets the charge point under a contract"):
            partner = self.api.post(PARTNERS, {"name": f"Conformance {secrets.token_hex(4)}"})["id"]
            self._cleanup.later("DELETE", PARTNER, partner=partner)
            shares = {"partnerSharePercentageAcEvse": 60, "partnerSharePercentageDcEvse": 60}
            body = {"title": "Conformance", "partnerId": partner, "revenueSharing": shares}
            # Whole months count: a contract that starts on the last day of a month has all of it.
            dates = {"startDate": self.day(first, is_last=True), "endDate": None if last is None else self.day(last)}
            contract = self.api.post(CONTRACTS, body | dates | terms)["id"]
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


@pytest.mark.parametrize("deducts", [False, True], ids=["percentage and fees", "electricity cost"])
def test_a_contract_decides_the_shares(
    contracts: Contracts,
    evse: Evse,
    driver: Driver,
    cleanup: Cleanup,
    operator_settings: Settings,
    tariffs: Tariffs,
    deducts: bool,
) -> None:
    """The partner gets the percentage of its current less the fees, after the electricity cost where that comes off."""
    api = contracts.api
    if deducts:
        operator_settings.change_charge_point(evse, electricityRateId=new_rate(api, cleanup, RATE_PRICE))
    operator_settings.change(evse, tariffGroupId=tariffs.new_group("duration+energy", pricing={"pricePerKwh": 1}))
    partner = contracts.give(evse, 0, None, revenueSharing={**SHARES, "deductElectricityCost": deducts})
    paid = contracts.charging.charge_and_pay(evse, driver)
    contracts.wait()
    rows = [row for row in contracts.rows(partner) if str(row.get("chargingSessionId")) == str(paid["id"])]
    if not rows:
        pytest.skip("the target creates revenue rows later than a scenario waits; raise `patience` of the tenant")
    if deducts:
        check_electricity_cost(paid, rows[0], rounding_of(api, paid.get("currency")))
    check_share(api, evse, paid, rows[0])


def check_electricity_cost(paid: ScenarioResponse, row: dict[str, Any], rounding: Rounding) -> None:
    """The revenue has the cost of the session's energy."""
    cost = decimal(paid["energy"]) / 1000 * decimal(RATE_PRICE)
    with step(f"The energy cost {cost}"):
        shown = row.get("electricityCost")
        paid.require(
            rounding.equal(shown or 0, cost, 2),
            "electricity-cost",
            f"electricityCost is {shown}, the rate gives {cost}",
            expected=float(cost),
            actual=shown,
        )


def test_a_month_is_settled_once(
    api: ScenarioApi, contracts: Contracts, evse: Evse, driver: Driver, subscriptions: Subscriptions
) -> None:
    """After the month one report has the revenue and is announced; after the next one there is no other with it."""
    clock = contracts.charging.clock
    if clock.patience < A_MONTH.total_seconds():
        pytest.skip("a month is settled at its end, longer than a scenario waits on a tenant")
    partner = contracts.give(evse, 0, None, monthlyPlatformFees=PLATFORM_FEES)
    subscription = subscriptions.subscribe(CREATED)
    paid = contracts.charging.charge_and_pay(evse, driver)
    contracts.wait()
    earned = sum(decimal(row["partnerShare"]) for row in contracts.rows(partner))
    with step("The month ends"):
        clock.let_pass(A_MONTH.total_seconds())
        for look in looks(api.clock):
            with look:
                page = api.get(REPORTS, query={"filter": {"partnerId": partner}})
                reports = [entry for entry in page.items if entry["totalRevenue"]]
                page.require_equal(len(reports), 1, "settled-once", "the reports with revenue of the partner")
        report = reports[0]
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
    check_sums(contracts, page, report, paid, evse)
    told = subscriptions.check_arrives(subscription, CREATED, id=report["id"], partnerId=partner)
    shown = {**report, "totalAmount": report["totalAmount"]["withoutTax"]}
    for name in ("totalRevenue", "totalExpenses", "totalAmount"):
        subscription.require_equal(told.payload.get(name), shown[name], "settlement-told", f"{name} as delivered")
    with step("Another month ends, which has fees only: the revenue is not settled again"):
        clock.let_pass(A_MONTH.total_seconds())
        page = api.get(REPORTS, query={"filter": {"partnerId": partner}})
        again = [entry["id"] for entry in page.items if entry["totalRevenue"]]
        page.require_equal(again, [report["id"]], "settled-once", "the reports with revenue of the partner")


def check_sums(
    contracts: Contracts, page: ScenarioResponse, report: dict[str, Any], paid: ScenarioResponse, evse: Evse
) -> None:
    """The report has the fees of the contract, what they leave of the revenue, the energy and the month."""
    api, rounding = contracts.api, rounding_of(contracts.api, report.get("currencyCode"))
    currents = [entry.get("currentType") for entry in api.listing(CHARGE_POINT_EVSES, chargePoint=evse.charge_point)]
    dc = currents.count("dc")
    fees = decimal(PLATFORM_FEES["perChargePoint"] + (len(currents) - dc) * PLATFORM_FEES["perAcEvse"])
    fees += dc * PLATFORM_FEES["perDcEvse"]
    expenses = [
        decimal(row["totalAmount"]["withoutTax"])
        for row in api.listing(EXPENSES, filter={"partnerId": report["partnerId"]})
    ]
    with step(f"Every month costs {fees}, all reports have these expenses"):
        page.require_equal(set(expenses), {fees}, "platform-fee", "the expenses of the partner")
        reported = sum(decimal(entry["totalExpenses"]) for entry in page.items)
        page.require_equal(reported, sum(expenses), "settlement-expenses", "totalExpenses of all reports")
    with step("The report adds up"):
        revenue, amount = decimal(report["totalRevenue"]), decimal(report["totalAmount"]["withoutTax"])
        left = revenue - decimal(report["totalExpenses"])
        page.require(
            rounding.equal(amount, left),
            "settlement-amount",
            f"totalAmount is {amount}, the expenses leave {left} of the revenue",
            expected=float(left),
            actual=float(amount),
        )
        collected = decimal(report["totalCollectedRevenue"]) - decimal(
            report["totalCollectedRevenueFromPreviousPeriod"]
        )
        page.require(collected <= revenue, "settlement-collected", f"{collected} were collected of {revenue}")
        page.require_equal(report["totalEnergyCpoWh"], paid["energy"], "settlement-energy", "totalEnergyCpoWh")
    with step("It is for the month of the session"):
        # Days may be those of another zone.
        first, last = (date.fromisoformat(report[name]) for name in ("periodStart", "periodEnd"))
        day = bill.moment(paid["stoppedAt"]).date()
        is_within = first - A_DAY <= day <= last + A_DAY
        page.require(is_within, "settlement-period", f"the session of {day} is settled from {first} to {last}")
