"""Variants of listings: what they hold, and in which order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud import collections
from ampeco_emulator.crud.calls import EndpointCall
from ampeco_emulator.seed import seeding
from ampeco_emulator.variants.model import EmulatorVariant

_PageOf = Callable[[EndpointCall, list[Record]], tuple[list[Record], dict[str, Any]]]
#: How long listings take to show a new record.
_LAG = timedelta(seconds=5)
_SEEDED = "listings-behind"


def _behind(decide: _PageOf, call: EndpointCall, records: list[Record]) -> tuple[list[Record], dict[str, Any]]:
    """The records that have existed for some seconds, or since the seed."""
    seeded = str(call.backend.single(_SEEDED, {}).get("at"))
    latest = format_timestamp(call.backend.now() - _LAG)
    return decide(call, [record for record in records if not seeded < str(record.fields.get("createdAt")) > latest])


def _note_seed(_decide: Callable[[Backend], None], backend: Backend) -> None:
    backend.single(_SEEDED, {})["at"] = format_timestamp(backend.now())


def _newest_first(decide: _PageOf, call: EndpointCall, records: list[Record]) -> tuple[list[Record], dict[str, Any]]:
    """Pages that begin with the newest record; a cursor goes by the id, and so by the age."""
    by_cursor = call.endpoint.parameter("page") is None or "cursor" in call.incoming.query
    return decide(call, records if by_cursor else records[::-1])


LISTINGS = (
    EmulatorVariant(
        "listings-lag",
        "listings",
        "listings show a record 5 s after its creation",
        (override(collections.requested_page, _behind), override(seeding.complete, _note_seed)),
    ),
    EmulatorVariant(
        "newest-first",
        "listings",
        "numbered pages begin with the newest",
        (override(collections.requested_page, _newest_first),),
    ),
)
