"""Addresses that source code serves, mocks or loads, in place of sending requests to them."""

from ampeco_conformance.client_check.source.code import Call, SourceCode, words
from ampeco_conformance.client_check.source.tokens import NAME

_HOLDERS = frozenset(
    {"app", "router", "route", "server", "express", "blueprint", "bp", "responses", "rsps", "respx", "nock", "stubfor"}
)
"""Objects whose calls serve the paths that they are given."""
_HOLDER_WORDS = frozenset({"router", "blueprint", "routes"})
_LOADING = frozenset({"import", "from", "require", "require_once", "require_relative", "include"})
"""What loads the source file at a path."""
_VERBS = ("Get", "Post", "Put", "Patch", "Delete", "Head", "Options")
_SPRING = frozenset({*(f"{verb}Mapping" for verb in _VERBS), "RequestMapping"})
_NEST = frozenset({*_VERBS, "All", "Controller"})
_BARE = {
    "Java": frozenset({*_SPRING, "Path"}),
    "Kotlin": frozenset({*_SPRING, "Path"}),
    "Groovy": _SPRING,
    "Scala": _SPRING,
    "C#": frozenset({f"Http{verb}" for verb in _VERBS}),
    "TypeScript": _NEST,
    "JavaScript": _NEST,
}
"""Annotations of each language, which have no object before them, that name what is served."""
_WITH_HANDLER = {
    "C#": frozenset({f"Map{verb}" for verb in _VERBS}),
    "Go": frozenset({*(verb.upper() for verb in _VERBS), "Handle", "HandleFunc"}),
    "Python": frozenset({"path", "re_path"}),
}
"""What serves a path that it is given together with a handler."""
_DECLARED_CLIENTS = frozenset({"FeignClient", "RegisterRestClient", "HttpExchange"})
"""Annotations of an interface whose methods are requests, though they are annotated like those of a server."""
_SMALL_VERBS = frozenset(verb.lower() for verb in _VERBS)


class ServedPaths:
    """Tells in one file what serves an address from what requests it."""

    def __init__(self, code: SourceCode) -> None:
        self._code = code
        self._declares_clients = any(token.kind == NAME and token.text in _DECLARED_CLIENTS for token in code.tokens)

    def is_loaded(self, start: int) -> bool:
        """Whether the address at a token is that of a source file."""
        return self._code.text(start - 1) in _LOADING

    def is_served(self, start: int, end: int, call: Call | None) -> bool:
        """Whether the address between two tokens is served by the code, as the call around it shows."""
        code = self._code
        if call is None:
            return code.language == "Ruby" and self._is_route_of_ruby(start, end)
        name, *holders = call.names
        if name in _LOADING or name.lower() == "route" or any(map(_is_holder, holders)):
            return True
        if name in _WITH_HANDLER.get(code.language, ()):
            return len(list(code.items(call.opening))) > 1
        if holders or self._declares_clients or code.text(call.start - 1) == "new":
            return False
        is_block = code.language == "Kotlin" and code.text(code.closing(call.opening) + 1) == "{"
        return name in _BARE.get(code.language, ()) or (is_block and name in _SMALL_VERBS)  # `get("/path") {` of Ktor

    def _is_route_of_ruby(self, start: int, end: int) -> bool:
        """`get "/path" do` of Sinatra, `get "/path", to: "users#show"` of Rails."""
        code = self._code
        if code.text(start - 1) not in _SMALL_VERBS or code.text(start - 2) in code.dots:
            return False
        after = next((index for index in range(end, end + 2) if code.text(index) != ","), end)
        return code.text(end) == "do" or code.text(after).rstrip(":") in ("to", "=>")


def _is_holder(name: str) -> bool:
    return name.lower() in _HOLDERS or "mock" in name.lower() or bool(_HOLDER_WORDS & {*words(name)[-1:]})
