"""Every resource the same way: list, read, create, change, replace, remove; and what is there once per record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ampeco_emulator.backend.backend import Answer, RefusedError, World
from ampeco_emulator.backend.changes import announce_change
from ampeco_emulator.backend.resource_types import family_of
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import written
from ampeco_emulator.crud.filters import Test, filtered, tests_of
from ampeco_emulator.crud.listing import page_of
from ampeco_emulator.crud.misreading import filters_understood, meta_misread, newest_first, position_understood
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.validation import Incoming
from ampeco_emulator.openapi.values import camel_case

# How many filtered listings are remembered.
_REMEMBERED = 32


@dataclass(frozen=True)
class Call:
    """One request on its way to its handler.

    `url` is the address without the query; `admits` says which records the caller may see, all when None.
    """

    world: World
    endpoint: Endpoint
    incoming: Incoming
    url: str
    admits: Callable[[Record], bool] | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The fields of the request body."""
        return self.incoming.body if isinstance(self.incoming.body, dict) else {"items": self.incoming.body}


Handler = Callable[[Call], Answer]


def handler_of(world: World, endpoint: Endpoint) -> Handler:
    """How an endpoint without a handler of its own is answered."""
    if "/actions/" in endpoint.path and endpoint.operation.method == "POST":
        return act
    if endpoint.ends_in_parameter:
        return {"GET": read, "PATCH": change, "PUT": replace, "DELETE": remove}[endpoint.operation.method]
    if endpoint.operation.method == "GET":
        return list_all if endpoint.is_list else read_single
    if endpoint.operation.method == "POST" and _is_collection(world, endpoint):
        return create
    return write_single


def _is_collection(world: World, endpoint: Endpoint) -> bool:
    listing = world.router.get("GET", endpoint.path)
    below = (item for item in world.router.endpoints if item.ends_in_parameter and item.collection == endpoint.path)
    return (listing is not None and listing.is_list) or next(below, None) is not None


def list_all(call: Call) -> Answer:
    """A page of a collection."""
    world, endpoint = call.world, call.endpoint
    parents = world.parents(endpoint, call.incoming.path_values)
    records = world.store.all(family_of(endpoint.path), {} if world.misbehaves("children-of-others") else parents)
    everything = len(records)
    filters = filters_understood(call.incoming.query, world.defect)
    if filters:
        records = _filtered(call, records, filters)
    if call.admits is not None:
        records = [record for record in records if call.admits(record)]
    incoming = position_understood(call.incoming, world.defect)
    if world.misbehaves("offset-cursor") and "cursor" in incoming.query and not filters:
        shown, envelope = newest_first(records, incoming, call.url)
    else:
        shown, envelope = page_of(endpoint, incoming, records, call.url)
    if "meta" in envelope:
        envelope["meta"] = meta_misread(envelope["meta"], call.incoming, everything, world.defect)
    if world.misbehaves("cursor-skips") and call.incoming.query.get("cursor"):
        shown = shown[1:]
    data = [world.present(endpoint, record, call.incoming) for record in shown]
    return Answer(200, {"data": data, **envelope})


def _filtered(call: Call, records: list[Record], filters: Mapping[str, Any]) -> list[Record]:
    """The records that pass the filters; remembered until one of the family changes, for the pages to come."""
    family = family_of(call.endpoint.path)
    wanted = sorted((name, str(value)) for name, value in filters.items())
    question = (call.endpoint.operation.label, call.world.defect, *call.incoming.path_values.values(), *wanted)
    version = call.world.store.version(family)
    known = call.world.answers.get(question)
    if known is not None and known[0] == version:
        return known[1]
    found = list(filtered(records, _tests(call, filters)))
    if len(call.world.answers) >= _REMEMBERED:
        call.world.answers.clear()
    call.world.answers[question] = (version, found)
    return found


def _tests(call: Call, filters: Mapping[str, Any]) -> list[Test]:
    tests = tests_of(filters, _unstored(call))
    if call.world.misbehaves("empty-filters"):
        return [lambda _: False]
    if call.world.misbehaves("exclusive-bounds"):
        bounds = set(filters.values())
        return [*tests, lambda record: record.fields.get("lastUpdatedAt") not in bounds]
    if call.world.misbehaves("inverted-filters"):
        return [lambda record: not all(test(record) for test in tests)]
    return tests


