"""The run in numbers: from one row per item to `run.json`, the list of what was not reached, and the exit code."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.text import Text

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.findings import Standing
from ampeco_conformance.reporting.clusters import clusters_of
from ampeco_conformance.reporting.reachability import Reach, reachability
from ampeco_conformance.reporting.results import Row
from ampeco_conformance.triage.known_issues import Review

_SHOWN_CAUSES = 10


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind of failure: the check's id, how often it was found, and on which operations."""

    check: str
    count: int
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """One root cause of failures: its headline, the items that show it, and how to see it again."""

    headline: str
    items: int
    operations: int
    rerun: str | None
    case: str | None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run came to. `operations` is how many the version has; the lists hold labels (`GET /path`).

    `causes` are worst first; `tolerated` counts, by standing, the causes that are not held against the target.
    `drift` counts what the specification does not document (`drift.json`).
    `environment` says why the target could not be used, when nothing else broke; `known_issues` are the entries of the
    ledger that are about the version and target; `reachability` has what came of every selected operation.
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
    causes: tuple[Cause, ...]
    environment: str | None
    interrupted: bool
    seconds: float = field(default=0.0)
    notes: tuple[str, ...] = ()
    rate_limited: int = 0
    reachability: Mapping[str, Reach] = field(default_factory=dict)
    min_reached: float | None = None
    known_issues: tuple[Review, ...] = ()
    strict: bool = False
    tolerated: Mapping[str, int] = field(default_factory=dict)
    drift: int = 0

    @property
    def reached_percent(self) -> float:
        """How many of the tested operations were seen succeeding, in per cent."""
        return 100 * len(set(self.reached) & set(self.tested)) / len(self.tested) if self.tested else 0.0

    @property
    def is_reached_enough(self) -> bool:
        """Whether as many of the selected operations were reached as asked for; those that safety forbids count too."""
        if self.min_reached is None or not self.reachability:
            return True
        reached = sum(reach["reached"] for reach in self.reachability.values())
        return 100 * reached / len(self.reachability) >= self.min_reached


def summarise(
    rows: Iterable[Row],
    *,
    api: str,
    api_version: str,
    target: str,
    operations: int,
    interrupted: bool,
    seconds: float,
    known_issues: Iterable[Review] = (),
    strict: bool = False,
    min_reached: float | None = None,
) -> RunSummary:
    """Add up the rows of a run (see `rows.py` for their form).

    When it tested several versions, labels begin with the version: `v3.90.0 GET /path`.
    """
    rows = list(rows)
    told = _told_apart(rows)
    reached = {label for row in told for label in row["reached"]}
    contract = [row for row in told if row["operation"] is not None]
    tested = {row["operation"] for row in contract if row["status"] != "skipped"}
    reach_of = reachability(told)
    findings = [finding for row in rows for finding in row["findings"] if finding["standing"] == Standing.VIOLATION]
    checks = Counter(finding["check"] for finding in findings)
    broken = [row for row in rows if row["status"] == "broken"]
    return RunSummary(
        api=api,
        api_version=api_version,
        target=target,
        operations=operations,
        tested=tuple(sorted(tested)),
        reached=tuple(sorted(reached)),
        unreached={label: str(reach["reason"]) for label, reach in reach_of.items() if not reach["reached"]},
        scenarios=dict(Counter(row["status"] for row in rows if row["layer"] == "scenario")),
        items=dict(Counter(row["status"] for row in rows)),
        requests=sum(row["requests"] for row in rows),
        failures=tuple(
            Failure(check, count, tuple(sorted({item["operation"] for item in findings if item["check"] == check})))
            for check, count in checks.most_common()
        ),
        headlines=tuple(
            str(row["message"]).partition("\n")[0] for row in rows if row["status"] in ("failed", "broken")
        ),
        causes=tuple(_causes(rows)),
        environment=broken[0]["environment"] if broken and all(row["environment"] for row in broken) else None,
        interrupted=interrupted,
        seconds=round(seconds, 1),
        notes=tuple(dict.fromkeys(note for row in rows for note in row["notes"] if note.startswith("only "))),
        reachability=reach_of,
        min_reached=min_reached,
        rate_limited=sum(row.get("statuses", {}).get("429", 0) for row in rows),
        known_issues=tuple(known_issues),
        strict=strict,
        tolerated=dict(Counter(each.standing for each in clusters_of(rows) if each.standing != Standing.VIOLATION)),
    )


