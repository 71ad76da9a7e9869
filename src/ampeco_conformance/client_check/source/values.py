"""Values that source code writes out: texts, numbers, maps, lists; what is computed is a hole."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from ampeco_conformance.client_check.model import HOLE
from ampeco_conformance.client_check.source.code import SourceCode, words
from ampeco_conformance.client_check.source.tokens import MARK, NAME, NUMBER, TEXT, Parts
from ampeco_conformance.core.recorded_files import parsed_json

CONSTANTS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "None", "nil", "NULL"), None),
}
_ENCODING = frozenset({"stringify", "encode", "dumps", "marshal", "reader", "json", "serialize", "buffer", "bytes"})
"""Words in the names of what makes the text of a map, or the bytes of a text."""
_KEYED = frozenset({"list", "encode_www_form"})
"""What makes a map where its arguments have keys."""
_NESTING = 8
_LONGEST_HEAD = 24

Resolve = Callable[[int], Any]
"""The value of the name at a token, or a hole."""


def plain(parts: Parts) -> str:
    """A text with a hole for what is computed in it."""
    return "".join(part if isinstance(part, str) else HOLE for part in parts)


def json_with_holes(text: str) -> Any:
    """The value of a JSON text in which holes may stand for values; None when it cannot be read."""
    quoted = re.sub(rf"(?<=[:\[,\s]){HOLE}(?=\s*[,\]}}])", f'"{HOLE}"', text)
    value = parsed_json(quoted)
    return parsed_json(quoted.replace('\\"', '"')) if value is None and '\\"' in quoted else value


class ValueReader:
    """Reads the values of one file."""

    def __init__(self, code: SourceCode, resolve: Resolve) -> None:
        self._code, self._resolve = code, resolve

    def value(self, start: int, end: int, depth: int = 0) -> Any:
        """The value of an expression; a hole when it is computed."""
        code = self._code
        if end - start == 1:
            return self._scalar(start)
        if end - start == 2 and code.text(start) == "-" and code.kind(start + 1) == NUMBER:
            negative = self._scalar(start + 1)
            return -negative if isinstance(negative, int | float) else HOLE
        opening = self.opening(start, end)
        if opening is None and depth < _NESTING and (wrapped := self.only_argument(start, end)) is not None:
            given = self.value(*wrapped, depth + 1)
            return given if isinstance(given, dict) else HOLE
        if opening is None or depth > _NESTING:
            return HOLE
        pairs = list(self._pairs(opening))
        if pairs and all(key is not None for key, _, _ in pairs):
            return {key: self.value(first, last, depth + 1) for key, first, last in pairs if key is not None}
        if code.text(opening) == "[" and not any(key is not None for key, _, _ in pairs):
            return [self.value(first, last, depth + 1) for _, first, last in pairs]
        if code.text(opening) in ("{", "(") and not pairs:
            return {}
        return HOLE

    def only_argument(self, start: int, end: int) -> tuple[int, int] | None:
        """The one argument of an encoder such as `JSON.stringify(body)`."""
        code = self._code
        if code.text(end - 1) != ")" or (call := code.call_of(code.partner.get(end - 1, -1))) is None:
            return None
        items = list(code.items(call.opening))
        is_encoder = not _ENCODING.isdisjoint(words(call.names[0]))
        return items[0] if is_encoder and call.start >= start and len(items) == 1 else None

    def opening(self, start: int, end: int) -> int | None:
        """The bracket of the map or list that an expression is, also inside calls such as `JSON.stringify`."""
        code = self._code
        index = start
        while index < min(end, start + _LONGEST_HEAD):
            text = code.text(index)
            if code.kind(index) in (TEXT, NUMBER) or _follows_name(code, index, start):
                return None
            is_type = text == "[" and index > start and code.kind(index - 1) == NAME and code.closing(index) < end - 1
            if is_type or (text == "[" and code.text(index + 1) == "]" and index + 2 < end):
                index = code.closing(index)  # `map[string]any{`, `[]string{`
            elif text == "[" and index > start and code.text(index - 1) not in ("=", "&"):
                return None  # an element: `user["id"]`
            elif text == "{" and code.text(index + 1) == "}" and code.text(index + 2) == "{":
                index += 1  # `interface{}{`
            elif text in ("{", "["):
                return index
            elif text == "(":
                return self._in_call(index)
            elif code.kind(index) == MARK and text not in (".", "<", ">", ",", "::", "&", "*", "->", "!", "%"):
                return None
            index += 1
        return None

    def _in_call(self, opening: int) -> int | None:
        """The map that the arguments of a call are, or that one of them is."""
        code = self._code
        is_empty = code.closing(opening) == opening + 1
        if is_empty and _is_map(code.text(opening - 1)):
            return opening
        if any(key is not None for key, _, _ in self._pairs(opening)):
            return opening if _is_map(code.text(opening - 1)) or code.text(opening - 1) in _KEYED else None
        inner = next(iter(code.items(opening)), None)
        return None if inner is None else self.opening(*inner)

    def _scalar(self, index: int) -> Any:
        token = self._code.tokens[index]
        if token.kind == TEXT:
            return plain(token.parts)
        if token.kind == NUMBER:
            return _number(token.text)
        if token.text in CONSTANTS:
            return CONSTANTS[token.text]
        return self._resolve(index) if token.kind == NAME else HOLE

    def _pairs(self, opening: int) -> Iterator[tuple[str | None, int, int]]:
        """Key and value (as first and last token) of the items of a map; of a list, values without keys."""
        code = self._code
        items = list(code.items(opening))
        names, _ = code.chain_ending(opening - 1) if code.text(opening) == "(" else ((), 0)
        if names[:1] == ("of",) and len(items) % 2 == 0 and code.kind(items[0][0] if items else 0) == TEXT:
            for (key, _), (first, last) in zip(items[::2], items[1::2], strict=True):
                yield self.key_text(key), first, last
            return
        for start, end in items:
            found = code.key(start, end)
            if code.text(start) in ("...", "**", "*") or (found and self._is_renamed(opening, found[0])):
                yield HOLE, start, start
            elif found:
                yield self.key_text(found[0]), found[1], end
            elif code.text(start) in ("{", "(", "[") and code.closing(start) == end - 1 and self._is_pair(start):
                (key, _), (first, last) = code.items(start)
                yield self.key_text(key), first, last
            elif end - start == 1 and code.kind(start) == NAME and code.text(opening) == "{":
                yield code.text(start), start, end
            elif code.text(start) == "[" and code.text(code.closing(start) + 1) in (":", "="):
                yield HOLE, start, start
            else:
                yield None, start, end

    def _is_renamed(self, opening: int, key: int) -> bool:
        """Whether a key is that of a structure, whose tags may give it another name: `Tax{Name: "VAT"}`."""
        code = self._code
        is_structure = code.language in ("Go", "Rust") or (code.language == "C#" and code.text(opening - 1) != "new")
        return is_structure and code.text(opening) == "{" and code.kind(key) == NAME

    def _is_pair(self, opening: int) -> bool:
        items = list(self._code.items(opening))
        return len(items) == 2 and self._code.kind(items[0][0]) == TEXT and items[0][1] - items[0][0] == 1

    def key_text(self, index: int) -> str:
        """The key that a token is, as it is sent."""
        token = self._code.tokens[index]
        return plain(token.parts) if token.kind == TEXT else token.text


def _follows_name(code: SourceCode, index: int, start: int) -> bool:
    """Whether a name stands behind another name, so that the expression has ended before it."""
    both = code.kind(index) == NAME and code.kind(index - 1) == NAME
    return index > start and both and code.text(index - 1) not in ("new", "await", "const", "mut")


def _is_map(name: str) -> bool:
    """Whether a call makes a map of its arguments: `dict()`, `new URLSearchParams()`, `Map.of()`, `new HashMap<>()`."""
    return name == ">" or name.lower().endswith(
        ("params", "dict", "map", "mapof", "values", "dictionary", "of", "array", "object", "obj", "parameters", "hash")
    )


def _number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        try:
            return float(text.rstrip("fFdDmMlL"))
        except ValueError:
            return HOLE
