"""Path parameters and fields are traced to the resources whose ids they hold."""

import pytest

from ampeco_conformance.contract.path_templates import parameters_of
from ampeco_conformance.contract.resource_map import ResourceMap
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import load_specification

RESOURCES = "/public-api/resources"


@pytest.fixture(scope="module")
def resources() -> ResourceMap:
    return ResourceMap(ApiContract(load_specification("3.90.0")))


@pytest.mark.parametrize(
    ("path", "parameter", "collection"),
    [
        (f"{RESOURCES}/users/v1.0/{{user}}", "user", f"{RESOURCES}/users/v1.0"),
        ("/public-api/actions/users/v1.0/{user}/add-balance", "user", f"{RESOURCES}/users/v1.0"),
        ("/public-api/actions/evse/v1.0/{evse}/start", "evse", f"{RESOURCES}/evses/v2.1"),
        (
            f"{RESOURCES}/charge-points/v2.0/{{chargePoint}}/evses/{{evse}}",
            "evse",
            f"{RESOURCES}/charge-points/v2.0/{{chargePoint}}/evses",
        ),
    ],
)
def test_a_path_parameter_is_traced_to_its_listing(
    resources: ResourceMap, path: str, parameter: str, collection: str
) -> None:
    assert resources.sources(path, parameter)[0].collection == collection


def test_an_evse_of_a_charge_point_action_is_named_by_its_network_id(resources: ResourceMap) -> None:
    (source,) = resources.sources("/public-api/actions/charge-point/v1.0/{chargePoint}/start/{evse}", "evse")
    assert source.field == "networkId"


def test_every_path_parameter_of_a_version_has_a_source(resources: ResourceMap) -> None:
    specification = load_specification("3.90.0")
    unknown = [
        f"{operation.label}: {name}"
        for operation in specification.operations
        for name in parameters_of(operation.path)
        if not resources.sources(operation.path, name) and "enum" not in resources.parameter_schema(operation, name)
    ]
    assert unknown == []


@pytest.mark.parametrize(
    ("field", "resource"),
    [
        ("userId", "users"),
        ("ownerPartnerId", "partners"),
        ("taxID", "taxes"),
        ("planIds", "subscription-plans"),
        ("operatorId", "sub-operators"),
        ("satelliteChargePointId", "charge-points"),
        ("externalId", None),
        ("name", None),
    ],
)
def test_a_field_is_traced_to_its_resource(resources: ResourceMap, field: str, resource: str | None) -> None:
    collections = [source.collection.split("/")[3] for source in resources.sources_of_field(field)]
    assert next(iter(collections), None) == resource
