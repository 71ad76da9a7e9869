"""The token of a partner reads nothing that it does not list, and nothing below what belongs to another partner."""

import json
import re
from typing import Any

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import NotTestable
from tests.support.aspect_bench import aspect_bench
from tests.support.emulator import TOKEN, RunningEmulator
from tests.support.loopback import Received, Sent, sent_json
from tests.support.reverse_proxy import PassOn, answering_for

ITEM = "test_permissions::test_partner_reads_what_it_lists", "GET /public-api/resources/sessions/v1.0"
SESSIONS = "/public-api/resources/sessions/v1.0"


def limiting(*, by_id: bool) -> Any:
    """Lists every other session for the token of a partner, and reads only these, or all of them."""

    def answer(received: Received, pass_on: PassOn) -> Sent:
        sent = pass_on(received)
        path = received.path.partition("?")[0]
        if TOKEN in (received.headers.get("Authorization") or "") or sent.status != 200:
            return sent
        if path == SESSIONS:
            body = json.loads(sent.content)
            body["data"] = [item for item in body["data"] if int(item["id"]) % 2]
            sent.content = json.dumps(body).encode()
        elif by_id and path.startswith(SESSIONS) and int(path.rpartition("/")[2]) % 2 == 0:
            return sent_json({"message": "This action is unauthorized."}, 403)
        return sent

    return answer


@pytest.mark.parametrize(("by_id", "checks"), [(True, []), (False, ["unlisted_is_not_read"])])
def test_what_a_token_reads_and_does_not_list_is_found(
    served: RunningEmulator, contract: ApiContract, by_id: bool, checks: list[str]
) -> None:
    with (
        answering_for(str(served.client.base_url), limiting(by_id=by_id)) as address,
        aspect_bench(address, contract) as bench,
    ):
        assert bench.checks(*ITEM) == checks


def test_a_token_that_lists_everything_shows_nothing(served: RunningEmulator, contract: ApiContract) -> None:
    bench = aspect_bench(str(served.client.base_url), contract)
    with bench as running, pytest.raises(NotTestable, match="lists everything"):
        running.checks(*ITEM)


CHARGE_POINTS = "/public-api/resources/charge-points/v2.0"
OWNED = "test_permissions::test_partner_sees_only_its_own", f"GET {CHARGE_POINTS}"


def nested_open(received: Received, pass_on: PassOn) -> Sent:
    """An EVSE below its charge point is read with any token."""
    sent = pass_on(received)
    if re.fullmatch(rf"{CHARGE_POINTS}/\d+/evses/\d+", received.path) and sent.status == 403:
        received.headers.replace_header("Authorization", f"Bearer {TOKEN}")
        return pass_on(received)
    return sent


def test_what_is_below_the_item_of_another_partner_is_not_read(served: RunningEmulator, contract: ApiContract) -> None:
    with (
        answering_for(str(served.client.base_url), nested_open) as address,
        aspect_bench(address, contract) as bench,
    ):
        found = bench.findings(*OWNED)
    assert {(finding.check, finding.operation) for finding in found} == {
        ("permission_required", f"GET {CHARGE_POINTS}/{{chargePoint}}/evses/{{evse}}")
    }
