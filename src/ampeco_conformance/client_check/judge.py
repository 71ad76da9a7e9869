"""Judges the calls of a client by the contract of one version."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from ampeco_conformance.apis import describe
from ampeco_conformance.client_check.bodies import body_faults
from ampeco_conformance.client_check.faults import BREAKING, FaultText
from ampeco_conformance.client_check.model import Client, ClientCall, ClientFault, joined
from ampeco_conformance.client_check.naming import nearest, shown
from ampeco_conformance.client_check.queries import path_faults, query_faults
from ampeco_conformance.client_check.routes import Routes, is_version, segments_of
from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.contract.undocumented import UndocumentedFinder
from ampeco_conformance.specs import Operation, Provenance

_UNJUDGED = ("OPTIONS", "HEAD")
"""Methods that browsers and servers use beside the documented ones."""


class ClientJudge:
    """Judges calls by one contract; `today` decides which styles have ended.

    Where nothing but the operations of a version is known, only these are judged.
    """

    def __init__(self, contract: ApiContract, today: date | None = None) -> None:
        self._contract = contract
        self._routes = Routes(contract.specification)
        self._api = describe(contract.specification.api)
        self._finder = UndocumentedFinder(contract)
        self._today = today or datetime.now(UTC).date()

    def calls_of_api(self, client: Client) -> list[tuple[ClientCall, list[str]]]:
        """The calls that belong to the API, each with the segments of its path; browsers record much else.

        What lacks the prefix belongs to it on hosts that serve the API; in logs, which may be those of a server behind
        a proxy that takes it away, it is added.
        """
        placed = [(call, segments_of(call.url)) for call in client.calls]
        hosts = {call.host for call, parts in placed if self._path(parts) is not None}
        found = []
        for call, parts in placed:
            path = parts if call.is_whole else self._path(parts)
            if path is None and call.host in hosts:
                path = self._unprefixed(parts)
            elif path is None and not call.host:
                path = self._routes.completed(parts)
            if path is not None and "/" + "/".join(path) not in self._api.other_paths:
                found.append((call, path))
        return found

    def faults(self, client: Client) -> list[ClientFault]:
        """Everything that is wrong with the calls of the API, each once."""
        return joined(fault for call, parts in self.calls_of_api(client) for fault in self._of_call(call, parts))

    @property
    def routes(self) -> Routes:
        """The paths of the contract."""
        return self._routes

    def _path(self, parts: Sequence[str]) -> list[str] | None:
        """The segments from the prefix on, or of an operation where the API has no prefix."""
        if self._routes.prefix:
            return self._routes.after_prefix(parts)
        return next((list(parts[n:]) for n in range(len(parts)) if self._routes.matching(parts[n:])), None)

    def _unprefixed(self, parts: Sequence[str]) -> list[str] | None:
        """A path that no operation has, if it begins like those of the API."""
        if not self._routes.starts_like_the_api(parts) or not any(map(is_version, parts)):
            return None
        return list(parts)

    def _of_call(self, call: ClientCall, parts: Sequence[str]) -> Iterator[ClientFault]:
        if call.method in _UNJUDGED:
            return
        path = "/" + "/".join(shown(part) for part in parts)
        same_path = self._routes.matching(parts)
        operations = [op for op in same_path if call.method in ("", op.method)]
        if not operations:
            found = self._unknown(call, parts, same_path)
            yield self._fault(found, f"{call.method} {path}".strip(), call)
        elif len(operations) == 1:
            for fault in self._of_operation(call, operations[0], parts):
                yield self._fault(fault, operations[0].label, call)
        else:
            # Which of them it is, the source does not show: only what is wrong for each of them is a fault.
            each = [list(self._of_operation(call, operation, parts)) for operation in operations]
            common = set.intersection(*({fault[:2] for fault in faults} for faults in each))
            for fault in (fault for fault in each[0] if fault[:2] in common):
                yield self._fault(fault, path, call)

    def _fault(self, found: FaultText, operation: str, call: ClientCall) -> ClientFault:
        kind, subject, message = found
        version = self._contract.specification.version
        return ClientFault(kind, operation, subject, message, version, kind in BREAKING, call.is_certain, (call.place,))

    def _unknown(self, call: ClientCall, parts: Sequence[str], same_path: Sequence[Operation]) -> FaultText:
        """What is wrong with a path or a method that the API does not have."""
        if same_path:
            methods = ", ".join(sorted({op.method for op in same_path}))
            return "unknown-method", call.method, f"the path has no {call.method}; it has {methods}"
        if self._routes.prefix and self._routes.after_prefix(parts) is None:
            prefix = self._api.path_prefix
            return "missing-prefix", prefix, f"the path lacks {prefix} at its beginning"
        if versions := self._routes.with_other_version(parts):
            own = next(part for part in parts if is_version(part))
            return "unknown-version", own, f"there is no version {shown(own)} of it; there is {', '.join(versions)}"
        near = self._routes.nearest([part for part in parts if part], call.method)
        hint = f"; did you mean {near.method if call.method else ''} {near.path}?" if near else ""
        return "unknown-operation", "", "no operation has this path" + hint.replace("  ", " ")

    def _of_operation(self, call: ClientCall, operation: Operation, parts: Sequence[str]) -> Iterator[FaultText]:
        for fault in self._all_of_operation(call, operation, parts):
            # A guessed parameter that is like none of the operation may be an option of the client's library.
            if call.is_certain or fault[0] != "unknown-parameter" or "did you mean" in fault[2]:
                yield fault

    def _all_of_operation(self, call: ClientCall, operation: Operation, parts: Sequence[str]) -> Iterator[FaultText]:
        if operation.deprecated:
            newer = self._newer(operation)
            yield (
                "deprecated-operation",
                "",
                "the operation is deprecated" + (f"; {newer} replaces it" if newer else ""),
            )
        if self._contract.specification.document.get("x-provenance") == Provenance.OPERATIONS:
            return
        yield from path_faults(self._contract, operation, parts)
        yield from query_faults(self._contract, operation, call)
        yield from self._paging(call, operation)
        yield from body_faults(self._contract, self._finder, operation, call)
        yield from self._reads(call, operation)

    def _paging(self, call: ClientCall, operation: Operation) -> Iterator[FaultText]:
        end = self._api.page_style_ends
        sent = {name for name, _ in call.query}
        if (
            end is None
            or "page" not in sent
            or not all(takes_query(self._contract, operation, name) for name in ("page", "cursor"))
        ):
            return
        if self._today >= end:
            yield "page-style-ended", "page", f"page style ended on {end}; use cursor"
        else:
            yield "page-style-ends", "page", f"page style ends on {end}; use cursor"

    def _reads(self, call: ClientCall, operation: Operation) -> Iterator[FaultText]:
        """Fields that are read and that no successful answer documents."""
        statuses = [status for status in operation.definition.get("responses", {}) if str(status).startswith("2")]
        for name in call.reads:
            place = "/" + name.replace("[]", "/*").replace(".", "/")
            numbers = [int(str(status).upper().replace("X", "0")) for status in statuses]
            if not any(self._finder.documents(operation.label, status, place) for status in numbers):
                near = self._near_field(operation, numbers, place)
                yield "unknown-read", name, f"no answer promises the field {name}" + near

    def _near_field(self, operation: Operation, statuses: Sequence[int], place: str) -> str:
        above, _, last = place.rpartition("/")
        known = {name for status in statuses for name in self._finder.names_at(operation, status, above)}
        return nearest(last, known)

    def _newer(self, operation: Operation) -> str:
        """The operation of a newer version of the resource that is not deprecated, if there is one."""
        parts = segments_of(operation.path)
        if not any(map(is_version, parts)):
            return ""
        index = next(number for number, part in enumerate(parts) if is_version(part))
        for version in reversed(self._routes.with_other_version(parts)):
            other = [*parts[:index], version, *parts[index + 1 :]]
            newer = [op for op in self._routes.matching(other) if op.method == operation.method and not op.deprecated]
            if newer and version != parts[index]:
                return newer[0].label
        return ""


def newly(faults: Sequence[ClientFault], known: Sequence[ClientFault]) -> list[ClientFault]:
    """The faults that another version does not have."""
    keys = {(fault.kind, fault.operation, fault.subject) for fault in known}
    return [fault for fault in faults if (fault.kind, fault.operation, fault.subject) not in keys]
