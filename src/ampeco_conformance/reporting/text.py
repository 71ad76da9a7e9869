"""Normalises messages, so that those about one cause are equal."""

import re

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\{.*\}|\[.*\]")
#: HTTP statuses stay: they tell causes apart.
_NUMBER = re.compile(r"\b(?![1-5]\d\d\b)\d[\d.:TZ-]*\b")


def normalised(message: str) -> str:
    """The first line of a message without ids, quoted values and numbers."""
    text = message.partition("\n")[0]
    for pattern, replacement in ((_UUID, "#"), (_QUOTED, "..."), (_NUMBER, "#")):
        text = pattern.sub(replacement, text)
    return " ".join(text.split())
