"""The verdict as one HTML page that loads nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ampeco_conformance.checks.registry import check_of
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.core.pages import Chart, render_page
from ampeco_conformance.reporting import labels
from ampeco_conformance.reporting.clusters import BROKEN, Cluster
from ampeco_conformance.reporting.facets import Facets, attributes
from ampeco_conformance.reporting.operations import TestedOperation
from ampeco_conformance.reporting.verdict import COUNTED, SECTIONS, Verdict
from ampeco_conformance.reporting.writers import charts
from ampeco_conformance.reporting.writers.scenario_steps import ShownScenario

_PAGE = Path(__file__).parents[1] / "templates" / "verdict.html"
_SHOWN_CLUSTERS = 100
_SHOWN_PLACES = 40
_SHOWN_SCENARIOS = 3
_SHOWN_SLOWEST = 15


#: The parts of the page, in their order: each is a template in templates/verdict/.
_PARTS = ("changed", "causes", "untested", "others", "operations", "coverage", "charts")


@dataclass(frozen=True, slots=True)
class _Section:
    """A section of the page, with its cards."""

    name: str
    meaning: str
    clusters: list[Cluster]


@dataclass(frozen=True, slots=True)
class PageDetails:
    """What the page shows beside the verdict.

    `links` are titles and relative paths of other reports, `exchanges` the failing cases as texts, `scenarios` the
    failed ones by node id, `results` those of all items by node id, `allure_ids` their ids in the Allure report (empty
    without one), `origins` names and values for the footer; the run is in `reports`, its known issues are in `ledger`,
    if it was given one.
    """

    links: Mapping[str, str]
    exchanges: Mapping[str, Mapping[str, str]]
    scenarios: Mapping[str, ShownScenario]
    results: Mapping[str, ItemResult]
    allure_ids: Mapping[str, str]
    operations: Sequence[TestedOperation]
    origins: Sequence[tuple[str, str]]
    reports: Path
    ledger: str

    def touched(self, cluster: Cluster) -> list[tuple[str, str | None]]:
        """Where a cause was seen, each with its id in the Allure report."""
        found: dict[str, str | None] = dict.fromkeys(cluster.operations or cluster.items)
        for node_id in cluster.node_ids:
            result = self.results.get(node_id)
            for name in (result.operation, result.name) if result else ():
                if name in found:
                    found[name] = found[name] or self.allure_ids.get(node_id)
        return list(found.items())

    def allure_id(self, cluster: Cluster) -> str | None:
        """The id in the Allure report of an item that shows a cause."""
        return next((self.allure_ids[node_id] for node_id in cluster.node_ids if node_id in self.allure_ids), None)

    def claim(self, cluster: Cluster) -> str | None:
        """What the contract says, a scenario by its title; an item that could not be judged breaks no rule."""
        if cluster.check == BROKEN:
            return None
        check = check_of(cluster.check)
        result = self.results.get(cluster.node_ids[0]) if check.aspect == "scenario" and cluster.node_ids else None
        return (result.story if result else None) or check.claim

    def known_command(self, cluster: Cluster) -> str:
        """The command that makes a cause a known issue."""
        return labels.known_command(cluster, self.reports, self.ledger)

    def scenarios_of(self, cluster: Cluster) -> list[ShownScenario]:
        """The first failed scenarios that show a cause."""
        found = [self.scenarios[node_id] for node_id in cluster.node_ids if node_id in self.scenarios]
        return found[:_SHOWN_SCENARIOS]


def render_html(verdict: Verdict, details: PageDetails) -> str:
    """The page."""
    sections = [_Section(name, meaning, verdict.cards(name)) for name, meaning in SECTIONS.items()]
    facets = Facets([*verdict.causes, *verdict.others], details.operations)
    return render_page(
        _PAGE,
        title=f"{labels.DECISIONS[verdict.decision]}: {labels.subject(verdict)}",
        word=labels.DECISIONS[verdict.decision],
        verdict=verdict,
        parts=[f"verdict/{name}.html" for name in _PARTS],
        sections=[section for section in sections if section.clusters],
        counted=COUNTED,
        # Without causes one line says so of all the sections that count.
        empty=[name for name in SECTIONS if not verdict.cards(name) and (verdict.causes or name not in COUNTED)],
        shown_clusters=_SHOWN_CLUSTERS,
        shown_places=_SHOWN_PLACES,
        charts=_charts(verdict),
        slowest=verdict.slowest[:_SHOWN_SLOWEST],
        details=details,
        cause_facets=lambda cause: attributes(facets.of_cause(cause)),
        operation_facets=lambda row: attributes(facets.of_operation(row)),
        choices=facets.choices(),
        labels=labels,
        claim=details.claim,
        rule=lambda cluster: labels.rule(cluster, verdict.run.api),
    )


def _charts(verdict: Verdict) -> list[tuple[str, str, Chart]]:
    """Title, hint and picture of each chart."""
    runs = [*verdict.earlier, verdict.run]
    same_versions = [run for run in runs if run.versions == verdict.run.versions]
    colours = "green: kept, blue: in part, red: violated"
    return [
        (
            "Causes over time",
            f"Causes in each run of this version, from the first to the last day; {colours}.",
            charts.causes_over_time(same_versions),
        ),
        (
            "Versions",
            f"One dot per run of a version on this target; {colours}.",
            charts.runs_by_version(runs),
        ),
    ]
