"""Texts of targets, documents and users, shown so that none of them moves a cursor, ends a line or reorders it."""

import re

#: Control characters, ends of lines, and what changes the direction of writing.
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_OBEYED_BUT_LINES_AND_COLOURS = re.compile(rf"(?!\x1b\[[\d;]*m)(?![\n\t]){_OBEYED.pattern}")


def one_line(text: str) -> str:
    """A text with escapes in place of the characters that a terminal or an editor obeys, in one line."""
    return text if text.isprintable() else _OBEYED.sub(_escape, text)


def on_terminal(text: str) -> str:
    """What is written to a terminal, with lines and colours and nothing else that it obeys."""
    return text if text.isprintable() else _OBEYED_BUT_LINES_AND_COLOURS.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
