"""Defects misbehave as named, and no further."""

from collections.abc import Callable

import pytest

from ampeco_conformance.errors import ConfigurationError
from ampeco_conformance.specs import load_specification
from ampeco_emulator.defects import DEFECTS, defect_named
from tests.emulator.conftest import PREFIX, TOKEN, Emulator

USERS = "/resources/users/v1.0"
SESSIONS = "/resources/sessions/v1.0"


def test_there_are_many_of_every_class_and_each_once() -> None:
    names = [defect.name for defect in DEFECTS]
    assert len(names) == len(set(names)) >= 60
    assert len({defect.area for defect in DEFECTS}) >= 11


def test_an_unknown_defect_is_no_defect() -> None:
    with pytest.raises(ConfigurationError, match="no-such"):
        defect_named("no-such", load_specification("3.90.0"))


def test_a_field_is_dropped_from_one_operation_only(start: Callable[..., Emulator]) -> None:
    emulator = start("--defect", "drop-field:GET /public-api/resources/users/v1.0:data.0.email")
    assert all("email" not in user for user in emulator.data(USERS))
    assert "email" in emulator.data(f"{USERS}/1")


def test_every_defect_leaves_the_emulator_running(emulator: Emulator) -> None:
    for name in (defect.name for defect in DEFECTS):
        emulator.control("PUT", "/defects", {"defect": name})
        if name != "slow":
            emulator.client.get(PREFIX + USERS)
            emulator.client.post(PREFIX + USERS, json={"email": "a@example.com", "password": "Secret-1-word"})
            emulator.client.patch(f"{PREFIX}{USERS}/1", json={"first_name": "Ada"})
        emulator.control("PUT", "/defects", {"defect": None})
        assert emulator.get(USERS).status_code == 200, name


@pytest.mark.parametrize(
    ("name", "shows"),
    [
        ("server-error", lambda e: e.get(USERS).status_code == 500),
        ("ignore-filters", lambda e: len(e.data(SESSIONS, **{"filter[evseId]": 3})) > 1),
        ("ignore-per-page", lambda e: len(e.data(USERS, per_page=3)) > 3),
        ("accept-invalid-body", lambda e: e.client.patch(f"{PREFIX}{USERS}/1", json={"email": 7}).status_code == 200),
        ("no-authentication", lambda e: e.client.get(PREFIX + USERS, headers={"Authorization": ""}).is_success),
        ("any-scheme", lambda e: e.client.get(PREFIX + USERS, headers={"Authorization": f"Basic {TOKEN}"}).is_success),
        ("html-content-type", lambda e: "html" in e.get(USERS).headers["content-type"]),
        ("keep-removed", lambda e: e.client.delete(f"{PREFIX}{USERS}/1") and e.get(f"{USERS}/1").is_success),
        ("truncated-json", lambda e: not e.get(USERS).text.endswith("}")),
    ],
)
def test_a_defect_shows(emulator: Emulator, name: str, shows: Callable[[Emulator], bool]) -> None:
    assert not shows(emulator)
    emulator.control("POST", "/reset")
    emulator.control("PUT", "/defects", {"defect": name})
    emulator.control("PATCH", "/settings", {"strict": False})
    try:
        assert shows(emulator)
    finally:
        emulator.control("PATCH", "/settings", {"strict": True})
