"""The vendor APIs, one folder each, which defines `API`, its descriptor. A new folder here is a new API.

What the OpenAPI documents say belongs to `specs`; here is what they do not say.
"""

from ampeco_conformance.apis.descriptor import (
    ApiDescriptor,
    Effect,
    Ending,
    EquipmentAction,
    Feature,
    FieldDependencies,
    IdSource,
    IndirectCreation,
    OperationEffect,
    Opposite,
    ResourceExceptions,
)
from ampeco_conformance.apis.registry import APIS, DEFAULT_API, checked_api, describe, owner_of_scenario, without_prefix

__all__ = [
    "APIS",
    "DEFAULT_API",
    "ApiDescriptor",
    "Effect",
    "Ending",
    "EquipmentAction",
    "Feature",
    "FieldDependencies",
    "IdSource",
    "IndirectCreation",
    "OperationEffect",
    "Opposite",
    "ResourceExceptions",
    "checked_api",
    "describe",
    "owner_of_scenario",
    "without_prefix",
]
