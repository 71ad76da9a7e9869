"""From pytest's outcomes to the run's results: an Allure result and an item result for each item."""

import linecache
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from _pytest._code import Traceback, TracebackEntry

from ampeco_conformance.core.checks import Severity
from ampeco_conformance.core.errors import TargetError, TargetGone
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import ContractViolation, Finding
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.core.project import OWN_SCENARIOS
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.plugin.masking import redactor_of_run, tenant_data
from ampeco_conformance.plugin.option_arguments import rerun_command, target_arguments
from ampeco_conformance.plugin.options import configured_target, run_options
from ampeco_conformance.plugin.recording import RECORDER
from ampeco_conformance.plugin.selection import is_suite_item, operation_of
from ampeco_conformance.plugin.triage import configured_ledger
from ampeco_conformance.replay.cases import case_id, replay_command
from ampeco_conformance.reporting.decorations import decorate
from ampeco_conformance.reporting.model import ItemIdentity, ItemOutcome
from ampeco_conformance.reporting.results import from_line, item_result, to_line
from ampeco_conformance.reporting.writers.allure_results import AllureResults

#: The property of a test report that carries an item's result, as JSON, from the worker that ran it to the controller.
_PROPERTY = "conform"
_GIVEN_UP_AFTER = 5
#: The files of the suite itself, whose frames say nothing of a target's fault.
_SUITE = Path(__file__).parents[1]
SUITE_FOLDERS = {"contract_tests": "contract", "scenarios": "scenario"}

_WORST_LAST = ("passed", "skipped", "broken", "failed")

_RESULTS = pytest.StashKey[AllureResults]()
_STATE = pytest.StashKey["_State"]()
_LOST_IN_A_ROW = pytest.StashKey[int]()


@dataclass(slots=True)
class _State:
    """The state of an item while it runs."""

    status: str = "passed"
    message: str = ""
    trace: str = ""
    findings: tuple[Finding, ...] = ()
    environment: str | None = None
    is_gone: bool = False
    started_at: float = field(default_factory=time.time)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take `--alluredir` over from allure-pytest, which would write its own results too."""
    option = config.option
    if getattr(option, "allure_report_dir", None) and is_suite_run(config):
        option.allure_results = option.allure_report_dir
        option.allure_report_dir = None


def is_suite_run(config: pytest.Config) -> bool:
    """Whether this session runs the suite, not the project's own tests."""
    paths = [(config.invocation_params.dir / argument.partition("::")[0]).resolve() for argument in config.args]
    folders = [OWN_SCENARIOS, *(config.rootpath / folder for folder in SUITE_FOLDERS)]
    return any(path.is_relative_to(folder) for path in paths for folder in folders)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Unregister from Allure's hooks: another session may follow in this process."""
    if _RESULTS in config.stash:
        config.stash[_RESULTS].close()


@pytest.fixture
def show_exchange(pytestconfig: pytest.Config) -> Callable[[Exchange], None]:
    """Attaches an exchange to the running step of the report."""
    return _results(pytestconfig).attach_exchange


def results_dir(config: pytest.Config) -> Path:
    """Where the Allure results of this run go."""
    given = getattr(config.option, "allure_results", None)
    return Path(given) if given else run_options(config).reports / "allure-results"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Write one Allure result per item of the suite, as soon as it has ended."""
    if not is_suite_item(item):
        return (yield)
    results = _results(item.config)
    item.stash[_STATE] = _State()
    results.start_item(_identity(item))
    decorate(item, results)
    outcome = yield
    # Not executed when the run is interrupted here: the result written at the start then says that it did not end.
    results.finish_item(_outcome(item))
    return outcome


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail an item whose result could not be written."""
    if is_suite_item(item) and (trouble := _results(item.config).trouble):
        raise TargetError(trouble)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Record how each phase ended; the report of the last one carries the item's result."""
    state = item.stash.get(_STATE, None)
    if state is None:
        return (yield)
    if call.when == "teardown":
        item.user_properties.append((_PROPERTY, _result_line(item, state)))
    report = yield
    if report.outcome != "passed":
        recorder = item.stash.get(RECORDER, None)
        _record_phase(state, report, call.excinfo, is_complete=recorder is None or not recorder.lost)
        if report.failed:
            report.sections.append(("Run again", _again(item, state)))
        _mask(report, _redactor(item.config, state))
        if call.when == "teardown":
            item.user_properties[-1] = (_PROPERTY, _result_line(item, state))
            report.user_properties = list(item.user_properties)
    if call.when == "call" or state.is_gone:
        _give_up_on_a_lost_target(item, state)
    return report


