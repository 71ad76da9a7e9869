"""A filter returns all items that match and no others; judged by the items of the unfiltered listing.

Source: the filters that the operation documents, and what they mean (see `contract/filters.py`). What is left open is
not judged: whether a bound itself is included (documented for a few listings only), whether a text must be equal or may
be a part. A filter whose field the items do not show is judged by what it returns for values that nothing has, and by
whether its values part the items.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ampeco_conformance.contract.filters import Filter
from ampeco_conformance.core.checks import Severity, Violation, declare
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.exchanges import JsonObject

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


def filter_violations(
    query: Mapping[Filter, str], everything: Sequence[JsonObject], kept: Sequence[JsonObject], *, complete: bool
) -> Iterator[Violation]:
    """Violations in the items `kept` by a query; `complete` says that they are all that the query returns."""
    request = " and ".join(f"{rule.parameter}={wanted}" for rule, wanted in query.items())
    place = " and ".join(f"query {rule.parameter}" for rule in query)
    strangers = [item for item in kept if any(rule.keeps(item, wanted) is False for rule, wanted in query.items())]
    if strangers:
        values = [{rule.fields[0]: rule.values_in(item) for rule in query} for item in strangers[:3]]
        message = f"{request} returns {counted(len(strangers), 'item')} outside the filter"
        yield FILTER_MATCHES_ONLY.violation(message, place, expected=request, actual=values)
    matching = [item for item in everything if all(rule.keeps(item, wanted) for rule, wanted in query.items())]
    lost = _missing(matching, kept)
    if complete and lost:
        message = f"{request} leaves out {counted(len(lost), 'item')} that match"
        yield FILTER_MATCHES_ALL.violation(message, place, expected="all matches", actual=lost[:5])


def _missing(matching: Sequence[JsonObject], kept: Sequence[JsonObject]) -> list[Any]:
    """The ids of items that are missing; items without ids are only counted."""
    ids = {item.get("id") for item in kept}
    if any("id" in item for item in matching):
        return [item["id"] for item in matching if item.get("id") not in (None, *ids)]
    return [None] * (len(matching) - len(kept))


def unused_value_violations(rule: Filter, wanted: str, kept: Sequence[JsonObject]) -> Iterator[Violation]:
    """A violation when a value that no item has returns items."""
    if kept:
        message = f"{rule.parameter}={wanted}, which no item has, returns {counted(len(kept), 'item')}"
        place, shown = f"query {rule.parameter}", [item.get("id") for item in kept[:3]]
        yield FILTER_MATCHES_ONLY.violation(message, place, expected="no item", actual=shown, kind="unused")


def nothing_violations(rule: Filter, values: Sequence[str], kept: Sequence[JsonObject]) -> Iterator[Violation]:
    """A violation when none of these values returns anything, though one of them must."""
    if not kept:
        message = f"{' and '.join(f'{rule.parameter}={value}' for value in values)} return nothing"
        place = f"query {rule.parameter}"
        yield FILTER_MATCHES_ALL.violation(message, place, expected="some items", actual="none", kind="nothing")


def parting_violations(rule: Filter, kept: Mapping[str, Sequence[JsonObject]]) -> Iterator[Violation]:
    """A violation when two values of a filter return the same item."""
    counts = Counter(
        identifier for items in kept.values() for identifier in {item.get("id") for item in items} - {None}
    )
    twice = [identifier for identifier, count in counts.items() if count > 1]
    if twice:
        message = f"{rule.parameter} returns {counted(len(twice), 'item')} for more than one of {', '.join(kept)}"
        place = f"query {rule.parameter}"
        yield FILTER_MATCHES_ONLY.violation(message, place, expected="one value", actual=twice[:5], kind="parts")


def several_violations(
    rule: Filter, alone: Mapping[str, Sequence[JsonObject]], together: Sequence[JsonObject]
) -> Iterator[Violation]:
    """Violations in what a filter that takes several values returns for these: what it returns for each of them."""
    request, place = f"{rule.parameter}={' and '.join(alone)}", f"query {rule.parameter}"
    expected = {item.get("id") for items in alone.values() for item in items}
    shown = {item.get("id") for item in together}
    if strangers := [identifier for identifier in shown if identifier not in expected]:
        message = f"{request} returns {counted(len(strangers), 'item')} that neither returns alone"
        yield FILTER_MATCHES_ONLY.violation(
            message, place, expected="the items of both", actual=strangers[:5], kind="several"
        )
    if lost := [identifier for identifier in expected if identifier not in shown]:
        message = f"{request} leaves out {counted(len(lost), 'item')} that one of them returns alone"
        yield FILTER_MATCHES_ALL.violation(
            message, place, expected="the items of both", actual=lost[:5], kind="several"
        )
