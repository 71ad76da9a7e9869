"""Which resource a path parameter or a field refers to, according to the specification.

An item path `.../users/v1.0/{user}` says that ids of `{user}` are found in the listing `.../users/v1.0`; the same
parameter name in an action's path, or a field `userId`, then means the same resource. The exceptions, which no name
tells, are in the descriptor of the API.
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ampeco_conformance.apis import IdSource, ResourceExceptions, describe
from ampeco_conformance.contract.path_templates import fill, is_parameter, is_version_segment, parameters_of
from ampeco_conformance.contract.requests import parameters
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Operation, Specification

# An id that no resource has: a write without a known id must not hit an existing resource by chance.
UNUSED_ID = 2_000_000_011

_ID_SUFFIX = re.compile(r"(Ids?|ID)$")


class ResourceMap:
    """Finds, for one specification, where ids come from and which operations create resources."""

    def __init__(self, contract: ApiContract) -> None:
        specification = contract.specification
        self._contract = contract
        self._operations = {(operation.method, operation.path): operation for operation in specification.operations}
        self._exceptions = describe(specification.api).resources
        self._sources = _sources(specification, self._exceptions)
        #: The values of texts that are not free, such as time zones, by field.
        self.text_values = describe(specification.api).fields.values

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation with this method and path template, if the version has it."""
        return self._operations.get((method, path))

    def sources(self, path: str, parameter: str) -> list[IdSource]:
        """Where ids for a parameter of a path come from, best first; empty when nothing lists them."""
        for start, exceptions in self._exceptions.below.items():
            if path.startswith(start) and parameter in exceptions:
                return [exceptions[parameter]]
        prefix = path[: path.index("{" + parameter + "}")].rstrip("/")
        known = self._sources.get(parameter, [])
        own = [source for source in known if source.collection == prefix]
        parents = set(parameters_of(prefix))
        below = [source for source in known if set(parameters_of(source.collection)) <= parents]
        return list(dict.fromkeys([*own, *below, *known]))

    def sources_of_field(self, name: str) -> list[IdSource]:
        """Where ids for a field such as `userId` or `ownerPartnerId` come from; empty when it names no resource."""
        stem = _ID_SUFFIX.sub("", name)
        references = self._exceptions.references
        if named := references.get(name) or references.get(stem):
            return [source for parameter in named for source in self._sources.get(parameter, [])]
        if stem == name:
            return []
        parameter = self._parameter_named(stem) or self._exceptions.field_stems.get(stem)
        return self._sources.get(parameter, []) if parameter else []

    def is_unlisted(self, name: str) -> bool:
        """Whether a field such as `integrationId` names a resource that no listing shows."""
        numbers = self._exceptions.numbers_of_others.values()
        is_id = bool(_ID_SUFFIX.sub("", name)) and _ID_SUFFIX.search(name) is not None
        return is_id and not self.sources_of_field(name) and not any(name in names for names in numbers)

    def refers(self, operation: Operation, field: str) -> bool:
        """Whether a field of the operation's body certainly refers to a resource.

        A field that only ends like one (`ownerPartnerContractId`) may have rules of its own.
        """
        stem = _ID_SUFFIX.sub("", field)
        is_named = stem != field and (self._is_parameter(stem) or stem in self._exceptions.field_stems)
        return is_named and not any(
            field in names and fnmatchcase(operation.path, pattern)
            for pattern, names in self._exceptions.numbers_of_others.items()
        )

    def kinds_of_field(self, name: str) -> set[str]:
        """The kinds of resource that a field such as `userId` may refer to."""
        return {kind_of(source.collection) for source in self.sources_of_field(name)}

    def listed_by(self, operation: Operation) -> IdSource | None:
        """The listing that a read of one item takes its ids from, and their field; None for other operations."""
        collection, _, last = operation.path.rpartition("/")
        if operation.method != "GET" or not is_parameter(last):
            return None
        source = next(iter(self.sources(operation.path, last.strip("{}"))), None)
        return source if source is not None and source.collection == collection else None

    def id_field(self, collection: str) -> str:
        """The field that holds the id of an item of a collection (a path template)."""
        return _id_field(self._exceptions, collection)

    def is_replaced(self, collection: str) -> bool:
        """Whether a PUT to an item of a collection sets what it leaves out to its default."""
        return collection in self._exceptions.replaced

    def leaves_traces(self, collection: str) -> bool:
        """Whether a creation in a collection makes more than what can be deleted afterwards."""
        return collection in self._exceptions.leaving_traces

    def creating(self, collection: str) -> Operation | None:
        """The operation that adds to a collection."""
        return self.operation("POST", collection)

    def parameter_schema(self, operation: Operation, name: str) -> Mapping[str, Any]:
        """The schema of a path parameter; empty when the specification does not declare it."""
        for definition, pointer in parameters(self._contract, operation):
            if definition["name"] == name and definition["in"] == "path":
                return self._contract.schemas.resolve(definition.get("schema", {}), pointer)[0]
        return {}

    def unused_path(self, operation: Operation) -> str:
        """The operation's path with ids that no resource has, for requests that must not reach an existing one."""
        return fill(operation.path, {name: self._unused(operation, name) for name in parameters_of(operation.path)})

    def _unused(self, operation: Operation, name: str) -> Any:
        schema = self.parameter_schema(operation, name)
        if enum := schema.get("enum"):
            return enum[0]
        return UNUSED_ID if schema.get("type") in ("integer", "number") else f"unused-{UNUSED_ID}"

    def _is_parameter(self, stem: str) -> bool:
        return stem in self._sources or f"{stem}Id" in self._sources

    def _parameter_named(self, stem: str) -> str | None:
        """The parameter whose name is the stem, with or without `Id`, or the longest one the stem ends in."""
        for candidate in (stem, f"{stem}Id"):
            if candidate in self._sources:
                return candidate
        capital = [name for name in self._sources if stem.endswith(name[0].upper() + name[1:])]
        return max(capital, key=len, default=None)


