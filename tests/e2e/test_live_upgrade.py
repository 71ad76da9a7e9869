"""The verdict on a server that keeps the documents of the new version, and not the old contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from tests.support.tampering import Corruption, Tampering, clearing, tampering_proxy, with_status

_REFUSED = with_status(422, {"message": "Invalid.", "errors": {"filter": ["Invalid."]}})
_USERS = "/public-api/resources/users/v1.0"


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with running_emulator("ampeco", "3.90.0", "emulator-token", None) as base_url:
        yield base_url


@pytest.mark.parametrize(
    ("path", "corrupt", "named"),
    [
        ("no such path", with_status(500), None),
        (r"/taxes/v2.0/\d+$", clearing("name"), "GET /public-api/resources/taxes/v2.0/{tax} v3.66.0: /data/name"),
        (rf"{_USERS}(\?(?!.*per_page)|$)", _REFUSED, f"GET {_USERS} v3.66.0: a request without optional parameters"),
        (rf"{_USERS}\?include.*=externalAppData", _REFUSED, f"GET {_USERS} v3.66.0: include[]=externalAppData"),
        (rf"{_USERS}/\d+$", with_status(203, {"data": {}}), f"GET {_USERS}/{{user}} v3.66.0: status 203"),
    ],
    ids=["nothing changed", "field removed", "parameter made required", "enum narrowed", "status changed"],
)
def test_the_verdict_names_what_the_server_no_longer_does(
    path: str,
    corrupt: Corruption,
    named: str | None,
    emulator: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NEW_VERSION", "emulator-token")
    with tampering_proxy(emulator, Tampering("GET", path, corrupt)) as proxy:
        command = ["upgrade-check", "--from", "3.66.0", "--to", "3.90.0", "--base-url", proxy]
        command += ["--token-env", "NEW_VERSION", "--reports", str(tmp_path), "--no-html"]
        for operation in (f"GET {_USERS}", f"GET {_USERS}/{{user}}", "GET */taxes/v2.0/{tax}"):
            command += ["--operation", operation]
        code = main(command)
    said = capsys.readouterr().out
    assert code == (ExitCode.CONFORM if named is None else ExitCode.VIOLATION), said
    assert named is None or named in said.partition("Verdict: no-go")[2], said
