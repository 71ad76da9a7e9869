"""Whether two values are the same, by what the schema says of them: the one comparer of all checks.

- Numbers: integers are compared exactly, decimals to the precision of the schema (`multipleOf`) or of a float.
- Moments: the same within a second, in any zone and notation. A day may be shown as its midnight.
- E-mail addresses: without regard to case. Other texts: as they are; the space around a text may be cut off.
  Letters may be composed or not: canonically equivalent texts are the same (UAX 15).
- Null is a value, and the same as nothing else. What is absent has no value: callers do not compare it.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from ampeco_conformance.core.moments import read_moment

_A_SECOND = timedelta(seconds=1)
#: A float of 32 bits has seven digits; the cents of an amount always count.
_RELATIVE, _SMALLEST, _GREATEST = 1e-7, 1e-6, 4e-3
_DAY_OR_TIME = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d(:\d\d)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_NO_SCHEMA: Mapping[str, Any] = {}


def same_value(written: Any, read: Any, schema: Mapping[str, Any] = _NO_SCHEMA) -> bool:
    """Whether a value reads as it was written; `schema` is that of either side."""
    if isinstance(written, bool) or isinstance(read, bool):
        return bool(written is read)
    if isinstance(written, int | float) and isinstance(read, int | float):
        return _same_number(written, read, schema)
    if isinstance(written, str) and isinstance(read, str):
        return _same_text(written, read, schema)
    return bool(written == read)


def agree(one: Any, other: Any) -> bool:
    """Whether two values are the same in every part that both show; the order of a list does not count."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(agree(one[name], other[name]) for name in one.keys() & other.keys())
    if isinstance(one, list) and isinstance(other, list):
        rest = list(other)
        for item in one:
            found = next((index for index, candidate in enumerate(rest) if agree(item, candidate)), None)
            if found is None:
                return False
            del rest[found]
        return not rest
    return same_value(one, other)


def moment(value: Any) -> datetime | None:
    """A text as a moment in time; None when it is none."""
    if not isinstance(value, str) or len(value) <= len("2026-01-01"):
        return None
    return read_moment(value)


def _same_number(written: float, read: float, schema: Mapping[str, Any]) -> bool:
    if schema.get("type") == "integer" or (float(written).is_integer() and float(read).is_integer()):
        return written == read
    step = schema.get("multipleOf")
    tolerance = step / 2 if step else min(max(_SMALLEST, _RELATIVE * abs(written)), _GREATEST)
    return abs(written - read) <= tolerance


def _same_text(written: str, read: str, schema: Mapping[str, Any]) -> bool:
    first, second = moment(written), moment(read)
    if first is not None and second is not None and first.tzinfo and second.tzinfo:
        return abs(first - second) < _A_SECOND
    # A day may be shown as its midnight, a time of day with its seconds.
    if _DAY_OR_TIME.fullmatch(written):
        return read.startswith(written)
    if schema.get("format") == "decimal" and (number := _decimal(written)) is not None:
        return number == _decimal(read)
    first_text, second_text = unicodedata.normalize("NFC", written), unicodedata.normalize("NFC", read)
    if _EMAIL.fullmatch(written.strip()):
        return first_text.strip().casefold() == second_text.strip().casefold()
    return second_text in (first_text, first_text.strip())


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
