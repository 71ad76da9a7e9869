"""Every documented filter, on a world made for it: what it returns matches, is all that matches, and nothing else.

The kind of a comparison comes from the suite's own table, which is written apart from that of the emulator; where the
suite leaves it open, from the tables below.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from ampeco_conformance.apis.filter_meaning import FilterOperator
from ampeco_conformance.contract.filters import Filter, filters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import load_specification
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.resource_types import resource_type_of
from ampeco_emulator.backend.store import Store
from ampeco_emulator.clock import VirtualClock, parse_timestamp
from ampeco_emulator.crud.calls import EndpointCall
from ampeco_emulator.crud.collections import filter_predicates, requested_filters
from ampeco_emulator.crud.filters import filtered
from ampeco_emulator.domain import HOOKS
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.validation import read_request
from ampeco_emulator.seed.seeding import seed
from ampeco_emulator.seed.sizes import SMALL
from tests.support.emulator import NOON
from tests.support.filter_places import BY_NAME, PLACES, Put, own_field

_Expected = list[tuple[Any, set[int]]]
_SAME, _AFTER, _BEFORE = FilterOperator.SAME, FilterOperator.AFTER, FilterOperator.BEFORE
_TIMES = ("2026-03-01T08:00:00Z", "2026-03-02T08:00:00Z", "2026-03-03T08:00:00Z")
_DAYS = ("2026-03-01", "2026-03-02", "2026-03-03")
_WORDS = ("north-1", "south-2", "west-3")
_CURRENCIES = ("EUR", "DKK", "BGN")
_EMAILS = ("a@example.com", "b@example.com", "c@example.com")
#: The resource types that others refer to: three records of each, and record n refers to the n-th of each.
_AROUND = (
    "users",
    "locations",
    "charge-points",
    "evses",
    "connectors",
    "authorizations",
    "charge-point-models",
    "roaming-operators",
    "tariff-groups",
    "partner-invites",
)
_REFERENCES = ("userId", "locationId", "chargePointId", "evseId", "authorizationId", "modelId", "roamingOperatorId")


_SUFFIXES = ("After", "Before", "From", "To", "Since")
_OPERATORS: Mapping[tuple[str, str], FilterOperator] = {
    ("flexibility-assets", "updatedSince"): _AFTER,
    ("receipts", "periodStart"): _AFTER,
    ("terms-and-policies", "validFrom"): _AFTER,
    ("sessions", "roaming"): _SAME,
}
#: What no world can be made for: it finds a tariff only together with a tariff group.
_ALONE = {("tariffs", "userId")}


@dataclass(frozen=True)
class Case:
    """A documented filter of a listing."""

    endpoint: Endpoint
    rule: Filter
    name: str

    @property
    def key(self) -> tuple[str, str]:
        return resource_type_of(self.endpoint.path), self.name


@pytest.fixture(scope="module", params=["3.110.0", "3.90.0"])
def backend(request: pytest.FixtureRequest) -> Backend:
    backend = Backend(load_specification(request.param), HOOKS, VirtualClock(parse_timestamp(NOON)))
    seed(backend, SMALL)
    return backend


def _cases(backend: Backend) -> Iterator[Case]:
    contract = ApiContract(backend.specification)
    for endpoint in backend.router.listings():
        for rule in filters_of(contract, endpoint.operation):
            yield Case(endpoint, rule, rule.name.removeprefix("filter[").partition("]")[0].partition(".")[0])


def _put(case: Case) -> Put:
    known = PLACES.get(case.key) or BY_NAME.get(case.name)
    if known is not None:
        return known
    if case.name == "externalAppData":
        return own_field("externalAppData.conformUnknown")
    stem = next((case.name.removesuffix(end) for end in _SUFFIXES if case.name.endswith(end)), None)
    moments = ("endDate", "expireDate", "date")
    return own_field(case.name if stem is None else stem if stem in moments else f"{stem}At")


def _values(case: Case, operator: FilterOperator) -> tuple[Any, Any, Any]:
    schema = case.rule.schema
    if operator in (FilterOperator.LONGER, FilterOperator.SHORTER):
        return 60, 120, 180
    if operator in (FilterOperator.PRESENT, FilterOperator.MISSING):
        return None, 1, 2
    is_day = schema.get("format") == "date" and operator is not FilterOperator.ON_DAY
    if operator in (_AFTER, _BEFORE, FilterOperator.ON_DAY) or schema.get("format") in ("date", "date-time"):
        return _DAYS if is_day else _TIMES
    if choices := [value for value in schema.get("enum", ()) if value not in ("null", None)]:
        words = [case.rule.values.get(value, value) for value in choices]
        return words[0], words[-1], words[0]
    is_flag = "boolean" in (schema.get("type"), schema.get("format")) or case.name == "managedByOperator"
    if is_flag:
        return False, True, False
    is_number = schema.get("type") in ("integer", "number") or schema.get("format") in ("integer", "number")
    is_id = case.name.endswith(("Id", "Ids")) and case.name not in ("externalId", "networkId", "roamingId", "partyId")
    if case.name in ("currency", "currencyCode", "base", "target"):
        return _CURRENCIES
    if schema.get("format") == "email":
        return _EMAILS
    if case.name in ("chargePointNetworkId", "evseExternalId", "idTagUid", "rfidTagUid", "invoiceNumber"):
        return "101", "102", "103"
    return (1, 2, 3) if is_number or is_id or case.key == ("sessions", "roaming") else _WORDS


def _expected(case: Case, operator: FilterOperator, values: tuple[Any, Any, Any]) -> _Expected:
    """What to ask for, and the records that it must find of the three."""
    spelled = {written: asked for asked, written in case.rule.values.items()}
    middle = spelled.get(values[1], values[1])
    if operator in (FilterOperator.PRESENT, FilterOperator.MISSING):
        there, gone = ("true", "false") if operator is FilterOperator.PRESENT else ("false", "true")
        return [(there, {2, 3}), (gone, {1})]
    if operator is FilterOperator.STARTS:
        return [("south", {2}), ("outh", set())]
    if operator is FilterOperator.CONTAINS:
        return [("outh-", {2}), ("th-", {1, 2}), ("th", set())]
    if operator is FilterOperator.ON_DAY:
        return [("2026-03-02", {2}), ("2026-03-04", set())]
    if operator in (_AFTER, _BEFORE):
        later, earlier = ({3}, {2, 3}) if operator is _AFTER else ({1, 2}, {1, 2})
        if "T" not in values[1]:
            return [(values[1], {3} if operator is _AFTER else {1})]
        bound: _Expected = [(values[1], earlier)] if case.rule.is_inclusive else []
        return [(values[1].replace("T08", "T20"), later), *bound]
    if operator is FilterOperator.LONGER:
        return [(120, {2, 3}), (121, {3})]
    if operator is FilterOperator.SHORTER:
        return [(120, {1, 2}), (119, {1})]
    others = {number for number, value in enumerate(values, 1) if value == values[0]}
    first = spelled.get(values[0], values[0])
    return [(middle, {2} | (others if values[1] == values[0] else set())), (first, others)]


def _world(backend: Backend, case: Case, values: tuple[Any, Any, Any]) -> dict[str, str]:
    """Three records of the listing, each with its value, and what they refer to; gives the parents of the listing."""
    seeded, backend.store = backend.store, Store()
    try:
        wanted = case.key[0]
        for resource_type in dict.fromkeys((*_AROUND, wanted)):
            samples = seeded.all(resource_type)
            for number in range(3):
                fields = copy.deepcopy(samples[number % len(samples)].fields) if samples else {}
                fields |= {name: number + 1 for name in _REFERENCES if name in fields}
                links = {"charge-points", "evses", "locations"} - {resource_type}
                backend.store.add(resource_type, fields, {link: str(number + 1) for link in links})
        parents: dict[str, str] = {}
        template = case.endpoint.path
        for name in case.endpoint.names:
            parent = resource_type_of(template[: template.index("{" + name + "}")])
            parents[parent] = "1"
            if not backend.store.all(parent):
                backend.store.add(parent, copy.deepcopy(seeded.all(parent)[0].fields))
        for record, value in zip(backend.store.all(wanted), values, strict=True):
            for parent, key in parents.items():
                backend.store.attach(record, parent, key)
            _put(case)(backend.store, record, value)
        return parents
    except BaseException:
        backend.store = seeded
        raise


def _found(backend: Backend, case: Case, asked: Any, parents: Mapping[str, str]) -> set[int]:
    endpoint = case.endpoint
    parameter = "filter[roaming][roamingOperatorCpoIds][]" if case.key == ("sessions", "roaming") else ""
    text = str(asked).lower() if isinstance(asked, bool) else str(asked)
    path_values = dict.fromkeys(endpoint.names, "1")
    incoming, problems = read_request(endpoint, path_values, [(parameter or case.rule.parameter, text)], "", b"")
    assert not problems, (case.key, problems)
    call = EndpointCall(backend, endpoint, incoming, "http://emulator")
    predicates = filter_predicates(call, requested_filters(call))
    assert len(predicates) == 1
    return {record.id for record in filtered(backend.store.all(case.key[0], parents), predicates)}


def _operator(case: Case) -> FilterOperator:
    known = _OPERATORS.get(case.key)
    return known or (_SAME if case.rule.operator in (FilterOperator.TEXT, FilterOperator.OTHER) else case.rule.operator)


def test_every_filter_finds_what_matches_all_of_it_and_nothing_else(backend: Backend) -> None:
    wrong: list[str] = []
    seeded = backend.store
    for case in _cases(backend):
        if case.key in _ALONE:
            continue
        operator = _operator(case)
        values = _values(case, operator)
        parents = _world(backend, case, values)
        try:
            for asked, expected in _expected(case, operator, values):
                found = _found(backend, case, asked, parents)
                if found != expected:
                    wrong.append(f"{case.endpoint.path} {case.rule.parameter}={asked}: {found} instead of {expected}")
        finally:
            backend.store = seeded
    assert not wrong, "\n".join(wrong)


def test_every_filter_has_a_row_with_a_source(backend: Backend) -> None:
    names = {
        (case.key[0], "roaming.roamingOperatorCpoIds" if case.key == ("sessions", "roaming") else case.name)
        for case in _cases(backend)
    }
    assert not names - HOOKS.filters.keys()
    assert all(row.source for row in HOOKS.filters.values())


def test_the_filters_are_those_of_the_specifications(backend: Backend) -> None:
    cases = list(_cases(backend))
    assert len(cases) == {"3.110.0": 370, "3.90.0": 341}[backend.specification.version]
