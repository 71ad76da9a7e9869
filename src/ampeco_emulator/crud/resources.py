"""Generic handlers: read, create, change, replace and remove records; read and write single resources."""

from collections.abc import Mapping
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.changes import announce_change
from ampeco_emulator.backend.resource_types import resource_type_of
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted, enveloped
from ampeco_emulator.crud.collections import list_all
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.schemas import SchemaObject
from ampeco_emulator.openapi.values import camel_case


def handler_of(backend: Backend, endpoint: Endpoint) -> Handler:
    """The generic handler of an endpoint that has no handler of its own."""
    if "/actions/" in endpoint.path and endpoint.operation.method == "POST":
        return act
    method = "GET" if endpoint.operation.method == "HEAD" else endpoint.operation.method
    if endpoint.ends_in_parameter:
        return _ITEM_HANDLERS.get(method, _ITEM_HANDLERS["PATCH"])
    if method == "GET":
        return list_all if endpoint.is_list else read_single
    if method == "POST" and _is_collection(backend, endpoint):
        return create
    return write_single


def _is_collection(backend: Backend, endpoint: Endpoint) -> bool:
    listing = backend.router.get("GET", endpoint.path)
    below = (item for item in backend.router.endpoints if item.ends_in_parameter and item.collection == endpoint.path)
    return (listing is not None and listing.is_list) or next(below, None) is not None


def read(call: EndpointCall) -> EmulatorResponse:
    """Respond with one record."""
    record = call.backend.addressed(call.endpoint, call.incoming.path_values)
    return enveloped(call, call.backend.present(call.endpoint, record, call.incoming))


@rule
def create(call: EndpointCall) -> EmulatorResponse:
    """Create a record."""
    backend, endpoint = call.backend, call.endpoint
    parents = backend.parents(endpoint, call.incoming.path_values)
    refuse_unknown_references(call)
    resource_type = resource_type_of(endpoint.path)
    refuse_contradictions(call, resource_type, {})
    defaults = {
        name: schema["default"]
        for name, schema in backend.values.properties(endpoint.body_schema or {}).items()
        if schema.get("default") is not None
    }
    before = backend.hooks.creating.get(resource_type)
    if before is not None:
        before(backend, call.body)
    above = {f"{name}Id": int(call.incoming.path_values[name]) for name in _parent_names(endpoint, call)}
    record = backend.add(resource_type, {**_made_up(call), **defaults, **_sent(call), **above}, parents)
    if (after := backend.hooks.created.get(resource_type)) is not None:
        after(backend, record)
    announce_change(backend, record, "created")
    return enveloped(call, backend.present(endpoint, record))


def _sent(call: EndpointCall) -> dict[str, Any]:
    """The fields of the body without those that only the server sets."""
    server_set = call.backend.hooks.server_set.get(resource_type_of(call.endpoint.path), frozenset())
    return {name: value for name, value in call.body.items() if name not in server_set}


def _made_up(call: EndpointCall) -> dict[str, Any]:
    """Generated values of the required fields, where the operation permits a request without a body."""
    schema = call.endpoint.body_schema
    if call.body or schema is None:
        return {}
    made = call.backend.values.make(schema)
    return {name: made[name] for name in call.backend.values.required(schema)}


def _parent_names(endpoint: Endpoint, call: EndpointCall) -> list[str]:
    """The numeric path parameters, which become fields of a new record."""
    return [name for name in endpoint.names if call.incoming.path_values[name].isdecimal()]


@rule
def change(call: EndpointCall) -> EmulatorResponse:
    """Change some fields of a record and keep the others."""
    record = call.backend.addressed(call.endpoint, call.incoming.path_values)
    refuse_unknown_references(call)
    resource_type = resource_type_of(call.endpoint.collection)
    refuse_contradictions(call, resource_type, record.fields)
    if (rule := call.backend.hooks.changing.get(resource_type)) is not None:
        rule(call.backend, record, call.body)
    apply_changes(call, record)
    announce_change(call.backend, record, "updated")
    return enveloped(call, call.backend.present(call.endpoint, record))


@rule
def apply_changes(call: EndpointCall, record: Record) -> None:
    """Write the fields of a partial update to a record; what only the server sets inside of them is kept."""
    properties = call.backend.values.properties(call.endpoint.body_schema or {})
    changes = writable_fields(call)
    for name in changes.keys() & properties.keys():
        if isinstance(changes[name], Mapping):
            changes[name] = {**changes[name], **_server_set(call, properties[name], record.fields.get(name))}
    call.backend.change(record, changes)


def _server_set(call: EndpointCall, schema: SchemaObject, known: Any) -> dict[str, Any]:
    """The fields of an object that a request cannot write."""
    book, properties = call.backend.router.book, call.backend.values.properties(schema)
    fields = known.items() if isinstance(known, Mapping) else ()
    return {name: value for name, value in fields if book.deref(properties.get(name, {})).get("readOnly")}


