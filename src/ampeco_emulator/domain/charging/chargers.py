"""Delayed reports of charge points: boots, configuration, uploads, firmware, connection.

Facts: the outcome of sync-configuration comes by requestId in ChargePointSyncConfigurationNotification, and a sync
follows every boot; DiagnosticsStatusNotification goes uploading, uploaded.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.domain.charging import configurations, evses, security
from ampeco_emulator.domain.charging.offline import begin_downtime, end_downtime

REQUESTS = "charger-requests"
# Seconds until a charge point reports.
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
# Security events that are not critical.
_HARMLESS = frozenset({"FirmwareUpdated", "ResetOrReboot", "StartupOfTheDevice"})


def expect(backend: Backend, charge_point: Record, kind: str, **details: Any) -> Record:
    """Schedule a report of a charge point; the id of the record is the request id."""
    request = backend.add(REQUESTS, {**details, "kind": kind, "chargePointId": charge_point.id})
    _plan(backend, request, kind, backend.now())
    return request


def connect(backend: Backend, charge_point: Record, status: str, at: datetime) -> None:
    """Change the network status of a charge point, and announce it; while it is not available it is down."""
    if str(charge_point.fields.get("networkStatus", "")).replace(" ", "_") == status:
        return
    backend.change(charge_point, {"networkStatus": status})
    spelled = status.replace("_", " ")
    parents = {"charge-points": str(charge_point.id)}
    backend.add("network-status-logs", {"status": spelled, "timestamp": format_timestamp(at)}, parents)
    payload = {"chargePointId": charge_point.id, "timestamp": format_timestamp(at), "networkStatus": spelled}
    backend.announce("NetworkStatusNotification", payload)
    (end_downtime if status == "available" else begin_downtime)(backend, charge_point, at)


def note_security_event(backend: Backend, charge_point: Record, kind: str, at: datetime) -> None:
    """Log a security event of a charge point, and announce it."""
    fields = {"type": kind, "timestamp": format_timestamp(at), "techInfo": f"{_MODEL} {_firmware(charge_point)}"}
    for resource_type in ("security-events-log", "security-events"):
        backend.add(resource_type, {**fields, "chargePoint": charge_point.id})
    payload = {**fields, "chargePointId": charge_point.id, "critical": kind not in _HARMLESS}
    backend.announce("SecurityEventNotification", payload)


def boot(backend: Backend, charge_point: Record, at: datetime, reason: str) -> None:
    """Announce the boot of a charge point: templates that persist are set again, and a sync follows."""
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
    backend.change(charge_point, {"lastBootNotification": {**shown, "lastUpdatedAt": format_timestamp(at)}})
    spelled = {_snake_case(name): value for name, value in shown.items()}
    moment = {"chargePointId": charge_point.id, "timestamp": format_timestamp(at)}
    backend.announce("BootNotification", {**moment, "bootNotification": {**spelled, "reason": reason}})
    note_security_event(backend, charge_point, "StartupOfTheDevice", at)
    configurations.set_again(backend, charge_point)
    security.connect(charge_point)
    backend.store.touch(charge_point)
    _plan(backend, backend.add(REQUESTS, {"kind": "sync", "chargePointId": charge_point.id}), "sync", at)


def announce_diagnostics(backend: Backend, request: Record, status: str, at: datetime) -> None:
    """Announce the progress of an upload of diagnostics."""
    payload = {"chargePointId": request.fields["chargePointId"], "requestId": request.id}
    backend.announce(
        "DiagnosticsStatusNotification", {**payload, "status": status, "lastUpdatedAt": format_timestamp(at)}
    )


def _sync(backend: Backend, charge_point: Record, request: Record, at: datetime) -> None:
    wanted = request.fields.get("keys") or ()
    known = backend.store.all("configurations", {"charge-points": str(charge_point.id)})
    configuration = [
        {
            "key": item.fields["key"],
            "value": str(item.fields.get("value", "")),
            "readonly": bool(item.fields.get("readonly")),
            "required": bool(item.fields.get("required")),
            "timestamp": format_timestamp(at),
            "lastUpdatedAt": item.fields["lastUpdatedAt"],
        }
        for item in known
        if not wanted or item.fields["key"] in wanted
    ]
    payload = {"chargePointId": charge_point.id, "requestId": request.id, "configuration": configuration}
    backend.announce("ChargePointSyncConfigurationNotification", payload)


def _upload(backend: Backend, _charge_point: Record, request: Record, at: datetime) -> None:
    announce_diagnostics(backend, request, "uploading", at)
    _plan(backend, request, "diagnostics-uploaded", at)


def _uploaded(backend: Backend, _charge_point: Record, request: Record, at: datetime) -> None:
    announce_diagnostics(backend, request, "uploaded", at)


def _download(backend: Backend, _charge_point: Record, request: Record, at: datetime) -> None:
    request.fields["status"] = "installing"
    _plan(backend, request, "firmware-installed", at)


def _install(backend: Backend, charge_point: Record, request: Record, at: datetime) -> None:
    request.fields["status"] = "installed"
    version = backend.store.peek("firmware-versions", request.fields.get("firmwareVersionId"))
    known = version.fields.get("firmwareVersion") if version is not None else None
    charge_point.state["firmware"] = str(known or f"{_FIRMWARE}+{request.id}")
    note_security_event(backend, charge_point, "FirmwareUpdated", at)
    boot(backend, charge_point, at, "FirmwareUpdate")


def _connect(backend: Backend, charge_point: Record, _request: Record, at: datetime) -> None:
    connect(backend, charge_point, "available", at)


def _boot(backend: Backend, charge_point: Record, request: Record, at: datetime) -> None:
    boot(backend, charge_point, at, str(request.fields.get("reason", "Unknown")))


_REPORTS: Mapping[str, Callable[[Backend, Record, Record, datetime], None]] = {
    "boot": _boot,
    "sync": _sync,
    "diagnostics": _upload,
    "diagnostics-uploaded": _uploaded,
    "firmware": _download,
    "firmware-installed": _install,
    "connect": _connect,
}


def _plan(backend: Backend, request: Record, kind: str, at: datetime) -> None:
    backend.schedule.add(at + timedelta(seconds=_AFTER[kind]), f"charger.{kind}", REQUESTS, request.id)


def _reporting(kind: str) -> Callable[[Backend, Record, datetime], None]:
    """A step that reports, unless the charge point was removed or is not connected (a report may connect it)."""

    def report(backend: Backend, request: Record, at: datetime) -> None:
        charge_point = backend.store.peek("charge-points", request.fields["chargePointId"])
        if charge_point is not None and (kind == "connect" or evses.is_connected(charge_point)):
            _REPORTS[kind](backend, charge_point, request, at)

    return report


def _firmware(charge_point: Record) -> str:
    return str(charge_point.state.get("firmware", _FIRMWARE))


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


STEPS = {f"charger.{kind}": _reporting(kind) for kind in _REPORTS}
