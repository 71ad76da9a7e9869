"""The structure of source code, as far as brackets and commas show it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ampeco_conformance.client_check.source.tokens import MARK, NAME, NUMBER, TEXT, SourceToken

_PAIRS = {"(": ")", "[": "]", "{": "}"}
DOTS = frozenset({".", "->", "::", "?."})
KEY_MARKS = frozenset({":", "=>", "=", "to"})
_DEFINING = frozenset({"def", "function", "func", "fun", "fn", "public", "private", "protected", "internal", "class"})
_BY_LINES = frozenset({"Kotlin", "PowerShell"})
"""Languages in whose blocks and maps the end of a line separates."""
_LONGEST_TYPE = 12
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words(name: str) -> list[str]:
    """The words of a name, in small letters: `getForObject` is get, for, object."""
    return [word.lower() for word in _WORDS.findall(name)]


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its names, the nearest first, the index of its opening bracket, and where it begins."""

    names: tuple[str, ...]
    opening: int
    start: int


class SourceCode:
    """The tokens of one file, with their brackets."""

    def __init__(self, tokens: Sequence[SourceToken], language: str, file: str = "", text: str = "") -> None:
        self.tokens, self.language, self.file = tokens, language, file
        self._unindented = {number for number, line in enumerate(text.splitlines(), 1) if line[:1].strip()}
        self.partner: dict[int, int] = {}
        self._around: list[int] = []
        self.regions: list[int] = []
        """For each token the number of functions that began before it."""
        open_brackets: list[int] = []
        region = 0
        for index, token in enumerate(tokens):
            mark = token.text if token.kind == MARK else ""
            if mark in (")", "]", "}") and open_brackets:
                opening = open_brackets.pop()
                self.partner[opening], self.partner[index] = index, opening
            self._around.append(open_brackets[-1] if open_brackets else -1)
            if mark in _PAIRS:
                open_brackets.append(index)
            region += token.kind == NAME and token.text in _DEFINING
            self.regions.append(region)

    @cached_property
    def joins(self) -> frozenset[str]:
        """The marks that put texts together."""
        special = {"PHP": {"."}, "Perl": {"."}, "Lua": {".."}, "VB.net": {"&"}, "Elixir": {"<>"}}
        return frozenset({"+", *special.get(self.language, ())} - ({"+"} if self.language == "PHP" else set()))

    @cached_property
    def is_script(self) -> bool:
        """Whether it is a dialect of JavaScript, whose maps have members."""
        return self.language in ("JavaScript", "TypeScript", "JSX", "TSX", "Vue")

    @cached_property
    def _key_marks(self) -> frozenset[str]:
        """The marks between the key and the value of a map."""
        return KEY_MARKS | ({"->"} if self.language == "Scala" else set())

    @cached_property
    def _open_marks(self) -> frozenset[str]:
        """The marks behind which an expression goes on in the next line."""
        return self.joins | self._key_marks | self.dots | {","}

    @cached_property
    def dots(self) -> frozenset[str]:
        """The marks before a member."""
        return DOTS - self.joins

    def text(self, index: int) -> str:
        """The text of a token that is no string; empty beyond the ends."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def kind(self, index: int) -> str:
        """The kind of a token; empty beyond the ends."""
        return self.tokens[index].kind if 0 <= index < len(self.tokens) else ""

    def enclosing(self, index: int) -> Iterator[int]:
        """The opening brackets around a token, the innermost first."""
        while (index := self._around[index]) >= 0:
            yield index

    def is_global(self, index: int) -> bool:
        """Whether a token is in a statement outside of functions and classes, as brackets and indentation show it."""
        return self._around[index] < 0 and self.tokens[index].line in self._unindented

    def closing(self, opening: int) -> int:
        """Where a bracket ends; the end of the file when it does not."""
        return self.partner.get(opening, len(self.tokens))

    def items(self, opening: int) -> Iterator[tuple[int, int]]:
        """The first and the last token (exclusive) of what commas separate between two brackets, or ends of lines."""
        start, index, end = opening + 1, opening + 1, self.closing(opening)
        is_by_lines = self.language in _BY_LINES and self.text(opening) == "{"
        while index < end:
            if is_by_lines and index > start and self._begins_statement(index):
                yield start, index
                start = index
            if self.text(index) in _PAIRS and self.kind(index) == MARK:
                index = self.closing(index)
            elif self.text(index) in (",", ";") and self.kind(index) == MARK:
                if index > start:
                    yield start, index
                start = index + 1
            index += 1
        if end > start:
            yield start, end

    def _begins_statement(self, index: int) -> bool:
        is_new_line = self.tokens[index].line > self.tokens[index - 1].line
        return is_new_line and self.kind(index) != MARK and self.text(index - 1) not in self._open_marks

    def key(self, start: int, end: int) -> tuple[int, int] | None:
        """The index of the key of an item, and where its value begins; None when it has no key."""
        if self.text(start) == "[" and self.partner.get(start) == start + 2 and self.text(start + 3) in KEY_MARKS:
            return start + 1, start + 4
        while self.kind(start) == NAME and self.text(start + 1) == "::" and start + 2 < end:  # `RequestOptions::JSON`
            start += 2
        if start + 1 >= end or self.kind(start) not in (TEXT, NAME) or self.text(start + 1) not in self._key_marks:
            return None
        return start, start + 2

    def call_of(self, opening: int) -> Call | None:
        """The call that a round bracket opens; None when it only groups."""
        if self.text(opening) != "(":
            return None
        index = self.before_type(opening - 1)
        if self.text(index) == "!" and self.kind(index - 1) == NAME:  # a macro
            index -= 1
        if self.kind(index) != NAME:
            return None
        names, start = self.chain_ending(index)
        return Call(names, opening, start)

    def before_type(self, index: int) -> int:
        """Before the type arguments of a call: `get<User[]>(`."""
        if self.text(index) != ">":
            return index
        for back in range(index, max(-1, index - _LONGEST_TYPE), -1):
            if self.text(back) == "<" and self.kind(back - 1) == NAME:
                return back - 1
        return index

    def chain_ending(self, index: int) -> tuple[tuple[str, ...], int]:
        """The names of a chain of members that ends at a token, the last first; where it begins."""
        names = []
        while index >= 0:
            if self.kind(index) == NAME:
                names.append(self.text(index))
            elif self.text(index) in (")", "]") and index in self.partner:
                index = self.partner[index]
                if self.kind(index - 1) == NAME or self.text(index - 1) in (")", "]", ">"):
                    index = self.before_type(index - 1)
                    continue
            elif self.kind(index) not in (TEXT, NUMBER):
                break
            if self.text(index - 1) not in self.dots:
                return tuple(names), index
            index -= 2
        return tuple(names), index + 1

    def chain_starting(self, index: int) -> int:
        """Where a chain of members that begins at a token ends (exclusive)."""
        index += 1
        while index < len(self.tokens):
            if self.text(index) in self.dots and self.kind(index + 1) == NAME:
                index += 2
            elif self.text(index) in ("(", "[") and index in self.partner:
                index = self.closing(index) + 1
            else:
                return index
        return index

    def calls_before(self, call: Call) -> Iterator[Call]:
        """The calls that one is chained to, the nearest first: `.setBody(...).post(...)`."""
        index = self.before_type(call.opening - 1) - 1
        while self.text(index) in self.dots and self.text(index - 1) == ")":
            before = self.call_of(self.partner.get(index - 1, -1))
            if before is None:
                return
            yield before
            index = self.before_type(before.opening - 1) - 1

    def calls_after(self, index: int) -> Iterator[Call]:
        """The calls that are chained to what ends before a token: `.header(...).post(...)`."""
        while self.text(index) in self.dots and self.kind(index + 1) == NAME:
            opening = index + 2
            if self.text(opening) == "<":
                opening = next((n for n in range(opening, opening + _LONGEST_TYPE) if self.text(n) == "("), opening)
            if self.text(opening) != "(":
                index = opening
                continue
            yield Call((self.text(index + 1),), opening, index)
            index = self.closing(opening) + 1
