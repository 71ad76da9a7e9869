"""The records that a token may access: all, or those of one partner or one sub-operator.

Facts: a token may be limited to a partner or an operator; other records are 403. Records that belong to neither
(tariffs, currencies) can be read with any token.
"""

from collections.abc import Mapping
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record
from ampeco_emulator.settings import Access

_RESOURCE_TYPES = {"partner": "partners", "operator": "sub-operators"}
# The fields that lead to the record through which a record has an owner, nearest first.
_THROUGH = {"sessionId": "sessions", "evseId": "evses", "chargePointId": "charge-points", "locationId": "locations"}


def may_touch(backend: Backend, access: Access, record: Record, *, writing: bool) -> bool:
    """Whether a token may read or write a record."""
    owners = {kind: _owner(backend, record, kind) for kind in limits_of(access)}
    if writing and not any(owners[kind] == limit for kind, limit in limits_of(access).items()):
        return not owners
    return all(owners[kind] in (None, limit) for kind, limit in limits_of(access).items())


def may_send(access: Access, body: Any) -> bool:
    """Whether a token may send a body: not one that refers to another partner or operator."""
    if not isinstance(body, Mapping):
        return True
    return all(_named(body, kind) in (None, limit) for kind, limit in limits_of(access).items())


def limits_of(access: Access) -> dict[str, int]:
    """The partner and the operator that a token is limited to."""
    limits = {"partner": access.partner, "operator": access.operator}
    return {kind: number for kind, number in limits.items() if number is not None}


def _owner(backend: Backend, record: Record, kind: str) -> Any:
    """The id of the partner, or operator, that a record belongs to; None when there is none."""
    if record.resource_type == _RESOURCE_TYPES[kind]:
        return record.id
    own = record.fields.get(f"{kind}Id", _inner_id(record.fields.get(kind)))
    if own is not None:
        return own
    for field, resource_type in _THROUGH.items():
        above = backend.store.peek(resource_type, record.fields.get(field))
        if above is not None and above is not record:
            return _owner(backend, above, kind)
    return None


def _named(body: Mapping[str, Any], kind: str) -> Any:
    """The partner or operator that a body names: older charge points call the partner their owner."""
    numbers = (body.get(f"{kind}Id"), body.get(f"owner{kind.title()}Id"), _inner_id(body.get(kind)))
    return next((number for number in numbers if number is not None), None)


def _inner_id(value: Any) -> Any:
    return value.get("id") if isinstance(value, Mapping) else None
