"""Charging under tariffs that the scenario makes, where the bill is known beforehand."""

import csv
import io
from zoneinfo import ZoneInfo

import pytest
from allure import attach, step
from allure_commons.types import AttachmentType

from scenarios.pricing.bill import COMPONENTS, Bill, bills_of
from scenarios.pricing.comparison import SERVICE_FEE, Precision, closest, table
from scenarios.pricing.course import Course
from scenarios.pricing.terms import Terms
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import Charging, ChargingSession
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.money import decimal, decimals_of
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.settings import Settings
from scenarios.vocabulary.sites import LOCATION
from scenarios.vocabulary.tariffs import Tariffs

SNAPSHOT = "/resources/tariff-snapshots/v1.0/{tariffSnapshot}"
#: The type of tariff whose prices are those of an electricity rate.
BY_RATE = "energy tou"


class PricedCharging:
    """Puts EVSEs under tariffs, charges there, and compares bills with those by hand."""

    def __init__(self, charging: Charging, tariffs: Tariffs, operator_settings: Settings) -> None:
        self.api = charging.api
        self.charging = charging
        self.tariffs = tariffs
        self._settings = operator_settings

    def put_under(self, evse: Evse, *tariffs: int) -> int:
        """The EVSE gets a new group of these tariffs; the id of the group."""
        group = self.tariffs.group_of(*tariffs)
        with step("The EVSE gets the tariff" if len(tariffs) == 1 else f"The EVSE gets {len(tariffs)} tariffs"):
            self._settings.change(evse, tariffGroupId=group)
        return group

    def begin(self, evse: Evse, driver: Driver) -> ChargingSession:
        """The driver starts, and energy can flow."""
        session = self.charging.start(evse, driver)
        self.charging.wait_until_active(session)
        return session

    def charge_for(self, minutes: float) -> None:
        """So many minutes pass; where time is real, as many as a scenario may wait."""
        seconds = min(minutes * 60, self.charging.clock.patience / 2)
        with step(f"{seconds / 60:g} minutes pass"):
            self.charging.clock.let_pass(seconds)

    def end(self, session: ChargingSession) -> ScenarioResponse:
        """The driver stops; the session is over and paid, unless it costs nothing."""
        self.charging.stop(session)
        finished = self.charging.wait_until_finished(session)
        total = finished.get("totalAmount") or {}
        return self.charging.wait_until_paid(session, finished) if total.get("withTax") else finished

    def charge(self, evse: Evse, driver: Driver, minutes: float) -> ScenarioResponse:
        """A whole session of so many minutes."""
        session = self.begin(evse, driver)
        self.charge_for(minutes)
        return self.end(session)

    def snapshot_of(self, session: ScenarioResponse) -> ScenarioResponse:
        """The tariff snapshot that a session names."""
        number = session.get("tariffSnapshotId")
        session.require(number is not None, "session-has-snapshot", "a session under a tariff names no tariff snapshot")
        return self.api.get(SNAPSHOT, tariffSnapshot=number)

    def course_of(self, session: ScenarioResponse, evse: Evse) -> Course:
        """What happened in a finished session, by the clocks of its location."""
        is_over = all(period.get("stoppedAt") is not None for period in session.get("chargingPeriods") or ())
        session.require(is_over, "finished-has-end", "a charging period of a finished session has no stoppedAt")
        return Course.of(session.item, zone_of(self.api, evse))

    def terms_of(self, session: ScenarioResponse) -> Terms:
        """The terms that are frozen in the session's snapshot; skips the scenario for those that name no prices."""
        snapshot = self.snapshot_of(session)
        if snapshot["type"] not in COMPONENTS or snapshot["type"] == BY_RATE:
            pytest.skip(f"a tariff of type {snapshot['type']!r} takes its prices from elsewhere")
        return Terms.of(snapshot.item)

    def check_bill(self, session: ScenarioResponse, evse: Evse, terms: Terms | None = None) -> Bill:
        """The session costs what its tariff says, line by line; the table of both bills is in the report."""
        has_total = session.get("totalAmount") is not None
        session.require(has_total, "has-total", "a session with price lines has no totalAmount")
        if any(line["type"] == SERVICE_FEE for line in session["priceBreakdown"]):
            pytest.skip("the session has a service fee, which no tariff states")
        precision = precision_of(self.api, session.get("currency"))
        tax = decimal((session.get("tax") or {}).get("taxPercentage") or 0)
        bills = bills_of(terms or self.terms_of(session), self.course_of(session, evse), tax, precision.amounts)
        bill, differences = closest(bills, session.item, precision)
        with step(f"The session costs {bill.total_with_tax}, as its tariff says"):
            attach(_csv(table(bill, session.item)), "The bill", AttachmentType.CSV)
            for difference in differences:
                expected, received = float(difference.expected), float(difference.received)
                session.violates(difference.rule, str(difference), expected=expected, actual=received)
        return bill


def zone_of(api: ScenarioApi, evse: Evse) -> ZoneInfo:
    """The zone of an EVSE's location; skips the scenario when it has none."""
    zone = api.get(LOCATION, location=evse.location).get("timezone") if evse.location is not None else None
    if zone is None:
        pytest.skip("the location of the EVSE has no timezone, which decides what a tariff costs")
    return ZoneInfo(zone)


def precision_of(api: ScenarioApi, currency: str | None) -> Precision:
    """The decimals of a currency; two, and five for prices per unit, when the API does not say."""
    places = decimals_of(api, currency)
    return Precision(*places) if places is not None else Precision()


def _csv(rows: list[list[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
