"""Versions of which only the operations are known."""

import pytest

from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.report import compare
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import Provenance, load_catalog, load_specification, store_directory
from ampeco_conformance.specs.validation import check_document

NEWER = {"3.139.0": (514, 80), "3.168.0": (544, 84), "3.251.0": (648, 84)}  # version: (operations, deprecated)


def test_the_catalog_lists_them_apart_from_versions_with_a_contract() -> None:
    catalog = load_catalog(store_directory())
    alone = [entry.version for entry in catalog if entry.provenance is Provenance.OPERATIONS]
    assert alone == list(NEWER)
    assert not set(alone) & {entry.version for entry in catalog.versions("ampeco")}
    assert set(alone) < {entry.version for entry in catalog.known_versions("ampeco")}


@pytest.mark.parametrize("version", NEWER)
def test_a_version_is_a_valid_document_of_its_operations_without_fields(version: str) -> None:
    found = load_specification(version, operations_suffice=True)
    check_document(found.document, version)
    deprecated = sum(operation.deprecated for operation in found.operations)
    assert (len(found.operations), deprecated) == NEWER[version]
    assert "components" not in found.document
    assert all(list(operation.definition["responses"]) == ["default"] for operation in found.operations)
    assert not any("requestBody" in operation.definition for operation in found.operations)


def test_no_operation_of_an_older_version_is_gone() -> None:
    labels = [
        {operation.label for operation in load_specification(version, operations_suffice=True).operations}
        for version in ("3.110.0", *NEWER)
    ]
    assert labels[0] < labels[1] < labels[2] < labels[3]


def test_it_cannot_be_tested() -> None:
    with pytest.raises(ConfigurationError, match=r"of ampeco 3\.168\.0 only the operations are known.*take 3\.110\.0"):
        load_specification("3.168.0")


def test_the_nearest_versions_to_an_unknown_one_can_be_tested() -> None:
    with pytest.raises(ConfigurationError, match=r"nearest: 3\.\d+\.\d+, 3\.110\.0 \("):
        load_specification("3.200.0")


def test_a_comparison_with_it_covers_operations_only_and_says_so() -> None:
    report = compare(load_contract("3.110.0"), load_contract("3.139.0"), load_policy())
    places = {(change.rule, change.operation) for group in report.groups for change in group.changes}
    assert {rule for rule, _ in places} == {"operation-added", "operation-deprecated"}
    assert len(places) == 62 + 11
    assert report.unknown == ("the fields of 3.139.0 are not known; only its operations are compared",)
