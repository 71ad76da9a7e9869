"""`./conform replay`: sends a failing case of the last run again."""

import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import click

from ampeco_conformance.cli.options import declared, target_options
from ampeco_conformance.cli.pytest_process import run_quietly
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.project import item_arguments
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.http.client_factory import guarded
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.plugin.option_table import REPORTS
from ampeco_conformance.plugin.target_options import TargetOptions
from ampeco_conformance.probe.probe import probe
from ampeco_conformance.replay.cases import StoredCase, read_case
from ampeco_conformance.replay.replay import ReplayAnswer, ReplayOutcome, replay_request
from ampeco_conformance.reporting.results import read_results
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.configuration import EMBEDDED_EMULATOR, Target
from ampeco_conformance.target.safety import SafetyPolicy

_EXIT_CODES = {
    ReplayAnswer.STILL: ExitCode.VIOLATION,
    ReplayAnswer.FIXED: ExitCode.CONFORM,
    ReplayAnswer.CANNOT: ExitCode.TOO_LITTLE_TESTED,
}


@click.command()
@click.argument("id")
@target_options
@click.option("--api-version", metavar="VERSION", help="Another API version (default: that of the case).")
@declared(replace(REPORTS, help="The reports of the run that found it."))
def command(id: str, target_options: TargetOptions, api_version: str | None, reports: Path) -> int:
    """Send the case ID again and say STILL (exit 1), FIXED (exit 0) or CANNOT (exit 4).

    The case goes to the embedded emulator if it was found there, else to the target that is named. Where one request
    cannot decide, the item that found it is run again.
    """
    case = read_case(id, reports)
    if not target_options.names_a_target and case.target != EMBEDDED_EMULATOR:
        raise ConfigurationError(
            f"the case was found on {case.target}: name it, or another target, with --tenant NAME, "
            "or with --base-url URL and --token-env NAME"
        )
    target = replace(target_options, api=target_options.api or case.api).resolve(api_version or case.api_version)
    contract = ApiContract(load_specification(target.api_version, target.api))
    outcome = _replayed(case, target, contract)
    if outcome.answer is ReplayAnswer.CANNOT and case.node_id:
        click.echo(f"One request cannot decide ({outcome.why}); running the item again ...", err=True)
        outcome = _item_run_again(case, target, target_options)
    click.echo(f"{outcome.answer}: {outcome.why}")
    return _EXIT_CODES[outcome.answer]


def _replayed(case: StoredCase, target: Target, contract: ApiContract) -> ReplayOutcome:
    if target.base_url is None:
        defect = next(iter(_given(case, "--defect")), None)
        variants = _given(case, "--variant")
        with running_emulator(target.api, target.api_version, target.token, defect, variants) as base_url:
            return _replayed(case, replace(target, base_url=base_url), contract)
    is_emulator = probe(target, contract.specification).is_emulator
    policy = SafetyPolicy(target.safety, target.permissions, contract.specification.operations)
    with guarded(target, contract, Guard(policy, contract, own_hosts=target.own_hosts)) as client:
        return replay_request(case, client, contract, is_emulator=is_emulator)


def _item_run_again(case: StoredCase, target: Target, options: TargetOptions) -> ReplayOutcome:
    """What the item says of the case at the version and target that are asked for."""
    old, new = (f"v{case.api_version}@{case.target}", f"v{target.api_version}@{target.name}")
    node_id = case.node_id.replace(old, new)
    with tempfile.TemporaryDirectory() as folder:
        arguments = [*item_arguments(node_id), "--reports", folder, *options.arguments(), "--api", target.api]
        arguments += ["--api-version", target.api_version, *_options(case, options)]
        run_quietly(arguments, variables=options.environment())
        try:
            results = read_results(Path(folder))
        except ConfigurationError:
            results = []
    # Only this item was run; its node id depends on the folder that pytest takes for the root.
    result = next(iter(results), None)
    if result is None:
        return ReplayOutcome(ReplayAnswer.CANNOT, f"{node_id} could not be run")
    if any(case.is_shown_by(finding) for finding in result.findings):
        return ReplayOutcome(ReplayAnswer.STILL, case.message)
    if result.status == "passed":
        return ReplayOutcome(ReplayAnswer.FIXED, f"{node_id} passes")
    return ReplayOutcome(ReplayAnswer.CANNOT, (result.reason or result.message or "").partition("\n")[0])


def _given(case: StoredCase, name: str) -> list[str]:
    """The values of an option of the item."""
    return [value for option, value in pairwise(case.options) if option == name]


def _options(case: StoredCase, options: TargetOptions) -> list[str]:
    """The options of the item; defects and variants are the embedded emulator's own."""
    given = list(case.options)
    for name in ("--defect", "--variant") if options.names_a_target else ():
        while name in given:
            del given[given.index(name) : given.index(name) + 2]
    return given
