"""The partner that owns a charge point: an object in v2.0, four fields beside the others in v1.0.

The object is what is stored; filters and the scope of a token look at it.
"""

import re
from collections.abc import Mapping
from typing import Any

from ampeco_emulator.backend.store import Record
from ampeco_emulator.openapi.values import camel_case

_FIELDS = {
    "ownerPartnerId": "id",
    "ownerPartnerContractId": "contractId",
    "partnerCorporateBillingAsDefault": "corporateBillingAsDefault",
    "partnerAccessType": "accessType",
}


def store_partner(charge_point: Record, body: Mapping[str, Any]) -> None:
    """Store what a body writes about the partner in the form of v1.0."""
    written = {name: _respelled(body[field]) for field, name in _FIELDS.items() if field in body}
    if written:
        charge_point.fields["partner"] = {**(charge_point.fields.get("partner") or {}), **written}


def with_partner_fields(charge_point: Record) -> dict[str, Any]:
    """The fields of a charge point with its partner in the forms of both versions."""
    partner = charge_point.fields.get("partner") or {}
    others = {name: value for name, value in charge_point.fields.items() if name not in _FIELDS}
    shown = {field: partner[name] for field, name in _FIELDS.items() if name in partner}
    kind = shown.get("partnerAccessType")
    return others | shown | ({"partnerAccessType": camel_case(kind)} if kind else {})


def _respelled(value: Any) -> Any:
    """An access type in the spelling of v2.0: `private_view_public_use` for `privateViewPublicUse`."""
    return re.sub(r"([A-Z])", r"_\1", value).lower() if isinstance(value, str) else value
