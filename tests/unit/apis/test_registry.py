"""The descriptors of the vendor APIs."""

from pathlib import Path, PurePath

import pytest

from ampeco_conformance.apis import APIS, DEFAULT_API, checked_api, describe, owner_of_scenario, without_prefix
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import load_catalog, load_specification, store_directory

PROJECT = Path(__file__).parents[3]


def test_every_api_of_the_catalog_has_a_descriptor() -> None:
    assert set(load_catalog(store_directory()).apis) == set(APIS)
    assert DEFAULT_API in APIS


@pytest.mark.parametrize("name", APIS)
def test_a_descriptor_fits_the_specification_of_its_default_version(name: str) -> None:
    api = APIS[name]
    paths = {operation.path for operation in load_specification(api.default_version, name).operations}
    assert all(path.startswith(f"{api.path_prefix}/") for path in paths)
    assert {source.collection for source in api.resources.listed_elsewhere.values()} <= paths
    for prefix, sources in api.resources.below.items():
        assert any(path.startswith(prefix) for path in paths)
        assert {source.collection for source in sources.values()} <= paths


@pytest.mark.parametrize("name", APIS)
def test_every_api_has_scenarios_of_its_own(name: str) -> None:
    files = (PROJECT / APIS[name].scenario_folder).rglob("test_*.py")
    assert name in {owner_of_scenario(file.relative_to(PROJECT)).name for file in files}


def test_a_scenario_belongs_to_the_api_with_the_closest_folder() -> None:
    assert owner_of_scenario(PurePath("scenarios/test_tax.py")).name == "ampeco"
    assert owner_of_scenario(PurePath("scenarios/spirii/test_charge_record.py")).name == "spirii"


def test_an_unknown_api_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"unknown API 'ocpi'; known are ampeco, spirii"):
        checked_api("ocpi")


def test_an_api_without_descriptor_has_no_exceptions() -> None:
    assert describe("imported").title == "imported"
    assert describe("imported").resources.field_stems == {}


@pytest.mark.parametrize("name", APIS)
def test_labels_are_shown_without_the_prefix_of_their_api(name: str) -> None:
    api = APIS[name]
    for operation in load_specification(api.default_version, name).operations:
        assert without_prefix(operation.label) == f"{operation.method} {operation.path.removeprefix(api.path_prefix)}"


def test_the_fields_of_a_feature_may_be_refused_only_where_it_is_off() -> None:
    fields = describe("ampeco").fields
    assert {"locale", "taxID", "bookingId"} <= fields.conditional
    assert {"locale", "taxID", "bookingId"} - fields.with_features({"languages"}).conditional == {"locale"}
