"""Other valid values of a field: neither the present one nor, where there is a choice, the default.

A server that ignores a field is only noticed when the value sent differs from what the field would read anyway.
"""

import itertools
import re
import string
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from ampeco_conformance.checks.values import same_value
from ampeco_conformance.contract.references import field_name
from ampeco_conformance.generate.sampling import ABSENT, Sampler, format_of, is_map, matching, type_of

#: All known ids for a field that refers to a resource, by field name and schema.
ReferenceIds = Callable[[str, Mapping[str, Any]], Iterator[Any]]

_IDS_TRIED = 3
_DECIMAL = frozenset({"float", "double", "decimal"})
_MONEY = re.compile(r"price|amount|fee|bonus|cost|balance", re.IGNORECASE)
#: Measured in watts and the like, so that 16 bits do not hold it.
_LARGE_NAME = re.compile(r"power|energy|(Limit|Threshold)$")
_LARGE = 70_000
#: By so much more an amount of money is tried, which a forgotten limit may cut.
_MUCH = 250
#: Texts that may be digits alone, whose leading zeros a number would lose.
_CODE_NAME = re.compile(r"post_?code$|physicalReference$", re.IGNORECASE)
_CODE = "00712"
_SHORT = 3
#: A second value where the sampler has only one: format -> value.
_SECOND = {"ipv4": "192.0.2.2", "hostname": "example.org", "byte": "b3RoZXI="}
_ANOTHER_ZONE = timezone(timedelta(hours=2))
_LATER = {"date-time": timedelta(days=1), "date": timedelta(days=1), "time": timedelta(hours=1)}


class OtherValues:
    """Finds other values for the fields of one specification."""

    def __init__(self, sampler: Sampler, references: ReferenceIds) -> None:
        self._sampler = sampler
        self._references = references

    def others(self, name: str, schema: Mapping[str, Any], present: Any) -> Iterator[Any]:
        """Values of a field that differ from the present one; the default, if it is among them, comes last."""
        schema = self._sampler.flattened(schema)
        candidates = [value for value in self._candidates(name, schema, present) if not same_value(value, present)]
        for value in sorted(candidates, key=lambda value: value == schema.get("default")):
            if (permitted := self._sampler.permitted(value, name)) is not ABSENT:
                yield permitted

    def varied(self, name: str, schema: Mapping[str, Any], value: Any, present: Any = None) -> Any:
        """The value with every part replaced by one that differs from it and from what is `present` there."""
        schema = self._sampler.flattened(schema)
        if isinstance(value, dict):
            shown = present if isinstance(present, dict) else {}
            properties = (
                dict.fromkeys(value, schema["additionalProperties"]) if is_map(schema) else schema.get("properties", {})
            )
            return {
                key: self.varied(field_name(key, name), properties[key], item, shown.get(key))
                if key in properties
                else item
                for key, item in value.items()
            }
        if isinstance(value, list):
            shown_items = present if isinstance(present, list) else []
            pairs = itertools.zip_longest(value, shown_items[: len(value)])
            varied = [self.varied(name, schema.get("items", {}), item, was) for item, was in pairs]
            return [*varied, *self._second(name, schema, varied)]
        return next((other for other in self.others(name, schema, value) if other != present), value)

    def _second(self, name: str, schema: Mapping[str, Any], values: list[Any]) -> list[Any]:
        """Another one beside the only value of a list, of which a server may store only the first."""
        if len(values) != 1 or isinstance(values[0], dict | list) or schema.get("maxItems", 2) < 2:
            return []
        return list(itertools.islice(self.others(name, schema.get("items", {}), values[0]), 1))

    def _candidates(self, name: str, schema: Mapping[str, Any], present: Any) -> Iterator[Any]:
        kind = type_of(schema)
        if kind in ("object", "array"):
            sample = self._sampler.sample(schema, complete=True, name=name)
            yield self.varied(name, schema, sample, present)
            yield sample
            return
        known = list(itertools.islice(self._references(name, schema), _IDS_TRIED))
        if known:
            yield from known
        elif enum := [value for value in schema.get("enum", ()) if value is not None]:
            yield from enum
        elif kind == "boolean":
            yield from (True, False)
        elif kind in ("integer", "number"):
            if _LARGE_NAME.search(name) and _MONEY.search(name) is None and "maximum" not in schema:
                yield _LARGE
            difference = _difference(name, schema)
            yield from _numbers(schema, present, difference, _MUCH if _MONEY.search(name) else difference)
        else:
            yield from self._texts(name, schema, present)

    def _texts(self, name: str, schema: Mapping[str, Any], present: Any) -> Iterator[str]:
        sample = self._sampler.sample(schema, complete=True, name=name)
        form = format_of(schema)
        if pattern := schema.get("pattern"):
            yield matching(pattern, other_than=present if isinstance(present, str) else None)
        elif form in _LATER:
            yield _later(sample, form)
        elif form in _SECOND:
            yield _SECOND[form]
        elif _CODE_NAME.search(name) and len(_CODE) <= schema.get("maxLength", len(_CODE)):
            yield _CODE
        elif len(sample) <= _SHORT:
            yield string.ascii_uppercase[1 : len(sample) + 1]
        yield sample


def _difference(name: str, schema: Mapping[str, Any]) -> float:
    """What is added, with as many decimals as are documented, two at most; money may have none in its currency."""
    step = schema.get("multipleOf", 0.01 if schema.get("format") in _DECIMAL else 1)
    if step >= 1 or _MONEY.search(name) is not None:
        return 1
    return 1.25 if round(1.25 / step, 6).is_integer() else 1.5


def _numbers(schema: Mapping[str, Any], present: Any, less: float, more: float) -> Iterator[float]:
    low, high, step = schema.get("minimum"), schema.get("maximum"), schema.get("multipleOf")
    number = present if isinstance(present, int | float) else low or 0
    for value in dict.fromkeys((number + more, number - less, low, high, 0)):
        if value is None:
            continue
        above = low is None or value > low or (value == low and not schema.get("exclusiveMinimum"))
        below = high is None or value < high or (value == high and not schema.get("exclusiveMaximum"))
        if above and below and (step is None or round(value / step, 6).is_integer()):
            yield value


def _later(sample: str, form: str) -> str:
    """A moment, day or time of day after the sampled one; a moment in another zone, whose offset a server may drop."""
    if form == "date":
        return (date.fromisoformat(sample) + _LATER[form]).isoformat()
    if form == "time":
        return f"{(int(sample[:2]) + 1) % 24:02}{sample[2:]}"
    later = datetime.fromisoformat(sample) + _LATER[form]
    return later.astimezone(_ANOTHER_ZONE).isoformat() if later.tzinfo else later.isoformat()
