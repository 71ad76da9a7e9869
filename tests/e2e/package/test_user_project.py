"""A user's own project: what `conform init` writes, own scenarios and checks, and the fixtures on their own."""

import json
from pathlib import Path

import pytest

from tests.support.installed_package import PROJECT, InstalledPackage

FIXTURES = """
import httpx


def test_the_api_keeps_its_contract(api):
    assert api.get("/v1/charge-records").status == 200


def test_our_client_reads_from_an_emulator(emulator):
    answer = httpx.get(f"{emulator.base_url}/v1/charge-records", headers=emulator.headers, trust_env=False)
    assert answer.status_code == 200
"""
#: Names that the suite has too: of fixtures, and of options.
COLLIDING = """
import pytest


def pytest_addoption(parser):
    parser.addoption("--tenant", dest="tenant", default="theirs")
    parser.addoption("--profile", action="store_true", dest="profile")


@pytest.fixture
def target():
    return "a target"


client = operation = record = clock = target
"""
THEIRS = """
def test_of_another_kind(target, pytestconfig):
    assert target == "a target"
    assert pytestconfig.option.tenant == "theirs"
"""


@pytest.fixture(scope="module")
def project(package: InstalledPackage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    written = package.run(folder, "conform", "init")
    assert written.returncode == 0, written.stderr
    return folder


def test_init_writes_a_project_in_which_pytest_passes(package: InstalledPackage, project: Path) -> None:
    for name in ("tenants.yaml", "strictness.yaml", "known_issues.yaml", ".github/workflows/conformance.yml"):
        assert (project / name).is_file()
    result = package.pytest(project, "-q")
    assert result.returncode == 0, result.stdout
    assert "1 passed" in result.stdout


def test_a_file_named_on_the_command_line_is_found_as_editors_name_it(package: InstalledPackage, project: Path) -> None:
    result = package.pytest(project, "-q", "--collect-only", "conformance/test_own_scenario.py")
    assert "1 test collected" in result.stdout, result.stdout + result.stderr


def test_init_keeps_what_is_there_and_fits_the_ci_system(package: InstalledPackage, tmp_path: Path) -> None:
    (tmp_path / "tenants.yaml").write_text("tenants: {}\n")
    (tmp_path / ".gitlab-ci.yml").touch()
    said = package.run(tmp_path, "conform", "init").stdout
    assert "kept    tenants.yaml" in said
    assert (tmp_path / "tenants.yaml").read_text() == "tenants: {}\n"
    assert (tmp_path / ".gitlab/conformance.yml").is_file()
    assert not (tmp_path / ".github").exists()


def test_own_scenarios_and_checks_are_part_of_a_run(package: InstalledPackage, project: Path) -> None:
    conftest = project / "conformance/conftest.py"
    check = """

@own_check("request-id", claim="Every response names its request.", source="our guideline 7")
def request_id(exchange: Exchange) -> Iterator[str]:
    yield "the response has no X-Request-Id"
"""
    conftest.write_text(conftest.read_text() + check)
    (project / "conftest.py").write_text(COLLIDING)
    run = package.run(project, "conform", "run", "--no-html", "--workers", "1", "--", "-k", "listed_for_its_driver")
    assert run.returncode == 1, run.stderr
    (item,) = map(json.loads, (project / "reports/items.jsonl").read_text().splitlines())
    assert item["layer"] == "scenario"
    assert {finding["check"] for finding in item["findings"]} == {"request-id"}
    assert f"{conftest.parent}/test_own_scenario.py::test_a_session" in item["rerun"]
    replay = json.loads((project / "reports/verdict.json").read_text())["worst"][0]["replay"]
    assert replay.startswith(f"cd {project} && ")
    assert (project / "reports/cases" / f"{replay.partition(' replay ')[2].partition(' ')[0]}.json").is_file()


def test_the_fixtures_work_on_their_own_beside_names_and_options_of_others(
    package: InstalledPackage, tmp_path: Path
) -> None:
    (tmp_path / "conftest.py").write_text(COLLIDING)
    (tmp_path / "test_fixtures.py").write_text(FIXTURES)
    (tmp_path / "test_theirs.py").write_text(THEIRS)
    spirii = ("-q", "--conform-api", "spirii")
    passed = package.pytest(tmp_path, *spirii)
    assert "3 passed" in passed.stdout, passed.stdout
    failed = package.pytest(
        tmp_path, "-q", "--conform-api", "spirii", "--conform-defect", "list-as-object", "test_fixtures.py"
    )
    assert "[response_schema_conformance]" in failed.stdout
    assert "1 failed, 1 passed" in failed.stdout


@pytest.mark.parametrize(
    ("option", "value", "code"), [("--conform-api-version", "no-version", 2), ("--conform-defect", "no-such-thing", 2)]
)
def test_a_wrong_option_ends_the_session_with_one_line(
    option: str, value: str, code: int, package: InstalledPackage, tmp_path: Path
) -> None:
    (tmp_path / "test_fixtures.py").write_text(FIXTURES)
    result = package.pytest(tmp_path, "-q", "--conform-api", "spirii", option, value)
    assert result.returncode == code, result.stdout
    (line,) = [line for line in result.stdout.splitlines() if value in line]
    assert "Traceback" not in result.stdout
    assert "Exit" in line


def test_markers_are_declared_and_collecting_imports_nothing_expensive(
    package: InstalledPackage, tmp_path: Path
) -> None:
    (tmp_path / "test_fixtures.py").write_text(
        f"import sys\nbefore = {{*sys.modules}}\n{FIXTURES}\n"
        "def test_imports():\n    assert 'ampeco_conformance.exercise' not in before\n"
        "    assert 'ampeco_conformance.plugin.selection' not in before\n"
    )
    assert "severity(level)" in package.pytest(tmp_path, "--markers").stdout
    result = package.pytest(tmp_path, "-q", "-k", "imports", "--strict-markers")
    assert "1 passed" in result.stdout, result.stdout


def test_the_guide_shows_the_scenario_and_the_check_that_init_writes() -> None:
    guide = (PROJECT / "docs/guide/own-project.md").read_text()
    for name in ("conftest.py", "test_own_scenario.py"):
        assert (PROJECT / "src/ampeco_conformance/cli/user_project/conformance" / name).read_text() in guide
