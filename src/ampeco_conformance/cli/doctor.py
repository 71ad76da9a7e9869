"""`./conform doctor`: checks everything that a run needs; one line per check, with the fix."""

import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from ampeco_conformance.cli.options import declared, target_options
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.errors import ConfigurationError, ConformError, ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.plugin.option_table import REPORTS
from ampeco_conformance.plugin.target_options import TargetOptions
from ampeco_conformance.probe.probe import Probe, probe
from ampeco_conformance.reporting.writers.allure_install import has_own_node, node_version
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import Safety

_OLDEST_PYTHON = (3, 11)
_ENOUGH_SPACE = 500_000_000
_MOST_SKEW = 60


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The result of one check; `fix` says what to do and is empty when nothing is wrong."""

    subject: str
    found: str
    fix: str = ""
    code: ExitCode = ExitCode.CONFORM


@click.command(context_settings={"max_content_width": 110})
@target_options
@click.option("--api-version", metavar="VERSION", help="API version to be tested (default: the tenant's).")
@declared(REPORTS)
def command(target_options: TargetOptions, api_version: str | None, reports: Path) -> int:
    """Check this machine, and the target when one is named; changes nothing.

    The exit code is that of the first problem that prevents a run; advice alone does not fail.
    """
    worst = ExitCode.CONFORM
    for diagnosis in _diagnoses(target_options, api_version, reports):
        mark = "ok  " if not diagnosis.fix else "FAIL" if diagnosis.code else "note"
        click.echo(f"{mark}  {diagnosis.subject}: {diagnosis.found}")
        if diagnosis.fix:
            click.echo(f"      -> {diagnosis.fix}")
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
    yield Diagnosis("target", f"{target.name} responds and accepts the token")
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
    if version is not None:
        return Diagnosis("Node.js", f"version {version}")
    if has_own_node():
        return Diagnosis("Node.js", "the one from PyPI")
    return Diagnosis("Node.js", "no version 22 or newer; the first report installs one from PyPI")


def _folder(reports: Path) -> Diagnosis:
    try:
        reports.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=reports):
            free = shutil.disk_usage(reports).free
    except OSError as error:
        fix = f"make it writable, or choose another folder with --reports ({error.strerror})"
        return Diagnosis("reports", f"{reports} is not writable", fix, ExitCode.ENVIRONMENT)
    found = f"{reports} is writable, {free / 1e9:.1f} GB free"
    return Diagnosis(
        "reports", found, "" if free > _ENOUGH_SPACE else "free some space: a nightly report needs up to 0.5 GB"
    )


def _specification(target: Target) -> str:
    specification = load_specification(target.api_version, target.api)
    return f"{target.api} {target.api_version} with {counted(len(specification.operations), 'operation')}"


def _emulator(target: Target) -> str:
    with running_emulator(target.api, target.api_version, target.token, None):
        return "the embedded emulator starts; name a tenant with --tenant to check it"


def _version(target: Target, found: Probe) -> Diagnosis:
    version = found.app_version or "unknown"
    return Diagnosis("application version", f"{version}; the contract tested is that of {target.api_version}")


def _clock(found: Probe) -> Diagnosis:
    if found.clock_ahead is None:
        return Diagnosis("clock", "the target sends no Date header")
    if abs(found.clock_ahead) <= _MOST_SKEW:
        return Diagnosis("clock", f"differs by {abs(found.clock_ahead):.0f} s from the target's")
    ahead = "ahead of" if found.clock_ahead > 0 else "behind"
    fix = "synchronise this machine's clock (NTP): scenarios compare times"
    return Diagnosis("clock", f"the target's is {abs(found.clock_ahead):.0f} s {ahead} this machine's", fix)


def _permission(target: Target) -> Diagnosis:
    if target.safety is Safety.READ_ONLY:
        fix = "scenarios are skipped; `safety: own-data` in tenants.yaml lets them create and use their own data"
        return Diagnosis("safety", "read-only: nothing is written", fix)
    return Diagnosis("safety", f"{target.safety}; the run shows whether the token may write")
