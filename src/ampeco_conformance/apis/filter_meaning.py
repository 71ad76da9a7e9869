"""What a filter of a listing means, where its name and its schema do not tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FilterOperator(StrEnum):
    """How a filter compares its value with the values of an item."""

    SAME = "is"
    TEXT = "is like"
    """The text itself; a part of it and other capitals are left open."""
    STARTS = "starts with"
    CONTAINS = "contains"
    AFTER = "is after"
    BEFORE = "is before"
    ON_DAY = "is on the day"
    LONGER = "takes more minutes than"
    SHORTER = "takes fewer minutes than"
    PRESENT = "has a value"
    MISSING = "has no value"
    OTHER = "means something else"
    """No condition on single items: nothing is asked."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where the values are shown instead: in the items of a listing whose field `theirs` has the value of `own`.

    `listing` is a path below `/resources/`, `query` what has to be asked for besides.
    """

    listing: str
    own: str = "id"
    theirs: str = "id"
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterMeaning:
    """The meaning of filters by name, in the listings whose path below `/resources/` matches a pattern.

    `fields` are compared, by default those of its name; nested ones have a dot, and those of `lookup` are of its items.
    A `reason` says why none can be compared. `values` maps values of the filter to those of the field; None is no
    value. An item has to have the values of `condition` besides. With a `path` the filter is asked for that part of its
    field, which no item has. `source` is where this is documented.
    """

    listings: str
    names: frozenset[str]
    source: str
    operator: FilterOperator | None = None
    fields: tuple[str, ...] = ()
    lookup: Lookup | None = None
    values: Mapping[str, str | None] = field(default_factory=dict)
    condition: Mapping[str, str | bool] = field(default_factory=dict)
    is_inclusive: bool = False
    path: str = ""
    reason: str = ""
