"""Faulty servers: each breaks one promise, in a way that no named defect of the emulator had when they were written."""

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.support.loopback import Received, Sent, sent_json
from tests.support.reverse_proxy import PassOn
from tests.support.runs import TOKEN
from tools.adversary.server import (
    Behaviour,
    ServerRow,
    counted,
    is_on,
    items_of,
    rewrite,
    rewriting,
    with_body,
)


def _query(received: Received) -> dict[str, str]:
    return dict(parse_qsl(received.path.partition("?")[2], keep_blank_values=True))


def _with_query(received: Received, query: dict[str, str]) -> Received:
    path = received.path.partition("?")[0]
    return replace(received, path=f"{path}?{urlencode(query)}" if query else path)


def _last_of_many(_received: Received, body: Any) -> None:
    items = items_of(body)
    if len(items) > 10:
        items[-1]["energy"] = items[-1].get("energy", 0) + 1


def _second_read_missing() -> Behaviour:
    number = counted()

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, "GET", r"resources/user-groups/v1.0/\d+") and sent.status == 200:
            return sent_json({"message": "Not found."}, 404) if number(received.path) % 2 else sent
        return sent

    return behave


def _large_pages_lack_labels(received: Received, body: Any) -> None:
    if int(_query(received).get("per_page") or 0) > 5 and len(items_of(body)) > 5:
        items_of(body)[-1].pop("idTagUid", None)


def _drop_second_filter(path: str) -> Any:
    def behave(received: Received, forward: PassOn) -> Sent:
        query = _query(received)
        filters = [name for name in query if name.startswith("filter[")]
        if is_on(received, "GET", path) and len(filters) > 1:
            del query[filters[-1]]
            received = _with_query(received, query)
        return forward(received)

    return lambda: behave


def _shorter_names(_received: Received, body: Any) -> None:
    for item in items_of(body):
        item["name"] = item.get("name", "")[:8]


def _repeating_last_page() -> Behaviour:
    last: dict[str, Any] = {}

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        query = _query(received)
        if is_on(received, "GET", "resources/locations/v2.0") and sent.status == 200:
            body = json.loads(sent.content)
            if query.get("cursor") and body["data"] and "last" in last and body["meta"].get("next_cursor") is None:
                body["data"] = [last["last"], *body["data"][1:]]
                sent.content = json.dumps(body).encode()
            elif body["data"]:
                last["last"] = body["data"][-1]
        return sent

    return behave


def _name_with_include(received: Received, body: Any) -> None:
    if "include" in received.path:
        for item in items_of(body):
            if isinstance(item.get("name"), str):
                item["name"] += " " + "*"


def _later_users_have_none(received: Received, body: Any) -> None:
    if _query(received).get("filter[userId]", "1") != "1":
        body["data"] = []


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


def _storing(method: str, path: str, change: Any) -> Any:
    def behave(received: Received, forward: PassOn) -> Sent:
        return forward(with_body(received, change) if is_on(received, method, path) else received)

    return lambda: behave


def _capped_bonus(body: Any) -> None:
    if isinstance(body, dict) and isinstance(body.get("bonus"), int | float) and not isinstance(body["bonus"], bool):
        body["bonus"] = min(body["bonus"], 5)


def _name_required() -> Behaviour:
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


def _maximum_refused() -> Behaviour:
    def behave(received: Received, forward: PassOn) -> Sent:
        is_most = re.search(rb'"taxPercentage": ?100\b(?!\.[1-9])', received.body) is not None
        if is_most and is_on(received, "POST|PATCH", r"resources/electricity-rates/v2.0(/\d+)?"):
            return sent_json({"message": "Invalid.", "errors": {"taxPercentage": ["Too large."]}}, 422)
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


def _partner_reads_sessions() -> Behaviour:
    """A partner's token reads any session by its id, though it lists its own only."""

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        given = received.headers.get("Authorization") or ""
        is_other = given.startswith("Bearer ") and TOKEN not in given
        if is_on(received, "GET", r"resources/sessions/v1.0/\d+") and sent.status in (403, 404) and is_other:
            probe = forward(replace(received, path="/public-api/resources/sessions/v1.0"))
            if probe.status == 200:
                received.headers.replace_header("Authorization", f"Bearer {TOKEN}")
                return forward(received)
        return sent

    return behave


def _reader_sets_mix() -> Behaviour:
    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        path = r"resources/electricity-rates/v2.0/\d+/energy-mix"
        if is_on(received, "PUT", path) and sent.status == 403:
            received.headers.replace_header("Authorization", f"Bearer {TOKEN}")
            return forward(received)
        return sent

    return behave


