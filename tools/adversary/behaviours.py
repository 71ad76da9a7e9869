"""Wrong behaviours: each function makes the behaviour of one server, which may have a memory."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.support.loopback import Received, Sent, sent_json
from tests.support.reverse_proxy import PassOn
from tests.support.runs import TOKEN
from tools.adversary.server import (
    Behaviour,
    counted,
    is_on,
    query_of,
    rewrite,
    with_body,
    with_query,
)


def granted(method: str, path: str, refusal: int, is_meant: Callable[[str], bool]) -> Callable[[], Behaviour]:
    """What is refused with this status is done all the same, for the credentials that are meant."""

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        given = received.headers.get("Authorization") or ""
        if is_on(received, method, path) and sent.status == refusal and is_meant(given):
            return forward(_as_admin(received))
        return sent

    return lambda: behave


def _as_admin(received: Received) -> Received:
    del received.headers["Authorization"]
    received.headers["Authorization"] = f"Bearer {TOKEN}"
    return received


def answering(method: str, path: str, status: int, change: Callable[[Sent], object]) -> Callable[[], Behaviour]:
    """Change what is answered with this status, in place."""

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, method, path) and sent.status == status:
            change(sent)
        return sent

    return lambda: behave


def second_read_missing() -> Behaviour:
    """Every second read is answered 404."""
    number = counted()

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, "GET", r"resources/user-groups/v1.0/\d+") and sent.status == 200:
            return sent_json({"message": "Not found."}, 404) if number(received.path) % 2 else sent
        return sent

    return behave


def drop_second_filter(path: str) -> Any:
    """Of two filters only the first counts."""

    def behave(received: Received, forward: PassOn) -> Sent:
        query = query_of(received)
        filters = [name for name in query if name.startswith("filter[")]
        if is_on(received, "GET", path) and len(filters) > 1:
            del query[filters[-1]]
            received = with_query(received, query)
        return forward(received)

    return lambda: behave


def repeating_last_page() -> Behaviour:
    """The last page begins with the last item of the page before it."""
    last: dict[str, Any] = {}

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        query = query_of(received)
        if is_on(received, "GET", "resources/locations/v2.0") and sent.status == 200:
            body = json.loads(sent.content)
            if query.get("cursor") and body["data"] and "last" in last and body["meta"].get("next_cursor") is None:
                body["data"] = [last["last"], *body["data"][1:]]
                sent.content = json.dumps(body).encode()
            elif body["data"]:
                last["last"] = body["data"][-1]
        return sent

    return behave


def second_change_lost() -> Behaviour:
    """The second change of an item is accepted and lost."""
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


def replacement_creates() -> Behaviour:
    """A replacement also creates an item."""

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, "PUT", r"resources/utilities/v1.0/\d+") and sent.status < 300:
            forward(replace(received, method="POST", path="/public-api/resources/utilities/v1.0"))
        return sent

    return behave


def resurrected() -> Behaviour:
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


def moved_by_renaming() -> Behaviour:
    """A change of the city changes the post code."""

    def behave(received: Received, forward: PassOn) -> Sent:
        def change(body: Any) -> None:
            if isinstance(body, dict) and "city" in body:
                body.setdefault("postCode", "99999")

        if is_on(received, "PATCH", r"resources/locations/v2.0/\d+"):
            received = with_body(received, change)
        return forward(received)

    return behave


def storing(method: str, path: str, change: Any) -> Any:
    """Store another body than the one that was sent."""

    def behave(received: Received, forward: PassOn) -> Sent:
        return forward(with_body(received, change) if is_on(received, method, path) else received)

    return lambda: behave


def name_required() -> Behaviour:
    """A change of one field alone is refused."""

    def behave(received: Received, forward: PassOn) -> Sent:
        if is_on(received, "PATCH", r"resources/charge-point-vendors/v1.0/\d+") and received.body:
            try:
                body = json.loads(received.body)
            except ValueError:
                return forward(received)
            if isinstance(body, dict) and len(body) < 2:
                return sent_json({"message": "Invalid.", "errors": {"name": ["Send all fields."]}}, 422)
        return forward(received)

    return behave


def maximum_refused() -> Behaviour:
    """The documented maximum is refused."""

    def behave(received: Received, forward: PassOn) -> Sent:
        is_most = re.search(rb'"taxPercentage": ?100\b(?!\.[1-9])', received.body) is not None
        if is_most and is_on(received, "POST|PATCH", r"resources/electricity-rates/v2.0(/\d+)?"):
            return sent_json({"message": "Invalid.", "errors": {"taxPercentage": ["Too large."]}}, 422)
        return forward(received)

    return behave


def status_for_neighbour() -> Behaviour:
    """An action on an item is done to its neighbour, too."""

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        found = re.search(r"actions/users/v1.0/(\d+)/change-status", received.path)
        if found and sent.status < 300:
            neighbours = (int(found[1]) + 1, int(found[1]) - 1)
            paths = (f"/public-api/actions/users/v1.0/{neighbour}/change-status" for neighbour in neighbours)
            any(forward(replace(received, path=path)).status < 300 for path in paths)
        return sent

    return behave


def partner_reads_sessions() -> Behaviour:
    """A partner's token reads any session by its id, though it lists its own only."""

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        given = received.headers.get("Authorization") or ""
        is_other = given.startswith("Bearer ") and TOKEN not in given
        if is_on(received, "GET", r"resources/sessions/v1.0/\d+") and sent.status in (403, 404) and is_other:
            probe = forward(replace(received, path="/public-api/resources/sessions/v1.0"))
            if probe.status == 200:
                return forward(_as_admin(received))
        return sent

    return behave


def stats_of_another() -> Behaviour:
    """Every item has the statistics of item 2."""

    def behave(received: Received, forward: PassOn) -> Sent:
        if is_on(received, "GET", r"resources/sessions/v1.0/\d+/consumption-stats"):
            other = re.sub(r"/v1.0/\d+/", "/v1.0/2/", received.path)
            if forward(received).status == 200:
                return forward(replace(received, path=other))
        return forward(received)

    return behave


def third_reading_short() -> Behaviour:
    """Every third reading of a listing lacks its last item."""
    number = counted()

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, "GET", "resources/tariffs/v1.0") and sent.status == 200 and number("") % 3 == 2:
            rewrite(received, sent, lambda _, body: body | {"data": body["data"][:-1]})
        return sent

    return behave


def time_stays() -> Behaviour:
    """A change of the description leaves the time of the last update as it was."""
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
