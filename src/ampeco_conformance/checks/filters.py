"""A filter returns all items that match and no others; judged by the items of the unfiltered listing.

Source: the filters that the operation documents, and the vendor's notes on them (`filter[field]=value` in camelCase,
nested fields with a dot, `...After` and `...Before` for ranges). What these leave open is not judged: whether a bound
itself is included (documented for a few listings only), whether a text must be equal or may be a part, and filters
whose field is not in the items.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

from ampeco_conformance.contract.requests import parameters
from ampeco_conformance.contract.resource_map import UNUSED_ID
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Severity, Violation, declare
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.exchanges import JsonObject
from ampeco_conformance.specs import Operation

_SOURCE = "the documented filters and the vendor's notes on them"
FILTER_MATCHES_ONLY = declare(
    "filter_matches_only",
    title="Filters return only matching items",
    severity=Severity.CRITICAL,
    claim="Every item of a filtered listing matches the filter.",
    source=_SOURCE,
    aspect="filters",
)
FILTER_MATCHES_ALL = declare(
    "filter_matches_all",
    title="Filters return all matching items",
    severity=Severity.CRITICAL,
    claim="Every item of the listing that matches a filter is in the filtered listing.",
    source=_SOURCE,
    aspect="filters",
)


class FilterOperator(StrEnum):
    """How a filter compares its value with the field of an item."""

    SAME = "is"
    TEXT = "is like"
    AFTER = "is after"
    BEFORE = "is before"


#: Suffixes of filters that bound a moment.
_BOUNDS = {
    "After": FilterOperator.AFTER,
    "From": FilterOperator.AFTER,
    "Before": FilterOperator.BEFORE,
    "To": FilterOperator.BEFORE,
}
_MOMENTS = {"date-time": timedelta(seconds=1), "date": timedelta(days=1)}
_SCALARS = (str, int, float, bool)
#: Filters that mean another field than the one of their name, or spell its values otherwise. Facts: operation notes.
_OTHER_MEANING = frozenset(
    {
        ("authorizations", "method"),
        ("authorizations", "partnerId"),
        ("charge-points", "sharingCode"),
        ("partner-invites", "userId"),
        ("tariffs", "userId"),
    }
)
#: Listings whose bounds of lastUpdatedAt are said to be inclusive. Facts: operation notes.
_INCLUSIVE = (
    "/charge-points/v2.0",
    "/evses/v2.1",
    "/id-tags/v2.0",
    "/locations/v2.0",
    "/sessions/v1.0",
    "/users/v1.0",
)
_UNUSED_TEXT = "conform-nobody-has-this"
#: Another zone, behind UTC: its offset has no plus sign, which servers read differently in a query.
_ANOTHER_ZONE = timezone(timedelta(hours=-5))
#: What a pair of filters says of an item that shows whether the first is ignored, and whether the second is.
_IGNORED = ((False, True), (True, False))
#: How far a bound is from the moment that shows whether its offset was applied; less than the offset.
_BEYOND = timedelta(hours=2)


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """One documented filter: its query parameter, the fields it may mean, and how it compares."""

    parameter: str
    fields: tuple[str, ...]
    operator: FilterOperator
    schema: Mapping[str, Any]
    is_inclusive: bool = False

    def value_in(self, item: JsonObject) -> Any:
        """The value of the field in an item; None when the item has none that can be compared."""
        return next((value for value in self._shown_in(item) if isinstance(value, _SCALARS)), None)

    def is_null_in(self, item: JsonObject) -> bool:
        """Whether an item shows that it has no value: null, which is another thing than a field that is left out."""
        return None in self._shown_in(item) and self.value_in(item) is None

    def _shown_in(self, item: JsonObject) -> list[Any]:
        """What an item shows under the names that the filter may mean."""
        shown = []
        for field in self.fields:
            value: Any = item
            for part in field.split("."):
                if value is not None and (not isinstance(value, Mapping) or part not in value):
                    break
                value = value[part] if value is not None else None
            else:
                shown.append(value)
        return shown

    def keeps(self, item: JsonObject, wanted: str) -> bool | None:
        """Whether an item must be among the answers for a value; None when the contract leaves it open."""
        value = self.value_in(item)
        if value is None:
            # A flag that is not set may count as false.
            is_flag = "boolean" in (self.schema.get("type"), self.schema.get("format"))
            return False if self.is_null_in(item) and not is_flag else None
        if self.operator in (FilterOperator.AFTER, FilterOperator.BEFORE):
            moment, bound = _moment(value), _moment(wanted)
            if self.is_inclusive and moment is not None and moment == bound:
                return True
            if moment is None or bound is None or abs(moment - bound) <= _MOMENTS[self.schema["format"]]:
                return None
            return (moment > bound) == (self.operator is FilterOperator.AFTER)
        have = _written(value)
        if have == wanted:
            return True
        # Whether capitals and the space around a text count is the server's own affair.
        have, want = have.strip().casefold(), wanted.casefold()
        is_open = have == want or (self.operator is FilterOperator.TEXT and want in have)
        return None if is_open else False


def filters_of(contract: ApiContract, operation: Operation) -> list[Filter]:
    """The filters of an operation whose meaning is known."""
    return list(_filters(contract, operation))


def _filters(contract: ApiContract, operation: Operation) -> Iterator[Filter]:
    resource = operation.path.partition("/resources/")[2].partition("/")[0]
    for definition, _ in parameters(contract, operation):
        if definition["in"] != "query" or definition.get("style") != "deepObject":
            continue
        schema, _ = contract.schemas.resolve(definition.get("schema", {}), "")
        for name, field in schema.get("properties", {}).items():
            resolved, _ = contract.schemas.resolve(field, "")
            if (resource, name) not in _OTHER_MEANING:
                is_inclusive = name.startswith("lastUpdated") and operation.path.endswith(_INCLUSIVE)
                yield from _filter(f"{definition['name']}[{name}]", name, resolved, is_inclusive=is_inclusive)


def _filter(parameter: str, name: str, schema: Mapping[str, Any], *, is_inclusive: bool) -> Iterator[Filter]:
    bound = next((suffix for suffix in _BOUNDS if name.endswith(suffix)), None)
    if bound is not None:
        stem = name.removesuffix(bound)
        if schema.get("format") in _MOMENTS:
            yield Filter(parameter, (f"{stem}At", stem), _BOUNDS[bound], schema, is_inclusive)
    elif schema.get("type") in ("string", "integer", "number", "boolean") and schema.get("format") not in _MOMENTS:
        is_reference = name.endswith("Id") and len(name) > len("Id")
        fields = (name, f"{name.removesuffix('Id')}.id") if is_reference else (name,)
        is_plain = not is_reference and "enum" not in schema and not schema.get("format") and schema["type"] == "string"
        yield Filter(parameter, fields, FilterOperator.TEXT if is_plain else FilterOperator.SAME, schema)


def distinguishing_value(rule: Filter, items: Sequence[JsonObject]) -> str | None:
    """A value that parts the items, so that a filter which does nothing shows; None when there is none."""
    values = [value for item in items if (value := rule.value_in(item)) is not None]
    if rule.operator in (FilterOperator.AFTER, FilterOperator.BEFORE):
        moments = _moments(rule, items)
        if not moments:
            return None
        days = timedelta(days=2 if rule.operator is FilterOperator.AFTER else -2)
        bound = moments[len(moments) // 2] if len(moments) > 2 else moments[0 if days.days < 0 else -1] + days
        return bound.date().isoformat() if rule.schema["format"] == "date" else f"{bound:%Y-%m-%dT%H:%M:%S}Z"
    counts = Counter(
        text for value in values if _is_plain(text := _written(value)) and _is_valid(rule.schema, value, text)
    )
    return min(counts, key=lambda text: (counts[text], text)) if counts else None


def value_in_another_zone(rule: Filter, items: Sequence[JsonObject]) -> str | None:
    """A bound in the time of another zone; when its offset is overlooked an item is on the other side of it.

    None when the filter takes no such bound (RFC 3339 allows an offset in every `date-time`), or no item has a moment.
    """
    moments = [moment for moment in _moments(rule, items) if moment.year < MAXYEAR]
    if rule.schema.get("format") != "date-time" or not moments:
        return None
    return (moments[len(moments) // 2] + _BEYOND).astimezone(_ANOTHER_ZONE).isoformat(timespec="seconds")


def distinguishing_pairs(
    values_by_filter: Mapping[Filter, str], items: Sequence[JsonObject]
) -> list[dict[Filter, str]]:
    """Few pairs of filters in which each filter shows, where it can, that it is not ignored beside another.

    It shows by an item that its partner keeps and that it leaves out. One of the pairs keeps an item, when any does.
    No pair bounds one field twice: a range that nothing can be in may be refused by right.
    """
    kept = {rule: [rule.keeps(item, value) for item in items] for rule, value in values_by_filter.items()}
    shown: dict[tuple[Filter, Filter], set[Filter]] = {}
    keeping: set[tuple[Filter, Filter]] = set()
    for pair in itertools.combinations(values_by_filter, 2):
        if pair[0].fields == pair[1].fields:
            continue
        seen = set(zip(kept[pair[0]], kept[pair[1]], strict=True))
        shown[pair] = {rule for rule, verdicts in zip(pair, _IGNORED, strict=True) if verdicts in seen}
        keeping |= {pair} if (True, True) in seen else set()
    chosen: list[tuple[Filter, Filter]] = []
    missing = set().union(*shown.values())
    while missing:
        chosen.append(max(shown, key=lambda pair: (len(shown[pair] & missing), pair in keeping)))
        missing -= shown[chosen[-1]]
    if keeping.isdisjoint(chosen):
        chosen += [pair for pair in shown if pair in keeping][:1]
    return [{rule: values_by_filter[rule] for rule in pair} for pair in chosen]


def paged_filter(values_by_filter: Mapping[Filter, str], items: Sequence[JsonObject]) -> tuple[Filter, int] | None:
    """The filter to walk over several pages, and the size of a page that makes several; None when no filter can."""
    best: tuple[Filter, int] | None = None
    for rule, value in values_by_filter.items():
        kept = [rule.keeps(item, value) for item in items]
        if False in kept and kept.count(True) > (2 * best[1] if best else 1):
            best = rule, kept.count(True) // 2
    return best


def unused_value(rule: Filter) -> str | None:
    """A value that no item has; None where such a value may be refused by right."""
    if rule.operator is FilterOperator.TEXT:
        # A value that the schema forbids may be refused, or ignored where no refusal is documented.
        return None if {"maxLength", "pattern"} & rule.schema.keys() else _UNUSED_TEXT
    is_number = rule.schema.get("type") == "integer" or rule.schema.get("format") == "integer"
    return str(UNUSED_ID) if is_number and rule.operator is FilterOperator.SAME else None


def filter_violations(
    query: Mapping[Filter, str], everything: Sequence[JsonObject], kept: Sequence[JsonObject], *, complete: bool
) -> Iterator[Violation]:
    """Violations in the items `kept` by a query; `complete` says that they are all that the query returns."""
    request = " and ".join(f"{rule.parameter}={wanted}" for rule, wanted in query.items())
    place = " and ".join(f"query {rule.parameter}" for rule in query)
    strangers = [item for item in kept if any(rule.keeps(item, wanted) is False for rule, wanted in query.items())]
    if strangers:
        values = [{rule.fields[0]: rule.value_in(item) for rule in query} for item in strangers[:3]]
        message = f"{request} returns {counted(len(strangers), 'item')} outside the filter"
        yield FILTER_MATCHES_ONLY.violation(message, place, expected=request, actual=values)
    ids = {item.get("id") for item in kept}
    lost = [
        item["id"]
        for item in everything
        if item.get("id") not in (None, *ids) and all(rule.keeps(item, wanted) for rule, wanted in query.items())
    ]
    if complete and lost:
        message = f"{request} leaves out {len(lost)} items that match"
        yield FILTER_MATCHES_ALL.violation(message, place, expected="all matches", actual=lost[:5])


def unused_value_violations(rule: Filter, wanted: str, kept: Sequence[JsonObject]) -> Iterator[Violation]:
    """A violation when a value that no item has returns items."""
    if kept:
        message = f"{rule.parameter}={wanted}, which no item has, returns {counted(len(kept), 'item')}"
        place, values = f"query {rule.parameter}", [rule.value_in(kept[0])]
        yield FILTER_MATCHES_ONLY.violation(message, place, expected="no item", actual=values)


def _is_valid(schema: Mapping[str, Any], value: Any, text: str) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    kind = schema.get("format") if schema.get("type") == "string" else schema.get("type")
    if kind == "boolean":
        return isinstance(value, bool)
    return text.lstrip("-").isdigit() if kind in ("integer", "number") else not isinstance(value, bool)


def _is_plain(text: str) -> bool:
    """Whether a text comes through a query as it is, whatever a server does to the space around it."""
    return bool(text) and text.isprintable() and text == text.strip()


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _moments(rule: Filter, items: Sequence[JsonObject]) -> list[datetime]:
    """The different moments that a filter bounds, in their order; none for other filters."""
    if rule.operator not in (FilterOperator.AFTER, FilterOperator.BEFORE):
        return []
    values = (rule.value_in(item) for item in items)
    return sorted({moment for value in values if value is not None and (moment := _moment(value)) is not None})


def _moment(value: Any) -> datetime | None:
    """A day or a moment; one without a zone is in UTC."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
