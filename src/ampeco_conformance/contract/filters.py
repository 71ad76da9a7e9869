"""The documented filters of a listing, and whether an item matches one.

Source: the parameters that the operation documents, the descriptor of the API for what their names do not tell, and the
vendor's notes (`filter[field]=value` in camelCase, nested fields with a dot, `...After` and `...Before` for ranges).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from ampeco_conformance.apis import describe
from ampeco_conformance.apis.filter_meaning import FilterMeaning, FilterOperator, Lookup
from ampeco_conformance.contract.item_shape import can_show, item_properties
from ampeco_conformance.contract.requests import parameters
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import JsonObject
from ampeco_conformance.core.moments import utc_moment
from ampeco_conformance.specs import Operation

#: Suffixes of filters that bound a moment.
_BOUNDS = {
    "After": FilterOperator.AFTER,
    "From": FilterOperator.AFTER,
    "Before": FilterOperator.BEFORE,
    "To": FilterOperator.BEFORE,
}
MOMENTS = frozenset({FilterOperator.AFTER, FilterOperator.BEFORE})
_MOMENT_FORMATS = ("date-time", "date")
_SCALARS = (str, int, float, bool)
_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)
NOT_SHOWN = "the items do not show what it compares with"


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """One documented filter: its query parameter, the fields it compares, and how; without fields, the reason.

    `looked_up` has the values of the fields by id of an item, where a lookup shows them.
    """

    parameter: str
    fields: tuple[str, ...]
    operator: FilterOperator
    schema: Mapping[str, Any]
    is_inclusive: bool = False
    meaning: FilterMeaning | None = None
    reason: str = ""
    looked_up: Mapping[str, Sequence[Any]] | None = None

    @property
    def name(self) -> str:
        """The name of the filter as it is written in messages."""
        return self.parameter.removesuffix("[]")

    @property
    def takes_several(self) -> bool:
        """Whether a query may name several values, of which any matches."""
        return self.parameter.endswith("[]")

    @property
    def lookup(self) -> Lookup | None:
        """Where the values are shown, when it is not in the items themselves."""
        return self.meaning.lookup if self.meaning and self.fields else None

    @property
    def values(self) -> Mapping[str, str | None]:
        """The values of the field by those of the filter that spell it otherwise."""
        return self.meaning.values if self.meaning else {}

    def values_in(self, item: JsonObject) -> list[Any] | None:
        """The values of the fields in an item; none where it shows that there is none, None where it does not say."""
        if self.lookup is not None:
            key = reached(item, self.lookup.own.split("."))
            if not key or self.looked_up is None:
                return None
            # An item that is not referred to has no values; one that is missing is not known.
            found = self.looked_up.get(str(key[0]), None if self.lookup.theirs == "id" else ())
            return None if found is None else list(found)
        parts = [shown for name in self.fields if (shown := reached(item, name.split("."))) is not None]
        return [value for part in parts for value in part] if parts else None

    def keeps(self, item: JsonObject, wanted: str) -> bool | None:
        """Whether an item must be among the answers for a value; None when the contract leaves it open."""
        verdict = _COMPARISONS[self.operator](self, self.values_in(item), wanted)
        conditions = self.meaning.condition if self.meaning else {}
        for name, value in conditions.items():
            shown = reached(item, [name])
            if verdict is not False and shown != [value]:
                verdict = None if shown is None else False
        return verdict


def reached(value: Any, path: Sequence[str]) -> list[Any] | None:
    """The scalars at a path, also those of lists on the way; None where a part of the path is not shown."""
    if isinstance(value, list):
        parts = [reached(item, path) for item in value]
        return None if None in parts else [scalar for part in parts for scalar in part or ()]
    if value is None:
        return []
    if not path:
        return [value] if isinstance(value, _SCALARS) else None
    return reached(value[path[0]], path[1:]) if isinstance(value, Mapping) and path[0] in value else None


def filters_of(contract: ApiContract, operation: Operation) -> list[Filter]:
    """All documented filters of an operation."""
    return list(_filters(contract, operation))


def _filters(contract: ApiContract, operation: Operation) -> Iterator[Filter]:
    shown = item_properties(contract, operation)
    listing = operation.path.partition("/resources/")[2]
    meanings = [
        meaning for meaning in describe(contract.specification.api).filters if fnmatchcase(listing, meaning.listings)
    ]
    for definition, _ in parameters(contract, operation):
        if definition["in"] != "query" or definition.get("style") != "deepObject":
            continue
        schema, _ = contract.schemas.resolve(definition.get("schema", {}), "")
        for name, inner in schema.get("properties", {}).items():
            resolved, _ = contract.schemas.resolve(inner, "")
            meaning = next((meaning for meaning in meanings if name in meaning.names), None)
            path = name if meaning is None or not meaning.path else f"{name}.{meaning.path}"
            rule = _filter(f"{definition['name']}[{path}]", name, _flat(contract, resolved), meaning)
            yield _with_shown_fields(contract, shown, rule)


def _flat(contract: ApiContract, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of one value; alternatives of values as one list of them."""
    parts = [contract.schemas.resolve(part, "")[0] for key in ("anyOf", "oneOf") for part in schema.get(key, ())]
    if parts and all("enum" in part for part in parts):
        return {"type": "string", "enum": [value for part in parts for value in part["enum"]]}
    return schema


