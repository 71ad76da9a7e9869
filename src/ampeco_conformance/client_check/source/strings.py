"""The texts that source code puts together, and the constants they are made of."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ampeco_conformance.client_check.model import HOLE
from ampeco_conformance.client_check.source.code import SourceCode, words
from ampeco_conformance.client_check.source.tokens import MARK, NAME, NUMBER, TEXT, Hole, Parts

_ASSIGNING = frozenset({"=", ":=", "=>", ":"})
_FUNCTIONS = frozenset({"def", "function", "func", "fun", "fn"})
_JOINING = frozenset({"join", "implode"})
_SEGMENTS = frozenset({"appendpathsegments", "joinpath"})
"""What joins its arguments by slashes."""
_IDENTIFIER = re.compile(r"[\w.$>:@?\s-]*?(\w+)(\(.*\))?\s*", re.DOTALL)
_ADDRESS_WORDS = frozenset(
    {"env", "environ", "getenv", "config", "setting", "settings", "url", "uri", "link", "endpoint"}
) | {"address", "path", "route", "format", "join", "query", "parse", "sprintf", "printf"}
"""Words in the names of what returns an address."""
_DEPTH = 6
_LONGEST_RIGHT_SIDE = 30


@dataclass(frozen=True, slots=True)
class Joined:
    """A text from its first to its last token (exclusive); `name` is what it is assigned to, if that is not a call."""

    start: int
    end: int
    parts: Parts
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Definition:
    code: SourceCode
    index: int
    parts: Parts


class Constants:
    """The texts that have a name anywhere in the source; what a file defines itself comes first."""

    def __init__(self) -> None:
        self._found: dict[str, list[_Definition]] = defaultdict(list)
        self.used: set[tuple[int, int]] = set()
        """The definitions that were looked up, by file and token."""

    def add(self, name: str, code: SourceCode, index: int, parts: Parts) -> None:
        """Learn a definition."""
        self._found[_plain(name)].append(_Definition(code, index, parts))

    def look_up(self, name: str, code: SourceCode, index: int, *, is_member: bool = False) -> _Definition | None:
        """What a name means at a token: the nearest definition before it, else the only one there is.

        A plain name is not that of a variable in another function or another file.
        """
        is_shared = is_member or any(map(str.isupper, name)) or "_" in name.strip("_")
        known = [
            found
            for found in self._found.get(_plain(name), [])
            if is_shared
            or (found.code is code and code.regions[found.index] == code.regions[index])
            or (found.code is code and code.is_global(found.index))
        ]
        own = [found for found in known if found.code is code]
        before = [found for found in own if found.index < index]
        if before:
            return max(before, key=lambda found: (code.regions[found.index] == code.regions[index], found.index))
        others = own or known
        return others[0] if others and len({found.parts for found in others}) == 1 else None

    def resolved(self, parts: Parts, code: SourceCode, index: int, depth: int = 0) -> str:
        """A text with the constants in it, and holes for the rest."""
        text = ""
        for part in parts:
            found = part if isinstance(part, str) else self._of_hole(part, code, index, depth)
            # A path cannot stand in the middle of another one: then the name means something else.
            is_misplaced = text.endswith("/") and (found.startswith("/") or "://" in found)
            text += HOLE if isinstance(part, Hole) and is_misplaced else found
        return text

    def _of_hole(self, hole: Hole, code: SourceCode, index: int, depth: int) -> str:
        match = _IDENTIFIER.fullmatch(hole.code)
        if match is None or depth == _DEPTH:
            return HOLE
        found = self.look_up(match[1], code, index, is_member=hole.is_member)
        if found is None:
            return HOLE
        if found.code is code and found.index == index:
            return HOLE
        self.used.add((id(found.code), found.index))
        return self.resolved(found.parts, found.code, found.index, depth + 1)


def _plain(name: str) -> str:
    return name.lstrip("_$@")


class TextFinder:
    """Finds the texts of one file, put together across the marks that join them."""

    def __init__(self, code: SourceCode) -> None:
        self._code = code

    def texts(self) -> Iterator[Joined]:
        """Every text with its operands, each once."""
        end = 0
        for index, token in enumerate(self._code.tokens):
            if index < end:
                continue
            joined = self._around(index, end) if token.kind == TEXT else self._of_names(index)
            if joined is not None:
                end = joined.end
                yield joined

    def _of_names(self, index: int) -> Joined | None:
        """Names that are put together without a text between them: `BASE + USERS`."""
        code = self._code
        if code.kind(index) != NAME or code.text(index - 1) in (*code.dots, *code.joins):
            return None
        parts: list[str | Hole] = []
        end = index - 1
        while end == index - 1 or code.text(end) in code.joins:
            if code.kind(end + 1) != NAME:
                return None
            operand, last = self._from(end + 1)
            parts += operand
            end = last or end + 1
        return Joined(index, end, tuple(parts), self._assigned(index)) if len(parts) > 1 else None

    def aliases(self) -> Iterator[Joined]:
        """Names that are assigned the value of another name, or a default text: `self.base = base`."""
        code = self._code
        for index, token in enumerate(code.tokens):
            if token.kind != MARK or token.text not in ("=", ":=") or code.kind(index + 1) != NAME:
                continue
            name = self._assigned(index + 1)
            texts = list(self._right_side(index + 1))
            if name and len(texts) == 1:
                yield Joined(texts[0], texts[0] + 1, code.tokens[texts[0]].parts, name)
            elif name and not texts and code.chain_starting(index + 1) - index <= 5:
                names, _ = code.chain_ending(code.chain_starting(index + 1) - 1)
                yield Joined(index, index + 1, (Hole(".".join(reversed(names))),), name)

    def _right_side(self, start: int) -> Iterator[int]:
        """The addresses in a right side such as `os.environ.get("BASE", "https://...")`."""
        code = self._code
        line = code.tokens[start].line
        for index in range(start, min(len(code.tokens), start + _LONGEST_RIGHT_SIDE)):
            token = code.tokens[index]
            if token.text == ";" or token.line > line + 1 or (token.line > line and token.text == "="):
                return
            is_address = token.kind == TEXT and any(isinstance(part, str) and "/" in part for part in token.parts)
            if is_address and self._may_be_address(index):
                yield index

    def _may_be_address(self, index: int) -> bool:
        """Whether the call around a text may return it: a default, or a builder of addresses; not one that sends."""
        opening = next((n for n in self._code.enclosing(index) if self._code.text(n) == "("), -1)
        call = self._code.call_of(opening) if opening >= 0 else None
        named = {word for name in call.names[:3] for word in words(name)} if call else _ADDRESS_WORDS
        return bool(named & _ADDRESS_WORDS)

    def _around(self, index: int, least: int) -> Joined:
        code = self._code
        start, parts = index, list(code.tokens[index].parts)
        if (listed := self._list_of(index) or self._segments_around(index)) is not None:
            return listed
        while start - 2 >= least and code.text(start - 1) in (*code.joins, "/") and code.kind(start - 1) == MARK:
            first, operand = self._before(start - 2)
            if first is None or first < least:
                break
            slash = ["/"] if code.text(start - 1) == "/" else []
            start, parts = first, [*operand, *slash, *parts]
        end = self._after_text(index)
        while end < len(code.tokens):
            if code.kind(end) == TEXT and code.language.startswith(("Python", "C", "Ruby")):
                parts += code.tokens[end].parts
                end = self._after_text(end)
            elif code.kind(end) == MARK and (code.text(end) in code.joins or self._is_path_mark(end)):
                operand, last = self._from(end + 1)
                if last is None:
                    break
                slash = ["/"] if code.text(end) == "/" else []
                parts, end = [*parts, *slash, *operand], last
            else:
                break
        return Joined(start, end, tuple(parts), self._assigned(start))

    def _is_path_mark(self, index: int) -> bool:
        """Whether a slash joins parts of a path, as in `base / "users"`."""
        return self._code.text(index) == "/" and self._code.kind(index + 1) == TEXT

    def _after_text(self, index: int) -> int:
        """Behind a text and the calls on it, such as `.format(...)`."""
        code = self._code
        is_called = code.text(index + 1) in code.dots and not code.text(index + 2).startswith("AppendPathSegment")
        return code.chain_starting(index) if is_called else index + 1

    def _before(self, index: int) -> tuple[int | None, list[str | Hole]]:
        """The operand that ends at a token."""
        code = self._code
        if code.kind(index) == TEXT:
            return index, list(code.tokens[index].parts)
        if code.kind(index) == NUMBER:
            return index, [code.text(index)]
        if code.kind(index) == NAME or code.text(index) in (")", "]"):
            names, start = code.chain_ending(index)
            is_name = code.kind(index) == NAME and names
            return start, [Hole(".".join(reversed(names)) if is_name else "")]
        return None, []

    def _from(self, index: int) -> tuple[list[str | Hole], int | None]:
        """The operand that begins at a token, and where it ends."""
        code = self._code
        if code.text(index) in ("new", "await"):
            return self._from(index + 1)
        if code.kind(index) == TEXT:
            return list(code.tokens[index].parts), self._after_text(index)
        if code.kind(index) == NUMBER:
            return [code.text(index)], index + 1
        if code.kind(index) == NAME:
            end = code.chain_starting(index)
            is_call = code.text(end - 1) in (")", "]")
            source = " ".join(token.text or f'"{_plain_text(token.parts)}"' for token in code.tokens[index:end])
            names, _ = code.chain_ending(end - 1)
            return [Hole(source if is_call else ".".join(reversed(names)))], end
        if code.text(index) == "(":
            return [Hole("")], code.chain_starting(code.closing(index))
        return [], None

    def _segments_around(self, index: int) -> Joined | None:
        """`url.JoinPath(base, "users", "v1.0")` as one text."""
        code = self._code
        opening = next(code.enclosing(index), -1)
        call = code.call_of(opening)
        if call is None or call.names[0].lower() not in _SEGMENTS:
            return None
        parts = [part for start, _ in code.items(opening) for part in ("/", *self._from(start)[0])]
        return Joined(opening + 1, code.closing(opening), tuple(parts[1:]), self._assigned(call.start))

    def _list_of(self, index: int) -> Joined | None:
        """`[BASE, "users", "v1.0"].join("/")` and `"/".join([...])` as one text."""
        code = self._code
        if code.text(index + 1) in code.dots and code.text(index + 2) in _JOINING and code.text(index + 3) == "(":
            opening, end = index + 4, code.closing(index + 3) + 1
            separator = code.tokens[index].parts
        else:
            opening = next(code.enclosing(index), -1)
            after = code.closing(opening) + 1 if opening >= 0 else 0
            if code.text(opening) != "[" or code.text(after + 1) not in _JOINING or code.kind(after + 3) != TEXT:
                return None
            separator, end = code.tokens[after + 3].parts, code.closing(after + 2) + 1
        if separator != ("/",) or code.text(opening) not in ("[", "("):
            return None
        parts: list[str | Hole] = []
        for start, _ in code.items(opening):
            operand, _ = self._from(start)
            parts += ["/", *operand]
        return Joined(min(index, opening), end, tuple(parts[1:]), self._assigned(min(index, opening)))

    def _assigned(self, start: int) -> str:
        """The name that gets the text: of a variable, a constant, a field, or of the function that returns it."""
        code = self._code
        mark = code.text(start - 1)
        if mark == "return" or (mark == "=>" and code.text(start - 2) == ")"):
            return self._function_around(start)
        opening = next(code.enclosing(start), -1)
        if code.text(opening) == "(":
            call = code.call_of(opening)
            if call is not None and call.names[0] == "define" and code.text(start - 1) == ",":
                return _plain_text(code.tokens[opening + 1].parts)
            is_default = call is not None and code.text(call.start - 1) in _FUNCTIONS
            if not is_default and not (call and call.names[0] in ("constructor", "__construct", "__init__")):
                return ""
        if mark not in _ASSIGNING or code.kind(start - 1) != MARK:
            return ""
        return self.target(start - 1)

    def target(self, mark: int) -> str:
        """The name before the mark of an assignment, also before its type; empty when there is none."""
        code = self._code
        if code.kind(mark - 1) == TEXT:
            return _plain_text(code.tokens[mark - 1].parts)
        back = code.before_type(mark - 1)
        if code.text(back - 1) == "," and next(code.enclosing(back), -1) < 0:
            return ""  # of several names, which gets the text is not known
        has_type = code.text(back - 1) == ":" and code.kind(back - 2) == NAME
        if code.text(mark) == "=" and has_type and code.tokens[back - 1].line == code.tokens[back].line:
            return code.text(back - 2)  # const name: Record<string, string> = ...
        return code.text(back) if code.kind(back) == NAME else ""

    def _function_around(self, index: int) -> str:
        code = self._code
        for back in range(index, max(0, index - 200), -1):
            if code.text(back) in _FUNCTIONS:
                return next((code.text(n) for n in range(back + 1, back + 3) if code.kind(n) == NAME), "")
            if code.text(back) == "=>" and code.text(back - 1) == ")":
                mark = code.partner.get(back - 1, 0) - 1
                return self.target(mark) if code.text(mark) in ("=", ":") else ""
        return ""


def _plain_text(parts: Parts) -> str:
    return "".join(part for part in parts if isinstance(part, str))
