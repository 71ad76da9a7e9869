"""A cache of resolved documents on disk, safe for many processes that start together."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.core.project import cache_folders

_CODE = tuple(Path(__file__).with_name(f"{name}.py") for name in ("caching", "loading", "overlays", "reading"))
"""The modules that decide what a stored file resolves to."""

_END = b"\n"
"""Ends every line of a cache file, and occurs nowhere within one: a file that does not end with it is incomplete."""


@dataclass(frozen=True, slots=True)
class ResolvedDocument:
    """A document with its overlays applied, and the SHA-256 of every file it is made of by path in the store."""

    document: dict[str, Any]
    sources: dict[str, str]


class DocumentCache:
    """The resolved documents of a store, one cache file for each stored file; without a directory, nothing is kept.

    The first line of a cache file holds the digests of the code and of the chain of files that made the document.
    An entry is valid only while all of them are unchanged, so a changed overlay invalidates what is built on it.
    """

    def __init__(self, store: Path, directory: Path | None) -> None:
        self._store = store
        self._directory = directory

    def get(self, file: Path) -> ResolvedDocument | None:
        """The resolved document of a stored file, or None when it is missing, outdated or incomplete."""
        if self._directory is None:
            return None
        with suppress(OSError, ValueError, KeyError, TypeError):
            header, content, end = self._cache_file(file).read_bytes().split(_END)
            made_of = orjson.loads(header)
            sources = made_of["sources"]
            is_current = made_of["code"] == _code_digest() and all(
                self._digest(self._store / name) == digest for name, digest in sources.items()
            )
            if end == b"" and is_current:
                return ResolvedDocument(orjson.loads(content), sources)
        return None

    def put(self, file: Path, resolved: ResolvedDocument) -> None:
        """Keeps the resolved document of a stored file. A cache that cannot be written is not an error."""
        if self._directory is None:
            return
        header = orjson.dumps({"code": _code_digest(), "sources": resolved.sources})
        with suppress(OSError):
            write_atomically(self._cache_file(file), header + _END + orjson.dumps(resolved.document) + _END)

    def source(self, file: Path) -> dict[str, str]:
        """The digest of a stored file by its path in the store. Take it before reading the file, never after."""
        return {self._name(file): self._digest(file)}

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lets one process resolve at a time, so that the others find its results in the cache."""
        with ExitStack() as stack:
            if self._directory is not None:
                with suppress(OSError):
                    stream = stack.enter_context((self._directory / ".lock").open("w"))
                    fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    def _name(self, file: Path) -> str:
        return Path(os.path.relpath(file, self._store)).as_posix()

    def _cache_file(self, file: Path) -> Path:
        assert self._directory is not None
        return self._directory / f"{self._name(file).replace('/', '-')}.json"

    @staticmethod
    def _digest(file: Path) -> str:
        """The SHA-256 of a file; empty when it cannot be read."""
        with suppress(OSError):
            return hashlib.sha256(file.read_bytes()).hexdigest()
        return ""


def cache_directory(project: Path) -> Path | None:
    """The first cache folder for specifications that can be written; None when there is none."""
    return first_writable(cache_folders("specs", project))


def first_writable(folders: Iterable[Path]) -> Path | None:
    """The first of the folders that can be written, which is made if need be; None when there is none."""
    for directory in folders:
        with suppress(OSError):
            directory.mkdir(parents=True, exist_ok=True)
            if os.access(directory, os.W_OK):
                return directory
    return None


def write_atomically(file: Path, content: bytes) -> None:
    """Replaces a file in one step: a reader sees the old content or the new one. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@cache
def _code_digest() -> str:
    """One digest over the resolving code."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in _CODE)).hexdigest()
