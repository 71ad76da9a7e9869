"""The session has what its start named: driver, tag, payment method, connector and external id.

Business rule: whichever way a session is started, and whatever the caller names with it, the session is for that
driver and place and has the same values.
Documented: bodies of the three start actions (userId, idTag, paymentMethodId, connectorId, externalSessionId, which
idTag outranks; an empty paymentMethodId leaves the choice to the platform), users' payment methods, session fields.
"""

import secrets
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import AT_AN_EVSE, Charging
from scenarios.vocabulary.evses import START_EVSE, Evse
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.tags import Tags

pytestmark = CRITICAL

IN_EITHER_WAY = pytest.mark.parametrize("way", AT_AN_EVSE.values(), ids=AT_AN_EVSE)

CONNECTORS = "/resources/charge-points/v2.0/{chargePoint}/evses/{evse}/connectors"
PAYMENT_METHODS = "/resources/users/v1.0/{user}/payment-methods"


def charge(charging: Charging, evse: Evse, driver: Driver | None, way: str, **body: Any) -> ScenarioResponse:
    """A session that was started with this body, charged and was stopped; as it was while active."""
    session = charging.start(evse, driver, way, **body)
    active = charging.wait_until_active(session)
    charging.stop(session)
    charging.wait_until_finished(session)
    return active


def check_told(session: ScenarioResponse, field: str, value: Any) -> None:
    """The session has what the start named; a version or tenant without such a field is fine."""
    found = session.get(field)
    session.require(
        found is None or str(found) == str(value),
        "session-tells-start",
        f"{field} is {found!r}, the start named {value!r}",
        expected=value,
        actual=found,
    )


@IN_EITHER_WAY
def test_a_callers_own_number_is_kept(charging: Charging, evse: Evse, driver: Driver, way: str) -> None:
    """The session of a start with an external session id has that id."""
    number = f"conformance-{secrets.token_hex(6)}"
    session = charge(charging, evse, driver, way, externalSessionId=number)
    session.require_equal(session["userId"], driver.id, "session-of-driver", "userId")
    check_told(session, "externalSessionId", number)


def test_a_tag_counts_before_a_callers_own_number(charging: Charging, evse: Evse, driver: Driver, tags: Tags) -> None:
    """Of an id tag and an external session id in one start, the session has the tag."""
    tag = tags.new(driver)
    session = charge(
        charging, evse, driver, START_EVSE, idTag=tag["idTagUid"], externalSessionId=f"own-{secrets.token_hex(6)}"
    )
    check_told(session, "idTag", tag["idTagUid"])


@IN_EITHER_WAY
def test_a_tag_starts_a_session_of_its_own(
    charging: Charging, evse: Evse, driver: Driver, tags: Tags, way: str
) -> None:
    """A start with only an id tag creates a session with that tag, for its driver or without one."""
    tag = tags.new(driver)
    with step("The driver starts with the tag alone"):
        answer = charging.try_to_start(evse, None, way, idTag=tag["idTagUid"])
        if not answer["success"]:
            pytest.skip(f"the target starts no session with a tag alone ({answer.get('errorCode')})")
        session = charging.accepted(answer, evse)
    active = charging.wait_until_active(session)
    active.require_equal(active.get("idTag"), tag["idTagUid"], "session-names-tag", "idTag")
    active.require(
        active.get("userId") in (driver.id, None),
        "session-of-driver",
        f"the session is of user {active.get('userId')}, the tag of {driver.id}",
        expected=driver.id,
        actual=active.get("userId"),
    )
    charging.stop(session, force=True)
    charging.wait_until_finished(session)


def test_a_connector_is_the_one_that_was_named(
    api: ScenarioApi, charging: Charging, evse: Evse, driver: Driver
) -> None:
    """The session of a start at a connector names that connector."""
    with step("The connectors of the EVSE are looked up"):
        found = list(api.listing(CONNECTORS, chargePoint=evse.charge_point, evse=evse.id))
    if not found:
        pytest.skip("the EVSE has no connectors")
    connector = found[0]["id"]
    with step("The driver starts at the connector"):
        answer = charging.try_to_start(evse, driver, connectorId=connector)
        session = charging.accepted(answer, evse)
    check_told(charging.wait_until_active(session), "connectorId", connector)
    charging.stop(session)
    charging.wait_until_finished(session)


@IN_EITHER_WAY
def test_without_a_payment_method_the_platform_chooses(
    charging: Charging, evse: Evse, driver: Driver, way: str
) -> None:
    """A start with an empty payment method is accepted and paid with one that the platform chooses."""
    session = charge(charging, evse, driver, way, paymentMethodId=None)
    session.require_equal(session["userId"], driver.id, "session-of-driver", "userId")


def test_the_payment_method_is_the_one_that_was_named(
    api: ScenarioApi, charging: Charging, evse: Evse, driver: Driver
) -> None:
    """The session of a start with one of the driver's payment methods names that method."""
    with step("The payment methods of the driver are looked up"):
        found = [entry["id"] for entry in api.listing(PAYMENT_METHODS, user=driver.id) if entry.get("id")]
    if not found:
        pytest.skip("the driver has no payment method; name a user who has one under ids: user")
    with step("The driver starts with the payment method"):
        answer = charging.try_to_start(evse, driver, paymentMethodId=str(found[0]))
        if not answer["success"]:
            pytest.skip(f"the payment method cannot be charged ({answer.get('errorCode')})")
        session = charging.accepted(answer, evse)
    check_told(charging.wait_until_active(session), "paymentMethodId", found[0])
    charging.stop(session)
    charging.wait_until_finished(session)
