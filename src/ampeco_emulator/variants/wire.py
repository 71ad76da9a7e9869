"""Variants of responses: how times, numbers and missing values are written, what is required, who else is there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ampeco_emulator.backend.backend import EmulatorResponse, RefusedError
from ampeco_emulator.backend.rules import always, override
from ampeco_emulator.crud import resources
from ampeco_emulator.crud.calls import EndpointCall
from ampeco_emulator.domain.charging import sessions
from ampeco_emulator.http import api
from ampeco_emulator.http.api import EmulatedApi, Respond, RoutedRequest
from ampeco_emulator.http.body_changes import everywhere, rewritten, timestamps
from ampeco_emulator.variants.model import EmulatorVariant

#: Below this a float is exact where it is whole.
_EXACT = 2**53
_EAST = timezone(timedelta(hours=5, minutes=30))
#: What belongs to an operator.
_OWNED = frozenset(
    {"users", "partners", "charge-points", "locations", "tariffs", "tariff-groups", "subscription-plans", "taxes"}
)
#: How often somebody else does something: with every so many requests.
_OFTEN = 7


def _in_the_east(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(_EAST).isoformat()


def _plain_number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT else value


def _reversed_fields(value: Any) -> Any:
    return dict(reversed(value.items())) if isinstance(value, dict) else value


def _without_nulls(decide: Respond, served: EmulatedApi, routed: RoutedRequest) -> EmulatorResponse:
    """Leave out the null fields of responses that need not be there."""
    endpoint, response = routed.endpoint, decide(served, routed)
    schema = endpoint.response_schema(response.status)
    values = served.backend.values

    def present(schema: Any, value: Any) -> Any:
        if isinstance(value, list):
            items = endpoint.book.deref(schema).get("items", {})
            return [present(items, item) for item in value]
        if not isinstance(value, dict):
            return value
        known, required = values.properties(schema), values.required(schema)
        return {
            name: present(known.get(name, {}), item)
            for name, item in value.items()
            if item is not None or name in required or name not in known
        }

    return (
        response if schema is None or response.status >= 300 else replace(response, body=present(schema, response.body))
    )


def _with_operator(decide: Callable[[EndpointCall], EmulatorResponse], call: EndpointCall) -> EmulatorResponse:
    """Refuse a creation that names no operator, of what belongs to one."""
    is_owned = call.endpoint.path.rpartition("/resources/")[2].partition("/")[0] in _OWNED
    if is_owned and call.body.get("operatorId") is None and 422 in call.endpoint.statuses:
        message = "The operatorId field is required."
        raise RefusedError(422, message, {"operatorId": [message]})
    return decide(call)


def _busy(decide: Respond, served: EmulatedApi, routed: RoutedRequest) -> EmulatorResponse:
    """Let others sign up, charge, reserve and stop between the requests."""
    backend = served.backend
    count = backend.single("busy", {})
    count["requests"] = turn = count.get("requests", 0) + 1
    if turn % _OFTEN == 0:
        users = backend.store.all("users")
        fields = {**users[0].fields, "email": f"somebody-{turn}@example.com"}
        somebody = backend.add("users", {name: value for name, value in fields.items() if name != "id"})
        backend.add("transactions", {**_A_PAYMENT, "userId": somebody.id})
        free = [evse for evse in backend.store.all("evses") if evse.fields.get("hardwareStatus") == "available"]
        others = [session for session in backend.store.running_sessions() if session.state.get("other")]
        for session in others:
            session.state["stopping"] = "local"
            sessions.stop_accepted(backend, session, backend.now())
        if not others and len(free) > 20:
            begun = sessions.begin(backend, free[-4], {}, method="rfid", user=somebody)
            begun.state["other"] = True
    return decide(served, routed)


_A_PAYMENT: dict[str, Any] = {
    "sessionId": None,
    "totalAmount": 7.0,
    "currency": "EUR",
    "status": "finalized",
    "paymentMethod": "balance",
    "paymentMethodId": "balance",
    "purchaseResourceType": "custom_fee",
}

WIRE = (
    EmulatorVariant(
        "moments-with-fractions",
        "wire",
        "times have fractions of a second",
        (rewritten(timestamps(lambda moment: f"{moment[:-1]}.000Z")),),
    ),
    EmulatorVariant(
        "moments-with-offset", "wire", "times have an offset in place of Z", (rewritten(timestamps(_in_the_east)),)
    ),
    EmulatorVariant("plain-numbers", "wire", "whole numbers have no decimals", (rewritten(everywhere(_plain_number)),)),
    EmulatorVariant(
        "nulls-left-out", "wire", "optional fields are left out when null", (override(api.respond, _without_nulls),)
    ),
    EmulatorVariant(
        "fields-reversed", "wire", "fields come in another order", (rewritten(everywhere(_reversed_fields)),)
    ),
    EmulatorVariant(
        "operator-needed", "wire", "creations must name the operator", (override(resources.create, _with_operator),)
    ),
    EmulatorVariant("busy-tenant", "wire", "others sign up, charge and pay meanwhile", (override(api.respond, _busy),)),
    EmulatorVariant("slow-responses", "wire", "responses take 50 ms", (always(api.latency, 0.05),)),
)
