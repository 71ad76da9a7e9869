"""Documents of other APIs: one of several files in the form of OCPI, one of OpenAPI 3.1 with webhooks.

Each can be imported, linted, exported and served, or is refused in one line that names the place.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ampeco_conformance.cli.main import main
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.specs import load_specification
from ampeco_conformance.specs.bundling import bundle
from ampeco_conformance.specs.validation import check_document
from tests.support.emulator import running

ENVELOPE = {
    "Envelope": {
        "type": "object",
        "required": ["status_code"],
        "properties": {"data": {}, "status_code": {"type": "integer", "minimum": 1000}},
    }
}
LOCATION = {
    "type": "object",
    "required": ["id", "evses"],
    "properties": {
        "id": {"type": "string", "maxLength": 36},
        "evses": {
            "type": "array",
            "items": {"type": "object", "required": ["uid"], "properties": {"uid": {"type": "string"}}},
        },
        "parent": {"$ref": "#"},
    },
}


def _answer(reference: str) -> dict[str, Any]:
    return {"description": "Answer.", "content": {"application/json": {"schema": {"$ref": reference}}}}


_LISTED = {
    "description": "Locations.",
    "content": {
        "application/json": {
            "schema": {
                "allOf": [
                    {"$ref": "../schemas/envelope.yaml#/Envelope"},
                    {"properties": {"data": {"type": "array", "items": {"$ref": "../schemas/location.yaml"}}}},
                ]
            }
        }
    },
}
_EVSE = {"schema": {"$ref": "../schemas/location.yaml#/properties/evses/items"}}
#: file: content
OCPI: dict[str, Any] = {
    "openapi.yaml": {
        "openapi": "3.0.3",
        "info": {"title": "Hub", "version": "2.2.1"},
        "paths": {
            "/locations": {"$ref": "paths/locations.yaml#/collection"},
            "/locations/{location_id}/{evse_uid}": {"$ref": "paths/locations.yaml#/evse"},
        },
    },
    "paths/locations.yaml": {
        "collection": {"get": {"operationId": "locations", "responses": {"2XX": _LISTED}}},
        "evse": {
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in ("location_id", "evse_uid")
            ],
            "put": {
                "operationId": "putEvse",
                "requestBody": {"required": True, "content": {"application/json": _EVSE}},
                "responses": {
                    "200": _answer("../schemas/envelope.yaml#/Envelope"),
                    "default": _answer("../schemas/envelope.yaml#/Envelope"),
                },
            },
        },
    },
    "schemas/envelope.yaml": ENVELOPE,
    "schemas/location.yaml": LOCATION,
}
ORDER = {
    "type": "object",
    "required": ["id", "kind"],
    "properties": {
        "id": {"type": "integer", "exclusiveMinimum": 0},
        "note": {"type": ["string", "null"]},
        "kind": {"const": "order"},
        "lines": {"type": "array", "prefixItems": [{"$ref": "#/components/schemas/Line"}]},
        "anything": {"default": {"$ref": "#/nowhere"}},
        "nothing": False,
    },
    "unevaluatedProperties": False,
}
HOOKS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Hooks", "version": "4.0.0"},
    "paths": {
        "/orders": {
            "get": {
                "operationId": "orders",
                "parameters": [{"name": "state", "in": "query", "schema": {"type": ["integer", "null"]}}],
                "responses": {"200": _answer("#/components/schemas/Orders")},
            }
        },
        "/orders/{order}": {"$ref": "#/components/pathItems/Order"},
        "x-groups": {"all": 1},
    },
    "webhooks": {
        "paid": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                "responses": {"200": {"description": "Taken."}},
            }
        }
    },
    "components": {
        "pathItems": {
            "Order": {
                "parameters": [{"name": "order", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "get": {"operationId": "order", "responses": {"200": _answer("#/components/schemas/Order")}},
            }
        },
        "schemas": {
            "Order": ORDER,
            "Orders": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}},
            "Line": {"type": "object", "patternProperties": {"^x-": {"$ref": "#/components/schemas/Text"}}},
            "Text": {"type": ["string", "null"]},
        },
    },
}


pytestmark = pytest.mark.usefixtures("store")


def _write(folder: Path, files: dict[str, Any]) -> str:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(yaml.safe_dump(content))
    return str(folder / "openapi.yaml")


@pytest.mark.parametrize(
    ("files", "version", "operations", "path"),
    [(OCPI, "2.2.1", 2, "/locations"), ({"openapi.yaml": HOOKS}, "4.0.0", 2, "/orders/1")],
    ids=["OCPI", "webhooks"],
)
def test_it_is_imported_linted_exported_and_served(
    tmp_path: Path, files: dict[str, Any], version: str, operations: int, path: str
) -> None:
    assert main(["specs", "import", _write(tmp_path, files), "--allow-external-refs"]) == ExitCode.CONFORM
    assert len(load_specification(version).operations) == operations
    assert main(["specs", "lint", version]) == ExitCode.CONFORM
    exported = tmp_path / "exported.json"
    assert main(["specs", "export", version, "-o", str(exported)]) == ExitCode.CONFORM
    check_document(json.loads(exported.read_text()), "the export")
    with running("--api-version", version, "--strict") as emulator:
        assert emulator.client.get(path).status_code == 200


def _without_envelope(files: dict[str, Any]) -> None:
    files["schemas/envelope.yaml"] = {}


def _without_file(files: dict[str, Any]) -> None:
    del files["schemas/location.yaml"]


def _circular(files: dict[str, Any]) -> None:
    files["openapi.yaml"]["paths"]["/locations"] = {"$ref": "#/paths/~1locations"}


def test_the_mapping_of_a_discriminator_leads_to_the_copy_of_a_file(tmp_path: Path) -> None:
    one, other = ({"type": "object", "properties": {name: {"type": "string"}}} for name in ("a", "b"))
    mapping = {"one": "one.yaml", "other": "all.yaml#/Other", "named": "Named", "local": "#/components/schemas/Named"}
    schema = {
        "oneOf": [{"$ref": "one.yaml"}, {"$ref": "all.yaml#/Other"}],
        "discriminator": {"propertyName": "kind", "mapping": mapping},
    }
    document = {"paths": {"/a": {"schema": schema}}, "components": {"schemas": {"Named": {}}}}
    _write(tmp_path, {"openapi.yaml": document, "one.yaml": one, "all.yaml": {"Other": other}})
    bundled = bundle(document, str(tmp_path / "openapi.yaml"))
    found = bundled["paths"]["/a"]["schema"]
    references = [alternative["$ref"] for alternative in found["oneOf"]]
    assert list(found["discriminator"]["mapping"].values()) == [*references, "Named", "#/components/schemas/Named"]


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (_without_envelope, "/Envelope, at /"),
        (_without_file, "location.yaml cannot be read"),
        (_circular, "/paths/~1locations"),
    ],
)
def test_a_damaged_one_is_refused_in_a_line_that_names_the_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: Any, place: str
) -> None:
    files = json.loads(json.dumps(OCPI))
    damage(files)
    assert main(["specs", "import", _write(tmp_path, files), "--allow-external-refs"]) == ExitCode.CONFIGURATION
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert place in said


def test_another_file_is_not_read_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["specs", "import", _write(tmp_path, OCPI)]) == ExitCode.CONFIGURATION
    assert "at /paths/~1locations; --allow-external-refs imports it" in capsys.readouterr().err
