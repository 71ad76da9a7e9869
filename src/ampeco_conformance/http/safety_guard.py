"""Blocks every request that the target's safety level does not allow.

Tests skip what is not permitted; the guard covers those that do not know it in advance.
"""

import json
import re
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from ampeco_conformance.apis import IndirectCreation, describe
from ampeco_conformance.contract.path_templates import parameters_of, path_values
from ampeco_conformance.contract.references import named_number, with_references
from ampeco_conformance.contract.resource_map import UNUSED_ID, ResourceMap, items_of, kind_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.addresses import foreign_addresses
from ampeco_conformance.core.exchanges import Exchange, Response
from ampeco_conformance.http.bodies import decoded, identifiers_in, ids_of, json_of, readable, sent_object, shown_fields
from ampeco_conformance.http.endings import ended_by
from ampeco_conformance.http.equipment import Equipment, Key, Read
from ampeco_conformance.http.journal import Journal
from ampeco_conformance.http.operation_paths import head, is_creation, path_below
from ampeco_conformance.http.ownership import OwnItem, fields_of, marks_of, matches, texts_of
from ampeco_conformance.http.shared_changes import SharedChanges
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import NotPermitted, Safety, SafetyPolicy

#: Characters of texts without the name of the run by which something new is recognised all the same.
_DISTINCT = 10
#: Ids that nothing has; with a slash they might lead to something else.
_UNUSED = re.compile(rf"(unused-)?{UNUSED_ID}(?!\d)[^/\\]*")


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
        self.shared = SharedChanges(contract)
        self.read: Read | None = None
        self._contract = contract
        self._resources = ResourceMap(contract)
        self._own: dict[Key, OwnItem] = {}
        self._seen: set[Key] = set()
        #: Of creations that answered no id: the collection, and fields that a read of what they made shows.
        self._awaited: list[tuple[str, dict[str, str]]] = []
        self._own_hosts = own_hosts
        self._tag = tag
        self._indirect = describe(contract.specification.api).indirect_creations
        self._equipment = Equipment(contract, self._resources, test_equipment or {})
        self._address_fields = contract.address_fields

    def admit(self, method: str, url: str, body: bytes = b"") -> None:
        """Allow a request. Raises NotPermitted, with the reason, when it must not be sent."""
        # Servers answer HEAD as GET, and do the same for it.
        operation = self._contract.operation_of("GET" if method == "HEAD" else method, url)
        if method not in ("GET", "HEAD"):
            self._check_addresses(method, url, body)
        if operation is None:
            may_act = method not in ("GET", "HEAD") or "/actions/" in url
            if may_act and self.policy.safety is not Safety.FULL:
                raise NotPermitted(f"safety {self.policy.safety}: the effect of this {method} is unknown")
            return
        if (reason := self.policy.refusal(operation)) is not None:
            raise NotPermitted(f"{reason} ({operation.label})")
        if self.policy.own_data_only(operation) and not self._is_own(operation, url):
            raise NotPermitted(
                f"safety {self.policy.safety}: this would change what the run did not create ({operation.label})"
                + ("; `test_equipment` in tenants.yaml can permit it" if self._equipment.action(operation) else "")
            )
        if self.policy.safety is Safety.OWN_DATA and method not in ("GET", "HEAD"):
            for sent in (decoded(body), _fields_in(urlsplit(url).query), _fields_in(body.decode(errors="replace"))):
                self._check_references(operation, sent)
        path = path_below(operation, url)
        if is_creation(operation) and self._would_stay(operation, path):
            raise NotPermitted(
                f"one that the API does not delete is enough: this or another process of the run creates it "
                f"({operation.label})"
            )
        self._record_intent(operation, path, body)

    def observe(self, exchange: Exchange) -> None:
        """Record what an exchange created, deleted or showed to exist."""
        request, response = exchange.request, exchange.response
        operation = self._contract.operation_of(request.method, request.url)
        if operation is None:
            return
        path = path_below(operation, request.url)
        creation = self._indirect_creation(operation)
        if response is None:
            if is_creation(operation):
                self.unanswered.add(path)
            if creation is not None:
                self.unanswered.add(creation.collection)
            return
        if response.status_code == 429:
            # Nothing was done; the request is sent again.
            return
        succeeded = 200 <= response.status_code < 300
        if operation.method == "GET" and succeeded:
            self._see(operation, path, response)
        self.shared.end(path, sent_object(request), succeeded=succeeded)
        if operation.method == "DELETE":
            self._record_deletion(path, succeeded=succeeded)
        if creation is not None:
            is_known = not succeeded or self._record_indirect(creation, operation, exchange, response)
            if self.journal is not None and is_known:
                self.journal.answered(creation.collection)
        if is_creation(operation):
            is_known = not succeeded or self._record_creation(operation, path, exchange, response)
            # An unidentified creation stays recorded as unanswered: sweep looks for it.
            if self.journal is not None and is_known:
                self.journal.answered(path)

    def _record_deletion(self, path: str, *, succeeded: bool) -> None:
        if succeeded:
            self.forget(path)
        elif path in self.created and self.journal is not None:
            self.journal.kept(path)

    def _would_stay(self, operation: Operation, path: str) -> bool:
        """Whether the run leaves something already in a collection whose items cannot always be deleted."""
        return (
            self.journal is not None
            and self._resources.leaves_traces(operation.path)
            and (self.journal.keeps_one_of(path) or not self.journal.claims(path))
        )

    def _record_intent(self, operation: Operation, path: str, body: bytes) -> None:
        """Write what is about to be created or changed into the journal."""
        if self.journal is None:
            return
        sent = readable(body)
        if is_creation(operation):
            marks, texts = marks_of(sent, self._tag), texts_of(sent)
            is_distinct = not marks and len("".join(texts.values())) >= _DISTINCT
            self.journal.sending(path, marks, texts if is_distinct else None)
        if (creation := self._indirect_creation(operation)) is not None:
            self.journal.sending(creation.collection, {}, shown_fields(creation, path_values(operation, path), sent))
        is_change = operation.method in ("PATCH", "PUT") and operation.path.count("{") == 1
        changed = self._owner(operation, path) if is_change else None
        if not self._is_of_run(operation, path):
            self.shared.begin(self.journal, operation, path, sent, self.read)
        if changed is not None and (fields := fields_of(sent)):
            changed.changed(fields)
            self.journal.changing(changed.path, fields)

    def _is_of_run(self, operation: Operation, path: str) -> bool:
        """Whether a request changes nothing, or only what the run created."""
        if operation.method not in ("PATCH", "PUT") and "/actions/" not in operation.path:
            return True
        return "{" in operation.path and self._owner(operation, path) is not None

    def documents(self, method: str, url: str, status: int) -> bool:
        """Whether the specification gives an operation this status."""
        operation = self._contract.operation_of(method, url)
        return operation is not None and str(status) in self._contract.documented_statuses(operation)

    def adopt(self, item: OwnItem) -> None:
        """Take over what an earlier process created; it is verified like everything else."""
        collection, _, identifier = item.path.rpartition("/")
        self.created[item.path] = item
        self._own[kind_of(collection), unquote(identifier)] = item

    def forget(self, path: str) -> None:
        """Record that an item is gone, if this run created it."""
        if path in self.created and self.journal is not None:
            self.journal.removed(path)
        self.created.pop(path, None)

    def _see(self, operation: Operation, path: str, response: Response) -> None:
        """Remember which ids exist: what a later creation answers with one of them is not new."""
        is_item = operation.path.endswith("}")
        self._find_awaited(path.rpartition("/")[0] if is_item else path, response)
        collection, template = (text.rpartition("/")[0] if is_item else text for text in (path, operation.path))
        for identifier in identifiers_in(response, self._resources.id_field(template)):
            if (key := (kind_of(collection), identifier)) not in self._own:
                self._seen.add(key)
            # What belongs to test equipment is test equipment.
            if "{" in template and not is_item and self._equipment.has(operation, path, self._own.keys()):
                self._equipment.keys.add(key)

    def _record_creation(self, operation: Operation, path: str, exchange: Exchange, response: Response) -> bool:
        """Record what was created; whether it is known, or goes with what it is below."""
        identifier = next(identifiers_in(response, self._resources.id_field(operation.path)), None)
        if identifier is None:
            is_below_own = self._is_below_own(operation, path)
            if not is_below_own:
                self._record_unidentified(path, "it answered no id")
            return is_below_own
        key = (kind_of(path), identifier)
        if key in self._seen:
            self._record_unidentified(path, f"it answered the id {identifier}, which existed before")
            return False
        marks = marks_of(sent_object(exchange.request), self._tag)
        item = OwnItem(f"{path}/{quote(identifier, safe='')}", response.status_code, marks)
        # A text without the name of the run may have been sent in a field that no read shows.
        is_tagged = self._tag is not None and any(self._tag in text for text in marks.values())
        if not is_tagged and (fields := fields_of(json_of(response))):
            item.changed(fields)
        self._record_created(key, item)
        return True

    def _record_indirect(
        self, creation: IndirectCreation, operation: Operation, exchange: Exchange, response: Response
    ) -> bool:
        """Record what an action made, such as a session; whether it is known, or nothing was made."""
        sent, answer = sent_object(exchange.request), json_of(response)
        fields = shown_fields(creation, path_values(operation, exchange.request.url), sent, answer)
        answered = next(items_of(answer), {})
        identifiers = list(identifiers_in(response, creation.answered))
        if not identifiers:
            # What is decided later, such as a booking, may be one that somebody else has made.
            if answered.get("success") is not False and fields and not is_creation(operation):
                self._awaited.append((creation.collection, fields))
                self.unanswered.add(creation.collection)
                return False
            return True
        named = set(ids_of(sent.get(creation.answered))) if isinstance(sent, dict) else set()
        marks = marks_of(sent, self._tag)
        for identifier in identifiers:
            key = (kind_of(creation.collection), identifier)
            if key not in self._seen and key not in self._own and identifier not in named:
                path = f"{creation.collection}/{quote(identifier, safe='')}"
                item = OwnItem(path, response.status_code if fields else 0, marks, is_verified=bool(fields))
                if fields:
                    item.changed(fields)
                self._record_created(key, item)
        return True

    def _find_awaited(self, collection: str, response: Response) -> None:
        """Recognise what an action made that answered no id."""
        for awaited in [entry for entry in self._awaited if entry[0] == collection]:
            for shown in items_of(json_of(response)):
                identifier = str(shown.get(self._resources.id_field(collection), ""))
                key = (kind_of(collection), identifier)
                if identifier and key not in self._seen | self._own.keys() and matches(shown, awaited[1]):
                    self._awaited.remove(awaited)
                    item = OwnItem(f"{collection}/{identifier}", response.status_code, {}, is_verified=True)
                    item.changed(awaited[1])
                    self._record_created(key, item)
                    if self.journal is not None:
                        self.journal.answered(collection)
                    break

    def _record_created(self, key: Key, item: OwnItem) -> None:
        self._own[key] = self.created[item.path] = item
        if self.journal is not None:
            self.journal.created(item)

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

        def check(name: str, _sources: object, value: Any) -> Any:
            number = named_number(value)
            texts = {str(value).strip(), str(number)}
            keys = {(kind, text) for kind in self._resources.kinds_of_field(name) for text in texts}
            names_a_thing = (number is not None and 0 < number < UNUSED_ID) or not keys.isdisjoint(self._seen)
            if names_a_thing and keys.isdisjoint(self._own.keys() | self._equipment.keys):
                raise NotPermitted(
                    f"safety {self.policy.safety}: {name} would refer to what the run did not create "
                    f"({operation.label}); `test_equipment` in tenants.yaml can permit charge points, EVSEs and users"
                )
            return value

        try:
            with_references(body, self._resources, check)
        except RecursionError:
            raise NotPermitted(f"a body nested so deeply may refer to anything ({operation.label})") from None

    def _indirect_creation(self, operation: Operation) -> IndirectCreation | None:
        if operation.method != "POST":
            return None
        return next((creation for creation in self._indirect if fnmatchcase(operation.path, creation.pattern)), None)

    def _is_own(self, operation: Operation, url: str) -> bool:
        """Whether all that the path names is of this run, or its first id of nothing that exists."""
        identifier = self._first_id(operation, url)
        if _UNUSED.fullmatch(identifier):
            return True
        owner = self._owner(operation, url) or self._ended(operation, url)
        if owner is None:
            return self._is_usable_equipment(operation, url)
        if not owner.is_verified:
            is_readable = self._contract.operation_of("GET", owner.path) is not None
            shown = self.read(owner.path) if self.read is not None and is_readable else None
            is_read = shown is not None and shown.status_code == 200
            owner.is_verified = owner.is_shown_by(json_of(shown) if shown is not None and is_read else None)
        return owner.is_verified and self._others_are_own(operation, url, owner)

    def _others_are_own(self, operation: Operation, url: str, owner: OwnItem) -> bool:
        """Whether what a path names besides its owner, such as a session to stop, is of this run or belongs to it."""
        named = path_values(operation, path_below(operation, url))
        for name in parameters_of(operation.path)[1:]:
            sources = self._resources.sources(operation.path, name)
            # What is listed below the owner is of the owner.
            if not sources or "{" in sources[0].collection or _UNUSED.fullmatch(named[name]):
                continue
            keys = {(kind_of(source.collection), named[name]) for source in sources}
            path = f"{sources[0].collection}/{quote(named[name], safe='')}"
            if keys.isdisjoint(self._own.keys() | self._equipment.keys) and not self._belongs(path, owner):
                return False
        return True

    def _belongs(self, path: str, owner: OwnItem) -> bool:
        """Whether an item refers to what the run created, such as a session at its charge point."""
        response = self.read(path) if self.read is not None else None
        item = next(items_of(json_of(response)), {}) if response is not None else {}
        collection, _, identifier = owner.path.rpartition("/")
        fields = (name for name, value in item.items() if str(value) == unquote(identifier))
        return any(kind_of(collection) in self._resources.kinds_of_field(name) for name in fields)

    def _ended(self, operation: Operation, url: str) -> OwnItem | None:
        """What of this run the request would end, such as a session at a charge point of the tenant."""
        path = ended_by(self._contract.specification.api, path_below(operation, url))
        if path is None:
            return None
        collection, _, identifier = path.rpartition("/")
        return self._own.get((kind_of(collection), unquote(identifier)))

    def _is_usable_equipment(self, operation: Operation, url: str) -> bool:
        """Whether the request uses test equipment that nobody else uses now. Raises NotPermitted when somebody does."""
        path = path_below(operation, url)
        action = self._equipment.action(operation)
        if action is None or not self._equipment.has(operation, path, self._own.keys()):
            return False
        if self.read is not None:
            occupied = self._equipment.occupied(operation, path, self.read, list(self._own.values()))
            if occupied is not None:
                raise NotPermitted(
                    f"safety {self.policy.safety}: the EVSE shows {occupied}, and not by this run ({operation.label})"
                )
        return action.evses is None or self.read is not None

    def _owner(self, operation: Operation, url: str) -> OwnItem | None:
        name = parameters_of(operation.path)[0]
        identifier = self._first_id(operation, url)
        sources = self._resources.sources(operation.path, name)
        kinds = {kind_of(source.collection) for source in sources} or {kind_of(head(operation))}
        return next((item for kind in kinds if (item := self._own.get((kind, identifier))) is not None), None)

    def _first_id(self, operation: Operation, url: str) -> str:
        return path_values(operation, url)[parameters_of(operation.path)[0]]


def _fields_in(text: str) -> dict[str, str]:
    """The fields of a query, or of a form: some servers read them as they read JSON."""
    return {name.partition("[")[0]: value for name, value in parse_qsl(text)} if "=" in text else {}
