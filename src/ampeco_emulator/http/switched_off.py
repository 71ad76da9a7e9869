"""Features that the operator has not switched on: their operations are answered 404, their fields refused with 422.

Fact: a live tenant answers `Feature is not enabled` where the feature of an operation is off. Which features there are
is not published: here each resource is one, and so are some groups of fields that the documents call optional features.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from ampeco_conformance.specs import Specification
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.validation import Problem

MESSAGE = "Feature is not enabled"
#: No operation documents this answer, which a live tenant gives all the same.
NOT_ENABLED = {"message": MESSAGE}
_VERSION = re.compile(r"v\d+\.\d+")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "auto-renewal": ("autoRenewal",),
    "bookings": ("bookingEnabled",),
    "idle-thresholds": ("stateOfChargeIdleThreshold", "averagePowerIdleThreshold"),
    "integrations": ("integrationId",),
    "languages": ("locale",),
    "reservations": ("allowsReservation",),
    "subsidies": ("subsidyIntegrationId",),
    "tax-ids": ("taxID",),
}


def features_of(specification: Specification) -> list[str]:
    """The names of all features that can be switched off."""
    resources = (_resource_of(operation.path) for operation in specification.operations)
    return sorted({*_FIELDS, *filter(None, resources)})


def is_off(endpoint: Endpoint, off: Collection[str]) -> bool:
    """Whether the feature of an operation is switched off."""
    return bool(off) and _resource_of(endpoint.operation.path) in off


def refused_fields(body: Any, off: Collection[str]) -> list[Problem]:
    """The fields of a body whose feature is switched off."""
    if not off or not isinstance(body, Mapping):
        return []
    names = (name for feature in off for name in _FIELDS.get(feature, ()))
    return [Problem("body", name, MESSAGE) for name in names if body.get(name) not in (None, False)]


def _resource_of(path: str) -> str | None:
    """The resource, or what the actions are about, in `/public-api/<kind>/<resource>/`; some kinds are the resource."""
    parts = path.split("/")
    if len(parts) <= 3 or parts[1] != "public-api":
        return None
    return parts[2] if _VERSION.fullmatch(parts[3]) else parts[3]
