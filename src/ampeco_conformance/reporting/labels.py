"""The sentences that the verdict page and its Markdown share."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from ampeco_conformance.apis import describe
from ampeco_conformance.reporting.clusters import Cluster
from ampeco_conformance.reporting.verdict import COUNTED, Gap, RunComparison, Verdict

BIG_WORDS = {"go": "GO", "no-go": "NO-GO", "unknown": "NO VERDICT"}

CERTAINTIES = {
    "deterministic": "came again at once when repeated",
    "flaky": "came again, but not every time",
    "state-dependent": "cannot be expected twice, because the request changes something",
    "unproven": "not repeated, or did not come again",
}

_STATUS = re.compile(r" at (\d{3})$")


def moment(seconds: float) -> str:
    """A moment, given in seconds since the epoch, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def count(number: int, noun: str) -> str:
    """A number with its noun in the right form."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def told(cluster: Cluster) -> str:
    """What is wrong, with fields named as people write them."""
    message = _STATUS.sub(r" in an answer \1", cluster.message)
    if cluster.location.startswith("/"):
        message = message.replace(cluster.location, cluster.location.strip("/").replace("/", "."))
    return f"In {count(len(cluster.places), 'place')}, such as: {message}" if cluster.places else message


def facts(cluster: Cluster) -> str:
    """Where a cause shows, since when, and what came of repeating the request."""
    parts = [spread(cluster)]
    parts += [f"first seen {moment(cluster.first_seen)}"] if cluster.first_seen else []
    parts += [CERTAINTIES[cluster.certainty]] if cluster.certainty else []
    return " · ".join(parts)


def spread(cluster: Cluster) -> str:
    """Where a cause shows: its operations (or items, for a story) and versions."""
    what = (
        count(len(cluster.operations), "operation") if cluster.operations else count(len(cluster.items), "story item")
    )
    return f"{what}, {', '.join(cluster.versions)}" if cluster.versions else what


def subject(verdict: Verdict) -> str:
    """What was tested."""
    run = verdict.run
    return f"{describe(run.api).title} {', '.join(run.versions)} on {run.target}"


def figures(verdict: Verdict) -> list[tuple[str, str]]:
    """The run in numbers, each with its name."""
    run = verdict.run
    stories = verdict.scenarios
    judged = stories.get("passed", 0) + stories.get("failed", 0) + stories.get("broken", 0)
    return [
        ("operations tested", f"{run.tested} of {run.operations}"),
        ("seen succeeding", f"{verdict.reached} of {run.tested}"),
        ("stories passed", f"{stories.get('passed', 0)} of {judged}"),
        ("findings", str(sum(len(verdict.cards(name)) for name in COUNTED))),
        ("undocumented", str(verdict.drift)),
        ("requests", f"{run.requests:,}".replace(",", " ")),
        ("duration", f"{run.seconds:.0f} s"),
    ]


def changes(verdict: Verdict) -> list[tuple[str, list[str]]]:
    """What changed since the last run, and since the last run of another version: a heading with its sentences."""
    run = verdict.run
    due = [("To be done", [f"{count(len(verdict.due), 'known issue')}:", *verdict.due])] if verdict.due else []
    return [
        *due,
        (
            "Since the last run",
            _compared(verdict.since_last_run)
            if verdict.since_last_run
            else [f"This is the first run of {', '.join(run.versions)} on {run.target} in this history."],
        ),
        (
            "Since the last other version",
            _compared(verdict.since_last_version)
            if verdict.since_last_version
            else [f"No other version was run on {run.target} in this history."],
        ),
    ]


def gap_title(gap: Gap) -> str:
    """How many were not tested, and why."""
    return f"{count(gap.count, gap.noun)} {gap.kind}: {gap.reason}"


def shortened(values: Sequence[str], most: int) -> list[str]:
    """The first values, and how many more there are."""
    more = len(values) - most
    return [*values[:most], f"and {more} more"] if more > 0 else list(values)


def _compared(comparison: RunComparison) -> list[str]:
    sentences = [f"Compared with {', '.join(comparison.versions)} of {moment(comparison.at)}:"]
    parts = (
        (comparison.appeared, "finding", "that it did not have"),
        (comparison.gone, "finding", "of it that this run does not have"),
        (comparison.lost, "operation", "no longer seen succeeding"),
        (comparison.reached, "operation", "now seen succeeding"),
    )
    sentences += [f"{count(len(values), noun)} {what}" for values, noun, what in parts if values]
    return sentences if len(sentences) > 1 else [f"{sentences[0]} no difference."]


def again(cluster: Cluster) -> str | None:
    """The commands that show the cause again; None when nobody knows how."""
    replay = f"./conform replay {cluster.case}" if cluster.case else None
    return "\n".join(filter(None, (replay, cluster.rerun))) or None
