"""The verdict as Markdown, for the summary of a CI job or a chat message."""

from collections.abc import Iterator, Sequence

from ampeco_conformance.core.markdown import plain
from ampeco_conformance.reporting import labels
from ampeco_conformance.reporting.clusters import Cluster
from ampeco_conformance.reporting.verdict import COUNTED, SECTIONS, Verdict

_SHOWN_CLUSTERS = 20
_SHOWN_NAMES = 5
_SIGNS = {"go": "✅", "partial": "🔹", "no-go": "❌", "unknown": "⚠️"}


def render_markdown(verdict: Verdict) -> str:
    """The verdict, bounded to the size of a job summary."""
    return "\n".join(_lines(verdict))


def _lines(verdict: Verdict) -> Iterator[str]:
    yield f"# {_SIGNS[verdict.decision]} {labels.DECISIONS[verdict.decision]}: {plain(labels.subject(verdict))}"
    yield ""
    yield plain(verdict.sentence)
    yield from (
        f"- {plain(reason)}"
        for reason in labels.shortened(labels.further(verdict.reasons, verdict.sentence), _SHOWN_CLUSTERS)
    )
    if verdict.incomplete:
        yield f"\n**Incomplete.** {verdict.incomplete}"
    yield ""
    figures = labels.figures(verdict)
    yield f"| {' | '.join(name for name, _ in figures)} |"
    yield f"|{' --- |' * len(figures)}"
    yield f"| {' | '.join(value for _, value in figures)} |"
    yield "\n## What changed\n"
    for heading, sentences in labels.changes(verdict):
        yield f"- {heading}: {plain(sentences[0])}"
        yield from (f"  - {plain(sentence)}" for sentence in sentences[1:])
    yield "\n## Causes\n"
    yield from _sections(verdict, COUNTED)
    yield "\n## What was not tested\n"
    for title, gaps in labels.gaps(verdict)[:_SHOWN_CLUSTERS]:
        yield f"- {plain(title)}"
        names = gaps[0].names if len(gaps) == 1 else []
        yield from (f"  - {plain(name)}" for name in labels.shortened(names, _SHOWN_NAMES))
    if not verdict.not_tested:
        yield "Everything was tested."
    yield from (f"- {plain(note)}" for note in verdict.notes)
    yield "\n## Other findings\n"
    yield from _sections(verdict, [name for name in SECTIONS if name not in COUNTED])
    yield from _coverage(verdict)
    yield ""


def _sections(verdict: Verdict, names: Sequence[str]) -> Iterator[str]:
    """The causes of sections; those that are empty are one line."""
    for name in names:
        clusters = verdict.cards(name)
        if clusters:
            yield f"- **{name.capitalize()}**: {len(clusters)}"
        yield from (f"  - {_card(cluster)}" for cluster in clusters[:_SHOWN_CLUSTERS])
        if len(clusters) > _SHOWN_CLUSTERS:
            yield f"  - and {len(clusters) - _SHOWN_CLUSTERS} more"
    if empty := [name for name in names if not verdict.cards(name)]:
        yield f"- No {', '.join(empty)} findings"


def _coverage(verdict: Verdict) -> Iterator[str]:
    if not verdict.contract_coverage:
        return
    yield "\n## Coverage\n"
    yield "| kind | reached | % | what counts |"
    yield "| --- | --- | --- | --- |"
    yield from (
        f"| {kind} | {numbers} | {percent} | {meaning} |"
        for kind, meaning, numbers, percent in labels.coverage_rows(verdict)
    )


def _card(cluster: Cluster) -> str:
    issue = f", {plain(cluster.issue)}" if cluster.issue else ""
    example = f", such as {plain(cluster.operations[0])}" if cluster.operations else ""
    where = f"{plain(labels.spread(cluster))}{example}"
    return f"**{cluster.severity}** `{cluster.check}`: {plain(labels.headline(cluster))} ({where}{issue})"
