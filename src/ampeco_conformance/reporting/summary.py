"""The run in numbers: from plan, item results and events to `run.json` and the list of what did not succeed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import orjson

from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.findings import Standing
from ampeco_conformance.core.item_results import UNCONFIRMED, ItemResult
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.core.markdown import code, plain
from ampeco_conformance.core.project import COMMAND
from ampeco_conformance.coverage.recording import ANOTHER_SEED
from ampeco_conformance.reporting.causes import causes_of, counted
from ampeco_conformance.reporting.clusters import BROKEN, Cluster, clusters_of
from ampeco_conformance.reporting.decision import UNKNOWN, Event, decide, ended_early
from ampeco_conformance.reporting.plan import Plan
from ampeco_conformance.reporting.reachability import Reachability, labelled, reachability
from ampeco_conformance.triage.known_issues import Review

SUMMARY = "run.json"
UNREACHED = "unreached.md"
#: The aspect that drives an emulator into its rate limit.
_PROVOKES_LIMITS = "rate_limit"


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind of failure: the check's id, how often it was found, and on which operations."""

    check: str
    count: int
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SummaryCause:
    """One cause of failures: its headline, the items that show it, and how to reproduce it."""

    headline: str
    items: int
    operations: int
    rerun: str | None
    case: str | None
    id: str = ""
    expected: str | None = None
    actual: str | None = None
    replay: str | None = None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The summary of a run. `operations` is how many the version has; the lists hold labels (`GET /path`).

    `causes` are worst first, `unjudged` is why items could not be judged; `tolerated` counts, by standing, the causes
    that do not fail the run. `drift` counts what the specification does not document (`drift.json`), `unconfirmed` are
    the notes of what only Schemathesis took for a violation.
    `decision` is go, partial, no-go or unknown, `exit_code` its code, `reasons` why it is not go (see decision.py);
    `events` happened to the run as a whole; `run` is its id, the same for all shards. `permitted` counts the operations
    that the safety level permits. `environment` says why the target could not be used, when nothing else broke;
    `known_issues` are the known issues that concern the version and target; `reachability` says for every selected
    operation whether it succeeded. `by_turns` of the skipped items are left to runs with other seeds.
    """

    api: str
    api_version: str
    target: str
    operations: int
    tested: tuple[str, ...]
    reached: tuple[str, ...]
    unreached: Mapping[str, str]
    scenarios: Mapping[str, int]
    items: Mapping[str, int]
    requests: int
    failures: tuple[Failure, ...]
    headlines: tuple[str, ...]
    causes: tuple[SummaryCause, ...]
    environment: str | None
    interrupted: bool
    seconds: float = field(default=0.0)
    notes: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    rate_limited: int = 0
    by_turns: int = 0
    lost: int = 0
    reachability: Mapping[str, Reachability] = field(default_factory=dict)
    min_reached: float | None = None
    known_issues: tuple[Review, ...] = ()
    strict: bool = False
    tolerated: Mapping[str, int] = field(default_factory=dict)
    drift: int = 0
    decision: str = UNKNOWN
    exit_code: ExitCode = ExitCode.TOO_LITTLE_TESTED
    sentence: str = ""
    reasons: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    run: str = ""
    safety: str = ""
    permitted: int = 0
    unjudged: tuple[SummaryCause, ...] = ()

    @property
    def succeeded(self) -> int:
        """How many of the tested operations succeeded at least once."""
        return len(set(self.reached) & set(self.tested))

    @property
    def reached_percent(self) -> float:
        """How many of the tested operations succeeded at least once, in per cent."""
        return 100 * self.succeeded / len(self.tested) if self.tested else 0.0

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """The summary in run.json. Raises KeyError or TypeError when it is not one."""
        own = {name: value for name, value in content.items() if name not in ("reached_percent", "verdict")}
        lists: dict[str, Any] = {
            name: tuple(own[name])
            for name in ("tested", "reached", "headlines", "notes", "unconfirmed", "reasons")
            if name in own
        }
        failures = (Failure(**{**failure, "operations": tuple(failure["operations"])}) for failure in own["failures"])
        reaches = own.get("reachability", {}).items()
        return cls(
            **{
                **own,
                **lists,
                "failures": tuple(failures),
                "exit_code": ExitCode(content["verdict"]),
                "events": tuple(Event(ExitCode(event["code"]), event["message"]) for event in own.get("events", ())),
                "causes": tuple(SummaryCause(**cause) for cause in own["causes"]),
                "unjudged": tuple(SummaryCause(**cause) for cause in own.get("unjudged", ())),
                "known_issues": tuple(Review(**review) for review in own.get("known_issues", ())),
                "reachability": {label: Reachability(**reach) for label, reach in reaches},
            }
        )


def summarise(
    results: Sequence[ItemResult],
    plan: Plan,
    *,
    events: Iterable[Event] = (),
    seconds: float,
    known_issues: Iterable[Review] = (),
) -> RunSummary:
    """Add up the item results of a run, and decide on it."""
    known_issues = tuple(known_issues)
    events = list(dict.fromkeys(events))
    due = [Event(ExitCode.EXPIRED_KNOWN_ISSUE, review.sentence) for review in known_issues if review.is_due]
    decision = decide(plan, results, [*events, *(due if plan.strict else ())])
    by_version = labelled(results)
    contract = [(result, result.operation) for result in by_version if result.operation is not None]
    reach_of = reachability(by_version)
    broken = [result for result in results if result.status == "broken"]
    unconfirmed = tuple(
        dict.fromkeys(note for result in results for note in result.notes if note.startswith(UNCONFIRMED))
    )
    clusters = clusters_of(results)
    return RunSummary(
        api=plan.api,
        api_version=plan.version,
        target=plan.target,
        operations=plan.operations,
        tested=tuple(sorted({operation for result, operation in contract if result.status != "skipped"})),
        reached=tuple(sorted({label for result in by_version for label in result.reached})),
        unreached={label: str(reach.reason) for label, reach in reach_of.items() if not reach.reached},
        scenarios=dict(Counter(result.status for result in results if result.layer == "scenario")),
        items=dict(Counter(result.status for result in results)),
        requests=sum(result.requests for result in results),
        failures=tuple(_failures(results)),
        headlines=tuple((result.message or "").partition("\n")[0] for result in results if result.is_failure),
        causes=tuple(map(_cause, counted(clusters))),
        unjudged=tuple(_cause(cluster) for cluster in clusters if cluster.check == BROKEN),
        environment=broken[0].environment if broken and all(result.environment for result in broken) else None,
        interrupted=ended_early(plan, results, events),
        seconds=round(seconds, 1),
        unconfirmed=unconfirmed,
        reachability=reach_of,
        min_reached=plan.min_reached,
        lost=sum(result.lost for result in results),
        by_turns=sum(result.reason == ANOTHER_SEED for result in results),
        rate_limited=sum(result.statuses.get("429", 0) for result in results if result.aspect != _PROVOKES_LIMITS),
        known_issues=known_issues,
        strict=plan.strict,
        tolerated=dict(
            Counter(str(cause.standing) for cause in causes_of(clusters) if cause.standing is not Standing.VIOLATION)
        ),
        decision=decision.word,
        exit_code=decision.code,
        sentence=decision.sentence,
        reasons=decision.reasons,
        events=tuple(events),
        run=plan.run,
        safety=plan.safety,
        permitted=plan.permitted,
    )


def write_summary(summary: RunSummary, reports: Path) -> None:
    """Write `run.json` and `unreached.md` into the reports folder. Raises OSError."""
    reports.mkdir(parents=True, exist_ok=True)
    content = asdict(summary)
    # The names that the keys have had since the first release.
    content |= {"verdict": content.pop("exit_code"), "reached_percent": round(summary.reached_percent, 1)}
    (reports / SUMMARY).write_bytes(write_json(content, indent=True))
    lines = [
        f"# Operations that never succeeded: {summary.api} {summary.api_version} on {summary.target}",
        "",
        "Operations without a 2xx answer that is valid under its schema in this run, and the last reason.",
        "",
        *(f"- {code(label)}: {plain(reason)}" for label, reason in summary.unreached.items()),
        *([] if summary.unreached else ["None."]),
        "",
    ]
    (reports / UNREACHED).write_text("\n".join(lines), encoding="utf-8")


def read_summary(reports: Path) -> RunSummary | None:
    """The summary in a reports folder, None when a killed run left none. Raises ConfigurationError for another file."""
    path = reports / SUMMARY
    if not path.is_file():
        return None
    try:
        return RunSummary.from_json(orjson.loads(path.read_bytes()))
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} was not written by {COMMAND} run: {error}") from None


def _failures(results: Sequence[ItemResult]) -> Iterator[Failure]:
    operations: dict[str, list[str]] = {}
    for result in results:
        for finding in result.findings:
            if finding.standing is Standing.VIOLATION:
                operations.setdefault(finding.check, []).append(finding.operation)
    for check, found in sorted(operations.items(), key=lambda item: -len(item[1])):
        yield Failure(check, len(found), tuple(sorted(set(found))))


def _cause(cluster: Cluster) -> SummaryCause:
    place = f"{cluster.operations[0]} v{cluster.versions[0].removeprefix('v')}: " if cluster.operations else ""
    # A scenario's assertion and a broken item are not findings and have no check that could be looked up.
    headline = f"[{cluster.check}] {place}{cluster.message}" if cluster.fingerprints else cluster.message
    return SummaryCause(
        headline,
        items=len(cluster.node_ids),
        operations=len(cluster.operations),
        rerun=cluster.rerun,
        case=cluster.case,
        id=cluster.id,
        expected=cluster.expected,
        actual=cluster.actual,
        replay=cluster.replay,
    )