@rule
def replace(call: EndpointCall) -> EmulatorResponse:
    """Replace the writable fields of a record; create it where the caller chooses the key."""
    backend, endpoint = call.backend, call.endpoint
    refuse_unknown_references(call)
    refuse_contradictions(call, resource_type_of(endpoint.collection), {})
    try:
        record = backend.addressed(endpoint, call.incoming.path_values)
    except RefusedError:
        if endpoint.names[-1] not in ("date", "weekDay"):
            raise
        record = backend.add(
            resource_type_of(endpoint.collection), {}, backend.parents(endpoint, call.incoming.path_values)
        )
        record.fields[endpoint.names[-1]] = call.incoming.path_values[endpoint.names[-1]]
    if (rule := backend.hooks.changing.get(record.resource_type)) is not None:
        rule(backend, record, call.body)
    clear_writable(call, record)
    backend.change(record, writable_fields(call))
    announce_change(backend, record, "updated")
    return enveloped(call, backend.present(endpoint, record))


@rule
def clear_writable(call: EndpointCall, record: Record) -> None:
    """Clear what a replacement may write, so that what it leaves out is not kept."""
    for name, schema in call.backend.values.properties(call.endpoint.body_schema or {}).items():
        if not schema.get("readOnly") and camel_case(name) != "id":
            record.fields.pop(camel_case(name), None)


def remove(call: EndpointCall) -> EmulatorResponse:
    """Delete a record."""
    record = call.backend.addressed(call.endpoint, call.incoming.path_values)
    resource_type = resource_type_of(call.endpoint.collection)
    if (rule := call.backend.hooks.removing.get(resource_type)) is not None:
        rule(call.backend, record)
    delete_record(call, record)
    return EmulatorResponse(call.endpoint.success)


@rule
def delete_record(call: EndpointCall, record: Record) -> None:
    """Delete a record with everything that depends on it, and announce that."""
    resource_type = resource_type_of(call.endpoint.collection)
    call.backend.store.remove(resource_type, record)
    if (after := call.backend.hooks.removed.get(resource_type)) is not None:
        after(call.backend, record)
    announce_change(call.backend, record, "deleted")


def read_single(call: EndpointCall) -> EmulatorResponse:
    """What a record, or the operator, has exactly one of."""
    parents = call.backend.parents(call.endpoint, call.incoming.path_values)
    single = _single(call, parents)
    schema = call.endpoint.item_schema
    return enveloped(call, call.backend.values.shape(schema, single) if schema is not None else None)


@rule
def write_single(call: EndpointCall) -> EmulatorResponse:
    """Write or clear a single resource."""
    parents = call.backend.parents(call.endpoint, call.incoming.path_values)
    refuse_unknown_references(call)
    refuse_contradictions(call, resource_type_of(call.endpoint.path), {})
    single = _single(call, parents)
    if call.endpoint.operation.method in ("PUT", "DELETE"):
        single.clear()
    single |= {camel_case(name): value for name, value in call.body.items()}
    single["lastUpdatedAt"] = format_timestamp(call.backend.now())
    schema = call.endpoint.item_schema
    return enveloped(call, call.backend.values.shape(schema, single) if schema is not None else None)


def act(call: EndpointCall) -> EmulatorResponse:
    """Accept an action that has no handler of its own, if the records that it refers to exist."""
    for name in call.endpoint.names:
        parameter = next(item for item in call.endpoint.parameters if item.name == name)
        if "enum" not in call.backend.router.book.deref(parameter.schema):
            call.backend.named(name, call.incoming.path_values[name])
    refuse_unknown_references(call)
    return accepted(call)


def _single(call: EndpointCall, parents: dict[str, str]) -> dict[str, Any]:
    single = call.backend.single(resource_type_of(call.endpoint.path), parents)
    if not single and call.endpoint.operation.method == "GET" and call.endpoint.item_schema is not None:
        made = call.backend.values.make(call.endpoint.item_schema, full=True)
        single |= made if isinstance(made, dict) else {}
    return single


@rule
def writable_fields(call: EndpointCall) -> dict[str, Any]:
    """The fields of the body that are documented there and not read-only; others of the response are ignored."""
    backend, endpoint = call.backend, call.endpoint
    shown = backend.values.properties(endpoint.item_schema or {})
    properties = {**shown, **backend.values.properties(endpoint.body_schema or {})}
    documented = backend.values.names(endpoint.body_schema or {})
    return {
        name: value
        for name, value in call.body.items()
        if name != "id"
        and (name in documented or name not in shown)
        and not backend.router.book.deref(properties.get(name, {})).get("readOnly")
    }


@rule
def refuse_unknown_references(call: EndpointCall) -> None:
    """Raise RefusedError when the body refers to records that do not exist."""
    errors = call.backend.check_references(call.body)
    if errors and 422 in call.endpoint.statuses:
        raise RefusedError(422, next(iter(errors.values()))[0], errors)


@rule
def refuse_contradictions(call: EndpointCall, resource_type: str, known: Mapping[str, Any]) -> None:
    """Raise RefusedError when fields of the body contradict each other, or those that the record has."""
    backend, endpoint = call.backend, call.endpoint
    writable = backend.values.properties(endpoint.body_schema or {})
    broken = backend.hooks.broken_rules(backend, resource_type, known, call.body) if call.body else []
    errors = {name: [f"The {name} field is invalid here."] for name in broken if name.partition(".")[0] in writable}
    if errors and 422 in endpoint.statuses:
        raise RefusedError(422, next(iter(errors.values()))[0], errors)


_ITEM_HANDLERS: Mapping[str, Handler] = {"GET": read, "PATCH": change, "PUT": replace, "DELETE": remove}
