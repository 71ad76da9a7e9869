"""Sending failed notifications again.

Facts: one resend per subscription in 15 minutes, 409 for another.
"""

from datetime import datetime, timedelta

from ampeco_emulator.clock import written
from ampeco_emulator.resources import Call, Handler, accepted
from ampeco_emulator.world import Answer, RefusedError

_PAUSE = timedelta(minutes=15)


def resend(call: Call) -> Answer:
    """Accept a resend, once in a while."""
    subscription = call.world.named("notification", call.incoming.path_values["notification"])
    now, last = call.world.now(), subscription.state.get("resentAt")
    if last is not None and now < datetime.fromisoformat(last) + _PAUSE:
        raise RefusedError(409, "The notifications of a subscription can be resent once in 15 minutes.")
    subscription.state["resentAt"] = written(now)
    return accepted(call)


HANDLERS: dict[str, Handler] = {"POST /public-api/actions/notifications/v1.0/{notification}/resend": resend}
