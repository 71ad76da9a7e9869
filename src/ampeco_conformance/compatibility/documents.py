"""Compares the parts of documents outside operations: components, servers and the version number."""

from collections.abc import Iterator

from ampeco_conformance.compatibility.changes import Change
from ampeco_conformance.compatibility.contracts import ContractDocument, ContractOperation, Json, listing, section
from ampeco_conformance.compatibility.policy import VendorPolicy
from ampeco_conformance.compatibility.rules import RULES

_COMPARED = ("type", "scheme", "in", "name", "flows", "openIdConnectUrl")
"""The fields of a security scheme that matter to a client."""

_MOST_VALUES = 50
"""Values of a variable in the address of a server."""


def document_changes(
    old: ContractDocument, new: ContractDocument, policy: VendorPolicy, *, changed: bool
) -> Iterator[Change]:
    """Changes of security schemes, schemas, servers and the version number; `changed`: whether operations differ."""

    def make(rule: str, location: str, message: str = "", operation: str = "") -> Change:
        return Change(rule, operation, location, message or RULES[rule].title, policy.severity(RULES[rule]))

    before, after = security_schemes(old), security_schemes(new)
    for name in {**before, **after}:
        if name not in after:
            yield make("security-scheme-removed", name)
        elif name not in before:
            yield make("security-scheme-added", name)
        elif credential(name, before[name]) != credential(name, after[name]):
            yield make("security-scheme-replaced", name)  # what it breaks is told of each operation
        elif _addresses(before[name]) != _addresses(after[name]):
            yield make("security-scheme-changed", name)
    after = _components(new, "schemas")
    for name in _components(old, "schemas"):
        if name not in after:
            yield make("component-schema-removed", name)
    for rule, addresses, operation in _changed_servers(old, new):
        yield make(rule, "servers", f"{RULES[rule].title}: {', '.join(addresses)}", operation)
    versions = _numbers(old.version), _numbers(new.version)
    if versions[1] < versions[0]:
        yield make("version-decreased", "info.version", f"Version number decreased: {old.version} -> {new.version}")
    elif changed and old.version == new.version:
        yield make("version-unchanged", "info.version", f"Version number unchanged: {new.version}")


def _changed_servers(old: ContractDocument, new: ContractDocument) -> Iterator[tuple[str, list[str], str]]:
    """Rule and addresses of the changed servers, of all operations and then of those that have servers of their own."""
    before, after = _addresses_in(old.document), _addresses_in(new.document)
    for rule, addresses in _server_changes(before, after):
        yield rule, addresses, ""
    for key in sorted(old.operations.keys() & new.operations.keys()):
        operation = new.operations[key]
        own = _own_servers(old.operations[key]), _own_servers(operation)
        for rule, addresses in _server_changes(own[0] or before, own[1] or after) if any(own) else ():
            yield rule, addresses, operation.label


def _own_servers(operation: ContractOperation) -> dict[str, None]:
    """The addresses at which an operation is served in place of those of the document; those of its path count."""
    return _addresses_in(operation.definition) or _addresses_in({"servers": operation.servers})


def _addresses_in(node: dict[str, Json]) -> dict[str, None]:
    """The addresses of the servers that a part of a document names, one for each value of a variable."""
    listed = (server for server in listing(node, "servers") if isinstance(server, dict))
    return {address: None for server in listed if server.get("url") for address in _addresses_of(server)}


def _addresses_of(server: dict[str, Json]) -> list[str]:
    addresses = [str(server["url"]).rstrip("/")]
    for name, variable in section(server, "variables").items():
        default = [variable["default"]] if isinstance(variable, dict) and "default" in variable else []
        values = listing(variable, "enum")[:_MOST_VALUES] or default
        if values:
            addresses = [
                address.replace(f"{{{name}}}", str(value)) for address in addresses[:_MOST_VALUES] for value in values
            ]
    return [address.rstrip("/") for address in addresses]


def _server_changes(before: dict[str, None], after: dict[str, None]) -> Iterator[tuple[str, list[str]]]:
    gone, come = [one for one in before if one not in after], [one for one in after if one not in before]
    if gone:
        yield "server-removed", gone
    if come:
        yield "server-added", come


def _components(contract: ContractDocument, kind: str) -> dict[str, Json]:
    return section(section(contract.document, "components"), kind)


def security_schemes(contract: ContractDocument) -> dict[str, dict[str, Json]]:
    """The fields of every security scheme that matter to a client, by the name of the scheme."""
    schemes = {name: contract.resolve(scheme) for name, scheme in _components(contract, "securitySchemes").items()}
    return {name: _compared(scheme) for name, scheme in schemes.items() if isinstance(scheme, dict)}


def _compared(scheme: dict[str, Json]) -> dict[str, Json]:
    made = {key: scheme.get(key) for key in _COMPARED}
    if made["scheme"]:
        made["scheme"] = str(made["scheme"]).lower()
    if made["in"] == "header":
        made["name"] = str(made["name"]).lower()
    return made


def credential(name: str, scheme: dict[str, Json]) -> str:
    """What a client sends by a scheme, in words; equal words mean that the same credentials do."""
    kind = scheme.get("type")
    if kind == "apiKey":
        return f"{scheme.get('name')} in {scheme.get('in')}"
    if kind == "http":
        return f"Authorization: {str(scheme.get('scheme')).title()}"
    return f"{kind} {scheme.get('openIdConnectUrl') or name}"


def _addresses(scheme: dict[str, Json]) -> dict[str, Json]:
    """A scheme without the scopes of its flows: what an operation asks for is compared there."""
    flows = {
        name: {key: value for key, value in flow.items() if key.endswith("Url")}
        for name, flow in section(scheme, "flows").items()
        if isinstance(flow, dict)
    }
    return {**scheme, "flows": flows}


def _numbers(version: str) -> list[int]:
    return [int(part) if part.isdigit() else 0 for part in version.lstrip("v").split(".")]
