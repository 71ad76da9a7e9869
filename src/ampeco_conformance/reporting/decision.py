"""The decision on a run, from what was planned, what was done and what happened on the way.

The only place that decides: `run`, `report`, `report merge`, plain pytest, `upgrade-check` and the history all use it.
It fails closed: whatever falls short of the plan is no verdict.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.findings import Standing
from ampeco_conformance.core.item_results import NOT_ENABLED, NOT_IN_BUDGET, NOTHING_SEEN, ItemResult
from ampeco_conformance.reporting.causes import counted as causes_that_count
from ampeco_conformance.reporting.clusters import clusters_of
from ampeco_conformance.reporting.coverage import coverage_of
from ampeco_conformance.reporting.plan import Plan
from ampeco_conformance.reporting.reachability import enabled, labelled, reachability

GO, PARTIAL, NO_GO, UNKNOWN = "go", "partial", "no-go", "unknown"

#: The first of these codes that has a reason is the exit code.
_URGENT_FIRST = (
    ExitCode.VIOLATION,
    ExitCode.CONFIGURATION,
    ExitCode.ENVIRONMENT,
    ExitCode.INTERRUPTED,
    ExitCode.TOO_LITTLE_TESTED,
    ExitCode.EXPIRED_KNOWN_ISSUE,
)
_SENTENCES = {
    ExitCode.VIOLATION: "The contract is violated: {reason}.",
    ExitCode.CONFIGURATION: "The run could not start as configured: {reason}.",
    ExitCode.ENVIRONMENT: "The target could not be tested: {reason}.",
    ExitCode.INTERRUPTED: "Interrupted, so there is no verdict: {reason}.",
    ExitCode.TOO_LITTLE_TESTED: "Too little was tested for a verdict: {reason}.",
    ExitCode.EXPIRED_KNOWN_ISSUE: "The contract is kept, but known issues need attention: {reason}.",
}
_WORDS = {ExitCode.VIOLATION: NO_GO, ExitCode.EXPIRED_KNOWN_ISSUE: PARTIAL}
_NAMED = 3
#: Up to this share of the permitted operations may be not enabled, and the others still tell of the contract.
MOST_NOT_ENABLED_PERCENT = 30
#: Up to this share of requests without a response, the rest still says something about the contract.
MOST_LOST_PERCENT = 5


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a run as a whole, with the exit code that it calls for."""

    code: ExitCode
    message: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`word` is go, partial, no-go or unknown; `reasons` say why it is not go."""

    word: str
    code: ExitCode
    sentence: str
    reasons: tuple[str, ...]


def decide(plan: Plan, results: Sequence[ItemResult], events: Sequence[Event]) -> Decision:
    """The decision on a run."""
    found = [*events, *(event for rule in _RULES for event in rule(plan, results))]
    code = next((code for code in _URGENT_FIRST if any(event.code == code for event in found)), ExitCode.CONFORM)
    found.sort(key=lambda event: _URGENT_FIRST.index(event.code))
    reasons = tuple(dict.fromkeys(event.message for event in found))
    if code is not ExitCode.CONFORM:
        sentence = _SENTENCES[code].format(reason=reasons[0].rstrip("."))
        return Decision(_WORDS.get(code, UNKNOWN), code, sentence, reasons)
    left_out = [*plan.leaves_out, *_beyond_budget(results), *_silent(results), *_lost(results)]
    if left_out:
        part = f"{plan.planned} of {counted(plan.operations, 'operation')}" if plan.run else "what was selected"
        return Decision(PARTIAL, code, f"The contract is kept by a part: {part}.", tuple(left_out))
    level = f"all {plan.permitted} operations that safety level {plan.safety} permits"
    return Decision(GO, code, f"The contract is kept by {level}.", ())


def is_violation(result: ItemResult) -> bool:
    """Whether an item shows that the contract is violated; an assertion of a contract test is the suite's own fault."""
    return _has_violation(result) or (result.status == "failed" and result.layer == "scenario")


