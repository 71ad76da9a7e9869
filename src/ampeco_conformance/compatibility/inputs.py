"""Reads the contracts that are compared: versions of the catalog, files with the files they refer to, git revisions."""

import posixpath
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from ampeco_conformance.apis import DEFAULT_API
from ampeco_conformance.compatibility.anchors import with_pointers
from ampeco_conformance.compatibility.contracts import ContractDocument, Json, SourceFile
from ampeco_conformance.core.errors import ConfigurationError, TargetError
from ampeco_conformance.specs import load_specification
from ampeco_conformance.specs.catalog import is_version
from ampeco_conformance.specs.fetching import refuse_other_schemes
from ampeco_conformance.specs.parsed import parse_cached
from ampeco_conformance.specs.reading import read_bytes
from ampeco_conformance.specs.walking import EXTERNAL_DOCUMENTS, LITERALS, NAME_MAPS, escape_pointer

_SUFFIXES = (".yaml", ".yml", ".json")
_MOST_FILES = 100
_NAMING = (b"$id", b"$anchor", b"$dynamicAnchor", b"$self")
"""Keywords without which no reference of a document can lead to a name."""


@dataclass(frozen=True, slots=True)
class _FileSource:
    """Where a document and the files that it refers to are read from; `allows` says which of them may be."""

    home: str
    name: str
    read: Callable[[str], bytes]
    allows: Callable[[str], bool]

    def file(self, place: str) -> SourceFile:
        """A file that was read; it is shown beside the document as that was named."""
        near = (
            place
            if _is_url(place)
            else _beside(self.name, posixpath.relpath(place, posixpath.dirname(self.home) or "."))
        )
        return SourceFile(near, lambda: self.read(place))


def load_contract(name: str, api: str = DEFAULT_API, *, external: bool = False) -> ContractDocument:
    """The contract of a version of the catalog, of a YAML or JSON file, or of a file in git (`REVISION:FILE`).

    Files that it refers to are read below the folder above its own; with `external`, anywhere and from the web.
    Raises ConfigurationError when it is none of them, or no OpenAPI 3 document with operations.
    """
    refuse_other_schemes(name)
    if _is_url(name):
        raise ConfigurationError(f"{name} is an address; download the document, and name its file")
    file = Path(name)
    if not file.exists() and ":" in name and name.lower().endswith(_SUFFIXES):
        revision, _, path = name.partition(":")
        # To git, a path is one of the repository, and one that begins with a dot is one of the folder it is called in.
        here = f"{revision}:./" if path.startswith(".") else f"{revision}:"
        path = posixpath.normpath(path)
        source = _FileSource(path, path, lambda inner: _of_git(f"{here}{inner}"), lambda inner: not _is_url(inner))
        return _with_files(name, _parsed(source.read(path), name), source)
    if file.suffix.lower() in _SUFFIXES or "/" in name or (file.exists() and not is_version(name)):
        return _with_files(name, _parsed(read_bytes(file), str(file)), _files(file, external))
    return ContractDocument(f"{api} {name}", load_specification(name, api, operations_suffice=True).document)


def _parsed(content: bytes, name: str) -> dict[str, Json]:
    document = parse_cached(content, name)
    if any(keyword in content for keyword in _NAMING):
        with_pointers(document)
    return document


def _files(file: Path, external: bool) -> _FileSource:
    home = file.resolve()
    folder = home.parent.parent if home.parent.parent != Path(home.anchor) else home.parent

    def allows(place: str) -> bool:
        return external or (not _is_url(place) and Path(place).resolve().is_relative_to(folder))

    return _FileSource(str(home), str(file), _fetched, allows)


def _fetched(place: str) -> bytes:
    # Here, because the HTTP client takes long to load and is seldom needed.
    from ampeco_conformance.specs.fetching import fetch

    return fetch(place)


def _is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _of_git(name: str) -> bytes:
    try:
        shown = subprocess.run(["git", "show", name, "--"], capture_output=True, check=False)
    except OSError as error:
        raise ConfigurationError(f"{name} cannot be read: git is not installed") from error
    if shown.returncode:
        reason = shown.stderr.decode(errors="replace").strip().removeprefix("fatal: ").partition("\n")[0]
        raise ConfigurationError(f"{name} cannot be read: {reason}")
    return shown.stdout


def _with_files(name: str, document: dict[str, Any], source: _FileSource) -> ContractDocument:
    """The contract of a document, with the files that it refers to copied into it; works in place."""
    roots, failed = {source.home: ""}, {}
    waiting: list[tuple[Json, str]] = [(document, source.home)]
    files: dict[str, Json] = {}
    inside: dict[str, None] = {}
    while waiting:
        part, base = waiting.pop()
        for holder in _references(part):
            address, fragment = urldefrag(holder["$ref"])
            place = _place(base, address) if address else base
            if place not in roots and place not in failed:
                key = _key(place, source)
                try:
                    files[key] = _read(place, source, len(roots))
                except (ConfigurationError, TargetError) as error:
                    failed[place] = f"$ref {holder['$ref']}: {error}"
                    continue
                roots[place] = f"/{EXTERNAL_DOCUMENTS}/{escape_pointer(key)}"
                waiting.append((files[key], place))
            if place in roots:
                holder["$ref"] = f"#{roots[place]}{fragment}"
                inside.setdefault(holder["$ref"])
    if files:
        document[EXTERNAL_DOCUMENTS] = files
    contract = ContractDocument(name, document)
    contract.files.update({root: source.file(place) for place, root in roots.items()})
    for line in failed.values():
        contract.put_aside(line)
    for reference in inside:
        contract.resolve({"$ref": reference})  # names what leads to nothing
    if not (contract.operations or document.get("webhooks") or contract.set_aside):
        raise ConfigurationError(f"{name} has no operations, so nothing can be compared")
    return contract


def _read(place: str, source: _FileSource, count: int) -> dict[str, Any]:
    if not source.allows(place):
        raise ConfigurationError("not read; --allow-external-refs allows it")
    if count > _MOST_FILES:
        raise ConfigurationError(f"not read; there are more than {_MOST_FILES} files")
    return _parsed(source.read(place), place)


def _place(base: str, address: str) -> str:
    if _is_url(address) or _is_url(base):
        return urljoin(base, address)
    return _beside(base, unquote(address))


def _beside(file: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), address))


def _key(place: str, source: _FileSource) -> str:
    """The name of a file in the document: relative to it, so that both sides of a comparison call it the same."""
    return place if _is_url(place) else posixpath.relpath(place, posixpath.dirname(source.home) or ".")


def _references(node: Json, key: str = "", *, names: bool = False) -> Iterator[dict[str, Json]]:
    """Every object that holds a reference; what looks like one in examples, defaults or extensions is data."""
    if isinstance(node, list):
        if key not in ("examples", "required"):
            for item in node:
                yield from _references(item)
        return
    if not isinstance(node, dict):
        return
    is_name_map = key in NAME_MAPS and not names
    if not is_name_map and isinstance(node.get("$ref"), str):
        yield node
    for inner, value in node.items():
        if is_name_map or not (inner in LITERALS or inner.startswith("x-")):
            yield from _references(value, inner, names=is_name_map)
