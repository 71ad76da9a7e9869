"""`conform specs` as a user meets it."""

import json
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
import yaml
from openapi_spec_validator import validate

from ampeco_conformance.cli.main import main
from ampeco_conformance.specs import load_catalog, load_specification, store_directory
from ampeco_conformance.specs.loading import STORE_VARIABLE
from ampeco_conformance.specs.writing import to_yaml
from tests.support.documents import minimal_document


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["specs", *arguments]) == 0
    return capsys.readouterr().out


def test_list_shows_every_version_with_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "list").splitlines()
    assert lines[0].split() == ["API", "Version", "Operations", "Deprecated", "Provenance", "Evidence"]
    rows = {line.split()[1]: line.split(maxsplit=5) for line in lines[1:]}
    versions = [(entry.api, entry.version) for entry in load_catalog(store_directory())]
    assert [(row[0], row[1]) for row in rows.values()] == versions
    assert rows["3.66.0"][:5] == ["ampeco", "3.66.0", "396", "1", "documented"]
    assert rows["3.67.0"][:5] == ["ampeco", "3.67.0", "396", "1", "inferred"]
    assert rows["3.110.0"][:5] == ["ampeco", "3.110.0", "452", "69", "documented"]
    assert rows["v1"][:5] == ["spirii", "v1", "2", "0", "documented"]


def test_list_for_programs_has_the_same_figures(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["version"]: row for row in json.loads(run(capsys, "list", "--format", "json", "--api", "ampeco"))}
    assert rows["3.66.0"].items() >= {"api": "ampeco", "operations": 396, "deprecated": 1}.items()
    assert rows["3.67.0"]["provenance"] == "inferred"


@pytest.mark.usefixtures("store")
def test_list_of_one_api(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.split()[1] for line in run(capsys, "list", "--api", "ampeco").splitlines()[1:]] == ["1.0.0", "1.1.0"]


def test_show_a_version(capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(capsys, "show", "3.85.1")
    assert shown.startswith("AMPECO Public API 3.85.1\n424 operations, 1 deprecated\ndocumented: ")
    assert "\nresource / user\n" in shown
    assert "\nGET    /public-api/resources/users/v1.0  Users / Listing\n" in shown


@pytest.mark.parametrize("name", ["GET /public-api/resources/bookings/v1.0", "listBookingsV1"])
def test_show_an_operation_with_its_fields(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(capsys, "show", "3.110.0", name)
    assert shown.startswith("GET /public-api/resources/bookings/v1.0\nBookings / Listing (listBookingsV1, ")
    assert "├── per_page (query) integer default=100 minimum=1 maximum=100" in shown
    assert "status* string one of accepted, reserved, completed, cancelled, no-show, failed" in shown
    assert "emspPartyId* string" in shown


def test_show_an_operation_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["specs", "show", "3.85.1", "/bookings/v1.0/"]) == 2
    assert capsys.readouterr().err == (
        "conform: ampeco 3.85.1 has no operation '/bookings/v1.0/'; "
        "did you mean GET /public-api/resources/bookings/v1.0/{booking}?\n"
    )


@pytest.mark.usefixtures("store")
def test_show_ends_on_a_recursive_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = minimal_document("1.2.0", {"/tree": "getTreeV1"})
    document["components"]["schemas"]["Thing"]["properties"]["part"] = {"$ref": "#/components/schemas/Thing"}
    source = tmp_path / "vendor.json"
    source.write_text(json.dumps(document))
    run(capsys, "import", str(source))
    assert run(capsys, "show", "1.2.0", "getTreeV1").splitlines()[-3:] == [
        "├── id integer",
        "└── part object",
        "    └── the same again",
    ]


@pytest.mark.parametrize(("version", "api"), [("3.66.0", "ampeco"), ("v1", "spirii")])
def test_export_gives_the_whole_document_in_both_forms(
    version: str, api: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = load_specification(version, api).document
    printed = run(capsys, "export", version, "--api", api)
    run(capsys, "export", version, "--api", api, "-o", str(tmp_path / "a.json"))
    run(capsys, "export", version, "--api", api, "-o", str(tmp_path / "a.txt"), "--format", "json")
    loaded = yaml.load(printed, Loader=yaml.CSafeLoader)
    assert loaded == document
    assert list(loaded["paths"]) == list(document["paths"])
    assert orjson.loads((tmp_path / "a.json").read_bytes()) == document
    assert (tmp_path / "a.json").read_text() == (tmp_path / "a.txt").read_text()
    validate(loaded)


def test_export_to_a_place_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["specs", "export", "3.90.0", "-o", str(tmp_path / "none" / "a.yaml")]) == 2
    assert capsys.readouterr().err == f"conform: {tmp_path}/none/a.yaml cannot be written: No such file or directory\n"


def test_lint_of_a_sound_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "lint", "v1", "--api", "spirii") == "spirii v1: no problems\n"


def test_lint_lists_problems_and_exits_1(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = minimal_document("1.1.0", {"/users": "listUsersV1", "/taxes": "taxes"})
    (store / "ampeco" / "v1.1.0.yaml").write_text(to_yaml(document))
    assert main(["specs", "lint"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "ampeco 1.0.0: no problems",
        "ampeco 1.1.0: 1 problem",
        "  names GET /taxes has the operationId 'taxes', not like listUsersV1",
    ]


def test_another_store_is_named_by_the_environment(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ampeco_conformance.cli.main", "specs", "list"],
        capture_output=True,
        text=True,
        check=False,
        env={STORE_VARIABLE: str(tmp_path), "PATH": ""},
    )
    assert done.returncode == 2
    assert done.stderr == f"conform: {tmp_path}/catalog.yaml is missing; is this the specification store?\n"
