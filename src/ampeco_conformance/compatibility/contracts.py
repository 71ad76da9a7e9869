"""One side of a comparison: an OpenAPI document, its references, and digests for a fast test of equality."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import METHODS, Provenance
from ampeco_conformance.specs.operations_alone import operations_alone
from ampeco_conformance.specs.provenance import unknown_fields
from ampeco_conformance.specs.walking import escape_pointer, look_up

Json = Any
Schema = dict[str, Any]

_REFERENCE = re.compile(rb'"\$ref":"((?:[^"\\]|\\.)*)"')
_TEMPLATE = re.compile(r"\{[^}]*\}")
_LONGEST_CHAIN = 100
"""References that may follow one another before we say that they go round in a circle."""
_METHODS = (*METHODS, "query")
_ABSENT = object()
UNKNOWN = "x-set-aside"
"""The key of a mapping that stands for what cannot be understood; its value says why."""


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


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that a document, or a part of it, was read from; `name` is what it is shown as."""

    name: str
    read: Callable[[], bytes]


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

    @property
    def is_sketch(self) -> bool:
        """Whether only the operations of the version are known."""
        return bool(self.document.get("x-provenance") == Provenance.OPERATIONS)

    def sketch(self) -> "ContractDocument":
        """The operations alone."""
        return self if self.is_sketch else ContractDocument(self.name, operations_alone(self.document))

    dialect: str = field(init=False, default="")
    set_aside: dict[str, None] = field(init=False, default_factory=dict)
    """What cannot be understood and was left out of the comparison, one line for each, in order."""
    unknown_paths: set[str] = field(init=False, default_factory=set)
    """Paths, with empty names of parameters, of which not all operations are known."""
    files: dict[str, SourceFile] = field(init=False, default_factory=dict, repr=False)
    """JSON pointers -> the files that what lies below them was read from; none for versions of the catalog."""
    _parents: dict[int, tuple[Json, str | int]] = field(init=False, default_factory=dict, repr=False)
    """Addresses of objects of the document -> what holds them, and under which key."""
    _nowhere: dict[str, Json] = field(init=False, default_factory=dict)
    operations: dict[tuple[str, str], ContractOperation] = field(init=False, default_factory=dict)

    def _listed_operations(self) -> Iterator[ContractOperation]:
        for path, item in section(self.document, "paths").items():
            if not path.startswith("x-"):
                yield from self.operations_of(path, item)

    def operations_of(self, path: str, item: Json) -> Iterator[ContractOperation]:
        """The operations of a path item (or callback)."""
        item = {} if item is None else self.resolve(item)
        if not isinstance(item, dict) or UNKNOWN in item:
            self.put_aside(f"path {path}: not a path item", path)
            return
        more = section(item, "additionalOperations")
        for method in (*_METHODS, *more):
            definition = more.get(method, item.get(method, _ABSENT))
            if definition is _ABSENT:
                continue
            if definition is not None and not isinstance(definition, dict):
                self.put_aside(f"{method.upper()} {path}: not an operation", path)
                continue
            yield ContractOperation(
                method.upper(), path, definition or {}, tuple(listing(item, "parameters")), item.get("servers")
            )

    def put_aside(self, line: str, path: str = "") -> None:
        """Note what cannot be understood; of a `path`, which operations there are is not known."""
        self.set_aside.setdefault(line)
        if path:
            self.unknown_paths.add(_TEMPLATE.sub("{}", path))

    @property
    def version(self) -> str:
        """The `info.version` of the document."""
        return str(section(self.document, "info").get("version", ""))

    def pointer(self, node: Json) -> str:
        """The JSON pointer of an object of the document; empty when it is none."""
        if not self._parents:
            waiting: list[Json] = [self.document]
            while waiting:
                current = waiting.pop()
                for key, child in current.items() if isinstance(current, dict) else enumerate(current):
                    if isinstance(child, (dict, list)):
                        self._parents[id(child)] = current, key
                        waiting.append(child)
        tokens: list[str] = []
        while id(node) in self._parents:
            node, key = self._parents[id(node)]
            tokens.append(f"/{escape_pointer(str(key))}")
        return "".join(reversed(tokens))

    def resolve(self, node: Json) -> Json:
        """The node itself, or what its chain of references leads to; a mapping with UNKNOWN when it leads nowhere."""
        first = node
        for _ in range(_LONGEST_CHAIN):
            if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
                return node
            try:
                node = self._looked_up(node["$ref"])
            except KeyError:
                return self._unknown(node["$ref"], "leads to nothing")
        return self._unknown(first["$ref"], "leads round in a circle")

    def _looked_up(self, reference: str) -> Json:
        """What a reference inside the document leads to. Raises KeyError when it leads nowhere, or outside."""
        if reference != "#" and not reference.startswith("#/"):
            raise KeyError(reference)
        return look_up(self.document, reference)

    def _unknown(self, reference: str, why: str) -> Json:
        if reference not in self._nowhere:
            self.put_aside(f"$ref {reference} {why}")
            self._nowhere[reference] = {UNKNOWN: f"$ref {reference} {why}"}
        return self._nowhere[reference]

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
            schemes = section(section(self.document, "components"), "securitySchemes")
            security = orjson.dumps([self.document.get("security"), schemes])
            parts = [
                self.digest(operation.definition),
                self.digest(operation.shared),
                security,
                operation.label.encode(),
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
            text = self._text(reference)
            self._summaries[reference] = hashlib.blake2b(text, digest_size=16).digest(), _references(text)
        return self._summaries[reference]

    def _text(self, reference: str) -> bytes:
        """The text of what a reference leads to; none when it leads nowhere, as what only looks like one may."""
        try:
            return orjson.dumps(self._looked_up(reference), option=orjson.OPT_SORT_KEYS)
        except KeyError:
            return b""


def section(node: Json, key: str) -> dict[str, Json]:
    """A part of a document that is a mapping; empty when it is absent, null or something else."""
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, dict) else {}


def listing(node: Json, key: str) -> list[Json]:
    """A part of a document that is a list; empty when it is absent, null or something else."""
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, list) else []


def _references(text: bytes) -> set[str]:
    return {orjson.loads(b'"' + found + b'"') for found in _REFERENCE.findall(text)}


def _dialect(name: str, document: dict[str, Any]) -> str:
    version = document.get("openapi")
    version = str(version) if isinstance(version, float) else version
    if version is None and "swagger" in document:
        raise ConfigurationError(f"{name} is Swagger {document['swagger']}; convert it to OpenAPI 3 first")
    if not isinstance(version, str) or not version.startswith(("3.0", "3.1", "3.2")):
        raise ConfigurationError(f"{name} is not an OpenAPI 3.0, 3.1 or 3.2 document (openapi: {version!r})")
    if not isinstance(document.get("paths") or {}, dict):
        raise ConfigurationError(f"{name} is not an OpenAPI document: its `paths` is not a mapping")
    return version[:3]
