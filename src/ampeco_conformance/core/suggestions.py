"""The right name nearest to a wrong one."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, whatever its capitals; None when none is near."""
    by_name = {candidate.lower(): candidate for candidate in known}
    near = get_close_matches(name.lower(), by_name, 1)
    return by_name[near[0]] if near else None


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """`did you mean x?`, or else where the known names are listed."""
    near = nearest(name, known)
    return otherwise if near is None else f"did you mean {near}?"
