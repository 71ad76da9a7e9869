"""Flexibility assets: enabled until a time, with forecasts and activation requests.

Facts: at endsAt the asset becomes disabled, and no forecast is made after that.
"""

from datetime import datetime, timedelta

from ampeco_emulator.backend.backend import Backend, EmulatorResponse
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp, parse_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler

_ACTION = "POST /public-api/actions/flexibility-asset/v1.0/{flexibilityAsset}"
_FORECAST_HOURS = 24


def complete_asset(backend: Backend, asset: Record) -> None:
    """Complete a new asset: schedule its end, and forecast it while it is enabled."""
    _plan_end(backend, asset)
    if asset.fields.get("status") == "enabled":
        _forecast(backend, asset)


@rule
def change_status(call: EndpointCall) -> EmulatorResponse:
    """Enable or disable an asset; it is disabled at `endsAt`."""
    asset = call.backend.named("flexibilityAsset", call.incoming.path_values["flexibilityAsset"])
    changes = {"status": call.body["status"], "endsAt": call.body.get("endsAt", asset.fields.get("endsAt"))}
    call.backend.change(asset, {name: value for name, value in changes.items() if value is not None})
    _plan_end(call.backend, asset)
    return _bare(call, asset)


def request_activation(call: EndpointCall) -> EmulatorResponse:
    """Request an asset to take more or less power in some periods."""
    asset = call.backend.named("flexibilityAsset", call.incoming.path_values["flexibilityAsset"])
    fields = {
        "assetId": asset.id,
        "timestamp": format_timestamp(call.backend.now()),
        "periods": call.body.get("periods") or [],
    }
    return _bare(call, call.backend.add("flexibility-activation-requests", fields))


def _bare(call: EndpointCall, record: Record) -> EmulatorResponse:
    """The response of these actions, which has no envelope."""
    schema = call.endpoint.response_schema(call.endpoint.success)
    shown = call.backend.values.shape(schema, record.fields) if schema is not None else None
    return EmulatorResponse(call.endpoint.success, shown)


def _plan_end(backend: Backend, asset: Record) -> None:
    if asset.fields.get("endsAt"):
        backend.schedule.add(parse_timestamp(asset.fields["endsAt"]), "asset.end", "flexibility-assets", asset.id)


def _end(backend: Backend, asset: Record, at: datetime) -> None:
    ends_at = asset.fields.get("endsAt")
    if ends_at and parse_timestamp(ends_at) <= at:
        backend.change(asset, {"status": "disabled"})


def _forecast(backend: Backend, asset: Record) -> None:
    first = backend.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    ends_at = parse_timestamp(asset.fields["endsAt"]) if asset.fields.get("endsAt") else None
    for hour in range(_FORECAST_HOURS):
        start = first + timedelta(hours=hour)
        if ends_at is None or start < ends_at:
            fields = {
                "assetId": asset.id,
                "startTime": format_timestamp(start),
                "endTime": format_timestamp(start + timedelta(hours=1)),
                "energy": 1000,
                "downwardRegulationPotential": asset.fields.get("downwardRegulationLimit") or 0,
                "upwardRegulationPotential": asset.fields.get("upwardRegulationLimit") or 0,
            }
            backend.add("time-series-forecast", fields, {"flexibility-assets": str(asset.id)})


STEPS = {"asset.end": _end}
CREATED = {"flexibility-assets": complete_asset}
HANDLERS: dict[str, Handler] = {
    f"{_ACTION}/change-status": change_status,
    f"{_ACTION}/create-activation-request": request_activation,
}
