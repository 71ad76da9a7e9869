"""The requests in one source file: addresses with the methods, parameters and bodies around them."""

import re
from collections.abc import Iterator
from typing import Any

from ampeco_conformance.client_check.model import HOLE, NOT_SHOWN, ClientCall
from ampeco_conformance.client_check.routes import Routes
from ampeco_conformance.client_check.source.addresses import AddressReader, SourceRequest
from ampeco_conformance.client_check.source.arguments import ArgumentReader, as_text, query_of
from ampeco_conformance.client_check.source.code import Call, SourceCode, words
from ampeco_conformance.client_check.source.methods import METHODS, MethodFinder
from ampeco_conformance.client_check.source.serving import ServedPaths
from ampeco_conformance.client_check.source.strings import Constants, Joined, TextFinder
from ampeco_conformance.client_check.source.tokens import MARK, NAME, TEXT, Hole, Parts
from ampeco_conformance.client_check.source.values import ValueReader, plain

_ENCODERS = frozenset({"urlencode", "urlsearchparams", "httpbuildquery", "encodewwwform", "stringify", "encode"})
_PARAMETER_CALLS = frozenset(
    {"queryparam", "addqueryparameter", "setqueryparameter", "addencodedqueryparameter", "parameter", "addqueryparam"}
    | {"setqueryparam", "addquerystring", "withqueryparam", "queryparameter", "query", "requestparam"}
    | {"urlqueryitem"}
)
_SETTERS = frozenset({"set", "append", "add", "put", "Set", "Add", "Append"})
_QUERY_NAMES = frozenset({"query", "param", "params", "search", "q", "qs", "values"})
_REQUEST_LINE = re.compile(rf"({'|'.join(METHODS)}) (/\S*)")
_NAMED_MAP = re.compile(r"(?:[\w.\s:]+\(\s*)?[$\s]*(\w+)(?:\s*\.\s*\w+\s*\(\s*\))?[\s)]*")
"""`params`, `params.encode()` or `urlencode(params)`."""

_NO_USE = frozenset({"=", ":=", ":", "["})
"""What follows a name that is defined, a key, or not used as a whole."""
_NEAR = 300
_REST = frozenset(
    {"path", "suffix", "endpoint", "rest", "uri", "url", "route", "tail", "segment", "resource", "action"}
)
"""Words in the names of what may be several segments of a path, or a query."""