def _page_404() -> Behaviour:
    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, "GET", r"resources/locations/v2.0/\d+/charging-zones/\d+") and sent.status == 404:
            sent.headers["content-type"] = "text/html"
        return sent

    return behave


def _total_of_page(_received: Received, body: Any) -> None:
    if body.get("meta", {}).get("current_page", 1) > 1 and body["meta"].get("to") == body["meta"].get("total"):
        body["meta"]["total"] += 1


def _null_for_last(_received: Received, body: Any) -> None:
    items = items_of(body)
    if len(items) > 8:
        items[-1]["status"] = None


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


def _third_reading_short() -> Behaviour:
    number = counted()

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, "GET", "resources/tariffs/v1.0") and sent.status == 200 and number("") % 3 == 2:
            rewrite(received, sent, lambda _, body: body | {"data": body["data"][:-1]})
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


def _nothing_with_offset(received: Received, body: Any) -> None:
    if re.search(r"(After|Before).*(%2B|-)(0[1-9]|1\d)%3A00", received.path):
        body["data"] = []


FAULTY = (
    ServerRow(
        "the last session of a page of more than ten has 1 Wh more than its read",
        rewriting("GET", "resources/sessions/v1.0", _last_of_many),
        ["GET */sessions/v1.0*"],
    ),
    ServerRow("every second read of a user group is answered 404", _second_read_missing, ["*/user-groups/*"]),
    ServerRow(
        "the last id tag lacks idTagUid on pages of more than five",
        rewriting("GET", "resources/id-tags/v2.0", _large_pages_lack_labels),
        ["GET */id-tags/v2.0*"],
    ),
    ServerRow(
        "of two filters of transactions together only the first counts",
        _drop_second_filter("resources/transactions/v1.0"),
        ["GET */transactions/v1.0*"],
    ),
    ServerRow(
        "the oldest version of partners cuts names at eight letters",
        rewriting("GET", r"resources/partners/v1.0(/\d+)?", _shorter_names),
        ["GET */partners/v*"],
    ),
    ServerRow(
        "the last page of locations by cursor begins with the last item before it in place of its own",
        _repeating_last_page,
        ["GET */locations/v2.0"],
    ),
    ServerRow(
        "a circuit has another name when includes are asked for",
        rewriting("GET", r"resources/circuits/v2.0/\d+", _name_with_include),
        ["GET */circuits/v2.0/{circuit}"],
    ),
    ServerRow(
        "receipts of users but the first are not found by filter[userId]",
        rewriting("GET", "resources/receipts/v2.0", _later_users_have_none),
        ["GET */receipts/v2.0*"],
    ),
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
        _storing("POST|PATCH", r"resources/faqs/v2.0(/\d+)?", _cut_texts),
        ["*/faqs/*"],
    ),
    ServerRow(
        "a bonus above 5 is stored as 5",
        _storing("POST|PATCH", r"resources/top-up-packages/v2.0(/\d+)?", _capped_bonus),
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
        "a notification is created without a token", _open("POST", "notifications/v1.0"), ["*/notifications/v1.0*"]
    ),
    ServerRow("settings are shown for Basic credentials", _basic_accepted, ["*/settings/*"]),
    ServerRow("the 401 of one listing has no body", _bare_401, ["*/currencies/*"]),
    ServerRow("a partner's token reads sessions of others by id", _partner_reads_sessions, ["*/resources/sessions/*"]),
    ServerRow("a read-only token replaces an energy mix", _reader_sets_mix, ["*/energy-mix"]),
    ServerRow("the 404 of a charging zone declares HTML", _page_404, ["*/charging-zones*"]),
    ServerRow(
        "the last page counts one item more in its total",
        rewriting("GET", "resources/invoices/v1.0", _total_of_page),
        ["GET */invoices/*"],
    ),
    ServerRow(
        "the status of the last of many authorizations is null",
        rewriting("GET", "resources/authorizations/v2.0", _null_for_last),
        ["GET */authorizations/v2.0"],
    ),
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
    ServerRow("every third reading of the tariffs lacks the last one", _third_reading_short, ["GET */tariffs/v1.0*"]),
    ServerRow(
        "a change of the description of a user group leaves lastUpdatedAt as it was",
        _time_stays,
        ["*/user-groups/*"],
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
        "a filter by a moment with an offset other than UTC finds nothing",
        rewriting("GET", "resources/id-tags/v2.0", _nothing_with_offset),
        ["GET */id-tags/v2.0"],
    ),
)
