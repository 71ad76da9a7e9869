"""Triages the findings of an item: an item fails only by findings that are violations after triage."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.contract.undocumented import UndocumentedFinder
from ampeco_conformance.core.errors import ConfigurationError, NotTestable, TargetError, TargetGone
from ampeco_conformance.core.findings import ContractViolation, Finding
from ampeco_conformance.core.project import PROJECT, WORKSPACE
from ampeco_conformance.drift.log import DriftLog
from ampeco_conformance.exercise.confirmation import PartRefused
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.plugin.masking import redactor_of_run
from ampeco_conformance.plugin.option_arguments import result_arguments
from ampeco_conformance.plugin.options import configured_target, run_options
from ampeco_conformance.plugin.recording import RECORDER
from ampeco_conformance.plugin.selection import operation_of
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.judge import Judge
from ampeco_conformance.replay.cases import case_id, case_of, write_case
from ampeco_conformance.reporting.writers.exchange_texts import evidence_of
from ampeco_conformance.target.safety import NotPermitted
from ampeco_conformance.triage.known_issues import LEDGER_FILE, Ledger, load_ledger, today
from ampeco_conformance.triage.reproduce import Reproducer
from ampeco_conformance.triage.strictness import (
    STRICTNESS_FILE,
    StrictnessSettings,
    ended,
    feature_rules,
    load_settings,
    version_rules,
)

_SETTINGS = pytest.StashKey[StrictnessSettings]()
_LEDGER = pytest.StashKey[Ledger]()
_VIOLATIONS = pytest.StashKey[list[Finding]]()
_BASE_URL = pytest.StashKey[str]()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Read the strictness and known issues files."""
    load_rules(session.config)


def load_rules(config: pytest.Config) -> None:
    """Read the strictness and known issues files. An invalid file ends the session with exit code 2 and one line."""
    try:
        file = _file(config, run_options(config).strictness, STRICTNESS_FILE)
        config.stash[_SETTINGS] = load_settings(file, strict=run_options(config).strict_verdict)
        config.stash[_LEDGER] = load_ledger(_file(config, run_options(config).known_issues, LEDGER_FILE))
    except ConfigurationError as error:
        pytest.exit(str(error), returncode=error.exit_code)


def configured_ledger(config: pytest.Config) -> Ledger:
    """The known issues of this run."""
    return config.stash[_LEDGER]


def _file(config: pytest.Config, given: Path | None, default: str) -> Path | None:
    """The given file, else the user's default file if it exists."""
    own = (WORKSPACE if config.rootpath == PROJECT else config.rootpath) / default
    return given or (own if own.exists() else None)


@pytest.fixture(scope="session")
def judge(pytestconfig: pytest.Config, client: ApiClient, contract: ApiContract, target_probe: Probe) -> Judge:
    """Triages the findings of this process."""
    pytestconfig.stash[_BASE_URL] = client.base_url
    return judge_of(pytestconfig, client, contract, target_probe)


def judge_of(config: pytest.Config, client: ApiClient, contract: ApiContract, found: Probe) -> Judge:
    """A judge by the rules that were read."""
    target = configured_target(config)
    settings = config.stash[_SETTINGS]
    tested = target.api_version
    of_version = version_rules(
        found.app_version,
        is_older=found.is_older_than(tested),
        is_newer=found.is_newer_than(tested),
        ends=ended(contract.specification.operations, today()),
    )
    rules = (*settings.rules, *feature_rules(target.api, target.features), *of_version)
    settings = replace(settings, rules=rules, is_emulator=found.is_emulator)
    drift = DriftLog(UndocumentedFinder(contract), settings, contract.specification, target.name)
    reproducer = Reproducer(client, contract, is_emulator=found.is_emulator)
    return Judge(settings, reproducer, configured_ledger(config), drift, target.name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Skip an item whose fixture stopped at a finding that is not a violation."""
    with _triaged(item, is_complete=False):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """A contract test raises its findings at its end; a scenario stops at the first, and is skipped if tolerated.

    A contract test that sent nothing has tested nothing.
    """
    operation = operation_of(item)
    with _triaged(item, is_complete=operation is not None):
        yield
    # Also where what the test raised was no violation, such as the answers of a feature that is switched off.
    with _triaged(item, is_complete=operation is not None):
        if RECORDER in item.stash:
            recorder = item.stash[RECORDER]
            recorder.expect_nothing_in_passing()
            if operation is not None:
                recorder.expect_feature(operation)
                if not recorder.requests:
                    raise NotTestable(": ".join(["no request was sent", *recorder.notes[:1]]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Triage the findings of the teardown too, and what a test that ended early saw; then store the failing cases."""
    try:
        with _triaged(item, is_complete=True):
            yield
            if RECORDER in item.stash:
                item.stash[RECORDER].expect_nothing_in_passing()
    finally:
        _keep_cases(item)


@contextmanager
def _triaged(item: pytest.Item, *, is_complete: bool) -> Generator[None, None, None]:
    try:
        yield
    except (NotTestable, NotPermitted, pytest.skip.Exception) as reason:
        recorder = item.stash.get(RECORDER, None)
        if recorder is not None and (pending := recorder.pending_violations()):
            item.stash.setdefault(_VIOLATIONS, []).extend(pending)
            raise ContractViolation(pending) from None
        operation = operation_of(item)
        off = recorder.why_not_enabled(operation) if recorder is not None and operation is not None else None
        if off is not None or isinstance(reason, NotTestable):
            pytest.skip(off or str(reason))
        raise
    except PartRefused as refused:
        with _triaged(item, is_complete=is_complete):
            raise ContractViolation([refused.discovery.finding(item.stash[RECORDER])]) from None
    except TargetGone:
        raise
    except TargetError:
        # A finding, when the request never gets a response while others do.
        if RECORDER in item.stash:
            with _triaged(item, is_complete=True):
                item.stash[RECORDER].expect_nothing_in_passing()
        raise
    except ContractViolation as raised:
        recorder = item.stash.get(RECORDER, None)
        if recorder is None:
            raise
        violations = recorder.violations(raised.findings)
        if violations:
            item.stash.setdefault(_VIOLATIONS, []).extend(violations)
            raise ContractViolation(violations).with_traceback(raised.__traceback__) from None
        if not is_complete:
            pytest.skip(f"stopped early: {raised.findings[0].headline}")


def _keep_cases(item: pytest.Item) -> None:
    """Store the requests behind the findings of an item for `./conform replay`."""
    recorder = item.stash.get(RECORDER, None)
    if recorder is None:
        return
    option, target = run_options(item.config), configured_target(item.config)
    seen = {case_id(finding, target.name): finding for finding in recorder.tolerated}
    findings = (*item.stash.get(_VIOLATIONS, []), *seen.values())
    redact = redactor_of_run(item.config)
    for finding in findings:
        redact = redact.knowing(finding.exchange) if finding.exchange else redact
    for finding in findings:
        case = case_of(
            finding,
            api=target.api,
            target=target.name,
            node_id=item.nodeid,
            options=result_arguments(option),
            base_url=item.config.stash[_BASE_URL],
            writes=recorder.writes,
            redact=redact,
            evidence=evidence_of(finding, redact),
        )
        # A full disk is reported when the rows of the run are written.
        with suppress(OSError):
            write_case(case, option.reports)