class CallFinder:
    """Finds the requests of one file, in three rounds over all files: learn, find, calls."""

    def __init__(self, code: SourceCode, constants: Constants, routes: Routes) -> None:
        self._code, self._constants = code, constants
        self._addresses = AddressReader(routes)
        self._texts = TextFinder(code)
        self._methods = MethodFinder(code)
        self._served = ServedPaths(code)
        self._values = ValueReader(code, self._value_of_name)
        self._maps: dict[str, list[tuple[int, int]]] = {}
        self._joined = list(self._texts.texts())
        self._arguments = ArgumentReader(code, self._values)
        self._found: list[SourceRequest] = []
        self._guessed: list[SourceRequest] = []

    def learn(self) -> None:
        """Learn the constants and the maps of the file."""
        for joined in (*self._joined, *self._texts.aliases()):
            if joined.name and joined.parts and not joined.name.startswith("CURLOPT_"):
                self._constants.add(joined.name, self._code, joined.start, joined.parts)
        code = self._code
        for index, token in enumerate(code.tokens):
            is_argument = code.text(next(code.enclosing(index), -1)) == "("
            if token.kind == MARK and token.text in ("=", ":=") and not is_argument:
                opening = self._values.opening(index + 1, index + 24)
                if opening is None and (
                    encoded := self._values.only_argument(index + 1, code.chain_starting(index + 1))
                ):
                    opening = encoded[0] if code.kind(encoded[0]) == NAME else None
                if opening is not None and code.tokens[opening].line - token.line < 3:
                    is_first = token.text == ":=" and code.text(index - 2) == ","  # `body, err := `
                    name = code.text(index - 3) if is_first else self._texts.target(index)
                    self._maps.setdefault(name, []).append((index, opening))

    def find(self) -> None:
        """Find the requests of the file, once the constants of all files are known."""
        self._found = [request for joined in self._joined for request in self._of_text(joined)]
        self._found += self._of_names()
        self._found.sort(key=lambda request: request.index)
        self._add_parameters(self._found)
        defined = {request.index: request for request in self._found}
        for request in self._found:
            origin = defined.get(request.origin)
            known = {name for name, _ in request.query}
            request.query += [pair for pair in origin.query if pair[0] not in known] if origin else []

    def calls(self) -> list[ClientCall]:
        """The requests of the file, in the order of their addresses, once those of all files are found."""
        sent = [request for request in self._found if not self._is_only_used(request)]
        return [request.call(self._code.file) for request in (*sent, *self._guessed)]

    def _of_text(self, joined: Joined) -> Iterator[SourceRequest]:
        text = self._constants.resolved(joined.parts, self._code, joined.start)
        last = joined.parts[-1] if joined.parts else ""
        if isinstance(last, Hole) and _REST & set(words(last.code)) and "?" not in text:
            return
        request = self._request(text, joined, is_constant=bool(joined.name))
        if request is not None:
            request.query += self._all_encoded(joined.parts, joined.start)
            yield request

    def _of_names(self) -> Iterator[SourceRequest]:
        """Requests to an address that has a name: `client.get(url)`."""
        code = self._code
        inside = [(joined.start, joined.end) for joined in self._joined if joined.end > joined.start + 1]
        covered = {index for start, end in inside for index in range(start, end)}
        for index, token in enumerate(code.tokens):
            is_tag = code.kind(index + 1) == TEXT  # of a template, such as url`...`
            if token.kind != NAME or is_tag or index in covered or code.text(index + 1) in _NO_USE | code.dots:
                continue
            names, _ = code.chain_ending(index)
            found = self._constants.look_up(token.text, code, index, is_member=len(names) > 1)
            if found is None or next(code.enclosing(index), -1) < 0:
                continue
            method, call = self._methods.method(index, index + 1)
            if call is None or code.text(call.start - 1) in ("def", "function", "func", "fun", "fn"):
                continue
            if not method and not self._builds_query(call):
                continue
            text = self._constants.resolved((Hole(".".join(reversed(names))),), code, index)
            request = self._request(text, Joined(index, index + 1, found.parts), is_whole=False)
            if request is not None:
                request.origin = found.index if found.code is code else -1
                yield request

    def _builds_query(self, call: Call) -> bool:
        """Whether parameters are added to the address behind a call, such as `.queryParam("x", 1)`."""
        later = self._code.calls_after(self._code.closing(call.opening) + 1)
        return any("".join(words(added.names[0])) in _PARAMETER_CALLS for added in later)

    def _is_only_used(self, request: SourceRequest) -> bool:
        """Whether an address is a constant that is sent elsewhere, and judged there."""
        return not request.method and (id(self._code), request.index) in self._constants.used

    def _request(
        self, text: str, joined: Joined, *, is_constant: bool = False, is_whole: bool = True
    ) -> SourceRequest | None:
        """The request to the address between two tokens, with what the call that sends it says."""
        if "/" not in text or self._served.is_loaded(joined.start):
            return None
        start, end = joined.start, joined.end
        method, call = self._methods.named_beside(start) if is_constant else self._methods.method(start, end)
        if self._served.is_served(start, end, call):
            return None
        if call is not None and call.names[0].lower() in ("request", "requestline"):
            line_of_request = _REQUEST_LINE.fullmatch(text)
            method, text = line_of_request.groups() if line_of_request else (method, text)
        method = method or (self._method_of_options(call) if call else "") or self._methods.set_later(start)
        is_sent = is_whole and call is not None
        line = self._code.tokens[start].line
        request = self._addresses.request(text, method, line, start, is_whole=is_sent)
        if request is not None:
            request.placeholders |= {part.code for part in joined.parts if isinstance(part, Hole)}
        if request is not None and self._code.language == "PowerShell":
            self._arguments.read_flags(request, start)
        elif request is not None and self._code.language == "RobotFramework":
            self._arguments.read_keyword(request, end)
        elif request is not None and (call is None or start < call.opening):
            self._arguments.read_bare(request, end)
        elif request is not None and call is not None:
            self._guessed += self._arguments.read(request, call, start, end)
        return request

    def _method_of_options(self, call: Call) -> str:
        """The method in the options of a call that have a name: `fetch(url, options)`."""
        for first, last in self._code.items(call.opening):
            value = self._value_of_name(first) if last - first == 1 and self._code.kind(first) == NAME else None
            if isinstance(value, dict) and str(value.get("method")).upper() in METHODS:
                return str(value["method"]).upper()
        return ""

    def _all_encoded(self, parts: Parts, index: int) -> list[tuple[str, str]]:
        return [pair for part in parts if isinstance(part, Hole) for pair in self._encoded(part, index)]

    def _encoded(self, hole: Hole, index: int) -> list[tuple[str, str]]:
        """The parameters in a computed part: of a map that it names, or the names in `urlencode({...})`."""
        name = _NAMED_MAP.fullmatch(hole.code)
        if name is not None and name[1] in self._maps:
            value = self._map(name[1], index)
            return query_of(value) if isinstance(value, dict) else []
        head = re.match(r"\W*(?:new\s+)?([\w.\s:]+?)\s*\(", hole.code)
        if head is None or (
            "".join(words(head[1]))[-20:].lower() not in _ENCODERS
            and not any("".join(words(head[1])).endswith(name) for name in _ENCODERS)
        ):
            return []
        names = re.findall(r"""[{(,\[]\s*["']?([\w.\[\]]+)["']?\s*(?::|=>|=(?!=))""", hole.code)
        return [(name, HOLE) for name in names]

    def _value_of_name(self, index: int) -> Any:
        """The map that a variable is, with what is added to it before it is used; else a hole."""
        return self._map(self._code.text(index), index)

    def _map(self, name: str, index: int) -> Any:
        code = self._code
        defined = self._maps_before(name, index)
        if not defined:
            return HOLE
        start, opening = max(defined)
        if code.kind(opening) == NAME:  # `JSON.stringify(params)`
            return self._map(code.text(opening), opening)
        value = self._values.value(opening, code.closing(opening) + 1)
        if not isinstance(value, dict):
            return HOLE
        value = dict(value)
        for place in range(start, index):
            if code.text(place) == name and code.kind(place) == NAME and place > start:
                value.update(self._added(place))
        return value

    def _maps_before(self, name: str, index: int) -> list[tuple[int, int]]:
        """Where a variable that is known at a token becomes a map, and the brackets of these maps."""
        code, is_shared = self._code, any(map(str.isupper, name))
        return [
            found
            for found in self._maps.get(name, ())
            if found[0] < index
            and (is_shared or code.regions[found[0]] == code.regions[index] or code.is_global(found[0]))
        ]

    def _added(self, index: int) -> dict[str, Any]:
        """What `params["x"] = 1`, `params.x = 1` and `params.append("x", 1)` add; a hole for what else is added."""
        code = self._code
        if code.text(index + 1) == "[" and code.kind(index + 2) == TEXT and code.text(index + 4) == "=":
            return {plain(code.tokens[index + 2].parts): self._values.value(index + 5, index + 6)}
        if code.text(index + 1) in code.dots and code.text(index + 2) in _SETTERS and code.text(index + 3) == "(":
            items = list(code.items(index + 3))
            if len(items) == 2 and code.kind(items[0][0]) == TEXT:
                return {plain(code.tokens[items[0][0]].parts): self._values.value(*items[1])}
            return {HOLE: HOLE}
        is_member = code.is_script and code.text(index + 1) in code.dots and code.kind(index + 2) == NAME
        if is_member and code.text(index + 3) == "=" != code.text(index + 4):
            return {code.text(index + 2): self._values.value(index + 4, index + 5)}
        if code.text(index + 1) in code.dots and code.text(index + 2) == "update":
            return {HOLE: HOLE}
        return {}

    def _add_parameters(self, requests: list[SourceRequest]) -> None:
        """Give the parameters that calls of their own add, such as `.queryParam("x", 1)`, to the nearest request."""
        code = self._code
        for index, token in enumerate(code.tokens):
            if code.language == "Ruby" and token.text in ("params", "query", "body"):
                before = [request for request in self._near(requests, index) if request.index < index]
                for request in before[-1:]:
                    self._set_later(request, index)
            if token.kind != NAME or code.text(index + 1) != "(" or not self._adds_parameter(index):
                continue
            near = self._nearest(requests, index)
            items = [
                (key[1], last) if (key := code.key(first, last)) else (first, last)
                for first, last in code.items(index + 1)
            ]
            if near is None or not items or code.kind(items[0][0]) != TEXT:
                continue
            value = self._values.value(*items[1]) if len(items) > 1 else HOLE
            name = plain(code.tokens[items[0][0]].parts)
            if name not in dict(near.query):
                near.query.append((name, as_text(value)))

    def _set_later(self, request: SourceRequest, index: int) -> None:
        """Learn from what Ruby sets later: `request.params["x"] = 1`, `uri.query = ...`, `request.body = ...`."""
        code = self._code
        if code.text(index - 1) not in code.dots:
            return
        if code.text(index + 1) == "[" and code.kind(index + 2) == TEXT and code.text(index + 4) == "=":
            name = plain(code.tokens[index + 2].parts)
            request.query.append((name, as_text(self._values.value(index + 5, index + 6))))
        opening = self._values.opening(index + 2, index + 24) if code.text(index + 1) == "=" else None
        value = HOLE if opening is None else self._values.value(opening, code.closing(opening) + 1)
        if isinstance(value, dict) and code.text(index) != "body":
            request.query += query_of(value)
        elif isinstance(value, dict) and request.body is NOT_SHOWN:
            request.body = value

    def _adds_parameter(self, index: int) -> bool:
        code = self._code
        name = code.text(index)
        names, _ = code.chain_ending(index)
        if "".join(words(name)) in _PARAMETER_CALLS:
            return True
        holder = names[1] if len(names) > 1 else ""
        if code.language == "Kotlin" and names[:2] == ("append", "parameters"):
            return True
        return name in _SETTERS and bool(_QUERY_NAMES & set(words(holder))) and not self._maps_before(holder, index)

    def _nearest(self, requests: list[SourceRequest], index: int) -> SourceRequest | None:
        code = self._code
        for later in code.calls_after(code.closing(index + 1) + 1):  # `queryParam("x", 1).get("/path")`
            for request in requests:
                if later.opening < request.index < code.closing(later.opening):
                    return request
        near = self._near(requests, index)
        before = [request for request in near if request.index < index]
        return before[-1] if before else near[0] if near else None

    def _near(self, requests: list[SourceRequest], index: int) -> list[SourceRequest]:
        code = self._code
        return [
            request
            for request in requests
            if abs(request.index - index) < _NEAR
            and code.regions[index] - code.regions[request.index] in (0, code.text(index) == "Query")
        ]
