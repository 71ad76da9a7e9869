"""What a tenant's refusals say about its features."""

from typing import Any

import pytest

from ampeco_conformance.contract.features import TenantFeatures
from tests.support.small_contract import MakeAnswer

REFUSED_FIELD = {"message": "The locale is invalid.", "errors": {"locale": ["Feature is not enabled"], "name": ["bad"]}}


@pytest.mark.parametrize(
    ("status", "body", "is_off"),
    [
        (404, {"message": "Feature is not enabled"}, True),
        (403, {"error": "This feature has been disabled."}, True),
        (409, {"message": "Module INACTIVE for this operator"}, True),
        (422, REFUSED_FIELD, True),
        (422, {"errors": {"feature": ["is required"]}}, False),
        (404, {"message": "No query results for model."}, False),
        (403, {"message": "FEATURE_NOT_ENABLED"}, True),
        (403, {"error": {"code": "FeatureDisabled", "message": "Vouchers"}}, True),
        (402, {"title": "Payment required", "detail": "Your plan does not include this feature."}, True),
        (403, {"message": "The vouchers feature isn't active. Contact support."}, True),
        (400, {"message": "This feature has been switched off"}, True),
        (404, {"message": "Features currently unavailable: vouchers"}, True),
        (501, {"code": "unsupported-feature"}, True),
        (403, {"message": "Please enable this feature first"}, True),
        (422, {"message": "The feature is required when billing is not active."}, False),
        (422, {"errors": {"feature": ["The feature must be one of enabled, disabled."]}}, False),
        (404, {"message": "Unknown feature. The user is disabled."}, False),
        (401, {"message": "Feature is not enabled"}, False),
        (429, {"message": "Feature is not enabled"}, False),
        (500, {"message": "Feature is not enabled"}, False),
        (200, {"message": "Feature is not enabled"}, False),
    ],
)
def test_a_refusal_says_that_a_feature_is_off(answer: MakeAnswer, status: int, body: Any, is_off: bool) -> None:
    features = TenantFeatures("ampeco", phrases=["module inactive"])
    assert features.says_off(answer("GET", "/users", status, body)) == is_off


def test_only_the_fields_of_a_feature_are_named(answer: MakeAnswer) -> None:
    assert TenantFeatures("ampeco").fields_off(answer("POST", "/users", 422, REFUSED_FIELD)) == ("locale",)
    assert TenantFeatures("ampeco", on=["languages"]).requires_field("locale")


def test_a_feature_that_must_be_on_is_found_by_its_paths() -> None:
    features = TenantFeatures("ampeco", on=["languages", "vouchers"])
    assert features.required_by("GET /public-api/resources/vouchers/v2.0") == "vouchers"
    assert features.required_by("GET /public-api/resources/taxes/v2.0") is None
