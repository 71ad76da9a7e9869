"""Every named defect of the emulator that concerns what it does, not how it says it, is noticed by a story."""

from collections.abc import Iterator

import httpx
import pytest

from tests.scenarios.stories import run_stories

NOTICED_BY = {
    "start-reserved": "test_reservation.py -k keeps",
    "start-occupied": "test_refused_start.py -k in_use",
    "start-disabled-user": "test_refused_start.py -k disabled",
    "energy-falls": "test_charging_session.py -k statistics",
    "price-off": "test_charging_session.py -k charges_and_stops",
    "tax-off": "test_charging_session.py -k charges_and_stops",
    "pay-twice": "test_receipt.py -k balance",
    "no-receipt": "test_receipt.py -k exactly_one",
    "never-expires": "test_reservation.py -k expires",
    "stop-ignored": "test_charging_session.py -k forced",
    "voucher-twice": "test_wallet.py -k redeemed",
    "invoice-twice": "test_transaction.py -k invoice",
    "unsigned-webhook": "test_webhook.py -k reservation",
    "wrong-signature": "test_webhook.py -k reservation",
    "lost-webhook": "test_webhook.py -k step_by_step",
    "webhook-without-name": "test_webhook.py -k reservation",
    "unasked-webhook": "test_webhook.py -k reservation",
}


@pytest.fixture
def defects(emulator: str) -> Iterator[httpx.Client]:
    """The control plane of the emulator, whose data and behaviour are put right again at the end."""
    with httpx.Client(base_url=f"{emulator}/_emulator", trust_env=False) as control:
        yield control
        control.put("/defects", json={"defect": None}).raise_for_status()
        control.post("/reset").raise_for_status()


@pytest.mark.parametrize("defect", NOTICED_BY)
def test_a_story_notices_the_defect(emulator: str, defects: httpx.Client, defect: str) -> None:
    defects.put("/defects", json={"defect": defect}).raise_for_status()
    assert run_stories(NOTICED_BY[defect], emulator).failed


def test_every_defect_of_behaviour_is_in_the_table(defects: httpx.Client) -> None:
    known = defects.get("/defects").json()["known"]
    assert {item["name"] for item in known if item["class"] in ("domain", "webhooks")} == NOTICED_BY.keys()
