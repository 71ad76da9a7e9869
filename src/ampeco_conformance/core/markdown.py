"""Texts as Markdown, whatever characters they have."""

import re
from collections.abc import Iterable, Sequence

from ampeco_conformance.core.visible_text import one_line


def plain(text: str) -> str:
    """A text on one line, with Markdown and HTML escaped."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", one_line(" ".join(text.split())))


def code(text: str) -> str:
    """A text on one line, as code."""
    shown = one_line(text)
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """The lines of a table; a cell may have Markdown of its own, but no line ends."""
    lines = [" | ".join(str(cell).replace("|", "\\|") for cell in row) for row in (head, *rows)]
    lines.insert(1, " | ".join(["---"] * len(head)))
    return [f"| {line} |" for line in lines]
