"""A document in the form in which a vendor writes it: imported, served by the emulator, and tested without a finding.

Lists in deepObject style, forms, files, optional security, discriminators, messages from an enum, patterns that only
ECMA-262 has, a POST to a path that ends in a parameter, a slash at the end of a path, a path with characters that a URL
encodes, a vendor's kind of JSON, schemas that require themselves, operations without tags.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.specs.importing import import_document
from ampeco_conformance.specs.loading import STORE_VARIABLE
from tests.support.emulator import PREFIX, running
from tests.support.runs import conform_run

VERSION = "3.300.0"
ID = {"in": "path", "required": True, "schema": {"type": "integer"}}
UNAUTHENTICATED = {"401": {"description": "No token."}}


def described(schema: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    return {"description": "Response.", "content": {media_type: {"schema": schema}}}


def object_of(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
# Example and default are defects of the document, for which no target is to blame.
NAME = {**TEXT, "pattern": r"^[\w-. ]+$", "example": 5}
LENGTH = {**NUMBER, "minimum": 1, "default": 0}
EVSE = object_of(id=NUMBER)
SPACE = {"$ref": "#/components/schemas/Space"}
SPACE_SCHEMA = object_of(
    "parent",
    id={**NUMBER, "readOnly": True},
    name=NAME,
    length=LENGTH,
    parent={"allOf": [SPACE], "nullable": True, "readOnly": True},
    evses={"type": "array", "items": EVSE},
    lock={
        "oneOf": [{"$ref": "#/components/schemas/Lock"}],
        "nullable": True,
        "discriminator": {"propertyName": "kind"},
    },
)
INCLUDE = {
    "in": "query",
    "name": "include",
    "style": "deepObject",
    "schema": {"type": "array", "items": {"type": "string", "enum": ["evses"]}},
}
MISSING = {"404": described(object_of())}
REFUSED = described(object_of("message", message={"type": "string", "enum": ["invalid_grant", "invalid_request"]}))
LIST = described(object_of(data={"type": "array", "items": SPACE}), "application/vnd.spaces+json; version=1")
LIST_OF_ANY_TYPE = described(object_of(data={"type": "array", "items": SPACE}), "*/*")
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Spaces", "version": VERSION},
    "security": [{"bearerAuth": []}, {"oauth2ClientCredentials": []}],
    "components": {
        "securitySchemes": {
            "bearerAuth": {"type": "http", "scheme": "bearer"},
            "oauth2ClientCredentials": {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "/public-api/oauth/token", "scopes": {}}},
            },
        },
        "schemas": {"Space": SPACE_SCHEMA, "Lock": object_of("kind", kind=TEXT, isOpen={"type": "boolean"})},
    },
    "paths": {
        "/public-api/resources/parking-spaces/v1.0": {
            "get": {
                "operationId": "spaces",
                "parameters": [INCLUDE, {"in": "query", "name": "row", "schema": {**TEXT, "pattern": "^[a-z]++$"}}],
                "responses": {"200": LIST, **UNAUTHENTICATED},
            }
        },
        "/public-api/resources/parking-spaces/v1.0/{space}": {
            "parameters": [{**ID, "name": "space"}],
            "get": {
                "operationId": "space",
                "security": [{}, {"bearerAuth": []}],
                "parameters": [INCLUDE],
                "responses": {
                    "200": described(object_of(data=SPACE)),
                    "404": described(object_of()),
                    **UNAUTHENTICATED,
                },
            },
            "post": {
                "operationId": "occupy",
                "requestBody": {
                    "content": {"application/json": {"schema": object_of(name=NAME, length=LENGTH), "example": []}}
                },
                "responses": {
                    "200": described(object_of(data=SPACE)),
                    "422": described(object_of()),
                    **MISSING,
                    **UNAUTHENTICATED,
                },
            },
        },
        "/public-api/resources/Größen%20in m|ft/v1.0": {
            "get": {"operationId": "sizes", "responses": {"200": LIST_OF_ANY_TYPE, **UNAUTHENTICATED}}
        },
        "/public-api/resources/reports/v1.0/latest/": {
            "get": {"operationId": "latest", "responses": {"200": described(TEXT, "text/csv"), **UNAUTHENTICATED}},
            # What is no JSON is a text all the same.
            "put": {
                "operationId": "write",
                "requestBody": {"content": {"text/plain": {"schema": TEXT}}},
                "responses": {
                    "200": described(TEXT, "text/plain"),
                    "422": described(object_of()),
                    **UNAUTHENTICATED,
                },
            },
        },
        "/public-api/oauth/token": {
            "post": {
                "operationId": "token",
                "security": [],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": object_of(
                                "grant_type",
                                grant_type={"type": "string", "enum": ["client_credentials"]},
                                seconds=NUMBER,
                            )
                        }
                    },
                },
                "responses": {"200": described(object_of("access_token", access_token=TEXT)), "400": REFUSED},
            }
        },
    },
}


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("store")
    shutil.copytree(PROJECT / "specs", folder / "specs")
    source = folder / "published.json"
    source.write_text(json.dumps(DOCUMENT))
    import_document(str(source), store=folder / "specs", api="ampeco")
    with pytest.MonkeyPatch.context() as variables:
        variables.setenv(STORE_VARIABLE, str(folder / "specs"))
        yield


def test_the_emulator_serves_it() -> None:
    with running("--api-version", VERSION) as emulator:
        base_url = str(emulator.client.base_url)
        token = f"{base_url}{PREFIX}/oauth/token"
        accepted = httpx.post(token, data={"grant_type": "client_credentials", "seconds": "30"}, trust_env=False)
        assert (accepted.status_code, list(accepted.json())) == (200, ["access_token"])
        refused = httpx.post(token, data={"grant_type": "password", "seconds": "x"}, trust_env=False)
        assert (refused.status_code, refused.json()["message"]) == (400, "invalid_grant")
        report = emulator.get("/resources/reports/v1.0/latest")
        assert (report.status_code, report.headers["content-type"]) == (200, "text/csv; charset=utf-8")
        spaces = "/resources/parking-spaces/v1.0"
        (first, *_) = emulator.data(spaces)
        assert "evses" not in first
        assert emulator.get(spaces).headers["content-type"] == "application/vnd.spaces+json; version=1"
        assert emulator.get(spaces, **{"include[]": "evses"}).json()["data"][0]["evses"]
        assert emulator.post(f"{spaces}/{first['id']}", {"name": "A-1"}).json()["data"]["name"] == "A-1"
        anonymous = httpx.get(f"{base_url}{PREFIX}{spaces}/{first['id']}", trust_env=False)
        assert anonymous.status_code == 200


def test_lint_tells_the_defects_of_the_vendor_in_short_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["specs", "lint", VERSION]) == ExitCode.VIOLATION
    first, *problems = capsys.readouterr().out.splitlines()
    assert first == f"ampeco {VERSION}: {len(problems)} defects of the vendor's own document"
    assert any(
        "/properties/name: 5 is not valid under its schema: 5 is not of type 'string'" in line for line in problems
    )
    assert any("/properties/length: 0 is not valid under its schema" in line for line in problems)


def test_the_suite_finds_nothing(tmp_path: Path) -> None:
    run = conform_run(tmp_path / "reports", "--api-version", VERSION, "--", "--deselect=scenarios/")
    assert run.code == 0, run.said
    assert "The contract is kept" in run.said
    assert " broken" not in run.said
