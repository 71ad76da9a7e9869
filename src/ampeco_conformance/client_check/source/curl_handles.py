"""The options of a handle of libcurl, which statements of their own set: `curl_setopt($ch, CURLOPT_POST, true)`."""

from collections.abc import Iterator

from ampeco_conformance.client_check.source.code import Call, SourceCode
from ampeco_conformance.client_check.source.tokens import NAME, TEXT
from ampeco_conformance.client_check.source.values import plain

_SETTING = frozenset({"curl_setopt", "curl_easy_setopt"})
_BOUNDS = frozenset({"curl_init", "curl_easy_init", "curl_exec", "curl_easy_perform"})
_IMPLIED = {"POST": "POST", "POSTFIELDS": "POST", "PUT": "PUT", "UPLOAD": "PUT", "NOBODY": "HEAD"}
_OFF = frozenset({"false", "FALSE", "0", "0L", "null", "NULL"})
_BODIES = ("POSTFIELDS", "COPYPOSTFIELDS")
_FARTHEST = 400

Options = dict[str, tuple[int, int]]
"""Name of an option, without `CURLOPT_`, and the tokens of its value."""


def handle_options(code: SourceCode, call: Call) -> Options | None:
    """All options of the handle that a call gives its address; None when it is no call of libcurl."""
    name = call.names[0]
    if name == "curl_setopt_array":
        arrays = [first for first, _ in code.items(call.opening) if code.text(first) in ("[", "array")]
        opening = arrays[0] + (code.text(arrays[0]) == "array") if arrays else call.opening
        keys = [(code.key(first, last), last) for first, last in code.items(opening)]
        return {_option(code, key[0]): (key[1], last) for key, last in keys if key}
    if name not in _SETTING and name != "curl_init":
        return None
    found: Options = {}
    for index in (*_until_bound(code, call.start, -1), call.start, *_until_bound(code, call.start, 1)):
        if code.text(index) in _SETTING and code.text(index + 1) == "(":
            items = list(code.items(index + 1))
            if len(items) == 3:
                found[_option(code, items[1][0])] = items[2]
    return found


def method_of_options(code: SourceCode, options: Options) -> str:
    """The method that the options of a handle make; empty when it is computed."""
    if "CUSTOMREQUEST" in options:
        first, last = options["CUSTOMREQUEST"]
        return plain(code.tokens[first].parts).upper() if code.kind(first) == TEXT and last - first == 1 else ""
    return next((_IMPLIED[name] for name in _IMPLIED if _is_on(code, options, name)), "GET")


def body_of_options(options: Options) -> tuple[int, int] | None:
    """The tokens of the body."""
    return next((options[name] for name in _BODIES if name in options), None)


def _is_on(code: SourceCode, options: Options, name: str) -> bool:
    return name in options and code.text(options[name][0]) not in _OFF


def _option(code: SourceCode, index: int) -> str:
    return code.text(index).removeprefix("CURLOPT_")


def _until_bound(code: SourceCode, index: int, step: int) -> Iterator[int]:
    """The tokens before or behind one that belong to the same handle."""
    region, first = code.regions[index], index
    index += step
    while 0 <= index < len(code.tokens) and code.regions[index] == region and abs(index - first) < _FARTHEST:
        if code.kind(index) == NAME and code.text(index) in _BOUNDS:
            return
        yield index
        index += step
