"""The method by which source code sends a request, as far as the code around its address shows it."""

from collections.abc import Iterator

from ampeco_conformance.client_check.source.code import Call, SourceCode, words
from ampeco_conformance.client_check.source.curl_handles import handle_options, method_of_options
from ampeco_conformance.client_check.source.tokens import NAME, TEXT
from ampeco_conformance.client_check.source.values import plain

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_VERBS = {**{method.lower(): method for method in METHODS}, "del": "DELETE"}
_METHOD_KEYS = frozenset({"method", "verb", "httpmethod", "type", "customrequest", "requestmethod", "httpmode"})
_GETTING = frozenset({"fetch", "urlopen", "file_get_contents", "wget", "request", "ajax"})
_WITHOUT_BRACKETS = frozenset({"Haskell", "Elm", "OCaml", "F#"})
"""Languages in which the argument of a function follows its name: `put "/x" body`."""
_BEHIND_VERB = frozenset({"with", "as", "from", "json", "string", "async"})
_WITHOUT_HOMONYM = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""The methods whose names stand for little else: `head` and `options` are common names."""
_LEVELS = 5
_LONGEST_LINE = 60
_FARTHEST = 120


def verb_of(name: str) -> str:
    """The method that a name begins with, or has as its last word; empty when it has none."""
    found = words(name)
    return next((_VERBS[word] for word in (*found[:2], *found[-1:]) if word in _VERBS), "")


class MethodFinder:
    """Finds methods in one file."""

    def __init__(self, code: SourceCode) -> None:
        self._code = code

    def method(self, start: int, end: int) -> tuple[str, Call | None]:
        """The method of the request to the address between two tokens, and the call that sends it; empty if unknown."""
        code = self._code
        outermost = None
        for level, opening in enumerate(code.enclosing(start)):
            if level == _LEVELS:
                break
            named = self._named(opening)
            call = code.call_of(opening)
            if call is None and (named := named or self._first_of(opening)) and code.text(opening) in ("{", "(", "["):
                return named, self._around(opening)
            if call is None:
                continue
            outermost = call
            if (options := handle_options(code, call)) is not None:
                return method_of_options(code, options), call
            found = named or self._in_arguments(call) or self._in_names(call)
            if found:
                return found, call
            chained = self._chained(call) or self._in_block(call)
            if chained:
                return chained, call
            if words(call.names[0])[:1] and call.names[0] in _GETTING:
                return self._default(call), call
        return self._on_the_line(start, end), outermost

    def named_beside(self, start: int) -> tuple[str, Call | None]:
        """The method in the object that the address is in: `{ path: "/x", method: "get" }`."""
        call = self._around(start)
        options = handle_options(self._code, call) if call else None
        if options is not None:
            return method_of_options(self._code, options), call
        opening = next(self._code.enclosing(start), -1)
        if opening < 0 or self._code.text(opening) != "{":
            return "", None
        return self._named(opening), self._around(opening)

    def set_later(self, index: int) -> str:
        """The method that is set in a later statement: `request.setMethod("PUT")`, `request.httpMethod = "PUT"`."""
        code = self._code
        line = code.tokens[index].line
        beside = {token.text for token in code.tokens[max(0, index - _LONGEST_LINE) : index] if token.line == line}
        for place in range(index, min(len(code.tokens) - 3, index + _FARTHEST)):
            if code.regions[place] != code.regions[index]:
                break
            key = "".join(words(code.text(place + 2))).removeprefix("set")
            is_set = code.text(place + 3) in ("=", "(") and code.text(place + 1) in code.dots
            if is_set and key in _METHOD_KEYS and code.kind(place) == NAME and code.text(place) in beside:
                end = code.closing(place + 3) if code.text(place + 3) == "(" else code.chain_starting(place + 4)
                return self._written(place + 4, end)
        return ""

    def _around(self, opening: int) -> Call | None:
        return next((call for outer in self._code.enclosing(opening) if (call := self._code.call_of(outer))), None)

    def _named(self, opening: int) -> str:
        """The method under a key such as `method:` between two brackets, or in an object between them."""
        code = self._code
        for start, end in code.items(opening):
            if found := code.key(start, end):
                token = code.tokens[found[0]]
                key = "".join(words(plain(token.parts) if token.kind == TEXT else token.text))
                if key in _METHOD_KEYS and (method := self._written(found[1], end)):
                    return method
            elif code.text(start) in ("{", "[") and (method := self._named(start)):
                return method
        return ""

    def _first_of(self, opening: int) -> str:
        """The method that a tuple such as `("GET", "/x")` begins with."""
        items = list(self._code.items(opening))
        return self._written(*items[0]) if len(items) > 1 and self._code.kind(items[0][0]) == TEXT else ""

    def _in_arguments(self, call: Call) -> str:
        """A method as an argument of its own: `"GET"`, `HttpMethod.PUT`, `http.MethodPost`."""
        code = self._code
        for start, end in code.items(call.opening):
            if code.language == "Perl" and code.text(start + 1) == "=>" and code.text(start) in METHODS:
                return code.text(start)
            method = self._written(start, end)
            if method and (
                code.kind(start) != TEXT or plain(code.tokens[start].parts).isupper() or start == call.opening + 1
            ):
                return method
        return ""

    def _written(self, start: int, end: int) -> str:
        """The method that an expression of one text or one constant is."""
        code = self._code
        if end - start == 1 and code.kind(start) == TEXT:
            text = plain(code.tokens[start].parts).upper()
            return text if text in METHODS else ""
        if any(code.text(index) in ("(", "{", "[") for index in range(start, end)):
            return ""
        names, first = code.chain_ending(end - 1)
        is_short = code.text(start) in (".", ":") and end == start + 2  # `.put` of an enumeration, the symbol `:put`
        if (first > start and not is_short) or not names or code.kind(end - 1) != NAME:
            return ""
        last = names[0].upper().removeprefix("METHOD_").removeprefix("METHOD")
        is_constant = is_short or len(names) > 1 or names[0].isupper() or names[0].istitle()
        return last if last in METHODS and is_constant else ""

    def _in_names(self, call: Call) -> str:
        return next((verb for name in call.names[:4] if (verb := verb_of(name))), "")

    def _chained(self, call: Call) -> str:
        """The method in the calls behind one: `.url(...).post(body)`."""
        code = self._code
        for later in code.calls_after(code.closing(call.opening) + 1):
            name = later.names[0]
            if name.lower() in _VERBS or (name.endswith("Async") and verb_of(name)):
                return verb_of(name)
            if later.names[0].lower() in _METHOD_KEYS and (method := self._in_arguments(later)):
                return method
        return ""

    def _in_block(self, call: Call) -> str:
        """The method that is set in the block behind a call: `request("/x") { method = HttpMethod.Put }`."""
        opening = self._code.closing(call.opening) + 1
        return self._named(opening) if self._code.language == "Kotlin" and self._code.text(opening) == "{" else ""

    def _default(self, call: Call) -> str:
        """GET, where nothing but the address is given, or an object without a method."""
        code = self._code
        items = list(code.items(call.opening))
        if len(items) == 1 or (len(items) == 2 and code.text(items[1][0]) == "{" and not self._spreads(items[1][0])):
            return "GET"
        return ""

    def _spreads(self, opening: int) -> bool:
        return any(self._code.text(start) in ("...", "**") for start, _ in self._code.items(opening))

    def _on_the_line(self, start: int, end: int) -> str:
        """The method in a statement without brackets: `client.get "/x"`, `Invoke-RestMethod -Method Post -Uri "/x"`."""
        code = self._code
        before = list(self._line_before(start))
        if code.language == "RobotFramework":  # `PUT On Session    api    /x`
            return next((verb for index in before if (verb := verb_of(code.text(index)))), "")
        if code.language in _WITHOUT_BRACKETS:  # `putWith options "/x" body`, but not `putStrLn`
            names = (words(code.text(index)) for index in before)
            verbs = (_VERBS.get(name[0], "") for name in names if name and _BEHIND_VERB.issuperset(name[1:]))
            return next((verb for verb in verbs if verb in _WITHOUT_HOMONYM), "")
        for index in (*before, *self._line_after(end)):
            if code.text(index).lower().endswith("_method") and code.text(index + 1).upper() in METHODS:
                return code.text(index + 1).upper()
        if before and code.kind(start - 1) == NAME and code.text(start - 2) in code.dots:
            return verb_of(code.text(start - 1)) or self._of_block_around(start)
        return ""

    def _of_block_around(self, start: int) -> str:
        """The method whose block of Ruby gives the request that an address is set in: `post do |req| req.url "/x"`."""
        code = self._code
        request = ["|", code.text(start - 3), "|"]
        for place in range(start - 3, max(1, start - _LONGEST_LINE), -1):
            if code.language == "Ruby" and [code.text(index) for index in range(place, place + 3)] == request:
                return next((verb_of(name) for name in code.chain_ending(place - 2)[0][:1]), "")
        return ""

    def _line_after(self, end: int) -> Iterator[int]:
        """What follows on the line of an address, and on the next after the mark by which PowerShell goes on."""
        tokens = self._code.tokens
        for index in range(end, min(len(tokens), end + _LONGEST_LINE)):
            if tokens[index].line != tokens[index - 1].line and tokens[index - 1].text != "`":
                return
            yield index

    def _line_before(self, start: int) -> Iterator[int]:
        tokens = self._code.tokens
        index = start - 1
        while index >= 0 and start - index < _LONGEST_LINE:
            if tokens[index].line != tokens[index + 1].line and tokens[index].text != "`":
                return
            yield index
            index -= 1
