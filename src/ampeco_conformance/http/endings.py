"""Ends what the API cannot delete: running sessions are stopped, reservations and bookings cancelled."""

import re
from typing import Any

from ampeco_conformance.apis import Ending, describe
from ampeco_conformance.contract.resource_map import items_of
from ampeco_conformance.core.exchanges import Response
from ampeco_conformance.http.client import ApiClient


def ending_of(api: str, path: str) -> Ending | None:
    """How an item is brought to an end; None when the API has no such operation."""
    collection = path.rpartition("/")[0]
    return next((ending for ending in describe(api).endings if ending.collection == collection), None)


def ended_by(api: str, path: str) -> str | None:
    """The path of the item that a request to a path would end, as far as the path tells."""
    for ending in describe(api).endings:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(ending.path))
        if (match := re.fullmatch(pattern, path)) is not None and "id" in match.groupdict():
            return f"{ending.collection}/{match['id']}"
    return None


def end(path: str, ending: Ending, client: ApiClient) -> str | None:
    """Bring an item to an end; why it goes on, None when it is over. Raises NotPermitted and TargetError."""
    response = client.send("GET", path).response
    if response is None:
        return "no response"
    if response.status_code in (404, 410):
        return None
    item = _item(response)
    if response.status_code != 200 or "status" not in item:
        return f"GET was answered {response.status_code} without a status"
    if item["status"] not in ending.open_statuses:
        return None
    identifier = path.rpartition("/")[2]
    number = int(identifier) if identifier.isdecimal() else identifier
    named = {} if ending.names_id is None else {ending.names_id: number}
    try:
        request = ending.path.format_map({**item, "id": identifier})
    except KeyError as missing:
        return f"it shows no {missing.args[0]}"
    answer = client.send("POST", request, json={**ending.body, **named}).response
    if answer is None:
        return "no response"
    return None if 200 <= answer.status_code < 300 else f"POST {request} was answered {answer.status_code}"


def _item(response: Response) -> dict[str, Any]:
    try:
        return dict(next(items_of(response.json()), {}))
    except ValueError:
        return {}
