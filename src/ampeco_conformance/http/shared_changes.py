"""Changes of what a run did not create, such as a tax or the status of an EVSE, and how they are undone.

Before such a change is sent its old values are read and written into the journal, so that `sweep` can restore them
when the run is killed.
"""

import re
from collections.abc import Mapping
from typing import Any

from ampeco_conformance.apis import describe
from ampeco_conformance.contract.requests import body_schema_pointer
from ampeco_conformance.contract.resource_map import items_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.http.bodies import readable
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.equipment import Read
from ampeco_conformance.http.journal import Journal, SharedChange
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import NotPermitted


class SharedChanges:
    """The changes of one process that are not restored yet, by path."""

    def __init__(self, contract: ApiContract) -> None:
        self.open: dict[str, SharedChange] = {}
        self._begun: set[str] = set()
        self._journal: Journal | None = None
        self._contract = contract
        descriptor = describe(contract.specification.api)
        self._unset = descriptor.unset_values
        self._opposites = descriptor.opposites

    def begin(self, journal: Journal, operation: Operation, path: str, sent: Any, read: Read | None) -> None:
        """Note a change that is about to be sent. Raises NotPermitted when the journal cannot be written."""
        known = self.open.get(path)
        if not isinstance(sent, dict) or (known is not None and _restores(sent, known)):
            return
        if operation.method == "POST":
            before = self._opposite(operation, sent)
        else:
            before = self._before(operation, path, sent, read)
        if before:
            self._journal = journal
            earlier = (known.before, known.sent) if known is not None else ({}, [])
            self.open[path] = SharedChange(operation.method, path, before | earlier[0], [*earlier[1], sent])
            if known is None:
                self._begun.add(path)
            journal.changing_shared(self.open[path])

    def end(self, path: str, sent: Any, *, succeeded: bool) -> None:
        """Note the answer to a change: one that was refused, or that restored the old values, is over."""
        change = self.open.get(path)
        if change is None or self._journal is None or not isinstance(sent, dict):
            return
        if _restores(sent, change) if succeeded else path in self._begun:
            del self.open[path]
            self._journal.restored(path)
        self._begun.discard(path)

    def _opposite(self, operation: Operation, sent: Mapping[str, Any]) -> dict[str, Any]:
        for pattern, field, value, other in self._opposites:
            if re.search(pattern, operation.path) and sent.get(field) == value:
                return {**sent, field: other}
        return {}

    def _before(self, operation: Operation, path: str, sent: Mapping[str, Any], read: Read | None) -> dict[str, Any]:
        response = read(path) if read is not None and self._contract.operation_of("GET", path) is not None else None
        if response is None or response.status_code != 200:
            return {}
        item = next(items_of(readable(response.body)), {})
        names = self._documented(operation) if operation.method == "PUT" else set(sent)
        shown = {name: item[_shown_name(name)] for name in names if _shown_name(name) in item}
        unset = {name: self._unset[name] for name in sent if name in self._unset and shown.get(name) is None}
        return shown | unset

    def _documented(self, operation: Operation) -> set[str]:
        """The fields that the body of a replacement may have."""
        pointer = body_schema_pointer(self._contract, operation)
        if pointer is None:
            return set()
        schema, _ = self._contract.schemas.resolve(self._contract.schemas.at(pointer), pointer)
        return {name for name, field in schema.get("properties", {}).items() if not field.get("readOnly")}


def restore(change: SharedChange, client: ApiClient) -> str | None:
    """Give something its old values again, unless somebody else has changed it since; returns why not."""
    try:
        if change.method != "POST":
            response = client.send("GET", change.path).response
            if response is None or response.status_code != 200:
                return "its present values cannot be read"
            item = next(items_of(readable(response.body)), {})
            shown = {name: item.get(_shown_name(name)) for name in change.before}
            different = [name for name, value in change.before.items() if not _shows(shown[name], value)]
            if not different:
                return None
            sent = {name: [values[name] for values in change.sent if name in values] for name in different}
            others = [
                name for name, values in sent.items() if values and not any(_shows(shown[name], v) for v in values)
            ]
            if others:
                return f"{', '.join(others)} was changed since by somebody else; the journal has the old value"
        answer = client.send(change.method, change.path, json=change.before).response
    except (NotPermitted, TargetError) as error:
        return str(error)
    if answer is None:
        return "no response"
    return None if 200 <= answer.status_code < 300 else f"restoring its old values was answered {answer.status_code}"


def _restores(sent: Mapping[str, Any], change: SharedChange) -> bool:
    """Whether a body has all the old values."""
    return all(name in sent and _shows(sent[name], value) for name, value in change.before.items())


def _shown_name(name: str) -> str:
    """The name of a field in a read: users are written in snake case and read in camel case."""
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def _shows(shown: Any, value: Any) -> bool:
    """Whether a read shows a value; an object may have more fields than were sent."""
    if isinstance(value, dict) and isinstance(shown, dict):
        return all(_shows(shown.get(name), item) for name, item in value.items())
    if isinstance(value, list) and isinstance(shown, list):
        return len(shown) == len(value) and all(map(_shows, shown, value))
    return bool(shown == value) or (value is not None and str(shown) == str(value))
