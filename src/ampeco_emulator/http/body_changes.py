"""Changes of the values of a response body: what defects and variants apply to all of them."""

import re
from collections.abc import Callable
from typing import Any

ChangeValue = Callable[[Any], Any]
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def everywhere(change: ChangeValue) -> ChangeValue:
    """Apply a change to every value of a body, the inner ones first."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return change([walk(item) for item in value])
        if isinstance(value, dict):
            return change({name: walk(item) for name, item in value.items()})
        return change(value)

    return walk


def timestamps(change: Callable[[str], Any]) -> ChangeValue:
    """Apply a change to every timestamp."""
    return everywhere(lambda value: change(value) if isinstance(value, str) and _TIMESTAMP.fullmatch(value) else value)
