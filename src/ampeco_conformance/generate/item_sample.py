"""Which items of a listing are read besides the first: the last, the middle one, and one of each kind.

A server may fail for one item only: the first of a status, one with more fields, one of another page.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

_KIND = ("status", "type")


def spread(items: Sequence[Mapping[str, Any]], order: Random, most: int) -> list[Mapping[str, Any]]:
    """Up to `most` of the items after the first; `order` decides which kinds do not fit this time."""
    if len(items) < 2:
        return []
    kinds: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for index, item in enumerate(items[1:], 1):
        kinds.setdefault(_kind(item), []).append(index)
    representatives = [order.choice(indices) for indices in kinds.values()]
    order.shuffle(representatives)
    chosen = dict.fromkeys((len(items) - 1, len(items) // 2, *representatives))
    return [items[index] for index in list(chosen)[:most]]


def _kind(item: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The statuses and types of an item."""
    return tuple((name, str(item[name])) for name in sorted(item) if name.lower().endswith(_KIND))
