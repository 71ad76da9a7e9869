"""The AMPECO Public API."""

from datetime import date

from ampeco_conformance.apis.ampeco.effects import EFFECTS
from ampeco_conformance.apis.ampeco.fields import FIELDS, UNSET_VALUES
from ampeco_conformance.apis.ampeco.filters import FILTERS
from ampeco_conformance.apis.ampeco.resources import (
    ENDINGS,
    EQUIPMENT_ACTIONS,
    INDIRECT_CREATIONS,
    OPPOSITES,
    RESOURCES,
    STATE_BOUND,
)
from ampeco_conformance.apis.descriptor import ApiDescriptor

API = ApiDescriptor(
    name="ampeco",
    title="AMPECO Public API",
    default_version="3.90.0",
    published_at="https://developers.ampeco.com/openapi/public-api.yaml",
    path_prefix="/public-api",
    envelope=("data", "links", "meta"),
    unauthenticated="unauthenticated",
    unsupported_method=frozenset({405}),
    deprecations_known_from="3.96.4",
    policy="ampeco",
    scenario_folder="scenarios",
    effects=EFFECTS,
    equipment_actions=EQUIPMENT_ACTIONS,
    indirect_creations=INDIRECT_CREATIONS,
    endings=ENDINGS,
    opposites=OPPOSITES,
    state_bound=STATE_BOUND,
    unset_values=UNSET_VALUES,
    resources=RESOURCES,
    filters=FILTERS,
    fields=FIELDS,
    other_paths=frozenset({"/public-api/oauth/token", "/public-api/oauth/revoke"}),
    token_path="/public-api/oauth/token",
    page_style_ends=date(2026, 6, 1),
    not_enabled=("feature is not enabled",),
)