def _unstored(call: Call) -> Callable[[Record, str], Any]:
    """What a record shows under a name and does not store: the value of a required field that nobody has set."""
    known = call.world.values.properties(call.endpoint.item_schema or {})

    def show(record: Record, name: str) -> Any:
        is_unstored = name in known and name not in record.fields
        return call.world.present(call.endpoint, record).get(name) if is_unstored else None

    return show


def read(call: Call) -> Answer:
    """One record."""
    record = call.world.addressed(call.endpoint, call.incoming.path_values)
    return _enveloped(call, call.world.present(call.endpoint, record, call.incoming))


def create(call: Call) -> Answer:
    """A new record."""
    world, endpoint = call.world, call.endpoint
    parents = world.parents(endpoint, call.incoming.path_values)
    refuse_unknown_references(call)
    defaults = {
        name: schema["default"]
        for name, schema in world.values.properties(endpoint.body_schema or {}).items()
        if schema.get("default") is not None
    }
    family = family_of(endpoint.path)
    before = world.behaviour.creating.get(family)
    if before is not None:
        before(world, call.body)
    above = {f"{name}Id": int(call.incoming.path_values[name]) for name in _parent_names(endpoint, call)}
    record = world.add(family, {**_made_up(call), **defaults, **call.body, **above}, parents)
    if (after := world.behaviour.created.get(family)) is not None:
        after(world, record)
    announce_change(world, record, "created")
    if world.misbehaves("forget-created"):
        world.store.remove(family, record)
    return _enveloped(call, world.present(endpoint, record))


def _made_up(call: Call) -> dict[str, Any]:
    """What a creation needs and was not given, where the operation allows that there is no body."""
    schema = call.endpoint.body_schema
    if call.body or schema is None:
        return {}
    made = call.world.values.make(schema)
    return {name: made[name] for name in call.world.values.required(schema)}


def _parent_names(endpoint: Endpoint, call: Call) -> list[str]:
    """The path parameters that are numbers: a new record says whose it is."""
    return [name for name in endpoint.names if call.incoming.path_values[name].isdecimal()]


def change(call: Call) -> Answer:
    """Some fields of a record; the others stay."""
    record = call.world.addressed(call.endpoint, call.incoming.path_values)
    refuse_unknown_references(call)
    if (rule := call.world.behaviour.changing.get(family_of(call.endpoint.collection))) is not None:
        rule(call.world, record, call.body)
    before = dict(record.fields)
    is_stale = call.world.misbehaves("stale-answer")
    stale = _enveloped(call, call.world.present(call.endpoint, record)) if is_stale else None
    if call.world.misbehaves("patch-replaces"):
        record.fields = {"id": record.id}
    call.world.change(record, _writable(call))
    if call.world.misbehaves("take-read-only"):
        record.fields |= {camel_case(name): value for name, value in call.body.items() if name != "id"}
    announce_change(call.world, record, "updated")
    answer = _enveloped(call, call.world.present(call.endpoint, record))
    if call.world.misbehaves("forget-changes"):
        record.fields = before
    if call.world.misbehaves("change-id"):
        record.fields["id"] = record.id + 1
    return stale or answer


def replace(call: Call) -> Answer:
    """All fields of a record that a caller may write; created where the key is the caller's to choose."""
    world, endpoint = call.world, call.endpoint
    refuse_unknown_references(call)
    try:
        record = world.addressed(endpoint, call.incoming.path_values)
    except RefusedError:
        if endpoint.names[-1] not in ("date", "weekDay"):
            raise
        record = world.add(family_of(endpoint.collection), {}, world.parents(endpoint, call.incoming.path_values))
        record.fields[endpoint.names[-1]] = call.incoming.path_values[endpoint.names[-1]]
    if (rule := world.behaviour.changing.get(record.family)) is not None:
        rule(world, record, call.body)
    writable = world.values.properties(endpoint.body_schema or {})
    for name, schema in writable.items():
        if not schema.get("readOnly") and camel_case(name) != "id":
            record.fields.pop(camel_case(name), None)
    world.change(record, _writable(call))
    announce_change(world, record, "updated")
    return _enveloped(call, world.present(endpoint, record))


