"""Blocks every request that the target's safety level does not allow.

Tests skip what is not permitted; the guard covers those that do not know it in advance.
"""

import json
import re
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ampeco_conformance.contract.addresses import address_fields
from ampeco_conformance.contract.resource_map import UNUSED_ID, ResourceMap, items_of, parameters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.addresses import foreign_addresses
from ampeco_conformance.core.exchanges import Exchange, Response
from ampeco_conformance.http.journal import Journal
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import NotPermitted, Safety, SafetyPolicy

_VERSION = re.compile(r"v\d+(\.\d+)*")


class Guard:
    """Allows or blocks requests, and records which resources this run created, also in the journal.

    `own_hosts` are hosts that the target may be told to call, besides the reserved ones.
    """

    def __init__(
        self,
        policy: SafetyPolicy,
        contract: ApiContract,
        journal: Journal | None = None,
        own_hosts: Collection[str] = (),
    ) -> None:
        self.policy = policy
        self.created: dict[str, None] = {}
        self.journal = journal
        self._contract = contract
        self._resources = ResourceMap(contract)
        self._own: set[tuple[str, str]] = set()
        self._own_hosts = own_hosts
        self._address_fields = address_fields(contract.specification)

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
            )
        if self.journal is not None and _is_creation(operation):
            self.journal.sending(_path_below(operation, url))

    def observe(self, exchange: Exchange) -> None:
        """Record what an exchange created or deleted."""
        request, response = exchange.request, exchange.response
        operation = self._contract.operation_of(request.method, request.url)
        if operation is None or response is None:
            return
        path = _path_below(operation, request.url)
        succeeded = 200 <= response.status_code < 300
        if operation.method == "DELETE" and succeeded:
            self.forget(path)
        if not _is_creation(operation):
            return
        identifier = _identifier(response, self._resources.id_field(operation.path)) if succeeded else None
        if identifier is not None:
            self._own.add((_kind(path), str(identifier)))
            self.created[f"{path}/{identifier}"] = None
            if self.journal is not None:
                self.journal.created(f"{path}/{identifier}")
        if self.journal is not None:
            self.journal.answered(path)

    def forget(self, path: str) -> None:
        """Record that an item is gone, if this run created it."""
        if path in self.created and self.journal is not None:
            self.journal.removed(path)
        self.created.pop(path, None)

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

    def _is_own(self, operation: Operation, url: str) -> bool:
        """Whether the first id of the path, the parent of all others, was created by this run or is unused."""
        name = parameters_of(operation.path)[0]
        head = operation.path[: operation.path.index("{" + name + "}")]
        identifier = unquote(_path_below(operation, url).removeprefix(head).partition("/")[0])
        sources = self._resources.sources(operation.path, name)
        kinds: Collection[str] = {_kind(source.collection) for source in sources} or {_kind(head)}
        return str(UNUSED_ID) in identifier or any((kind, identifier) in self._own for kind in kinds)


def _is_creation(operation: Operation) -> bool:
    return operation.method == "POST" and "/actions/" not in operation.path


def _path_below(operation: Operation, url: str) -> str:
    """The path of a request without the prefix that the base URL may have."""
    path = urlsplit(url).path.rstrip("/")
    return path[path.index(operation.path.partition("{")[0].rstrip("/")) :]


def _identifier(response: Response, field: str) -> Any:
    try:
        return next(items_of(response.json()), {}).get(field)
    except ValueError:
        return None


def _kind(collection: str) -> str:
    """The kind of resource of a collection, without its version: `users` for `/public-api/resources/users/v1.0`."""
    parts = [part for part in collection.split("/") if part and not _VERSION.fullmatch(part)]
    return parts[-1] if parts else ""
