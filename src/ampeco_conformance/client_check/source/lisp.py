"""Rewrites the forms of Clojure as the calls, texts and maps of other languages: `(get (str a b) {:x 1})`."""

from collections.abc import Sequence

from ampeco_conformance.client_check.source.tokens import MARK, NAME, TEXT, SourceToken

LISPS = frozenset({"Clojure", "ClojureScript"})
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_IN_NAMES = ("-", "/")
_Tokens = list[SourceToken]


def as_calls(tokens: Sequence[SourceToken]) -> list[SourceToken]:
    """The tokens with calls as `get(a + b, {"x": 1})`; as they are where forms are nested too deeply."""
    reader = _FormReader(tokens)
    try:
        return [token for form in reader.forms("") for token in form]
    except RecursionError:
        return list(tokens)


class _FormReader:
    def __init__(self, tokens: Sequence[SourceToken]) -> None:
        self._tokens, self._next = tokens, 0

    def forms(self, end: str) -> list[_Tokens]:
        """The forms up to a closing bracket, or to the end of the file."""
        found = []
        while self._next < len(self._tokens):
            if self._is_mark(end):
                self._next += 1
                break
            if form := self._form():
                found.append(form)
        return found

    def _is_mark(self, text: str, ahead: int = 0) -> bool:
        token = self._tokens[self._next + ahead] if self._next + ahead < len(self._tokens) else None
        return token is not None and token.kind == MARK and token.text == text

    def _form(self) -> _Tokens:
        token = self._tokens[self._next]
        self._next += 1
        if token.kind == MARK and token.text in _PAIRS:
            return _bracketed(token, self.forms(_PAIRS[token.text]))
        if token.kind == MARK and token.text == ":":
            name = "".join(part.text for part in self._name())
            return [SourceToken(TEXT, "", token.line, (name,))]
        if token.kind == MARK:
            if token.text == "#" and self._next < len(self._tokens) and self._tokens[self._next].text == "_":
                self._next += 1
                self._ignored()
            return []
        self._next -= 1
        if token.kind == NAME:
            return _member(self._name())
        self._next += 1
        return [token]

    def _ignored(self) -> None:
        """Leave out the form behind `#_`."""
        if self._next < len(self._tokens) and not any(map(self._is_mark, _PAIRS.values())):
            self._form()

    def _name(self) -> list[SourceToken]:
        """The parts of a name such as `query-params` or `client/get`."""
        start = self._next
        self._next += 1
        while any(map(self._is_mark, _IN_NAMES)) and self._is_name(1):
            self._next += 2
        return list(self._tokens[start : self._next])

    def _is_name(self, ahead: int) -> bool:
        return self._next + ahead < len(self._tokens) and self._tokens[self._next + ahead].kind == NAME


def _member(name: list[SourceToken]) -> _Tokens:
    """A name with its namespace as a member: `client/get` is `client.get`; hyphens are underscores."""
    namespace, mark, last = "_".join(part.text for part in name if part.text != "-").partition("_/_")
    both = [namespace, ".", last] if mark else [namespace]
    return [SourceToken(MARK if text == "." else NAME, text, name[0].line) for text in both]


def _bracketed(opening: SourceToken, forms: list[_Tokens]) -> _Tokens:
    closing = SourceToken(MARK, _PAIRS[opening.text], forms[-1][-1].line if forms else opening.line)
    if opening.text == "{":
        pairs = zip(forms[::2], forms[1::2], strict=False)
        return [opening, *_joined([[*key, _mark(":", key), *value] for key, value in pairs], ","), closing]
    if opening.text == "[" or not forms or forms[0][0].kind != NAME:
        return [opening, *_joined(forms, ","), closing]
    head, *others = forms
    if head[0].text == "comment":
        return []
    if head[0].text == "str":
        return [opening, *_joined(others, "+"), closing]
    if head[0].text == "def" and len(others) > 1:
        return [*others[0], _mark("=", head), *others[-1]]
    start = [SourceToken(NAME, "def", opening.line)] if head[0].text == "defn" else []
    return [*start, *head, opening, *_joined(others, ","), closing]


def _joined(forms: list[_Tokens], mark: str) -> _Tokens:
    return [token for n, form in enumerate(forms) for token in ([_mark(mark, form)] if n else []) + form]


def _mark(text: str, beside: _Tokens) -> SourceToken:
    return SourceToken(MARK, text, beside[0].line)