def remove(call: Call) -> Answer:
    """A record ceases to exist."""
    record = call.world.addressed(call.endpoint, call.incoming.path_values)
    family = family_of(call.endpoint.collection)
    if (rule := call.world.behaviour.removing.get(family)) is not None:
        rule(call.world, record)
    if call.world.misbehaves("keep-removed"):
        return Answer(call.endpoint.success)
    call.world.store.remove(family, record)
    if call.world.misbehaves("reuse-id"):
        call.world.store.give_again(record)
    if (after := call.world.behaviour.removed.get(family)) is not None:
        after(call.world, record)
    announce_change(call.world, record, "deleted")
    return Answer(call.endpoint.success)


def read_single(call: Call) -> Answer:
    """What a record, or the operator, has exactly one of."""
    parents = call.world.parents(call.endpoint, call.incoming.path_values)
    single = _single(call, parents)
    schema = call.endpoint.item_schema
    return _enveloped(call, call.world.values.shape(schema, single) if schema is not None else None)


def write_single(call: Call) -> Answer:
    """Write, or clear, what there is exactly one of."""
    parents = call.world.parents(call.endpoint, call.incoming.path_values)
    refuse_unknown_references(call)
    single = _single(call, parents)
    if call.endpoint.operation.method in ("PUT", "DELETE"):
        single.clear()
    single |= {camel_case(name): value for name, value in call.body.items()}
    single["lastUpdatedAt"] = written(call.world.now())
    schema = call.endpoint.item_schema
    return _enveloped(call, call.world.values.shape(schema, single) if schema is not None else None)


def act(call: Call) -> Answer:
    """An action nobody gave a behaviour of its own: accepted, when what it acts on exists."""
    for name in call.endpoint.names:
        parameter = next(item for item in call.endpoint.parameters if item.name == name)
        if "enum" not in call.world.router.book.deref(parameter.schema):
            call.world.named(name, call.incoming.path_values[name])
    refuse_unknown_references(call)
    return accepted(call)


def accepted(call: Call, **fields: Any) -> Answer:
    """The documented success of an action, with some fields of its answer given."""
    status = call.endpoint.success
    schema = call.endpoint.answer_schema(status)
    if schema is None:
        return Answer(status)
    body = call.world.values.make(schema)
    if isinstance(body, dict):
        inner = body["data"] if isinstance(body.get("data"), dict) else body
        known = call.world.values.properties(schema)
        inner |= {name: value for name, value in fields.items() if inner is not body or name in known}
    return Answer(status, call.world.values.shape(schema, body))


def _single(call: Call, parents: dict[str, str]) -> dict[str, Any]:
    single = call.world.single(family_of(call.endpoint.path), parents)
    if not single and call.endpoint.operation.method == "GET" and call.endpoint.item_schema is not None:
        made = call.world.values.make(call.endpoint.item_schema, full=True)
        single |= made if isinstance(made, dict) else {}
    return single


def _writable(call: Call) -> dict[str, Any]:
    """The body less what only the server sets: what is readOnly in the request or, if that lacks it, in the answer."""
    world, endpoint = call.world, call.endpoint
    shown = world.values.properties(endpoint.item_schema or {})
    properties = {**shown, **world.values.properties(endpoint.body_schema or {})}
    writable = {
        name: value
        for name, value in call.body.items()
        if name != "id" and not world.router.book.deref(properties.get(name, {})).get("readOnly")
    }
    if world.misbehaves("ignore-null"):
        return {name: value for name, value in writable.items() if value is not None}
    return writable


def refuse_unknown_references(call: Call) -> None:
    """Raise RefusedError when the body names records that do not exist."""
    errors = call.world.check_references(call.body)
    if errors and 422 in call.endpoint.statuses and not call.world.misbehaves("accept-unknown-reference"):
        raise RefusedError(422, next(iter(errors.values()))[0], errors)


def _enveloped(call: Call, shown: Any) -> Answer:
    """The answer around what is shown: `{"data": ...}`, or the thing itself, or nothing."""
    status = call.endpoint.success
    schema = call.endpoint.answer_schema(status)
    if schema is None:
        return Answer(status)
    if "data" not in call.endpoint.answer_properties:
        return Answer(status, shown)
    if call.endpoint.is_list:
        shown = [shown]
    if call.endpoint.has_plain_envelope:
        return Answer(status, {"data": shown})
    return Answer(status, call.world.values.shape(schema, {"data": shown}))
