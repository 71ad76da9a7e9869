"""Every documented `with...` flag and `include[]` value: its part is shown when asked for, and only then."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from ampeco_conformance.specs import load_specification
from ampeco_emulator.openapi.endpoints import Endpoint, Router
from ampeco_emulator.openapi.values import Values
from tests.support.emulator import RunningEmulator

#: Where a part is, if not at the top of the item under the name that its parameter says.
_PLACES = {"chargingPeriodsPriceBreakdown": "chargingPeriods.priceBreakdown"}
#: What a part is of, which must be asked for too.
_OUTER = {"chargingPeriodsPriceBreakdown": {"withChargingPeriods": "true"}}


def _parts(endpoint: Endpoint) -> Iterator[tuple[str, dict[str, Any]]]:
    """The optional parts that the items of an operation have, each with the query that asks for it."""
    known = Values(endpoint.book, lambda: datetime.now(UTC), lambda *_: None).names(endpoint.item_schema or {})
    return ((part, query) for part, query in _documented(endpoint) if part in known or part in _PLACES)


def _documented(endpoint: Endpoint) -> Iterator[tuple[str, dict[str, Any]]]:
    for parameter in endpoint.query.values():
        if parameter.name.startswith("with"):
            yield parameter.name[4].lower() + parameter.name[5:], {parameter.name: "true"}
        elif parameter.name.startswith("include"):
            items = endpoint.book.deref(endpoint.book.deref(parameter.schema).get("items", {}))
            yield from ((name, {"include[]": name}) for name in items.get("enum", ()))


def _shows(item: Mapping[str, Any], part: str) -> bool:
    outer, _, inner = _PLACES.get(part, part).partition(".")
    found = item.get(outer)
    return any(inner in period for period in found or ()) if inner else outer in item


@pytest.mark.parametrize("version", ["3.90.0", "3.110.0"])
def test_every_part_is_shown_when_asked_for_and_only_then(request: pytest.FixtureRequest, version: str) -> None:
    emulator: RunningEmulator = request.getfixturevalue("newest" if version == "3.110.0" else "emulator")
    wrong, tried = [], 0
    for endpoint in Router(load_specification(version)).endpoints:
        if endpoint.operation.method != "GET" or len(endpoint.names) > 1:
            continue
        path = re.sub(r"\{.+\}", "1", endpoint.path.removeprefix("/public-api"))
        for part, query in _parts(endpoint):
            tried += 1
            for asked in ({}, query):
                shown = emulator.data(path, **asked, **_OUTER.get(part, {}))
                items = shown if isinstance(shown, list) else [shown]
                if any(_shows(item, part) for item in items) is not bool(asked):
                    wrong.append((endpoint.operation.label, part, asked))
    assert tried >= 20
    assert "\n".join(map(str, wrong)) == ""


def _sum(lines: list[dict[str, Any]]) -> float:
    return round(sum(float(line["totalPrice"]) for line in lines), 2)


_CONTENTS: Mapping[str, Callable[[dict[str, Any]], bool]] = {
    "withAuthorization": lambda session: session["authorization"]["id"] == session["authorizationId"],
    "withPriceBreakdown": lambda session: _sum(session["priceBreakdown"]) == session["totalAmount"]["withTax"],
    "withChargingPeriods": lambda session: (
        sum(period["energy"] for period in session["chargingPeriods"]) == session["energy"]
    ),
    "withClockAlignedEnergyConsumption": lambda session: (
        sum(item["energyConsumed"] for item in session["clockAlignedEnergyConsumption"]) == session["energy"]
    ),
}


@pytest.mark.parametrize("flag", _CONTENTS)
def test_a_part_of_a_session_agrees_with_it(emulator: RunningEmulator, flag: str) -> None:
    sessions = emulator.data("/resources/sessions/v1.0", **{flag: "true", "filter[status]": "finished"})
    assert sessions
    assert [session["id"] for session in sessions if not _CONTENTS[flag](session)] == []
