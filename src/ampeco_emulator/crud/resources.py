"""Every resource the same way: list, read, create, change, replace, remove; and what is there once per record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.changes import announce_change
from ampeco_emulator.backend.resource_types import resource_type_of
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud.filters import RecordPredicate, filtered, predicates_of
from ampeco_emulator.crud.listing import page_of
from ampeco_emulator.crud.misreading import filters_understood, meta_misread, newest_first, position_understood
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.validation import Incoming
from ampeco_emulator.openapi.values import camel_case

# How many filtered listings are remembered.
_REMEMBERED = 32


@dataclass(frozen=True)
class EndpointCall:
    """One request on its way to its handler.

    `url` is the address without the query; `admits` says which records the caller may see, all when None.
    """

    backend: Backend
    endpoint: Endpoint
    incoming: Incoming
    url: str
    admits: Callable[[Record], bool] | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The fields of the request body."""
        return self.incoming.body if isinstance(self.incoming.body, dict) else {"items": self.incoming.body}


Handler = Callable[[EndpointCall], EmulatorResponse]


def handler_of(backend: Backend, endpoint: Endpoint) -> Handler:
    """How an endpoint without a handler of its own is answered."""
    if "/actions/" in endpoint.path and endpoint.operation.method == "POST":
        return act
    if endpoint.ends_in_parameter:
        return {"GET": read, "PATCH": change, "PUT": replace, "DELETE": remove}[endpoint.operation.method]
    if endpoint.operation.method == "GET":
        return list_all if endpoint.is_list else read_single
    if endpoint.operation.method == "POST" and _is_collection(backend, endpoint):
        return create
    return write_single


def _is_collection(backend: Backend, endpoint: Endpoint) -> bool:
    listing = backend.router.get("GET", endpoint.path)
    below = (item for item in backend.router.endpoints if item.ends_in_parameter and item.collection == endpoint.path)
    return (listing is not None and listing.is_list) or next(below, None) is not None


def list_all(call: EndpointCall) -> EmulatorResponse:
    """A page of a collection."""
    backend, endpoint = call.backend, call.endpoint
    parents = backend.parents(endpoint, call.incoming.path_values)
    records = backend.store.all(
        resource_type_of(endpoint.path), {} if backend.misbehaves("children-of-others") else parents
    )
    everything = len(records)
    filters = filters_understood(call.incoming.query, backend.defect)
    if filters:
        records = _filtered(call, records, filters)
    if call.admits is not None:
        records = [record for record in records if call.admits(record)]
    incoming = position_understood(call.incoming, backend.defect)
    if backend.misbehaves("offset-cursor") and "cursor" in incoming.query and not filters:
        shown, envelope = newest_first(records, incoming, call.url)
    else:
        shown, envelope = page_of(endpoint, incoming, records, call.url)
    if "meta" in envelope:
        envelope["meta"] = meta_misread(envelope["meta"], call.incoming, everything, backend.defect)
    if backend.misbehaves("cursor-skips") and call.incoming.query.get("cursor"):
        shown = shown[1:]
    data = [backend.present(endpoint, record, call.incoming) for record in shown]
    return EmulatorResponse(200, {"data": data, **envelope})


def _filtered(call: EndpointCall, records: list[Record], filters: Mapping[str, Any]) -> list[Record]:
    """The records that pass the filters; remembered until one of the resource type changes, for the pages to come."""
    resource_type = resource_type_of(call.endpoint.path)
    wanted = sorted((name, str(value)) for name, value in filters.items())
    question = (call.endpoint.operation.label, call.backend.defect, *call.incoming.path_values.values(), *wanted)
    version = call.backend.store.version(resource_type)
    known = call.backend.filter_cache.get(question)
    if known is not None and known[0] == version:
        return known[1]
    found = list(filtered(records, _predicates(call, filters)))
    if len(call.backend.filter_cache) >= _REMEMBERED:
        call.backend.filter_cache.clear()
    call.backend.filter_cache[question] = (version, found)
    return found


def _predicates(call: EndpointCall, filters: Mapping[str, Any]) -> list[RecordPredicate]:
    predicates = predicates_of(filters, _unstored(call))
    if call.backend.misbehaves("empty-filters"):
        return [lambda _: False]
    if call.backend.misbehaves("exclusive-bounds"):
        bounds = set(filters.values())
        return [*predicates, lambda record: record.fields.get("lastUpdatedAt") not in bounds]
    if call.backend.misbehaves("inverted-filters"):
        return [lambda record: not all(predicate(record) for predicate in predicates)]
    return predicates


