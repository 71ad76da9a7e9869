"""Which things a run created, and how it recognises them before it changes or deletes them."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ampeco_conformance.contract.resource_map import items_of
from ampeco_conformance.core.tenant_data import is_key

#: Texts kept of a creation, to recognise what it made; the first are those with the name of the run.
_MARKS = 5
_SHORTEST = 10
#: How many of the latest changes of an item are remembered.
_CHANGES = 5
#: Fields that change by themselves.
_VOLATILE = re.compile(r"status|updated", re.IGNORECASE)
_SECRET = re.compile(r"pass|secret|token|pin|key|cvc|iban", re.IGNORECASE)


@dataclass(slots=True)
class OwnItem:
    """Something this run created: its path, the status of the answer, and the texts that it was given.

    `shown` are sets of fields, one of which a read shows: those of the answer where no text was tagged, the fields by
    which a session is recognised, or those of a change. Texts of an answer are kept as digests.
    """

    path: str
    status: int
    marks: dict[str, str]
    is_verified: bool = False
    shown: list[dict[str, str]] = field(default_factory=list)

    def is_shown_by(self, body: Any) -> bool:
        """Whether the JSON of a read shows what was created; where nothing can be compared, a 201 says so."""
        if any(carries(body, mark) or _is_cut_off(body, mark) for mark in self.marks.values()):
            return True
        if any(matches(body, fields) for fields in self.shown):
            return True
        known = {*self.marks, *(name for fields in self.shown for name in fields)}
        return self.status == 201 and known.isdisjoint(name for name, text in _texts(body) if text)

    def changed(self, fields: dict[str, str]) -> None:
        """Remember that the item may show other fields from now on."""
        self.shown = [*self.shown, fields][-_CHANGES:]


def run_tag(run: str) -> str:
    """What names of things that a run creates begin with."""
    return f"conform-{run}"


def marks_of(body: Any, tag: str | None) -> dict[str, str]:
    """The texts of a request by which what it creates is recognised, by field; passwords and the like are left out."""
    texts = [(field, text) for field, text in _texts(body) if not _SECRET.search(field)]
    tagged = [(field, text) for field, text in texts if tag is not None and tag in text]
    unique = [(field, text) for field, text in texts if len(text) >= _SHORTEST and re.search(r"\d", text)]
    return dict((tagged or unique)[:_MARKS])


def fields_of(body: Any) -> dict[str, str]:
    """The digests of the texts that a read of an item shows again."""
    return {name: _digest(text) for name, text in texts_of(body).items()}


def texts_of(body: Any) -> dict[str, str]:
    """The texts that a read of an item shows again, by field, without secrets and what changes by itself."""
    item = next(items_of(body), {})
    return {
        name: value
        for name, value in item.items()
        if isinstance(value, str) and value and is_key(name) and not _VOLATILE.search(name) and not _SECRET.search(name)
    }


def matches(body: Any, fields: dict[str, str]) -> bool:
    """Whether an item shows these values, or texts with these digests, in all of the fields that it has."""
    item = next(items_of(body), {})
    comparable = {name: str(item[name]) for name in fields if item.get(name) is not None}
    return bool(comparable) and all(fields[name] in (text, _digest(text)) for name, text in comparable.items())


def _digest(text: str) -> str:
    """Two bytes of a hash: enough to tell one item from another, too little to tell what a tenant answered."""
    return "#" + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=2).hexdigest()


def carries(value: Any, text: str) -> bool:
    """Whether a text is anywhere in a JSON value."""
    return any(text.casefold() in shown.casefold() for _, shown in _texts(value))


def _is_cut_off(value: Any, text: str) -> bool:
    """Whether a JSON value shows the beginning of a text: a server may cut off one that is too long."""
    return any(len(shown) >= _SHORTEST and text.startswith(shown) for _, shown in _texts(value))


def _texts(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, field)
    elif isinstance(value, str):
        yield field, value
