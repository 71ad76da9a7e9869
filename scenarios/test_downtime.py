"""Downtimes that the platform noted by itself are neither moved nor removed.

Business rule: the times of an automatic period cannot be changed, and it cannot be deleted; both are refused and change
nothing.
Documented: downtime periods of charge points and EVSEs 1.0 (only manual periods can be deleted; startedAt and endedAt
may change only where the type is exempt and the entry mode manual).
"""

import pytest
from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse

pytestmark = NORMAL

LISTINGS = {
    "charge point": ("/resources/charge-point-downtime-periods/v1.0", "chargePointDowntimePeriod"),
    "EVSE": ("/resources/evse-downtime-periods/v1.0", "evseDowntimePeriod"),
}
REFUSED = (400, 403, 405, 409, 422)


@pytest.mark.parametrize("kind", LISTINGS)
def test_an_automatic_downtime_is_neither_moved_nor_removed(api: ScenarioApi, kind: str) -> None:
    """Another start is refused, and so is a deletion; the period is as before."""
    listing, name = LISTINGS[kind]
    path = f"{listing}/{{{name}}}"
    with step("There is a period that the platform noted"):
        found = [entry["id"] for entry in api.listing(listing, filter={"entryMode": "automatic"})]
        if not found:
            pytest.skip("the target has no automatic downtime periods")
        ids = {name: found[0]}
        before = api.get(path, query=None, **ids)
    with step("Another start is refused"):
        api.patch(path, {"startedAt": "2020-01-01T00:00:00+00:00"}, expected=REFUSED, **ids)
        check_same(api.get(path, query=None, **ids), before)
    with step("Its deletion is refused"):
        api.delete(path, expected=REFUSED, **ids)
        check_same(api.get(path, query=None, **ids), before)


def check_same(now: ScenarioResponse, earlier: ScenarioResponse) -> None:
    """The period is as before."""
    for name in ("startedAt", "endedAt", "type", "entryMode"):
        now.require_equal(now.get(name), earlier.get(name), "automatic-downtime-kept", name)
