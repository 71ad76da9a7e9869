"""Faulty writes: what is stored, answered or refused otherwise than documented."""

import json
import re
from dataclasses import replace
from typing import Any

from tests.support.loopback import Received, Sent
from tests.support.reverse_proxy import PassOn
from tools.adversary.server import (
    Behaviour,
    ServerRow,
    counted,
    invalid,
    is_on,
    object_sent,
    rewrite,
    rewriting,
    storing,
    with_body,
)


def _second_change_lost() -> Behaviour:
    changed: set[str] = set()

    def behave(received: Received, forward: PassOn) -> Sent:
        if not is_on(received, "PATCH", r"resources/user-groups/v1.0/\d+"):
            return forward(received)
        if received.path in changed and len(received.body) > 2:
            return forward(replace(received, method="GET", body=b""))
        sent = forward(received)
        changed.update({received.path} if sent.status == 200 else ())
        return sent

    return behave


def _next_id_answered(_received: Received, body: Any) -> None:
    body["data"]["id"] += 1


def _replacement_creates() -> Behaviour:
    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, "PUT", r"resources/utilities/v1.0/\d+") and sent.status < 300:
            forward(replace(received, method="POST", path="/public-api/resources/utilities/v1.0"))
        return sent

    return behave


def _resurrected() -> Behaviour:
    """What was removed is missing at the first read, and there again at later ones."""
    removed: dict[str, Sent] = {}
    number = counted()

    def behave(received: Received, forward: PassOn) -> Sent:
        on_tag = is_on(received, "GET|DELETE", r"resources/id-tags/v2.0/\d+")
        if on_tag and received.method == "DELETE":
            before = forward(replace(received, method="GET", body=b""))
            sent = forward(received)
            if sent.status == 204 and before.status == 200:
                removed[received.path] = before
            return sent
        if on_tag and received.path in removed and number(received.path) >= 1:
            return removed[received.path]
        return forward(received)

    return behave


def _moved_by_renaming() -> Behaviour:
    def behave(received: Received, forward: PassOn) -> Sent:
        def change(body: Any) -> None:
            if isinstance(body, dict) and "city" in body:
                body.setdefault("postCode", "99999")

        if is_on(received, "PATCH", r"resources/locations/v2.0/\d+"):
            received = with_body(received, change)
        return forward(received)

    return behave


def _cut_texts(body: Any) -> None:
    for text in body.get("answer") or [] if isinstance(body, dict) else []:
        if isinstance(text, dict) and isinstance(text.get("translation"), str):
            text["translation"] = text["translation"][:12]


def _capped_bonus(body: Any) -> None:
    if isinstance(body, dict) and isinstance(body.get("bonus"), int | float) and not isinstance(body["bonus"], bool):
        body["bonus"] = min(body["bonus"], 5)


def _name_required() -> Behaviour:
    def behave(received: Received, forward: PassOn) -> Sent:
        is_change = is_on(received, "PATCH", r"resources/charge-point-vendors/v1.0/\d+") and received.body
        return invalid("name") if is_change and len(object_sent(received)) < 2 else forward(received)

    return behave


def _maximum_refused() -> Behaviour:
    def behave(received: Received, forward: PassOn) -> Sent:
        is_most = re.search(rb'"taxPercentage": ?100\b(?!\.[1-9])', received.body) is not None
        if is_most and is_on(received, "POST|PATCH", r"resources/electricity-rates/v2.0(/\d+)?"):
            return invalid("taxPercentage")
        return forward(received)

    return behave


def _status_for_neighbour() -> Behaviour:
    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        found = re.search(r"actions/users/v1.0/(\d+)/change-status", received.path)
        if found and sent.status < 300:
            neighbours = (int(found[1]) + 1, int(found[1]) - 1)
            paths = (f"/public-api/actions/users/v1.0/{neighbour}/change-status" for neighbour in neighbours)
            any(forward(replace(received, path=path)).status < 300 for path in paths)
        return sent

    return behave


def _time_stays() -> Behaviour:
    times: dict[str, str] = {}

    def behave(received: Received, forward: PassOn) -> Sent:
        path = received.path.partition("?")[0]
        if is_on(received, "PATCH", r"resources/user-groups/v1.0/\d+") and b"description" in received.body:
            before = json.loads(forward(replace(received, method="GET", body=b"")).content)
            times[path] = times.get(path) or before.get("data", {}).get("lastUpdatedAt", "")
        sent = forward(received)
        if path in times and sent.status == 200:
            rewrite(received, sent, lambda _, body: body["data"].update(lastUpdatedAt=times[path]))
        return sent

    return behave


def _one_decimal(body: Any) -> None:
    if isinstance(body, dict) and isinstance(body.get("percentage"), float):
        body["percentage"] = round(body["percentage"], 1)


def _offset_dropped(body: Any) -> None:
    for name, value in body.items() if isinstance(body, dict) else ():
        if isinstance(value, str) and re.fullmatch(r".+T[\d:]{8}[+-][\d:]{5}", value):
            body[name] = f"{value[:-6]}Z"