def _has_violation(result: ItemResult) -> bool:
    return any(finding.standing is Standing.VIOLATION for finding in result.findings)


def is_not_enabled(result: ItemResult) -> bool:
    """Whether an item was skipped because the target has not switched its feature on."""
    return result.status == "skipped" and (result.reason or "").startswith(NOT_ENABLED)


def ended_early(plan: Plan, results: Sequence[ItemResult], events: Sequence[Event]) -> bool:
    """Whether a run did not do all that was planned."""
    stopped = any(event.code != ExitCode.EXPIRED_KNOWN_ISSUE for event in events)
    return stopped or bool(list(_short_of_the_plan(plan, results)))


def _violations(_: Plan, results: Sequence[ItemResult]) -> Iterator[Event]:
    """Told in causes, the unit of every report; a scenario that failed beside a known issue is no cause."""
    found = [result for result in results if is_violation(result)]
    if not found:
        return
    causes = causes_that_count(clusters_of(found))
    operations = {operation for cause in causes for operation in cause.operations}
    scenarios = {result.name for result in found if not _has_violation(result)}
    places = [
        counted(len(things), one) for things, one in ((operations, "operation"), (scenarios, "scenario")) if things
    ]
    subject = [counted(len(causes), "cause")] if causes else []
    yield Event(ExitCode.VIOLATION, " on ".join([*subject, " and ".join(places)]))


def _unusable_target(plan: Plan, results: Sequence[ItemResult]) -> Iterator[Event]:
    """A few lost requests leave some items unjudged; many of them, or an end of the run, leave no verdict."""
    troubled = [result for result in results if result.status == "broken" and result.environment]
    requests, lost = (sum(getattr(result, name) for result in results) for name in ("requests", "lost"))
    if 100 * lost > MOST_LOST_PERCENT * requests:
        yield Event(
            ExitCode.ENVIRONMENT,
            f"{lost} of {counted(requests, 'request')} got no response, more than {MOST_LOST_PERCENT} %",
        )
    elif troubled and (not all(result.lost for result in troubled) or next(_short_of_the_plan(plan, results), None)):
        yield Event(ExitCode.ENVIRONMENT, str(troubled[0].environment))


def _broken(_: Plan, results: Sequence[ItemResult]) -> Iterator[Event]:
    """Items that broke through a fault of the suite or its guard say nothing about the contract."""
    found = [result for result in results if result.is_failure and not is_violation(result) and not result.environment]
    if found:
        named = "; ".join(dict.fromkeys((result.message or result.node_id).partition("\n")[0] for result in found))
        yield Event(
            ExitCode.TOO_LITTLE_TESTED, f"{counted(len(found), 'item')} broke before being judged ({named[:300]})"
        )


def _short_of_the_plan(plan: Plan, results: Sequence[ItemResult]) -> Iterator[Event]:
    counts = Counter(result.node_id for result in results)
    planned = set(plan.own)
    for what, names in (
        ("did not run", [node_id for node_id in plan.own if not counts[node_id]]),
        ("ran more than once", [node_id for node_id, count in counts.items() if count > 1]),
        ("ran without being planned", [node_id for node_id in counts if node_id not in planned]),
    ):
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            items = "item" if len(names) == 1 else "items"
            named = ", ".join(names[:_NAMED])
            yield Event(ExitCode.TOO_LITTLE_TESTED, f"{len(names)} planned {items} {what}: {named}{more}")


def _nothing_tested(_: Plan, results: Sequence[ItemResult]) -> Iterator[Event]:
    """A scenario that sent no request has tested nothing, and an empty listing shows nothing."""
    scenarios = (result for result in results if result.layer == "scenario" and result.status == "passed")
    reached = [result for result in results if result.reached]
    seen = [result for result in reached if NOTHING_SEEN not in result.notes]
    reaches = reachability(labelled(results))
    is_all_off = bool(reaches) and not enabled(reaches)
    if not seen and not is_all_off and not any(result.requests for result in scenarios):
        yield Event(
            ExitCode.TOO_LITTLE_TESTED, "only empty listings were seen" if reached else "no operation succeeded"
        )


