"""Defects that one request does not show: ignored fields, too many or too few records, some that cannot be read."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from html import escape
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError, complete_change, stored_fields
from ampeco_emulator.backend.resource_types import resource_type_of
from ampeco_emulator.backend.rules import Override, always, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp, parse_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler
from ampeco_emulator.crud.collections import records_below, requested_filters
from ampeco_emulator.crud.resources import (
    change,
    clear_writable,
    create,
    delete_record,
    refuse_contradictions,
    refuse_unknown_references,
    writable_fields,
    write_single,
)
from ampeco_emulator.crud.resources import replace as replace_record
from ampeco_emulator.domain.billing import tariffs
from ampeco_emulator.faults import corruption
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.http.body_changes import timestamps

_DeleteRecord = Callable[[EndpointCall, Record], None]
_TEXTS = ("description", "externalId", "firstName", "middleName", "label", "contactPerson", "regNo", "vatNo")
_NEVER_CREATED = ("receipts", "invoices", "authorizations", "cdrs", "firmware-versions", "partner-revenues", "terms")
_FAR = "2099-01-01T00:00:00Z"


def _written(keeps: Callable[[str, Any], bool]) -> Override:
    """Write only some of the fields of an update."""

    def write(fields: Callable[[EndpointCall], dict[str, Any]], call: EndpointCall) -> dict[str, Any]:
        return {name: value for name, value in fields(call).items() if keeps(name, value)}

    return override(writable_fields, write)


def _stored(change: Callable[[str, Any], Any]) -> Override:
    """Store other values than were sent."""

    def store(
        fields_of: Callable[[Backend, Mapping[str, Any]], Mapping[str, Any]],
        backend: Backend,
        fields: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        return {name: change(name, value) for name, value in fields_of(backend, fields).items()}

    return override(stored_fields, store)


def _stored_lists(change: Callable[[list[Any]], list[Any]]) -> Override:
    """Store other lists of objects than were sent."""
    return _stored(
        lambda _, value: change(value) if isinstance(value, list) and value and isinstance(value[0], dict) else value
    )


def _completed(fields: Callable[[Record, Mapping[str, Any]], dict[str, Any]]) -> Override:
    """Set more fields of a record after some were changed."""

    def complete(
        finish: Callable[[Backend, Record, Mapping[str, Any]], None],
        backend: Backend,
        record: Record,
        changed: Mapping[str, Any],
    ) -> None:
        finish(backend, record, changed)
        record.fields |= fields(record, changed)

    return override(complete_change, complete)


def _rename_first(backend: Backend, resource_type: str) -> None:
    first = next(iter(backend.store.all(resource_type)), None)
    if first is not None and isinstance(first.fields.get("name"), str):
        first.fields["name"] += " 2"


def _create_renaming(handle: Handler, call: EndpointCall) -> EmulatorResponse:
    response = handle(call)
    _rename_first(call.backend, resource_type_of(call.endpoint.path))
    return response


def _change_renaming(handle: Handler, call: EndpointCall) -> EmulatorResponse:
    response = handle(call)
    _rename_first(call.backend, resource_type_of(call.endpoint.collection))
    return response


def _replace_creating(handle: Handler, call: EndpointCall) -> EmulatorResponse:
    response, backend = handle(call), call.backend
    record = backend.addressed(call.endpoint, call.incoming.path_values)
    copied = {name: value for name, value in record.fields.items() if name != "id"}
    backend.add(record.resource_type, copied, backend.parents(call.endpoint, call.incoming.path_values))
    return response


def _delete_renaming(delete: _DeleteRecord, call: EndpointCall, record: Record) -> None:
    delete(call, record)
    _rename_first(call.backend, resource_type_of(call.endpoint.collection))


def _capped(name: str, value: Any) -> Any:
    return min(value, 200) if name in ("price", "bonus") and isinstance(value, int | float) else value


def _altered(value: Any) -> Any:
    match value:
        case dict():
            return {name: _altered(inner) for name, inner in value.items()}
        case str():
            return f"{value} 2"
        case _:
            return value


def _filled_texts(record: Record, changed: Mapping[str, Any]) -> dict[str, Any]:
    empty = (name for name in _TEXTS if name in record.fields and record.fields[name] is None)
    return {name: "none" for name in empty if name not in changed}


def _forget_single(handle: Handler, call: EndpointCall) -> EmulatorResponse:
    parents = call.backend.parents(call.endpoint, call.incoming.path_values)
    single = call.backend.single(resource_type_of(call.endpoint.path), parents)
    before = dict(single)
    response = handle(call)
    single.clear()
    single |= before
    return response


def _unlist_changed(
    below: Callable[[EndpointCall, Mapping[str, str]], list[Record]], call: EndpointCall, parents: Mapping[str, str]
) -> list[Record]:
    return [record for record in below(call, parents) if _is_unchanged(record)]


def _find_unchanged(
    below: Callable[[EndpointCall, Mapping[str, str]], list[Record]], call: EndpointCall, parents: Mapping[str, str]
) -> list[Record]:
    records = below(call, parents)
    return [record for record in records if _is_unchanged(record)] if requested_filters(call) else records


def _is_unchanged(record: Record) -> bool:
    return bool(record.fields.get("createdAt") == record.fields.get("lastUpdatedAt"))


def _create_twice(handle: Handler, call: EndpointCall) -> EmulatorResponse:
    response = handle(call)
    handle(call)
    return response


def _remove_another(delete: _DeleteRecord, call: EndpointCall, record: Record) -> None:
    delete(call, record)
    records = call.backend.store.all(resource_type_of(call.endpoint.collection))
    if records:
        delete(call, records[0])


def _refuse_optional_texts(refuse: Callable[[EndpointCall], None], call: EndpointCall) -> None:
    refuse(call)
    for name in ("externalId", "description"):
        if name in call.body:
            raise RefusedError(422, f"The {name} is invalid.", {name: [f"The {name} is invalid."]})


def _a_day_ahead(method: str, _path: str, response: EmulatorResponse) -> EmulatorResponse:
    data = response.body.get("data") if isinstance(response.body, dict) else None
    if method == "GET" or not isinstance(data, dict) or not isinstance(data.get("lastUpdatedAt"), str):
        return response
    ahead = format_timestamp(parse_timestamp(data["lastUpdatedAt"]) + timedelta(days=1))
    return replace(response, body={**response.body, "data": {**data, "lastUpdatedAt": ahead}})


def _is_overlooked(name: str, _value: Any) -> bool:
    """Whether a field is one of those that are rarely changed: references, and two fields of partners."""
    return name.endswith("Id") or name in ("country", "monthlyPlatformFee")


def _fail_after_first(method: str, path: str, response: EmulatorResponse) -> EmulatorResponse:
    data = response.body.get("data") if isinstance(response.body, dict) else None
    is_listed_only = any(f"/{name}/" in path for name in _NEVER_CREATED)
    if method != "GET" or not is_listed_only or not isinstance(data, dict) or data.get("id") == 1:
        return response
    return EmulatorResponse(500, {"message": "Server Error"})


WRITES = (
    Defect(
        "only-first-read",
        "status",
        "of what the API does not create only the first can be read",
        corruption.corrupting(_fail_after_first),
    ),
    Defect(
        "refuse-optional-text",
        "validation",
        "a body with an externalId or a description is refused",
        override(refuse_unknown_references, _refuse_optional_texts),
    ),
    Defect("changed-unlisted", "state", "changed records are not listed", override(records_below, _unlist_changed)),
    Defect("changed-unfound", "state", "no filter finds changed records", override(records_below, _find_unchanged)),
    Defect(
        "change-texts-only", "state", "an update writes texts only", _written(lambda _, value: isinstance(value, str))
    ),
    Defect(
        "falsy-ignored", "state", "an update takes false and zero for absent", _written(lambda _, value: bool(value))
    ),
    Defect(
        "references-ignored",
        "state",
        "an update does not write references, nor a country",
        _written(lambda name, value: not _is_overlooked(name, value)),
    ),
    Defect(
        "names-in-lower-case",
        "state",
        "names are stored in lower case",
        _stored(lambda name, value: value.lower() if name == "name" and isinstance(value, str) else value),
    ),
    Defect(
        "list-grows",
        "state",
        "lists of objects are stored with one more",
        _stored_lists(lambda items: [*items, items[0]]),
    ),
    Defect(
        "list-shrinks",
        "state",
        "lists of objects are stored without their last",
        _stored_lists(lambda items: items[:-1]),
    ),
    Defect(
        "undocumented-written",
        "state",
        "an update writes fields that it does not document",
        override(writable_fields, lambda _, call: {name: call.body[name] for name in call.body if name != "id"}),
    ),
    Defect("ignore-status", "state", "an update does not write the status", _written(lambda name, _: name != "status")),
    Defect(
        "flags-off",
        "state",
        "flags are stored as false",
        _stored(lambda _, value: False if isinstance(value, bool) else value),
    ),
    Defect(
        "decimals-cut",
        "state",
        "numbers are stored without their decimals",
        _stored(lambda _, value: int(value) if isinstance(value, float) else value),
    ),
    Defect(
        "leading-zeros-lost",
        "state",
        "texts of digits are stored without their leading zeros",
        _stored(lambda _, value: value.lstrip("0") if isinstance(value, str) and value.isdecimal() else value),
    ),
    Defect("amounts-capped", "state", "prices and bonuses above 200 are stored as 200", _stored(_capped)),
    Defect(
        "wraps-at-16-bits",
        "state",
        "numbers above 65,535 are stored without what is above",
        _stored(lambda _, value: value % 65_536 if type(value) in (int, float) and value > 65_535 else value),
    ),
    Defect(
        "disabled-reads-enabled",
        "state",
        "a user who was disabled reads as enabled",
        corruption.below("/users/v1.0", corruption.reading(corruption.field("status", lambda _: "enabled"))),
    ),
    Defect(
        "nested-altered",
        "state",
        "texts inside of objects are stored in another way",
        _stored(lambda _, value: _altered(value) if isinstance(value, dict) else value),
    ),
    Defect(
        "empty-lists-ignored",
        "state",
        "an update to an empty list changes nothing",
        _written(lambda _, value: value != []),
    ),
    Defect(
        "marks-escaped",
        "state",
        "names are stored with the marks of HTML escaped",
        _stored(lambda name, value: escape(value) if name == "name" and isinstance(value, str) else value),
    ),
    Defect(
        "null-filled",
        "state",
        "an update of other fields fills empty texts",
        _completed(_filled_texts),
    ),
    Defect(
        "future-update-time",
        "state",
        "an update sets lastUpdatedAt to 2099",
        _completed(lambda *_: {"lastUpdatedAt": _FAR}),
    ),
    Defect(
        "stamped-years-ago",
        "state",
        "user groups show times of 2019",
        corruption.below("/user-groups/", corruption.reading(timestamps(lambda text: f"2019{text[4:]}"))),
    ),
    Defect(
        "update-time-null",
        "state",
        "an update sets lastUpdatedAt to null",
        _completed(lambda *_: {"lastUpdatedAt": None}),
    ),
    Defect("answered-ahead", "state", "writes are answered with tomorrow's time", corruption.corrupting(_a_day_ahead)),
    Defect("replace-merges", "state", "a replacement keeps what it leaves out", always(clear_writable, None)),
    Defect(
        "other-balance-answered",
        "state",
        "a creation is answered with another balance than the stored one",
        corruption.body(corruption.field("balance", lambda balance: (balance or 0) + 5), method="POST"),
    ),
    Defect(
        "creation-renames-another", "state", "a creation renames the first record", override(create, _create_renaming)
    ),
    Defect("change-renames-another", "state", "a change renames the first record", override(change, _change_renaming)),
    Defect(
        "replacement-creates",
        "state",
        "a replacement also creates a record",
        override(replace_record, _replace_creating),
    ),
    Defect(
        "removal-renames-another",
        "state",
        "a removal renames the first record that is left",
        override(delete_record, _delete_renaming),
    ),
    Defect(
        "forget-single",
        "state",
        "what there is one of is answered as it was written, and not changed",
        override(write_single, _forget_single),
    ),
    Defect("create-twice", "state", "a creation makes two records", override(create, _create_twice)),
    Defect(
        "group-without-base-tariff",
        "domain",
        "a new tariff group is empty",
        always(tariffs.add_base_tariff, None),
    ),
    Defect(
        "field-rules-ignored",
        "domain",
        "fields that contradict each other are accepted",
        always(refuse_contradictions, None),
    ),
    Defect("remove-another", "state", "a removal removes two records", override(delete_record, _remove_another)),
)
