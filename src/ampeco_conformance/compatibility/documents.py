"""Compares what documents say about themselves and in their components, apart from operations."""

from collections.abc import Iterator

from ampeco_conformance.compatibility.changes import Change
from ampeco_conformance.compatibility.contracts import ContractDocument, Json
from ampeco_conformance.compatibility.policy import VendorPolicy
from ampeco_conformance.compatibility.rules import RULES

_TELLING = ("type", "scheme", "in", "name", "flows", "openIdConnectUrl")
"""The fields of a security scheme that a client has to obey."""


def document_changes(
    old: ContractDocument, new: ContractDocument, policy: VendorPolicy, *, changed: bool
) -> Iterator[Change]:
    """Changes of security schemes, named schemas and the version number; `changed`: there are others."""

    def make(rule: str, location: str, message: str) -> Change:
        return Change(rule, "", location, message, policy.severity(RULES[rule]))

    before, after = security_schemes(old), security_schemes(new)
    for name in {**before, **after}:
        if name not in after:
            yield make("security-scheme-removed", name, "The security scheme is gone")
        elif name not in before:
            yield make("security-scheme-added", name, "The security scheme is new")
        elif before[name] != after[name]:
            yield make("security-scheme-changed", name, "The security scheme has changed")
    after = _components(new, "schemas")
    for name in _components(old, "schemas"):
        if name not in after:
            yield make("component-schema-removed", name, "The named schema is gone")
    versions = _numbers(old.version), _numbers(new.version)
    if versions[1] < versions[0]:
        yield make("version-decreased", "info.version", f"The version goes down: {old.version} -> {new.version}")
    elif changed and old.version == new.version:
        yield make("version-unchanged", "info.version", f"Different documents have the version {new.version}")


def _components(contract: ContractDocument, kind: str) -> dict[str, Json]:
    found = contract.document.get("components", {}).get(kind, {})
    return found if isinstance(found, dict) else {}


def security_schemes(contract: ContractDocument) -> dict[str, dict[str, Json]]:
    """What a client has to obey of every security scheme, by the name of the scheme."""
    schemes = {name: contract.resolve(each) for name, each in _components(contract, "securitySchemes").items()}
    return {name: {key: each.get(key) for key in _TELLING} for name, each in schemes.items()}


def _numbers(version: str) -> list[int]:
    return [int(part) if part.isdigit() else 0 for part in version.lstrip("v").split(".")]
