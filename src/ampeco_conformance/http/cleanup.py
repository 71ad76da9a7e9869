"""Deletes or ends what a run created on a tenant, children before their parents, and reports what remains."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ampeco_conformance.contract.requests import filter_names, takes_query
from ampeco_conformance.contract.resource_map import ResourceMap, items_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Response
from ampeco_conformance.core.moments import clock_ahead, utc_moment
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.endings import end, ending_of
from ampeco_conformance.http.journal import Journal, JournalRecord, SharedChange, Sought
from ampeco_conformance.http.ownership import OwnItem, carries, fields_of, matches, run_tag
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.http.shared_changes import restore
from ampeco_conformance.target.safety import NotPermitted

_GONE = frozenset({200, 202, 204, 404, 410})
_PER_PAGE = 100
_PAGES_READ = 50
#: Seconds by which an item may show that it began before it was sent, on the same clock.
_CLOCK_SKEW = 300.0
#: The fields that tell when an item began to exist, the most exact ones first.
_BEGUN = ("startedAt", "reservedAt", "createdAt", "lastUpdatedAt")


def remove(
    paths: Iterable[str], client: ApiClient, contract: ApiContract, gone: Callable[[str], None] = lambda _: None
) -> dict[str, str]:
    """Delete or end items, the last created first; returns what remains and why.

    `gone` is called with every other path. An item that is still in use is tried again after others are gone.
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
    """Delete, end or restore what an ended run left, its journal when nothing remains; returns what remains and why.

    Only what shows what the run gave it is touched: an id alone may be somebody else's by now. `client` sends what
    `guard` permits.
    """
    tag = run_tag(str(record.head.get("run")))
    journal = guard.journal = Journal(record.path, {"swept": True})
    guard.read = lambda path: client.send("GET", path).response
    left = restored(record.shared, client, journal.restored)
    for item in record.left:
        if (reason := _reason_not_adopted(item, tag, client, guard, contract)) is not None:
            left[item.path] = reason
    lost: dict[str, str] = {}
    for collection, missing in record.unanswered.items():
        found = [*_sought(collection, record.sought.get(collection, ()), client, contract)]
        if collection in record.unknown:
            found += _marked(collection, [tag, *record.unknown[collection]], client, contract)
        new = {item.path: item for item in found if item.path not in guard.created}
        for item in new.values():
            guard.adopt(item)
        # A session that is not found among the running ones has ended, or never begun.
        ends = ending_of(contract.specification.api, f"{collection}/") is not None
        is_readable = contract.operation_of("GET", collection) is not None
        if missing > len(new) and not (ends and is_readable):
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


def restored(
    changes: Mapping[str, SharedChange], client: ApiClient, done: Callable[[str], None] = lambda _: None
) -> dict[str, str]:
    """Restore what a run changed and did not create, the last change first; returns what is left changed and why."""
    left: dict[str, str] = {}
    for path, change in reversed(list(changes.items())):
        if (reason := restore(change, client)) is not None:
            left[path] = reason
        else:
            done(path)
    return left


def _reason_not_adopted(item: OwnItem, tag: str, client: ApiClient, guard: Guard, contract: ApiContract) -> str | None:
    """Why an item of a journal must not be deleted; None when the guard has adopted it, or it is gone."""
    # Of an item that was given no text only a 201 is known; whatever has a text may be somebody else's by now.
    is_told = bool(item.marks or item.shown)
    item.marks = {"": tag, **item.marks}
    if contract.operation_of("GET", item.path) is not None:
        response = client.send("GET", item.path).response
        if response is not None and response.status_code in (404, 410):
            guard.created[item.path] = item
            guard.forget(item.path)
            return None
        shown = list(_items(response))
    else:
        collection, _, identifier = item.path.rpartition("/")
        field = ResourceMap(contract).id_field(collection)
        shown = [entry for entry in _listed(collection, client, contract) if str(entry.get(field)) == identifier]
    is_own = bool(shown) and item.is_shown_by(shown[0]) and (is_told or not fields_of(shown[0]))
    if not is_own and not any(item.path.startswith(f"{path}/") for path in guard.created):
        return "it does not show that the run created it; it may be somebody else's"
    item.is_verified = True
    guard.adopt(item)
    return None


def _reason_left(path: str, client: ApiClient, contract: ApiContract) -> str | None:
    is_deletable = contract.operation_of("DELETE", path) is not None
    ending = ending_of(contract.specification.api, path)
    if not is_deletable and ending is None:
        return "the API cannot delete it"
    try:
        if ending is not None and not is_deletable:
            return end(path, ending, client)
        response = client.send("DELETE", path).response
    except (NotPermitted, TargetError) as error:
        return str(error)
    if response is None:
        return "no response"
    return None if response.status_code in _GONE else f"DELETE was answered {response.status_code}"


def _marked(collection: str, marks: Sequence[str], client: ApiClient, contract: ApiContract) -> Iterator[OwnItem]:
    """Items of a listing that show one of the texts: a creation whose response was lost may have created them."""
    id_field = ResourceMap(contract).id_field(collection)
    for item in _listed(collection, client, contract):
        shown = next((mark for mark in marks if carries(item, mark)), None)
        if shown is not None and item.get(id_field) is not None:
            yield OwnItem(f"{collection}/{item[id_field]}", 0, {"": shown}, is_verified=True)


def _sought(collection: str, sought: Sequence[Sought], client: ApiClient, contract: ApiContract) -> Iterator[OwnItem]:
    """Items of a listing, open ones if they end, that show the fields of a creation and began after it was sent."""
    ending = ending_of(contract.specification.api, f"{collection}/")
    id_field = ResourceMap(contract).id_field(collection)
    is_listed = contract.operation_of("GET", collection) is not None
    response = client.send("GET", collection).response if sought and is_listed else None
    ahead = (clock_ahead(response) if response is not None else None) or 0.0
    for creation in filter(lambda creation: creation.shown, sought):
        for item in _listed(collection, client, contract, creation.shown if ending else None):
            begun = next(filter(None, (utc_moment(item.get(name)) for name in _BEGUN)), None)
            is_later = begun is not None and begun.timestamp() - ahead > creation.sent_at - _CLOCK_SKEW
            is_open = ending is None or item.get("status") in ending.open_statuses
            if is_later and is_open and matches(item, creation.shown) and item.get(id_field) is not None:
                path = f"{collection}/{item[id_field]}"
                yield OwnItem(path, 0, {}, is_verified=True, shown=[creation.shown])


def _listed(
    collection: str, client: ApiClient, contract: ApiContract, fields: Mapping[str, str] | None = None
) -> Iterator[Mapping[str, Any]]:
    """The items of a listing, those with some fields where it can be filtered by them; none of one that is unknown."""
    operation = contract.operation_of("GET", collection)
    if operation is None:
        return
    filters = {name: value for name, value in (fields or {}).items() if name in filter_names(contract, operation)}
    pages = range(1, _PAGES_READ + 1) if takes_query(contract, operation, "page") else range(1, 2)
    for page in pages:
        paged = {"page": page, "per_page": _PER_PAGE} if len(pages) > 1 else {}
        query: dict[str, Any] = paged | ({"filter": filters} if filters else {})
        items = list(_items(client.send("GET", collection, query=query).response))
        yield from items
        if len(items) < _PER_PAGE:
            return


def _items(response: Response | None) -> Iterator[Mapping[str, Any]]:
    if response is not None and response.status_code == 200:
        try:
            yield from items_of(response.json())
        except ValueError:
            return
