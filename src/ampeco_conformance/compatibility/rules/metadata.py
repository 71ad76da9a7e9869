"""Rules on the metadata of operations: life cycle and names. Each is declared over the function that finds it.

To add one, run `python -m tools.new_comparison_rule ID`: it appends a rule to this file and updates the page of rules.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from ampeco_conformance.compatibility.rules.model import (
    ChangeSeverity,
    ComparisonRule,
    Occurrence,
    OperationPair,
    RuleSearch,
)

M, S = ChangeSeverity.MAYBE, ChangeSeverity.SAFE

METADATA_RULES: list[ComparisonRule] = []
"""The rules of this file, in order."""


def rule(
    identifier: str, severity: ChangeSeverity, area: str, title: str, old: dict[str, Any], new: dict[str, Any]
) -> Callable[[RuleSearch], RuleSearch]:
    """Declare a rule over the function that finds it; `old` and `new` are an example of two operations."""

    def declare(search: RuleSearch) -> RuleSearch:
        METADATA_RULES.append(ComparisonRule(identifier, severity, "none", area, title, (old, new), search=search))
        return search

    return declare


_DEPRECATED = {"deprecated": True}
_SUNSET_2029 = {"deprecated": True, "x-sunset": "2029-01-01"}
_SUNSET_2030 = {"deprecated": True, "x-sunset": "2030-01-01"}


@rule("operation-deprecated", S, "life-cycle", "Operation deprecated", {}, _DEPRECATED)
def _deprecated(pair: OperationPair) -> Iterator[Occurrence]:
    if not pair.was_deprecated and pair.is_deprecated:
        yield Occurrence()


@rule("operation-reactivated", S, "life-cycle", "No longer deprecated", _DEPRECATED, {})
def _reactivated(pair: OperationPair) -> Iterator[Occurrence]:
    if pair.was_deprecated and not pair.is_deprecated:
        yield Occurrence()


@rule("operation-deprecated-without-sunset", M, "life-cycle", "Deprecated without a removal date", {}, _DEPRECATED)
def _deprecated_without_sunset(pair: OperationPair) -> Iterator[Occurrence]:
    """Only where the document has removal dates at all; elsewhere every deprecation would be reported twice."""
    if _is_newly_deprecated_without_date(pair):
        yield Occurrence()


@rule("operation-sunset-earlier", M, "life-cycle", "Removal date moved forward", _SUNSET_2030, _SUNSET_2029)
def _sunset_earlier(pair: OperationPair) -> Iterator[Occurrence]:
    if _has_new_date(pair) and _is_earlier(pair):
        yield _date_change(pair)


@rule("operation-sunset-later", S, "life-cycle", "Removal date added or postponed", _SUNSET_2029, _SUNSET_2030)
def _sunset_later(pair: OperationPair) -> Iterator[Occurrence]:
    if _has_new_date(pair) and not _is_earlier(pair):
        yield _date_change(pair)


@rule("operation-sunset-removed", M, "life-cycle", "Removal date removed, still deprecated", _SUNSET_2029, _DEPRECATED)
def _sunset_removed(pair: OperationPair) -> Iterator[Occurrence]:
    old, new = _sunsets(pair)
    if pair.is_deprecated and old is not None and new is None and not _is_newly_deprecated_without_date(pair):
        yield Occurrence(before=old)


@rule(
    "operation-sunset-invalid",
    M,
    "life-cycle",
    "Removal date is not a date",
    {},
    {"deprecated": True, "x-sunset": "soon"},
)
def _sunset_invalid(pair: OperationPair) -> Iterator[Occurrence]:
    new = pair.new.get("x-sunset")
    if new is not None and _date(new) is None:
        yield Occurrence(f"Removal date is not a date: {new}")


@rule("operation-id-changed", S, "names", "operationId changed", {"operationId": "a"}, {"operationId": "b"})
def _id_changed(pair: OperationPair) -> Iterator[Occurrence]:
    old, new = pair.old.get("operationId"), pair.new.get("operationId")
    if old != new:
        yield Occurrence(f"operationId changed: {old} -> {new}", before=old, after=new)


@rule("operation-tag-added", S, "names", "Tag added", {}, {"tags": ["a"]})
def _tag_added(pair: OperationPair) -> Iterator[Occurrence]:
    for tag in pair.new.get("tags") or ():
        if tag not in (pair.old.get("tags") or ()):
            yield Occurrence(f"Tag added: {tag}", after=tag, cause=f"tag {tag}")


@rule("operation-tag-removed", S, "names", "Tag removed", {"tags": ["a"]}, {})
def _tag_removed(pair: OperationPair) -> Iterator[Occurrence]:
    for tag in pair.old.get("tags") or ():
        if tag not in (pair.new.get("tags") or ()):
            yield Occurrence(f"Tag removed: {tag}", before=tag, cause=f"tag {tag}")


def _sunsets(pair: OperationPair) -> tuple[Any, Any]:
    return pair.old.get("x-sunset"), pair.new.get("x-sunset")


def _date(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _is_newly_deprecated_without_date(pair: OperationPair) -> bool:
    newly = pair.is_deprecated and not pair.was_deprecated
    return newly and pair.new.get("x-sunset") is None and pair.document_has_sunsets


def _has_new_date(pair: OperationPair) -> bool:
    old, new = _sunsets(pair)
    return _date(new) is not None and old != new


def _is_earlier(pair: OperationPair) -> bool:
    old, new = _sunsets(pair)
    return old is not None and (_date(old) or date.min) > (_date(new) or date.max)


def _date_change(pair: OperationPair) -> Occurrence:
    old, new = _sunsets(pair)
    return Occurrence(f"Removal date is now {new}", before=old, after=new)
