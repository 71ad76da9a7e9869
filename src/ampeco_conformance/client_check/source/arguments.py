"""The query and the body that a call in source code is given beside the address."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from ampeco_conformance.client_check.model import HOLE, NOT_SHOWN
from ampeco_conformance.client_check.source.addresses import SourceRequest
from ampeco_conformance.client_check.source.code import Call, SourceCode, words
from ampeco_conformance.client_check.source.curl_handles import body_of_options, handle_options
from ampeco_conformance.client_check.source.methods import verb_of
from ampeco_conformance.client_check.source.tokens import NAME, TEXT
from ampeco_conformance.client_check.source.values import ValueReader, json_with_holes, plain

_QUERY_KEYS = frozenset(
    {"params", "query", "qs", "searchparams", "search", "queryparams", "queryparameters", "urlparams", "querystring"}
    | {"setqueryparams", "withqueryparameters", "addquerystringparameters"}
)
_BODY_KEYS = frozenset({"json", "body", "data", "payload", "jsonbody", "requestbody", "formparams", "form"})
_FORM_KEYS = frozenset({"formparams", "form"})
_PLACES = frozenset({"path", "query", "header", "cookie"})
_OTHER_KEYS = frozenset({"headers", "method", "url", "auth", "timeout", "baseurl", "responsetype", "signal", "path"})
_BODY_CALLS = frozenset(
    {"setbody", "json", "body", "bodyvalue", "send", "post", "put", "patch"}
    | {"postjsonasync", "putjsonasync", "patchjsonasync"}
)
_BODIES_BEFORE = frozenset({"setbody", "body", "bodyvalue"})
_BUILDERS = frozenset({"url", "uri", "link", "endpoint", "route"})
_CAPITALS = re.compile(r"^[A-Z]+(?![a-z])|^[A-Z]")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_FORM = "application/x-www-form-urlencoded"


class ArgumentReader:
    """Reads the arguments of calls in one file."""

    def __init__(self, code: SourceCode, values: ValueReader) -> None:
        self._code, self._values = code, values

    def read(self, request: SourceRequest, call: Call, start: int, end: int) -> Iterator[SourceRequest]:
        """Learn the query and the body from the call that sends a request to the address between two tokens.

        What may be a query is given as another request, which is not certain.
        """
        code = self._code
        if (handle := handle_options(code, call)) is not None:
            if body := body_of_options(handle):
                self._read_body(request, *body)
            return
        self._read_object_around(request, start, call)
        is_after = False
        for first, last in code.items(call.opening):
            is_address = first <= start and end <= last
            key = code.key(first, last)
            if is_address and code.text(first) == "{":
                self._read_options(request, first)
            elif key is not None:
                self._read_option(request, self._key(key[0]), key[1], last)
            elif not is_address and (is_after or "query" in words(call.names[0])):
                yield from self._read_positional(request, first, last, call)
            is_after = is_after or is_address
        for opening in code.enclosing(start):
            if opening == call.opening:
                break
            inner = code.call_of(opening)
            named = {word for name in inner.names[:2] for word in words(name)} if inner else set()
            if inner is not None and named & {*_BUILDERS, "query"}:
                yield from self.read(request, inner, start, end)
        for earlier in code.calls_before(call):
            if earlier.names[0].lower() in _BODIES_BEFORE:
                self._read_first(request, earlier.opening)
            else:
                self._read_query(request, earlier)
        self._read_chained(request, code.closing(call.opening) + 1)

    def read_bare(self, request: SourceRequest, end: int) -> None:
        """Learn from the options behind an address in a statement without brackets: `get "/x", params: {...}`."""
        code = self._code
        while code.text(end) == ",":
            opening = next((n for n in range(end + 1, end + 4) if code.text(n) in ("{", "(", "[")), None)
            if opening is None:
                return
            if key := code.key(end + 1, code.closing(opening)):
                self._read_option(request, self._key(key[0]), key[1], code.closing(opening) + 1)
            elif opening == end + 1:
                self._read_options(request, opening)
            end = code.closing(opening) + 1

    def read_keyword(self, request: SourceRequest, end: int) -> None:
        """Learn from the arguments of a keyword of Robot Framework behind an address: `params=limit=5`."""
        code = self._code
        for index in range(end, len(code.tokens)):
            if code.tokens[index].line != code.tokens[end - 1].line:
                return
            name, _, given = plain(code.tokens[index].parts).partition("=")
            if name == "params":
                request.query += parse_qsl(given, keep_blank_values=True)

    def read_flags(self, request: SourceRequest, index: int) -> None:
        """Learn from the options of the command of PowerShell around an address: `-Body $body`, a query for GET."""
        code = self._code
        start = index
        while start > 0 and (code.tokens[start - 1].line == code.tokens[start].line or code.text(start - 1) == "`"):
            start -= 1
        while start < len(code.tokens) and (
            code.tokens[start].line <= code.tokens[index].line or code.text(start - 1) == "`"
        ):
            if code.text(start).lower() == "_body":
                end = code.closing(start + 1) + 1 if code.text(start + 1) in ("(", "{") else start + 2
                value = self._values.value(start + 1, end)
                if isinstance(value, dict) and request.method in ("POST", "PUT", "PATCH"):
                    request.body = value
                elif isinstance(value, dict):
                    request.query += query_of(value)
                return
            start += 1

    def _read_object_around(self, request: SourceRequest, start: int, call: Call) -> None:
        """Learn from an object with the address that a function in an argument returns: `() => ({ url, params })`."""
        around = next(self._code.enclosing(start), -1)
        arguments = [first for first, _ in self._code.items(call.opening)]
        if self._code.text(around) == "{" and around not in (call.opening, *arguments):
            self._read_options(request, around)

    def _read_chained(self, request: SourceRequest, index: int) -> None:
        """Learn the body from calls behind the one that sends: `.body(...)`, or in a block `{ setBody(...) }`."""
        code = self._code
        for later in code.calls_after(index):
            if later.names[0].lower() in _BODY_CALLS:
                self._read_first(request, later.opening)
            elif later.names[0] == "method" and len(given := list(code.items(later.opening))) == 2:
                self._read_body(request, *given[1])
            else:
                self._read_query(request, later)
        if code.text(index) == "{":
            for inside in range(index, code.closing(index)):
                if code.text(inside) == "setBody" and code.text(inside + 1) == "(":
                    self._read_first(request, inside + 1)

    def _read_query(self, request: SourceRequest, call: Call) -> None:
        """Learn from a call that adds parameters: `.query({...})`, `.addQueryStringParameters("x" -> 1)`."""
        if call.names[0].lower() not in _QUERY_KEYS:
            return
        for first, last in self._code.items(call.opening):
            key = self._code.key(first, last) if self._code.language == "Scala" else None
            name = self._values.key_text(key[0]) if key else ""
            value = {name: self._values.value(key[1], last)} if key else self._values.value(first, last)
            request.query += query_of(value) if isinstance(value, dict) else []

    def _read_first(self, request: SourceRequest, opening: int) -> None:
        for first, last in list(self._code.items(opening))[:1]:
            self._read_body(request, first, last)

    def _key(self, index: int) -> str:
        token = self._code.tokens[index]
        return "".join(words(plain(token.parts) if token.kind == TEXT else token.text))

    def _read_options(self, request: SourceRequest, opening: int) -> bool:
        """Learn from an object of options, where `{params}` stands for `{params: params}`; whether it is one."""
        code = self._code
        options = []
        for first, last in code.items(opening):
            if key := code.key(first, last):
                options.append((self._key(key[0]), key[1], last))
            elif last - first == 1 and code.kind(first) == NAME:
                options.append((self._key(first), first, last))
        if not {name for name, _, _ in options} & (_QUERY_KEYS | _BODY_KEYS | _OTHER_KEYS):
            return False
        for name, first, last in options:
            self._read_option(request, name, first, last)
        return True

    def _read_option(self, request: SourceRequest, key: str, start: int, end: int) -> None:
        if key in _QUERY_KEYS:
            request.query += query_of(_in_query(self._values.value(start, end)))
        elif request.method == "GET" and (
            (key == "data" and self._is_jquery(start)) or (key == "fields" and self._code.language == "Python")
        ):
            request.query += query_of(self._values.value(start, end))
        elif key == "parameters" and self._code.language == "Swift":  # of Alamofire
            self._read_option(request, "query" if request.method == "GET" else "body", start, end)
        elif key in _BODY_KEYS and request.method != "GET":
            self._read_body(request, start, end)
            is_form = key in _FORM_KEYS or (
                key == "data" and self._code.language == "Python" and self._is_map(start, end)
            )
            if is_form and isinstance(request.body, dict):
                request.content_type = _FORM

    def _is_map(self, start: int, end: int) -> bool:
        """Whether an expression of Python is a map as it stands, or the name of one, and not the JSON of it."""
        code = self._code
        if end - start > 1 or code.kind(start) != NAME:
            return code.text(end - 1) == "}"
        name = code.text(start)
        defined = (n for n in range(start - 1, -1, -1) if code.text(n) == name and code.text(n + 1) == "=")
        return any(code.text(place + 2) in ("{", "dict") for place in list(defined)[:1])

    def _is_jquery(self, index: int) -> bool:
        """Whether a token is in the options of `$.ajax`, which sends data as the query of a GET."""
        calls = (self._code.call_of(opening) for opening in self._code.enclosing(index))
        return any(call is not None and call.names[0] == "ajax" for call in calls)

    def _read_positional(self, request: SourceRequest, start: int, end: int, call: Call) -> Iterator[SourceRequest]:
        """Learn from an argument behind the address: options, else what the method suggests."""
        opening = self._values.opening(start, end)
        if opening is not None and self._read_options(request, opening):
            return
        named = set(words(call.names[0]))
        value = self._values.value(start, end)
        if self._code.language == "Go" and _MEDIA_TYPE.fullmatch(str(value)):
            request.content_type = str(value)
        if not isinstance(value, dict) and request.method in ("POST", "PUT", "PATCH") and verb_of(call.names[0]):
            value = self._written_out(start, end)
        if not isinstance(value, dict) or (value and value.keys() <= request.placeholders):
            return
        if value.keys() & (_QUERY_KEYS | _BODY_KEYS | _OTHER_KEYS):
            self._take_options(request, value)
            return
        if request.method in ("POST", "PUT", "PATCH") and not named & {*_BUILDERS, "query"}:
            if verb_of(call.names[0]):
                self._read_body(request, start, end)
            elif request.body is NOT_SHOWN:
                yield replace(request, body=value, is_certain=False)
            return
        if "query" in named or (request.method == "GET" and not self._code.is_script and not named & _BUILDERS):
            request.query += query_of(value)
        else:
            yield replace(request, query=query_of(value), is_certain=False)

    def _take_options(self, request: SourceRequest, options: dict[str, Any]) -> None:
        """Learn from options that have been read as a value."""
        for name, value in options.items():
            if name in _QUERY_KEYS:
                request.query += query_of(_in_query(value))
            elif name in _BODY_KEYS and isinstance(value, dict) and request.method != "GET":
                request.body = value

    def _read_body(self, request: SourceRequest, start: int, end: int) -> None:
        value = self._values.value(start, end)
        if not isinstance(value, dict):
            value = self._written_out(start, end)
        if isinstance(value, dict) and request.body is NOT_SHOWN:
            is_renamed = self._code.language == "C#" and not self._names_serializer(start, end)
            request.body = _in_camel_case(value) if is_renamed else value

    def _names_serializer(self, start: int, end: int) -> bool:
        """Whether an expression names what makes JSON of it, with the names as they are written."""
        return any("serialize" in self._code.text(index).lower() for index in range(start, end))

    def _written_out(self, start: int, end: int) -> Any:
        """The JSON in the one text of an expression; None when there is none."""
        texts = [token for token in self._code.tokens[start:end] if token.kind == TEXT]
        return json_with_holes(plain(texts[0].parts)) if len(texts) == 1 else None


def _in_query(value: Any) -> Any:
    """The parameters of the query, where a map has them by place: `{path: {...}, query: {...}}`."""
    by_place = isinstance(value, dict) and value and value.keys() <= _PLACES
    return value.get("query", {}) if by_place and not any(map(_is_scalar, value.values())) else value


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, dict | list) and value != HOLE


def _in_camel_case(value: Any) -> Any:
    """A body as the serializers for HTTP in .NET name its fields."""
    if isinstance(value, dict):
        return {_CAPITALS.sub(lambda found: found[0].lower(), name): _in_camel_case(at) for name, at in value.items()}
    return [_in_camel_case(item) for item in value] if isinstance(value, list) else value


def query_of(value: Any) -> list[tuple[str, str]]:
    """A map as the parameters of a query: nested maps and lists in brackets, as most clients write them."""
    if not isinstance(value, dict):
        return [(HOLE, HOLE)]
    return [pair for name, inner in value.items() for pair in _parameter(str(name), inner)]


def _parameter(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _parameter(f"{name}[{key}]", inner)
    elif isinstance(value, list):
        for inner in value or [HOLE]:
            yield name if name.endswith("]") else f"{name}[]", as_text(inner)
    else:
        yield name, as_text(value)


def as_text(value: Any) -> str:
    """A value as the text of a parameter."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return as_text(value[0]) if len(value) == 1 else HOLE
    return HOLE if isinstance(value, dict) else "" if value is None else str(value)
