"""A session is found where our clients look for it.

Business rule: what a driver charged is listed under the driver.
"""

from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.people import Driver


def test_a_session_is_listed_for_its_driver(api: ScenarioApi, charging: Charging, evse: Evse, driver: Driver) -> None:
    """A session that has ended is in the listing of its driver."""
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    answer = charging.stop(session, force=True)
    charging.wait_until_finished(session)
    listed = {str(item["id"]) for item in api.listing("/resources/sessions/v1.0", filter={"userId": driver.id})}
    answer.require(session.id in listed, "session-listed", f"session {session.id} is not listed for its driver")
