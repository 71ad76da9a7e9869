"""The values that a filter is tried with: chosen from the items of the unfiltered listing, so that its faults show."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import MAXYEAR, MINYEAR, datetime, timedelta, timezone

from ampeco_conformance.apis.filter_meaning import FilterOperator
from ampeco_conformance.contract.filters import MOMENTS, NOT_SHOWN, Filter, minutes_between, written
from ampeco_conformance.contract.resource_map import UNUSED_ID
from ampeco_conformance.core.exchanges import JsonObject
from ampeco_conformance.core.moments import utc_moment

#: How many values of a closed list are tried in one run; which ones is rotated by the seed.
_VALUES_TRIED = 6
#: Among so many values one is looked for that another one begins with.
_PARTS_TRIED = 200
_BOOLEANS = ("true", "false")
_UNUSED_TEXT = "conform-nobody-has-this"
_UNUSED_LETTERS = "xqz" * 9
_UNUSED_ADDRESS = "conform-nobody@example.com"
_NO_VALUE = "no item shows a value"
_DAYS = timedelta(days=2)
_FAR = {FilterOperator.AFTER: ("2999-01-01", "1970-01-02"), FilterOperator.BEFORE: ("1970-01-02", "2999-01-01")}
_ITS_PART = {FilterOperator.STARTS: (0, 1), FilterOperator.CONTAINS: (1, 3)}
"""Where a part of a text begins, and the fewest characters it has."""
#: Another zone, behind UTC: its offset has no plus sign, which servers read differently in a query.
_ANOTHER_ZONE = timezone(timedelta(hours=-5))
#: What a pair of filters says of an item that shows whether the first is ignored, and whether the second is.
_IGNORED = ((False, True), (True, False))
#: How far a bound is from the moment that shows whether its offset was applied; less than the offset.
_BEYOND = timedelta(hours=2)


def closed_values(rule: Filter) -> Sequence[str]:
    """The values of a filter that takes no others."""
    if rule.operator in (FilterOperator.PRESENT, FilterOperator.MISSING) or "boolean" in (
        rule.schema.get("type"),
        rule.schema.get("format"),
    ):
        return _BOOLEANS
    return [str(value) for value in rule.schema.get("enum", ()) if value is not None]


def values_to_try(rule: Filter, items: Sequence[JsonObject], seed: int) -> list[str]:
    """The values for which the items tell what a filter must return; the one that distinguishes most comes first.

    Every value of a closed list that occurs is tried, and one that does not; few of many values in one run.
    """
    if not rule.fields:
        return []
    match rule.operator:
        case FilterOperator.AFTER | FilterOperator.BEFORE:
            return _bounds(rule, items)
        case FilterOperator.ON_DAY:
            return _days(rule, items)
        case FilterOperator.LONGER | FilterOperator.SHORTER:
            return _durations(rule, items)
        case FilterOperator.STARTS | FilterOperator.CONTAINS:
            begin, least = _ITS_PART[rule.operator]
            texts = [text for text in _occurring(rule, items)[:1] if len(text) >= least]
            return [value for text in texts for value in (text, text[begin : begin + max(least, len(text) // 2)])]
        case FilterOperator.SAME | FilterOperator.TEXT | FilterOperator.PRESENT | FilterOperator.MISSING:
            return _same_values(rule, items, seed)
    return []


def without_values(rule: Filter) -> Filter:
    """The filter as one whose field is not shown, where no item has a value to try it with."""
    return replace(rule, fields=(), reason=_NO_VALUE) if rule.fields else rule


def _same_values(rule: Filter, items: Sequence[JsonObject], seed: int) -> list[str]:
    occurring = _occurring(rule, items)
    closed = closed_values(rule)
    if not occurring or not closed:
        spelled = [value for value in rule.values if value in occurring]
        return list(dict.fromkeys([*_most_telling(rule, occurring, items), *_rotated(spelled, seed)]))
    unused = [value for value in closed if value not in occurring]
    return [occurring[0], *_rotated(occurring[1:], seed), *_rotated(unused, seed)[:1]]


def _most_telling(rule: Filter, occurring: Sequence[str], items: Sequence[JsonObject]) -> list[str]:
    """The value that is asked for: one that others begin with, with which a filter that takes parts finds too much.

    Where there is none but in the first item, the first that occurs.
    """
    if rule.operator is FilterOperator.SAME:
        few, of_first = occurring[:_PARTS_TRIED], {written(value) for value in rule.values_in(items[0]) or ()}
        for value in (value for value in few if value not in of_first):
            if any(other.startswith(value) for other in few if other != value):
                return [value]
    return [*occurring[:1]]


def _rotated(values: Sequence[str], seed: int) -> list[str]:
    start = seed * _VALUES_TRIED % len(values) if values else 0
    return [*values[start:], *values[:start]][:_VALUES_TRIED]


def _occurring(rule: Filter, items: Sequence[JsonObject]) -> list[str]:
    """The values of a filter that some item matches, the rarest first; of equally rare ones the last.

    A filter that is right for the first record only would pass with the first one.
    """
    if rule.operator in (FilterOperator.PRESENT, FilterOperator.MISSING):
        counts = Counter(value for item in items for value in _BOOLEANS if rule.keeps(item, value))
    else:
        spelled = {meant: value for value, meant in rule.values.items()}
        counts = Counter()
        for item in items:
            values = rule.values_in(item)
            texts = [(value, written(value)) for value in values or ()]
            counts.update(spelled.get(text, text) for value, text in texts if _is_valid(rule, value, text))
            counts.update([spelled[None]] if values == [] and None in spelled else [])
    return sorted(sorted(counts, reverse=True), key=counts.__getitem__)


def _is_valid(rule: Filter, value: object, text: str) -> bool:
    """Whether a value of a field can be a value of the filter, and comes through a query as it is."""
    if not text or not text.isprintable() or text != text.strip():
        return False
    if text in rule.values.values():
        return True
    if "enum" in rule.schema:
        return value in rule.schema["enum"]
    kind = rule.schema.get("format") if rule.schema.get("type") == "string" else rule.schema.get("type")
    if kind == "boolean":
        return isinstance(value, bool)
    return text.lstrip("-").isdigit() if kind in ("integer", "number") else not isinstance(value, bool)


def _bounds(rule: Filter, items: Sequence[JsonObject]) -> list[str]:
    """A bound that parts the moments or is beyond all of them, one in another zone, and one that keeps an item."""
    moments = _moments(rule, items)
    if not moments:
        return []
    is_lower = rule.operator is FilterOperator.AFTER
    below, above = _moved(moments[0], -_DAYS), _moved(moments[-1], _DAYS)
    beyond, inclusive = (above, below) if is_lower else (below, above)
    bound = _written(rule, moments[len(moments) // 2] if len(moments) > 2 else beyond)
    zoned = value_in_another_zone(rule, items)
    bounds = [bound] if zoned is None else [bound, zoned]
    is_kept = any(rule.keeps(item, value) for item in items for value in bounds)
    return bounds if is_kept else [*bounds, _written(rule, inclusive)]


def _moved(at: datetime, by: timedelta) -> datetime:
    """A moment by so much earlier or later, within the calendar."""
    try:
        return at + by
    except OverflowError:
        return at


def _written(rule: Filter, bound: datetime) -> str:
    return bound.date().isoformat() if rule.schema.get("format") == "date" else f"{bound:%Y-%m-%dT%H:%M:%S}Z"


def _durations(rule: Filter, items: Sequence[JsonObject]) -> list[str]:
    """A number of minutes that something takes, and one that nothing does."""
    minutes = sorted(long for item in items if (long := minutes_between(rule.values_in(item))) is not None)
    if not minutes:
        return []
    nobody = minutes[-1] + 2 if rule.operator is FilterOperator.LONGER else max(0, minutes[0] - 2)
    return list(dict.fromkeys([str(int(minutes[len(minutes) // 2])), str(int(nobody))]))


def value_in_another_zone(rule: Filter, items: Sequence[JsonObject]) -> str | None:
    """A bound in the time of another zone; when its offset is overlooked an item is on the other side of it.

    None when the filter takes no such bound (RFC 3339 allows an offset in every `date-time`), or no item has a moment.
    """
    moments = [at for at in _moments(rule, items) if MINYEAR < at.year < MAXYEAR]
    if rule.operator not in MOMENTS or rule.schema.get("format") != "date-time" or not moments:
        return None
    return (moments[len(moments) // 2] + _BEYOND).astimezone(_ANOTHER_ZONE).isoformat(timespec="seconds")


def _days(rule: Filter, items: Sequence[JsonObject]) -> list[str]:
    """The day of a moment, the one that it may be in another zone, and a day of no moment."""
    moments = _moments(rule, items)
    if not moments:
        return []
    at = moments[len(moments) // 2]
    other = _moved(at, timedelta(days=1 if at.hour >= 12 else -1))
    nobody = _moved(moments[0], -2 * _DAYS)
    return [day.date().isoformat() for day in (at, other, nobody)]


def _moments(rule: Filter, items: Sequence[JsonObject]) -> list[datetime]:
    """The different moments that a filter compares, in their order."""
    values = (value for item in items for value in rule.values_in(item) or ())
    return sorted({at for value in values if (at := utc_moment(value)) is not None})


def unused_value(rule: Filter) -> str | None:
    """A value that no item has; None where the items tell more, or such a value may be refused by right."""
    kind = rule.schema.get("format") or rule.schema.get("type")
    if rule.operator in MOMENTS:
        return None if rule.fields else _far(rule, 0)
    if rule.operator not in (FilterOperator.SAME, FilterOperator.TEXT, *_ITS_PART) or closed_values(rule):
        return None
    if kind == "email":
        return _UNUSED_ADDRESS
    if kind in ("integer", "number") or rule.name.endswith("Id]"):
        return str(UNUSED_ID)
    # A value that the schema forbids may be refused, or ignored where no refusal is documented.
    if kind != "string" or "pattern" in rule.schema:
        return None
    return (_UNUSED_LETTERS if "maxLength" in rule.schema else _UNUSED_TEXT)[: rule.schema.get("maxLength")]


def value_of_all(rule: Filter) -> str | None:
    """A bound that returns all items, though they do not show their moments; None for other filters."""
    return _far(rule, 1) if rule.operator in MOMENTS and rule.reason == NOT_SHOWN else None


def _far(rule: Filter, end: int) -> str:
    day = _FAR[rule.operator][end]
    return day if rule.schema.get("format") == "date" else f"{day}T00:00:00Z"


def parting_values(rule: Filter, seed: int) -> list[str]:
    """The values that part the items, where these do not show to which value they belong."""
    closed = [] if rule.fields or rule.operator is FilterOperator.OTHER else closed_values(rule)
    return _rotated(closed, seed)


def must_find(rule: Filter) -> bool:
    """Whether one of the values that a filter is tried with must return something, though it is open which."""
    if rule.fields:
        return rule.operator is FilterOperator.ON_DAY
    return rule.reason != _NO_VALUE and closed_values(rule) == _BOOLEANS


def distinguishing_pairs(
    values_by_filter: Mapping[Filter, str], items: Sequence[JsonObject]
) -> list[dict[Filter, str]]:
    """Few pairs of filters in which each filter shows, where it can, that it is not ignored beside another.

    It shows by an item that its partner keeps and that it leaves out. One of the pairs keeps an item, when any does.
    No pair compares one field twice: a range that nothing can be in may be refused by right.
    """
    kept = {rule: [rule.keeps(item, value) for item in items] for rule, value in values_by_filter.items()}
    shown: dict[tuple[Filter, Filter], set[Filter]] = {}
    keeping: set[tuple[Filter, Filter]] = set()
    for pair in itertools.combinations(values_by_filter, 2):
        if not set(pair[0].fields).isdisjoint(pair[1].fields):
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


def paged_filter(
    values_by_filter: Mapping[Filter, str], items: Sequence[JsonObject], most: int
) -> tuple[Filter, int] | None:
    """The filter to walk over several pages, and the size of a page that makes several, at `most` so many items.

    None when no filter can.
    """
    best: tuple[Filter, int] | None = None
    for rule, value in values_by_filter.items():
        kept = [rule.keeps(item, value) for item in items]
        if False in kept and kept.count(True) > (2 * best[1] if best else 1):
            best = rule, kept.count(True) // 2
    return None if best is None else (best[0], min(best[1], most))
