"""The wheel works from an empty folder, without the checkout; the sdist builds the same wheel."""

import json
import re
import subprocess
import tarfile
from pathlib import Path

import httpx

from tests.support.installed_package import PROJECT, InstalledPackage, build


def _untracked() -> str:
    return subprocess.run(
        ["git", "status", "--porcelain", "--ignored"], cwd=PROJECT, capture_output=True, text=True, check=False
    ).stdout


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if "__pycache__" not in path.parts}


def test_the_sdist_builds_the_same_wheel_and_a_build_leaves_nothing_behind(wheel: Path, tmp_path: Path) -> None:
    before = _untracked()
    with tarfile.open(build("sdist", tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = (path for path in tmp_path.iterdir() if path.name.startswith("ampeco"))
    assert build("wheel", tmp_path / "again", source).read_bytes() == wheel.read_bytes()
    assert _untracked() == before


def test_a_run_in_an_empty_folder_keeps_the_contract_and_writes_its_report_there(
    package: InstalledPackage, tmp_path: Path
) -> None:
    before = _files(package.home)
    run = package.run(tmp_path, "conform", "run", "--api", "spirii", "--profile", "smoke", "--no-html")
    assert run.returncode == 0, run.stderr
    assert "The contract is kept" in run.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"reports"}
    assert (tmp_path / "reports/index.html").is_file()
    # What is made once is in the user's cache; the package may be read-only.
    assert _files(package.home) == before


def test_the_emulator_serves(package: InstalledPackage, tmp_path: Path) -> None:
    command = package.command("ampeco-emulator", "--api", "spirii", "--port", "0", "--until-stdin-ends")
    with subprocess.Popen(
        command, cwd=tmp_path, env=package.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address is not None
        assert httpx.get(f"{address[0]}/v1/anything", trust_env=False).status_code in (401, 404)
        process.terminate()


def test_an_import_goes_into_the_users_folder_not_into_the_package(package: InstalledPackage, tmp_path: Path) -> None:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Mine", "version": "9.9.9"},
        "paths": {"/v1/things": {"get": {"responses": {"200": {"description": "Things"}}}}},
    }
    (tmp_path / "broken.json").write_text("{")
    assert package.run(tmp_path, "conform", "specs", "import", "broken.json", "--api", "spirii").returncode == 2
    assert not (tmp_path / "specs").exists(), "a failed import has copied the specifications"
    (tmp_path / "mine.json").write_text(json.dumps(document))
    before = _files(package.home)
    imported = package.run(tmp_path, "conform", "specs", "import", "mine.json", "--api", "spirii")
    assert imported.returncode == 0, imported.stderr
    assert "9.9.9" in package.run(tmp_path, "conform", "specs", "list", "--api", "spirii").stdout
    assert (tmp_path / "specs/catalog.yaml").is_file()
    assert _files(package.home) == before


def test_the_projects_own_tests_need_a_clone(package: InstalledPackage, tmp_path: Path) -> None:
    result = package.run(tmp_path, "conform", "test")
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    assert "clone" in result.stderr
