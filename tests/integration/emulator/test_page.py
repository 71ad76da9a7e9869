"""The root page in a browser: what happens, the requests, the buttons, the token of the control plane."""

from collections.abc import Callable, Iterator

import pytest

from tests.support import browser
from tests.support.emulator import NOON, RunningEmulator
from tests.support.webhooks import Receiver, subscribe


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    yield from browser.tab_or_skip(tmp_path_factory)


def test_a_running_session_its_delivery_and_its_request_are_seen(
    emulator: RunningEmulator, page: browser.Page, receiver: Receiver
) -> None:
    subscribe(emulator, receiver.address, "SessionUpdateNotification")
    emulator.get("/resources/users/v1.0", **{"filter[name]": "nobody"})
    emulator.control("POST", "/tokens", {"token": "<b>bold</b>"})
    page.open(str(emulator.client.base_url))
    emulator.post("/actions/evse/v1.0/2/start", {"userId": 1})
    receiver.wait_for(1)
    page.wait_for("SessionUpdateNotification")
    page.wait_for("delivered")
    assert "pending" in page.text_of("#sessions tr:nth-child(2)")
    page.click("Advance 1 hour")
    page.wait_for("2 active")
    assert "active" in page.text_of("#sessions tr:nth-child(2)")
    page.type_into("#filter", "get nobody")
    assert page.count("#requests tr") == 2
    assert "<b>bold</b>" in page.text()
    assert page.count("b") == 0


def test_the_page_asks_for_the_token_of_the_control_plane(
    start: Callable[..., RunningEmulator], page: browser.Page
) -> None:
    emulator = start("--clock", NOON, "--control-token", "of-the-control-plane")
    page.open(str(emulator.client.base_url))
    page.wait_for("The control plane needs its token")
    assert page.count("#sessions tr") == 0
    page.type_into("#control-token", "of-the-control-plane")
    page.click("Open")
    page.wait_for("finished")


def test_the_served_api_is_a_document_and_the_page_loads_nothing_of_others(emulator: RunningEmulator) -> None:
    document = emulator.client.get("/openapi.json").json()
    assert "/public-api/resources/sessions/v1.0" in document["paths"]
    page = emulator.client.get("/")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "//" not in page.text.replace("<!doctype", "")
