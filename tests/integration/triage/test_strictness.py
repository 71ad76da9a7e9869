"""The first rule that fits governs, it says so, and a file that means nothing is refused in one line."""

import json
from datetime import date
from pathlib import Path

import pytest

from ampeco_conformance.core.checks import Strictness
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.tenant_data import shown_version
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.specs import Catalog, Operation, load_catalog, store_directory
from ampeco_conformance.triage import rule_file
from ampeco_conformance.triage.strictness import (
    StrictnessSettings,
    checked_settings,
    ended,
    feature_rules,
    load_settings,
    version_rules,
)

RULES = """
rules:
  - {check: response_schema_conformance, operation: "GET */tariffs/*", versions: 3.66.0..3.90.0,
     strictness: tolerant, reason: the new types come in May}
  - {check: pagination_*, strictness: "off", reason: nobody pages}
  - {check: balance-adds, strictness: advisory, reason: a known question}
"""
TARIFF = "GET /public-api/resources/tariffs/v1.0"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "strictness.yaml"
    path.write_text(RULES)
    return path


@pytest.mark.parametrize(
    ("check", "label", "version", "expected"),
    [
        ("response_schema_conformance", TARIFF, "3.66.0", Strictness.TOLERANT),
        ("response_schema_conformance", TARIFF, "3.90.0", Strictness.TOLERANT),
        ("response_schema_conformance", TARIFF, "3.90.1", Strictness.STRICT),
        ("response_schema_conformance", TARIFF.replace("GET", "POST"), "3.90.0", Strictness.STRICT),
        ("pagination_links", TARIFF, "v1", Strictness.OFF),
        ("balance-adds", TARIFF, "3.90.0", Strictness.ADVISORY),
    ],
)
def test_the_first_rule_that_fits_governs(
    file: Path, check: str, label: str, version: str, expected: Strictness
) -> None:
    strictness, words = load_settings(file).governing(check, label, version)
    assert strictness == expected
    assert ("rule" in words) == (strictness is not Strictness.STRICT)


@pytest.mark.parametrize(("is_emulator", "expected"), [(True, Strictness.STRICT), (False, Strictness.ADVISORY)])
def test_a_check_may_be_less_strict_on_tenants(is_emulator: bool, expected: Strictness) -> None:
    settings = StrictnessSettings(is_emulator=is_emulator)
    assert settings.governing("valid_field_refused", TARIFF, "3.90.0")[0] is expected


