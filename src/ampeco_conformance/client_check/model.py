"""What is read of a client, and what is wrong with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from ampeco_conformance.core.json_values import write_json

HOLE = "\ue000"
"""Stands for what a source does not show, in a path, a value or a body."""

NOT_SHOWN = object()
"""The body of a call whose source does not show it."""


@dataclass(frozen=True, slots=True)
class CallPlace:
    """Where a call was found: a line of a file, or the number of an entry."""

    text: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.text}:{self.line}" if self.line else self.text


@dataclass(frozen=True, slots=True)
class ClientCall:
    """One request of a client; what is not known of it holds `HOLE`.

    `method` is empty when the source does not show it. `body` is None when there is none, and `NOT_SHOWN` when that is
    not known. `reads` are the fields that are read of the answer, where a list names them. A call that is not
    `is_certain` was put together by guessing. The path of one that `is_whole` begins where those of the API do.
    """

    method: str
    url: str
    place: CallPlace
    query: tuple[tuple[str, str], ...] = ()
    body: Any = NOT_SHOWN
    content_type: str = ""
    reads: tuple[str, ...] = ()
    is_certain: bool = True
    host: str = ""
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """The calls of a client, where they were found, and what of the source was left out."""

    source: str
    calls: tuple[ClientCall, ...]
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClientFault:
    """One thing that is wrong, at all places where it is; a fault that does not break the contract is a warning."""

    kind: str
    operation: str
    subject: str
    message: str
    version: str
    breaks: bool = True
    is_certain: bool = True
    places: tuple[CallPlace, ...] = field(default=(), compare=False)

    @property
    def key(self) -> tuple[object, ...]:
        """The same for the same fault at several places."""
        return (self.kind, self.operation, self.subject, self.message, self.is_certain)


def joined(faults: Iterable[ClientFault]) -> list[ClientFault]:
    """Each fault once, with all its places; a guess is left out where the same is certain."""
    found: dict[tuple[object, ...], tuple[ClientFault, dict[CallPlace, None]]] = {}
    for fault in faults:
        _, places = found.setdefault(fault.key, (fault, {}))
        places.update(dict.fromkeys(fault.places))
    certain = {(fault.key[:-1], place) for fault, places in found.values() if fault.is_certain for place in places}
    kept = (
        (fault, [place for place in places if fault.is_certain or (fault.key[:-1], place) not in certain])
        for fault, places in found.values()
    )
    return [replace(fault, places=tuple(places)) for fault, places in kept if places]


def is_open(value: Any) -> bool:
    """Whether a part of a JSON value is not known."""
    return HOLE.encode() in write_json(value)
