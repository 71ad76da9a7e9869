"""The sentences that the verdict page and its Markdown share."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ampeco_conformance.apis import describe
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.findings import Certainty
from ampeco_conformance.core.project import conform_command
from ampeco_conformance.coverage.recording import ANOTHER_SEED
from ampeco_conformance.reporting.clusters import Cluster
from ampeco_conformance.reporting.coverage import KindCoverage, Unreached
from ampeco_conformance.reporting.decision import GO, NO_GO, PARTIAL, UNKNOWN
from ampeco_conformance.reporting.links import place_of
from ampeco_conformance.reporting.text import STATUS
from ampeco_conformance.reporting.verdict import SKIPPED, Gap, RunComparison, Verdict

#: How pages show a decision.
DECISIONS = {GO: "KEPT", PARTIAL: "KEPT IN PART", NO_GO: "VIOLATED", UNKNOWN: "NO VERDICT"}

_CERTAINTIES = {
    Certainty.DETERMINISTIC: "reproduced",
    Certainty.FLAKY: "reproduced, but not every time",
    Certainty.STATE_DEPENDENT: "not repeated, because the request changes state",
    Certainty.UNPROVEN: "not repeated or not reproduced",
}
_SHOWN_PLACES = 8


def moment(seconds: float) -> str:
    """A moment, given in seconds since the epoch, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def headline(cluster: Cluster) -> str:
    """What is wrong, with fields as people write them: `data.id` for `/data/id`."""
    message = STATUS.sub(r" in a \1 response", cluster.message)
    root = cluster.location.strip("/").partition("/")[0]
    if cluster.location.startswith("/") and root:
        pointer = rf"(?<!\S)/{re.escape(root)}(?:/[^\s;]+)?(?=[\s;]|$)"
        message = re.sub(pointer, lambda found: found[0].strip("/").replace("/", "."), message)
    return f"In {counted(len(cluster.places), 'place')}, such as: {message}" if cluster.places else message


def facts(cluster: Cluster) -> str:
    """Where a cause was found, since when, and whether it was reproduced."""
    parts = [spread(cluster)]
    parts += [f"first seen {moment(cluster.first_seen)}"] if cluster.first_seen else []
    parts += [_CERTAINTIES[cluster.certainty]] if cluster.certainty else []
    return " · ".join(parts)


def touched(cluster: Cluster) -> str:
    """How many operations show a cause; how many items, for a scenario."""
    if cluster.operations:
        return counted(len(cluster.operations), "operation")
    return counted(len(cluster.items), "item")


def spread(cluster: Cluster) -> str:
    """Where a cause was found: its operations or items, and the versions."""
    return ", ".join([touched(cluster), *cluster.versions])


def subject(verdict: Verdict) -> str:
    """What was tested."""
    run = verdict.run
    return f"{describe(run.api).title} {', '.join(run.versions)} on {run.target}"


def figures(verdict: Verdict) -> list[tuple[str, str]]:
    """The run in numbers: name and value."""
    run = verdict.run
    scenarios = verdict.scenarios
    judged = scenarios.get("passed", 0) + scenarios.get("failed", 0) + scenarios.get("broken", 0)
    return [
        ("operations tested", f"{run.tested} of {run.operations}"),
        *([(f"permitted by safety {verdict.safety}", str(verdict.permitted))] if verdict.safety else []),
        ("succeeded at least once", f"{verdict.reached} of {run.tested}"),
        *([("scenarios passed", f"{scenarios.get('passed', 0)} of {judged}")] if judged else []),
        ("causes", str(len(verdict.causes))),
        ("undocumented", str(verdict.drift)),
        ("requests", f"{run.requests:,}".replace(",", " ")),
        ("duration", f"{run.seconds:.0f} s"),
    ]


def changes(verdict: Verdict) -> list[tuple[str, list[str]]]:
    """What is due, and what changed since the last run and the last run of another version: heading and sentences."""
    run = verdict.run
    due = [("Action required", [f"{counted(len(verdict.due), 'known issue')}:", *verdict.due])] if verdict.due else []
    return [
        *due,
        (
            "Since the last run",
            _compared(verdict.since_last_run)
            if verdict.since_last_run
            else [f"This is the first run of {', '.join(run.versions)} on {run.target} in this history."],
        ),
        *(
            [("Since the last run of another version", _compared(verdict.since_last_version))]
            if verdict.since_last_version
            else []
        ),
    ]


