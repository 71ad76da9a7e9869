"""What charge points report some time after they were asked: boots, configuration, uploads, firmware, connection.

Facts: the outcome of sync-configuration comes by requestId in ChargePointSyncConfigurationNotification, and a sync
follows every boot; DiagnosticsStatusNotification goes uploading, uploaded.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ampeco_emulator.backend.backend import World
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import written
from ampeco_emulator.domain.charging import evses

REQUESTS = "charger-requests"
# Seconds until a charge point reports what it was asked for.
_AFTER = {
    "boot": 5,
    "sync": 2,
    "diagnostics": 2,
    "diagnostics-uploaded": 8,
    "firmware": 10,
    "firmware-installed": 20,
    "connect": 3,
}
_MODEL, _VENDOR, _FIRMWARE = "Emulated", "Emulator", "1.0.0"
# Security events that need nobody's attention.
_HARMLESS = frozenset({"FirmwareUpdated", "ResetOrReboot", "StartupOfTheDevice"})


def expect(world: World, charge_point: Record, kind: str, **details: Any) -> Record:
    """Let a charge point report something in a while; the id of the record is the request id."""
    request = world.add(REQUESTS, {**details, "kind": kind, "chargePointId": charge_point.id})
    _plan(world, request, kind, world.now())
    return request


def connect(world: World, charge_point: Record, status: str, at: datetime) -> None:
    """The connection of a charge point comes or goes."""
    if str(charge_point.fields.get("networkStatus", "")).replace(" ", "_") == status:
        return
    world.change(charge_point, {"networkStatus": status})
    spelled = status.replace("_", " ")
    parents = {"charge-points": str(charge_point.id)}
    world.add("network-status-logs", {"status": spelled, "timestamp": written(at)}, parents)
    told = {"chargePointId": charge_point.id, "timestamp": written(at), "networkStatus": spelled}
    world.announce("NetworkStatusNotification", told)


def note_security_event(world: World, charge_point: Record, kind: str, at: datetime) -> None:
    """A charge point logs a security event, and tells."""
    fields = {"type": kind, "timestamp": written(at), "techInfo": f"{_MODEL} {_firmware(charge_point)}"}
    for family in ("security-events-log", "security-events"):
        world.add(family, {**fields, "chargePoint": charge_point.id})
    told = {**fields, "chargePointId": charge_point.id, "critical": kind not in _HARMLESS}
    world.announce("SecurityEventNotification", told)


def boot(world: World, charge_point: Record, at: datetime, reason: str) -> None:
    """A charge point has started: it tells who it is, and a sync of its configuration follows."""
    serial = f"SN{charge_point.id:06d}"
    shown = {
        "model": _MODEL,
        "vendor": _VENDOR,
        "chargeBoxSerialNumber": serial,
        "chargePointSerialNumber": serial,
        "firmwareVersion": _firmware(charge_point),
        "iccid": None,
        "imsi": None,
        "meterSerialNumber": None,
        "meterType": None,
    }
    world.change(charge_point, {"lastBootNotification": {**shown, "lastUpdatedAt": written(at)}})
    spelled = {_snake_case(name): value for name, value in shown.items()}
    moment = {"chargePointId": charge_point.id, "timestamp": written(at)}
    world.announce("BootNotification", {**moment, "bootNotification": {**spelled, "reason": reason}})
    note_security_event(world, charge_point, "StartupOfTheDevice", at)
    _plan(world, world.add(REQUESTS, {"kind": "sync", "chargePointId": charge_point.id}), "sync", at)


def tell_diagnostics(world: World, request: Record, status: str, at: datetime) -> None:
    """Tell how far the upload of diagnostics is."""
    told = {"chargePointId": request.fields["chargePointId"], "requestId": request.id}
    world.announce("DiagnosticsStatusNotification", {**told, "status": status, "lastUpdatedAt": written(at)})


def _sync(world: World, charge_point: Record, request: Record, at: datetime) -> None:
    wanted = request.fields.get("keys") or ()
    known = world.store.all("configurations", {"charge-points": str(charge_point.id)})
    configuration = [
        {
            "key": item.fields["key"],
            "value": str(item.fields.get("value", "")),
            "readonly": bool(item.fields.get("readonly")),
            "required": bool(item.fields.get("required")),
            "timestamp": written(at),
            "lastUpdatedAt": item.fields["lastUpdatedAt"],
        }
        for item in known
        if not wanted or item.fields["key"] in wanted
    ]
    told = {"chargePointId": charge_point.id, "requestId": request.id, "configuration": configuration}
    world.announce("ChargePointSyncConfigurationNotification", told)


def _upload(world: World, _charge_point: Record, request: Record, at: datetime) -> None:
    tell_diagnostics(world, request, "uploading", at)
    _plan(world, request, "diagnostics-uploaded", at)


def _uploaded(world: World, _charge_point: Record, request: Record, at: datetime) -> None:
    tell_diagnostics(world, request, "uploaded", at)


def _download(world: World, _charge_point: Record, request: Record, at: datetime) -> None:
    request.fields["status"] = "installing"
    _plan(world, request, "firmware-installed", at)


def _install(world: World, charge_point: Record, request: Record, at: datetime) -> None:
    request.fields["status"] = "installed"
    version = world.store.peek("firmware-versions", request.fields.get("firmwareVersionId"))
    known = version.fields.get("firmwareVersion") if version is not None else None
    charge_point.state["firmware"] = str(known or f"{_FIRMWARE}+{request.id}")
    note_security_event(world, charge_point, "FirmwareUpdated", at)
    boot(world, charge_point, at, "FirmwareUpdate")


def _connect(world: World, charge_point: Record, _request: Record, at: datetime) -> None:
    connect(world, charge_point, "available", at)


def _boot(world: World, charge_point: Record, request: Record, at: datetime) -> None:
    boot(world, charge_point, at, str(request.fields.get("reason", "Unknown")))


_REPORTS: Mapping[str, Callable[[World, Record, Record, datetime], None]] = {
    "boot": _boot,
    "sync": _sync,
    "diagnostics": _upload,
    "diagnostics-uploaded": _uploaded,
    "firmware": _download,
    "firmware-installed": _install,
    "connect": _connect,
}


def _plan(world: World, request: Record, kind: str, at: datetime) -> None:
    world.schedule.add(at + timedelta(seconds=_AFTER[kind]), f"charger.{kind}", REQUESTS, request.id)


def _reporting(kind: str) -> Callable[[World, Record, datetime], None]:
    """A step that reports, unless the charge point was removed or, but for its connection, is not connected."""

    def report(world: World, request: Record, at: datetime) -> None:
        charge_point = world.store.peek("charge-points", request.fields["chargePointId"])
        if charge_point is not None and (kind == "connect" or evses.is_connected(charge_point)):
            _REPORTS[kind](world, charge_point, request, at)

    return report


def _firmware(charge_point: Record) -> str:
    return str(charge_point.state.get("firmware", _FIRMWARE))


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


STEPS = {f"charger.{kind}": _reporting(kind) for kind in _REPORTS}
