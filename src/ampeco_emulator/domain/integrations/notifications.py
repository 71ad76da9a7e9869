"""Subscriptions to events, in the form of both versions; resending of failed deliveries."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import parse_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted
from ampeco_emulator.crud.resources import create
from ampeco_emulator.domain.integrations.webhooks import SUBSCRIBED_WITH, callback_url, fingerprint
from ampeco_emulator.openapi.validation import Incoming

_BETWEEN_RESENDS = timedelta(minutes=15)


def show(_backend: Backend, subscription: Record, _incoming: Incoming | None) -> dict[str, Any]:
    """A subscription with the fields of both versions."""
    url = callback_url(subscription.fields)
    known = {"webhook": {"callbackUrl": url}, "callbackUrl": url} if url else {}
    return {"via": "webhook", **subscription.fields, **known, "webhookId": subscription.id}


def forget_channel(_backend: Backend, subscription: Record, _body: Mapping[str, Any]) -> None:
    """Remove the channel of a subscription before an update, which sets it in the form of its version."""
    for name in ("callbackUrl", "webhook", "kafka", "via"):
        subscription.fields.pop(name, None)


def subscribe(call: EndpointCall) -> EmulatorResponse:
    """Create a subscription, whose deliveries are signed with the token of the caller."""
    response = create(call)
    for newest in call.backend.store.all("notifications")[-1:]:
        newest.state.setdefault(SUBSCRIBED_WITH, fingerprint(call.token))
    return response


def resend(call: EndpointCall) -> EmulatorResponse:
    """Resend failed deliveries: webhooks only, at most once in 15 minutes."""
    backend = call.backend
    subscription = backend.named("notification", call.incoming.path_values["notification"])
    last = subscription.state.get("resentAt")
    start, end = _bound(call, "startTime"), _bound(call, "endTime")
    if subscription.fields.get("via") == "kafka":
        raise RefusedError(409, "Only webhook deliveries can be resent.")
    if last is not None and backend.now() - parse_timestamp(last) < _BETWEEN_RESENDS:
        raise RefusedError(409, "The last resend was requested less than 15 minutes ago.")
    subscription.state["resentAt"] = backend.now().isoformat()
    events = [str(event) for event in call.body.get("notifications") or ()]
    backend.resend(subscription.id, events, start, end)
    return accepted(call)


def _bound(call: EndpointCall, name: str) -> datetime | None:
    text = call.body.get(name)
    try:
        return parse_timestamp(text) if text else None
    except ValueError:
        message = f"The {name} is not a valid timestamp."
        raise RefusedError(422, message, {name: [message]}) from None


SHOWING = {"notifications": show}
CHANGING = {"notifications": forget_channel}
HANDLERS: dict[str, Handler] = {
    "POST /public-api/notifications/v1.0": subscribe,
    "POST /public-api/notifications/v2.0": subscribe,
    "POST /public-api/actions/notifications/v1.0/{notification}/resend": resend,
}
