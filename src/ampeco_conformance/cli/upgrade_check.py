"""`conform upgrade-check`: decides whether clients of A can upgrade to B."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from ampeco_conformance.apis import DEFAULT_API
from ampeco_conformance.cli.comparing import usage_in, write
from ampeco_conformance.cli.detect import serves_older
from ampeco_conformance.cli.interruption import release_signals
from ampeco_conformance.cli.options import declared, target_options
from ampeco_conformance.compatibility.conventions import brought_together
from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.rendering import RENDERERS
from ampeco_conformance.compatibility.report import ComparisonReport, compare
from ampeco_conformance.compatibility.suppressions import load_suppressions
from ampeco_conformance.compatibility.upgrade import ServerEvidence, SuiteResult, UpgradeDecision, ask, decide
from ampeco_conformance.compatibility.upgrade_pages import UPGRADE_PAGES
from ampeco_conformance.compatibility.usage import Usage
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import ConfigurationError, ExitCode, TargetError
from ampeco_conformance.core.project import COMMAND, WORKSPACE
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.http.client_factory import guarded
from ampeco_conformance.http.journal import open_journal
from ampeco_conformance.http.ownership import run_tag
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.plugin.option_table import HTML, IGNORE, OPERATION, POLICY, REPORTS, USAGE
from ampeco_conformance.plugin.selection import matches, no_match
from ampeco_conformance.plugin.target_options import TargetOptions
from ampeco_conformance.reporting.reports_folder import clear, reserved
from ampeco_conformance.reporting.summary import read_summary
from ampeco_conformance.specs import Specification, load_specification
from ampeco_conformance.target.configuration import EMBEDDED_EMULATOR, Target
from ampeco_conformance.target.emulator_token import DEFAULT_TOKEN, TOKEN_VARIABLE
from ampeco_conformance.target.safety import SafetyPolicy

#: The folder, in that of the reports, with the test of the old contract.
CONTRACT = "contract"


@click.command(name="upgrade-check", context_settings={"max_content_width": 110})
@click.option("--from", "old", required=True, metavar="A", help="The version you use.")
@click.option("--to", "new", required=True, metavar="B", help="The version you would get.")
@target_options
@click.option("--emulator", is_flag=True, help="Ask an emulator of B.")
@click.option("--defect", metavar="NAME", help="Start that emulator with one named defect.")
@declared(OPERATION)
@declared(USAGE)
@declared(IGNORE)
@declared(POLICY)
@declared(replace(REPORTS, default=Path("reports/upgrade")))
@declared(HTML)
@click.option("--require-evidence", is_flag=True, help="Exit 4 when fields of a version are not known.")
def command(
    old: str,
    new: str,
    target_options: TargetOptions,
    emulator: bool,
    defect: str | None,
    operation: tuple[str, ...],
    usage: Path | None,
    ignore: Path | None,
    policy: str | None,
    reports: Path,
    html: bool,
    require_evidence: bool,
) -> int:
    """Decide whether clients of version A can upgrade to version B: go, go with care, or no-go (exit code 1).

    The contracts are compared; then, when a target is named, suspected changes are asked of it, and the contract of A
    is tested on it.
    """
    if defect is not None and not emulator:
        raise ConfigurationError("--defect is for --emulator")
    if emulator and target_options.names_a_target:
        raise ConfigurationError("give one of --emulator, --tenant and --base-url")
    api = target_options.api or DEFAULT_API
    specification = load_specification(old, api)
    if operation and not any(matches(documented, operation) for documented in specification.operations):
        raise ConfigurationError(no_match(specification, operation))
    if defect is not None:
        # Only a start says whether the emulator has a defect of this name.
        with running_emulator(api, new, DEFAULT_TOKEN, defect):
            pass
    with reserved(reports):
        # The pages of an earlier check must not be taken for those of this one.
        clear(reports)
        clear(reports / CONTRACT)
        release_signals()
        used = usage_in(usage) if usage else None
        before, after = brought_together(api, load_contract(old, api), load_contract(new, api))
        report = compare(
            before,
            after,
            load_policy(policy, api),
            usage=used,
            suppressions=load_suppressions(ignore) if ignore else (),
        )
        click.echo(report.summary)
        evidence, suite, older = list[ServerEvidence](), None, None
        if emulator or target_options.names_a_target:
            target = target_options.resolve(old)
            try:
                older = serves_older(target, old, new) if target.base_url is not None else None
                patterns = operation or _called(specification, used)
                if older is None:
                    with _serving(target, new, defect) as live:
                        evidence = _evidence(live, report, specification, reports)
                        if used is None or patterns:
                            click.echo(f"Testing the contract of {old} on {live.base_url} ...")
                            suite = _run_suite(live, target_options, patterns, reports, html)
            except TargetError as error:  # what the documents say stays
                suite = SuiteResult(error.exit_code, (), str(error))
        else:
            click.echo("Nothing was tried on a server; name one with --tenant, --base-url or --emulator.")
        decision = decide(report, evidence, suite, require_evidence=require_evidence, older=older or "")
        _write(report, decision, reports)
        click.echo(f"\nVerdict: {decision.sentence}")
        for reason in decision.reasons:
            click.echo(f"  {reason}")
        click.echo(f"Report: {reports / 'index.html'}")
        return decision.code


def _called(specification: Specification, usage: Usage | None) -> tuple[str, ...]:
    """The operations to test: those that the caller calls, or all when that is not known."""
    if usage is None:
        return ()
    return tuple(op.label for op in specification.operations if usage.of(op.label) is not None)


def _evidence(
    live: Target, report: ComparisonReport, specification: Specification, reports: Path
) -> list[ServerEvidence]:
    """What the server says about every suspected change."""
    permitted = SafetyPolicy(live.safety, live.permissions, specification.operations)
    contract = ApiContract(specification)
    guard = _guard(live, contract, permitted, reports)
    with guarded(live, contract, guard) as client:
        evidence = ask(report, client, permitted)
    for path in [*guard.created, *guard.unidentified] if guard.journal is not None else ():
        click.echo(f"Left behind on {live.name}: {path}; {COMMAND} sweep tries to delete it", err=True)
    for found in evidence:
        click.echo(f"{found.answer}: {found.change.operation} {found.change.location}: {found.reason}")
    return evidence


def _guard(live: Target, contract: ApiContract, policy: SafetyPolicy, reports: Path) -> Guard:
    """The guard of what is sent as evidence; the journal of a shared target is where sweep finds it."""
    run = secrets.token_hex(4)
    journal = open_journal(reports, live, run) if live.name != EMBEDDED_EMULATOR else None
    return Guard(policy, contract, journal, live.own_hosts, run_tag(run))


@contextmanager
def _serving(target: Target, version: str, defect: str | None) -> Iterator[Target]:
    """The target; when it is the emulator, one of the new version is started."""
    if target.base_url is not None:
        yield target
        return
    with running_emulator(target.api, version, target.token, defect) as base_url:
        yield replace(target, base_url=base_url)


def _run_suite(
    live: Target, options: TargetOptions, patterns: tuple[str, ...], reports: Path, html: bool
) -> SuiteResult:
    """`conform run` with the contract of the old version, as a process of its own, with pages of its own."""
    if options.tenant is None:
        options = replace(options, base_url=live.base_url, token_env=_TOKEN)
    options = replace(options, safety=str(live.safety))
    arguments = ["run", *options.arguments(), "--api", live.api, "--api-version", live.api_version]
    arguments += [*REPORTS.words(reports / CONTRACT), *OPERATION.words(patterns), "--html" if html else "--no-html"]
    environment = {**os.environ, **options.environment(), _TOKEN: live.token, TOKEN_VARIABLE: live.token}
    # Contract tests only: the scenarios belong to the version that is served.
    command_line = [sys.executable, "-m", "ampeco_conformance.cli.main", *arguments, "--", "--deselect=scenarios/"]
    status = subprocess.run(command_line, cwd=WORKSPACE, env=environment, check=False).returncode
    summary = read_summary(reports / CONTRACT)
    if summary is None:
        return SuiteResult(status or ExitCode.ENVIRONMENT, ())
    return SuiteResult(status, summary.headlines, summary.sentence)


_TOKEN = "CONFORM_UPGRADE_TOKEN"
"""Environment variable that hands the token to the child process."""


def _write(report: ComparisonReport, decision: UpgradeDecision, reports: Path) -> None:
    """Write the page of the verdict and the comparison."""
    write(RENDERERS["html"](report), reports / "comparison.html")
    write(RENDERERS["markdown"](report), reports / "comparison.md")
    for name, render in UPGRADE_PAGES.items():
        write(render(report, decision), reports / name)