def _too_little_reached(plan: Plan, results: Sequence[ItemResult]) -> Iterator[Event]:
    reaches = enabled(reachability(labelled(results)))
    missed = Counter(str(reach.cause) for reach in reaches.values() if not reach.reached)
    missed["only an empty listing"] = sum(reach.empty for reach in reaches.values())
    reached = len(reaches) - sum(missed.values())
    if plan.min_reached is not None and 100 * reached < plan.min_reached * len(reaches):
        named = ", ".join(f"{count} {cause}" for cause, count in missed.most_common() if count)
        yield Event(
            ExitCode.TOO_LITTLE_TESTED,
            f"{sum(missed.values())} of {counted(len(reaches), 'operation')} did not succeed with data ({named}); "
            f"at least {plan.min_reached:g} % must (--min-reached)",
        )


def _too_much_not_enabled(plan: Plan, results: Sequence[ItemResult]) -> Iterator[Event]:
    reaches = reachability(labelled(results))
    off, permitted = len(reaches) - len(enabled(reaches)), max(plan.permitted, len(reaches))
    if 100 * off > MOST_NOT_ENABLED_PERCENT * permitted:
        yield Event(
            ExitCode.TOO_LITTLE_TESTED,
            f"{off} of {permitted} operations are not enabled on the target, more than {MOST_NOT_ENABLED_PERCENT} %",
        )


def _too_little_covered(plan: Plan, results: Sequence[ItemResult]) -> Iterator[Event]:
    """A shard covers a part of its operations by nature: only the joined run is judged."""
    if not plan.min_coverage or plan.shards > 1:
        return
    found = {known.kind: known for known in coverage_of(plan.api, results)}
    for kind, least in plan.min_coverage.items() if found else ():
        if kind in found and found[kind].percent < least:
            yield Event(
                ExitCode.TOO_LITTLE_TESTED,
                f"coverage of {kind}: {found[kind].reached} of {found[kind].total} ({found[kind].percent:g} %); "
                f"at least {least:g} % must be reached (--min-coverage)",
            )
    if not found:
        yield Event(ExitCode.TOO_LITTLE_TESTED, "no coverage was recorded (--min-coverage)")


def _beyond_budget(results: Sequence[ItemResult]) -> list[str]:
    """Planned items that more requests than estimated had left nothing for."""
    found = [result for result in results if result.status == "skipped" and result.reason == NOT_IN_BUDGET]
    return [f"{NOT_IN_BUDGET}: {counted(len(found), 'planned item')}"] if found else []


def _silent(results: Sequence[ItemResult]) -> list[str]:
    """Items that passed without a request have tested nothing."""
    silent = [result for result in results if result.status == "passed" and not result.requests]
    verb = "sends" if len(silent) == 1 else "send"
    return [f"{counted(len(silent), 'item')} {verb} no request: {silent[0].node_id}"] if silent else []


def _lost(results: Sequence[ItemResult]) -> list[str]:
    """Items of which a request got no response."""
    lost = [result for result in results if result.lost or (result.status == "broken" and result.environment)]
    if not lost:
        return []
    named = ", ".join(result.node_id for result in lost[:_NAMED])
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    return [f"requests of {counted(len(lost), 'item')} got no response: {named}{more}"]


_RULES: tuple[Callable[[Plan, Sequence[ItemResult]], Iterator[Event]], ...] = (
    _violations,
    _unusable_target,
    _broken,
    _short_of_the_plan,
    _nothing_tested,
    _too_little_reached,
    _too_much_not_enabled,
    _too_little_covered,
)
