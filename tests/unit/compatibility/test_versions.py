"""What is known of the published versions, and what must hold between any of them."""

import itertools
from functools import cache
from typing import Any

import pytest

from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.operation_diff import Memory
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.report import ComparisonReport, compare
from ampeco_conformance.compatibility.rules import ChangeSeverity
from tests.support.translation import to_3_1

DOCUMENTED = ["3.66.0", "3.85.1", "3.90.0", "3.96.4", "3.106.5", "3.110.0"]
#: What earlier comparisons have proven, by policy: pairs of equal operations are compared once.
PROVEN: dict[str, Memory] = {"ampeco": {}, "strict": {}}


@cache
def contract(version: str) -> ContractDocument:
    return load_contract(version)


@cache
def between(old: str, new: str) -> ComparisonReport:
    return compare(contract(old), contract(new), load_policy(), memory=PROVEN["ampeco"])


def test_from_3_66_to_3_90_operations_are_only_added() -> None:
    report = between("3.66.0", "3.90.0")
    rules = [change.rule for change in report.changes]
    assert rules.count("operation-added") == 35
    assert "operation-removed" not in rules
    assert report.counts[ChangeSeverity.BREAKING] == report.counts[ChangeSeverity.MAYBE] == 0


def test_from_3_96_4_to_3_110_exactly_what_is_known_breaks() -> None:
    broken = {
        (change.operation, change.location, change.subject)
        for change in between("3.96.4", "3.110.0").changes
        if change.severity is ChangeSeverity.BREAKING and not change.location.startswith("callback")
    }
    smart = "/public-api/resources/charge-points/v2.0/{chargePoint}/personal-smart-charging-preferences"
    modes = "/public-api/resources/charge-points/v2.0/{chargePoint}/available-personal-smart-charging-modes"
    rates, tags = "/public-api/resources/electricity-rates/v2.0", "/public-api/resources/id-tags/v2.0"
    sessions, bookings = "/public-api/resources/sessions/v1.0", "/public-api/resources/bookings/v1.0"
    savings, token = "estimatedElectricityCostSavings", "ocpiTokenId"
    assert broken == {
        (f"GET {bookings}", f"200 body.data[].{token}", token),
        (f"GET {bookings}/{{booking}}", f"200 body.data.{token}", token),
        (f"GET {sessions}", f"200 body.data[].{savings}", savings),
        (f"GET {sessions}/{{session}}", f"200 body.data.{savings}", savings),
        (f"GET {modes}", "200 body.data[].type", "energi_elspot"),
        (f"GET {smart}", "200 body.data.type", "energi_elspot"),
        (f"POST {smart}", "201 body.data.type", "energi_elspot"),
        (f"POST {smart}", "body.type", "energi_elspot"),
        (f"GET {rates}", "200 body.data[].type", "elspot"),
        (f"POST {rates}", "201 body.data.type", "elspot"),
        (f"GET {rates}/{{electricityRate}}", "200 body.data.type", "elspot"),
        (f"PATCH {rates}/{{electricityRate}}", "200 body.data.type", "elspot"),
        (f"POST {tags}", "201 body.data.type", "emaid"),
        (f"PATCH {tags}/{{idTag}}", "200 body.data.type", "emaid"),
    }


def test_what_the_server_sends_by_callback_loses_the_same_field() -> None:
    broken = [
        change
        for change in between("3.96.4", "3.110.0").changes
        if change.severity is ChangeSeverity.BREAKING and change.location.startswith("callback")
    ]
    assert {change.subject for change in broken} == {"estimatedElectricityCostSavings"}


@pytest.mark.parametrize("version", DOCUMENTED)
def test_a_version_does_not_differ_from_itself(version: str) -> None:
    assert not between(version, version).groups


@pytest.mark.parametrize(("old", "new"), list(itertools.combinations(DOCUMENTED, 2)))
def test_what_is_added_one_way_is_removed_the_other_way(old: str, new: str) -> None:
    there, back = _rules(between(old, new)), _rules(between(new, old))
    for one, other in _OPPOSITES:
        assert there.get(one, set()) == back.get(other, set())
        assert there.get(other, set()) == back.get(one, set())


_OPPOSITES = [
    ("operation-added", "operation-removed"),
    ("operation-deprecated", "operation-reactivated"),
    ("request-enum-value-added", "request-enum-value-removed"),
    ("response-enum-value-added", "response-enum-value-removed"),
    ("response-optional-property-added", "response-optional-property-removed"),
    ("response-property-became-required", "response-property-became-optional"),
    ("request-property-became-required", "request-property-became-optional"),
    ("response-success-status-added", "response-success-status-removed"),
]


def _rules(report: ComparisonReport) -> dict[str, set[tuple[str, str, str]]]:
    found: dict[str, set[tuple[str, str, str]]] = {}
    for change in report.changes:
        rule = change.rule.replace("property-added-to-closed-object", "optional-property-added")
        found.setdefault(rule, set()).add((change.operation, change.location, change.subject))
    return found


@pytest.mark.parametrize("middle", ["3.85.1", "3.90.0"])
def test_two_steps_add_what_one_step_adds(middle: str) -> None:
    def added(old: str, new: str) -> set[str]:
        return {change.operation for change in between(old, new).changes if change.rule == "operation-added"}

    assert added("3.66.0", middle) | added(middle, "3.110.0") == added("3.66.0", "3.110.0")


@pytest.mark.parametrize("version", ["3.66.0", "3.110.0"])
def test_the_translation_to_openapi_3_1_is_no_change(version: str) -> None:
    ours = contract(version)
    translated = ContractDocument("translated", to_3_1(ours.document))
    assert translated.document != ours.document
    for old, new in ((ours, translated), (translated, ours)):
        changes = compare(old, new, load_policy("strict"), memory=PROVEN["strict"]).changes
        assert not [change for change in changes if change.rule != "version-unchanged"]


def test_a_change_shows_through_the_translation_too() -> None:
    translated: dict[str, Any] = to_3_1(contract("3.110.0").document)
    del translated["components"]["schemas"]["Booking"]["properties"]["status"]
    translated["components"]["schemas"]["Booking"]["required"].remove("status")
    report = compare(contract("3.110.0"), ContractDocument("3.1", translated), load_policy(), memory=PROVEN["ampeco"])
    broken = [change for change in report.changes if change.severity is ChangeSeverity.BREAKING]
    assert [(change.rule, change.subject) for change in broken] == [("response-required-property-removed", "status")]