def _first_tariff_only(body: Any) -> None:
    if isinstance(body, dict) and isinstance(body.get("tariffIds"), list):
        body["tariffIds"] = body["tariffIds"][:1]


def _own_name_taken(received: Received, forward: PassOn) -> Sent:
    if is_on(received, "PATCH", r"resources/partners/v2.0/\d+") and "name" in (body := object_sent(received)):
        shown = forward(replace(received, method="GET", body=b""))
        if shown.status == 200 and json.loads(shown.content)["data"]["name"] == body["name"]:
            return invalid("name")
    return forward(received)


def _replaced_once() -> Behaviour:
    before: dict[str, bytes] = {}

    def behave(received: Received, forward: PassOn) -> Sent:
        if not is_on(received, "PUT", r"resources/parking-spaces/v1.0/\d+"):
            return forward(received)
        if before.get(received.path) == received.body:
            return invalid("label")
        sent = forward(received)
        before.update({received.path: received.body} if sent.status == 200 else {})
        return sent

    return behave


def _lost_in_turn() -> Behaviour:
    """Every third change is accepted and lost."""
    number = counted()

    def behave(received: Received, forward: PassOn) -> Sent:
        if is_on(received, "PATCH", r"resources/vouchers/v2.1/\d+") and object_sent(received):
            shown = forward(replace(received, method="GET", body=b""))
            if shown.status == 200 and number("") % 3 == 2:
                return shown
        return forward(received)

    return behave


def _without_astral(body: Any) -> None:
    for name, value in body.items() if isinstance(body, dict) else ():
        if isinstance(value, str):
            body[name] = re.sub(r"[^\u0000-\uffff]", "?", value)


def _cut_description(body: Any) -> None:
    if isinstance(body, dict) and isinstance(body.get("description"), str):
        body["description"] = body["description"][:100]


WRITES = (
    ServerRow("the second change of one user group is accepted and lost", _second_change_lost, ["*/user-groups/*"]),
    ServerRow(
        "the creation of a partner answers the id that comes next",
        rewriting("POST", "resources/partners/v2.0", _next_id_answered),
        ["*/partners/v2.0*"],
    ),
    ServerRow("a replacement of a utility also creates one", _replacement_creates, ["*/utilities/*"]),
    ServerRow("a removed id tag is there again at the second read", _resurrected, ["*/id-tags/v2.0*"]),
    ServerRow("a change of the city of a location changes its post code", _moved_by_renaming, ["*/locations/v2.0*"]),
    ServerRow(
        "answers of FAQs are cut at twelve letters, in their translations",
        storing("POST|PATCH", r"resources/faqs/v2.0(/\d+)?", _cut_texts),
        ["*/faqs/*"],
    ),
    ServerRow(
        "a bonus above 5 is stored as 5",
        storing("POST|PATCH", r"resources/top-up-packages/v2.0(/\d+)?", _capped_bonus),
        ["*/top-up-packages/*"],
    ),
    ServerRow("a change of one field of a vendor alone is refused", _name_required, ["*/charge-point-vendors/*"]),
    ServerRow("a tax of 100 %, the documented maximum, is refused", _maximum_refused, ["*/electricity-rates/v2.0*"]),
    ServerRow(
        "a change of the status of a user changes that of a neighbour, too",
        _status_for_neighbour,
        ["*/change-status", "*/users/v1.0", "*/users/v1.0/{user}"],
    ),
    ServerRow(
        "a change of the description of a user group leaves lastUpdatedAt as it was",
        _time_stays,
        ["*/user-groups/*"],
    ),
    ServerRow(
        "percentages of taxes have one decimal",
        storing("POST|PATCH", r"resources/taxes/v2.0(/\d+)?", _one_decimal),
        ["*/taxes/v2.0*"],
    ),
    ServerRow(
        "the offset of a moment that is written is dropped",
        storing("POST|PATCH", r"resources/charge-point-downtime-periods/v1.0(/\d+)?", _offset_dropped),
        ["*/charge-point-downtime-periods/*"],
    ),
    ServerRow(
        "a tariff group keeps the first of its tariffs only",
        storing("POST|PUT", r"resources/tariff-groups/v1.0(/\d+)?", _first_tariff_only),
        ["*/tariff-groups/*"],
    ),
    ServerRow("a change of a partner that repeats its name is refused", lambda: _own_name_taken, ["*/partners/v2.0*"]),
    ServerRow("the same replacement of a parking space twice is refused", _replaced_once, ["*/parking-spaces/*"]),
    ServerRow("every third change of a voucher is accepted and lost", _lost_in_turn, ["*/vouchers/v2.1*"]),
    ServerRow(
        "characters of four bytes become question marks",
        storing("POST|PATCH", r"resources/user-groups/v1.0(/\d+)?", _without_astral),
        ["*/user-groups/*"],
    ),
    ServerRow(
        "descriptions of user groups are cut at 100 letters",
        storing("POST|PATCH", r"resources/user-groups/v1.0(/\d+)?", _cut_description),
        ["*/user-groups/*"],
    ),
)
