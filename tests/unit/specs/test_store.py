"""The store: every version with its operations and its provenance, small and readable."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any

import jsonschema_rs
import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV30SpecValidator, validate
from schemathesis.core.result import Ok

from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.specs import (
    DEFAULT_VERSIONS,
    METHODS,
    CatalogEntry,
    Provenance,
    Specification,
    load_catalog,
    load_specification,
    store_directory,
)
from ampeco_conformance.specs.loading import resolve_document
from ampeco_conformance.specs.model import read_operations
from ampeco_conformance.specs.overlays import is_overlay
from ampeco_conformance.specs.reading import read_document
from tests.support.facts import facts, reference_index

EXPECTED = {  # version: (operations, deprecated)
    **dict.fromkeys(["3.49.0", "3.50.0", "3.51.0", "3.52.0", "3.53.0", "3.54.0", "3.55.0"], (394, 0)),
    **dict.fromkeys(["3.56.0", "3.57.0", "3.58.0", "3.59.0", "3.60.0", "3.61.0", "3.62.0", "3.63.0"], (394, 1)),
    "3.65.0": (395, 1),
    **dict.fromkeys(["3.66.0", "3.67.0", "3.68.0", "3.69.0", "3.70.0", "3.71.0", "3.72.0", "3.73.1"], (396, 1)),
    **dict.fromkeys(["3.74.0", "3.75.0", "3.76.0", "3.77.0", "3.78.0", "3.79.0", "3.80.0"], (396, 1)),
    **dict.fromkeys(["3.81.0", "3.82.0", "3.83.0", "3.84.0"], (396, 1)),
    **dict.fromkeys(["3.85.1", "3.86.0", "3.87.0", "3.88.0", "3.89.0"], (424, 1)),
    **dict.fromkeys(["3.90.0", "3.91.0", "3.92.0", "3.93.0", "3.94.0", "3.95.0", "3.96.0"], (431, 1)),
    **dict.fromkeys(["3.96.4", "3.97.0", "3.98.0", "3.99.0"], (443, 67)),
    "3.106.5": (449, 67),
    "3.110.0": (452, 69),
}
_ONE_EXAMPLE = settings(
    max_examples=1,
    database=None,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
_VERSION_FIELDS = re.compile(rb',?"(?:x-provenance|x-evidence|version)":"(?:[^"\\]|\\.)*"')
"""What differs between any two versions."""

DOCUMENTED = {"3.66.0", "3.85.1", "3.90.0", "3.96.4", "3.106.5", "3.110.0"}


def entries() -> dict[str, CatalogEntry]:
    """The catalog by API and version, but for versions without a contract, or that a user has imported."""
    catalog = load_catalog(store_directory())
    others = (Provenance.VENDOR, Provenance.OPERATIONS)
    return {f"{entry.api} {entry.version}": entry for entry in catalog if entry.provenance not in others}


@lru_cache(maxsize=1)
def document(name: str) -> dict[str, Any]:
    """One document of the store. Only the last is kept: all of them would fill the memory."""
    return resolve_document(store_directory(), entries()[name])


@dataclass(frozen=True)
class Summary:
    """What many tests ask of a document: operations, deprecated operations, bytes, and a digest of its meaning."""

    operations: int
    deprecated: int
    size: int
    digest: bytes


@cache
def summaries() -> dict[str, Summary]:
    """The summaries of all documents, each read once."""
    return {name: _summary(document(name)) for name in entries()}


def _summary(found: dict[str, Any]) -> Summary:
    operations, text = list(read_operations(found)), orjson.dumps(found)
    deprecated = sum(operation.deprecated for operation in operations)
    return Summary(len(operations), deprecated, len(text), sha256(_VERSION_FIELDS.sub(b"", text)).digest())


#: The documents that differ in more than their version and its evidence, by the first that has them.
DISTINCT = [
    *("ampeco 3.49.0", "ampeco 3.56.0", "ampeco 3.65.0", "ampeco 3.66.0", "ampeco 3.85.1", "ampeco 3.90.0"),
    *("ampeco 3.96.4", "ampeco 3.106.5", "ampeco 3.110.0", "spirii v1"),
]


#: What older ones consist of, 3.96.4 has too, as a test asserts; only their form can be wrong.
OF_OWN_PARTS = {"ampeco 3.96.4", "ampeco 3.106.5", "ampeco 3.110.0", "spirii v1"}


def distinct() -> list[str]:
    """What DISTINCT has to hold."""
    found: dict[bytes, str] = {}
    for name, summary in summaries().items():
        found.setdefault(summary.digest, name)
    return list(found.values())


def test_the_store_holds_every_documented_version_and_no_other() -> None:
    assert [entry.version for entry in entries().values() if entry.api == "ampeco"] == list(EXPECTED)
    assert [entry.version for entry in entries().values() if entry.api == "spirii"] == ["v1"]


def test_the_default_versions_are_in_the_store() -> None:
    assert all(load_specification(version, api).operations for api, version in DEFAULT_VERSIONS.items())


@pytest.mark.parametrize("version", EXPECTED)
def test_a_version_has_the_operations_that_its_evidence_gives_it(version: str) -> None:
    summary = summaries()[f"ampeco {version}"]
    assert (summary.operations, summary.deprecated) == EXPECTED[version]


@pytest.mark.parametrize("version", sorted(DOCUMENTED))
def test_a_documented_version_has_exactly_the_documented_operations(version: str) -> None:
    known = facts()["operations"]
    operations = list(read_operations(document(f"ampeco {version}")))
    assert {operation.label for operation in operations} == {
        label for label in known if version in known[label]["documented-in"]
    }


@pytest.mark.parametrize("version", ["3.66.0", "3.85.1", "3.90.0"])
def test_operations_equal_the_published_reference_index(version: str) -> None:
    operations = read_operations(document(f"ampeco {version}"))
    assert Counter((operation.tag, operation.method, operation.summary) for operation in operations) == Counter(
        reference_index(version)
    )


def test_no_version_claims_an_operation_before_its_evidence() -> None:
    for name, entry in entries().items():
        if entry.api == "ampeco":
            found = document(name)
            assert found["x-provenance"] == ("documented" if entry.version in DOCUMENTED else "inferred"), name
            assert found["x-evidence"] == entry.evidence
            for operation in read_operations(found):
                first = operation.definition["x-introduced"]["by"]
                provenance = operation.definition["x-provenance"]
                assert provenance == found["x-provenance"], (name, operation.label)
                assert (provenance == "inferred") == ("x-evidence" in operation.definition)
                if _numbers(first) > _numbers(entry.version):
                    assert _numbers(entry.version) < _numbers("3.66.0"), (name, operation.label)
                    assert operation.definition["x-evidence"].startswith("Assumed")


def test_the_range_in_which_an_operation_appeared_is_recorded() -> None:
    newest = load_specification("3.110.0")
    introduced = {operation.operation_id: operation.definition["x-introduced"] for operation in newest.operations}
    assert introduced["listBookingsV1"] == {"after": "3.66.0", "by": "3.85.1"}
    assert introduced["setCircuitSocPrioritiesV2"] == {"after": "3.62.0", "by": "3.65.0"}
    assert introduced["moveEvsesToSatelliteV1"] == {"after": "3.65.0", "by": "3.66.0"}
    assert introduced["listUsersV1"] == {"by": "3.66.0"}


def test_an_operation_keeps_its_id_and_its_fields_in_all_versions_up_to_3_99_0() -> None:
    reference = {operation.label: operation for operation in load_specification("3.96.4").operations}
    components = load_specification("3.96.4").document["components"]
    for name, entry in entries().items():
        if entry.api == "ampeco" and _numbers(entry.version) < _numbers("3.106.5"):
            found = document(name)
            assert {method for item in found["paths"].values() for method in item} <= set(METHODS), name
            for operation in read_operations(found):
                assert _interface(operation.definition) == _interface(reference[operation.label].definition), name
            for kind in found["components"]:
                for component, definition in found["components"][kind].items():
                    assert definition == components[kind][component], (name, component)


def _interface(definition: dict[str, Any]) -> dict[str, Any]:
    words = {"summary", "description", "tags", "deprecated", "x-provenance", "x-evidence"}
    return {key: value for key, value in definition.items() if key not in words}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def test_distinct_documents_stand_for_all() -> None:
    assert distinct() == DISTINCT


@pytest.mark.parametrize("name", DISTINCT)
def test_every_version_is_valid_openapi(name: str) -> None:
    assert list(OpenAPIV30SpecValidator.schema_validator.iter_errors(document(name))) == []
    if name in OF_OWN_PARTS:
        validate(document(name))


@pytest.mark.parametrize("name", DISTINCT)
def test_every_version_loads_in_schemathesis_with_all_its_operations(name: str) -> None:
    labels = [operation.label for operation in _operations(document(name))]
    assert labels == [operation.label for operation in read_operations(document(name))]


@pytest.mark.parametrize("name", ["ampeco 3.99.0", "ampeco 3.110.0", "spirii v1"])
def test_every_schema_has_a_generated_valid_instance(name: str) -> None:
    """Older versions have the schemas of 3.99.0, as another test asserts; equal schemas have equal instances."""
    schemas = _without_direction(document(name)["components"]["schemas"])
    known = _digests("ampeco 3.99.0") if name == "ampeco 3.110.0" else {}
    new = {component for component, digest in _digests(name).items() if known.get(component) != digest}
    assert len(new) > len(schemas) / 10
    dialect = {"$schema": "http://json-schema.org/draft-04/schema#", "components": {"schemas": _json_schema(schemas)}}
    registry = jsonschema_rs.Registry([("urn:document", dialect)], draft=jsonschema_rs.Draft4)
    for operation in _operations(_bodies(schemas, new)):
        component = operation.path.removeprefix("/")
        reference = {"$ref": f"urn:document#/components/schemas/{component}"}
        validator = jsonschema_rs.Draft4Validator(reference, registry=registry)
        assert validator.is_valid(_generate(operation)), component


def _operations(document: dict[str, Any]) -> list[Any]:
    results = list(schemathesis.openapi.from_dict(document).get_all_operations())
    assert all(isinstance(result, Ok) for result in results)
    return [result.ok() for result in results if isinstance(result, Ok)]


def _digests(name: str) -> dict[str, bytes]:
    """A digest of every schema with all that it refers to."""
    contract = ContractDocument(name, document(name))
    return {component: contract.digest(schema) for component, schema in document(name)["components"]["schemas"].items()}


def _bodies(schemas: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """A document with one operation per name of a schema, which takes it as its body."""
    paths = {
        f"/{name}": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
                },
                "responses": {"200": {"description": "Done."}},
            }
        }
        for name in names
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "", "version": ""},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _generate(operation: Any) -> Any:
    bodies = []

    @settings(_ONE_EXAMPLE)
    @given(operation.as_strategy())
    def collect(case: Any) -> None:
        bodies.append(case.body)

    collect()
    return bodies[0]


def _without_direction(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_direction(value) for key, value in node.items() if key not in ("readOnly", "writeOnly")}
    return [_without_direction(item) for item in node] if isinstance(node, list) else node


def _json_schema(node: Any) -> Any:
    if not isinstance(node, dict):
        return [_json_schema(item) for item in node] if isinstance(node, list) else node
    schema = {key: _json_schema(value) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") is True and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    return schema


def test_overlays_are_small_against_full_documents() -> None:
    store = store_directory()
    ours = {name: entry for name, entry in entries().items() if entry.api == "ampeco"}
    full = sum(summaries()[name].size for name in ours)
    overlays = sum((store / entry.file).stat().st_size for entry in ours.values() if _is_overlay(entry))
    assert overlays < 0.1 * full


@cache
def _stored(file: str) -> dict[str, Any]:
    """A file of the store as it is, without what it extends."""
    return read_document(store_directory() / file)


def _is_overlay(entry: CatalogEntry) -> bool:
    return is_overlay(_stored(entry.file))


def test_every_overlay_says_why_it_differs() -> None:
    for entry in entries().values():
        overlay = _stored(entry.file)
        if is_overlay(overlay):
            assert overlay["info"]["description"], entry.version
            assert all(action["description"] for action in overlay["actions"]), entry.version


def test_only_3_99_0_is_stored_in_full() -> None:
    full = [entry.version for entry in entries().values() if entry.api == "ampeco" and not _is_overlay(entry)]
    assert full == ["3.99.0"]


def test_spirii_has_the_record_and_its_listing() -> None:
    specification: Specification = load_specification("v1", "spirii")
    assert [operation.label for operation in specification.operations] == [
        "GET /v1/charge-records",
        "GET /v1/charge-records/{id}",
    ]
    record = specification.operation("GET /v1/charge-records/{id}").definition
    parameters = {parameter["name"]: parameter["schema"] for parameter in record["parameters"]}
    assert parameters["format"] == {"type": "string", "enum": ["standard", "finance"], "default": "standard"}
    assert parameters["decimalSeparator"] == {"type": "string", "enum": [",", "."], "default": "."}
    schema = specification.document["components"]["schemas"]["ChargeRecord"]
    assert schema["required"] == [
        *("id", "location", "evseId", "isRoaming", "startedAt", "updatedAt", "endedAt", "consumed", "price"),
    ]
    assert schema["properties"]["endedAt"]["nullable"] is True
    assert schema["properties"]["consumed"]["nullable"] is True