def _record_phase(
    state: _State,
    report: pytest.TestReport,
    excinfo: pytest.ExceptionInfo[BaseException] | None,
    *,
    is_complete: bool,
) -> None:
    """Record how a phase ended; a later phase never hides what an earlier one found.

    When not all requests got a response, a failed assertion may be the consequence.
    """
    error = excinfo.value if excinfo is not None else None
    message, trace = str(error) if error is not None else report.longreprtext, report.longreprtext
    if excinfo is not None:
        trace = _trace(excinfo)
    if isinstance(error, ContractViolation):
        # The exchange proves it; where the suite noticed it says nothing.
        trace = ""
        # Also where the item is marked as one that is expected to fail: only the ledger excuses a violation.
        status, state.findings = "failed", state.findings + error.findings
    elif isinstance(error, pytest.skip.Exception):
        status, message = "skipped", error.msg or message
    elif isinstance(error, TargetError):
        status, state.environment = "broken", message
        state.is_gone = isinstance(error, TargetGone)
    elif isinstance(error, AssertionError) and not is_complete:
        message = f"a request got no response, and then: {message}"
        status, state.environment = "broken", message
    elif isinstance(error, AssertionError):
        status = "failed"
    else:
        status, message = "broken", f"{type(error).__name__}: {message}"
    is_first = state.status in ("passed", "skipped")
    state.message = message if is_first else f"{state.message}\n{message}"
    state.trace = trace if is_first else f"{state.trace}\n{trace}".strip()
    state.status = max(state.status, status, key=_WORST_LAST.index)


