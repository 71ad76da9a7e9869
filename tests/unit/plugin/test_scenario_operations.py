"""Which operations a scenario is known to touch, without running it."""

from pathlib import Path

from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.plugin.scenario_operations import PathUse, touched_paths

SCENARIOS = PROJECT / "scenarios"

_VOCABULARY = """
THING = "/resources/things/v1.0/{thing}"
OTHER = "/resources/others/v1.0"
WAYS = {"one": "/actions/one", "two": "/actions/two"}

class Things:
    def __init__(self, api: ScenarioApi) -> None:
        self._api = api

    def read(self, thing: int) -> None:
        self._api.get(THING, thing=thing)

    def change(self, thing: int) -> None:
        self._api.call("PATCH", THING, thing=thing)

    def start(self, way: str = WAYS["one"]) -> None:
        self._api.post(way)

class Shop:
    def __init__(self, things: Things) -> None:
        self.things = things
"""
_CONFTEST = """
def things(api: ScenarioApi) -> Things:
    return Things(api)

def other(api: ScenarioApi):
    api.delete(OTHER)
"""
_TESTS = """
def test_read(things: Things): things.read(1)
def test_change(shop: Shop): shop.things.change(1)
def test_start(things: Things): things.start()
def test_fixture(other): pass
def test_literal(api): api.get("/resources/literals/v1.0")
def test_helper(things: Things): helper(things)
def helper(things: Things): things.change(2)
"""


def touched(folder: Path, function: str) -> set[PathUse]:
    (folder / "vocabulary.py").write_text(_VOCABULARY)
    (folder / "conftest.py").write_text(_CONFTEST)
    (folder / "test_things.py").write_text(_TESTS)
    return set(touched_paths(folder, folder / "test_things.py", function))


def test_a_scenario_touches_what_its_own_steps_and_fixtures_name(tmp_path: Path) -> None:
    assert touched(tmp_path, "test_read") == {("GET", "/resources/things/v1.0/{thing}")}
    assert touched(tmp_path, "test_change") == {("PATCH", "/resources/things/v1.0/{thing}")}
    assert touched(tmp_path, "test_start") == {(None, "/actions/one"), (None, "/actions/two")}
    assert touched(tmp_path, "test_fixture") == {("DELETE", "/resources/others/v1.0")}
    assert touched(tmp_path, "test_literal") == {("GET", "/resources/literals/v1.0")}
    assert touched(tmp_path, "test_helper") == touched(tmp_path, "test_change")


def test_the_scenarios_of_taxes_and_receipts_touch_them() -> None:
    tax = touched_paths(SCENARIOS, SCENARIOS / "test_tax.py", "test_a_tax_reads_back_as_updated")
    assert ("PATCH", "/resources/taxes/v2.0/{tax}") in tax
    assert not any("charge-point" in path for _, path in tax)
    receipt = touched_paths(SCENARIOS, SCENARIOS / "test_receipt.py", "test_a_paid_session_has_exactly_one_receipt")
    assert {("GET", "/resources/receipts/v2.0/{receipt}"), ("POST", "/actions/evse/v1.0/{evse}/start")} <= receipt
