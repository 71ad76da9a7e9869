"""The deprecation calendar: what a caller uses that is deprecated, since when, until when, and what replaces it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ampeco_conformance.apis.descriptor import ApiDescriptor
from ampeco_conformance.compatibility.contracts import ContractDocument, ContractOperation, Schema
from ampeco_conformance.compatibility.usage import OperationUsage, Usage
from ampeco_conformance.specs import Provenance
from ampeco_conformance.specs.catalog import version_key

_VERSION = re.compile(r"/v(\d+(?:\.\d+)*)(?=/|$)")
_PARAMETER = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A deprecated operation, or a deprecated part of what is sent to one, that a caller uses.

    `part` names the parameter or field, such as `query.page`; empty for the whole operation. It is deprecated `by` a
    version, and not yet in `after`; None where that is not known, as `until` and `replacement` are.
    """

    operation: str
    part: str
    calls: int
    after: str | None
    by: str | None
    until: str | None
    replacement: str | None

    @property
    def since(self) -> str:
        """The range of versions in which it was deprecated."""
        return ", ".join(f"{word} {version}" for word, version in (("after", self.after), ("by", self.by)) if version)


@dataclass(frozen=True, slots=True)
class DeprecationCalendar:
    """The deprecations, those that end first in front; how many operations and calls of the API the usage has."""

    source: str
    newest: str
    operations: int
    calls: int
    deprecations: tuple[Deprecation, ...]


def deprecation_calendar(
    contracts: Sequence[ContractDocument], usage: Usage, api: ApiDescriptor
) -> DeprecationCalendar:
    """What of the usage is deprecated in any of the versions, oldest first."""
    newest = contracts[-1]
    with_fields = [contract for contract in contracts if not contract.is_sketch][-1]
    used = [
        (operation, use) for operation in newest.operations.values() if (use := usage.of(operation.label)) is not None
    ]
    found: list[Deprecation] = []
    for operation, use in used:
        after, by = _since(operation.key, contracts, api)
        if by is not None:
            replacement = newer_version(operation, newest)
            until = _sunset(operation.key, contracts)
            found.append(Deprecation(operation.label, "", use.calls, after, by, until, replacement))
        contracted = with_fields.operations.get(operation.key)
        if contracted is not None:
            found += _fields(contracted, use, with_fields)
            found += _page_style(contracted, use, with_fields, api)
    return DeprecationCalendar(
        usage.source,
        newest.version,
        len(used),
        sum(use.calls for _, use in used),
        tuple(sorted(found, key=lambda item: (item.until is None, item.until or "", item.operation, item.part))),
    )


def _since(
    key: tuple[str, str], contracts: Sequence[ContractDocument], api: ApiDescriptor
) -> tuple[str | None, str | None]:
    """The newest version known not to deprecate an operation, and the oldest that does."""
    states = [
        (contract, bool(operation.definition.get("deprecated")))
        for contract in contracts
        if (operation := contract.operations.get(key)) is not None
    ]
    by = next((contract.version for contract, deprecated in states if deprecated), None)
    if by is None:
        return None, None
    before = [
        contract.version
        for contract, _ in states
        if version_key(api.deprecations_known_from) <= version_key(contract.version) < version_key(by)
        and contract.document.get("x-provenance") != Provenance.INFERRED
    ]
    return before[-1] if before else None, by


def _sunset(key: tuple[str, str], contracts: Sequence[ContractDocument]) -> str | None:
    """The day of the end that the newest document to name one gives."""
    present = (contract.operations.get(key) for contract in reversed(contracts))
    days = (operation.definition.get("x-sunset") for operation in present if operation is not None)
    return next((str(day) for day in days if day), None)


def newer_version(operation: ContractOperation, contract: ContractDocument) -> str | None:
    """The newest version of the same path that is not deprecated."""
    present = _versions_in(operation.path)
    newer = [
        (_versions_in(other.path), other.label)
        for other in contract.operations.values()
        if other.method == operation.method
        and _template(other.path) == _template(operation.path)
        and _versions_in(other.path) > present
        and not other.definition.get("deprecated")
    ]
    return max(newer)[1] if newer else None


def _template(path: str) -> str:
    return _PARAMETER.sub("{}", _VERSION.sub("/v", path))


def _versions_in(path: str) -> list[tuple[int, ...]]:
    return [version_key(version) for version in _VERSION.findall(path)]


def _page_style(
    operation: ContractOperation, use: OperationUsage, contract: ContractDocument, api: ApiDescriptor
) -> Iterator[Deprecation]:
    """Reading a listing page by page, where it can be read by cursor and the end of the former is announced."""
    names = {parameter.get("name") for parameter in _query_parameters(operation, contract)}
    if api.page_style_ends and "page" in (use.parameters or ()) and names >= {"page", "cursor"}:
        until = api.page_style_ends.isoformat()
        yield Deprecation(operation.label, "query.page", use.calls, None, None, until, "cursor")


def _fields(operation: ContractOperation, use: OperationUsage, contract: ContractDocument) -> Iterator[Deprecation]:
    """The parameters and fields that are sent, and that the newest contract deprecates."""
    sent = {f"query.{name}" for name in use.parameters or ()} | {f"body.{name}" for name in use.sent or ()}
    for part in sorted(sent & set(_deprecated_parts(operation, contract))):
        yield Deprecation(operation.label, part, use.calls, None, contract.version, None, None)


def _query_parameters(operation: ContractOperation, contract: ContractDocument) -> Iterator[Schema]:
    for listed in (*operation.shared, *(operation.definition.get("parameters") or ())):
        parameter = contract.resolve(listed)
        if isinstance(parameter, dict) and parameter.get("in") == "query":
            yield parameter


def _deprecated_parts(operation: ContractOperation, contract: ContractDocument) -> Iterator[str]:
    for parameter in _query_parameters(operation, contract):
        place = f"query.{parameter.get('name')}"
        if parameter.get("deprecated"):
            yield place
        yield from _deprecated_fields(parameter.get("schema"), place, contract, ())
    body = contract.resolve(operation.definition.get("requestBody") or {})
    for media in (body.get("content") or {}).values() if isinstance(body, dict) else ():
        yield from _deprecated_fields((media or {}).get("schema"), "body", contract, ())


def _deprecated_fields(schema: object, place: str, contract: ContractDocument, above: tuple[int, ...]) -> Iterator[str]:
    """The places of the deprecated properties of a schema, at any depth."""
    found: Schema | None = contract.resolve(schema) if isinstance(schema, dict) else None
    if not isinstance(found, dict) or id(found) in above:
        return
    above = (*above, id(found))
    for name, inner in (found.get("properties") or {}).items():
        resolved = contract.resolve(inner)
        if isinstance(resolved, dict) and resolved.get("deprecated"):
            yield f"{place}.{name}"
        yield from _deprecated_fields(inner, f"{place}.{name}", contract, above)
    yield from _deprecated_fields(found.get("items"), f"{place}[]", contract, above)
    for union in ("allOf", "anyOf", "oneOf"):
        for part in found.get(union) or ():
            yield from _deprecated_fields(part, place, contract, above)
