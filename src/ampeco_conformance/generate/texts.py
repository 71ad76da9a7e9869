"""Texts that reveal truncation and wrong encodings: long, and in several scripts."""

from typing import Any

_LENGTH = 80
# Latin beyond ASCII, Chinese, Greek; composed (NFC), and without characters that a free-text field may reject.
_SCRIPTS = "Zoë Łódź 北京 Ωmega"
_FILLING = " and some more words"


def long_multiscript_text(plain: Any, longest: int | None) -> Any:
    """`plain` followed by more text, up to `longest` characters; `plain` alone where the rest does not fit."""
    room = _LENGTH if longest is None else min(_LENGTH, longest)
    if not isinstance(plain, str) or room < len(plain) + len(_SCRIPTS):
        return plain
    return f"{plain} {_SCRIPTS}{_FILLING * _LENGTH}"[:room].rstrip()
