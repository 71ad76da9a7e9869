"""Texts that reveal truncation, wrong encodings and escaping: long, in several scripts, with marks."""

from typing import Any

# Longer than what servers cut texts at: 100, 128, 191 characters.
_LENGTH = 240
# Latin beyond ASCII, Chinese, Greek; composed (NFC), and without characters that a free-text field may reject.
_SCRIPTS = "Zoë Łódź 北京 Ωmega"
# What is escaped in HTML and SQL, two spaces, and a character of four bytes.
_MARKS = """ & O'Neill "5  < 6" 𠮷"""
_FILLING = " and some more words"


def long_multiscript_text(plain: Any, longest: int | None) -> Any:
    """`plain` followed by more text, up to `longest` characters; `plain` alone where the rest does not fit."""
    room = _LENGTH if longest is None else min(_LENGTH, longest)
    if not isinstance(plain, str) or room < len(plain) + len(_SCRIPTS):
        return plain
    text = f"{plain} {_SCRIPTS}"
    if len(text) + len(_MARKS) <= room:
        text += _MARKS
    return f"{text}{_FILLING * _LENGTH}"[:room].rstrip()