def _told_apart(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = list(rows)
    if len({row.get("api_version") for row in rows} - {None}) < 2:
        return rows
    return [
        {
            **row,
            "operation": row["operation"] and f"v{row['api_version']} {row['operation']}",
            "reached": [f"v{row['api_version']} {label}" for label in row["reached"]],
            "answers": {f"v{row['api_version']} {label}": counts for label, counts in row["answers"].items()},
        }
        for row in rows
    ]


def verdict(summary: RunSummary) -> ExitCode:
    """The exit code of a run: a violation outweighs everything, and nothing tested is never a success."""
    if summary.failures or summary.items.get("failed"):
        return ExitCode.VIOLATION
    if summary.environment is not None:
        return ExitCode.ENVIRONMENT
    if summary.items.get("broken"):
        return ExitCode.VIOLATION
    if summary.interrupted:
        return ExitCode.INTERRUPTED
    if not summary.is_reached_enough or (not summary.reached and not summary.scenarios.get("passed")):
        return ExitCode.TOO_LITTLE_TESTED
    if summary.strict and any(review.is_due for review in summary.known_issues):
        return ExitCode.EXPIRED_KNOWN_ISSUE
    return ExitCode.CONFORM


def content_of(summary: RunSummary) -> dict[str, Any]:
    """What `run.json` holds."""
    return asdict(summary) | {"reached_percent": round(summary.reached_percent, 1), "verdict": int(verdict(summary))}


def write(summary: RunSummary, reports: Path) -> None:
    """Write `run.json` and `unreached.md` into the reports folder."""
    reports.mkdir(parents=True, exist_ok=True)
    (reports / "run.json").write_bytes(orjson.dumps(content_of(summary), option=orjson.OPT_INDENT_2))
    lines = [
        f"# Not seen succeeding: {summary.api} {summary.api_version} on {summary.target}",
        "",
        "Operations that gave no 2xx answer valid under its schema in this run, and the last reason.",
        "",
        *(f"- `{label}`: {reason}" for label, reason in summary.unreached.items()),
        *([] if summary.unreached else ["None."]),
        "",
    ]
    (reports / "unreached.md").write_text("\n".join(lines), encoding="utf-8")


def render(summary: RunSummary, console: Console) -> None:
    """Show the run on a terminal."""
    reached = len(set(summary.reached) & set(summary.tested))
    console.print()
    console.print(
        Text.assemble(
            (f"{len(summary.tested)} operations tested", "bold"),
            f", {reached} seen succeeding ({summary.reached_percent:.1f} %)"
            f" - {summary.api} {summary.api_version} on {summary.target}",
        )
    )
    if summary.scenarios:
        counts = ", ".join(f"{count} {status}" for status, count in sorted(summary.scenarios.items()))
        console.print(f"Scenarios: {counts}")
    counts = ", ".join(f"{count} {status}" for status, count in sorted(summary.items.items()))
    console.print(f"Items: {counts or 'none'}; {summary.requests} requests in {summary.seconds:.0f} s")
    if summary.rate_limited:
        console.print(f"Slowed down by the target {summary.rate_limited} times (429)")
    if summary.failures:
        console.print(Text("Violations by kind", style="bold"))
        width = max(len(failure.check) for failure in summary.failures)
        for failure in summary.failures:
            more = f" and {len(failure.operations) - 1} more" if len(failure.operations) > 1 else ""
            line = f"  {failure.check:{width}}  {failure.count:>5}  {failure.operations[0]}{more}"
            console.print(Text(line))
    if summary.causes:
        console.print(Text(f"Causes ({len(summary.causes)}, worst first)", style="bold"))
    for cause in summary.causes[:_SHOWN_CAUSES]:
        more = f" (in {cause.items} items, {cause.operations} operations)" if cause.items > 1 else ""
        console.print(Text(f"  {cause.headline}{more}"))
        for command in (f"./conform replay {cause.case}" if cause.case else None, cause.rerun):
            if command:
                console.print(Text(f"    {command}", style="dim"))
    if len(summary.causes) > _SHOWN_CAUSES:
        console.print(f"  ... and {len(summary.causes) - _SHOWN_CAUSES} more")
    if summary.tolerated:
        counts = ", ".join(f"{count} {standing}" for standing, count in sorted(summary.tolerated.items()))
        console.print(f"Not held against the target: {counts}")
    if summary.drift:
        console.print(f"Drift: {summary.drift} things are not documented (./conform drift lists them)")
    for review in summary.known_issues:
        if review.is_due:
            console.print(Text(review.sentence))
    console.print(Text(_sentence(summary), style="bold"))


def _sentence(summary: RunSummary) -> str:
    if verdict(summary) == ExitCode.VIOLATION and not summary.failures and not summary.items.get("failed"):
        return "Items broke before they could say whether the contract is kept."
    return {
        ExitCode.CONFORM: "The contract is kept.",
        ExitCode.VIOLATION: "The contract is violated.",
        ExitCode.ENVIRONMENT: f"The target could not be tested: {summary.environment}",
        ExitCode.EXPIRED_KNOWN_ISSUE: "The contract is kept, but the ledger of known issues is not (see above).",
        ExitCode.TOO_LITTLE_TESTED: _too_little(summary),
        ExitCode.INTERRUPTED: "Interrupted; this is what was tested until then.",
    }[verdict(summary)]


def _too_little(summary: RunSummary) -> str:
    if summary.is_reached_enough:
        return "Too little was tested to say anything: no operation was seen succeeding."
    causes = Counter(reach["cause"] for reach in summary.reachability.values() if not reach["reached"])
    told = ", ".join(f"{count} {cause}" for cause, count in causes.most_common())
    return (
        f"Too little was tested: {sum(causes.values())} of {len(summary.reachability)} operations were not reached "
        f"({told}); at least {summary.min_reached:g} % must be."
    )


def _causes(rows: Iterable[Row]) -> Iterator[Cause]:
    for cluster in clusters_of(rows):
        if cluster.standing == Standing.VIOLATION:
            place = f"{cluster.operations[0]} v{cluster.versions[0].removeprefix('v')}: " if cluster.operations else ""
            # What is no finding (a story's assertion, a fault of ours) has no check to be looked up.
            headline = f"[{cluster.check}] {place}{cluster.message}" if cluster.fingerprints else cluster.message
            yield Cause(headline, len(cluster.node_ids), len(cluster.operations), cluster.rerun, cluster.case)
