"""The connectors of EVSEs: records of their own, which version 2.0 of an EVSE shows and writes within it."""

from collections.abc import Mapping
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record

_WRITTEN = ("type", "format", "status")


def connectors_of(backend: Backend, evse: Record) -> list[Record]:
    """The connectors of an EVSE."""
    return backend.store.all("connectors", {"evses": str(evse.id)})


def write_connectors(backend: Backend, evse: Record, body: Mapping[str, Any]) -> None:
    """Bring the connectors of an EVSE into line with those of a body, if it has them: what it leaves out is removed."""
    if not isinstance(body.get("connectors"), list):
        return
    left = {connector.id: connector for connector in connectors_of(backend, evse)}
    for given in body["connectors"]:
        fields = {name: given[name] for name in _WRITTEN if name in given}
        known = left.pop(given.get("id"), None)
        if known is not None:
            backend.change(known, fields)
        else:
            parents = {"charge-points": str(evse.fields.get("chargePointId")), "evses": str(evse.id)}
            backend.add("connectors", {"status": "enabled", **fields}, parents)
    for connector in left.values():
        backend.store.remove("connectors", connector)