def _unstored(call: EndpointCall) -> Callable[[Record, str], Any]:
    """What a record shows under a name and does not store: the value of a required field that nobody has set."""
    known = call.backend.values.properties(call.endpoint.item_schema or {})

    def show(record: Record, name: str) -> Any:
        is_unstored = name in known and name not in record.fields
        return call.backend.present(call.endpoint, record).get(name) if is_unstored else None

    return show


def read(call: EndpointCall) -> EmulatorResponse:
    """One record."""
    record = call.backend.addressed(call.endpoint, call.incoming.path_values)
    return _enveloped(call, call.backend.present(call.endpoint, record, call.incoming))


def create(call: EndpointCall) -> EmulatorResponse:
    """A new record."""
    backend, endpoint = call.backend, call.endpoint
    parents = backend.parents(endpoint, call.incoming.path_values)
    refuse_unknown_references(call)
    defaults = {
        name: schema["default"]
        for name, schema in backend.values.properties(endpoint.body_schema or {}).items()
        if schema.get("default") is not None
    }
    resource_type = resource_type_of(endpoint.path)
    before = backend.hooks.creating.get(resource_type)
    if before is not None:
        before(backend, call.body)
    above = {f"{name}Id": int(call.incoming.path_values[name]) for name in _parent_names(endpoint, call)}
    record = backend.add(resource_type, {**_made_up(call), **defaults, **call.body, **above}, parents)
    if (after := backend.hooks.created.get(resource_type)) is not None:
        after(backend, record)
    announce_change(backend, record, "created")
    if backend.misbehaves("forget-created"):
        backend.store.remove(resource_type, record)
    return _enveloped(call, backend.present(endpoint, record))


def _made_up(call: EndpointCall) -> dict[str, Any]:
    """What a creation needs and was not given, where the operation allows that there is no body."""
    schema = call.endpoint.body_schema
    if call.body or schema is None:
        return {}
    made = call.backend.values.make(schema)
    return {name: made[name] for name in call.backend.values.required(schema)}


def _parent_names(endpoint: Endpoint, call: EndpointCall) -> list[str]:
    """The path parameters that are numbers: a new record says whose it is."""
    return [name for name in endpoint.names if call.incoming.path_values[name].isdecimal()]


def change(call: EndpointCall) -> EmulatorResponse:
    """Some fields of a record; the others stay."""
    record = call.backend.addressed(call.endpoint, call.incoming.path_values)
    refuse_unknown_references(call)
    if (rule := call.backend.hooks.changing.get(resource_type_of(call.endpoint.collection))) is not None:
        rule(call.backend, record, call.body)
    before = dict(record.fields)
    is_stale = call.backend.misbehaves("stale-answer")
    stale = _enveloped(call, call.backend.present(call.endpoint, record)) if is_stale else None
    if call.backend.misbehaves("patch-replaces"):
        record.fields = {"id": record.id}
    call.backend.change(record, _writable(call))
    if call.backend.misbehaves("take-read-only"):
        record.fields |= {camel_case(name): value for name, value in call.body.items() if name != "id"}
    announce_change(call.backend, record, "updated")
    response = _enveloped(call, call.backend.present(call.endpoint, record))
    if call.backend.misbehaves("forget-changes"):
        record.fields = before
    if call.backend.misbehaves("change-id"):
        record.fields["id"] = record.id + 1
    return stale or response


def replace(call: EndpointCall) -> EmulatorResponse:
    """All fields of a record that a caller may write; created where the key is the caller's to choose."""
    backend, endpoint = call.backend, call.endpoint
    refuse_unknown_references(call)
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
    writable = backend.values.properties(endpoint.body_schema or {})
    for name, schema in writable.items():
        if not schema.get("readOnly") and camel_case(name) != "id":
            record.fields.pop(camel_case(name), None)
    backend.change(record, _writable(call))
    announce_change(backend, record, "updated")
    return _enveloped(call, backend.present(endpoint, record))