def coverage_rows(verdict: Verdict) -> list[tuple[str, str, str, str]]:
    """What was reached of each kind: key, meaning, numbers, per cent."""
    return [
        (known.kind, known.meaning, f"{known.reached} of {known.total}", _percent(known))
        for known in verdict.contract_coverage
    ]


def unreached_title(unreached: Unreached) -> str:
    """How much was not reached for a reason."""
    return f"{unreached.count} in {counted(len(unreached.places), 'operation')}: {unreached.reason}"


def unreached_places(unreached: Unreached, most: int) -> list[str]:
    """What was not reached for a reason, by operation."""
    lines = [f"{label}: {', '.join(shortened(places, _SHOWN_PLACES))}" for label, places in unreached.places.items()]
    return shortened(lines, most)


def _percent(known: KindCoverage) -> str:
    """Rounded down, so that 100 % means all."""
    return f"{int(known.percent * 10) / 10:g} %"


def gap_title(gap: Gap) -> str:
    """How many were not tested, and why."""
    if gap.reason == ANOTHER_SEED:
        return f"{counted(gap.count, gap.noun)} of those that take turns: left to runs with other seeds"
    return f"{counted(gap.count, gap.noun)} {gap.kind}: {gap.reason}"


def gaps(verdict: Verdict) -> list[tuple[str, list[Gap]]]:
    """What was not tested: title and gaps.

    Items that were skipped are one entry, whatever the reasons, and those that only take turns another.
    """
    skipped = [gap for gap in verdict.not_tested if gap.kind == SKIPPED and gap.reason != ANOTHER_SEED]
    entries = [(gap_title(gap), [gap]) for gap in verdict.not_tested if len(skipped) == 1 or gap not in skipped]
    if len(skipped) > 1:
        number = sum(gap.count for gap in skipped)
        entries.append((f"{counted(number, 'item')} {SKIPPED}, for {len(skipped)} reasons", skipped))
    return entries


def commands(cluster: Cluster) -> str | None:
    """The commands that show the cause again; None when there are none."""
    return "\n".join(filter(None, (cluster.replay, cluster.rerun))) or None


def known_command(cluster: Cluster, reports: Path, ledger: str) -> str:
    """The command, for any folder, that makes a cause a known issue: in the ledger that the run was given, if any."""
    files = ["--reports", str(reports.resolve()), *(["--known-issues", ledger] if ledger else [])]
    values = ("--reason", "...", "--owner", "...", "--ticket", "...", "--expires", "YYYY-MM-DD")
    return conform_command("known", "add", cluster.id, *files, *values)


def rule(cluster: Cluster, api: str) -> str:
    """Where the rule of a cause is written: the pointer, with file and line of the specification where it has one."""
    place = place_of(api, cluster.versions[0], cluster.source) if cluster.versions else None
    return f"{cluster.source} ({place[0].name}, line {place[1]})" if place else cluster.source


def further(reasons: Sequence[str], sentence: str) -> list[str]:
    """The reasons of a decision that its sentence does not give already."""
    return [reason for reason in reasons if reason.rstrip(".") not in sentence]


def shortened(values: Sequence[str], most: int) -> list[str]:
    """The first values, and how many more there are."""
    more = len(values) - most
    return [*values[:most], f"and {more} more"] if more > 0 else list(values)


def _compared(comparison: RunComparison) -> list[str]:
    parts = (
        (comparison.appeared, "cause", "not in that run"),
        (comparison.gone, "cause", "only in that run"),
        (comparison.lost, "operation", "no longer successful"),
        (comparison.reached, "operation", "now successful"),
    )
    sentences = [f"{counted(len(values), noun)} {what}" for values, noun, what in parts if values]
    heading = f"Compared with {', '.join(comparison.versions)} of {moment(comparison.at)}:"
    return [heading, *sentences] if sentences else [f"{heading} no difference."]
