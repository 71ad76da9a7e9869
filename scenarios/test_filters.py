"""Filters that take more than the value of a field.

Business rule: a filter by data of an application takes a path with dots, and finds exactly what has the value there; a
moment without a zone is accepted.
Documented: users 1.0 (externalAppData; the name of the filter has the path), times in filters (public client code).
"""

import secrets

import pytest
from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.people import USERS, Drivers
from scenarios.vocabulary.waiting import looks

pytestmark = NORMAL

MOMENTS = {
    "/resources/sessions/v1.0": "startedAfter",
    "/resources/authorizations/v2.0": "lastUpdatedAfter",
    "/resources/users/v1.0": "lastUpdatedAfter",
}


def test_users_are_found_by_the_data_of_an_application(api: ScenarioApi, drivers: Drivers) -> None:
    """Of two users with data the one with the value is found, and nobody else."""
    value = secrets.token_hex(8)
    with step("Two users have data of an application"):
        wanted = drivers.new(externalAppData={"conformance": {"key": value}})
        drivers.new(externalAppData={"conformance": {"key": f"not {value}"}})
    with step("One is found by the value at its path"):
        for look in looks(api.clock):
            with look:
                answer = api.get(USERS, query={"filter": {"externalAppData.conformance.key": value}})
                found = [int(entry["id"]) for entry in answer.items]
                answer.require_equal(found, [wanted.id], "found-by-app-data", "the users that were found")


@pytest.mark.parametrize("listing", MOMENTS)
def test_a_moment_without_a_zone_is_accepted(api: ScenarioApi, listing: str) -> None:
    """A bound without a zone is accepted, and keeps no more than everything."""
    with step("The listing is filtered by a moment without a zone"):
        answer = api.get(listing, query={"filter": {MOMENTS[listing]: "2999-01-01T00:00:00"}})
        answer.require_equal(len(answer.items), 0, "moment-without-zone", "the number of items after the year 2999")
