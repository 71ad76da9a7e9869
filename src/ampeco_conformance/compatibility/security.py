"""Compares who may call an operation: alternatives of credentials, each with its scopes."""

from collections.abc import Callable, Iterator

from ampeco_conformance.compatibility.changes import Change, Witness
from ampeco_conformance.compatibility.contracts import Contract, ContractOperation, Json

Alternative = dict[str, frozenset[str]]
MakeChange = Callable[..., Change]


def security_changes(
    old: Contract, new: Contract, before: ContractOperation, after: ContractOperation, make: MakeChange
) -> Iterator[Change]:
    """The changes of the credentials that an operation needs; `make` makes a change of a rule."""
    was, now = _alternatives(old, before), _alternatives(new, after)
    if was == now:
        return

    def witness(alternative: Alternative) -> Witness:
        credentials = {name: sorted(scopes) for name, scopes in alternative.items()}
        reason = f"the new contract asks for {' or '.join(map(_told, now))}"
        return Witness("request", after.label, {"credentials": credentials}, "old", "new", reason)

    for alternative in was:
        if any(_suffices(alternative, each) for each in now):
            if alternative not in now:
                rule = "security-requirement-removed" if {} in now else "security-scope-removed"
                yield make(rule, after.label, "security", before=_told(alternative))
            continue
        same = [each for each in now if each.keys() == alternative.keys()]
        rule = (
            "security-requirement-added"
            if not alternative
            else "security-scope-added"
            if same
            else "security-alternative-removed"
        )
        yield make(rule, after.label, "security", before=_told(alternative), witness=witness(alternative))
    for alternative in now:
        related = any(_suffices(each, alternative) or each.keys() == alternative.keys() or not each for each in was)
        if not related and alternative:
            yield make("security-alternative-added", after.label, "security", after=_told(alternative))


def _alternatives(contract: Contract, operation: ContractOperation) -> list[Alternative]:
    required: Json = operation.definition.get("security", contract.document.get("security"))
    if not required:
        return [{}]
    return [{name: frozenset(scopes) for name, scopes in each.items()} for each in required]


def _suffices(held: Alternative, needed: Alternative) -> bool:
    """Whether who holds these credentials satisfies that requirement."""
    return all(name in held and scopes <= held[name] for name, scopes in needed.items())


def _told(alternative: Alternative) -> str:
    parts = [f"{name} ({', '.join(sorted(scopes))})" if scopes else name for name, scopes in alternative.items()]
    return " with ".join(parts) or "no credentials"
