"""Starts the emulator as a process for a run, and stops it."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from ampeco_conformance.apis import DEFAULT_API
from ampeco_conformance.core.errors import ConfigurationError, ExitCode, TargetError
from ampeco_conformance.specs import DEFAULT_VERSIONS
from ampeco_conformance.target.emulator_token import TOKEN_VARIABLE

_START_TIMEOUT = 60.0
_STOP_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class NamedBehaviour:
    """A defect or a variant that the emulator can have: its name, its class, its effect."""

    name: str
    area: str
    meaning: str

    @property
    def api(self) -> str:
        """The API that has it: the class of what another API than the default has is the name of that API."""
        return self.area if self.area in DEFAULT_VERSIONS else DEFAULT_API


def listed_defects() -> list[NamedBehaviour]:
    """The defects that the emulator lists. Raises TargetError when it lists none."""
    return _listed("defects")


def listed_variants() -> list[NamedBehaviour]:
    """The variants that the emulator lists. Raises TargetError when it lists none."""
    return _listed("variants")


def _listed(what: str) -> list[NamedBehaviour]:
    command = [sys.executable, "-m", "ampeco_emulator", f"--list-{what}"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False)
    if listing.returncode != 0 or not listing.stdout:
        raise TargetError(f"the emulator does not list its {what}: {listing.stderr.strip() or listing.returncode}")
    return [NamedBehaviour(*line.split(maxsplit=2)) for line in listing.stdout.splitlines()]


@contextmanager
def running_emulator(
    api: str, api_version: str, token: str, defect: str | None = None, variants: Sequence[str] = ()
) -> Iterator[str]:
    """Start an emulator on a free port of loopback, yield its base URL, and stop it.

    Raises TargetError, with the emulator's message, when it does not start, and ConfigurationError when that is because
    it refuses an option, such as the name of a defect.
    """
    command = [
        sys.executable,
        "-m",
        "ampeco_emulator",
        "--api",
        api,
        "--api-version",
        api_version,
        "--port",
        "0",
        # A killed run leaves no emulator behind.
        "--until-stdin-ends",
    ]
    if defect is not None:
        command += ["--defect", defect]
    for variant in variants:
        command += ["--variant", variant]
    process = subprocess.Popen(
        command,
        env={**os.environ, TOKEN_VARIABLE: token},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # ctrl-C stops the test run; the emulator must serve it until the last item is done.
        start_new_session=True,
    )
    try:
        yield _base_url(process)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()


def _base_url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    assert process.stderr is not None
    watchdog = threading.Timer(_START_TIMEOUT, process.kill)
    watchdog.start()
    first_line = process.stdout.readline()
    watchdog.cancel()
    address = re.search(r"http://[^\s\"]+", first_line)
    if address is None:
        with process.stdout, process.stderr:
            said = (process.stderr.read().strip() or first_line.strip() or "nothing").splitlines()[-1]
        if process.wait() == ExitCode.CONFIGURATION:
            raise ConfigurationError(said.removeprefix("ampeco_emulator: "))
        raise TargetError(f"the embedded emulator did not start; it said: {said}")
    # A full pipe would block the emulator.
    for stream in (process.stdout, process.stderr):
        threading.Thread(target=_drain, args=(stream,), daemon=True).start()
    return address.group().rstrip("/")


def _drain(stream: IO[str]) -> None:
    with stream:
        for _ in stream:
            pass