def items_of(body: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a listing's answer (`{"data": [...]}`), or the one object of a read."""
    data = body.get("data", body) if isinstance(body, dict) else body
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict):
            yield item


def kind_of(collection: str) -> str:
    """The kind of resource of a collection, without its version: `users` for `/public-api/resources/users/v1.0`."""
    parts = [part for part in collection.split("/") if part and not is_version_segment(part)]
    return parts[-1] if parts else ""


def _sources(specification: Specification, exceptions: ResourceExceptions) -> dict[str, list[IdSource]]:
    """Parameter name -> its listings: those without parents first, newer versions before older ones."""
    readable = {operation.path: operation for operation in specification.operations if operation.method == "GET"}
    found: dict[str, list[IdSource]] = {}
    for operation in specification.operations:
        for parameter in parameters_of(operation.path):
            collection = operation.path[: operation.path.index("{" + parameter + "}")].rstrip("/(")
            if collection not in readable:
                continue
            sources = found.setdefault(parameter, [])
            source = IdSource(
                collection, parameter if parameter in exceptions.keys else _id_field(exceptions, collection)
            )
            if source not in sources:
                sources.append(source)
    for parameter, source in exceptions.listed_elsewhere.items():
        if source.collection in readable:
            found.setdefault(parameter, []).append(source)
    for sources in found.values():
        sources.sort(key=lambda source: _version(source.collection), reverse=True)
        sources.sort(key=lambda source: (source.collection.count("{"), readable[source.collection].deprecated))
    return found


def _id_field(exceptions: ResourceExceptions, collection: str) -> str:
    return exceptions.id_fields.get(collection, "id")


def _version(collection: str) -> tuple[int, ...]:
    match = re.search(r"/v(\d+)\.(\d+)", collection)
    return tuple(int(part) for part in match.groups()) if match else (0,)