def test_strict_makes_a_failure_of_drift_only(file: Path) -> None:
    settings = load_settings(file, strict=True)
    assert settings.governing("response_schema_conformance", TARIFF, "3.90.0") == (
        Strictness.STRICT,
        "strictness.yaml rule 1: tolerant because the new types come in May; strict by --strict",
    )
    assert settings.governing("balance-adds", TARIFF, "3.90.0")[0] is Strictness.ADVISORY


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("rules: [{check: pagination_lines, strictness: 'off', reason: x}]", "did you mean pagination_links?"),
        ("rules: [{check: pagination_links, strictness: lax, reason: x}]", "known are strict, tolerant, advisory"),
        ("rules: [{check: pagination_links, strictness: 'off'}]", "`reason` is missing"),
        ("rules: [{check: pagination_links, strictness: 'off', reason: ''}]", "`reason` must be text"),
        ("rules: [{check: pagination_links, strictness: 'off', reason: x, version: '3'}]", "did you mean `versions`?"),
        ("rules: [{check: pagination_links, strictness: 'off', reason: x, versions: new}]", "name no version"),
        ("rules: [{check: pagination_links, strictness: 'off', reason: x, versions: 2..1}]", "must look like"),
        ("rules: 7", "must be a list"),
        ("tenants: {}", "unknown key 'tenants'"),
        ("", "is empty"),
    ],
)
def test_what_means_nothing_is_refused_in_one_line(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "strictness.yaml"
    file.write_text(content)
    with pytest.raises(ConfigurationError) as refused:
        load_settings(file)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize(
    ("label", "location", "expected"),
    [
        ("POST /public-api/resources/vouchers/v2.1", "body /amount", Strictness.STRICT),
        ("PATCH /public-api/resources/users/v1.0/{user}", "body /locale", Strictness.STRICT),
        ("PATCH /public-api/resources/users/v1.0/{user}", "body /externalId", Strictness.ADVISORY),
    ],
)
def test_fields_of_a_feature_that_is_on_must_be_accepted(label: str, location: str, expected: Strictness) -> None:
    settings = StrictnessSettings(feature_rules("ampeco", {"vouchers", "languages"}))
    assert settings.governing("valid_field_refused", label, "3.90.0", location)[0] is expected
    assert settings.governing("filter_matches_all", label, "3.90.0", location)[0] is Strictness.STRICT


@pytest.mark.parametrize(
    ("said", "check", "is_growth", "expected"),
    [
        ("3.110.0 (0f3a)", "response_schema_conformance", True, Strictness.TOLERANT),
        ("3.110.0 (0f3a)", "status_code_conformance", True, Strictness.TOLERANT),
        ("3.110.0 (0f3a)", "status_code_conformance", False, Strictness.STRICT),
        ("3.110.0 (0f3a)", "response_schema_conformance", False, Strictness.STRICT),
        ("3.110.0 (0f3a)", "not_a_server_error", False, Strictness.STRICT),
        ("3.110.0 (0f3a)", "route_exists", False, Strictness.STRICT),
        ("3.90.0 (0f3a)", "response_schema_conformance", True, Strictness.STRICT),
        ("3.90.0 (0f3a)", "route_exists", False, Strictness.STRICT),
        (None, "route_exists", False, Strictness.STRICT),
        ("3.85.1 (0f3a)", "route_exists", False, Strictness.ADVISORY),
        ("3.85.1 (0f3a)", "status_code_conformance", False, Strictness.STRICT),
        # What cannot be shown as it is must not be compared as another number.
        ("3.90.0 (emulator)", "response_schema_conformance", True, Strictness.STRICT),
        ("3.90.0 (of somebody)", "response_schema_conformance", True, Strictness.STRICT),
        ("v3.110.0", "response_schema_conformance", True, Strictness.TOLERANT),
    ],
)
def test_what_a_newer_target_adds_is_drift_and_what_an_older_one_lacks_may_come(
    said: str | None, check: str, is_growth: bool, expected: Strictness
) -> None:
    found = Probe(is_emulator=False, app_version=None if said is None else shown_version(said))
    rules = version_rules(said, is_older=found.is_older_than("3.90.0"), is_newer=found.is_newer_than("3.90.0"))
    assert (
        StrictnessSettings(rules).governing(check, TARIFF, "3.90.0", "/data/type", is_growth=is_growth)[0] is expected
    )


@pytest.mark.parametrize(
    ("day", "today", "expected"),
    [
        ("2026-06-01", date(2026, 6, 1), Strictness.TOLERANT),
        ("2026-06-01", date(2026, 5, 31), Strictness.STRICT),
        ("soon", date(2026, 6, 1), Strictness.STRICT),
    ],
)
def test_an_operation_may_go_when_its_announced_end_is_past(day: str, today: date, expected: Strictness) -> None:
    operations = [Operation("GET", "/a", "", "", "", True, {"x-sunset": day})]
    rules = version_rules("3.110.0", is_older=False, is_newer=True, ends=ended(operations, today))
    settings = StrictnessSettings(rules)
    assert settings.governing("route_exists", "GET /a", "3.90.0")[0] is expected
    assert settings.governing("route_exists", "GET /b", "3.90.0")[0] is Strictness.STRICT


def test_a_rule_for_operations_that_no_version_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # One small version: to read all of them takes a second.
    spirii = Catalog(load_catalog(store_directory()).versions("spirii"))
    monkeypatch.setattr(rule_file, "load_catalog", lambda _store: spirii)
    file = tmp_path / "strictness.yaml"
    rule = {"check": "pagination_links", "strictness": "off", "reason": "x"}
    for operation in ("*", "GET /v1/charge-records", "get */charge-*"):
        file.write_text(json.dumps({"rules": [rule | {"operation": operation}]}))
        assert len(checked_settings(file).rules) == 1
    file.write_text(json.dumps({"rules": [rule, rule | {"operation": "GET /v1/charge-record"}]}))
    with pytest.raises(ConfigurationError) as refused:
        checked_settings(file)
    assert str(refused.value) == (
        f"{file}: rule 2: no version has an operation 'GET /v1/charge-record'; did you mean 'GET /v1/charge-records'?"
    )
