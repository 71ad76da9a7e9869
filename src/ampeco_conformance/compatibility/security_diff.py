"""Compares the credentials that an operation accepts: alternatives, each with its scopes."""

from collections.abc import Callable, Iterator, Mapping

from ampeco_conformance.compatibility.changes import Change, Witness
from ampeco_conformance.compatibility.contracts import ContractDocument, ContractOperation
from ampeco_conformance.compatibility.documents import credential, security_schemes
from ampeco_conformance.compatibility.rules import RULES

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
        schemes = security_schemes(old)
        credentials = {
            f"{name} ({credential(name, schemes[name])})" if name in schemes else name: sorted(scopes)
            for name, scopes in alternative.items()
        }
        reason = f"the new contract asks for {' or '.join(map(_as_text, now))}"
        return Witness("request", after.label, {"credentials": credentials}, "old", "new", reason)

    for alternative in was:
        if any(_suffices(alternative, other) for other in now):
            if alternative not in now:
                yield make("security-scope-removed", after.label, "security", before=_as_text(alternative))
            continue
        extended = [other for other in now if other.keys() == alternative.keys() and _suffices(other, alternative)]
        rule = (
            "security-requirement-added"
            if not alternative
            else "security-scope-added"
            if extended
            else "security-alternative-removed"
        )
        message = f"{RULES[rule].title}: {_as_text(extended[0] if extended else alternative)}" if alternative else ""
        proof = witness(alternative)
        yield make(rule, after.label, "security", message, before=_as_text(alternative), witness=proof)
    for alternative in now:
        related = any(_suffices(other, alternative) or other.keys() == alternative.keys() or not other for other in was)
        if not related and alternative:
            yield make("security-alternative-added", after.label, "security", after=_as_text(alternative))


def _renamed(old: ContractDocument, new: ContractDocument) -> dict[str, str]:
    """What the old contract calls the schemes of the new one; one with other credentials gets a new name."""
    before, after = security_schemes(old), security_schemes(new)
    known = {credential(name, scheme): name for name, scheme in reversed(before.items())}
    names = {}
    for name, scheme in after.items():
        words = credential(name, scheme)
        if name not in before:
            same = [other for other in before if before[other] == scheme]
            names[name] = known.get(words, same[0] if same else name)
        elif credential(name, before[name]) != words:
            names[name] = known.get(words, f"{name}: {words}")
    return names


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
