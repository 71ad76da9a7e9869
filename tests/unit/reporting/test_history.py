"""Findings in the history of an earlier release are not new."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.clusters import Cluster, clusters_of
from ampeco_conformance.reporting.history import RUNS, read_history, sent_today, sort_into_sections, write_history
from tests.support.old_release import OLD, reported_again


def sorted_clusters(results: list[ItemResult], passed: set[str]) -> tuple[list[Cluster], list[Cluster]]:
    """The clusters of results after the old history, and those that are gone."""
    clusters = clusters_of(results)
    gone, _ = sort_into_sections(clusters, read_history(OLD / "history"), passed)
    return clusters, gone


def test_what_an_earlier_release_has_found_is_open() -> None:
    clusters, gone = sorted_clusters(reported_again(), set())
    assert {cluster.location for cluster in clusters} == {"/meta/last_page", "/links/last", "/links/next"}
    assert {cluster.section for cluster in clusters} == {"open"}
    assert {cluster.first_seen for cluster in clusters} == {read_history(OLD / "history")[-1].at}
    assert not gone


def test_another_operation_or_place_is_new() -> None:
    elsewhere = [
        replace(
            result,
            findings=tuple(
                replace(finding, operation="GET /other")
                if finding.location == "/links/last"
                else replace(finding, location="/links/first")
                for finding in result.findings
                if finding.check == "pagination_links"
            ),
        )
        for result in reported_again()
    ]
    clusters, _ = sorted_clusters(elsewhere, set())
    assert [cluster.section for cluster in clusters] == ["new", "new"]


def test_what_is_gone_is_fixed() -> None:
    kept = [result for result in reported_again() if result.aspect != "page_size"]
    page_size = next(result for result in reported_again() if result.aspect == "page_size" and result.findings)
    _, gone = sorted_clusters(kept, {page_size.name})
    assert [(cluster.location, cluster.section) for cluster in gone] == [("/links/next", "fixed")]


def test_the_requests_of_a_day_are_those_of_all_runs_on_the_target(tmp_path: Path) -> None:
    run = replace(read_history(OLD / "history")[-1], target="staging", at=time.time(), requests=300)
    yesterday = replace(run, id="yesterday", at=run.at - 86_400)
    ahead = replace(run, id="a clock that was ahead", at=run.at + 10 * 86_400)
    past = [yesterday, ahead, replace(run, id="other", target="production"), replace(run, id="first", requests=5)]
    write_history(past, run, tmp_path)
    assert sent_today(tmp_path, "staging") == 305


@pytest.mark.parametrize("value", ["x", None, True, [1], {"a": []}, 1e300])
def test_a_line_with_values_of_other_types_is_left_out(value: object, tmp_path: Path) -> None:
    (line, *_) = (OLD / "history" / RUNS).read_text().splitlines()
    run = json.loads(line)
    finding = next(iter(run["findings"].values()))
    damaged = [
        *({**run, name: value} for name in ("at", "requests", "versions", "findings")),
        *({**run, "findings": {"a": {**finding, name: value}}} for name in ("operations", "items")),
    ]
    (tmp_path / RUNS).write_text("".join(f"{json.dumps(content)}\n" for content in damaged) + line)
    assert [past.id for past in read_history(tmp_path)] == [run["id"]]
