"""Roaming: the order of custom tariff filters, their prices, and CDRs that other parties send.

Facts: an order left out goes last; where the order is taken the others move along; a partial reorder keeps the others'
relative positions; orders count from 1.
"""

from collections.abc import Mapping
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted

_FILTERS = "custom-tariff-filters"
_OPERATOR = "/public-api/resources/roaming-operators/v2.0/{roamingOperator}"
_SET_PRICING = (
    "POST /public-api/actions/roaming-operator/v2.0/{roamingOperator}"
    "/custom-tariff-filter/{customTariffFilter}/set-pricing-data"
)
_HIGHEST_ORDER = 2**31


def place_filter(backend: Backend, record: Record) -> None:
    """Place a new filter at its order, or last."""
    others = _others(backend, record)
    wanted = record.fields.get("order")
    if wanted is None:
        record.fields["order"] = max((_order(item) for item in others), default=0) + 1
    else:
        make_room(backend, others, int(wanted))
    record.fields = {"applicableCurrentTypes": [], **record.fields}


def move_filter(backend: Backend, record: Record, body: Mapping[str, Any]) -> None:
    """Move a filter to another order; the others make room."""
    if body.get("order") is not None and body["order"] != record.fields.get("order"):
        make_room(backend, _others(backend, record), int(body["order"]))


def switch_operator(_backend: Backend, operator: Record, body: Mapping[str, Any]) -> None:
    """A partner switches an operator on, null switches it off."""
    if "partnerId" in body:
        operator.fields["enabled"] = body["partnerId"] is not None


def reorder_filters(call: EndpointCall) -> EmulatorResponse:
    """Reorder some filters; the others keep their relative order in the remaining places."""
    operator = call.backend.named("roamingOperator", call.incoming.path_values["roamingOperator"])
    parents = {"roaming-operators": str(operator.id)}
    known = sorted(call.backend.store.all(_FILTERS, parents), key=_order)
    by_id = {item.id: item for item in known}
    named = sorted(call.body["filters"], key=lambda entry: int(entry["order"]))
    if any(entry["id"] not in by_id for entry in named):
        raise RefusedError(404, "No query results for this id.")
    chosen = {entry["id"] for entry in named}
    ordered = [item for item in known if item.id not in chosen]
    for entry in named:
        ordered.insert(max(0, int(entry["order"]) - 1), by_id[entry["id"]])
    for order, item in enumerate(dict.fromkeys(item.id for item in ordered), 1):
        call.backend.change(by_id[item], {"order": order})
    return accepted(call)


def set_pricing(call: EndpointCall) -> EmulatorResponse:
    """Store the pricing of a filter: an OCPI tariff."""
    operator = call.backend.named("roamingOperator", call.incoming.path_values["roamingOperator"])
    key, parents = call.incoming.path_values["customTariffFilter"], {"roaming-operators": str(operator.id)}
    record = call.backend.store.find(_FILTERS, key, parents)
    if record is None:
        raise RefusedError(404, "No query results for this id.")
    record.state["pricing"] = call.body
    call.backend.change(record, {})
    return accepted(call)


def receive_cdr(backend: Backend, fields: Mapping[str, Any]) -> Record:
    """Receive a CDR from another party, and announce it."""
    endpoint = backend.router.get("GET", "/public-api/resources/cdrs/v2.0")
    made = backend.values.make(endpoint.item_schema, full=True) if endpoint is not None and endpoint.item_schema else {}
    moment = format_timestamp(backend.now())
    record = backend.add("cdrs", {**made, "isLocal": False, "receivedAt": moment, **fields})
    record.fields["roamingId"] = fields.get("roamingId", f"CDR{record.id:08d}")
    backend.announce("cdr.received", {"id": str(record.id), "createdAt": moment})
    return record


def _others(backend: Backend, record: Record) -> list[Record]:
    parents = {"roaming-operators": record.parents.get("roaming-operators", "")}
    return sorted((item for item in backend.store.all(_FILTERS, parents) if item is not record), key=_order)


@rule
def make_room(backend: Backend, others: list[Record], wanted: int) -> None:
    """Increment the order of the filters that occupy a place, each pushing the next."""
    for item in others:
        if _order(item) == wanted:
            wanted += 1
            backend.change(item, {"order": wanted})


def _order(record: Record) -> int:
    # The order after the highest number that a caller can send could not be serialized.
    return min(int(record.fields.get("order") or 0), _HIGHEST_ORDER)


CREATED = {_FILTERS: place_filter}
CHANGING = {_FILTERS: move_filter, "roaming-operators": switch_operator}
HANDLERS: dict[str, Handler] = {
    f"PUT {_OPERATOR}/{_FILTERS}/reorder": reorder_filters,
    _SET_PRICING: set_pricing,
}
