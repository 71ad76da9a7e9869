"""The tokens of a source file, as far as requests need them: names, marks, numbers, and texts with their holes."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from pygments.lexer import Lexer
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, Punctuation, String
from pygments.token import _TokenType as TokenType


@dataclass(frozen=True, slots=True)
class Hole:
    """A part of a text that is computed; `code` is the expression."""

    code: str

    @property
    def is_member(self) -> bool:
        """Whether it is a member of something, such as `self.base`."""
        return any(dot in self.code for dot in (".", "->", "::"))


Parts = tuple[str | Hole, ...]
"""The text of a string, with its holes."""


@dataclass(frozen=True, slots=True)
class SourceToken:
    """A token with its line; `parts` are those of a text."""

    kind: str
    text: str
    line: int
    parts: Parts = ()


TEXT, NAME, NUMBER, MARK = "text", "name", "number", "mark"

_MARKS = re.compile(r"->|::|=>|:=|\?\.|\?\?|\|\||\.\.\.|\*\*|\.=|\+=|\.\.|[^\s\w]")
_IN_TWO = frozenset({"::", "->", "=>"})
"""Marks that the lexers of C++ and Perl cut in two."""
_WORDS = re.compile(r"\d+\.\d+|\w+|[^\s\w]")
_DELIMITER = re.compile(r"""[a-zA-Z$@]{0,3}#*("{3}|'{3}|["'`])""")
_VARIABLE = re.compile(r"\$\{([^{}]*)\}|\$([A-Za-z_]\w*)")
_OPENERS = {"${": "}", "#{": "}", "{": "}", "\\(": ")", "@{": "}", "{$": "}"}
_ESCAPES = {"\\/": "/", '\\"': '"', "\\'": "'", "{{": "{", "}}": "}"}
_MOST_TEXT = 20_000


def lexed(lexer: Lexer, code: str) -> list[SourceToken]:
    """The tokens of a source text, without comments; `?.` and `!.` are `.`, and `$` belongs to no name."""
    found = [token for token in _Reader(lexer, code).tokens() if token.text not in ("$", "@", "\\")]
    follower = [*found[1:], SourceToken(MARK, "", 0)]
    return [
        token
        for token, then in zip(found, follower, strict=False)
        if not (token.text in ("?", "!") and then.text == ".")
    ]


