"""Wrong bodies: each function changes the JSON of an answer, or of a request, in place."""

import re
from typing import Any

from tests.support.loopback import Received
from tools.adversary.server import items_of, query_of


def last_of_many(_received: Received, body: Any) -> None:
    """The last of more than ten items has used 1 Wh more."""
    items = items_of(body)
    if len(items) > 10:
        items[-1]["energy"] = items[-1].get("energy", 0) + 1


def large_pages_lack_labels(received: Received, body: Any) -> None:
    """The last item of a page of more than five lacks `idTagUid`."""
    if int(query_of(received).get("per_page") or 0) > 5 and len(items_of(body)) > 5:
        items_of(body)[-1].pop("idTagUid", None)


def shorter_names(_received: Received, body: Any) -> None:
    """Names are cut at eight letters."""
    for item in items_of(body):
        item["name"] = item.get("name", "")[:8]


def name_with_include(received: Received, body: Any) -> None:
    """With an include, names are others."""
    if "include" in received.path:
        for item in items_of(body):
            if isinstance(item.get("name"), str):
                item["name"] += " " + "*"


def later_users_have_none(received: Received, body: Any) -> None:
    """Only the first user has items."""
    if query_of(received).get("filter[userId]", "1") != "1":
        body["data"] = []


def next_id_answered(_received: Received, body: Any) -> None:
    """The id of what was created is the next one."""
    body["data"]["id"] += 1


def total_of_page(_received: Received, body: Any) -> None:
    """The last page counts one item more."""
    if body.get("meta", {}).get("current_page", 1) > 1 and body["meta"].get("to") == body["meta"].get("total"):
        body["meta"]["total"] += 1


def null_for_last(_received: Received, body: Any) -> None:
    """The last of more than eight items has no status."""
    items = items_of(body)
    if len(items) > 8:
        items[-1]["status"] = None


def impossible_day(_received: Received, body: Any) -> None:
    """One item ends on a day that does not exist."""
    for item in items_of(body):
        if item.get("id") in (3, "3"):
            item["periodEnd"] = "2026-02-30T10:00:00Z"


def errors_under_action(_received: Received, body: Any) -> None:
    """An error names no fields."""
    body.pop("errors", None)


def masked_address(_received: Received, body: Any) -> None:
    """Who is disabled has no e-mail address."""
    for item in items_of(body):
        if item.get("status") == "disabled":
            item["email"] = None


def without_country(received: Received, body: Any) -> None:
    """A read lacks the country."""
    if re.search(r"/\d+$", received.path.partition("?")[0]):
        for item in items_of(body):
            item.pop("country", None)


def nothing_with_offset(received: Received, body: Any) -> None:
    """A filter by a moment with an offset finds nothing."""
    if re.search(r"(After|Before).*(%2B|-)(0[1-9]|1\d)%3A00", received.path):
        body["data"] = []


def cut_texts(body: Any) -> None:
    """Translations are cut at twelve letters."""
    for text in body.get("answer") or [] if isinstance(body, dict) else []:
        if isinstance(text, dict) and isinstance(text.get("translation"), str):
            text["translation"] = text["translation"][:12]


def capped_bonus(body: Any) -> None:
    """A bonus is at most 5."""
    if isinstance(body, dict) and isinstance(body.get("bonus"), int | float) and not isinstance(body["bonus"], bool):
        body["bonus"] = min(body["bonus"], 5)