def remove(call: EndpointCall) -> EmulatorResponse:
    """A record ceases to exist."""
    record = call.backend.addressed(call.endpoint, call.incoming.path_values)
    resource_type = resource_type_of(call.endpoint.collection)
    if (rule := call.backend.hooks.removing.get(resource_type)) is not None:
        rule(call.backend, record)
    if call.backend.misbehaves("keep-removed"):
        return EmulatorResponse(call.endpoint.success)
    call.backend.store.remove(resource_type, record)
    if call.backend.misbehaves("reuse-id"):
        call.backend.store.reuse_id(record)
    if (after := call.backend.hooks.removed.get(resource_type)) is not None:
        after(call.backend, record)
    announce_change(call.backend, record, "deleted")
    return EmulatorResponse(call.endpoint.success)


def read_single(call: EndpointCall) -> EmulatorResponse:
    """What a record, or the operator, has exactly one of."""
    parents = call.backend.parents(call.endpoint, call.incoming.path_values)
    single = _single(call, parents)
    schema = call.endpoint.item_schema
    return _enveloped(call, call.backend.values.shape(schema, single) if schema is not None else None)


def write_single(call: EndpointCall) -> EmulatorResponse:
    """Write, or clear, what there is exactly one of."""
    parents = call.backend.parents(call.endpoint, call.incoming.path_values)
    refuse_unknown_references(call)
    single = _single(call, parents)
    if call.endpoint.operation.method in ("PUT", "DELETE"):
        single.clear()
    single |= {camel_case(name): value for name, value in call.body.items()}
    single["lastUpdatedAt"] = format_timestamp(call.backend.now())
    schema = call.endpoint.item_schema
    return _enveloped(call, call.backend.values.shape(schema, single) if schema is not None else None)


def act(call: EndpointCall) -> EmulatorResponse:
    """An action nobody gave a behaviour of its own: accepted, when what it acts on exists."""
    for name in call.endpoint.names:
        parameter = next(item for item in call.endpoint.parameters if item.name == name)
        if "enum" not in call.backend.router.book.deref(parameter.schema):
            call.backend.named(name, call.incoming.path_values[name])
    refuse_unknown_references(call)
    return accepted(call)


def accepted(call: EndpointCall, **fields: Any) -> EmulatorResponse:
    """The documented success of an action, with some fields of its answer given."""
    status = call.endpoint.success
    schema = call.endpoint.response_schema(status)
    if schema is None:
        return EmulatorResponse(status)
    body = call.backend.values.make(schema)
    if isinstance(body, dict):
        inner = body["data"] if isinstance(body.get("data"), dict) else body
        known = call.backend.values.properties(schema)
        inner |= {name: value for name, value in fields.items() if inner is not body or name in known}
    return EmulatorResponse(status, call.backend.values.shape(schema, body))


def _single(call: EndpointCall, parents: dict[str, str]) -> dict[str, Any]:
    single = call.backend.single(resource_type_of(call.endpoint.path), parents)
    if not single and call.endpoint.operation.method == "GET" and call.endpoint.item_schema is not None:
        made = call.backend.values.make(call.endpoint.item_schema, full=True)
        single |= made if isinstance(made, dict) else {}
    return single


def _writable(call: EndpointCall) -> dict[str, Any]:
    """The body less what only the server sets: what is readOnly in the request or, if that lacks it, in the answer."""
    backend, endpoint = call.backend, call.endpoint
    shown = backend.values.properties(endpoint.item_schema or {})
    properties = {**shown, **backend.values.properties(endpoint.body_schema or {})}
    writable = {
        name: value
        for name, value in call.body.items()
        if name != "id" and not backend.router.book.deref(properties.get(name, {})).get("readOnly")
    }
    if backend.misbehaves("ignore-null"):
        return {name: value for name, value in writable.items() if value is not None}
    return writable


def refuse_unknown_references(call: EndpointCall) -> None:
    """Raise RefusedError when the body names records that do not exist."""
    errors = call.backend.check_references(call.body)
    if errors and 422 in call.endpoint.statuses and not call.backend.misbehaves("accept-unknown-reference"):
        raise RefusedError(422, next(iter(errors.values()))[0], errors)


def _enveloped(call: EndpointCall, shown: Any) -> EmulatorResponse:
    """The answer around what is shown: `{"data": ...}`, or the thing itself, or nothing."""
    status = call.endpoint.success
    schema = call.endpoint.response_schema(status)
    if schema is None:
        return EmulatorResponse(status)
    if "data" not in call.endpoint.response_properties:
        return EmulatorResponse(status, shown)
    if call.endpoint.is_list:
        shown = [shown]
    if call.endpoint.has_plain_envelope:
        return EmulatorResponse(status, {"data": shown})
    return EmulatorResponse(status, call.backend.values.shape(schema, {"data": shown}))
