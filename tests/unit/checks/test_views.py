"""Which versions of a resource are compared, and what counts as a difference."""

from typing import Any

import pytest

from ampeco_conformance.checks.views import View, older_views, view_violations
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Operation, load_specification

TEXT, NUMBER = {"type": "string"}, {"type": "number"}
MOMENT = {**TEXT, "format": "date-time"}
NULLABLE = {**TEXT, "nullable": True}
OBJECT = {"type": "object", "nullable": True}
LIST = {"type": "array", "items": TEXT}
OLD_STATUS = {**TEXT, "enum": ["active", "disabled", "never connected"]}
NEW_STATUS = {**TEXT, "enum": ["enabled", "disabled", "never_connected", "occupied"]}
OLD_LIST, NEW_LIST = {"type": "array", "items": OLD_STATUS}, {"type": "array", "items": NEW_STATUS}

NEW_PARTS, OLD_PARTS = (
    {"type": "array", "items": {"type": "object", "properties": {"id": NUMBER, "status": status}}}
    for status in (NEW_STATUS, OLD_STATUS)
)


@pytest.fixture(scope="module")
def contract() -> ApiContract:
    return ApiContract(load_specification("3.90.0", "ampeco"))


def operation(contract: ApiContract, label: str) -> Operation:
    return next(operation for operation in contract.specification.operations if operation.label == label)


def test_only_what_both_document_alike_is_compared(contract: ApiContract) -> None:
    (view,) = older_views(contract, operation(contract, "GET /public-api/resources/locations/v2.0/{location}"))
    assert view.operation.path == "/public-api/resources/locations/v1.0/{location}"
    assert {"city", "country", "status"} <= view.shared.keys()
    # The name is a text in v1.0 and a list of translations in v2.0.
    assert "name" not in view.shared
    assert "geoposition/latitude" in view.shared


def test_the_oldest_version_has_nothing_to_be_compared_with(contract: ApiContract) -> None:
    assert older_views(contract, operation(contract, "GET /public-api/resources/locations/v1.0/{location}")) == []


def _shown(value: Any) -> dict[str, Any]:
    """An object with a value, or without one for an ellipsis."""
    return {} if value is ... else {"value": value}


@pytest.mark.parametrize(
    ("schemas", "newer", "older", "differs"),
    [
        ((TEXT, TEXT), "a", "a", False),
        ((TEXT, TEXT), "a", "b", True),
        ((TEXT, TEXT), None, "b", False),
        # A value outside the bounds of one version has no place there.
        ((NUMBER, {**NUMBER, "minimum": 0}), -528.5, 1, False),
        ((NUMBER, {**NUMBER, "maximum": 100}), 528.5, 100, False),
        ((NUMBER, {**NUMBER, "minimum": 0}), 528.5, 1, True),
        ((TEXT, {**TEXT, "maxLength": 2}), "abc", "ab", False),
        ((NULLABLE, NULLABLE), None, "b", True),
        ((NULLABLE, NULLABLE), "b", None, True),
        ((NULLABLE, NULLABLE), None, None, False),
        ((NULLABLE, NULLABLE), "b", ..., False),
        ((NULLABLE, {**OLD_STATUS, "nullable": True}), "occupied", None, False),
        ((NULLABLE, {**OLD_STATUS, "nullable": True}), "disabled", None, True),
        ((LIST, LIST), ["a", "b"], ["b", "a"], False),
        ((OBJECT, OBJECT), {"a": 1}, {"b": 1}, False),
        ((OBJECT, OBJECT), {"a": 1}, None, True),
        ((LIST, LIST), ["a", "b"], ["a"], True),
        ((NEW_LIST, OLD_LIST), ["enabled"], ["ACTIVE"], False),
        ((NEW_LIST, OLD_LIST), ["enabled", "occupied"], ["active"], False),
        ((NEW_LIST, OLD_LIST), ["enabled", "disabled"], ["active"], True),
        ((NEW_PARTS, OLD_PARTS), [{"id": 1, "status": "enabled"}], [{"id": 1, "status": "active", "extra": 1}], False),
        ((NEW_PARTS, OLD_PARTS), [{"id": 1, "status": "occupied"}], [{"id": 1, "status": "active"}], False),
        ((NEW_PARTS, OLD_PARTS), [{"id": 1}, {"id": 2}], [{"id": 2}, {"id": 1}], False),
        ((NEW_PARTS, OLD_PARTS), [{"id": 1}, {"id": 2}], [{"id": 1}], True),
        ((NEW_PARTS, OLD_PARTS), [{"id": 1, "status": "enabled"}], [{"id": 1, "status": "disabled"}], True),
        ((MOMENT, MOMENT), "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00Z", False),
        ((NUMBER, NUMBER), 1, 1.0, False),
        ((NUMBER, NUMBER), 1, 2, True),
        ((MOMENT, MOMENT), "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z", False),
        ((MOMENT, MOMENT), "2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z", True),
        ((NEW_STATUS, OLD_STATUS), "enabled", "active", False),
        ((NEW_STATUS, OLD_STATUS), "disabled", "active", True),
        ((NEW_STATUS, OLD_STATUS), "never_connected", "never connected", False),
        ((NEW_STATUS, OLD_STATUS), "never_connected", "disabled", True),
        ((NEW_STATUS, OLD_STATUS), "occupied", "active", False),
    ],
)
def test_what_both_can_say_has_one_value(
    contract: ApiContract, schemas: tuple[Any, Any], newer: Any, older: Any, *, differs: bool
) -> None:
    view = View(contract.specification.operations[0], {"place/value": schemas})
    found = view_violations(view, {"place": _shown(newer)}, {"place": _shown(older)})
    assert [violation.location for violation in found] == (["/data/place/value"] if differs else [])


def test_what_one_version_does_not_show_is_not_compared(contract: ApiContract) -> None:
    view = View(contract.specification.operations[0], {"place/value": (TEXT, TEXT)})
    assert list(view_violations(view, {"place": {"value": "a"}}, {"other": "b"})) == []
