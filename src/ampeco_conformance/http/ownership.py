"""Which things a run created, and how it recognises them before it changes or deletes them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.core.exchanges import Response

#: Texts kept of a creation, to recognise what it made; the first are those with the name of the run.
_MARKS = 5
_SHORTEST = 10
_SECRET = re.compile(r"pass|secret|token|pin|key|cvc|iban", re.IGNORECASE)


@dataclass(slots=True)
class OwnItem:
    """Something this run created: its path, the status of the answer, and the texts that it was given."""

    path: str
    status: int
    marks: dict[str, str]
    is_verified: bool = False

    def is_shown_by(self, response: Response | None) -> bool:
        """Whether a read shows what was created: a text of it or, where none can be compared, a 201."""
        item = None if response is None or response.status_code != 200 else _json(response)
        if any(carries(item, mark) for mark in self.marks.values()):
            return True
        shown = {field for field, text in _texts(item) if text}
        return self.status == 201 and shown.isdisjoint(self.marks)


def run_tag(run: str) -> str:
    """What names of things that a run creates begin with."""
    return f"conform-{run}"


def marks_of(body: Any, tag: str | None) -> dict[str, str]:
    """The texts of a request by which what it creates is recognised, by field; passwords and the like are left out."""
    texts = [(field, text) for field, text in _texts(body) if not _SECRET.search(field)]
    tagged = [(field, text) for field, text in texts if tag is not None and tag in text]
    unique = [(field, text) for field, text in texts if len(text) >= _SHORTEST and re.search(r"\d", text)]
    return dict((tagged or unique)[:_MARKS])


def carries(value: Any, text: str) -> bool:
    """Whether a text is anywhere in a JSON value."""
    return any(text.casefold() in shown.casefold() for _, shown in _texts(value))


def _texts(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, field)
    elif isinstance(value, str):
        yield field, value


def _json(response: Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
