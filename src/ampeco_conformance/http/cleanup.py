"""Deletes what a run created on a tenant, children before their parents, and reports what remains."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.contract.resource_map import items_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.journal import Journal, JournalRecord

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


def sweep(record: JournalRecord, client: ApiClient, contract: ApiContract) -> dict[str, str]:
    """Delete what an ended run left, and its journal when nothing remains; returns what remains and why."""
    tag = run_tag(str(record.head.get("run")))
    found = [path for collection in record.unknown for path in _tagged(collection, tag, client, contract)]
    journal = Journal(record.path, {"swept": True})
    left = remove([*record.left, *found], client, contract, journal.removed)
    journal.close(keep=bool(left))
    return left


def run_tag(run: str) -> str:
    """The prefix of the names of everything that a run creates."""
    return f"conform-{run}"


def _reason_left(path: str, client: ApiClient, contract: ApiContract) -> str | None:
    if contract.operation_of("DELETE", path) is None:
        return "the API cannot delete it"
    response = client.send("DELETE", path).response
    if response is None:
        return "no response"
    return None if response.status_code in _GONE else f"DELETE was answered {response.status_code}"


def _tagged(collection: str, tag: str, client: ApiClient, contract: ApiContract) -> Iterator[str]:
    """Items of a listing that have the run's tag: a creation whose response was lost may have created them."""
    operation = contract.operation_of("GET", collection)
    if operation is None:
        return
    pages = range(1, _PAGES_READ + 1) if takes_query(contract, operation, "page") else range(1, 2)
    for page in pages:
        query = {"page": page, "per_page": _PER_PAGE} if len(pages) > 1 else {}
        items = list(_items(client.send("GET", collection, query=query)))
        yield from (f"{collection}/{item['id']}" for item in items if "id" in item and _carries(item, tag))
        if len(items) < _PER_PAGE:
            return


def _items(exchange: Exchange) -> Iterator[Any]:
    if exchange.response is not None and exchange.response.status_code == 200:
        try:
            yield from items_of(exchange.response.json())
        except ValueError:
            return


def _carries(value: Any, tag: str) -> bool:
    if isinstance(value, dict):
        return any(_carries(item, tag) for item in value.values())
    if isinstance(value, list):
        return any(_carries(item, tag) for item in value)
    return isinstance(value, str) and tag in value
