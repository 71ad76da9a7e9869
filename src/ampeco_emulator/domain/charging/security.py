"""The security profile of a charge point: the desired one is tried at every boot.

Facts: the status of the desired profile is pending until it is applied; once the profile is forgotten, the next
connection decides it. Chargers of the emulator support every profile.
"""

from typing import Any

from ampeco_emulator.backend.store import Record

_CURRENT = "security profile"


def connect(charge_point: Record) -> None:
    """A charge point connects with the desired profile, if there is one."""
    security = charge_point.fields.get("security") or {}
    charge_point.state[_CURRENT] = security.get("desiredProfile", _current(charge_point))


def forget(charge_point: Record) -> None:
    """Forget the profile until the next connection."""
    charge_point.state[_CURRENT] = 0


def shown(charge_point: Record) -> dict[str, Any]:
    """The security of a charge point, with its present profile and whether that is the desired one."""
    security, current = charge_point.fields.get("security") or {}, _current(charge_point)
    if security.get("desiredProfile") is None:
        return {**security, "currentProfile": current}
    status = "applied" if security["desiredProfile"] == current else "pending"
    return {**security, "currentProfile": current, "desiredProfileStatus": status}


def _current(charge_point: Record) -> int:
    known = (charge_point.fields.get("security") or {}).get("currentProfile") or 0
    return int(charge_point.state.get(_CURRENT, known))
