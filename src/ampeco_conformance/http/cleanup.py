"""Deletes what a run created on a tenant, children before their parents, and reports what remains."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.contract.resource_map import ResourceMap, items_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.journal import Journal, JournalRecord
from ampeco_conformance.http.ownership import OwnItem, carries, run_tag
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.target.safety import NotPermitted

_GONE = frozenset({200, 202, 204, 404, 410})
_PER_PAGE = 100
_PAGES_READ = 50


def remove(
    paths: Iterable[str], client: ApiClient, contract: ApiContract, gone: Callable[[str], None] = lambda _: None
) -> dict[str, str]:
    """Delete items, the last created first; returns what remains and why. `gone` is called with every other path.

    An item that is still in use is tried again after others are gone.
    """
    remaining = list(dict.fromkeys(reversed(list(paths))))
    left: dict[str, str] = {}
    while remaining:
        left = {path: reason for path in remaining if (reason := _reason_left(path, client, contract)) is not None}
        # Children of a deleted item are deleted with it.
        went = [path for path in remaining if path not in left]
        left = {path: reason for path, reason in left.items() if not any(path.startswith(f"{top}/") for top in went)}
        for path in remaining:
            if path not in left:
                gone(path)
        if len(left) == len(remaining):
            break
        remaining = list(left)
    return left


def sweep(record: JournalRecord, client: ApiClient, guard: Guard, contract: ApiContract) -> dict[str, str]:
    """Delete what an ended run left, and its journal when nothing remains; returns what remains and why.

    Only what shows a text that the run gave it is deleted: an id alone may be somebody else's by now. `client` sends
    what `guard` permits.
    """
    tag = run_tag(str(record.head.get("run")))
    journal = guard.journal = Journal(record.path, {"swept": True})
    left: dict[str, str] = {}
    for item in record.left:
        item.marks = {"": tag, **item.marks}
        if (reason := _reason_not_adopted(item, client, guard, contract)) is not None:
            left[item.path] = reason
    lost: dict[str, str] = {}
    for collection, marks in record.unknown.items():
        missing = record.unanswered[collection]
        for item in _marked(collection, [tag, *marks], client, contract):
            missing -= item.path not in guard.created
            guard.adopt(item)
        if missing > 0:
            lost[collection] = record.unidentified.get(collection, "it got no response")
    deleted: list[str] = []

    def forget(path: str) -> None:
        deleted.append(path)
        guard.forget(path)

    left |= remove(guard.created, client, contract, forget)
    # What was created below a deleted item is gone with it.
    lost = {path: reason for path, reason in lost.items() if not any(path.startswith(f"{top}/") for top in deleted)}
    journal.close(keep=bool(left))
    return left | {
        path: f"what a creation there made, if anything, is not known: {reason}" for path, reason in lost.items()
    }


def _reason_not_adopted(item: OwnItem, client: ApiClient, guard: Guard, contract: ApiContract) -> str | None:
    """Why an item of a journal must not be deleted; None when the guard has adopted it, or it is gone."""
    if contract.operation_of("GET", item.path) is not None:
        response = client.send("GET", item.path).response
        if response is not None and response.status_code in (404, 410):
            guard.created[item.path] = item
            guard.forget(item.path)
            return None
        is_own = response is not None and response.status_code == 200 and item.is_shown_by(response)
    else:
        listed = _marked(item.path.rpartition("/")[0], list(item.marks.values()), client, contract)
        is_own = any(other.path == item.path for other in listed)
    if not is_own and not any(item.path.startswith(f"{path}/") for path in guard.created):
        return "it does not show that the run created it; it may be somebody else's"
    item.is_verified = True
    guard.adopt(item)
    return None


def _reason_left(path: str, client: ApiClient, contract: ApiContract) -> str | None:
    if contract.operation_of("DELETE", path) is None:
        return "the API cannot delete it"
    try:
        response = client.send("DELETE", path).response
    except (NotPermitted, TargetError) as error:
        return str(error)
    if response is None:
        return "no response"
    return None if response.status_code in _GONE else f"DELETE was answered {response.status_code}"


def _marked(collection: str, marks: Sequence[str], client: ApiClient, contract: ApiContract) -> Iterator[OwnItem]:
    """Items of a listing that show one of the texts: a creation whose response was lost may have created them."""
    operation = contract.operation_of("GET", collection)
    if operation is None:
        return
    id_field = ResourceMap(contract).id_field(operation.path)
    pages = range(1, _PAGES_READ + 1) if takes_query(contract, operation, "page") else range(1, 2)
    for page in pages:
        query = {"page": page, "per_page": _PER_PAGE} if len(pages) > 1 else {}
        items = list(_items(client.send("GET", collection, query=query)))
        for item in items:
            shown = next((mark for mark in marks if carries(item, mark)), None)
            if shown is not None and item.get(id_field) is not None:
                yield OwnItem(f"{collection}/{item[id_field]}", 0, {"": shown}, is_verified=True)
        if len(items) < _PER_PAGE:
            return


def _items(exchange: Exchange) -> Iterator[Any]:
    if exchange.response is not None and exchange.response.status_code == 200:
        try:
            yield from items_of(exchange.response.json())
        except ValueError:
            return
