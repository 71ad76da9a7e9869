"""The verdict on a server that keeps the documents of the new version, and not the old contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from tests.support.loopback import Sent
from tests.support.reverse_proxy import ChangeResponse, reverse_proxy
from tests.support.runs import TOKEN, conform
from tests.support.tampering import Tampering, clearing, with_status

_REFUSED = with_status(422, {"message": "Invalid.", "errors": {"filter": ["Invalid."]}})
_USERS = "/public-api/resources/users/v1.0"

#: What two servers no longer do, each with the line that names it. None of a server's faults hides another.
BROKEN = {
    "field removed, parameter made required": {
        "GET /public-api/resources/taxes/v2.0/{tax} v3.66.0: /data/name": Tampering(
            "GET", r"/taxes/v2.0/\d+$", clearing("name")
        ),
        f"GET {_USERS} v3.66.0: a request without optional parameters": Tampering(
            "GET", rf"{_USERS}(\?(?!.*per_page)|$)", _REFUSED
        ),
    },
    "enum narrowed, status changed": {
        f"GET {_USERS} v3.66.0: include[]=externalAppData": Tampering(
            "GET", rf"{_USERS}\?include.*=externalAppData", _REFUSED
        ),
        f"GET {_USERS}/{{user}} v3.66.0: status 203": Tampering(
            "GET", rf"{_USERS}/\d+$", with_status(203, {"data": {}})
        ),
    },
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with running_emulator("ampeco", "3.90.0", TOKEN, None) as base_url:
        yield base_url


def verdict(emulator: str, reports: Path, change: ChangeResponse) -> tuple[int, str]:
    """The exit code of the check of a changed server, and what it said."""
    with reverse_proxy(emulator, change) as address:
        command = ["upgrade-check", "--from", "3.66.0", "--to", "3.90.0", "--base-url", address]
        command += ["--token-env", "SUITE_TOKEN", "--reports", str(reports), "--no-html"]
        for operation in (f"GET {_USERS}", f"GET {_USERS}/{{user}}", "GET */taxes/v2.0/{tax}"):
            command += ["--operation", operation]
        return conform(*command)


def test_a_server_that_keeps_the_old_contract_passes(emulator: str, tmp_path: Path) -> None:
    code, said = verdict(emulator, tmp_path, lambda *_: None)
    assert code == ExitCode.CONFORM, said


@pytest.mark.parametrize("faults", BROKEN.values(), ids=BROKEN)
def test_the_verdict_names_what_the_server_no_longer_does(
    faults: dict[str, Tampering], emulator: str, tmp_path: Path
) -> None:
    def change(method: str, path: str, sent: Sent) -> None:
        for tampering in faults.values():
            tampering.apply(method, path, sent)

    code, said = verdict(emulator, tmp_path, change)
    assert code == ExitCode.VIOLATION, said
    assert [line for line in faults if line not in said.partition("Verdict: no-go")[2]] == [], said
