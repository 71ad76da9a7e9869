"""Blocks every request that the target's safety level does not allow.

Tests skip what is not permitted; the guard covers those that do not know it in advance.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from ampeco_conformance.apis import EquipmentAction, describe
from ampeco_conformance.contract.references import with_references
from ampeco_conformance.contract.resource_map import UNUSED_ID, ResourceMap, items_of, parameters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.addresses import foreign_addresses
from ampeco_conformance.core.exchanges import Exchange, Response
from ampeco_conformance.http.journal import Journal
from ampeco_conformance.http.ownership import OwnItem, marks_of
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import NotPermitted, Safety, SafetyPolicy

_VERSION = re.compile(r"v\d+(\.\d+)*")


class Guard:
    """Allows or blocks requests, and records which resources this run created, also in the journal.

    `own_hosts` are hosts that the target may be told to call, besides the reserved ones; `tag` is the name that the run
    gives to what it creates; `test_equipment` are ids that may be charged at, reserved and referred to at own-data.
    `read` is how the guard reads an item before it is changed for the first time. A creation that answered no id of its
    own is in `unidentified`, by the path of its collection; collections where one got no response are `unanswered`.
    """

    def __init__(
        self,
        policy: SafetyPolicy,
        contract: ApiContract,
        journal: Journal | None = None,
        own_hosts: Collection[str] = (),
        tag: str | None = None,
        test_equipment: Mapping[str, Collection[int | str]] | None = None,
    ) -> None:
        self.policy = policy
        self.created: dict[str, OwnItem] = {}
        self.unidentified: dict[str, str] = {}
        self.unanswered: set[str] = set()
        self.journal = journal
        self.read: Callable[[str], Response | None] | None = None
        self._contract = contract
        self._resources = ResourceMap(contract)
        self._own: dict[tuple[str, str], OwnItem] = {}
        self._seen: set[tuple[str, str]] = set()
        self._own_hosts = own_hosts
        self._tag = tag
        self._actions = describe(contract.specification.api).equipment_actions
        self._equipment = {
            (kind, str(identifier))
            for name, identifiers in (test_equipment or {}).items()
            for kind in self._kinds_of_field(f"{name}Id")
            for identifier in identifiers
        }
        self._address_fields = contract.address_fields

    def admit(self, method: str, url: str, body: bytes = b"") -> None:
        """Allow a request. Raises NotPermitted, with the reason, when it must not be sent."""
        operation = self._contract.operation_of(method, url)
        if method not in ("GET", "HEAD"):
            self._check_addresses(method, url, body)
        if operation is None:
            if method not in ("GET", "HEAD") and self.policy.safety is not Safety.FULL:
                raise NotPermitted(f"safety {self.policy.safety}: the effect of this {method} is unknown")
            return
        if (reason := self.policy.refusal(operation)) is not None:
            raise NotPermitted(f"{reason} ({operation.label})")
        if self.policy.own_data_only(operation) and not self._is_own(operation, url):
            raise NotPermitted(
                f"safety {self.policy.safety}: this would change what the run did not create ({operation.label})"
                + ("; `test_equipment` in tenants.yaml can permit it" if self._action(operation) else "")
            )
        if self.policy.safety is Safety.OWN_DATA and method not in ("GET", "HEAD"):
            self._check_references(operation, _decoded(body))
        if self.journal is not None and _is_creation(operation):
            self.journal.sending(_path_below(operation, url), marks_of(_decoded(body), self._tag))

    def observe(self, exchange: Exchange) -> None:
        """Record what an exchange created, deleted or showed to exist."""
        request, response = exchange.request, exchange.response
        operation = self._contract.operation_of(request.method, request.url)
        if operation is None:
            return
        path = _path_below(operation, request.url)
        if response is None:
            if _is_creation(operation):
                self.unanswered.add(path)
            return
        if response.status_code == 429:
            # Nothing was done; the request is sent again.
            return
        succeeded = 200 <= response.status_code < 300
        if operation.method == "GET" and succeeded:
            self._see(operation, path, response)
        if operation.method == "DELETE" and succeeded:
            self.forget(path)
        if succeeded and (action := self._action(operation)) is not None and action.created is not None:
            for identifier in _identifiers(response, action.created):
                if (key := (_kind(action.collection), identifier)) not in self._seen:
                    self._own[key] = OwnItem(f"{action.collection}/{identifier}", 201, {}, is_verified=True)
        if _is_creation(operation):
            is_known = not succeeded or self._record_creation(operation, path, exchange, response)
            # An unidentified creation stays recorded as unanswered: sweep looks for it.
            if self.journal is not None and is_known:
                self.journal.answered(path)

    def documents(self, method: str, url: str, status: int) -> bool:
        """Whether the specification gives an operation this status."""
        operation = self._contract.operation_of(method, url)
        return operation is not None and str(status) in self._contract.documented_statuses(operation)

    def adopt(self, item: OwnItem) -> None:
        """Take over what an earlier process created; it is verified like everything else."""
        collection, _, identifier = item.path.rpartition("/")
        self.created[item.path] = item
        self._own[_kind(collection), unquote(identifier)] = item

    def forget(self, path: str) -> None:
        """Record that an item is gone, if this run created it."""
        if path in self.created and self.journal is not None:
            self.journal.removed(path)
        self.created.pop(path, None)

    def _see(self, operation: Operation, path: str, response: Response) -> None:
        """Remember which ids exist: what a later creation answers with one of them is not new."""
        is_item = operation.path.endswith("}")
        collection, template = (text.rpartition("/")[0] if is_item else text for text in (path, operation.path))
        for identifier in _identifiers(response, self._resources.id_field(template)):
            if (key := (_kind(collection), identifier)) not in self._own:
                self._seen.add(key)
            # What belongs to test equipment is test equipment.
            if "{" in template and not is_item and self._is_equipment(operation, path):
                self._equipment.add(key)

    def _record_creation(self, operation: Operation, path: str, exchange: Exchange, response: Response) -> bool:
        """Record what was created; whether it is known, or goes with what it is below."""
        identifier = next(_identifiers(response, self._resources.id_field(operation.path)), None)
        if identifier is None:
            is_below_own = self._is_below_own(operation, path)
            if not is_below_own:
                self._record_unidentified(path, "it answered no id")
            return is_below_own
        key = (_kind(path), identifier)
        if key in self._seen:
            self._record_unidentified(path, f"it answered the id {identifier}, which existed before")
            return False
        marks = marks_of(_decoded(exchange.request.body or b""), self._tag)
        item = OwnItem(f"{path}/{quote(identifier, safe='')}", response.status_code, marks)
        self._own[key] = self.created[item.path] = item
        if self.journal is not None:
            self.journal.created(item)
        return True

    def _record_unidentified(self, path: str, reason: str) -> None:
        self.unidentified[path] = reason
        if self.journal is not None:
            self.journal.unidentified(path, reason)

    def _is_below_own(self, operation: Operation, path: str) -> bool:
        return "{" in operation.path and self._owner(operation, path) is not None

    def _check_addresses(self, method: str, url: str, body: bytes) -> None:
        """Keep the target from calling or mailing anybody else, whatever the safety level."""
        query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        for value in (body, query):
            if self._names_a_foreign_address(value):
                raise NotPermitted(
                    f"{method} {urlsplit(url).path} would give the target an address of somebody else; only reserved "
                    "names such as example.com and numbers such as +12025550100 are sent"
                )

    def _names_a_foreign_address(self, value: Any) -> bool:
        try:
            decoded = json.loads(value) if isinstance(value, bytes) else value
            found = foreign_addresses(decoded, fields=self._address_fields, own_hosts=self._own_hosts)
            return next(found, None) is not None
        except (ValueError, RecursionError):
            # No JSON, or nested too deeply to be read: judged as text.
            text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
            return next(foreign_addresses(text, own_hosts=self._own_hosts), None) is not None

    def _check_references(self, operation: Operation, body: Any) -> None:
        """At own-data, what is created or changed refers to nothing of anybody else."""

        def check(name: str, _sources: object, value: int | str) -> int | str:
            text = str(value).strip()
            keys = {(kind, text) for kind in self._kinds_of_field(name)}
            names_a_thing = (text.isdigit() and 0 < int(text) < UNUSED_ID) or not keys.isdisjoint(self._seen)
            if names_a_thing and keys.isdisjoint(self._own.keys() | self._equipment):
                raise NotPermitted(
                    f"safety {self.policy.safety}: {name} would refer to what the run did not create "
                    f"({operation.label}); `test_equipment` in tenants.yaml can permit charge points, EVSEs and users"
                )
            return value

        with_references(body, self._resources, check)

    def _kinds_of_field(self, name: str) -> set[str]:
        return {_kind(source.collection) for source in self._resources.sources_of_field(name)}

    def _action(self, operation: Operation) -> EquipmentAction | None:
        return next((action for action in self._actions if fnmatchcase(operation.path, action.pattern)), None)

    def _is_equipment(self, operation: Operation, url: str) -> bool:
        """Whether the first id of the path is test equipment, and all others are of this run or name a part of it."""
        names = parameters_of(operation.path)
        values = re.split("/+", _path_below(operation, url).strip("/"))
        for name, part in zip(names, _positions(operation), strict=True):
            sources = self._resources.sources(operation.path, name)
            keys = {(_kind(source.collection), unquote(values[part])) for source in sources}
            is_part = any(source.field != "id" for source in sources)
            if keys.isdisjoint(self._equipment | self._own.keys()) and (name == names[0] or not is_part):
                return False
        return True

    def _is_own(self, operation: Operation, url: str) -> bool:
        """Whether the first id of the path, to which all others belong, is of this run; or of nothing that exists."""
        identifier = self._first_id(operation, url)
        if str(UNUSED_ID) in identifier:
            return True
        owner = self._owner(operation, url)
        if owner is None:
            return self._action(operation) is not None and self._is_equipment(operation, url)
        if not owner.is_verified:
            is_readable = self._contract.operation_of("GET", owner.path) is not None
            shown = self.read(owner.path) if self.read is not None and is_readable else None
            owner.is_verified = owner.is_shown_by(shown)
        return owner.is_verified

    def _owner(self, operation: Operation, url: str) -> OwnItem | None:
        name = parameters_of(operation.path)[0]
        identifier = self._first_id(operation, url)
        sources = self._resources.sources(operation.path, name)
        kinds = {_kind(source.collection) for source in sources} or {_kind(_head(operation))}
        return next((item for kind in kinds if (item := self._own.get((kind, identifier))) is not None), None)

    def _first_id(self, operation: Operation, url: str) -> str:
        return unquote(_path_below(operation, url).removeprefix(_head(operation)).partition("/")[0])


def _positions(operation: Operation) -> list[int]:
    """Where the parameters are among the parts of the path."""
    return [index for index, part in enumerate(operation.path.strip("/").split("/")) if part.startswith("{")]


def _head(operation: Operation) -> str:
    """The path up to its first parameter."""
    return operation.path.partition("{")[0]


def _is_creation(operation: Operation) -> bool:
    return operation.method == "POST" and "/actions/" not in operation.path


def _path_below(operation: Operation, url: str) -> str:
    """The path of a request without the prefix that the base URL may have."""
    path = urlsplit(url).path.rstrip("/")
    return path[path.index(operation.path.partition("{")[0].rstrip("/")) :]


def _identifiers(response: Response, field: str) -> Iterator[str]:
    """The ids of what an answer shows: an item, or the items of a listing."""
    try:
        found = [item.get(field) for item in items_of(response.json())]
    except (ValueError, RecursionError):
        return
    yield from (str(identifier) for identifier in found if isinstance(identifier, int | str) and identifier != "")


def _decoded(body: bytes) -> Any:
    """A JSON body; None for any other."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _kind(collection: str) -> str:
    """The kind of resource of a collection, without its version: `users` for `/public-api/resources/users/v1.0`."""
    parts = [part for part in collection.split("/") if part and not _VERSION.fullmatch(part)]
    return parts[-1] if parts else ""
