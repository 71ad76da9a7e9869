"""Patterns that users write: `*` and `?` are wildcards, and every other character is itself."""

from fnmatch import fnmatchcase


def fits(text: str, pattern: str) -> bool:
    """Whether a text as a whole fits a pattern."""
    # To fnmatch, brackets are a set of characters; paths, JSON pointers and addresses of IPv6 have them too.
    return fnmatchcase(text, pattern.replace("[", "[[]"))
