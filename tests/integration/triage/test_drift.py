"""What is not documented is found, shown without its values, dated, looked up in newer versions, and documented."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.contract.allow_list import allow_list_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.contract.undocumented import UndocumentedFinder
from ampeco_conformance.core.checks import Strictness
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.core.findings import Standing
from ampeco_conformance.core.item_results import DriftEntry
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.core.tenant_data import TenantData
from ampeco_conformance.drift.inventory import drift_of_har, keep_drift
from ampeco_conformance.drift.log import DriftLog, joined, masked, masked_entry, read_drift, schema_of, tolerated_entry
from ampeco_conformance.drift.overlay import overlay_of
from ampeco_conformance.specs import Specification, load_catalog, load_specification, store_directory
from ampeco_conformance.specs.model import read_operations
from ampeco_conformance.specs.overlays import apply_overlay
from ampeco_conformance.specs.reading import read_document
from ampeco_conformance.triage.strictness import StrictnessRule, StrictnessSettings
from tests.support.finished_runs import passed
from tests.support.scripted_target import DOCUMENT

READ = "GET /users/{user}"
LOCATIONS = "/public-api/resources/locations/v2.0"


def exchange(data: Any, *headers: tuple[str, str], status: int = 200, at: float = 1_800_000_000.0) -> Exchange:
    response = Response(
        status, headers=(("Content-Type", "application/json"), *headers), body=json.dumps({"data": data}).encode()
    )
    return Exchange(Request("GET", "https://api.test/users/1"), response, at, 0.1)


def entries_of(
    contract: ApiContract, *exchanges: Exchange, settings: StrictnessSettings | None = None
) -> list[DriftEntry]:
    log = DriftLog(UndocumentedFinder(contract), settings or StrictnessSettings(), contract.specification, "staging")
    operation = contract.specification.operation(READ)
    return [entry for exchange in exchanges for entry, _ in log.news(operation, exchange)]


@pytest.mark.parametrize(
    ("data", "headers", "found"),
    [
        ({"id": 1, "name": "x", "address": {"city": "Sofia"}, "extra": {"a": {"b": 1}}}, [], []),
        ({"id": 1, "labels": {"main": "x", "other": "y"}}, [], []),
        ({"id": 1, "nickname": "x"}, [], ["/data/nickname"]),
        ({"id": 1, "address": {"street": "x"}}, [], ["/data/address/street"]),
        ({"id": 1, "name": {"first": "x"}}, [], []),
        ([{"id": 1, "nickname": "x"}], [], []),
        (
            {"id": 1},
            [("X-Trace-Of-Us", "1"), ("Date", "x"), ("CF-Ray", "x"), ("x-ratelimit-limit", "1")],
            ["X-Trace-Of-Us"],
        ),
    ],
)
def test_fields_and_headers_that_are_not_documented_are_found(
    contract: ApiContract, data: Any, headers: list[tuple[str, str]], found: list[str]
) -> None:
    assert [entry.location for entry in entries_of(contract, exchange(data, *headers))] == found


def test_each_thing_is_reported_once_and_what_a_setting_turns_off_never(contract: ApiContract) -> None:
    twice = [exchange({"id": 1, "nickname": "x"}), exchange({"id": 2, "nickname": "y"})]
    assert len(entries_of(contract, *twice)) == 1
    rule = StrictnessRule(check="undocumented_*", strictness=Strictness.OFF, reason="x", name="rule 1")
    assert entries_of(contract, *twice, settings=StrictnessSettings((rule,))) == []


def test_samples_show_the_form_and_never_the_value() -> None:
    value = {"email": "ann@example.com", "pin": 4711, "at": ["2026-01-02T03:04:05Z"], "on": True, "none": None}
    assert masked(value) == {
        "email": "xxx@xxxxxxx.xxx",
        "pin": 9,
        "at": ["9999-99-99x99:99:99x"],
        "on": True,
        "none": None,
    }
    assert schema_of(value["at"]) == {"type": "array", "items": {"type": "string", "format": "date-time"}}


def test_the_inventory_remembers_since_when(contract: ApiContract, tmp_path: Path) -> None:
    for at in (1_800_000_000.0, 1_800_100_000.0):
        (entry,) = entries_of(contract, exchange({"id": 1, "nickname": "x"}, at=at))
        keep_drift([passed(drift=(entry,))], tmp_path)
    (kept,) = read_drift(tmp_path)
    assert (kept.first_seen, kept.last_seen) == ("2027-01-15T08:00:00Z", "2027-01-16T11:46:40Z")
    assert "/data/nickname" in (tmp_path / "drift.md").read_text()
    keep_drift([passed()], tmp_path)
    assert read_drift(tmp_path) == [kept]


def test_the_overlay_documents_what_was_found(contract: ApiContract) -> None:
    shown = exchange({"id": 1, "nickname": "x", "address": {"street": "y"}}, ("X-Odd", "1"))
    overlay, left = overlay_of(entries_of(contract, shown), "x")
    document = copy.deepcopy(DOCUMENT)
    apply_overlay(overlay, document, "overlay")
    assert left == []
    documented = ApiContract(Specification("small", "1", document, "0", tuple(read_operations(document))))
    assert entries_of(documented, shown) == []
    assert not documented.check_response(shown)


def test_an_enum_value_that_is_tolerated_is_added_by_the_overlay(contract: ApiContract) -> None:
    (finding,) = contract.check_response(exchange({"id": 1, "status": "paused"}))
    (field,) = entries_of(contract, exchange({"id": 1, "x": 1}))
    entry = replace(field, check=finding.check, place=finding.source, schema={"enum": ["paused"]})
    overlay, _ = overlay_of([entry], "x")
    document = copy.deepcopy(DOCUMENT)
    apply_overlay(overlay, document, "overlay")
    documented = ApiContract(Specification("small", "1", document, "0", tuple(read_operations(document))))
    assert not documented.check_response(exchange({"id": 1, "status": "paused"}))


@pytest.mark.parametrize(("value", "shown"), [("paused", "paused"), ("Lovelace", "Xxxxxxxx"), ("AB12345", "XX99999")])
def test_an_enum_value_is_shown_on_a_tenant_when_it_is_written_like_one(
    contract: ApiContract, value: str, shown: str
) -> None:
    answer = exchange({"id": 1, "status": value, "Ada Lovelace": {"Ada Lovelace": 1}})
    (finding,) = contract.check_response(answer)
    (field,) = entries_of(contract, answer)
    entry = tolerated_entry(replace(finding, standing=Standing.DRIFT), "small", "staging")
    assert entry is not None
    tenant = TenantData(allow_list_of(contract.specification))
    tenant.observe(answer)
    enum, key = (masked_entry(found, Redactor((), tenant=tenant)) for found in (entry, field))
    assert (enum.sample, enum.schema) == (shown, {"enum": [shown]})
    assert ("Lovelace" in str((enum, key))) is False
    assert key.location == "/data/Xxx Xxxxxxxx"


@pytest.fixture
def har(tmp_path: Path) -> Path:
    """Traffic in which a location has a field that a later version documents, and one that none does."""
    body = {"data": [{"id": 1, "parkingType": "on_driveway", "colour": "red"}]}
    entry = {
        "startedDateTime": "2026-11-01T10:00:00.000Z",
        "time": 12,
        "request": {"method": "GET", "url": f"https://api.test{LOCATIONS}?per_page=1", "headers": []},
        "response": {
            "status": 200,
            "headers": [],
            "content": {"mimeType": "application/json", "text": json.dumps(body)},
        },
    }
    file = tmp_path / "traffic.har"
    file.write_text(json.dumps({"log": {"entries": [entry]}}))
    return file


def test_traffic_is_looked_up_in_newer_versions(har: Path) -> None:
    colour, parking = drift_of_har(har, load_specification("3.66.0"), StrictnessSettings()).entries
    assert (colour.location, colour.documented_in) == ("/data/*/colour", None)
    versions = [entry.version for entry in load_catalog(store_directory()).versions("ampeco")]
    assert parking.documented_in in versions
    before = versions[versions.index(str(parking.documented_in)) - 1]
    known = {
        version: UndocumentedFinder(ApiContract(load_specification(version))).documents(
            f"GET {LOCATIONS}", 200, "/data/*/parkingType"
        )
        for version in (before, str(parking.documented_in))
    }
    assert list(known.values()) == [False, True]


def test_the_command_lists_traffic_and_writes_the_overlay(
    har: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    overlay = tmp_path / "overlay.yaml"
    assert main(["drift", "--har", str(har), "--api-version", "3.66.0", "--emit-overlay", str(overlay)]) == 0
    said = capsys.readouterr().out
    assert "/data/*/parkingType at 200 is not documented; documented in " in said
    assert "red" not in said
    document = copy.deepcopy(load_specification("3.66.0").document)
    apply_overlay(read_document(overlay), document, "overlay")
    documented = Specification("ampeco", "3.66.0", document, "0", tuple(read_operations(document)))
    assert drift_of_har(har, documented, StrictnessSettings()).entries == []


def test_requests_to_no_operation_are_named(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = json.loads(har.read_text())
    (entry,) = log["log"]["entries"]
    entry["response"]["content"]["text"] = '{"data": []}'
    unknown = {**entry, "request": {"method": "GET", "url": "https://api.test/public-api/resources/tarifs/v1.0"}}
    har.write_text(json.dumps({"log": {"entries": [entry, unknown, {"request": None}]}}))
    assert main(["drift", "--har", str(har), "--api-version", "3.66.0"]) == 0
    said = capsys.readouterr()
    assert (
        said.out
        == "GET /public-api/resources/tarifs/v1.0 is no operation of ampeco 3.66.0\nNo drift in the responses.\n"
    )
    assert said.err == f"{har}: 1 left out; the first: entry 3 has no request with a method and a URL\n"


@pytest.mark.parametrize(
    "content",
    [{}, {"text": "!!!", "encoding": "base64"}, {"text": '{"data": [{"id": 1'}, {"text": "[" * 5000 + "]" * 5000}],
    ids=["absent", "no base64", "cut off", "too deep"],
)
def test_a_body_that_cannot_be_read_is_not_called_documented(
    content: dict[str, str], har: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = json.loads(har.read_text())
    (entry,) = log["log"]["entries"]
    entry["response"]["content"] = {"mimeType": "application/json", **content}
    har.write_text(json.dumps(log))
    assert main(["drift", "--har", str(har), "--api-version", "3.66.0"]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first == "1 response not looked at: the recording lacks the body, or it is no JSON"
    assert last == "No drift in the other responses."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "is not a readable HAR file"),
        ('{"log": {"entries": []}}', "has no request to an operation"),
        (None, "cannot be read"),
    ],
)
def test_traffic_that_says_nothing_is_refused(
    tmp_path: Path, content: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "broken.har"
    if content is not None:
        file.write_text(content)
    assert main(["drift", "--har", str(file)]) == ExitCode.CONFIGURATION
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_broken_inventory_is_named(tmp_path: Path) -> None:
    (tmp_path / "drift.json").write_text("[]")
    with pytest.raises(ConfigurationError, match=r"drift\.json was not written by"):
        read_drift(tmp_path)
    assert joined([]) == []