class _Reader:
    def __init__(self, lexer: Lexer, code: str, first_line: int = 1) -> None:
        self._lexer, self._code, self._first_line = lexer, code, first_line
        self._raw = [item for item in lexer.get_tokens_unprocessed(code) if item[2]]
        self._lines = [0, *(match.end() for match in re.finditer("\n", code))]
        self._next = 0

    def tokens(self) -> Iterator[SourceToken]:
        while self._next < len(self._raw):
            offset, kind, value = self._raw[self._next]
            line = bisect_right(self._lines, offset) + self._first_line - 1
            if kind in String and kind not in String.Symbol and kind not in String.Doc:
                yield self._text(offset, line)
                continue
            self._next += 1
            if kind in Name.Attribute and value.startswith("["):
                yield from _Reader(self._lexer, value.strip("[]"), line).tokens()
            elif kind in Comment or kind in String.Doc:
                continue
            elif kind in Number:
                yield SourceToken(NUMBER, self._rest_of_number(value, offset + len(value)), line)
            elif kind in Name or kind in Keyword or kind in String.Symbol or kind in Operator.Word:
                yield from _names(value, line)
            elif kind in Operator or kind in Punctuation:
                for offset_of_next, _, following in self._raw[self._next : self._next + 1]:
                    if offset_of_next == offset + len(value) and value + following in _IN_TWO:
                        value, self._next = value + following, self._next + 1
                yield from (SourceToken(MARK, mark, line) for mark in _MARKS.findall(value))
            elif kind in Literal or value.strip():
                yield from _names(value, line)

    def _rest_of_number(self, value: str, end: int) -> str:
        while self._next < len(self._raw) and self._raw[self._next][0] == end and self._raw[self._next][1] in Number:
            value += self._raw[self._next][2]
            end += len(self._raw[self._next][2])
            self._next += 1
        return value

    def _text(self, start: int, line: int) -> SourceToken:
        """One string, which lexers cut into pieces: what follows without a gap belongs to it."""
        parts: list[str | Hole] = []
        end = start
        while self._next < len(self._raw):
            offset, kind, value = self._raw[self._next]
            is_variable = kind in Name.Variable and offset > start
            if offset < end:
                self._next += 1  # inside a hole that was read already
                continue
            if offset > end or not (kind in String or is_variable):
                break
            end = self._piece(parts, offset, kind, value)
            self._next += 1
            if _is_closed(self._code[start:end]) and kind not in String.Interpol and not is_variable:
                break
        return SourceToken(TEXT, "", line, _undelimited(parts, self._code[start:end]))

    def _piece(self, parts: list[str | Hole], offset: int, kind: TokenType, value: str) -> int:
        """Learn one piece of a string; where it ends."""
        end = offset + len(value)
        if kind in Name.Variable:
            parts.append(Hole(value))
        elif kind not in String.Interpol:
            _append(parts, _ESCAPES.get(value, value) if kind in String.Escape else value)
        elif value in _OPENERS:
            end = _end_of_hole(self._code, end, _OPENERS[value])
            parts.append(Hole(self._code[offset + len(value) : end - 1]))
        elif value == "$":
            name = re.compile(r"\w*").match(self._code, end)
            assert name is not None
            parts.append(Hole(name[0]))
            end = name.end()
        elif value.startswith(("$", "%", "{")):
            parts.append(Hole(value.strip("${}") if value.startswith(("$", "{")) else ""))
        else:
            _append(parts, value)
        return end


def _names(value: str, line: int) -> Iterator[SourceToken]:
    for word in _WORDS.findall(value.replace("-", "_") if value.startswith("-") else value):
        kind = NUMBER if word[0].isdecimal() else NAME if re.match(r"\w", word) else MARK
        yield SourceToken(kind, word, line)


def _append(parts: list[str | Hole], text: str) -> None:
    last = parts[-1] if parts else None
    if isinstance(last, str):
        parts[-1] = last + text
    else:
        parts.append(text)


def _is_closed(text: str) -> bool:
    """Whether the text of a literal has its closing delimiter."""
    opening = _DELIMITER.match(text)
    if opening is None or len(text) > _MOST_TEXT:
        return opening is not None
    mark = opening[1]
    body = text[opening.end() :]
    return body.endswith(mark) and not body.endswith(f"\\{mark}")


def _undelimited(parts: list[str | Hole], text: str) -> Parts:
    """The parts without the marks around the literal; what looks like a variable in a text is a hole too."""
    opening = _DELIMITER.match(text)
    if opening is not None and parts and isinstance(parts[0], str):
        parts[0] = parts[0][opening.end() :]
        if isinstance(last := parts[-1], str):
            parts[-1] = last.removesuffix(opening[1])
    is_csharp = opening is not None and "$" in opening[0]
    found: list[str | Hole] = []
    for part in parts:
        found += [part] if isinstance(part, Hole) else _with_variables(part, is_csharp=is_csharp)
    return tuple(part for part in found if part != "")


def _with_variables(text: str, *, is_csharp: bool) -> Iterator[str | Hole]:
    pattern = re.compile(r"\{([^{}]*)\}") if is_csharp else _VARIABLE
    end = 0
    for match in pattern.finditer(text):
        yield text[end : match.start()]
        yield Hole(next(filter(None, match.groups()), ""))
        end = match.end()
    yield text[end:]


def _end_of_hole(code: str, start: int, closing: str) -> int:
    """Where a hole ends, brackets inside it counted."""
    opening = {"}": "{", ")": "("}[closing]
    depth = 1
    for index in range(start, min(len(code), start + _MOST_TEXT)):
        depth += (code[index] == opening) - (code[index] == closing)
        if depth == 0:
            return index + 1
    return start
