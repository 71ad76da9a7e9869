"""One side of a comparison: an OpenAPI document, its references, and digests for a fast test of equality."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.apis import DEFAULT_API
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import METHODS, load_specification
from ampeco_conformance.specs.provenance import unknown_fields
from ampeco_conformance.specs.reading import read_document
from ampeco_conformance.specs.walking import look_up

Json = Any
Schema = dict[str, Any]

_REFERENCE = re.compile(rb'"\$ref":"((?:[^"\\]|\\.)*)"')
_TEMPLATE = re.compile(r"\{[^}]*\}")
_LONGEST_CHAIN = 100
"""References that may follow one another before we say that they go round in a circle."""


@dataclass(frozen=True, slots=True)
class ContractOperation:
    """One operation of a contract; `shared` holds the parameters of its path item."""

    method: str
    path: str
    definition: dict[str, Any]
    shared: tuple[Json, ...]
    servers: Json

    @property
    def key(self) -> tuple[str, str]:
        """What pairs operations: the names of path parameters do not matter."""
        return self.method, _TEMPLATE.sub("{}", self.path)

    @property
    def label(self) -> str:
        """`GET /public-api/resources/users/v1.0`."""
        return f"{self.method} {self.path}"

    @property
    def path_names(self) -> tuple[str, ...]:
        """The names of the path parameters in the order of the path."""
        return tuple(name[1:-1] for name in _TEMPLATE.findall(self.path))


@dataclass(slots=True)
class ContractDocument:
    """A document with the name it is shown under. The document must not change during the lifetime of this object."""

    name: str
    document: dict[str, Any]
    _digests: dict[int, tuple[Json, bytes]] = field(default_factory=dict, repr=False)
    _closures: dict[str, bytes] = field(default_factory=dict, repr=False)
    _operation_digests: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False)
    _summaries: dict[str, tuple[bytes, set[str]]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.dialect = _dialect(self.name, self.document)
        self.operations = {operation.key: operation for operation in self._listed_operations()}

    @property
    def unknown_fields(self) -> str | None:
        """One line when the fields of the version are not known but those of a neighbour."""
        return unknown_fields(self.version, self.document)

    dialect: str = field(init=False, default="")
    operations: dict[tuple[str, str], ContractOperation] = field(init=False, default_factory=dict)

    def _listed_operations(self) -> Iterator[ContractOperation]:
        for path, item in self.document.get("paths", {}).items():
            if not path.startswith("x-"):
                yield from operations_of_item(self.name, path, self.resolve(item))

    @property
    def version(self) -> str:
        """The `info.version` of the document."""
        return str(self.document.get("info", {}).get("version", ""))

    def target(self, reference: str) -> Json:
        """What a local reference points to. Raises ConfigurationError when there is nothing, or outside."""
        if not reference.startswith("#"):
            raise ConfigurationError(
                f"{self.name} refers to another document ({reference}); conform specs import bundles it"
            )
        try:
            return look_up(self.document, reference)
        except KeyError:
            raise ConfigurationError(f"{self.name} has a reference to nothing: {reference}") from None

    def resolve(self, node: Json) -> Json:
        """The node itself, or what its chain of references leads to. Raises ConfigurationError on a circle."""
        first = node
        for _ in range(_LONGEST_CHAIN):
            if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
                return node
            node = self.target(node["$ref"])
        raise ConfigurationError(f"{self.name} has a circular reference: {first['$ref']}")

    def digest(self, node: Json) -> bytes:
        """A digest of a node and all it refers to: equal digests mean equal meaning."""
        known = self._digests.get(id(node))
        if known is None:
            # The node stays with its digest, or another one could come to live at its address.
            known = self._digests[id(node)] = (node, self._computed_digest(node))
        return known[1]

    def _computed_digest(self, node: Json) -> bytes:
        text = orjson.dumps(node, option=orjson.OPT_SORT_KEYS)
        parts = [self.dialect.encode(), text, *(self._closure(ref) for ref in sorted(_references(text)))]
        return hashlib.blake2b(b"\0".join(parts), digest_size=16).digest()

    def operation_digest(self, operation: ContractOperation) -> bytes:
        """A digest of all that is compared of an operation, also what its path and the document say."""
        known = self._operation_digests.get(operation.key)
        if known is None:
            security = repr(self.document.get("security")).encode()
            parts = [
                self.digest(operation.definition),
                self.digest(operation.shared),
                security,
                operation.path.encode(),
            ]
            known = self._operation_digests[operation.key] = b"".join(parts)
        return known

    def _closure(self, reference: str) -> bytes:
        known = self._closures.get(reference)
        if known is None:
            seen: dict[str, bytes] = {}
            waiting = [reference]
            while waiting:
                current = waiting.pop()
                if current not in seen:
                    seen[current], inner = self._summary(current)
                    waiting.extend(inner)
            parts = [part for key in sorted(seen) for part in (key.encode(), seen[key])]
            known = self._closures[reference] = hashlib.blake2b(b"\0".join(parts), digest_size=16).digest()
        return known

    def _summary(self, reference: str) -> tuple[bytes, set[str]]:
        """A digest of what a reference leads to, and the references in it."""
        if reference not in self._summaries:
            text = orjson.dumps(self.target(reference), option=orjson.OPT_SORT_KEYS)
            self._summaries[reference] = hashlib.blake2b(text, digest_size=16).digest(), _references(text)
        return self._summaries[reference]


def load_contract(name: str, api: str = DEFAULT_API) -> ContractDocument:
    """The contract of a version of the catalog, or of a YAML or JSON file when `name` is one.

    Raises ConfigurationError when it is neither, or no OpenAPI 3 document.
    """
    file = Path(name)
    if file.suffix.lower() in (".yaml", ".yml", ".json") or "/" in name:
        return ContractDocument(name, read_document(file))
    return ContractDocument(f"{api} {name}", load_specification(name, api).document)


def _references(text: bytes) -> set[str]:
    return {orjson.loads(b'"' + found + b'"') for found in _REFERENCE.findall(text)}


def _dialect(name: str, document: dict[str, Any]) -> str:
    version = document.get("openapi")
    if version is None and "swagger" in document:
        raise ConfigurationError(f"{name} is Swagger {document['swagger']}; convert it to OpenAPI 3 first")
    if not isinstance(version, str) or not version.startswith(("3.0", "3.1")):
        raise ConfigurationError(f"{name} is not an OpenAPI 3.0 or 3.1 document (openapi: {version!r})")
    if not isinstance(document.get("paths", {}), dict):
        raise ConfigurationError(f"{name} is not an OpenAPI document: its `paths` is not a mapping")
    return version[:3]


def operations_of_item(name: str, path: str, item: Json) -> Iterator[ContractOperation]:
    """The operations of a path item (or callback). Raises ConfigurationError when one of them is not a mapping."""
    if not isinstance(item, dict):
        raise ConfigurationError(f"{name} is not an OpenAPI document: paths.{path} is not a mapping")
    shared = tuple(item.get("parameters", ()))
    for method in METHODS:
        if method in item:
            definition = item[method]
            if not isinstance(definition, dict):
                raise ConfigurationError(f"{name} is not an OpenAPI document: {method} of {path} is not a mapping")
            yield ContractOperation(method.upper(), path, definition, shared, item.get("servers"))
