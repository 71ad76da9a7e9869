"""Compares the operations of two contracts, and the documents around them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ampeco_conformance.compatibility.changes import Change, Witness
from ampeco_conformance.compatibility.contracts import ContractDocument, ContractOperation, Json, section
from ampeco_conformance.compatibility.deadlines import NEVER, TimeLimit
from ampeco_conformance.compatibility.documents import document_changes
from ampeco_conformance.compatibility.envelope_diff import EnvelopeComparison
from ampeco_conformance.compatibility.envelopes import (
    SCALARS,
    align_media_types,
    covering,
    parameters,
    request_envelope,
    response_envelope,
    responses,
)
from ampeco_conformance.compatibility.policy import VendorPolicy
from ampeco_conformance.compatibility.rules import RULES, ChangeSeverity
from ampeco_conformance.compatibility.rules.metadata import METADATA_RULES
from ampeco_conformance.compatibility.rules.model import OperationPair
from ampeco_conformance.compatibility.security_diff import security_changes
from ampeco_conformance.compatibility.verdicts import Place
from ampeco_conformance.compatibility.wire import WireSide, align_parameters
from ampeco_conformance.contract.json_schema import Direction

Memory = dict[tuple[bytes, bytes], tuple[Change, ...]]
"""Digests of a pair of operations -> their changes, before the contracts are named; new is empty when removed."""


@dataclass(frozen=True, slots=True)
class _Pair:
    old: ContractOperation
    new: ContractOperation


class ContractComparison:
    """Compares two contracts under a policy."""

    def __init__(
        self,
        old: ContractDocument,
        new: ContractDocument,
        policy: VendorPolicy,
        memory: Memory | None = None,
        deadline: TimeLimit = NEVER,
    ) -> None:
        self.unfinished: list[str] = []
        """Operations that differ and were not compared, because the time was over."""
        self._deadline = deadline
        self._old, self._new, self._policy = old, new, policy
        self._memory: Memory = {} if memory is None else memory
        self._envelopes: list[Json] = []
        self._requests: EnvelopeComparison | None = None
        self._responses: EnvelopeComparison | None = None
        self._has_sunsets = any("x-sunset" in operation.definition for operation in new.operations.values())

    def changes(self) -> list[Change]:
        """Every change, in the order of the new document, what was removed last."""
        found: list[Change] = []
        old, new = self._old.operations, self._new.operations
        for key, operation in new.items():
            if key[1] in self._old.unknown_paths:
                continue
            if key in old:
                found.extend(self._paired(_Pair(old[key], operation)))
            else:
                found.append(self._simple("operation-added", operation.label))
        found.extend(
            self._remembered_removal(operation)
            for key, operation in old.items()
            if key not in new and key[1] not in self._new.unknown_paths
        )
        found.extend(document_changes(self._old, self._new, self._policy, changed=bool(found)))
        found.extend(self._webhooks())
        return [self._named(change) for change in found]

    @property
    def contained(self) -> set[Place]:
        """The operations and directions of which it is proven that what was valid still is."""
        sides = (side for side in (self._requests, self._responses) if side is not None)
        return {
            (label, str(side.direction)) for side in sides for label, is_proven in side.contained.items() if is_proven
        }

    def _named(self, change: Change) -> Change:
        """The change with the names of the contracts in its witness, which until here are "old" and "new"."""
        if change.witness is None:
            return change
        names = {"old": self._old.name, "new": self._new.name}
        witness = change.witness
        accepted, refused = names[witness.accepted_by], names[witness.refused_by]
        return replace(change, witness=replace(witness, accepted_by=accepted, refused_by=refused))

    def _simple(self, rule: str, operation: str, location: str = "", message: str = "", **values: Json) -> Change:
        definition = RULES[rule]
        severity = self._policy.severity(definition)
        if severity is ChangeSeverity.BREAKING and values.get("witness") is None:
            severity = ChangeSeverity.MAYBE
        clause = self._policy.clause(definition) if severity is not ChangeSeverity.SAFE else ""
        return Change(rule, operation, location, message or definition.title, severity, clause=clause, **values)

    def _paired(self, pair: _Pair) -> tuple[Change, ...]:
        key = self._old.operation_digest(pair.old), self._new.operation_digest(pair.new)
        if key[0] == key[1]:
            return ()
        if key not in self._memory:
            if self._deadline.is_over:
                self.unfinished.append(pair.new.label)
                return ()
            self._memory[key] = tuple(self._compare(pair))
        return self._memory[key]

    def _compare(self, pair: _Pair) -> Iterator[Change]:
        label = pair.new.label
        yield from self._metadata(pair)
        yield from security_changes(self._old, self._new, pair.old, pair.new, self._simple)
        yield from self._exchange(label, pair, flipped=False)
        yield from self._callbacks(pair)

    def _exchange(self, label: str, pair: _Pair, *, flipped: bool, prefix: str = "") -> Iterator[Change]:
        """Requests and responses; `flipped` when the server sends the request (callbacks, webhooks)."""
        yield from self._styles(label, pair, prefix)
        old = request_envelope(self._old, pair.old, pair.new.path_names if not flipped else pair.old.path_names)
        new = request_envelope(self._new, pair.new, pair.new.path_names)
        side = self._response_side if flipped else self._request_side
        align_parameters(*map(WireSide, side.canonicals, (pair.old, pair.new), (old, new)))
        yield from self._envelope_changes(_requests(flipped), label, prefix, old, new)
        before, after = responses(pair.old), responses(pair.new)
        for status in {**before, **after}:
            one, other = covering(status, before), covering(status, after)
            if one is not None and other is not None:
                if self._old.digest(before[one]) == self._new.digest(after[other]):
                    continue
                old, new = response_envelope(self._old, before[one]), response_envelope(self._new, after[other])
                yield from self._envelope_changes(_requests(not flipped), label, f"{prefix}{status} ", old, new)
            elif flipped:
                yield from self._status_of_caller(label, prefix, status, before)
            elif other is not None or not any(covering(name, before) == status for name in after):
                yield self._status(label, status, before, after)

    def _envelope_changes(
        self, direction: Direction, label: str, prefix: str, old: Json, new: Json
    ) -> Iterator[Change]:
        self._envelopes += [old, new]  # they are compared by identity and must stay
        align_media_types(old, new, narrows=direction is Direction.RESPONSE)
        comparison = self._request_side if direction is Direction.REQUEST else self._response_side
        yield from comparison.changes(label, prefix, old, new)

    @property
    def _request_side(self) -> EnvelopeComparison:
        if self._requests is None:
            self._requests = EnvelopeComparison(self._old, self._new, Direction.REQUEST, self._policy, self._deadline)
        return self._requests

    @property
    def _response_side(self) -> EnvelopeComparison:
        if self._responses is None:
            self._responses = EnvelopeComparison(self._old, self._new, Direction.RESPONSE, self._policy, self._deadline)
        return self._responses

    def _status(self, label: str, status: str, before: Json, after: Json) -> Change:
        kind = _kind(status)
        if status in after:
            return self._simple(f"response-{kind}-status-added", label, status, f"Status {status} added")
        witness = None
        if kind == "success":
            envelope = response_envelope(self._old, before[status])
            self._envelopes.append(envelope)
            value = {"status": status.replace("XX", "00"), **self._response_side.minimal("old", envelope)}
            known = ", ".join(map(str, after)) or "none"
            reason = f"{status} is not among the statuses of the new contract ({known})"
            witness = Witness(Direction.RESPONSE, label, value, "old", "new", reason)
        return self._simple(
            f"response-{kind}-status-removed", label, status, f"Status {status} removed", witness=witness
        )

    def _status_of_caller(self, label: str, prefix: str, status: str, before: Json) -> Iterator[Change]:
        """A status that the receiver of a callback may no longer return; additional statuses are compatible."""
        if status in before:
            rule = f"response-{_kind(status)}-status-removed"
            yield self._simple(rule, label, f"{prefix}{status}", f"Status {status} removed")

    def _remembered_removal(self, operation: ContractOperation) -> Change:
        key = self._old.operation_digest(operation), b""
        if key not in self._memory:
            self._memory[key] = (self._removed(operation),)
        return self._memory[key][0]

    def _removed(self, operation: ContractOperation) -> Change:
        envelope = request_envelope(self._old, operation, operation.path_names)
        self._envelopes.append(envelope)
        value = self._request_side.minimal("old", envelope)
        reason = f"the new contract has no {operation.method} on this path"
        witness = Witness(Direction.REQUEST, operation.label, value, "old", "new", reason)
        before = "after deprecation" if operation.definition.get("deprecated") else "without deprecation"
        return self._simple("operation-removed", operation.label, "", f"Operation removed {before}", witness=witness)

    def _metadata(self, pair: _Pair) -> Iterator[Change]:
        operations = OperationPair(pair.old.definition, pair.new.definition, self._has_sunsets)
        for rule in METADATA_RULES:
            assert rule.search is not None
            for found in rule.search(operations):
                values = {"before": found.before, "after": found.after, "cause": found.cause}
                yield self._simple(rule.id, pair.new.label, message=found.message, **values)

    def _styles(self, label: str, pair: _Pair, prefix: str) -> Iterator[Change]:
        old, new = parameters(self._old, pair.old), parameters(self._new, pair.new)
        for place, name in (key for key in old if key in new):
            before, is_scalar = _style(self._old, old[place, name], place)
            after, becomes_scalar = _style(self._new, new[place, name], place)
            common = {before.removesuffix(" exploded"), after.removesuffix(" exploded")}
            if before != after and not (is_scalar != becomes_scalar and len(common) == 1):
                message = f"Parameter style changed: {before} -> {after}"
                yield self._simple("request-parameter-style-changed", label, f"{prefix}{place}.{name}", message)

    def _callbacks(self, pair: _Pair) -> Iterator[Change]:
        before, after = section(pair.old.definition, "callbacks"), section(pair.new.definition, "callbacks")
        for name in {**before, **after}:
            if name not in before or name not in after:
                rule = "callback-removed" if name in before else "callback-added"
                yield self._simple(rule, pair.new.label, f"callback {name}")
                continue
            if self._old.digest(before[name]) == self._new.digest(after[name]):
                continue
            old, new = self._old.resolve(before[name]), self._new.resolve(after[name])
            yield from self._flipped("callback", pair.new.label, f"callback {name} ", old, new)

    def _webhooks(self) -> Iterator[Change]:
        before, after = section(self._old.document, "webhooks"), section(self._new.document, "webhooks")
        for name in {**before, **after}:
            if name not in before or name not in after:
                yield self._simple("webhook-removed" if name in before else "webhook-added", f"webhook {name}")
            else:
                old, new = {name: self._old.resolve(before[name])}, {name: self._new.resolve(after[name])}
                yield from self._flipped("webhook", f"webhook {name}", "", old, new)

    def _flipped(self, kind: str, label: str, prefix: str, old: Json, new: Json) -> Iterator[Change]:
        sides = [
            {
                (path, operation.method): operation
                for path, item in (side.items() if isinstance(side, dict) else ())
                if not path.startswith("x-")
                for operation in contract.operations_of(path, item)
            }
            for contract, side in ((self._old, old), (self._new, new))
        ]
        for key in {**sides[0], **sides[1]}:
            if key in sides[0] and key in sides[1]:
                yield from self._exchange(label, _Pair(sides[0][key], sides[1][key]), flipped=True, prefix=prefix)
            else:
                rule = f"{kind}-{'removed' if key in sides[0] else 'added'}"
                yield self._simple(rule, label, f"{prefix}{key[1]} {key[0]}".strip())


def _requests(flipped: bool) -> Direction:
    """The direction of a request: to the server, or `flipped` from the server to a client."""
    return Direction.RESPONSE if flipped else Direction.REQUEST


def _kind(status: str) -> str:
    return "success" if status.startswith(("2", "3")) else "error"


def _style(contract: ContractDocument, parameter: dict[str, Json], place: str) -> tuple[str, bool]:
    """The serialization of a parameter as text, and whether it is a scalar; equal texts mean equal serialization."""
    if content := section(parameter, "content"):
        return f"as {next(iter(content))}", False
    style = parameter.get("style", "form" if place in ("query", "cookie") else "simple")
    schema = contract.resolve(parameter.get("schema"))
    kinds = schema.get("type") if isinstance(schema, dict) else None
    kinds = set(kinds if isinstance(kinds, list) else [kinds]) - {"null"}
    is_scalar = bool(kinds) and kinds <= {*SCALARS}
    words = [style]
    if style != "deepObject" and parameter.get("explode", style == "form") and not is_scalar:
        words.append("exploded")
    if parameter.get("allowReserved"):
        words.append("with reserved characters")
    return " ".join(words), is_scalar
