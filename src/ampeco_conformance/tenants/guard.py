"""The last gate before a request leaves: whatever a test asks for, the target's safety level is kept.

Tests leave out by themselves what is not permitted; the guard is there for those that forget, or that cannot know.
"""

import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

from ampeco_conformance.checks.conformance import Contract
from ampeco_conformance.exchanges import Exchange
from ampeco_conformance.specs import Operation
from ampeco_conformance.tenants.resources import UNUSED_ID, ResourceMap, items_of, parameters_of
from ampeco_conformance.tenants.safety import NotPermitted, Policy, Safety

_VERSION = re.compile(r"v\d+(\.\d+)*")


class Guard:
    """Admits requests, and remembers which resources this run created."""

    def __init__(self, policy: Policy, contract: Contract) -> None:
        self.policy = policy
        self._contract = contract
        self._resources = ResourceMap(contract)
        self._own: set[tuple[str, str]] = set()

    def admit(self, method: str, url: str) -> None:
        """Let a request pass. Raises NotPermitted, with the reason, when it must not be sent."""
        operation = self._contract.operation_of(method, url)
        if operation is None:
            if method not in ("GET", "HEAD") and self.policy.safety is not Safety.FULL:
                raise NotPermitted(f"safety {self.policy.safety}: nobody knows what {method} does here")
            return
        if (reason := self.policy.refusal(operation)) is not None:
            raise NotPermitted(f"{reason} ({operation.label})")
        if self.policy.own_data_only(operation) and not self._is_own(operation, url):
            raise NotPermitted(
                f"safety {self.policy.safety}: this would touch what the run did not make ({operation.label})"
            )

    def observe(self, exchange: Exchange) -> None:
        """Learn from an answer what was created."""
        if (path := created_path(self._contract, exchange)) is not None:
            collection, _, identifier = path.rpartition("/")
            self._own.add((_kind(collection), unquote(identifier)))

    def _is_own(self, operation: Operation, url: str) -> bool:
        """Whether the first id of the path, to which all others belong, is of this run; or of nobody."""
        name = parameters_of(operation.path)[0]
        head = operation.path[: operation.path.index("{" + name + "}")]
        identifier = unquote(urlsplit(url).path.partition(head)[2].partition("/")[0])
        sources = self._resources.sources(operation.path, name)
        kinds: Collection[str] = {_kind(source.collection) for source in sources} or {_kind(head)}
        return str(UNUSED_ID) in identifier or any((kind, identifier) in self._own for kind in kinds)


def created_path(contract: Contract, exchange: Exchange) -> str | None:
    """The path, below the base URL, of what an exchange created; None when it created nothing that has one."""
    request, response = exchange.request, exchange.response
    if request.method != "POST" or response is None or not 200 <= response.status_code < 300:
        return None
    operation = contract.operation_of(request.method, request.url)
    if operation is None or "/actions/" in operation.path:
        return None
    try:
        item = next(items_of(response.json()), {})
    except ValueError:
        return None
    path = urlsplit(request.url).path
    first = operation.path.partition("{")[0]
    return f"{path[path.index(first) :].rstrip('/')}/{item['id']}" if item.get("id") is not None else None


def _kind(collection: str) -> str:
    """What a collection holds, whatever its version: `users` for `/public-api/resources/users/v1.0`."""
    parts = [part for part in collection.split("/") if part and not _VERSION.fullmatch(part)]
    return parts[-1] if parts else ""
