"""Filters of listings: equality, ranges of timestamps and numbers, lists, nested fields.

Facts: `...After`/`...Before` and the like bound a field; `lastUpdated...`, `...From`/`...To` include the bound; the
text null means no value; a field may be nested with a dot, or mean the id of an object (`partnerId`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial, reduce
from typing import Any

from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import parse_zoned_timestamp
from ampeco_emulator.openapi.values import camel_case

RecordPredicate = Callable[[Record], bool]
Show = Callable[[Record, str], Any]

_BOUNDS: tuple[tuple[str, Callable[[Any, Any], bool], bool], ...] = (
    ("GreaterThan", lambda value, bound: value > bound, False),
    ("LessThan", lambda value, bound: value < bound, False),
    ("After", lambda value, bound: value > bound, False),
    ("Before", lambda value, bound: value < bound, False),
    ("From", lambda value, bound: value >= bound, True),
    ("To", lambda value, bound: value <= bound, True),
)
# The fields that a bound may refer to, best first, where the name differs by more than the suffix.
_BOUNDED = {
    "ended": ("stoppedAt", "endedAt"),
    "stopped": ("stoppedAt", "endedAt"),
    "reserved": ("reservedAt",),
    "startDateTime": ("startTime",),
    "endDateTime": ("endTime",),
}
_INCLUSIVE = frozenset({"lastUpdated"})
# Further bounds that are included, by the end of the name of a resource type.
_INCLUSIVE_OF = {"-downtime-periods": frozenset({"startedAfter", "stoppedBefore"})}
# Filters that are named otherwise than the field.
_FIELDS = {"tag": "tags", "chargePointNetworkId": "networkId"}
# The filter is spelled reserved, the field reversed; v1.0 of a resource says active, v2.0 enabled.
_SPELLINGS = {
    "reserved": frozenset({"reserved", "reversed"}),
    "active": frozenset({"active", "enabled"}),
    "enabled": frozenset({"active", "enabled"}),
}


def spellings(text: str) -> frozenset[str]:
    """The ways in which versions and listings spell a value of a filter."""
    return _SPELLINGS.get(text, frozenset({text}))


def filters_of(query: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The filtered fields, nested ones with a dot, and the values to match."""
    for name, wanted in query.items():
        if name.startswith("filter["):
            yield name.removeprefix("filter[").removesuffix("]").removesuffix("][").replace("][", "."), wanted


def filtered(records: Iterable[Record], predicates: list[RecordPredicate]) -> Iterator[Record]:
    """The records that satisfy every predicate."""
    return reduce(lambda kept, predicate: filter(predicate, kept), predicates, iter(records))


def predicate_of(key: str, wanted: Any, show: Show) -> RecordPredicate:
    """The predicate of a `filter[...]`; `show` gives values that are shown without being stored."""
    for suffix, compare, inclusive in _BOUNDS:
        stem = key.removesuffix(suffix)
        if stem not in (key, ""):
            return _bounded(key, stem, compare, _comparable(wanted), show, inclusive=inclusive or stem in _INCLUSIVE)
    values = wanted if isinstance(wanted, list) else [wanted]
    texts = frozenset(text for value in values for text in spellings(as_text(value)))

    def predicate(record: Record) -> bool:
        value = _found(record.fields, key)
        if value is None:
            value = show(record, camel_case(key))
        if value is None and key in _FIELDS:
            value = record.fields.get(_FIELDS[key])
        return _is_one_of(_found(record.fields, key, deeper=True) if value is None else value, texts)

    return predicate


def _bounded(
    key: str, stem: str, compare: Callable[[Any, Any], bool], bound: Any, show: Show, *, inclusive: bool
) -> RecordPredicate:
    names = (*_BOUNDED.get(stem, ()), f"{stem}At", stem)

    def predicate(record: Record) -> bool:
        if key in record.fields:
            return _is_one_of(record.fields[key], frozenset({as_text(bound)}))
        sources = (record.fields.get, partial(show, record))
        value = next((value for look in sources for name in names if (value := look(name)) is not None), None)
        if value is None:
            return False
        comparable = _comparable(value)
        if compare(comparable, bound):
            return True
        included = (names for end, names in _INCLUSIVE_OF.items() if record.resource_type.endswith(end))
        return comparable == bound and (inclusive or any(key in names for names in included))

    return predicate


def _found(fields: Mapping[str, Any], key: str, *, deeper: bool = False) -> Any:
    """The value under a key: a field, a nested field, the id of an object; with `deeper` also one level below."""
    value: Any = fields
    for part in key.split("."):
        name = camel_case(part)
        if not isinstance(value, Mapping):
            return None
        if name in value:
            value = value[name]
            continue
        stem = value.get(name.removesuffix("Id")) if name.endswith("Id") else None
        if isinstance(stem, Mapping) and "id" in stem:
            value = stem["id"]
            continue
        inners = (inner for inner in value.values() if deeper and isinstance(inner, Mapping))
        value = next((inner[name] for inner in inners if name in inner), None)
    return value


def _is_one_of(value: Any, texts: frozenset[str]) -> bool:
    if isinstance(value, list):
        return any(as_text(item) in texts for item in value)
    return as_text(value) in texts


def as_text(value: Any) -> str:
    """A value as filters compare it: a moment by its time, a flag as 0 or 1, a text in small letters."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).lower()
    if text[10:11] == "t" and text[:4].isdigit():
        # The same time can be written in several ways.
        return str(_comparable(text))
    return {"true": "1", "false": "0"}.get(text, text)


def _comparable(value: Any) -> float:
    """Timestamps compare by time (without a zone in UTC), numbers as numbers."""
    text = str(value)
    try:
        return float(text)
    except ValueError:
        pass
    try:
        # Without conversion to UTC, where the first and last hours of the calendar do not exist.
        return parse_zoned_timestamp(text).timestamp()
    except ValueError:
        return 0.0
