"""`./conform selftest` as a user runs it: what is found, what is not, and what an interruption leaves."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.emulator_client.process import NamedBehaviour
from ampeco_conformance.plugin.selftest import ordered
from tests.support.runs import conform_apart

COMMAND = [sys.executable, "-m", "ampeco_conformance.cli.main", "selftest", "--workers", "2"]
#: No scenario uses them.
UTILITIES = "GET */utilities/v1.0*"
#: Their items, more than a hundred, take longer than a second.
CHARGE_POINTS = "*/charge-points/v*"
# Its operation is not tested.
HARMLESS = "drop-field:GET /public-api/resources/utilities/v1.0:name"


def selftest(reports: Path, *arguments: str, folder: Path | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "--reports", str(reports), *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def results(reports: Path) -> dict[str, dict[str, Any]]:
    return {result["defect"]: result for result in json.loads((reports / "selftest.json").read_text())}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The reports and the output of a selftest with one defect and the control, in which nothing is wrong."""
    reports = tmp_path_factory.mktemp("clean")
    process = selftest(reports, "--defect", "drop-id", "--defect", "healthy", "--operation", UTILITIES)
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    return reports, stdout


def test_a_defect_is_found(clean: tuple[Path, str]) -> None:
    reports, stdout = clean
    assert "1 of 1 defect found" in stdout
    assert "1 of 1 defect found" in (reports / "selftest.md").read_text()
    assert results(reports)["drop-id"]["check"] == "response_schema_conformance"
    assert results(reports)["drop-id"]["requests"] > 0


def test_the_control_is_clean(clean: tuple[Path, str]) -> None:
    reports, _ = clean
    assert results(reports)["healthy"]["test"] is None
    assert results(reports)["healthy"]["items"] > 0


def test_a_defect_that_no_test_finds_in_time_fails(tmp_path: Path) -> None:
    process = selftest(tmp_path, "--defect", HARMLESS, "--time-limit", "1", "--operation", CHARGE_POINTS)
    stdout, _ = process.communicate()
    assert process.returncode == 1
    assert 0 < results(tmp_path)[HARMLESS]["items"] < 100
    assert "NOT FOUND" in stdout
    assert "0 of 1 defect found" in stdout


def test_mutations_are_drawn_and_found(tmp_path: Path) -> None:
    process = selftest(tmp_path, "--mutations", "1", "--seed", "9", "--operation", UTILITIES)
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stdout + stderr
    assert "1 mutations leave the schema: 1 of 1 (100 %) found" in stdout
    rows = json.loads((tmp_path / "mutations.json").read_text())
    assert [row["outcome"] for row in rows] == ["found", "found"]
    assert all(row["tried"]["changed"] > 0 for row in rows)
    assert all("/utilities/v1.0" in row["operation"] for row in rows)
    assert "## Found" in (tmp_path / "mutations.md").read_text()


def test_a_variant_has_no_failure(tmp_path: Path) -> None:
    process = selftest(tmp_path, "--variant", "finance-decimals")
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stdout + stderr
    assert "1 of 1 variants without a failure" in stdout
    (row,) = json.loads((tmp_path / "variants.json").read_text())
    assert (row["variant"], row["failed"], row["complete"]) == ("finance-decimals", {}, True)
    assert row["passed"] > 0
    assert "| `finance-decimals` | spirii |" in (tmp_path / "variants.md").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--variant", "car-flies"), "unknown variant 'car-flies'"),
        (("--defect", "drop-idd"), "unknown defect 'drop-idd'"),
        (("--operation", "*/taxis/*"), "no operation of ampeco 3.90.0 matches */taxis/*"),
        (("--operation", "*/taxis/*", "--mutations", "1"), "no operation of ampeco 3.90.0 matches */taxis/*"),
        (("--operation", UTILITIES, "--variant", "finance-decimals"), f"no operation of spirii v1 matches {UTILITIES}"),
    ],
)
def test_what_does_not_exist_is_refused_at_once(words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    code, _, stderr = conform_apart("selftest", "--reports", str(tmp_path), *words)
    assert code == 2
    assert stderr.startswith(f"conform: {message}")
    assert not list(tmp_path.iterdir())


def test_an_interrupted_selftest_shows_what_it_has(tmp_path: Path) -> None:
    # Called in another folder, it is a process of its own instead of a fork: an interruption is of the whole of it.
    arguments = ("--defect", "drop-id", "--defect", HARMLESS, "--operation", CHARGE_POINTS)
    process = selftest(tmp_path, *arguments, folder=tmp_path)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("drop-id: ")
    process.send_signal(signal.SIGINT)
    stdout, _ = process.communicate()
    assert process.returncode == 130
    assert "1 of 2 defects found" in stdout
    assert results(tmp_path)["drop-id"]["test"] is not None


def test_the_order_is_a_hint_and_leaves_nothing_out(request: pytest.FixtureRequest) -> None:
    items = request.session.items
    assert sorted(item.nodeid for item in ordered(items, NamedBehaviour("any", "pagination", ""))) == sorted(
        item.nodeid for item in items
    )
