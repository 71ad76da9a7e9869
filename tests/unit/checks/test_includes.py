"""Parts on demand: unasked, ignored, and what is left open."""

from typing import Any

import pytest

from ampeco_conformance.checks.includes import (
    Extra,
    dropped_violations,
    ignored_violations,
    reads_of,
    shown_together,
    unasked_violations,
    unshown,
)
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import load_specification

CONNECTORS, PROFILE, DATA = (
    Extra(name, "include[]", name) for name in ("connectors", "chargingProfile", "externalAppData")
)
BREAKDOWN = Extra("breakdown", "withBreakdown", "true")
EXTRAS = [CONNECTORS, PROFILE, DATA, BREAKDOWN]


@pytest.mark.parametrize(
    ("asked", "item", "found"),
    [
        (None, {"id": 1, "connectors": None, "chargingProfile": []}, 0),
        (None, {"id": 1, "connectors": [{"id": 2}]}, 1),
        (CONNECTORS, {"connectors": [{"id": 2}]}, 0),
        (CONNECTORS, {"connectors": [], "chargingProfile": {"id": 3}}, 1),
        (None, {"breakdown": [1]}, 0),
    ],
)
def test_nothing_is_shown_unasked(asked: Extra | None, item: dict[str, Any], found: int) -> None:
    assert len(list(unasked_violations(EXTRAS, asked, [item]))) == found


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({CONNECTORS: [{"id": 1}], PROFILE: [{"id": 1}]}, ["query include[]"]),
        ({CONNECTORS: [{"id": 1}], PROFILE: [{"id": 1, "chargingProfile": None}]}, []),
        ({CONNECTORS: []}, []),
        ({DATA: [{"id": 1}]}, []),
        ({BREAKDOWN: [{"id": 1}], CONNECTORS: [{"connectors": []}]}, ["query withBreakdown"]),
    ],
)
def test_a_parameter_that_does_nothing_is_found(answers: dict[Extra, list[dict[str, Any]]], found: list[str]) -> None:
    assert [violation.location for violation in ignored_violations(answers)] == found


def test_parts_that_show_alone_are_asked_for_together() -> None:
    alone: dict[Extra, list[dict[str, Any]]] = {
        CONNECTORS: [{"connectors": [1]}],
        PROFILE: [{"chargingProfile": {"id": 1}}],
        DATA: [{"id": 1}],
    }
    assert shown_together(alone) == {"include[]": [CONNECTORS, PROFILE]}
    assert shown_together({CONNECTORS: [{"connectors": [1]}], BREAKDOWN: [{"breakdown": [1]}]}) == {}


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ([{"connectors": [1], "chargingProfile": {"id": 1}}], 0),
        ([{"connectors": [1]}, {"chargingProfile": {"id": 1}}], 0),
        ([{"connectors": [1], "chargingProfile": None}], 1),
        ([{"id": 1}], 1),
        ([], 0),
    ],
)
def test_a_part_that_is_dropped_beside_another_is_found(items: list[dict[str, Any]], found: int) -> None:
    assert len(list(dropped_violations([CONNECTORS, PROFILE], items))) == found


def test_an_include_that_shows_nothing_is_looked_for_elsewhere() -> None:
    contract = ApiContract(load_specification("3.90.0", "ampeco"))
    listing = contract.specification.operation("GET /public-api/resources/circuits/v2.0")
    priorities = Extra("socPriorities", "include[]", "socPriorities")
    assert unshown({priorities: [{"id": 1, "socPriorities": []}], DATA: [{"id": 1}], CONNECTORS: []}) == [priorities]
    item = f"{listing.label}/{{circuit}}"
    found = {other.label: query for other, query in reads_of(contract, listing, priorities)}
    assert found == {item: {"include[]": "socPriorities"}, f"{item}/soc-priorities": {}}
