"""`./conform doctor`: is everything there that a run needs? Each thing in a line, with what to do about it."""

import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from ampeco_conformance.cli.options import target_options
from ampeco_conformance.core.errors import ConfigurationError, ConformError, ExitCode
from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.plugin.option_table import TargetOptions
from ampeco_conformance.probe.probe import Probe, probe
from ampeco_conformance.reporting.writers.allure_install import node_version
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import Safety

_OLDEST_PYTHON = (3, 11)
_ENOUGH_SPACE = 500_000_000
_MOST_SKEW = 60


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at; `mend` says what to do, and is empty when all is well."""

    subject: str
    found: str
    mend: str = ""
    code: ExitCode = ExitCode.CONFORM


@click.command(context_settings={"max_content_width": 110})
@target_options
@click.option("--api-version", metavar="VERSION", help="API version to be tested (default: the tenant's).")
@click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=PROJECT / "reports",
    metavar="DIR",
    help="Where reports are to go (default: reports).",
)
def command(target_options: TargetOptions, api_version: str | None, reports: Path) -> int:
    """Look at this machine, and at the target when one is named; nothing is changed there.

    The exit code is that of the first thing that keeps a run from working; advice alone does not fail.
    """
    worst = ExitCode.CONFORM
    for diagnosis in _diagnoses(target_options, api_version, reports):
        mark = "ok  " if not diagnosis.mend else "FAIL" if diagnosis.code else "note"
        click.echo(f"{mark}  {diagnosis.subject}: {diagnosis.found}")
        if diagnosis.mend:
            click.echo(f"      -> {diagnosis.mend}")
        worst = worst or diagnosis.code
    return worst


def _diagnoses(options: TargetOptions, api_version: str | None, reports: Path) -> Iterator[Diagnosis]:
    yield _python()
    yield _node()
    yield _folder(reports)
    try:
        target = options.resolve(api_version)
    except ConfigurationError as error:
        yield Diagnosis("target", "cannot be used", str(error), error.exit_code)
        return
    yield _guarded("specification", lambda: _specification(target))
    if target.base_url is None:
        yield _guarded("emulator", lambda: _emulator(target))
        return
    try:
        found = probe(target, load_specification(target.api_version, target.api))
    except ConformError as error:
        yield Diagnosis("target", f"{target.name} cannot be used", str(error), error.exit_code)
        return
    yield Diagnosis("target", f"{target.name} answers and takes the token")
    yield _version(target, found)
    yield _clock(found)
    yield _permission(target)


def _guarded(subject: str, look: Callable[[], str]) -> Diagnosis:
    try:
        return Diagnosis(subject, look())
    except ConformError as error:
        return Diagnosis(subject, "cannot be used", str(error), error.exit_code)


def _python() -> Diagnosis:
    found = f"{platform.python_version()} in {sys.prefix}"
    if sys.version_info < _OLDEST_PYTHON:
        return Diagnosis("Python", found, "install Python 3.11 or newer", ExitCode.ENVIRONMENT)
    return Diagnosis("Python", found)


def _node() -> Diagnosis:
    version = node_version()
    if version is None:
        return Diagnosis("Node.js", "none of 22 or newer; the first report installs one from PyPI, into .venv")
    return Diagnosis("Node.js", f"version {version}; the report needs no browser to be made")


def _folder(reports: Path) -> Diagnosis:
    try:
        reports.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=reports):
            free = shutil.disk_usage(reports).free
    except OSError as error:
        mend = f"make it writable, or give another with --reports ({error.strerror})"
        return Diagnosis("reports", f"{reports} cannot be written", mend, ExitCode.ENVIRONMENT)
    found = f"{reports} can be written, {free / 1e9:.1f} GB free"
    return Diagnosis("reports", found, "" if free > _ENOUGH_SPACE else "a nightly report may need 0.5 GB")


def _specification(target: Target) -> str:
    specification = load_specification(target.api_version, target.api)
    return f"{target.api} {target.api_version} with {len(specification.operations)} operations"


def _emulator(target: Target) -> str:
    with running_emulator(target.api, target.api_version, target.token, None):
        return "the embedded one starts; name a tenant with --tenant to look at that"


def _version(target: Target, found: Probe) -> Diagnosis:
    told = found.app_version or "not told"
    return Diagnosis("application version", f"{told}; the contract tested is that of {target.api_version}")


def _clock(found: Probe) -> Diagnosis:
    if found.clock_ahead is None:
        return Diagnosis("clock", "the target tells no time")
    if abs(found.clock_ahead) <= _MOST_SKEW:
        return Diagnosis("clock", f"{abs(found.clock_ahead):.0f} s apart from the target's")
    ahead = "ahead of" if found.clock_ahead > 0 else "behind"
    mend = "set this machine's clock (NTP): scenarios compare times"
    return Diagnosis("clock", f"the target's is {abs(found.clock_ahead):.0f} s {ahead} ours", mend)


def _permission(target: Target) -> Diagnosis:
    if target.safety is Safety.READ_ONLY:
        mend = "scenarios will be skipped; `safety: own-data` in tenants.yaml lets them run with data of their own"
        return Diagnosis("safety", "read-only: nothing is written", mend)
    return Diagnosis("safety", f"{target.safety}: whether the token may write shows in the run")
