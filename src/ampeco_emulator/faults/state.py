"""Defects of what is stored: changes that are lost, go too far, or leave the wrong traces."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, complete_change, stored_fields
from ampeco_emulator.backend.resource_types import resource_type_of
from ampeco_emulator.backend.rules import Override, always, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler, enveloped
from ampeco_emulator.crud.resources import apply_changes, change, create, delete_record, writable_fields
from ampeco_emulator.domain.network import flexibility
from ampeco_emulator.faults import corruption
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.openapi.values import camel_case

_WriteFields = Callable[[EndpointCall, Record], None]
_CompleteChange = Callable[[Backend, Record, Mapping[str, Any]], None]


def _renamed(value: Any) -> Any:
    return f"{value} 2" if isinstance(value, str) else value


def _stored_texts(change_text: Callable[[str], str]) -> Override:
    """Store other texts than were sent."""

    def corrupt(
        store: Callable[[Backend, Mapping[str, Any]], Mapping[str, Any]], backend: Backend, fields: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        stored = store(backend, fields)
        return {name: change_text(value) if isinstance(value, str) else value for name, value in stored.items()}

    return override(stored_fields, corrupt)


def _move_creation(complete: _CompleteChange, backend: Backend, record: Record, fields: Mapping[str, Any]) -> None:
    complete(backend, record, fields)
    if "createdAt" in record.fields:
        record.fields["createdAt"] = format_timestamp(backend.now())


def _touch_siblings(complete: _CompleteChange, backend: Backend, record: Record, fields: Mapping[str, Any]) -> None:
    complete(backend, record, fields)
    for sibling in backend.store.all(record.resource_type):
        sibling.fields |= {camel_case(key): value for key, value in fields.items()}


def _forget_created(handle: Handler, call: EndpointCall) -> EmulatorResponse:
    response = handle(call)
    resource_type = resource_type_of(call.endpoint.path)
    call.backend.store.remove(resource_type, call.backend.store.all(resource_type)[-1])
    return response


def _forget_changes(handle: Handler, call: EndpointCall) -> EmulatorResponse:
    record = _addressed(call)
    before = dict(record.fields)
    response = handle(call)
    record.fields = before
    return response


def _set_all(handle: Handler, call: EndpointCall) -> EmulatorResponse:
    response = handle(call)
    for asset in call.backend.store.all("flexibility-assets"):
        asset.fields["status"] = call.body["status"]
    return response


def _keep_status(handle: Handler, call: EndpointCall) -> EmulatorResponse:
    asset = call.backend.named("flexibilityAsset", call.incoming.path_values["flexibilityAsset"])
    status = asset.fields["status"]
    response = handle(call)
    asset.fields["status"] = status
    return response


def _change_id(handle: Handler, call: EndpointCall) -> EmulatorResponse:
    response = handle(call)
    record = _addressed(call)
    record.fields["id"] = record.id + 1
    return response


def _respond_stale(handle: Handler, call: EndpointCall) -> EmulatorResponse:
    stale = enveloped(call, call.backend.present(call.endpoint, _addressed(call)))
    handle(call)
    return stale


def _addressed(call: EndpointCall) -> Record:
    return call.backend.addressed(call.endpoint, call.incoming.path_values)


def _replace_fields(write: _WriteFields, call: EndpointCall, record: Record) -> None:
    record.fields = {"id": record.id}
    write(call, record)


def _write_read_only(write: _WriteFields, call: EndpointCall, record: Record) -> None:
    write(call, record)
    record.fields |= {camel_case(name): value for name, value in call.body.items() if name != "id"}


def _reuse_id(delete: _WriteFields, call: EndpointCall, record: Record) -> None:
    delete(call, record)
    call.backend.store.reuse_id(record)


def _without_nulls(read: Callable[[EndpointCall], dict[str, Any]], call: EndpointCall) -> dict[str, Any]:
    return {name: value for name, value in read(call).items() if value is not None}


class _Cache:
    """Answers every read of a record with what the first read showed."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Any], Any] = {}

    def __call__(self, method: str, path: str, response: EmulatorResponse) -> EmulatorResponse:
        data = response.body.get("data") if isinstance(response.body, dict) else None
        if method != "GET" or response.status != 200 or not isinstance(data, dict) or "id" not in data:
            return response
        return replace(response, body=self._kept.setdefault((path, data["id"]), response.body))


STATE = (
    Defect(
        "status-stays",
        "state",
        "the change of an asset's status is accepted and changes nothing",
        override(flexibility.change_status, _keep_status),
    ),
    Defect(
        "status-for-all",
        "state",
        "the change of an asset's status changes that of all assets",
        override(flexibility.change_status, _set_all),
    ),
    Defect("forget-created", "state", "a created record is not kept", override(create, _forget_created)),
    Defect("forget-changes", "state", "changes are confirmed but not stored", override(change, _forget_changes)),
    Defect("keep-removed", "state", "a removed record stays", always(delete_record, None)),
    Defect(
        "patch-replaces", "state", "a partial update clears the other fields", override(apply_changes, _replace_fields)
    ),
    Defect("stale-update-time", "state", "lastUpdatedAt is not updated", always(complete_change, None)),
    Defect("change-id", "state", "an update gives the record another id", override(change, _change_id)),
    Defect("moving-creation", "state", "an update moves createdAt as well", override(complete_change, _move_creation)),
    Defect(
        "reuse-id",
        "state",
        "the id of a removed record is reused",
        override(delete_record, _reuse_id),
    ),
    Defect("stale-answer", "state", "an update is answered with the old values", override(change, _respond_stale)),
    Defect(
        "other-name-answered",
        "state",
        "a creation is answered with another name than the stored one",
        corruption.body(corruption.field("name", _renamed), given=range(201, 202), method="POST"),
    ),
    Defect(
        "listed-otherwise",
        "state",
        "listings show another name",
        corruption.listing(corruption.field("name", _renamed)),
    ),
    Defect(
        "take-read-only",
        "state",
        "an update writes read-only fields",
        override(apply_changes, _write_read_only),
    ),
    Defect("cut-text", "state", "texts are cut to 60 characters", _stored_texts(lambda text: text[:60])),
    Defect(
        "ascii-only",
        "state",
        "letters beyond ASCII are kept as question marks",
        _stored_texts(lambda text: text.encode("ascii", "replace").decode()),
    ),
    Defect("ignore-null", "state", "an update to null changes nothing", override(writable_fields, _without_nulls)),
    Defect(
        "touch-siblings",
        "state",
        "an update writes the field to every record of the collection",
        override(complete_change, _touch_siblings),
    ),
    Defect(
        "stale-read", "state", "a read is answered with the response of the first read", corruption.corrupting(_Cache())
    ),
)