def _filter(parameter: str, name: str, schema: Mapping[str, Any], meaning: FilterMeaning | None) -> Filter:
    is_list = schema.get("type") == "array"
    if is_list:
        parameter, schema = f"{parameter}[]", schema.get("items", {})
    bound = next((suffix for suffix in _BOUNDS if name.endswith(suffix)), None)
    is_bound = bound is not None and schema.get("format") in _MOMENT_FORMATS
    operator, fields = FilterOperator.SAME, _fields(name, is_list=is_list)
    if bound is not None and is_bound:
        stem = name.removesuffix(bound)
        operator, fields = _BOUNDS[bound], (f"{stem}At", stem)
    elif schema.get("type") == "string" and not name.endswith("Id") and not {"enum", "format"} & schema.keys():
        operator = FilterOperator.TEXT
    elif schema.get("format") in _MOMENT_FORMATS or schema.get("type") == "object":
        operator = FilterOperator.OTHER
    if meaning is None:
        reason = NOT_SHOWN if operator is not FilterOperator.OTHER else "its name does not tell how it compares"
        return Filter(parameter, fields, operator, schema, reason=reason)
    fields = () if meaning.reason else meaning.fields or fields
    return Filter(
        parameter,
        fields,
        meaning.operator or operator,
        schema,
        meaning.is_inclusive,
        meaning,
        meaning.reason or NOT_SHOWN,
    )


def _fields(name: str, *, is_list: bool) -> tuple[str, ...]:
    """The fields that a filter may mean by its name: the field itself, or the id of what it refers to."""
    if is_list and name.endswith("Ids"):
        name = name.removesuffix("s")
    stem = name.removesuffix("Id")
    return (name, f"{stem}.id", f"{stem}.{name}") if stem not in (name, "") else (name,)


def _with_shown_fields(contract: ApiContract, shown: Mapping[str, Mapping[str, Any]], rule: Filter) -> Filter:
    """The filter with those of its fields that the items document; its lookup shows them all."""
    fields = rule.fields if rule.lookup else tuple(name for name in rule.fields if can_show(contract, shown, name))
    return replace(rule, fields=fields, reason="" if fields else rule.reason)


def _same(rule: Filter, values: list[Any] | None, wanted: str, *, partly: bool = False) -> bool | None:
    if values is None:
        return None
    spelled = rule.values.get(wanted, wanted)
    if spelled is None:
        return not values
    if not values and "boolean" in (rule.schema.get("type"), rule.schema.get("format")):
        # A flag that is not set may count as false.
        return None
    texts = [written(value) for value in values]
    if spelled in texts:
        return True
    # Whether capitals and the space around a text count is the server's own affair.
    plain, folded = spelled.casefold(), [text.strip().casefold() for text in texts]
    return None if any(plain == text or (partly and plain in text) for text in folded) else False


