"""The deprecation calendar: since when, until when, and what to use instead."""

from functools import cache
from pathlib import Path

import pytest

from ampeco_conformance.apis import describe
from ampeco_conformance.cli.main import main
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.deprecations import Deprecation, deprecation_calendar
from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.usage import Usage
from ampeco_conformance.core.errors import ExitCode

_RESOURCES = "/public-api/resources"


@cache
def _contracts() -> list[ContractDocument]:
    return [load_contract(version) for version in ("3.90.0", "3.96.4", "3.106.5", "3.110.0", "3.139.0", "3.251.0")]


def _calendar(*calls: str) -> tuple[Deprecation, ...]:
    usage = Usage("traffic")
    for call in calls:
        method, _, path = call.partition(" ")
        usage.add(method, f"https://tenant.example{path}")
    return deprecation_calendar(_contracts(), usage, describe("ampeco")).deprecations


@pytest.mark.parametrize(
    ("call", "since", "until", "replacement"),
    [
        (f"GET {_RESOURCES}/users/v1.0", "after 3.110.0, by 3.139.0", None, f"GET {_RESOURCES}/users/v1.1"),
        (f"GET {_RESOURCES}/users/v1.0/17", "after 3.110.0, by 3.139.0", None, f"GET {_RESOURCES}/users/v1.1/{{user}}"),
        # Deprecations are not known below 3.96.4.
        (f"GET {_RESOURCES}/charge-points/v1.0", "by 3.96.4", None, f"GET {_RESOURCES}/charge-points/v2.0"),
        (
            f"GET {_RESOURCES}/authorizations/v2.0",
            "after 3.106.5, by 3.110.0",
            None,
            f"GET {_RESOURCES}/authorizations/v2.1",
        ),
        # Nothing newer has the path of this one.
        (f"PUT {_RESOURCES}/parking-spaces/v1.0/3", "after 3.110.0, by 3.139.0", None, None),
        (f"GET {_RESOURCES}/sessions/v1.0?page=2", "", "2026-06-01", "cursor"),
    ],
)
def test_a_used_deprecation_has_its_range_its_end_and_its_replacement(
    call: str, since: str, until: str | None, replacement: str | None
) -> None:
    (found,) = _calendar(call)
    assert (found.since, found.until, found.replacement, found.calls) == (since, until, replacement, 1)


def test_what_is_announced_to_end_comes_first() -> None:
    found = _calendar(f"GET {_RESOURCES}/users/v1.0?page=3", f"GET {_RESOURCES}/charge-points/v1.0")
    assert [item.part for item in found] == ["query.page", "", ""]


def test_what_is_current_is_not_listed() -> None:
    assert not _calendar(f"GET {_RESOURCES}/sessions/v1.0?cursor=", f"GET {_RESOURCES}/charge-points/v2.0")
    # It has no page style; `client-check` and `drift --har` say so.
    assert not _calendar(f"GET {_RESOURCES}/bookings/v1.0?page=2")


def test_a_field_that_is_sent_is_listed_where_the_contract_deprecates_it() -> None:
    usage = Usage("traffic")
    usage.add("POST", "/users").learn_sent({"name", "phone", "address.fax"})
    fields = {
        "phone": {"type": "string", "deprecated": True},
        "name": {},
        "address": {"$ref": "#/components/schemas/A"},
    }
    address = {"properties": {"fax": {"deprecated": True}, "road": {"deprecated": True}}}
    contract = ContractDocument(
        "small",
        {
            "openapi": "3.0.3",
            "info": {"title": "Small", "version": "2"},
            "components": {"schemas": {"A": address}},
            "paths": {
                "/users": {
                    "post": {
                        "requestBody": {"content": {"application/json": {"schema": {"properties": fields}}}},
                        "responses": {"200": {"description": "Made."}},
                    }
                }
            },
        },
    )
    found = deprecation_calendar([contract], usage, describe("other")).deprecations
    assert [(item.part, item.by) for item in found] == [("body.address.fax", "2"), ("body.phone", "2")]


def test_the_command_prints_it_and_refuses_traffic_of_another_api(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "used.txt"
    listed.write_text(f"GET {_RESOURCES}/sub-operators/v1.0\n")
    assert main(["deprecations", "--usage", str(listed)]) == ExitCode.CONFORM
    told = capsys.readouterr().out
    assert "deprecated   after 3.139.0, by 3.168.0" in told
    assert f"use instead  GET {_RESOURCES}/sub-operators/v2.0" in told
    assert "until        not known" in told
    listed.write_text("GET /v1/charge-records\n")
    assert main(["deprecations", "--usage", str(listed)]) == ExitCode.TOO_LITTLE_TESTED
