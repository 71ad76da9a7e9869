"""Every defect shows: some response or delivery differs from that of the healthy emulator, while it is switched on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import load_specification
from ampeco_emulator.faults import DEFECTS, defect_named
from tests.support.defect_probes import USERS, EmulatorProbe, session
from tests.support.emulator import PREFIX, RunningEmulator
from tests.support.noticed import noticed
from tests.support.shown_defects import SHOWS
from tests.support.webhooks import Receiver, settled, subscribe

DELIVERIES = ("unsigned-webhook", "wrong-signature", "lost-webhook", "webhook-without-name", "unasked-webhook")


@pytest.fixture
def lenient(emulator: RunningEmulator) -> Iterator[RunningEmulator]:
    """An emulator that does not validate its responses."""
    emulator.control("PATCH", "/settings", {"strict": False})
    yield emulator
    emulator.control("PUT", "/defects", {"defect": None})
    emulator.control("PATCH", "/settings", {"strict": True})


def test_there_are_many_of_every_class_and_each_shows_somewhere() -> None:
    names = [defect.name for defect in DEFECTS]
    assert len(names) == len(set(names)) >= 60
    assert len({defect.area for defect in DEFECTS}) >= 11
    by_scenarios = {line.defect for line in noticed()}
    assert set(names) == {*SHOWS, *DELIVERIES, *by_scenarios}


@pytest.fixture(scope="module")
def healthy_results() -> dict[EmulatorProbe, Any]:
    """The result of each probe with the healthy emulator."""
    return {}


@pytest.mark.parametrize("name", SHOWS)
def test_a_defect_shows(lenient: RunningEmulator, healthy_results: dict[EmulatorProbe, Any], name: str) -> None:
    probe = SHOWS[name]

    def probed() -> Any:
        lenient.control("POST", "/reset")
        return probe(lenient)

    if probe not in healthy_results:
        healthy_results[probe] = probed()
        assert probed() == healthy_results[probe], "the probe itself is not repeatable"
    healthy = healthy_results[probe]
    lenient.control("PUT", "/defects", {"defect": name})
    assert probed() != healthy
    lenient.control("PUT", "/defects", {"defect": None})
    assert probed() == healthy


@pytest.mark.parametrize("name", DELIVERIES)
def test_a_defect_of_deliveries_shows(lenient: RunningEmulator, receiver: Receiver, name: str) -> None:
    def delivered() -> Any:
        lenient.control("POST", "/reset")
        receiver.received.clear()
        number = subscribe(lenient, receiver.address, "UserChangedNotification")
        lenient.client.patch(f"{PREFIX}{USERS}/1", json={"first_name": "Eva"})
        lenient.client.patch(f"{PREFIX}/resources/evses/v2.1/1", json={"physicalReference": "X"})
        settled(lenient, number, 0)
        return [(headers.get("x-signature"), body) for headers, body in receiver.received]

    healthy = delivered()
    assert len(healthy) == 1
    lenient.control("PUT", "/defects", {"defect": name})
    assert delivered() != healthy


def test_an_unknown_defect_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no-such"):
        defect_named("no-such", load_specification("3.90.0"))


def test_a_field_is_dropped_from_one_operation_only(start: Callable[..., RunningEmulator]) -> None:
    emulator = start("--defect", "drop-field:GET /public-api/resources/users/v1.0:data.0.email")
    assert all("email" not in user for user in emulator.data(USERS))
    assert "email" in emulator.data(f"{USERS}/1")


def test_several_defects_show_at_once(lenient: RunningEmulator) -> None:
    names = "stopped-later+started-later+total-vanishes"
    lenient.control("PUT", "/defects", {"defect": names})
    assert lenient.control("GET", "/defects")["defect"] == names
    together = session()(lenient)
    lenient.control("POST", "/reset")
    lenient.control("PUT", "/defects", {"defect": "total-vanishes"})
    assert session()(lenient) != together
    assert "totalAmount" not in str(together)
