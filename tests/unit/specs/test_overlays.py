"""Overlays are applied as the OpenAPI Overlay Specification 1.0 says."""

from typing import Any

import pytest

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs.overlays import apply_overlay


def applied(document: dict[str, Any], *actions: dict[str, Any]) -> dict[str, Any]:
    apply_overlay({"overlay": "1.0.0", "actions": list(actions)}, document, "v1.yaml")
    return document


def test_an_update_merges_into_an_object_at_every_depth() -> None:
    document = applied(
        {"info": {"title": "A", "contact": {"name": "B"}}},
        {"target": "$.info", "update": {"title": "C", "contact": {"url": "D"}}},
    )
    assert document == {"info": {"title": "C", "contact": {"name": "B", "url": "D"}}}


def test_an_update_is_appended_to_an_array() -> None:
    assert applied({"tags": ["a"]}, {"target": "$.tags", "update": "b"}) == {"tags": ["a", "b"]}


def test_arrays_within_an_update_are_joined() -> None:
    assert applied({"a": {"list": [1]}}, {"target": "$.a", "update": {"list": [2]}}) == {"a": {"list": [1, 2]}}


def test_an_update_of_many_targets_gives_each_its_own_copy() -> None:
    document = applied(
        {"a": {}, "b": {}},
        {"target": "$.*", "update": {"x": {"y": 1}}},
        {"target": "$.a.x", "update": {"y": 2}},
    )
    assert document == {"a": {"x": {"y": 2}}, "b": {"x": {"y": 1}}}


def test_every_selected_node_is_removed_from_objects_and_arrays() -> None:
    document = applied(
        {"list": [1, 2, 3, 2], "a": {"x": 1}, "b": {"x": 2}},
        {"target": "$.list[?@ == 2]", "remove": True},
        {"target": "$.*.x", "remove": True},
    )
    assert document == {"list": [1, 3], "a": {}, "b": {}}


def test_actions_are_carried_out_in_order() -> None:
    document = applied({}, {"target": "$", "update": {"a": {"b": 1}}}, {"target": "$.a", "remove": True})
    assert document == {}


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ({"target": "$.missing", "remove": True}, "v1.yaml, action 1: the target $.missing selects nothing"),
        ({"target": "$.a..["}, "v1.yaml, action 1: the target is not a JSONPath: unexpected end of query"),
        ({"update": {}}, "v1.yaml, action 1: the action has no target"),
        ({"target": "$.a", "update": "b"}, "v1.yaml, action 1: an update needs an object or an array as its target"),
    ],
)
def test_a_wrong_action_is_reported_in_one_line(action: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        applied({"a": 1}, action)
    assert str(caught.value) == problem
