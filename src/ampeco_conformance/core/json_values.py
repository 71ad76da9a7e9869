"""Reads and writes JSON so that every library of the suite takes every value: what one of them cannot is replaced.

`json` reads lone surrogates, numbers without bounds and any depth; orjson, jsonschema-rs and UTF-8 do not take them.
"""

import json
import math
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from typing import Any

import orjson

DEEPEST = 200
"""How many lists and objects may be inside each other; orjson and jsonschema-rs stop at about 255."""

_SURROGATE_CODE = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")
"""What may become a lone surrogate."""
_LARGEST = int(sys.float_info.max)
_LONGEST_INTEGER = 300
_LONG_NUMBER = b"0" * 19
_DIGITS_AS_ZERO = bytes(ord("0") if chr(code) in "0123456789" else ord(" ") for code in range(256))
_NOT_USUAL = object()
_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


def read_json(content: str | bytes) -> Any:
    """The value of a JSON text. Lone surrogates are replaced, NaN is null, a number beyond floats is the largest one.

    Raises ValueError when it is not JSON, or nested deeper than DEEPEST.
    """
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    value = _read_quickly(raw)
    return value if value is not _NOT_USUAL and not is_too_deep(raw, value) else _read_any(raw)


def _read_quickly(raw: bytes) -> Any:
    """What orjson reads of a JSON text, if it reads the same as `json` does; that takes a tenth of the time."""
    if _LONG_NUMBER in raw.translate(_DIGITS_AS_ZERO):
        return _NOT_USUAL  # an integer that becomes a float
    try:
        return orjson.loads(raw)
    except ValueError:
        return _NOT_USUAL


def _read_any(raw: bytes) -> Any:
    try:
        value = json.loads(raw, parse_constant=_no_number, parse_float=_float, parse_int=_integer)
    except RecursionError:
        raise _too_deep() from None
    if is_too_deep(raw, value):
        raise _too_deep()
    return _usual(value) if _may_have_surrogate(raw) else value


def is_too_deep(raw: bytes, value: Any) -> bool:
    """Whether a value, read from this JSON text, is nested deeper than DEEPEST."""
    return raw.count(b"[") + raw.count(b"{") > DEEPEST and _nesting_of(value) > DEEPEST


def has_lone_surrogate(raw: bytes, value: Any) -> bool:
    """Whether a text or a name in a value, read from this JSON text, has half of a surrogate pair: no character."""
    return _may_have_surrogate(raw) and any(map(_SURROGATE.search, _texts_in(value)))


def write_json(value: Any, *, indent: bool = False) -> bytes:
    """A value as JSON in UTF-8; dataclasses are objects. What is nested too deeply is cut off."""
    option = orjson.OPT_INDENT_2 if indent else None
    try:
        return orjson.dumps(value, option=option)
    except TypeError:
        return orjson.dumps(_usual(asdict(value) if is_dataclass(value) else value), option=option)  # type: ignore[arg-type]


def _usual(value: Any, depth: int = 0) -> Any:
    """A value that all libraries take."""
    if isinstance(value, str):
        return _SURROGATE.sub(_REPLACEMENT, value)
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else math.copysign(sys.float_info.max, value)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return float(max(-_LARGEST, min(value, _LARGEST)))
    if depth > DEEPEST and isinstance(value, dict | list | tuple):
        return "..."
    if isinstance(value, dict):
        return {_usual(name): _usual(inner, depth + 1) for name, inner in value.items()}
    return [_usual(inner, depth + 1) for inner in value] if isinstance(value, list | tuple) else value


def _may_have_surrogate(raw: bytes) -> bool:
    # Most texts have none of these, which is seen much faster than by the expression.
    return (b"\\u" in raw or b"\xed" in raw) and _SURROGATE_CODE.search(raw) is not None


def _texts_in(value: Any) -> Iterator[str]:
    """The texts of a JSON value, and the names in it."""
    if isinstance(value, str):
        yield value
    parts = (part for pair in value.items() for part in pair) if isinstance(value, dict) else value
    for part in parts if isinstance(value, dict | list) else ():
        yield from _texts_in(part)


def _nesting_of(value: Any) -> int:
    """How many lists and objects are inside each other at most."""
    depth, level = 0, [value]
    while level := [part for part in level if isinstance(part, dict | list)]:
        depth += 1
        level = [inner for part in level for inner in (part.values() if isinstance(part, dict) else part)]
    return depth


def _too_deep() -> ValueError:
    return ValueError(f"nested deeper than {DEEPEST} levels")


def _float(text: str) -> Any:
    return _usual(float(text))


def _integer(text: str) -> Any:
    return int(text) if len(text) < _LONGEST_INTEGER else _usual(int(text))


def _no_number(_: str) -> None:
    return None