def _like(rule: Filter, values: list[Any] | None, wanted: str) -> bool | None:
    return _same(rule, values, wanted, partly=True)


def _part(is_part: Callable[[str, str], bool]) -> "_FilterComparison":
    def compare(_rule: Filter, values: list[Any] | None, wanted: str) -> bool | None:
        if values is None:
            return None
        texts = [written(value) for value in values]
        if any(is_part(text, wanted) for text in texts):
            return True
        return None if any(is_part(text.strip().casefold(), wanted.casefold()) for text in texts) else False

    return compare


def _bounded(rule: Filter, values: list[Any] | None, wanted: str) -> bool | None:
    """Whether all moments of an item are on one side of a bound."""
    if values is None:
        return None
    verdicts = {_is_beyond(rule, value, wanted) for value in values}
    return verdicts.pop() if len(verdicts) == 1 else None if verdicts else False


def _is_beyond(rule: Filter, value: Any, wanted: str) -> bool | None:
    at, bound = utc_moment(value), utc_moment(wanted)
    if at is None or bound is None:
        return None
    if rule.is_inclusive and at == bound:
        return True
    is_day = rule.schema.get("format") == "date" or len(str(value)) == len("2026-01-01")
    if abs(at - bound) <= (_DAY if is_day else _SECOND):
        return None
    return (at > bound) == (rule.operator is FilterOperator.AFTER)


def _on_day(_rule: Filter, values: list[Any] | None, wanted: str) -> bool | None:
    """Whether a moment can be on a day: which zone the day belongs to is left open."""
    if values is None:
        return None
    moments, day = [utc_moment(value) for value in values], utc_moment(wanted)
    is_open = day is None or any(at is None or -_DAY < at - day < 2 * _DAY for at in moments)
    return None if is_open else False


def _longer(rule: Filter, values: list[Any] | None, wanted: str) -> bool | None:
    """Whether it takes more minutes, or fewer, from the first moment to the second; as many is enough."""
    minutes = minutes_between(values)
    if minutes is None:
        return None
    if minutes == int(wanted):
        return True
    if abs(minutes - int(wanted)) < 1:
        return None
    return (minutes > int(wanted)) == (rule.operator is FilterOperator.LONGER)


def _has_value(rule: Filter, values: list[Any] | None, wanted: str) -> bool | None:
    return (bool(values) == (rule.operator is FilterOperator.PRESENT)) == (wanted == "true")


def _is_open(_rule: Filter, _values: list[Any] | None, _wanted: str) -> bool | None:
    return None


_FilterComparison = Callable[[Filter, list[Any] | None, str], bool | None]
_COMPARISONS: Mapping[FilterOperator, _FilterComparison] = {
    FilterOperator.SAME: _same,
    FilterOperator.TEXT: _like,
    FilterOperator.STARTS: _part(str.startswith),
    FilterOperator.CONTAINS: _part(str.__contains__),
    FilterOperator.AFTER: _bounded,
    FilterOperator.BEFORE: _bounded,
    FilterOperator.ON_DAY: _on_day,
    FilterOperator.LONGER: _longer,
    FilterOperator.SHORTER: _longer,
    FilterOperator.PRESENT: _has_value,
    FilterOperator.MISSING: _has_value,
    FilterOperator.OTHER: _is_open,
}


def written(value: Any) -> str:
    """A value as it is written in a query."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def minutes_between(values: Sequence[Any] | None) -> float | None:
    """The minutes from the first moment to the second; None while there is no second."""
    moments = [utc_moment(value) for value in values or ()]
    if len(moments) != 2 or moments[0] is None or moments[1] is None:
        return None
    return (moments[1] - moments[0]).total_seconds() / 60
