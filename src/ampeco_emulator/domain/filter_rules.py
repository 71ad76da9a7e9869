"""What a filter of a listing compares, and how: the parts of which the rows of `filters` are made."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ampeco_emulator.backend.backend import Backend, FilterReading, ListingFilter
from ampeco_emulator.backend.resource_types import resource_type_of_field
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import parse_zoned_timestamp
from ampeco_emulator.crud.filters import as_text, spellings
from ampeco_emulator.domain.billing.tariffs import accepted_partners
from ampeco_emulator.domain.charging import security
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.values import camel_case

Test = Callable[[Any, Any], bool]
_MINUTE = 60


def field(*names: str) -> FilterReading:
    """The values of a field of the record, nested ones with a dot: the first of several names that has a value."""
    paths = [name.split(".") for name in names]

    def values(backend: Backend, endpoint: Endpoint, record: Record) -> list[Any]:
        found = (list(_at(_shown(backend, endpoint, record, path[0]), path)) for path in paths)
        return next((values for values in found if values), [])

    return FilterReading(values, field=names[0] if len(paths) == len(paths[0]) == 1 else None)


def _shown(backend: Backend, endpoint: Endpoint, record: Record, name: str) -> Mapping[str, Any]:
    """The fields of a record; those of its representation, where only that has a field which must be shown."""
    if name in record.fields or name not in endpoint.always_shown:
        return record.fields
    return {camel_case(shown): value for shown, value in backend.present(endpoint, record).items()}


def referred(name: str, *paths: str) -> FilterReading:
    """The values of fields of the record that a field refers to."""
    resource_type = resource_type_of_field(name) or ""
    own, theirs = [name.split(".")], [path.split(".") for path in paths]

    def values(backend: Backend, _endpoint: Endpoint, record: Record) -> list[Any]:
        numbers = [number for path in own for number in _at(record.fields, path)]
        others = [backend.store.peek(resource_type, number) for number in numbers]
        return [value for other in others if other is not None for path in theirs for value in _at(other.fields, path)]

    return FilterReading(values, frozenset({resource_type}), name if "." not in name else None)


def below(resource_type: str, name: str, *, parent: str) -> FilterReading:
    """The values of a field of the records that belong to the record."""

    def values(backend: Backend, _endpoint: Endpoint, record: Record) -> list[Any]:
        found = backend.store.all(resource_type, {parent: str(record.id)})
        return [value for item in found for value in _at(item.fields, name.split("."))]

    return FilterReading(values, frozenset({resource_type}))


def holders(resource_type: str, name: str) -> FilterReading:
    """The ids of the records that name the record in a field."""

    def values(backend: Backend, _endpoint: Endpoint, record: Record) -> list[Any]:
        return [item.id for item in backend.store.all(resource_type) if record.id in _at(item.fields, name.split("."))]

    return FilterReading(values, frozenset({resource_type}))


def _circuits(backend: Backend, _endpoint: Endpoint, record: Record) -> list[Any]:
    """The circuits to which a charge point is attached."""
    entries = backend.store.all("charge-point-priorities")
    return [entry.parents["circuits"] for entry in entries if entry.fields.get("id") == record.id]


circuits_of_charge_point = FilterReading(_circuits, frozenset({"charge-point-priorities"}))


def _security_profile_status(_backend: Backend, _endpoint: Endpoint, record: Record) -> list[Any]:
    """Whether the desired security profile of a charge point is applied."""
    return [security.shown(record).get("desiredProfileStatus")]


security_profile_status = FilterReading(_security_profile_status)


def partners_of_user(name: str) -> FilterReading:
    """The partners whose invites the user has accepted that a field names (`id` for the record itself)."""

    def values(backend: Backend, _endpoint: Endpoint, record: Record) -> list[Any]:
        return accepted_partners(backend, record.fields.get(name))

    return FilterReading(values, frozenset({"partner-invites"}))


def _minutes(backend: Backend, endpoint: Endpoint, record: Record) -> list[Any]:
    """How long a period took; nothing while it goes on."""
    begin, end = (field(name).values(backend, endpoint, record) for name in ("startedAt", "endedAt"))
    return [(_seconds(end[0]) - _seconds(begin[0])) / _MINUTE] if begin and end else []


minutes = FilterReading(_minutes)
#: No values: a filter that finds nothing by itself.
nothing = FilterReading(lambda _backend, _endpoint, _record: [])


def _at(value: Any, path: list[str]) -> Iterable[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _at(item, path)
    elif path and isinstance(value, Mapping):
        yield from _at(value.get(path[0]), path[1:])
    elif not path and value is not None:
        yield value


def same(read: FilterReading, source: str, words: Mapping[str, str] | None = None) -> ListingFilter:
    """Keeps the records with the value, or with one of several; the word null stands for no value."""

    def prepare(asked: Any) -> Callable[[list[Any]], bool]:
        several = asked if isinstance(asked, list) else [asked]
        texts = frozenset(
            text for one in several for text in spellings((words or {}).get(str(one), as_text(one)).lower())
        )
        takes_none = "null" in texts
        return lambda values: any(as_text(value) in texts for value in values) or (takes_none and not values)

    return ListingFilter(read, prepare, source)


def compared(test: Test, parse: Callable[[Any], Any]) -> Callable[[FilterReading, str], ListingFilter]:
    """A kind of filter that keeps the records of which one value passes a test; none when the value is malformed."""

    def make(read: FilterReading, source: str) -> ListingFilter:
        def prepare(asked: Any) -> Callable[[list[Any]], bool]:
            try:
                bound = parse(asked)
            except (ValueError, OverflowError):
                return lambda _values: False
            return lambda values: any(_passes(test, parse, value, bound) for value in values)

        return ListingFilter(read, prepare, source)

    return make


def _passes(test: Test, parse: Callable[[Any], Any], value: Any, bound: Any) -> bool:
    try:
        return test(parse(value), bound)
    except (ValueError, OverflowError):
        return False


def present(read: FilterReading, source: str) -> ListingFilter:
    """Keeps the records that have a value, or with false those that have none."""
    return ListingFilter(read, lambda asked: lambda values: bool(values) is _is_true(asked), source)


def missing(read: FilterReading, source: str) -> ListingFilter:
    """Keeps the records that have no value, or with false those that have one."""
    return ListingFilter(read, lambda asked: lambda values: bool(values) is not _is_true(asked), source)


def only(name: str, value: Any, kept: ListingFilter) -> ListingFilter:
    """A filter that finds only records whose field has a value."""

    def values(backend: Backend, endpoint: Endpoint, record: Record) -> list[Any]:
        return kept.read.values(backend, endpoint, record) if record.fields.get(name) == value else []

    return replace(kept, read=FilterReading(values, kept.read.others))


def long_enough(least: int, kept: ListingFilter) -> ListingFilter:
    """A filter that finds nothing for a shorter text."""

    def prepare(asked: Any) -> Callable[[list[Any]], bool]:
        return kept.prepare(asked) if len(str(asked)) >= least else lambda _values: False

    return replace(kept, prepare=prepare)


def _is_true(asked: Any) -> bool:
    return as_text(asked) == "1"


def _seconds(value: Any) -> float:
    return parse_zoned_timestamp(str(value)).timestamp()


def _day(value: Any) -> date:
    return date.fromisoformat(str(value)[:10])


def _folded(value: Any) -> str:
    return str(value).casefold()


after = compared(lambda value, bound: value > bound, _seconds)
before = compared(lambda value, bound: value < bound, _seconds)
since = compared(lambda value, bound: value >= bound, _seconds)
until = compared(lambda value, bound: value <= bound, _seconds)
on_day = compared(lambda value, day: value == day, _day)
after_day = compared(lambda value, day: value > day, _day)
before_day = compared(lambda value, day: value < day, _day)
starts = compared(lambda value, begin: value.startswith(begin), _folded)
contains = compared(lambda value, part: part in value, _folded)
at_least = compared(lambda value, bound: value >= bound, float)
at_most = compared(lambda value, bound: value <= bound, float)
