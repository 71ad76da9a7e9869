"""Fingerprints: the same for the same fault in every run, at every version and on every target.

A fingerprint holds no wording, neither ours nor the target's: it is made of check, operation, location, kind of value
and status, and of a server error also of the form of its body. Ledgers and histories refer to fingerprints.
"""

import hashlib
import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from ampeco_conformance.core.exchanges import Response
from ampeco_conformance.core.json_values import read_json

_FORM = "v2-"
_OLD_FORM = re.compile(r"[0-9a-f]{12}")
#: An index of a list in a JSON pointer.
INDEX = re.compile(r"/\d+(?=/|$)")
#: An exception's class: `QueryException`, `App\Exceptions\Handler\NotFoundException`, `java.lang.Error`.
_EXCEPTION = re.compile(r"\b(?:[A-Za-z_]\w*[.\\:]+)*[A-Z]\w*(?:Exception|Error)\b")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL | re.IGNORECASE)
_VALUE = re.compile(r"\S*\d\S*")


def fingerprint_of(parts: Iterable[str], response: Response | None) -> str:
    """The fingerprint of a violation: `v2-` and 12 hexadecimal digits.

    `parts` are its fixed terms, in which the indexes of lists do not count. A response counts by its status; one of 500
    or above also by the keys of its JSON, the class of the exception it names, or the title of its page. Names with a
    digit, which the target may make up anew for every response, do not count.
    """
    status = str(response.status_code) if response else ""
    form = _form_of_body(response.body) if response and response.status_code >= 500 else ""
    return _FORM + digest(*map(without_indexes, parts), status, form)


def is_old_form(fingerprint: str) -> bool:
    """Whether an id has the form of earlier releases, which made it of messages: 12 hexadecimal digits."""
    return _OLD_FORM.fullmatch(fingerprint) is not None


def without_indexes(location: str) -> str:
    """A JSON pointer with `*` in place of the indexes of lists."""
    return INDEX.sub("/*", location)


def digest(*parts: str) -> str:
    """Twelve hexadecimal digits that stand for some texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def json_type(value: Any) -> str:
    """The JSON type of a value; an integer is a number."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list | tuple | set | frozenset) else "object"


def _form_of_body(body: bytes) -> str:
    """What stays the same of the body of a server error, whatever happened to be in it."""
    text = body.decode("utf-8", "replace")
    try:
        content = read_json(text)
    except ValueError:
        exception, title = _EXCEPTION.search(text), _TITLE.search(text)
        if exception or not title:
            return _steady(exception[0]) if exception else ""
        return " ".join(_VALUE.sub("#", unescape(title[1])).split())
    keys = sorted(filter(_steady, content)) if isinstance(content, dict) else [json_type(content)]
    # A message may name an exception too, but as part of its wording.
    named = (str(content[key]) for key in keys if key != "message") if isinstance(content, dict) else ()
    exceptions = (_EXCEPTION.fullmatch(name) for name in named)
    return " ".join([*keys, *(_steady(found[0]) for found in exceptions if found)])


def _steady(name: str) -> str:
    """A name; empty when it has a digit."""
    return "" if _VALUE.search(name) else name
