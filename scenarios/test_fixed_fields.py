"""An update changes what its operation documents, and nothing else.

Business rule: what an operation does not document is kept as it is, also when a body has it; the body is refused, or
done without it.
Documented: updates of EVSEs 2.1 (not the charge point), charge points 2.0 (neither the mode of communication nor the
sharing code; the randomised delay is of personal ones), currencies 2.0 (name and numeric code follow from the code) and
installer jobs 1.0 (not the company; a new job has neither status nor location of its body).
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import SUCCESS, ScenarioApi, ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.dependent_fields import EVSES, Body, DependentMaker
from scenarios.vocabulary.evses import CHARGE_POINT, CHARGE_POINTS, EVSE
from scenarios.vocabulary.sites import new_location

pytestmark = NORMAL

CURRENCIES = "/resources/currencies/v2.0"
CURRENCY = "/resources/currencies/v2.0/{currency}"
JOBS = "/resources/installer-jobs/v1.0"
JOB = "/resources/installer-jobs/v1.0/{installerJob}"
#: Currencies that a test may add: their codes are seldom in use.
RARE = ("XOF", "TOP", "WST", "VUV")
#: Done, or refused.
POSSIBLE = (*SUCCESS, 400, 403, 409, 422)


def new_charge_point(make: DependentMaker, **fields: Any) -> int:
    """A charge point."""
    return make.made(CHARGE_POINTS, make.placed_charge_point(**fields))


def new_currency(make: DependentMaker) -> int:
    """A currency that the target does not have yet."""
    known = {entry.get("alphabeticCode") for entry in make.api.listing(CURRENCIES)}
    code = next((code for code in RARE if code not in known), None)
    if code is None:
        pytest.skip(f"the target has the currencies {', '.join(RARE)} already")
    created = make.api.post(CURRENCIES, {"alphabeticCode": code})
    make.cleanup.later("DELETE", CURRENCY, currency=created["id"])
    return int(created["id"])


def new_job(make: DependentMaker, **fields: Any) -> ScenarioResponse:
    """A job for the company of another one; skips the scenario without any."""
    companies = [entry["installationAndMaintenanceCompanyId"] for entry in make.api.get(JOBS).items]
    if not companies:
        pytest.skip(f"the target has nothing under {JOBS}, whose company this scenario needs")
    body = {"installationAndMaintenanceCompanyId": companies[0], "description": f"Conformance {secrets.token_hex(4)}"}
    created = make.api.post(JOBS, body | fields, expected=POSSIBLE)
    if created.status in SUCCESS:
        make.cleanup.later("DELETE", JOB, installerJob=created["id"])
    return created


@dataclass(frozen=True)
class FixedFields:
    """What an update of something new must not change: its path, how it is made, and what the update sends."""

    path: str
    name: str
    made: Callable[[DependentMaker], int]
    sent: Callable[[DependentMaker, ScenarioResponse], Body]


FIXED: Mapping[str, FixedFields] = {
    "the charge point of an EVSE": FixedFields(
        EVSE,
        "evse",
        lambda make: make.made(EVSES, make.evse()),
        lambda make, _: {"chargePointId": new_charge_point(make, type="public")},
    ),
    "how a charge point communicates": FixedFields(
        CHARGE_POINT,
        "chargePoint",
        lambda make: new_charge_point(make, type="personal", pin="1234"),
        lambda *_: {"communicationMode": "none", "sharingCode": "CONF1234", "pin": "1234"},
    ),
    "the delay of a public charge point": FixedFields(
        CHARGE_POINT,
        "chargePoint",
        lambda make: new_charge_point(make, type="public"),
        lambda *_: {"enabledRandomisedDelay": True},
    ),
    "the name of a currency": FixedFields(
        CURRENCY,
        "currency",
        new_currency,
        lambda _, before: {"alphabeticCode": before["alphabeticCode"], "name": "Conformance", "numericCode": "000"},
    ),
    "the company of a job": FixedFields(
        JOB,
        "installerJob",
        lambda make: int(new_job(make)["id"]),
        lambda _, before: {"installationAndMaintenanceCompanyId": before["installationAndMaintenanceCompanyId"] + 1},
    ),
}


@pytest.mark.parametrize("fixed", FIXED)
def test_an_update_does_not_change(api: ScenarioApi, cleanup: Cleanup, fixed: str) -> None:
    """What the update does not document is as before, whether the update was done or refused."""
    fields, maker = FIXED[fixed], DependentMaker(api, cleanup)
    api.operation("PATCH", fields.path)
    ids: dict[str, Any] = {fields.name: fields.made(maker)}
    before = api.get(fields.path, **ids)
    sent = fields.sent(maker, before)
    with step(f"An update sends {', '.join(sent)}"):
        api.patch(fields.path, sent, expected=POSSIBLE, **ids)
    with step("They are as before"):
        after = api.get(fields.path, **ids)
        for name in sent:
            after.require_equal(after.get(name), before.get(name), "update-keeps-fixed", name)


def test_a_job_begins_new_and_without_a_place(api: ScenarioApi, cleanup: Cleanup) -> None:
    """A job that is created as completed, at a location, is refused or new and at none."""
    api.operation("POST", JOBS)
    location = new_location(api, cleanup)["id"]
    with step("A job is created as completed, at a location"):
        job = new_job(DependentMaker(api, cleanup), status="completed", locationId=location)
    if job.status in SUCCESS:
        with step("It is new, and at no location"):
            read = api.get(JOB, installerJob=job["id"])
            read.require_equal(read["status"], "new", "update-keeps-fixed", "status")
            read.require(read.get("locationId") != location, "update-keeps-fixed", "locationId was taken from the body")
