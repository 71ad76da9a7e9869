"""Faulty listings: pages, filters and includes."""

import json
import re
from typing import Any

from tests.support.loopback import Received, Sent, sent_json
from tests.support.reverse_proxy import PassOn
from tools.adversary.server import (
    Behaviour,
    ServerRow,
    counted,
    is_on,
    items_of,
    number_in,
    query_of,
    rewrite,
    rewriting,
    with_query,
)


def _last_of_many(_received: Received, body: Any) -> None:
    items = items_of(body)
    if len(items) > 10:
        items[-1]["energy"] = items[-1].get("energy", 0) + 1


def _large_pages_lack_labels(received: Received, body: Any) -> None:
    if number_in(query_of(received), "per_page", 0) > 5 and len(items_of(body)) > 5:
        items_of(body)[-1].pop("idTagUid", None)


def _drop_second_filter(path: str) -> Any:
    def behave(received: Received, forward: PassOn) -> Sent:
        query = query_of(received)
        filters = [name for name in query if name.startswith("filter[")]
        if is_on(received, "GET", path) and len(filters) > 1:
            del query[filters[-1]]
            received = with_query(received, query)
        return forward(received)

    return lambda: behave


def _repeating_last_page() -> Behaviour:
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


def _name_with_include(received: Received, body: Any) -> None:
    if "include" in received.path:
        for item in items_of(body):
            if isinstance(item.get("name"), str):
                item["name"] += " " + "*"


def _later_users_have_none(received: Received, body: Any) -> None:
    if query_of(received).get("filter[userId]", "1") != "1":
        body["data"] = []


def _total_of_page(_received: Received, body: Any) -> None:
    if body.get("meta", {}).get("current_page", 1) > 1 and body["meta"].get("to") == body["meta"].get("total"):
        body["meta"]["total"] += 1


def _third_reading_short() -> Behaviour:
    number = counted()

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, "GET", "resources/tariffs/v1.0") and sent.status == 200 and number("") % 3 == 2:
            rewrite(received, sent, lambda _, body: body | {"data": body["data"][:-1]})
        return sent

    return behave


def _nothing_with_offset(received: Received, body: Any) -> None:
    if re.search(r"(After|Before).*(%2B|-)(0[1-9]|1\d)%3A00", received.path):
        body["data"] = []


def _null_for_last(_received: Received, body: Any) -> None:
    items = items_of(body)
    if len(items) > 8:
        items[-1]["status"] = None


def _page_zero_crashes(received: Received, forward: PassOn) -> Sent:
    if is_on(received, "GET", "resources/receipts/v2.0") and query_of(received).get("page") == "0":
        return sent_json({"message": "Server Error"}, 500)
    return forward(received)


def _part_of_id_matches() -> Behaviour:
    """The filter compares the beginning of the id."""
    path = "/public-api/resources/id-tags/v2.0"

    def behave(received: Received, forward: PassOn) -> Sent:
        query = query_of(received)
        wanted = query.pop("filter[userId]", "")
        if received.path.partition("?")[0] != path or not wanted.isdigit():
            return forward(received)
        sent = forward(with_query(received, query))
        if sent.status == 200:
            rewrite(received, sent, lambda _, body: _of_user(body, wanted))
        return sent

    return behave


def _of_user(body: Any, wanted: str) -> None:
    body["data"] = [item for item in body["data"] if str(item.get("userId") or "").startswith(wanted)]
    count = len(body["data"])
    body["meta"] |= (
        {"total": count, "from": 1 if count else None, "to": count or None} if "total" in body["meta"] else {}
    )


def _zones_of_first_only(received: Received, body: Any) -> None:
    for item in items_of(body)[1:] if "include" in received.path else ():
        item.update({"chargingZones": []} if "chargingZones" in item else {})


def _later_pages_unfiltered(received: Received, forward: PassOn) -> Sent:
    query = query_of(received)
    if is_on(received, "GET", "resources/sessions/v1.0") and number_in(query, "page", 1) > 1:
        unfiltered = {name: value for name, value in query.items() if not name.startswith("filter")}
        return forward(with_query(received, unfiltered))
    return forward(received)


def _five_of_filtered(received: Received, body: Any) -> None:
    if "filter" in received.path:
        body["data"] = body["data"][:5]


LISTINGS = (
    ServerRow(
        "the last session of a page of more than ten has 1 Wh more than its read",
        rewriting("GET", "resources/sessions/v1.0", _last_of_many),
        ["GET */sessions/v1.0*"],
    ),
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
    ServerRow("every third reading of the tariffs lacks the last one", _third_reading_short, ["GET */tariffs/v1.0*"]),
    ServerRow(
        "a filter by a moment with an offset other than UTC finds nothing",
        rewriting("GET", "resources/id-tags/v2.0", _nothing_with_offset),
        ["GET */id-tags/v2.0"],
    ),
    ServerRow("page=0 of receipts is answered 500", lambda: _page_zero_crashes, ["GET */receipts/v2.0"]),
    ServerRow("a filter by user takes the beginning of its id", _part_of_id_matches, ["GET */id-tags/v2.0"]),
    ServerRow(
        "the listing of locations includes charging zones for its first item only",
        rewriting("GET", "resources/locations/v2.0", _zones_of_first_only),
        ["GET */locations/v2.0"],
    ),
    ServerRow("later pages of sessions ignore the filters", lambda: _later_pages_unfiltered, ["GET */sessions/v1.0"]),
    ServerRow(
        "filtered listings of EVSEs have at most five items",
        rewriting("GET", "resources/evses/v2.1", _five_of_filtered),
        ["GET */evses/v2.1"],
    ),
)
