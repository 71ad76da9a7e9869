"""Defects of what a session says: its times, its energy, its authorization, who ended it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import Override, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp, parse_timestamp
from ampeco_emulator.domain.charging import meter, session_views
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.openapi.validation import Incoming

_SessionFields = dict[str, Any]
_WRONG_SIZE = timedelta(minutes=7)


def _shown_as(change: Callable[[Backend, _SessionFields], _SessionFields]) -> Override:
    """Show other fields of sessions than they have."""

    def corrupt(
        show: Callable[[Backend, Record, Incoming | None], _SessionFields],
        backend: Backend,
        session: Record,
        incoming: Incoming | None,
    ) -> _SessionFields:
        return change(backend, show(backend, session, incoming))

    return override(session_views.show, corrupt)


def _shown_with(change: Callable[[Backend, _SessionFields], _SessionFields]) -> Override:
    """Show sessions with these fields besides, or in place of theirs."""
    return _shown_as(lambda backend, fields: {**fields, **change(backend, fields)})


def _later(name: str, hours: float) -> Override:
    """Show a time of sessions some hours late."""

    def change(_backend: Backend, fields: _SessionFields) -> _SessionFields:
        moment = fields.get(name)
        return {name: format_timestamp(parse_timestamp(moment) + timedelta(hours=hours))} if moment else {}

    return _shown_with(change)


def _unaligned(_backend: Backend, fields: _SessionFields) -> _SessionFields:
    intervals = fields.get("clockAlignedEnergyConsumption")
    if not intervals:
        return {}
    begin = parse_timestamp(intervals[0]["start"]) + timedelta(minutes=4)
    cut = [
        {
            **interval,
            "start": format_timestamp(begin + number * _WRONG_SIZE),
            "end": format_timestamp(begin + (number + 1) * _WRONG_SIZE),
        }
        for number, interval in enumerate(intervals)
    ]
    return {"clockAlignedEnergyConsumption": cut}


def _failed_with_price(_backend: Backend, fields: _SessionFields) -> _SessionFields:
    is_failed = fields["status"] in ("failed", "expired")
    return {"totalAmount": {"withTax": 12.5, "withoutTax": 10.0}} if is_failed else {}


def _first_authorization(backend: Backend, fields: _SessionFields) -> _SessionFields:
    first = backend.store.all("authorizations")[0]
    return {"authorization": {**fields["authorization"], **first.fields}} if "authorization" in fields else {}


def _without_total(_backend: Backend, fields: _SessionFields) -> _SessionFields:
    return {name: value for name, value in fields.items() if name != "totalAmount"}


SESSIONS = (
    Defect(
        "energy-doubled",
        "domain",
        "a session has twice the energy that its power gives",
        override(meter.metered_energy, lambda decide, backend, charge: 2 * decide(backend, charge)),
    ),
    Defect("intervals-unaligned", "domain", "clock-aligned intervals last seven minutes", _shown_with(_unaligned)),
    Defect("started-later", "domain", "sessions start two hours late, as in another zone", _later("startedAt", 2)),
    Defect("stopped-later", "domain", "sessions stop twenty hours late", _later("stoppedAt", 20)),
    Defect(
        "stop-reason",
        "domain",
        "every stop has the reason masterpass",
        _shown_with(lambda _backend, fields: {"reason": "masterpass"} if fields.get("reason") else {}),
    ),
    Defect("total-vanishes", "domain", "sessions have no total", _shown_as(_without_total)),
    Defect("failed-session-price", "domain", "a failed session has a price", _shown_with(_failed_with_price)),
    Defect(
        "authorization-crossed",
        "domain",
        "every session shows the first authorization",
        _shown_with(_first_authorization),
    ),
)
