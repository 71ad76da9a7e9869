"""Languages of regular expressions: a text that some patterns match and others do not, or proof that there is none.

A pattern is parsed by Python's parser and searched by Brzozowski derivatives, so that an answer is exact. Lengths are
patterns too. Back references and looks behind are not supported, nor lookaheads inside groups.
"""

import importlib
import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

_parser: Any = importlib.import_module("re._parser")
_LAST = 0x10FFFF
_MOST_STATES = 4_000
_MOST_REPEATS = 2_000

Ranges = tuple[tuple[int, int], ...]
Language = tuple[Any, ...]
"""("set", ranges), ("cat", one, other), ("alt", members), ("rep", one, lowest, highest or None), ("begin",), ("end",);
for whole rests of texts ("and", one, other) and ("not", one)."""

NOTHING: Language = ("set", ())
EMPTY: Language = ("rep", NOTHING, 0, 0)
ANY: Language = ("set", ((0, _LAST),))
_BEGIN: Language = ("begin",)
_END: Language = ("end",)
_ANCHORS = {"AT_BEGINNING": _BEGIN, "AT_BEGINNING_STRING": _BEGIN, "AT_END": _END, "AT_END_STRING": _END}
_ANYTHING: Language = ("rep", ANY, 0, None)
_LINE: Ranges = ((0, 9), (11, 12), (14, 0x2027), (0x202A, _LAST))
_CATEGORIES: dict[str, Ranges] = {
    "CATEGORY_DIGIT": ((48, 57),),
    "CATEGORY_WORD": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "CATEGORY_SPACE": ((9, 13), (32, 32), (160, 160), (0x2028, 0x2029), (0xFEFF, 0xFEFF)),
}
_PREFERRED = "abz1AZ0-_ ./:"


class Unsupported(Exception):
    """The pattern is none that this module decides on."""


@cache
def language(pattern: str) -> Language:
    """The texts in which a pattern of JSON Schema is found. Raises Unsupported."""
    try:
        parsed = list(_parser.parse(pattern))
    except Exception as error:  # the parser raises errors of several kinds on what is no Python pattern
        raise Unsupported(pattern) from error
    if len(parsed) == 1 and str(parsed[0][0]) == "BRANCH":
        return _either(_searched(list(branch)) for branch in parsed[0][1][1])
    return _searched(parsed)


def lengths(least: int, most: int | None) -> Language:
    """The texts of a length. Raises Unsupported when the numbers are too large to count."""
    if max(least, most or 0) > _MOST_REPEATS:
        raise Unsupported(f"{least} to {most} characters")
    return _repeated(ANY, least, most)


@cache
def example(within: tuple[Language, ...], without: tuple[Language, ...] = ()) -> str | None:
    """A shortest text of all the first languages and of none of the others; None when there is certainly none.

    Raises Unsupported when the search takes too long.
    """
    try:
        return _shortest(within, without)
    except RecursionError as error:
        raise Unsupported("nested too deep") from error


def _shortest(within: tuple[Language, ...], without: tuple[Language, ...]) -> str | None:
    alphabet = _alphabet([*within, *without])
    first = within, without
    seen, waiting = {first}, deque([(first, "")])
    while waiting:
        (inside, outside), text = waiting.popleft()
        if all(map(_accepts_empty, inside)) and not any(map(_accepts_empty, outside)):
            return text
        for letter in alphabet:
            code = ord(letter)
            after = tuple(_after(one, code) for one in inside)
            if NOTHING in after:
                continue
            state = after, tuple(_after(one, code) for one in outside)
            if state not in seen:
                if len(seen) > _MOST_STATES:
                    raise Unsupported("too many states")
                seen.add(state)
                waiting.append((state, text + letter))
    return None


def _searched(items: list[Any]) -> Language:
    """A branch of a pattern, which may begin and end anywhere unless it has anchors."""
    begins, ends = (bool(items) and _anchor(items[at]) == anchor for at, anchor in ((0, _BEGIN), (-1, _END)))
    made = EMPTY if ends else _ANYTHING
    for item in reversed(items[begins : len(items) - ends]):
        made = _both(_ahead(item), made) if str(item[0]).startswith("ASSERT") else _joined(_of(item), made)
    return made if begins else _joined(_ANYTHING, made)


def _anchor(item: Any) -> Language | None:
    return _ANCHORS.get(str(item[1])) if str(item[0]) == "AT" else None


def _ahead(item: Any) -> Language:
    """What the rest of a text has to be in, by a lookahead. Raises Unsupported for a look behind."""
    direction, inner = item[1]
    if direction < 0:
        raise Unsupported("look behind")
    wanted = _joined(_sequence(inner), _ANYTHING)
    return wanted if str(item[0]) == "ASSERT" else ("not", wanted)


def _sequence(items: Iterable[Any]) -> Language:
    made = EMPTY
    for item in reversed(list(items)):
        made = _joined(_of(item), made)
    return made


def _of(item: Any) -> Language:
    kind, value = str(item[0]), item[1]
    if kind in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
        return ("set", _set_of(kind, value))
    if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, inner = value
        highest = None if str(most) == "MAXREPEAT" else int(most)
        if max(least, highest or 0) > _MOST_REPEATS:
            raise Unsupported("too many repetitions")
        return _repeated(_sequence(inner), int(least), highest)
    if kind == "BRANCH":
        return _either(_sequence(branch) for branch in value[1])
    if anchor := _anchor(item):
        return anchor
    if kind == "SUBPATTERN" and not value[1] and not value[2]:
        return _sequence(value[3])
    raise Unsupported(kind)


