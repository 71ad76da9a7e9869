"""Samples are valid and realistic, and omit references to unknown resources."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.generate.sampling import Sampler, matching
from ampeco_conformance.specs import load_specification
from ampeco_conformance.specs.walking import escape_pointer
from tests.support.small_contract import small_contract


@pytest.fixture(scope="module")
def contract() -> ApiContract:
    return ApiContract(load_specification("3.90.0"))


def sampler(schemas: Schemas, known: Mapping[str, Any] | None = None) -> Sampler:
    return Sampler(schemas, lambda name, _: (known or {}).get(name))


def test_moments_are_after_the_time_of_the_target() -> None:
    now = datetime(2027, 5, 1, 12, tzinfo=UTC)
    ahead = Sampler(small_contract().schemas, lambda *_: None, now=lambda: now)
    schema = {"type": "string", "format": "date-time"}
    samples = {name: ahead.sample(schema, complete=True, name=name) for name in ("startsAt", "endsAt")}
    assert samples == {"startsAt": "2027-05-02T12:00:00Z", "endsAt": "2027-05-03T12:00:00Z"}


@pytest.mark.parametrize("complete", [True, False], ids=["complete", "required only"])
def test_every_request_body_of_a_version_has_a_valid_sample(contract: ApiContract, complete: bool) -> None:
    without = []
    for operation in contract.specification.operations:
        if "requestBody" not in operation.definition:
            continue
        base = f"/paths/{escape_pointer(operation.path)}/{operation.method.lower()}/requestBody"
        _, pointer = contract.schemas.resolve(operation.definition["requestBody"], base)
        schema_pointer = f"{pointer}/content/application~1json/schema"
        schema = contract.schemas.at(schema_pointer)
        samples = [sampler(contract.schemas).sample(schema, complete=complete, variant=number) for number in range(3)]
        validator = contract.schemas.validator(schema_pointer, Direction.REQUEST)
        if not any(validator.is_valid(sample) for sample in samples):
            without.append(operation.label)
    assert without == []


def test_an_end_comes_after_its_start(contract: ApiContract) -> None:
    schema = {
        "type": "object",
        "properties": {name: {"type": "string", "format": "date-time"} for name in ("startAt", "endAt")},
    }
    sample = sampler(contract.schemas).sample(schema, complete=True)
    assert sample["startAt"] < sample["endAt"]


def test_a_known_reference_is_used_and_an_unknown_one_is_omitted(contract: ApiContract) -> None:
    schema = {
        "type": "object",
        "properties": {name: {"type": "integer"} for name in ("userId", "mysteryId", "count")},
    }
    assert sampler(contract.schemas, {"userId": 7}).sample(schema, complete=True) == {"userId": 7, "count": 1}
    # The first id of a target is 1, which looks like an invented number.
    assert sampler(contract.schemas, {"userId": 1}).sample(schema, complete=True) == {"userId": 1, "count": 1}


def test_a_map_has_an_entry(contract: ApiContract) -> None:
    schema = {"type": "object", "additionalProperties": {"type": "boolean"}}
    assert sampler(contract.schemas).sample(schema, complete=True) == {"en": False}
    assert sampler(contract.schemas).sample(schema, complete=False) == {}


def test_names_never_repeat(contract: ApiContract) -> None:
    generator = sampler(contract.schemas)
    names = [generator.sample({"type": "string", "maxLength": 8}, complete=True) for _ in range(20)]
    assert len(set(names)) == 20
    assert all(len(name) <= 8 for name in names)


@pytest.mark.parametrize("pattern", [r"^\d{2}:\d{2}$", "^[A-Z]{2}$", r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$"])
def test_a_pattern_is_matched(pattern: str) -> None:
    assert re.fullmatch(pattern, matching(pattern))
