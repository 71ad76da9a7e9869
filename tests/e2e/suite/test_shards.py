"""Shards together are the whole run, and a missing one is named."""

from pathlib import Path

import pytest

from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.merging import merge_shards
from ampeco_conformance.reporting.results import read_results
from tests.support.ended_run import Run
from tests.support.runs import conform_run

SELECTION = ("--operation", "*/taxes/v2.0*", "--defect", "drop-id", "--workers", "1")
ASPECTS = ("--", "-k", "test_operations or test_errors or test_headers")
SHARDS = 4


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The reports of four shards."""
    folders = [tmp_path_factory.mktemp(f"shard{number}") for number in range(1, SHARDS + 1)]
    for number, folder in enumerate(folders, start=1):
        run = conform_run(folder, *SELECTION, "--run-id", "pipeline-17", "--shard", f"{number}/{SHARDS}", *ASPECTS)
        assert run.code in (ExitCode.CONFORM, ExitCode.VIOLATION), run.said
    return folders


def verdicts(results: list[ItemResult]) -> dict[str, str]:
    """Status by identity."""
    return {result.node_id: result.status for result in results}


def test_four_shards_together_are_one_run(shards: list[Path], tmp_path: Path) -> None:
    whole = conform_run(tmp_path / "whole", *SELECTION, *ASPECTS)
    merged = merge_shards(shards, tmp_path / "merged")
    assert merged.missing == ()
    joined = Run(whole.code, "", tmp_path / "merged", tmp_path / "merged" / "allure-results")
    assert verdicts(read_results(joined.reports)) == verdicts(read_results(whole.reports))
    assert {result["fullName"] for result in joined.results} == {result["fullName"] for result in whole.results}
    for key in ("items", "tested", "reached", "failures", "verdict"):
        assert joined.summary[key] == whole.summary[key], key


def test_a_missing_shard_and_its_items_are_named(shards: list[Path], tmp_path: Path) -> None:
    missing = merge_shards([shards[0], *shards[2:]], tmp_path)
    assert missing.missing[0] == "shard 2/4 is missing"
    assert missing.missing[1:] == tuple(f"{result.node_id} did not run" for result in read_results(shards[1]))


def test_what_does_not_belong_together_is_not_joined(shards: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="are both shard 1/4"):
        merge_shards([shards[0], shards[0]], tmp_path)
    with pytest.raises(ConfigurationError, match="is one of the shards"):
        merge_shards(shards, shards[0])
    with pytest.raises(ConfigurationError, match=r"selection\.json cannot be read"):
        merge_shards([tmp_path / "nothing"], tmp_path)


def test_a_shard_that_cannot_be_is_refused_in_one_line(tmp_path: Path) -> None:
    run = conform_run(tmp_path, *SELECTION, "--shard", "5/4")
    assert run.code == ExitCode.CONFIGURATION
    assert run.said.strip().splitlines()[-1] == "conform: --shard 5/4 is not I/N with I from 1 to N (example: 2/4)"
