"""The security profile of a charge point: the desired one is tried at every boot.

Facts: the status of the desired profile is pending until it is tried; a charge point that does not support it rejects
it, and has the highest one that it supports; once the profile is forgotten, the next connection decides it. Here a
charge point supports those up to the one that its hardware has enabled, or all.
"""

from collections.abc import Mapping
from typing import Any

from ampeco_emulator.backend.store import Record

_DESIRED = "desiredSecurityProfile"
_CURRENT, _TRIED = "security profile", "security profile tried"


def connect(charge_point: Record) -> None:
    """A charge point connects with the desired profile, if there is one."""
    security = charge_point.fields.get("security") or {}
    desired, supported = security.get("desiredProfile"), security.get("hardwareEnabledProfile")
    if desired is not None:
        charge_point.state |= {_TRIED: desired, _CURRENT: desired if supported is None else min(desired, supported)}


def forget(charge_point: Record) -> None:
    """Forget the profile until the next connection."""
    charge_point.state |= {_TRIED: None, _CURRENT: 0}


def write(charge_point: Record, body: Mapping[str, Any]) -> None:
    """Keep the profile that v1.0 of a charge point asks for where v2.0 has it."""
    if _DESIRED in body:
        charge_point.fields["security"] = {
            **(charge_point.fields.get("security") or {}),
            "desiredProfile": body[_DESIRED],
        }


def both_forms(charge_point: Record) -> dict[str, Any]:
    """The security of a charge point as in v2.0, and as in v1.0."""
    security = shown(charge_point)
    old = {
        "currentSecurityProfile": security["currentProfile"],
        _DESIRED: security.get("desiredProfile"),
        "desiredSecurityProfileStatus": security.get("desiredProfileStatus"),
        "hardwareEnabledSecurityProfile": security.get("hardwareEnabledProfile"),
    }
    return {"security": security, **{name: value for name, value in old.items() if value is not None}}


def shown(charge_point: Record) -> dict[str, Any]:
    """The security of a charge point, with its present profile and whether that is the desired one."""
    security, current = charge_point.fields.get("security") or {}, _current(charge_point)
    if security.get("desiredProfile") is None:
        unset = {name: value for name, value in security.items() if not name.startswith("desired")}
        return {**unset, "currentProfile": current}
    otherwise = "rejected" if security["desiredProfile"] == charge_point.state.get(_TRIED) else "pending"
    status = "applied" if security["desiredProfile"] == current else otherwise
    return {**security, "currentProfile": current, "desiredProfileStatus": status}


def _current(charge_point: Record) -> int:
    known = (charge_point.fields.get("security") or {}).get("currentProfile") or 0
    return int(charge_point.state.get(_CURRENT, known))
