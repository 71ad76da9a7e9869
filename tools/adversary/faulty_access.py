"""Faulty access: what is read or done without a token, or with one that may not."""

from dataclasses import replace
from typing import Any

from tests.support.loopback import Received, Sent
from tests.support.reverse_proxy import PassOn
from tests.support.runs import TOKEN
from tools.adversary.server import Behaviour, ServerRow, allowing, is_on, object_sent, rewrite


def _open(method: str, path: str) -> Any:
    """No token is needed."""

    def behave(received: Received, forward: PassOn) -> Sent:
        if is_on(received, method, path) and received.headers.get("Authorization") is None:
            received.headers["Authorization"] = f"Bearer {TOKEN}"
        return forward(received)

    return lambda: behave


def _basic_accepted() -> Behaviour:
    """The token may be the user of Basic credentials."""

    def behave(received: Received, forward: PassOn) -> Sent:
        given = received.headers.get("Authorization") or ""
        if is_on(received, "GET", "resources/settings/v1.0") and given.lower().startswith("basic"):
            received.headers.replace_header("Authorization", f"Bearer {TOKEN}")
        return forward(received)

    return behave


def _bare_401() -> Behaviour:
    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, "GET", "resources/currencies/v2.0") and sent.status == 401:
            sent.content = b""
        return sent

    return behave


def _reads_unlisted() -> Behaviour:
    """A partner's token reads any session by its id, though it lists every other one only."""

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, "GET", "resources/sessions/v1.0") and sent.status == 200 and _is_another(received):
            rewrite(received, sent, lambda _, body: body | {"data": body["data"][::2]})
        return sent

    return behave


def _is_another(received: Received) -> bool:
    return TOKEN not in (received.headers.get("Authorization") or TOKEN)


def _is_partner(received: Received, forward: PassOn) -> bool:
    listing = replace(received, method="GET", path="/public-api/resources/charge-points/v2.0", body=b"")
    return _is_another(received) and forward(listing).status == 200


def _has_body(received: Received, _forward: PassOn) -> bool:
    return _is_another(received) and bool(object_sent(received))


ACCESS = (
    ServerRow(
        "a notification is created without a token", _open("POST", "notifications/v1.0"), ["*/notifications/v1.0*"]
    ),
    ServerRow("settings are shown for Basic credentials", _basic_accepted, ["*/settings/*"]),
    ServerRow("the 401 of one listing has no body", _bare_401, ["*/currencies/*"]),
    ServerRow("a partner's token reads sessions that it does not list", _reads_unlisted, ["*/resources/sessions/*"]),
    ServerRow(
        "a partner's token reads EVSEs of others below their charge point",
        allowing("GET", r"resources/charge-points/v2.0/\d+/evses/\d+", _is_partner),
        ["*/resources/charge-points/v2.0", "*/resources/charge-points/v2.0/{chargePoint}/evses*"],
    ),
    ServerRow(
        "a read-only token changes currencies, if its body is not empty",
        allowing("PATCH", r"resources/currencies/v2.0/\d+", _has_body),
        ["*/currencies/v2.0*"],
    ),
    ServerRow(
        "a read-only token replaces an energy mix",
        allowing("PUT", r"resources/electricity-rates/v2.0/\d+/energy-mix", lambda received, _: _is_another(received)),
        ["*/energy-mix"],
    ),
)
