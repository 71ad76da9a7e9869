"""Locations: parking spaces, and the jobs of installers."""

from collections.abc import Iterable
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse
from ampeco_emulator.backend.changes import announce_change
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted
from ampeco_emulator.crud.resources import act, refuse_unknown_references
from ampeco_emulator.domain.network.features import supported
from ampeco_emulator.openapi.validation import Incoming

_ACTIONS = "POST /public-api/actions"


def complete_location(_backend: Backend, location: Record) -> None:
    """Complete a new location: only the server sets its status."""
    location.fields = {**location.fields, "status": "active"}


def show_location(backend: Backend, location: Record, _incoming: Incoming | None) -> dict[str, Any]:
    """A location with its charge points that are public and enabled, as v1.0 shows them."""
    open_to_all = [
        item.id
        for item in backend.store.all("charge-points", {"locations": str(location.id)})
        if (item.fields.get("type"), item.fields.get("status")) == ("public", "enabled")
    ]
    return {**location.fields, "publicChargePoints": len(open_to_all), "publicChargePointsIds": open_to_all}


def complete_parking_space(_backend: Backend, space: Record) -> None:
    """Complete a new parking space: its occupancy is unknown."""
    space.fields = {"occupancyStatus": "unknown", "status": "enabled", **space.fields}


def show_parking_space(_backend: Backend, space: Record, _incoming: Incoming | None) -> dict[str, Any]:
    """A parking space with its EVSEs: none where none were given, or a replacement left them out."""
    return {"evses": [], **space.fields}


def update_occupancy(call: EndpointCall) -> EmulatorResponse:
    """Receive the occupancy from a sensor; only changes are announced."""
    space = call.backend.named("parkingSpace", call.incoming.path_values["parkingSpace"])
    status = call.body["status"]
    if space.fields.get("occupancyStatus") != status:
        call.backend.change(space, {"occupancyStatus": status})
        moment = space.fields["lastUpdatedAt"]
        payload = {"parkingSpaceId": space.id, "occupancyStatus": status, "lastUpdatedAt": moment}
        call.backend.announce("parkingSpace.occupancyStatus.changed", payload)
    return accepted(call)


def complete_job(_backend: Backend, job: Record) -> None:
    """A new job is new, at no location, without charge points; its creation cannot say otherwise."""
    given = {name: value for name, value in job.fields.items() if name not in ("locationId", "chargePoints")}
    job.fields = {**given, "status": "new"}


def change_job_status(call: EndpointCall) -> EmulatorResponse:
    """Change the status of a job."""
    job = call.backend.named("installerJob", call.incoming.path_values["installerJob"])
    call.backend.change(job, {name: call.body[name] for name in ("status", "outcomeDetails") if name in call.body})
    announce_change(call.backend, job, "updated")
    return accepted(call)


def assign_charge_points(call: EndpointCall) -> EmulatorResponse:
    """Assign charge points to a job: the given ones, or all of a location or charging zone."""
    backend, body = call.backend, call.body
    refuse_unknown_references(call)
    job = backend.named("installerJob", call.incoming.path_values["installerJob"])
    chosen = {int(number) for number in body.get("chargePointIds") or ()}
    for name in ("locationId", "chargingZoneId"):
        if body.get(name) is not None:
            chosen |= _ids(item for item in backend.store.all("charge-points") if item.fields.get(name) == body[name])
    known = {int(item["id"]) for item in job.fields.get("chargePoints") or () if "id" in item}
    backend.change(job, {"chargePoints": [{"id": number} for number in sorted(known | chosen)]})
    announce_change(backend, job, "updated")
    return accepted(call)


def _ids(records: Iterable[Record]) -> set[int]:
    return {record.id for record in records}


CREATED = {"locations": complete_location, "parking-spaces": complete_parking_space, "installer-jobs": complete_job}
SHOWING = {"locations": show_location, "parking-spaces": show_parking_space}
HANDLERS: dict[str, Handler] = {
    f"{_ACTIONS}/parking-spaces/v1.0/{{parkingSpace}}/update-occupancy-status": supported(
        "parking-occupancy", update_occupancy
    ),
    f"{_ACTIONS}/installer-job/v1.0/{{installerJob}}/change-status": change_job_status,
    f"{_ACTIONS}/installer-job/v1.0/{{installerJob}}/assign-charge-points": assign_charge_points,
    f"{_ACTIONS}/id-tag/v1.0/{{idTag}}/reissue-emaid": supported("emaid", act),
    f"{_ACTIONS}/provisioning-certificate/v1.0/{{provisioningCertificate}}/issue-emaid": supported("emaid", act),
}