def _trace(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """Each call with its line, and the message, as in pytest's style "short", which parses the files for it."""
    calls = (f"{entry.path}:{entry.lineno + 1}: in {entry.name}\n{_line(entry)}" for entry in _own_part(excinfo))
    return "\n".join([*calls, *(f"E   {line}" for line in excinfo.exconly().splitlines())])


def _line(entry: TracebackEntry) -> str:
    return f"    {linecache.getline(str(entry.path), entry.lineno + 1).strip()}"


def _own_part(excinfo: pytest.ExceptionInfo[BaseException]) -> Traceback:
    """The part of a traceback outside of libraries, and for a failure outside of the suite; all when there is none."""
    is_failure = isinstance(excinfo.value, AssertionError)
    hidden = ("site-packages", *((str(_SUITE),) if is_failure else ()))
    own = excinfo.traceback.filter(lambda entry: not any(part in str(entry.path) for part in hidden))
    return own or excinfo.traceback


def _mask(report: pytest.TestReport, redact: Redactor) -> None:
    """Keep secrets out of what pytest itself prints."""
    if isinstance(report.longrepr, tuple):
        path, line, reason = report.longrepr
        report.longrepr = (path, line, redact.text(reason))
    elif (masked := redact.text(report.longreprtext)) != report.longreprtext:
        report.longrepr = masked
    report.sections = [(name, redact.text(content)) for name, content in report.sections]


def _give_up_on_a_lost_target(item: pytest.Item, state: _State) -> None:
    """Stop the run when the target is gone, or several items in a row got no response: the rest would only wait."""
    lost = item.config.stash.get(_LOST_IN_A_ROW, 0) + 1 if state.environment else 0
    item.config.stash[_LOST_IN_A_ROW] = lost
    if state.is_gone or lost >= _GIVEN_UP_AFTER:
        item.session.shouldstop = f"the target stopped answering: {state.environment}"


def _result_line(item: pytest.Item, state: _State) -> str:
    recorder = item.stash.get(RECORDER, None)
    redact = _redactor(item.config, state)
    return to_line(item_result(_identity(item), _outcome(item), recorder, redact, state.environment))


def result_of(report: pytest.TestReport) -> ItemResult | None:
    """The item's result, which its last report carries; None for every other report."""
    lines = [str(line) for name, line in report.user_properties if name == _PROPERTY]
    return from_line(lines[0]) if lines and report.when == "teardown" else None


def severity_of(item: pytest.Item) -> Severity:
    """The severity of an item's mark, which is also that of the rules of a scenario."""
    marker, operation = item.get_closest_marker("severity"), operation_of(item)
    if marker is not None:
        return Severity(marker.args[0])
    return Severity.NORMAL if operation is None or operation.method == "GET" else Severity.CRITICAL


def _identity(item: pytest.Item) -> ItemIdentity:
    target = configured_target(item.config)
    operation = operation_of(item)
    function = getattr(item, "function", None)
    doc = (getattr(function, "__doc__", None) or "").strip()
    # The docstring of a scenario's file says what it guards and where that is documented.
    guards = item.module.__doc__ if operation is None and isinstance(item, pytest.Function) else None
    originalname = getattr(item, "originalname", None) or item.name
    title = doc.partition("\n")[0].rstrip(".") or originalname
    variant = _variant(item)
    layer = item.get_closest_marker("layer")
    return ItemIdentity(
        node_id=item.nodeid,
        rerun=_rerun(item),
        layer=layer.args[0] if layer is not None else "scenario" if operation is None else "contract",
        aspect=originalname.removeprefix("test_"),
        name=operation.label if operation is not None else f"{title} ({variant})" if variant else title,
        operation=operation.label if operation is not None else None,
        tag=operation.tag if operation is not None else item.path.stem.removeprefix("test_").replace("_", " "),
        api=target.api,
        api_version=target.api_version,
        target=target.name,
        severity=severity_of(item),
        doc="\n\n".join(filter(None, (doc, (guards or "").strip()))),
        target_options=tuple(target_arguments(run_options(item.config))),
    )


def name_of(item: pytest.Item) -> str:
    """The name of an item in results, the same in every version and on every target."""
    identity = _identity(item)
    return f"{identity.aspect}: {identity.operation or identity.name}"


def _rerun(item: pytest.Item) -> str:
    target, has_known_issues = configured_target(item.config), bool(configured_ledger(item.config).issues)
    return rerun_command(item.nodeid, run_options(item.config), target, has_known_issues=has_known_issues)


def _again(item: pytest.Item, state: _State) -> str:
    """The commands that run an item again and replay the cases of its findings."""
    target = configured_target(item.config)
    cases = dict.fromkeys(case_id(finding, target.name) for finding in state.findings)
    options = run_options(item.config)
    replays = (replay_command(case, options.reports, target_arguments(options)) for case in cases)
    return "\n".join([_rerun(item), *replays])


def _variant(item: pytest.Item) -> str:
    """The parameters in a scenario's node id, without version and target."""
    target = configured_target(item.config)
    parts = item.callspec.id.split("-") if hasattr(item, "callspec") else []
    own = f"v{target.api_version}@{target.name}"
    return "-".join(parts).replace(own, "").strip("-")


def _outcome(item: pytest.Item) -> ItemOutcome:
    state = item.stash[_STATE]
    recorder = item.stash.get(RECORDER, None)
    statistics: dict[str, object] = {}
    if recorder is not None and recorder.requests:
        counts = ", ".join(f"{status or 'no answer'} x {count}" for status, count in sorted(recorder.statuses.items()))
        statistics = {"requests": recorder.requests, "answers": counts}
    return ItemOutcome(
        status=state.status,
        findings=(*state.findings, *(recorder.tolerated if recorder else ())),
        message=state.message,
        trace=state.trace,
        started_at=state.started_at,
        stopped_at=time.time(),
        notes=tuple(recorder.notes) if recorder else (),
        statistics=statistics,
    )


def _results(config: pytest.Config) -> AllureResults:
    if _RESULTS not in config.stash:
        config.stash[_RESULTS] = AllureResults(results_dir(config), redactor_of_run(config))
    return config.stash[_RESULTS]


def _redactor(config: pytest.Config, state: _State) -> Redactor:
    """Masks the token of the run and every secret in the exchanges of an item's findings."""
    redactor, tenant = redactor_of_run(config), tenant_data(config)
    for finding in state.findings:
        if tenant is not None:
            tenant.show(finding.check)
        redactor = redactor.knowing(finding.exchange) if finding.exchange else redactor
    return redactor
