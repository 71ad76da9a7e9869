"""The findings that count as annotations of GitHub Actions, with file and line of the specification."""

from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.core.workflow_commands import annotation
from ampeco_conformance.reporting import labels
from ampeco_conformance.reporting.clusters import Cluster
from ampeco_conformance.reporting.links import place_of
from ampeco_conformance.reporting.verdict import Verdict

#: GitHub shows ten annotations of each level for a step.
_SHOWN = 9


def render_annotations(verdict: Verdict) -> str:
    """An error for each of the worst causes, then the decision as a notice."""
    lines = [_error(cause, verdict.run.api) for cause in verdict.causes[:_SHOWN]]
    decision = f"{labels.DECISIONS[verdict.decision]}: {labels.subject(verdict)}"
    lines.append(annotation("notice", decision, verdict.sentence))
    return "".join(f"{line}\n" for line in lines)


def _error(cluster: Cluster, api: str) -> str:
    message = f"{labels.headline(cluster)} ({labels.spread(cluster)})"
    place = place_of(api, cluster.versions[0], cluster.source) if cluster.versions else None
    if place is None:
        return annotation("error", cluster.check, message)
    file, line = place
    name = str(file.relative_to(PROJECT)) if file.is_relative_to(PROJECT) else str(file)
    return annotation("error", cluster.check, message, file=name, line=line)
