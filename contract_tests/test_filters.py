"""Every documented filter returns the items that match and no others (see `checks/filters.py`)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from ampeco_conformance.checks.filters import (
    filter_violations,
    nothing_violations,
    parting_violations,
    several_violations,
    unused_value_violations,
)
from ampeco_conformance.checks.pagination import MAXIMUM_PER_PAGE, ListingPage, numbered_violations
from ampeco_conformance.checks.reads import unchanged, unlike_violations
from ampeco_conformance.contract.answers import Cause
from ampeco_conformance.contract.filters import Filter, filters_of, reached
from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Violation
from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.core.exchanges import Exchange, JsonObject
from ampeco_conformance.core.findings import ContractViolation
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.exercise.confirmation import PartRefused
from ampeco_conformance.exercise.listing import Listing, Walked
from ampeco_conformance.generate.filter_values import (
    distinguishing_pairs,
    must_find,
    paged_filter,
    parting_values,
    unused_value,
    value_of_all,
    values_to_try,
    without_values,
)
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

Found = Iterator[tuple[Violation, Exchange]]

#: What fits on a page of any size that is the default.
_FEW_ITEMS = 10


def has_filters(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation is a listing with filters."""
    return operation.method == "GET" and bool(filters_of(contract, operation))


@pytest.mark.operations(selector=has_filters)
def test_filters(operation: Operation, listing: Listing, client: ApiClient, record: Recorder, seed: int) -> None:
    """Each filter returns exactly the items that match it, two return those that match both, no match returns nothing.

    That holds with another filter, over pages, in both styles, and for a date-time in another time zone.
    """
    is_numbered, has_cursors = (takes_query(record.contract, operation, name) for name in ("page", "cursor"))
    styles = [{"page": "1"}, {"cursor": ""}] if is_numbered and has_cursors else [{}]

    def walk() -> Found:
        filtering = _Filtering(listing, listing.whole({}), is_numbered=is_numbered)
        items = filtering.items
        if not items:
            raise NotTestable("the listing is empty: no filter can be judged")
        lookups = _Lookups(client, record)
        rules = [lookups.bound(rule) for rule in filters_of(record.contract, operation)]
        values = {rule: tried for rule in rules if (tried := values_to_try(rule, items, seed))}
        for rule in rules:
            tried = values.get(rule, [])
            yield from filtering.violations_of_one(rule if tried else without_values(rule), tried, seed)
        chosen = {rule: tried[0] for rule, tried in values.items()}
        for query in distinguishing_pairs(chosen, items):
            yield from filtering.violations(query, {}, MAXIMUM_PER_PAGE)
        over_pages = paged_filter(chosen, items, MAXIMUM_PER_PAGE)
        if over_pages is not None or (chosen and len(styles) > 1):
            rule, per_page = over_pages or (next(iter(chosen)), MAXIMUM_PER_PAGE)
            for style in styles:
                yield from filtering.violations({rule: chosen[rule]}, style, per_page)
        listing.refusable_page({"filter[conformUnknown]": "1"})
        for name, reason in filtering.unjudged.items():
            record.coverage.miss(operation.label, CoverageKind.FILTERS, name, reason)
        for name in filtering.judged:
            record.coverage.reach(operation.label, CoverageKind.FILTERS, name)
        for text in filtering.notes:
            record.note(text)

    listing.verify(walk)


class _Lookups:
    """The listings that show what a filter compares with, each read once."""

    def __init__(self, client: ApiClient, record: Recorder) -> None:
        self._client = client
        self._record = record
        self._read: dict[tuple[str, str], list[JsonObject] | None] = {}

    def bound(self, rule: Filter) -> Filter:
        """The filter with the values that another listing shows; without fields when it cannot be read."""
        if rule.lookup is None:
            return rule
        query = rule.lookup.query
        key = rule.lookup.listing, str(query)
        if key not in self._read:
            self._read[key] = self._items(rule.lookup.listing, query)
        items = self._read[key]
        if items is None:
            return replace(rule, fields=(), reason=f"GET {rule.lookup.listing} cannot be read whole")
        return replace(rule, looked_up=_by_key(rule, items))

    def _items(self, path: str, query: Mapping[str, str]) -> list[JsonObject] | None:
        operations = self._record.contract.specification.operations
        operation = next(
            (known for known in operations if known.method == "GET" and known.path.endswith(f"/resources/{path}")), None
        )
        if operation is None:
            return None
        try:
            walked = Listing(operation, operation.path, self._client, self._record).whole(query)
        except (NotTestable, PartRefused, ContractViolation):
            # That is for the tests of the other listing to report.
            return None
        return _items(walked.pages) if walked.is_complete else None


def _by_key(rule: Filter, items: Sequence[JsonObject]) -> dict[str, list[object]]:
    assert rule.lookup is not None
    found: dict[str, list[object]] = {}
    for item in items:
        shown = [value for name in rule.fields for value in reached(item, name.split(".")) or ()]
        for key in reached(item, rule.lookup.theirs.split(".")) or ():
            found.setdefault(str(key), []).extend(shown)
    return found


