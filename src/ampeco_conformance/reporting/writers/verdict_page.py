"""The verdict as one HTML page that loads nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ampeco_conformance.checks.registry import check_of
from ampeco_conformance.core.pages import Chart, render_page
from ampeco_conformance.reporting import labels
from ampeco_conformance.reporting.clusters import BROKEN, Cluster
from ampeco_conformance.reporting.operations import TestedOperation
from ampeco_conformance.reporting.verdict import COUNTED, SECTIONS, Verdict
from ampeco_conformance.reporting.writers import charts

_PAGE = Path(__file__).parents[1] / "templates" / "verdict.html"
_SHOWN_CLUSTERS = 100
_SHOWN_PLACES = 40


#: The parts of the page, in their order: each is a template in templates/verdict/.
_PARTS = ("changed", "causes", "untested", "others", "operations", "coverage", "charts")


@dataclass(frozen=True, slots=True)
class _Section:
    """A section of the page, with its cards."""

    name: str
    meaning: str
    clusters: list[Cluster]


def render_html(
    verdict: Verdict,
    links: Mapping[str, str],
    allure_ids: Mapping[str, str],
    evidence: Mapping[str, Mapping[str, str]],
    operations: Sequence[TestedOperation],
    origins: Sequence[tuple[str, str]],
) -> str:
    """The page. `links` are titles and relative paths of other reports; `allure_ids` maps node ids to ids in Allure,
    `evidence` maps the cases of findings to their exchanges as texts, `origins` are names and values for the footer.
    """

    def allure_id(cluster: Cluster) -> str | None:
        return next((allure_ids[node_id] for node_id in cluster.node_ids if node_id in allure_ids), None)

    sections = [_Section(name, meaning, verdict.cards(name)) for name, meaning in SECTIONS.items()]
    return render_page(
        _PAGE,
        title=f"{labels.DECISIONS[verdict.decision]}: {labels.subject(verdict)}",
        word=labels.DECISIONS[verdict.decision],
        verdict=verdict,
        parts=[f"verdict/{name}.html" for name in _PARTS],
        sections=[section for section in sections if section.clusters],
        counted=COUNTED,
        empty=[section.name for section in sections if not section.clusters],
        shown_clusters=_SHOWN_CLUSTERS,
        shown_places=_SHOWN_PLACES,
        charts=_charts(verdict),
        links=links,
        labels=labels,
        claim=_claim,
        rule=lambda cluster: labels.rule(cluster, verdict.run.api),
        allure_id=allure_id,
        evidence=evidence,
        operations=operations,
        origins=origins,
    )


def _claim(cluster: Cluster) -> str | None:
    """What the contract says; an item that could not be judged breaks no rule."""
    return None if cluster.check == BROKEN else check_of(cluster.check).claim


def _charts(verdict: Verdict) -> list[tuple[str, str, Chart]]:
    """Title, hint and picture of each chart."""
    runs = [*verdict.earlier, verdict.run]
    same_versions = [run for run in runs if run.versions == verdict.run.versions]
    colours = "green: kept, blue: in part, red: violated"
    drawn = [
        (
            "Causes over time",
            f"One bar per run of this version; {colours}.",
            charts.causes_over_time(same_versions),
        ),
        (
            "Versions",
            f"One dot per run of a version on this target; {colours}.",
            charts.runs_by_version(runs),
        ),
    ]
    if verdict.slowest:
        slowest = verdict.slowest[0]
        hint = f"Slowest: {slowest.operation}, 95 % within {slowest.p95:g} ms. Dark: median; light: 95th percentile."
        drawn.append(("Response times", hint, charts.slowest_operations(verdict.slowest)))
    if verdict.coverage:
        hint = "Operations that succeeded, and the results of each aspect: green passed, red failed, orange broke."
        drawn.append(("Results by tag and aspect", hint, charts.heat_map(verdict.coverage)))
    return drawn
