"""What falls short of the plan is never a success: exit code and `verdict.json` of such runs."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.cli.pytest_arguments import refuse_arguments_that_run_nothing
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.plan import PLAN, read_plan, write_plan
from ampeco_conformance.reporting.reports_folder import reserved
from ampeco_conformance.reporting.results import ITEMS, append_results, read_results
from ampeco_conformance.reporting.summary import summarise, write_summary
from tests.support.finished_runs import LIST, OTHER, READ, failed, passed, plan_of
from tests.support.small_suite import run_suite_that_ends_early

_EXPECTED_TO_FAIL = """
import pytest

from ampeco_conformance.core.checks import scenario_check
from ampeco_conformance.core.findings import ContractViolation, Finding


@pytest.mark.xfail
def test_excused(target):
    violation = scenario_check("kept").violation("broken", "", expected="a", actual="b", source="")
    raise ContractViolation([Finding(violation, "a scenario", "3.90.0", None)])
"""
EVERYTHING = [passed(), passed(LIST), passed(OTHER), passed("GET /bookings")]


def decision(reports: Path) -> str:
    """The decision in verdict.json."""
    return str(json.loads((reports / "verdict.json").read_text())["decision"])


def made(reports: Path, results: list[ItemResult], **plan: Any) -> Path:
    """The folder of a run with these results."""
    reports.mkdir()
    append_results(results, reports)
    written = plan_of(results, **plan)
    write_plan(written, reports)
    write_summary(summarise(results, written, seconds=1.0), reports)
    return reports


def report(reports: Path, *words: str) -> tuple[int, str]:
    """Exit code of `./conform report`, and the decision it wrote."""
    code = main(["report", *words, "--no-html", "--reports", str(reports)])
    return code, decision(reports)


def lines(change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    """Changes the lines of the results."""

    def edit(reports: Path) -> None:
        file = reports / ITEMS
        file.write_text("".join(f"{line}\n" for line in change(file.read_text().splitlines())))

    return edit


def shorten_the_plan(reports: Path) -> None:
    plan = json.loads((reports / PLAN).read_text())
    (reports / PLAN).write_text(json.dumps({**plan, "own": plan["own"][:2]}))


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lines(lambda _: []), 4),
        (lines(lambda found: found[:2]), 4),
        (lines(lambda found: [*found, found[0]]), 4),
        (lines(lambda found: [found[0].replace('"status":"passed"', '"status":"failed"'), *found[1:]]), 4),
        (shorten_the_plan, 4),
        (lambda reports: (reports / PLAN).unlink(), 4),
        (lambda reports: (reports / "run.json").unlink(), 130),
    ],
    ids=["emptied", "halved", "doubled", "row changed", "plan shortened", "plan lost", "summary lost"],
)
def test_a_report_decides_from_the_files_anew(damage: Callable[[Path], None], code: int, tmp_path: Path) -> None:
    reports = made(tmp_path / "reports", EVERYTHING)
    assert report(reports) == (0, "go")
    damage(reports)
    assert report(reports) == (code, "unknown")


def shards(folder: Path, results: list[ItemResult] = EVERYTHING, **different: Any) -> list[Path]:
    """The folders of two shards of a run."""
    selected = [result.node_id for result in results]
    return [
        made(folder / f"{number}", results[number - 1 :: 2], shard=number, shards=2, selected=selected, **different)
        for number in (1, 2)
    ]


def merge(folder: Path, given: list[Path]) -> tuple[int, str]:
    """Exit code and decision of merging shards."""
    return report(folder / "merged", "merge", *map(str, given))


def test_shards_together_are_the_whole_run(tmp_path: Path) -> None:
    given = shards(tmp_path)
    assert report(given[0]) == (0, "partial")
    assert merge(tmp_path, given) == (0, "go")


def test_merging_keeps_the_threshold_of_the_shards(tmp_path: Path) -> None:
    unreached = [replace(result, reached=()) for result in EVERYTHING[:3]]
    given = shards(tmp_path, [*unreached, EVERYTHING[3]], min_reached=95.0)
    assert merge(tmp_path, given) == (4, "unknown")


@pytest.mark.parametrize(("least", "code"), [(50.0, 0), (51.0, 4)])
def test_merging_judges_the_coverage_of_all_shards_together(least: float, code: int, tmp_path: Path) -> None:
    listing = "GET /public-api/resources/taxes/v2.0"
    results = [passed(listing, node_id=status, coverage={"statuses": {listing: [status]}}) for status in ("200", "401")]
    given = shards(tmp_path, results, min_coverage={"statuses": least})
    assert report(given[0])[0] == 0
    assert merge(tmp_path, given)[0] == code
    (statuses,) = (
        known
        for known in json.loads((tmp_path / "merged" / "verdict.json").read_text())["contract_coverage"]
        if known["kind"] == "statuses"
    )
    assert (statuses["reached"], statuses["total"]) == (2, 4)


@pytest.mark.parametrize("found", [False, True])
@pytest.mark.parametrize("is_given", [False, True])
def test_a_missing_shard_is_no_success(is_given: bool, found: bool, tmp_path: Path) -> None:
    given = shards(tmp_path, [failed(READ) if found else passed(), *EVERYTHING[1:]])
    shutil.rmtree(given[1])
    # The folder of a shard that never began is empty, or not there at all.
    (given[1] / "journal").mkdir(parents=True)
    assert merge(tmp_path, given if is_given else given[:1]) == ((1, "no-go") if found else (4, "unknown"))
    assert (tmp_path / "merged" / "index.html").exists()
    assert (tmp_path / "merged" / "junit.xml").exists()


@pytest.mark.parametrize("different", [{"run": "of yesterday"}, {"run": ""}, {"target": "other"}, {"min_reached": 1.0}])
def test_a_shard_that_is_left_over_or_foreign_is_refused(
    different: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "merged").mkdir()
    (tmp_path / "merged" / "index.html").write_text("go, says an earlier run")
    today, yesterday = shards(tmp_path), shards(tmp_path / "old", **different)
    assert main(["report", "merge", str(today[0]), str(yesterday[1]), "--reports", str(tmp_path / "merged")]) == 2
    assert str(yesterday[1]) in capsys.readouterr().err
    assert not (tmp_path / "merged" / "index.html").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        *("--collect-only", "--co", "--help", "-h", "--version", "--markers", "--fixtures", "--fixtures-per-test"),
        *("--setup-plan", "--setup-only"),
        *("-vh", "-p no:conform-collector", "-pno:conform-collector", "-c /dev/null", "--rootdir=/tmp"),
        *("-o addopts=--co", "@arguments"),
    ],
)
@pytest.mark.parametrize("place", ["command line", "PYTEST_ADDOPTS"])
def test_arguments_that_run_nothing_are_refused_before_anything_starts(
    arguments: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = made(tmp_path / "reports", EVERYTHING)
    report(reports)
    given = arguments.split() if place == "command line" else []
    monkeypatch.setenv("PYTEST_ADDOPTS", "" if given else arguments)
    capsys.readouterr()
    assert main(["run", "--reports", str(reports), "--", *given]) == 2
    assert "pytest would not run the suite" in capsys.readouterr().err
    assert decision(reports) == "go"


@pytest.mark.parametrize("arguments", [["-x"], ["-vv", "-s"], ["-q", "-l", "-k", "reservation"], ["--maxfail", "3"]])
def test_other_arguments_of_pytest_are_taken(arguments: list[str]) -> None:
    refuse_arguments_that_run_nothing(arguments)


@pytest.mark.parametrize("argument", ["--setup-plan", "--fixtures"])
def test_plain_pytest_keeps_its_code_and_the_earlier_report_when_it_runs_nothing(argument: str, tmp_path: Path) -> None:
    report(made(tmp_path / "reports", EVERYTHING))
    run = run_suite_that_ends_early(tmp_path, "is_not_run", "pass", argument)
    assert run.code == 0, run.said
    assert decision(run.reports) == "go"
    assert len((run.reports / ITEMS).read_text().splitlines()) == len(EVERYTHING)


@pytest.mark.parametrize(
    ("statement", "arguments", "code", "reported"),
    [
        ("__import__('os')._exit(0)", [], 0, 130),
        ("__import__('pytest').exit('enough', returncode=0)", [], 130, 130),
        ("__import__('pytest').exit('enough', returncode=0)", ["--numprocesses", "1"], 3, 3),
    ],
    ids=["process exits", "pytest exits", "pytest exits in a worker"],
)
def test_a_test_that_ends_the_run_is_no_success(
    statement: str, arguments: list[str], code: int, reported: int, tmp_path: Path
) -> None:
    run = run_suite_that_ends_early(tmp_path, "ends_it", statement, *arguments)
    assert run.code == code, run.said
    assert report(run.reports) == (reported, "unknown")


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_file_that_cannot_be_imported_is_no_success(processes: str, tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "test_mine.py").write_text("import nonexistent_module\n")
    run = run_suite_that_ends_early(tmp_path, "passes", "pass", "--numprocesses", processes)
    assert run.code == 2, run.said
    assert report(run.reports) == (2, "unknown")
    assert "test_mine.py cannot be collected" in (run.reports / "index.html").read_text()


@pytest.mark.parametrize("processes", ["0", "2"])
def test_what_a_file_hides_is_not_kept(processes: str, tmp_path: Path) -> None:
    """Files that skip themselves or are not collected leave items out; an excused item still finds its violation.

    An item that sends no request does not pass.
    """
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "conftest.py").write_text("collect_ignore = ['test_ignored.py']\n")
    (tmp_path / "scenarios" / "test_ignored.py").write_text("def test_it(target): pass\n")
    (tmp_path / "scenarios" / "test_silent.py").write_text("def test_silent(operation, record): pass\n")
    (tmp_path / "scenarios" / "test_absent.py").write_text("__import__('pytest').importorskip('nonexistent_module')\n")
    (tmp_path / "scenarios" / "test_excused.py").write_text(_EXPECTED_TO_FAIL)
    run = run_suite_that_ends_early(tmp_path, "passes", "pass", "--numprocesses", processes)
    assert run.code == 1, run.said
    assert report(run.reports) == (1, "no-go")
    silent = next(result for result in read_results(run.reports) if "test_silent" in result.node_id)
    assert (silent.status, silent.reason) == ("skipped", "no request was sent")
    narrowed = read_plan(run.reports).narrowed
    assert any(line.startswith("scenarios/test_absent.py left itself out: ") for line in narrowed)
    assert "scenarios/test_ignored.py has no items" in narrowed


def test_two_runs_exclude_each_other_in_one_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = made(tmp_path / "reports", EVERYTHING)
    report(reports)
    with reserved(reports):
        assert main(["run", "--reports", str(reports), "--operation", "GET */taxes/v2.0"]) == 3
        assert "another run is writing to" in capsys.readouterr().err
        assert run_suite_that_ends_early(tmp_path, "passes", "pass").code == 3
    assert decision(reports) == "go"