class _Filtering:
    """A listing with all of its pages, and what its filters return of them."""

    def __init__(self, listing: Listing, everything: Walked, *, is_numbered: bool) -> None:
        self._listing = listing
        self._is_numbered = is_numbered
        self.items = _items(everything.pages)
        self.judged: list[str] = []
        self.unjudged: dict[str, str] = {}
        self.notes: list[str] = []

    def violations_of_one(self, rule: Filter, values: Sequence[str], seed: int) -> Found:
        """Violations in what a filter returns for each of its values, alone."""
        parting = parting_values(rule, seed)
        kept: dict[str, Walked] = {}
        try:
            for number, value in enumerate((*values, *parting)):
                is_short = sum(rule.keeps(item, value) is not False for item in self.items) <= _FEW_ITEMS
                kept[value] = self._whole({rule: value}, {}, None if number == 0 and is_short else MAXIMUM_PER_PAGE)
                yield from self._unfit({rule: value}, kept[value])
            yield from self._unlikely(rule, kept, parting)
            if rule.takes_several and len(values) > 1:
                yield from self._several(rule, {value: kept[value] for value in values[:2]})
            if (bound := value_of_all(rule)) is not None:
                yield from self._nothing(rule, {bound: self._whole({rule: bound}, {}, MAXIMUM_PER_PAGE)})
        except PartRefused as refused:
            yield refused.discovery.violation, refused.discovery.exchange
        unused = unused_value(rule)
        if unused is not None:
            yield from self._violations_of_unused_value(rule, unused)
        if values or parting or unused is not None:
            self.judged.append(rule.name)
        else:
            self.unjudged[rule.name] = rule.reason
        if values and not any(rule.keeps(item, value) for value in values for item in self.items):
            self.notes.append(f"{rule.name} is judged by what it leaves out: no item is sure to match")
        if not values and rule.name in self.judged:
            self.notes.append(f"{rule.name} is judged by values that it must tell apart: {rule.reason}")

    def violations(self, query: Mapping[Filter, str], style: Mapping[str, str], per_page: int) -> Found:
        """Violations in the items that a query returns; a query that is refused is one."""
        try:
            yield from self._unfit(query, self._whole(query, style, per_page))
        except PartRefused as refused:
            yield refused.discovery.violation, refused.discovery.exchange

    def _whole(self, query: Mapping[Filter, str], style: Mapping[str, str], per_page: int | None) -> Walked:
        return self._listing.whole({rule.parameter: value for rule, value in query.items()} | {**style}, per_page)

    def _unfit(self, query: Mapping[Filter, str], kept: Walked) -> Found:
        if any(self._wrongly_kept(query, kept)):
            # What others have changed or removed since the listing was walked is not judged.
            self.items = unchanged(self.items, _items(self._listing.whole({}).pages))
        for violation in self._wrongly_kept(query, kept):
            yield violation, kept.pages[-1].exchange
        yield from self._misnumbered(kept.pages)

    def _wrongly_kept(self, query: Mapping[Filter, str], kept: Walked) -> Iterator[Violation]:
        items, request = (
            _items(kept.pages),
            " and ".join(f"{rule.parameter}={wanted}" for rule, wanted in query.items()),
        )
        yield from filter_violations(query, self.items, items, complete=kept.is_complete)
        yield from unlike_violations(self.items, items, f"with {request}")

    def _unlikely(self, rule: Filter, kept: Mapping[str, Walked], parting: Sequence[str]) -> Found:
        """Violations that only several values show."""
        if parting:
            items = {value: _items(walked.pages) for value, walked in kept.items()}
            for violation in parting_violations(rule, items):
                yield violation, kept[parting[-1]].pages[-1].exchange
        if must_find(rule):
            yield from self._nothing(rule, kept)

    def _several(self, rule: Filter, alone: Mapping[str, Walked]) -> Found:
        together = self._listing.whole({rule.name: list(alone)})
        if together.is_complete and all(walked.is_complete for walked in alone.values()):
            items = {value: _items(walked.pages) for value, walked in alone.items()}
            for violation in several_violations(rule, items, _items(together.pages)):
                yield violation, together.pages[-1].exchange

    def _nothing(self, rule: Filter, kept: Mapping[str, Walked]) -> Found:
        items = [item for walked in kept.values() for item in _items(walked.pages)]
        for violation in nothing_violations(rule, list(kept), items) if kept else ():
            yield violation, kept[list(kept)[-1]].pages[-1].exchange

    def _violations_of_unused_value(self, rule: Filter, unused: str) -> Found:
        """Violations in the items that a filter returns for a value that none has; it may be refused."""
        page = self._listing.refusable_page({rule.parameter: unused}, (Cause.INPUT, Cause.MODEL))
        if page is not None:
            for violation in unused_value_violations(rule, unused, _items([page])):
                yield violation, page.exchange
            yield from self._misnumbered([page])

    def _misnumbered(self, pages: list[ListingPage]) -> Found:
        """Wrong metadata of filtered pages, such as a total that counts what the filter leaves out."""
        for number, page in enumerate(pages, 1) if self._is_numbered else ():
            for violation in numbered_violations(page, number):
                yield violation, page.exchange


def _items(pages: list[ListingPage]) -> list[JsonObject]:
    return [item for page in pages for item in page.items if isinstance(item, dict)]
