"""How a value breaks a schema, as readers are told: where, by which keyword, in which alternative."""

from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from ampeco_conformance.contract.json_schema import pattern_of
from ampeco_conformance.core.fingerprints import json_type
from ampeco_conformance.specs.walking import escape_pointer

#: Keywords by which schemas tell the values of alternatives apart.
_NAMING = ("const", "enum")
#: Keywords that forbid what a newer version may add.
_GROWING = ("enum", "additionalProperties")
_SHOWN_PARTS = 3


@dataclass(frozen=True, slots=True)
class SchemaError:
    """How a value breaks a schema: where (a JSON pointer), by which keyword, and the pointer of that keyword.

    `place` is the location with `*` for the indexes of lists and the keys of maps. `is_growth` says that the value has
    only what a newer version may add: fields, and values of enums. `nearest` is the error of the alternative that
    a value was meant for, the first of several of one kind. Of an object with alternatives, `actual` is what is wrong
    in that one, by location.
    """

    location: str
    place: str
    keyword: str
    reason: str
    expected: Any
    actual: Any
    source: str
    is_growth: bool = False
    nearest: "SchemaError | None" = None

    @property
    def message(self) -> str:
        """Where, and what is wrong."""
        return f"{self.location or 'the body'} {self.reason}"


def schema_error_of(error: jsonschema_rs.ValidationError) -> SchemaError:
    """An error of a validator, with what is wrong in the alternative that the value was meant for."""
    location = "".join(f"/{escape_pointer(str(token))}" for token in error.instance_path)
    place = "".join(f"/{escape_pointer(token)}" for token in pattern_of(error.instance_path, error.evaluation_path))
    source = "".join(f"/{escape_pointer(str(token))}" for token in error.schema_path)
    keyword = error.kind.name
    if keyword == "required":
        name = escape_pointer(error.kind.as_dict()["property"])
        return SchemaError(f"{location}/{name}", f"{place}/{name}", keyword, "is missing", "present", "absent", source)
    nearest = [schema_error_of(part) for part in _nearest_alternative(error)]
    alike = len({(part.keyword, json_type(part.actual)) for part in nearest}) == 1
    why = f"in the nearest alternative {_listed(nearest)}" if nearest else _shorten(error.message)
    reason = f"breaks `{keyword}`: {why}"
    expected = {key: value for key, value in error.kind.as_dict().items() if key != "context"}
    expected |= {part.location: part.expected for part in nearest[:_SHOWN_PARTS]}
    is_growth = keyword in _GROWING or (bool(nearest) and all(part.is_growth for part in nearest))
    actual = error.instance
    if nearest and isinstance(actual, dict):
        actual = {part.location: part.actual for part in nearest[:_SHOWN_PARTS]}
    return SchemaError(
        location, place, keyword, reason, expected, actual, source, is_growth, nearest[0] if alike else None
    )


def _nearest_alternative(error: jsonschema_rs.ValidationError) -> list[jsonschema_rs.ValidationError]:
    """The errors of the alternative that a value of `anyOf` or `oneOf` was meant for.

    A wrong constant in a field of the value says that another alternative was meant. Empty for other keywords, and
    where every alternative is of another type.
    """
    depth = len(error.instance_path)

    def distance(errors: list[jsonschema_rs.ValidationError]) -> tuple[int, int]:
        return sum(part.kind.name in _NAMING and len(part.instance_path) == depth + 1 for part in errors), len(errors)

    alternatives = (
        errors
        for errors in getattr(error.kind, "context", ())
        if not any(part.kind.name == "type" and len(part.instance_path) == depth for part in errors)
    )
    return min(alternatives, key=distance, default=[])


def _listed(errors: list[SchemaError]) -> str:
    more = len(errors) - _SHOWN_PARTS
    return "; ".join([*(part.message for part in errors[:_SHOWN_PARTS]), *([f"{more} more"] if more > 0 else [])])


def _shorten(text: str) -> str:
    """Long instances stand at the start of a validator's message, the reason at its end: keep both."""
    return text if len(text) <= 160 else f"{text[:60]} ... {text[-90:]}"
