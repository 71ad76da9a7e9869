"""No secret and nothing about people leaves a run on a tenant, whatever its answers contain."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ampeco_conformance.apis import APIS
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from tests.support.canaries import CANARIES, TOKEN, put_canaries
from tests.support.reverse_proxy import reverse_proxy
from tests.support.runs import COMMAND, PROJECT

_PYTEST = [sys.executable, "-P", "-m", "pytest", "contract_tests"]
_GATEWAY_KEY = "wE5rT9yU2iO7pA4s-of-the-gateway"
_READ_USER = ["--operation", "GET */users/v1.0/{user}"]


@pytest.fixture(scope="module")
def tenants() -> Iterator[dict[str, str]]:
    """An emulator of each API as a tenant whose answers contain canaries, by the API."""
    with ExitStack() as stack:
        base_urls = {
            api.name: stack.enter_context(running_emulator(api.name, api.default_version, TOKEN))
            for api in APIS.values()
        }
        yield {api: stack.enter_context(reverse_proxy(url, put_canaries)) for api, url in base_urls.items()}


def _written(tenant: str, folder: Path, command: list[str], *arguments: str) -> dict[str, str]:
    """What a run wrote into its folder and said, by file."""
    target = ["--base-url", tenant, "--token-env", "CANARY_TOKEN", "--reports", str(folder / "reports")]
    target += ["--header", f"X-Gateway-Key: {_GATEWAY_KEY}"]
    process = subprocess.run(
        [*command, *target, *arguments],
        cwd=PROJECT,
        env={**os.environ, "CANARY_TOKEN": TOKEN, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = process.stdout + process.stderr
    assert process.returncode == ExitCode.VIOLATION, said
    # With what the scan has moved away: redaction itself is tested.
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(file): file.read_text(errors="replace") for file in files} | {f"terminal of {folder.name}": said}


@pytest.fixture(scope="module")
def written(tenants: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All that `./conform run` with own data and with reads, and plain pytest with reads, wrote and said."""
    own, plain, reads = (tmp_path_factory.mktemp(name) for name in ("own", "plain", "reads"))
    few = ["--operation", "*/taxes/v2.0*", "--operation", "POST */top-up-packages/v2.0"]
    few += ["--", "-k", "test_operation or test_authentication"]
    options = ["-vv", "-k", "test_operation", "-o", f"cache_dir={plain}/cache", f"--junitxml={plain}/junit.xml"]
    return {
        **_written(tenants["ampeco"], own, COMMAND, "--safety", "own-data", *few),
        **_written(tenants["ampeco"], plain, _PYTEST, *_READ_USER, *options),
        **_written(tenants["spirii"], reads, COMMAND, "--api", "spirii", "--", "-k", "test_operation or test_reads"),
    }


@pytest.mark.parametrize("canary", [*CANARIES.values(), _GATEWAY_KEY], ids=[*CANARIES, "value of --header"])
def test_a_canary_is_in_no_file_and_not_on_the_terminal(canary: str, written: dict[str, str]) -> None:
    assert [file for file, text in written.items() if canary.casefold() in text.casefold()] == []


def test_the_commands_that_show_a_failure_again_name_the_header(written: dict[str, str]) -> None:
    pages = [text for file, text in written.items() if file.endswith("verdict.json")]
    assert all("--header 'X-Gateway-Key: ***'" in page for page in pages)
    assert pages


def test_what_is_shown_tells_the_finding(written: dict[str, str]) -> None:
    (said,) = [text for name, text in written.items() if name.startswith("terminal of plain")]
    assert '/data/status breaks `enum`: "Xxxxx Xxxxxxxxxxxxx" is not one of "enabled" or "disabled" at 200' in said
    assert '/data/createdAt breaks `format`: "+99 99 99 99 99" is not a "date-time" at 200' in said
