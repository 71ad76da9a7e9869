"""What is wrong with a body that should be JSON, in one phrase."""

import json
import math
from collections import Counter
from typing import Any

from ampeco_conformance.core.json_values import DEEPEST, has_lone_surrogate, is_too_deep

_PAGE_STARTS = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")


def json_trouble(body: bytes) -> str | None:
    """Why a body is not a JSON document that all parsers read alike (RFC 8259, RFC 7493); None when it is one."""
    if not body.strip():
        return "is empty"
    if body.lstrip().lower().startswith(_PAGE_STARTS):
        return "is a web page"
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return f"is not UTF-8: byte {error.start} is 0x{body[error.start]:02x}"
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            return f"breaks off after {len(body)} bytes"
        return f"is not JSON: {error.msg} at character {error.pos}"
    except _RepeatedNameError as error:
        return f"has the name {error} twice in one object"
    except ValueError as error:
        return f"is not JSON: {str(error)[:60]} is not a number that parsers read alike"
    except RecursionError:
        return f"is nested deeper than {DEEPEST} levels"
    if is_too_deep(body, value):
        return f"is nested deeper than {DEEPEST} levels"
    return "has half of a surrogate pair, which is no character" if has_lone_surrogate(body, value) else None


class _RepeatedNameError(Exception):
    """An object has two values under one name; which of them counts depends on the parser."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RepeatedNameError(Counter(name for name, _ in pairs).most_common(1)[0][0])
    return found


def _finite(text: str) -> float:
    if math.isinf(number := float(text)):
        raise ValueError(text)
    return number


def _refuse(constant: str) -> None:
    raise ValueError(constant)
