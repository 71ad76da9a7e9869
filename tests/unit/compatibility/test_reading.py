"""Documents as they are shipped: what cannot be understood is named and costs only itself."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.rendering.github import render_github
from ampeco_conformance.compatibility.rendering.source_places import source_places
from ampeco_conformance.compatibility.report import ComparisonReport, compare
from ampeco_conformance.compatibility.rules import ChangeSeverity
from tests.support.comparison import compared, with_schema

Json = Any

HEAD = "openapi: 3.0.3\ninfo: {title: Depots, version: '1'}\n"
STATES = "{type: string, enum: [open, closed]}"
DOCUMENT = f"""{HEAD}
paths:
  /depots:
    get:
      responses:
        '200':
          content:
            application/json:
              schema: {{properties: {{state: {STATES}, EXTRA}}}}
"""
"""A document whose response has an enum, and room for something odd beside it."""


def report(folder: Path, old: str, new: str) -> ComparisonReport:
    (folder / "old.yaml").write_text(old)
    (folder / "new.yaml").write_text(new)
    sides = [load_contract(str(folder / name)) for name in ("old.yaml", "new.yaml")]
    return compare(sides[0], sides[1], load_policy("strict"))


@pytest.mark.parametrize(
    "extra",
    [
        "phone: {type: string, example: 0498765}",
        "size: {type: integer, minimum: -99999999999999999999, maximum: 0x1F}",
        "one: &same {type: string}, two: &same {type: integer}, three: *same",
        "tagged: {type: string, default: !Special 1, example: !!set {a, b}}",
        "sample: {type: object, example: {$ref: '#/nowhere'}, x-note: {$ref: ./no-file.yaml}}",
        "nothing: null",
        "$ref: {type: string}",
        "old: {type: string, minLength: -1, required: true}",
        "odd: {oneOf: [], items: [{type: string}], type: file}",
        "broken: {$ref: '#/components/schemas/Missing'}",
        "round: {$ref: '#/paths/~1depots/get/responses/200/content/application~1json/schema/properties/round'}",
        "text: just a text",
    ],
)
def test_what_is_odd_beside_a_change_hides_nothing(extra: str, tmp_path: Path) -> None:
    old = DOCUMENT.replace("EXTRA", extra)
    found = report(tmp_path, old, old.replace("closed]", "closed, moved]"))
    assert [(group.first.rule, group.severity) for group in found.groups if group.first.operation] == [
        ("response-enum-value-added", ChangeSeverity.BREAKING)
    ]


@pytest.mark.parametrize(
    "section", ["parameters", "responses", "requestBody", "callbacks", "tags", "security", "servers"]
)
def test_a_section_without_content_is_an_empty_one(section: str) -> None:
    old, new = with_schema({"type": "string"}, "response"), with_schema({"type": "integer"}, "response")
    other = {"post": {section: None}}
    assert compared(
        {**old, "paths": {**old["paths"], "/b": other}}, {**new, "paths": {**new["paths"], "/b": other}}
    ).groups
    for document in (old, new):
        document["paths"]["/things/{id}"]["post"].setdefault(section, None)
    assert compared(old, new).counts[ChangeSeverity.BREAKING] == 1


def test_what_is_set_aside_is_named() -> None:
    schema = {"properties": {"a": {"oneOf": []}, "b": {"$ref": "#/components/schemas/Missing"}}}
    found = compared(with_schema(schema, "request"), with_schema({**schema, "minProperties": 1}, "request"))
    assert "old: oneOf: [] is invalid" in found.set_aside
    assert "new: $ref #/components/schemas/Missing leads to nothing" in found.set_aside


@pytest.mark.parametrize("schema", [{"$ref": "#/components/schemas/Missing"}, {"type": "string", "maxLength": -1}])
def test_a_change_to_something_that_is_not_understood_is_unknown(schema: Json) -> None:
    found = compared(with_schema({"type": "string", "maxLength": 5}, "request"), with_schema(schema, "request"))
    assert [group.first.rule for group in found.groups if group.first.operation] == ["request-not-comparable"]
    assert found.counts[ChangeSeverity.MAYBE] == 1


def test_a_path_that_leads_nowhere_is_not_a_removed_operation() -> None:
    old, new = with_schema({}, "request"), with_schema({}, "request")
    new["paths"]["/things/{id}"] = {"$ref": "paths.yaml#/things"}
    found = compared(old, new)
    assert not [change for change in found.changes if change.operation]
    assert found.set_aside


def test_files_beside_the_document_are_read_and_others_are_not(tmp_path: Path) -> None:
    home = tmp_path / "project" / "api"
    (home / "parts").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text(f"state: {STATES}")
    (home / "parts" / "depot.yaml").write_text(
        "Depot: {properties: {state: {$ref: '#/State'}}}\nState: {$ref: ../state.yaml}"
    )
    (home / "state.yaml").write_text(STATES)
    schema = f"{{properties: {{state: {STATES}, EXTRA}}}}"
    document = DOCUMENT.replace(schema, "{$ref: 'parts/depot.yaml#/Depot'}")
    (home / "a.yaml").write_text(document)
    outside = home / "b.yaml"
    outside.write_text(document.replace("parts/depot.yaml#/Depot", "../../secret.yaml"))
    inline = ContractDocument("inline", load_contract(str(home / "a.yaml")).document)
    changed = report(home, document, DOCUMENT.replace(", EXTRA", "").replace("closed]", "closed, moved]"))
    assert changed.counts[ChangeSeverity.BREAKING] == 1
    assert compare(inline, load_contract(str(outside)), load_policy("strict")).counts[ChangeSeverity.MAYBE] == 1
    assert "--allow-external-refs" in next(iter(load_contract(str(outside)).set_aside))
    assert not load_contract(str(outside), external=True).set_aside


def test_a_file_of_a_git_revision_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api.yaml").write_text(DOCUMENT.replace("EXTRA", "a: {$ref: part.yaml}"))
    (tmp_path / "part.yaml").write_text("type: string")
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.co"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], check=True)
    (tmp_path / "part.yaml").write_text("type: integer")
    committed, present = load_contract("HEAD:api.yaml"), load_contract("api.yaml")
    assert not committed.set_aside
    assert compare(committed, present, load_policy("strict")).counts[ChangeSeverity.BREAKING] == 1
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert not load_contract("HEAD:api.yaml").set_aside
    assert not load_contract("HEAD:../api.yaml").set_aside


def test_a_change_names_file_line_and_column(tmp_path: Path) -> None:
    for name, kind in (("old", "string"), ("new", "integer")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "api.yaml").write_text(DOCUMENT.replace("EXTRA", "a: {$ref: part.yaml#/Part}"))
        (tmp_path / name / "part.yaml").write_text(f"# Parts\nPart:\n  properties:\n    b: {{type: {kind}}}\n")
    old, new = (load_contract(str(tmp_path / name / "api.yaml")) for name in ("old", "new"))
    found = compare(old, new, load_policy("strict"))
    (change,) = [change for change in found.changes if change.severity is ChangeSeverity.BREAKING]
    assert source_places(found)[id(change)] == (str(tmp_path / "new" / "part.yaml"), 4, 5)


def test_openapi_3_2_is_read() -> None:
    document = with_schema({"type": "string"}, "request", openapi="3.2.0")
    document["paths"]["/things/{id}"] |= {"query": {}, "additionalOperations": {"LINK": {}}}
    assert {method for method, _ in ContractDocument("new", document).operations} == {"POST", "QUERY", "LINK"}


def test_annotations_name_file_and_line(tmp_path: Path) -> None:
    found = report(
        tmp_path, DOCUMENT.replace(", EXTRA", ""), DOCUMENT.replace(", EXTRA", "").replace("closed]", "moved]")
    )
    line = DOCUMENT[: DOCUMENT.index("schema:")].count("\n") + 1
    column = DOCUMENT.splitlines()[line - 1].index("state:") + 1
    where = f"file={tmp_path}/new.yaml,line={line},col={column},title=response-enum-value-added::"
    assert f"::error {where}" in render_github(found)
