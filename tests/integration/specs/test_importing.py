"""Importing a vendor's document: what is taken, and the one line that every bad input gets."""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.specs import load_catalog, load_specification
from ampeco_conformance.specs.writing import to_json, to_yaml
from tests.support.documents import minimal_document
from tests.support.loopback import Received, Sent, serving

DOCUMENT = minimal_document("1.2.0", {"/users": "listUsersV1", "/tariffs": "listTariffsV1"})
DEEP = 100_000

pytestmark = pytest.mark.usefixtures("store")


def changed(**parts: Any) -> str:
    """The document as JSON with some of its top-level parts replaced."""
    return json.dumps(DOCUMENT | parts)


def with_schemas(**schemas: Any) -> str:
    """The document as JSON with schemas added, the first of which is its answer."""
    document = deepcopy(DOCUMENT)
    document["components"]["schemas"] |= schemas
    document["paths"]["/users"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {
        "$ref": f"#/components/schemas/{next(iter(schemas))}"
    }
    return json.dumps(document)


def with_parameter(**parameter: Any) -> str:
    """The document as JSON with a query parameter added."""
    document = deepcopy(DOCUMENT)
    document["paths"]["/users"]["get"]["parameters"] = [{"in": "query", **parameter}]
    return json.dumps(document)


def snapshot(store: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in store.rglob("*") if file.is_file()}


BOMB = "\n".join(
    ['a0: &a0 ["x", "x", "x", "x", "x", "x", "x", "x", "x", "x"]']
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
)

BAD = {
    "empty": ("", "SOURCE is empty"),
    "html": (
        "<!DOCTYPE html><html></html>",
        "SOURCE is HTML or XML, not a YAML or JSON document; was a login page saved?",
    ),
    "broken-yaml": (
        "openapi: 3.0.3\ninfo: {title: [}\n",
        "SOURCE is broken YAML at line 2, column 16: did not find expected node content",
    ),
    "yaml-tab": (
        "openapi: 3.0.3\n\tinfo: x\n",
        "SOURCE is broken YAML at line 2, column 1: found a tab character that violates indentation",
    ),
    "broken-json": (
        '{"openapi": "3.0.3", "info": {}',
        "SOURCE is broken JSON: unexpected end of data: line 1 column 32 (char 31)",
    ),
    "binary": (
        "\x00\x01\x02",
        "SOURCE is broken YAML: unacceptable character #x0000: control characters are not allowed",
    ),
    "list": ("[1, 2]", "SOURCE is not a document: it holds a list, not a mapping"),
    "swagger": (json.dumps({"swagger": "2.0", "paths": {}}), "SOURCE is Swagger 2.0; convert it to OpenAPI 3 first"),
    "other-document": (
        "name: a\n",
        "SOURCE is not an OpenAPI document: it has no `openapi` field with a version",
    ),
    "newer-dialect": (changed(openapi="3.2.0"), "SOURCE is OpenAPI 3.2.0; supported are 3.0 and 3.1"),
    "no-operations": (changed(paths={}), "SOURCE has no operations"),
    "structure": (
        changed(info={"version": "1.2.0"}),
        'SOURCE is not valid OpenAPI at /info: "title" is a required property',
    ),
    "external": (
        with_schemas(Other={"$ref": "other.yaml#/User"}),
        "SOURCE refers to another document, other.yaml#/User, at /components/schemas/Other; "
        "--allow-external-refs imports it",
    ),
    "dynamic-reference": (
        with_schemas(Other={"$dynamicRef": "#node"}).replace("3.0.3", "3.1.0"),
        "SOURCE refers to whatever is #node when it is used, at /components/schemas/Other; write it as $ref (#/...)",
    ),
    "yaml-twice": (
        "openapi: 3.0.3\npaths:\n  /a: {}\n  /a: {}\n",
        "SOURCE is broken YAML at line 4, column 3: found /a twice",
    ),
    "json-twice": ('{"paths": {"/a": 1, "/a": 2}}', "SOURCE gives /a twice in the same object"),
    "yaml-number": (
        f"openapi: 3.0.3\nx-a: {'9' * 400}\n",
        f"SOURCE is broken YAML: {'9' * 20}... is a larger number than JSON readers keep",
    ),
    "parameter-without-schema": (
        with_parameter(name="a"),
        'SOURCE is not valid OpenAPI at /paths/~1users/get/parameters/0: "schema" is a required property',
    ),
    "parameter-of-a-wrong-type": (
        with_parameter(name="a", schema={"type": "text"}),
        "SOURCE is not valid OpenAPI at /paths/~1users/get/parameters/0/schema/type: "
        '"text" is not one of "array", "boolean" or 4 other candidates',
    ),
    "dangling": (
        with_schemas(Other={"$ref": "#/components/schemas/Missing"}),
        "SOURCE has a dangling reference, #/components/schemas/Missing, at /components/schemas/Other",
    ),
    "circular": (
        with_schemas(A={"$ref": "#/components/schemas/B"}, B={"$ref": "#/components/schemas/A"}),
        "SOURCE has a circular reference, #/components/schemas/A,"
        " at /paths/~1users/get/responses/200/content/application~1json/schema",
    ),
    "circular-all-of": (
        with_schemas(A={"allOf": [{"$ref": "#/components/schemas/A"}]}),
        "SOURCE has a circular reference, #/components/schemas/A,"
        " at /paths/~1users/get/responses/200/content/application~1json/schema",
    ),
    "duplicate-id": (
        json.dumps(minimal_document("1.2.0", {"/users": "listV1", "/taxes": "listV1"})),
        "SOURCE gives the operationId 'listV1' twice: GET /users and GET /taxes",
    ),
    "deep-json": ('{"a":' * DEEP + "1" + "}" * DEEP, "SOURCE is nested deeper than 200 levels"),
    "deep-json-list": ('{"a":' + "[" * DEEP + "]" * DEEP + "}", "SOURCE is nested deeper than 200 levels"),
    "deep-yaml-flow": ("a: " + "[" * DEEP + "]" * DEEP, "SOURCE is nested deeper than 200 levels"),
    "deep-yaml-block": ("- " * DEEP + "a", "SOURCE is nested deeper than 200 levels"),
    "yaml-bomb": (BOMB, "SOURCE grows beyond 5,000,000 nodes when its YAML aliases are expanded"),
    "yaml-self": ("a: &a [*a]", "SOURCE has a YAML alias *a that contains itself or is unknown"),
    "own-version": (
        changed(info={"title": "A", "version": "1.3.0"}),
        "SOURCE declares version 1.3.0, not 1.2.0: leave out --version to import it as 1.3.0",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_document_gets_one_line_and_changes_nothing(
    name: str, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, line = BAD[name]
    source = tmp_path / "vendor.yaml"
    source.write_text(content)
    before = snapshot(store)
    assert main(["specs", "import", str(source), "--version", "1.2.0"]) == 2
    assert capsys.readouterr().err == f"conform: {line.replace('SOURCE', str(source))}\n"
    assert snapshot(store) == before


def run_import(source: Path, *options: str) -> int:
    return main(["specs", "import", str(source), *options])


def test_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_import(tmp_path / "none.yaml") == 2
    assert capsys.readouterr().err == f"conform: {tmp_path}/none.yaml cannot be read: No such file or directory\n"


def test_a_file_of_more_than_20_mb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "large.json"
    with source.open("wb") as stream:
        stream.truncate(20 * 1024 * 1024 + 1)
    assert run_import(source) == 2
    assert capsys.readouterr().err == f"conform: {source} is larger than 20 MB, the most that is accepted\n"


@pytest.mark.parametrize(
    ("version", "line"),
    [
        ("latest", "'latest' is not a version; give numbers such as --version 3.110.0"),
        ("1.1.0", "SOURCE declares version 1.2.0, not 1.1.0: leave out --version to import it as 1.2.0"),
    ],
)
def test_a_version_that_cannot_be(version: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "vendor.json"
    source.write_text(to_json(DOCUMENT))
    assert run_import(source, "--version", version) == 2
    assert capsys.readouterr().err == f"conform: {line.replace('SOURCE', str(source))}\n"


def test_a_version_that_is_imported_already_is_replaced_on_request_only(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "vendor.json"
    source.write_text(to_json(DOCUMENT))
    assert run_import(source) == 0
    evidence = load_catalog(store).find("ampeco", "1.2.0").evidence
    before = snapshot(store)
    capsys.readouterr()
    source.write_text(to_json(DOCUMENT | {"tags": []}))
    assert run_import(source) == 2
    assert capsys.readouterr().err == (
        f"conform: ampeco 1.2.0 is imported already ({evidence}); --replace replaces it\n"
    )
    assert snapshot(store) == before
    assert run_import(source, "--replace") == 0
    assert load_specification("1.2.0").document["tags"] == []
    assert len(list(store.rglob("*vendor*"))) == 1


@pytest.mark.parametrize("large", ["document", "catalog"])
def test_a_full_disk_leaves_the_store_as_it_was(large: str, store: Path, tmp_path: Path) -> None:
    """The limit on the size of files stops the writing of the document, or of the catalog that comes after it."""
    padding = "x" * 200_000
    source = tmp_path / "vendor.json"
    source.write_text(to_json(DOCUMENT | ({"x-padding": padding} if large == "document" else {})))
    if large == "catalog":
        catalog = store / "catalog.yaml"
        catalog.write_text(catalog.read_text().replace("A test.", padding))
    before = snapshot(store)
    done = subprocess.run(
        [sys.executable, "-m", "ampeco_conformance.cli.main", "specs", "import", str(source)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert done.returncode == 2
    assert done.stderr == f"conform: {store} cannot be written: File too large; it is unchanged\n"
    assert snapshot(store) == before


@pytest.mark.parametrize(
    "content",
    [to_json(DOCUMENT), to_yaml(DOCUMENT), "\ufeff" + to_yaml(DOCUMENT), to_json(DOCUMENT | {"openapi": "3.1.0"})],
    ids=["json", "yaml", "byte-order-mark", "3.1"],
)
def test_a_sound_document_is_stored_whole_whatever_its_extension(
    content: str, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "vendor.txt"
    source.write_text(content)
    assert run_import(source) == 0
    entry = load_catalog(store).find("ampeco", "1.2.0")
    assert (store / entry.file).read_text() == content
    specification = load_specification("1.2.0")
    assert specification.document["x-provenance"] == "vendor"
    assert [operation.definition["x-provenance"] for operation in specification.operations] == ["vendor"] * 2
    assert capsys.readouterr().out.splitlines() == [
        "ampeco 1.2.0 is now the vendor's own document, with 2 operations.",
        "Against ampeco 1.1.0 (documented):",
        "  1 added",
        "    GET /tariffs",
        "  1 removed",
        "    GET /taxes",
        "  0 newly deprecated",
        "  0 changed",
    ]


def test_a_vendor_document_takes_the_place_of_ours_and_older_versions_stay(tmp_path: Path) -> None:
    older = load_specification("1.0.0").digest
    document = minimal_document("1.1.0", {"/users": "listUsersV1", "/new": "listNewV1"})
    document["components"]["schemas"]["Thing"]["properties"]["name"] = {"type": "string"}
    source = tmp_path / "vendor.json"
    source.write_text(to_json(document))
    assert run_import(source) == 0
    assert [operation.path for operation in load_specification("1.1.0").operations] == ["/users", "/new"]
    assert load_specification("1.0.0").digest == older


def test_changed_operations_are_named_whatever_their_components_are_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(to_json(minimal_document("1.1.0", {"/users": "a", "/taxes": "b"})).replace("Thing", "Item"))
    document["paths"]["/taxes"]["get"]["deprecated"] = True
    document["paths"]["/users"]["get"]["parameters"] = [{"name": "page", "in": "query", "schema": {"type": "integer"}}]
    source = tmp_path / "vendor.json"
    source.write_text(to_json(document))
    assert run_import(source) == 0
    assert capsys.readouterr().out.splitlines()[2:] == [
        "  0 added",
        "  0 removed",
        "  1 newly deprecated",
        "    GET /taxes",
        "  1 changed",
        "    GET /users",
    ]


def test_a_recursive_schema_is_sound(tmp_path: Path) -> None:
    source = tmp_path / "vendor.json"
    tree = {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/A"}}},
    }
    source.write_text(with_schemas(A=tree))
    assert run_import(source) == 0


def test_numbers_dates_and_words_of_yaml_keep_their_meaning(tmp_path: Path) -> None:
    text = to_yaml(DOCUMENT).replace("'200'", "200") + "x-date: 2026-01-01\nx-country: NO\nx-time: 12:30\n"
    source = tmp_path / "vendor.yaml"
    source.write_text(text)
    assert run_import(source) == 0
    document = load_specification("1.2.0").document
    assert (document["x-date"], document["x-country"], document["x-time"]) == ("2026-01-01", "NO", "12:30")
    assert "200" in document["paths"]["/users"]["get"]["responses"]


def test_external_references_are_brought_inside_on_request(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "user.yaml").write_text(
        "User: {type: object, properties: {tax: {$ref: 'tax.yaml'}, boss: {$ref: '#/User'}}}\n"
    )
    (tmp_path / "parts" / "tax.yaml").write_text("type: object\nproperties: {id: {type: integer}}\n")
    source = tmp_path / "vendor.json"
    source.write_text(with_schemas(Other={"$ref": "parts/user.yaml#/User"}))
    assert run_import(source, "--allow-external-refs") == 0
    specification = load_specification("1.2.0")
    assert "parts/" not in json.dumps(specification.document["paths"])
    schemas = specification.document["components"]["schemas"]
    assert schemas["Other"] == {"$ref": "#/x-external-documents/1/User"}
    user = specification.document["x-external-documents"]["1"]["User"]["properties"]
    assert user["boss"] == {"$ref": "#/x-external-documents/1/User"}
    assert user["tax"] == {"$ref": "#/x-external-documents/2"}


def test_an_external_document_that_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "vendor.json"
    source.write_text(with_schemas(Other={"$ref": "none.yaml#/User"}))
    assert run_import(source, "--allow-external-refs") == 2
    line = f"{tmp_path}/none.yaml cannot be read: No such file or directory; {source} refers to it at "
    assert capsys.readouterr().err == f"conform: {line}/components/schemas/Other\n"


@pytest.fixture
def server() -> Iterator[str]:
    """A server on loopback that has the document at /public-api.yaml and nothing else."""

    def answer(received: Received) -> Sent:
        found = received.path.split("?")[0] == "/public-api.yaml"
        return Sent(200, to_json(DOCUMENT).encode()) if found else Sent(404, b"<html>")

    with serving(answer) as base_url:
        yield base_url


def test_a_document_is_imported_from_an_address(store: Path, server: str) -> None:
    assert main(["specs", "import", f"{server}/public-api.yaml"]) == 0
    assert (
        load_catalog(store).find("ampeco", "1.2.0").evidence.startswith(f"Imported from {server}/public-api.yaml on ")
    )


def test_a_password_in_an_address_is_neither_shown_nor_stored(
    store: Path, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = server.replace("//", "//user:secret@")
    assert main(["specs", "import", f"{secret}/none?token=secret"]) == 2
    assert main(["specs", "import", f"{secret}/public-api.yaml?token=secret"]) == 0
    shown = capsys.readouterr()
    assert "secret" not in shown.out + shown.err + (store / "catalog.yaml").read_text()


def test_an_address_without_a_document(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["specs", "import", f"{server}/none"]) == 2
    assert capsys.readouterr().err == f"conform: {server}/none answers 404 Not Found\n"


def test_an_address_that_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["specs", "import", "http://127.0.0.1:1/public-api.yaml"]) == 3
    assert capsys.readouterr().err == (
        "conform: http://127.0.0.1:1/public-api.yaml cannot be fetched: [Errno 111] Connection refused\n"
    )


def test_fetching_takes_the_published_document(
    server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ampeco_conformance.cli.specs.PUBLISHED", {"ampeco": f"{server}/public-api.yaml"})
    assert main(["specs", "fetch"]) == 0
    assert load_specification("1.2.0").document["info"]["version"] == "1.2.0"
    assert main(["specs", "fetch", "--api", "spirii"]) == 2
    assert capsys.readouterr().err == "conform: no published document of spirii is known; known: ampeco\n"


def test_what_looks_like_a_reference_in_data_is_none(tmp_path: Path) -> None:
    lost = {"$ref": "#/components/schemas/Missing"}
    source = tmp_path / "vendor.json"
    source.write_text(with_schemas(Other={"type": "object", "x-note": lost, "example": lost}))
    assert run_import(source) == 0
