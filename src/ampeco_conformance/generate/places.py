"""Places in JSON values: the names and indexes that lead there."""

from typing import Any

BodyPlace = tuple[str | int, ...]
#: Put at a place to leave out what is there.
ABSENT = object()


def replaced(value: Any, place: BodyPlace, new: Any) -> Any:
    """A JSON value with another one at a place."""
    if not place:
        return new
    first, *rest = place
    if isinstance(value, list):
        return [replaced(item, tuple(rest), new) if index == first else item for index, item in enumerate(value)]
    if new is ABSENT and not rest:
        return {name: item for name, item in value.items() if name != first}
    return {**value, first: replaced(value.get(first), tuple(rest), new)}
