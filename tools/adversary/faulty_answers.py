"""Faulty answers: values, bodies and headers of reads and refusals."""

import re
from dataclasses import replace
from typing import Any

from tests.support.loopback import Received, Sent, sent_json
from tests.support.reverse_proxy import PassOn
from tools.adversary.server import Behaviour, ServerRow, counted, is_on, items_of, rewriting


def _second_read_missing() -> Behaviour:
    number = counted()

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, "GET", r"resources/user-groups/v1.0/\d+") and sent.status == 200:
            return sent_json({"message": "Not found."}, 404) if number(received.path) % 2 else sent
        return sent

    return behave


def _shorter_names(_received: Received, body: Any) -> None:
    for item in items_of(body):
        item["name"] = item.get("name", "")[:8]


def _page_404() -> Behaviour:
    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, "GET", r"resources/locations/v2.0/\d+/charging-zones/\d+") and sent.status == 404:
            sent.headers["content-type"] = "text/html"
        return sent

    return behave


def _impossible_day(_received: Received, body: Any) -> None:
    for item in items_of(body):
        if item.get("id") in (3, "3"):
            item["periodEnd"] = "2026-02-30T10:00:00Z"


def _stats_of_another() -> Behaviour:
    def behave(received: Received, forward: PassOn) -> Sent:
        if is_on(received, "GET", r"resources/sessions/v1.0/\d+/consumption-stats"):
            other = re.sub(r"/v1.0/\d+/", "/v1.0/2/", received.path)
            if forward(received).status == 200:
                return forward(replace(received, path=other))
        return forward(received)

    return behave


def _errors_under_action(_received: Received, body: Any) -> None:
    body.pop("errors", None)


def _masked_address(_received: Received, body: Any) -> None:
    for item in items_of(body):
        if item.get("status") == "disabled":
            item["email"] = None


def _without_country(received: Received, body: Any) -> None:
    if re.search(r"/\d+$", received.path.partition("?")[0]):
        for item in items_of(body):
            item.pop("country", None)


def _other_label(_received: Received, body: Any) -> None:
    for item in items_of(body):
        item["label"] = f"{item.get('label')} *"


def _latin(received: Received, forward: PassOn) -> Sent:
    sent = forward(received)
    if is_on(received, "GET", "resources/partners/v2.0.*"):
        sent.headers["content-type"] = "application/json; charset=iso-8859-1"
    return sent


def _stopped_too_early(_received: Received, body: Any) -> None:
    for item in items_of(body):
        if str(item.get("id")) == "4":
            item["stoppedAt"] = "2020-01-01T00:00:00Z"


def _lists_for_objects(_received: Received, body: Any) -> None:
    for item in items_of(body):
        item.update({name: [] for name in ("restrictions", "stopSession") if item.get(name) == {}})


ANSWERS = (
    ServerRow("every second read of a user group is answered 404", _second_read_missing, ["*/user-groups/*"]),
    ServerRow(
        "the oldest version of partners cuts names at eight letters",
        rewriting("GET", r"resources/partners/v1.0(/\d+)?", _shorter_names),
        ["GET */partners/v*"],
    ),
    ServerRow("the 404 of a charging zone declares HTML", _page_404, ["*/charging-zones*"]),
    ServerRow(
        "one receipt ends on February 30",
        rewriting("GET", r"resources/receipts/v2.0(/\d+)?", _impossible_day),
        ["GET */receipts/v2.0*"],
    ),
    ServerRow(
        "every session has the consumption of session 2",
        _stats_of_another,
        ["*/resources/sessions/*", "*/start*"],
        selection=("-k", "statistics_and_intervals"),
    ),
    ServerRow(
        "the 422 of one action names no fields",
        rewriting("POST", r"actions/users/v1.0/\d+/add-balance", _errors_under_action, failed=True),
        ["*/add-balance"],
    ),
    ServerRow(
        "the e-mail address of disabled users is null",
        rewriting("GET", r"resources/users/v1.0(/\d+)?", _masked_address),
        ["GET */users/v1.0", "GET */users/v1.0/{user}"],
    ),
    ServerRow(
        "reads of a partner lack the country that the listing shows",
        rewriting("GET", r"resources/partners/v2.0/\d+", _without_country),
        ["GET */partners/v2.0*"],
    ),
    ServerRow(
        "EVSEs have another label below their charge point",
        rewriting("GET", r"resources/charge-points/v2.0/\d+/evses(/\d+)?", _other_label),
        ["GET */charge-points/v2.0/{chargePoint}/evses*", "GET */evses/v2.1*"],
    ),
    ServerRow("answers about partners declare ISO-8859-1", lambda: _latin, ["GET */partners/v2.0*"]),
    ServerRow(
        "one session stopped before it started",
        rewriting("GET", r"resources/sessions/v1.0(/\d+)?", _stopped_too_early),
        ["GET */resources/sessions/v1.0*"],
    ),
    ServerRow(
        "empty objects of tariffs are empty lists",
        rewriting("GET", r"resources/tariffs/v1.0(/\d+)?", _lists_for_objects),
        ["GET */tariffs/v1.0*"],
    ),
)
