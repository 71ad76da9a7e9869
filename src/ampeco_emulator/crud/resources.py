"""Generic handlers: list, read, create, change, replace and remove records; read and write single resources."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, ListingFilter, RefusedError
from ampeco_emulator.backend.changes import announce_change
from ampeco_emulator.backend.resource_types import resource_type_of
from ampeco_emulator.backend.rules import Overrides, rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud.filters import RecordPredicate, filtered, filters_of, predicate_of
from ampeco_emulator.crud.listing import page_of
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.validation import Incoming
from ampeco_emulator.openapi.values import camel_case

# The number of filtered listings that are cached.
_REMEMBERED = 32


@dataclass(frozen=True)
class EndpointCall:
    """One request to an endpoint, as its handler receives it.

    `url` is the address without the query; `admits` decides which records the caller may see (None: all of them);
    `token` is that of the caller.
    """

    backend: Backend
    endpoint: Endpoint
    incoming: Incoming
    url: str
    admits: Callable[[Record], bool] | None = None
    token: str = field(default="", repr=False)

    @property
    def overrides(self) -> Overrides:
        """The overrides in effect."""
        return self.backend.overrides

    @property
    def body(self) -> dict[str, Any]:
        """The fields of the request body."""
        return self.incoming.body if isinstance(self.incoming.body, dict) else {"items": self.incoming.body}


Handler = Callable[[EndpointCall], EmulatorResponse]


def handler_of(backend: Backend, endpoint: Endpoint) -> Handler:
    """The generic handler of an endpoint that has no handler of its own."""
    if "/actions/" in endpoint.path and endpoint.operation.method == "POST":
        return act
    if endpoint.ends_in_parameter:
        return _ITEM_HANDLERS.get(endpoint.operation.method, _ITEM_HANDLERS["PATCH"])
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
    """Respond with a page of a collection."""
    backend, endpoint = call.backend, call.endpoint
    parents = backend.parents(endpoint, call.incoming.path_values)
    records = records_below(call, parents)
    filters = requested_filters(call)
    if filters:
        _prepare(call, filters)
        records = _filtered(call, records, filters)
    if call.admits is not None:
        records = [record for record in records if call.admits(record)]
    shown, envelope = requested_page(call, records)
    return EmulatorResponse(200, {"data": backend.present_all(endpoint, shown, call.incoming), **envelope})


@rule
def records_below(call: EndpointCall, parents: Mapping[str, str]) -> list[Record]:
    """The records of a collection, before they are filtered."""
    return call.backend.store.all(resource_type_of(call.endpoint.path), parents)


@rule
def requested_filters(call: EndpointCall) -> Mapping[str, Any]:
    """The filters of a query: the `filter[...]` parameters with their values."""
    return {name: value for name, value in call.incoming.query.items() if name.startswith("filter[")}


@rule
def requested_page(call: EndpointCall, records: list[Record]) -> tuple[list[Record], dict[str, Any]]:
    """The records of the requested page, and the `links` and `meta` of the listing."""
    return page_of(call.endpoint, call.incoming, records, call.url)


@rule
def filter_predicates(call: EndpointCall, filters: Mapping[str, Any]) -> list[RecordPredicate]:
    """One predicate for every filter; a listing keeps the records that satisfy all of them."""
    show = _unstored(call)
    return [
        predicate_of(key, wanted, show)
        if (own := _documented_filter(call, key)) is None
        else own.predicate(call.backend, call.endpoint, wanted)
        for key, wanted in filters_of(filters)
    ]


def _documented_filter(call: EndpointCall, key: str) -> ListingFilter | None:
    """The row of a filter; None for one that only a user's own document has, and for a path of application data."""
    return call.backend.hooks.filters.get((resource_type_of(call.endpoint.path), key))


def _prepare(call: EndpointCall, filters: Mapping[str, Any]) -> None:
    """Bring the fields up to date that the records are filtered by."""
    if (prepare := call.backend.hooks.filtering.get(resource_type_of(call.endpoint.path))) is not None:
        for key, _ in filters_of(filters):
            prepare(call.backend, key)


def _filtered(call: EndpointCall, records: list[Record], filters: Mapping[str, Any]) -> list[Record]:
    """The records that pass the filters; kept, and brought up to date when a record of the resource type changes."""
    rows = (_documented_filter(call, key) for key, _ in filters_of(filters))
    others = {name for row in rows if row is not None for name in row.read.others}
    versions = tuple(map(call.backend.store.version, (resource_type_of(call.endpoint.path), *sorted(others))))
    wanted = sorted((name, str(value)) for name, value in filters.items())
    question = (call.endpoint.operation.label, *call.incoming.path_values.values(), *wanted)
    known = call.backend.filter_cache.get(question)
    if known is not None and known[0] == versions:
        return known[1]
    if known is not None and known[0][1:] == versions[1:] and _update_found(call, filters, known[0][0], known[1]):
        call.backend.filter_cache[question] = (versions, known[1])
        return known[1]
    found = list(filtered(records, filter_predicates(call, filters)))
    if len(call.backend.filter_cache) >= _REMEMBERED:
        call.backend.filter_cache.clear()
    call.backend.filter_cache[question] = (versions, found)
    return found


def _update_found(call: EndpointCall, filters: Mapping[str, Any], version: int, found: list[Record]) -> bool:
    """Bring what filters found at a version up to date, if only few of all records have changed."""
    store, resource_type = call.backend.store, resource_type_of(call.endpoint.path)
    changed = store.changed_since(resource_type, version)
    # An override may give a collection other records than those of its path, or in another order.
    if changed is None or call.incoming.path_values or call.backend.overrides:
        return False
    predicates = filter_predicates(call, filters)
    for number in changed:
        place = bisect_left(found, number, key=_id)
        was_found = place < len(found) and found[place].id == number
        record = store.peek(resource_type, number)
        kept = [] if record is None else list(filtered([record], predicates))
        found[place : place + was_found] = kept
    return True


def _id(record: Record) -> int:
    return record.id


def _unstored(call: EndpointCall) -> Callable[[Record, str], Any]:
    """Gives the value that a record shows under a name without storing it: a required field that was never set."""
    # A version may spell a field in snake_case, which is stored in camelCase.
    spelled = {camel_case(name): name for name in call.backend.values.properties(call.endpoint.item_schema or {})}

    def show(record: Record, name: str) -> Any:
        is_unstored = name in spelled and name not in record.fields
        return call.backend.present(call.endpoint, record).get(spelled[name]) if is_unstored else None

    return show


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
    """Write the fields of a partial update to a record."""
    call.backend.change(record, writable_fields(call))


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


def accepted(call: EndpointCall, **fields: Any) -> EmulatorResponse:
    """The documented success of an action, with these fields of the response."""
    status = call.endpoint.success
    schema = call.endpoint.response_schema(status)
    if schema is None:
        return EmulatorResponse(status)
    body = call.backend.values.make(schema)
    if isinstance(body, dict):
        known = call.backend.values.properties(schema)
        if "data" in known:
            body.setdefault("data", call.backend.values.make(known["data"]))
        inner = body["data"] if isinstance(body.get("data"), dict) else body
        inner |= {name: value for name, value in fields.items() if inner is not body or name in known}
    return EmulatorResponse(status, call.backend.values.shape(schema, body))


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


def enveloped(call: EndpointCall, shown: Any) -> EmulatorResponse:
    """The response with a representation: as `{"data": ...}`, without an envelope, or without a body."""
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


_ITEM_HANDLERS: Mapping[str, Handler] = {"GET": read, "PATCH": change, "PUT": replace, "DELETE": remove}
