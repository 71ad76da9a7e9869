"""Compares the credentials that an operation accepts: alternatives, each with its scopes."""

from collections.abc import Callable, Iterator, Mapping

from ampeco_conformance.compatibility.changes import Change, Witness
from ampeco_conformance.compatibility.contracts import ContractDocument, ContractOperation
from ampeco_conformance.compatibility.documents import security_schemes

Alternative = dict[str, frozenset[str]]
MakeChange = Callable[..., Change]


def security_changes(
    old: ContractDocument, new: ContractDocument, before: ContractOperation, after: ContractOperation, make: MakeChange
) -> Iterator[Change]:
    """The changes of the credentials that an operation needs; `make` makes a change of a rule."""
    was, now = _alternatives(old, before, {}), _alternatives(new, after, _renamed(old, new))
    if was == now:
        return
    if {} in now and {} not in was:
        yield make("security-requirement-removed", after.label, "security", before=" or ".join(map(_as_text, was)))
        return

    def witness(alternative: Alternative) -> Witness:
        credentials = {name: sorted(scopes) for name, scopes in alternative.items()}
        reason = f"the new contract asks for {' or '.join(map(_as_text, now))}"
        return Witness("request", after.label, {"credentials": credentials}, "old", "new", reason)

    for alternative in was:
        if any(_suffices(alternative, other) for other in now):
            if alternative not in now:
                yield make("security-scope-removed", after.label, "security", before=_as_text(alternative))
            continue
        same = [other for other in now if other.keys() == alternative.keys()]
        rule = (
            "security-requirement-added"
            if not alternative
            else "security-scope-added"
            if same
            else "security-alternative-removed"
        )
        yield make(rule, after.label, "security", before=_as_text(alternative), witness=witness(alternative))
    for alternative in now:
        related = any(_suffices(other, alternative) or other.keys() == alternative.keys() or not other for other in was)
        if not related and alternative:
            yield make("security-alternative-added", after.label, "security", after=_as_text(alternative))


def _renamed(old: ContractDocument, new: ContractDocument) -> dict[str, str]:
    """What the old contract calls the schemes that the new one calls otherwise."""
    before, after = security_schemes(old), security_schemes(new)
    gone = {name: scheme for name, scheme in before.items() if name not in after}
    known = ((name, other) for name in after.keys() - before.keys() for other in gone if gone[other] == after[name])
    return dict(known)


def _alternatives(
    contract: ContractDocument, operation: ContractOperation, names: Mapping[str, str]
) -> list[Alternative]:
    required = operation.definition.get("security")
    required = contract.document.get("security") if required is None else required
    if not isinstance(required, list) or not required:
        return [{}]
    return [
        {names.get(name, name): frozenset(scopes or ()) for name, scopes in requirement.items()}
        for requirement in required
        if isinstance(requirement, dict)
    ]


def _suffices(held: Alternative, needed: Alternative) -> bool:
    """Whether these credentials satisfy a requirement."""
    return all(name in held and scopes <= held[name] for name, scopes in needed.items())


def _as_text(alternative: Alternative) -> str:
    parts = [f"{name} ({', '.join(sorted(scopes))})" if scopes else name for name, scopes in alternative.items()]
    return " with ".join(parts) or "no credentials"
