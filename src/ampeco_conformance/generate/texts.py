"""Texts that a careless server spoils: too long for a short column, and in more scripts than one."""

from typing import Any

_LENGTH = 80
# Latin beyond ASCII, Chinese, Greek; composed (NFC), and nothing that a field of words has a reason to refuse.
_SCRIPTS = "Zoë Łódź 北京 Ωmega"
_FILLING = " and some more words"


def long_multiscript_text(plain: Any, longest: int | None) -> Any:
    """The plain text with more behind it, as long as it may be; the plain one where there is no room for more."""
    room = _LENGTH if longest is None else min(_LENGTH, longest)
    if not isinstance(plain, str) or room < len(plain) + len(_SCRIPTS):
        return plain
    return f"{plain} {_SCRIPTS}{_FILLING * _LENGTH}"[:room].rstrip()