def _set_of(kind: str, value: Any) -> Ranges:
    if kind == "ANY":
        return _LINE
    if kind == "LITERAL":
        return ((value, value),)
    if kind == "NOT_LITERAL":
        return _without(((value, value),))
    if kind == "RANGE":
        return ((value[0], value[1]),)
    if kind == "CATEGORY":
        name = str(value)
        return _without(_CATEGORIES[name.replace("NOT_", "")]) if "NOT_" in name else _CATEGORIES[name]
    if kind != "IN":
        raise Unsupported(kind)
    negated = bool(value) and str(value[0][0]) == "NEGATE"
    ranges = tuple(found for part in value[negated:] for found in _set_of(str(part[0]), part[1]))
    return _without(ranges) if negated else ranges


def _without(ranges: Ranges) -> Ranges:
    left, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            left.append((start, low - 1))
        start = max(start, high + 1)
    return (*left, (start, _LAST)) if start <= _LAST else tuple(left)


def _joined(one: Language, other: Language) -> Language:
    if NOTHING in (one, other):
        return NOTHING
    if one == EMPTY or other == EMPTY:
        return other if one == EMPTY else one
    return ("cat", one, other)


def _both(one: Language, other: Language) -> Language:
    return NOTHING if NOTHING in (one, other) else ("and", one, other)


def _either(members: Iterable[Language]) -> Language:
    flat = {inner for one in members for inner in (one[1] if one[0] == "alt" else (one,))} - {NOTHING}
    if not flat:
        return NOTHING
    return flat.pop() if len(flat) == 1 else ("alt", frozenset(flat))


def _repeated(one: Language, least: int, most: int | None) -> Language:
    if most == 0 or one == EMPTY:
        return EMPTY
    return one if (least, most) == (1, 1) else ("rep", one, least, most)


@cache
def _accepts_empty(one: Language, *, at_end: bool = True) -> bool:
    """Whether the language accepts no more characters, at the end of the text or before its rest."""
    kind = one[0]
    if kind == "cat":
        return _accepts_empty(one[1], at_end=at_end) and _accepts_empty(one[2], at_end=at_end)
    if kind == "alt":
        return any(_accepts_empty(member, at_end=at_end) for member in one[1])
    if kind == "rep":
        return one[2] == 0 or _accepts_empty(one[1], at_end=at_end)
    if kind == "and":
        return _accepts_empty(one[1]) and _accepts_empty(one[2])
    if kind == "not":
        return not _accepts_empty(one[1])
    return kind == "begin" or (kind == "end" and at_end)


@cache
def _after(one: Language, code: int) -> Language:
    """What may follow in a language after a first character."""
    kind = one[0]
    if kind == "set":
        return EMPTY if any(low <= code <= high for low, high in one[1]) else NOTHING
    if kind == "alt":
        return _either(_after(member, code) for member in one[1])
    if kind == "cat":
        first = _joined(_after(one[1], code), _begun(one[2]))
        return _either([first, _after(one[2], code)]) if _accepts_empty(one[1], at_end=False) else first
    if kind == "rep":
        _, inner, least, most = one
        rest = _repeated(_begun(inner), max(least - 1, 0), None if most is None else most - 1)
        return _joined(_after(inner, code), rest)
    if kind == "and":
        return _both(_after(one[1], code), _after(one[2], code))
    return ("not", _after(one[1], code)) if kind == "not" else NOTHING


@cache
def _begun(one: Language) -> Language:
    """The language where some characters came before, so that the text does not begin here."""
    kind = one[0]
    if kind == "cat":
        return _joined(_begun(one[1]), _begun(one[2]))
    if kind == "alt":
        return _either(map(_begun, one[1]))
    if kind == "rep":
        return _repeated(_begun(one[1]), one[2], one[3])
    if kind == "and":
        return _both(_begun(one[1]), _begun(one[2]))
    if kind == "not":
        return ("not", _begun(one[1]))
    return NOTHING if kind == "begin" else one


def _alphabet(languages: Sequence[Language]) -> list[str]:
    """One character for each class that the languages do not tell apart, well readable ones first."""
    cuts = sorted({0, _LAST + 1, *(cut for one in languages for cut in _cuts(one))})
    chosen = []
    for low, following in itertools.pairwise(cuts):
        known = next((letter for letter in _PREFERRED if low <= ord(letter) < following), None)
        code = max(low, min(33, following - 1))
        if known is None and 0xD800 <= code <= 0xDFFF:
            continue
        chosen.append(known or chr(code))
    return sorted(chosen, key=lambda letter: (_PREFERRED.find(letter) % len(_PREFERRED + "?"), letter))


def _cuts(one: Language) -> Iterator[int]:
    waiting = [one]
    while waiting:
        current = waiting.pop()
        if current[0] == "set":
            for low, high in current[1]:
                yield from (low, high + 1)
        elif current[0] == "alt":
            waiting.extend(current[1])
        else:
            waiting.extend(part for part in current[1:3] if isinstance(part, tuple))
