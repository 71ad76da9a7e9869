"""A cache of resolved documents on disk, safe for many processes that start together."""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

_END = b"\n"
"""Ends every cache file, and nothing within one: a file without it is not complete."""


def cache_directory(project: Path) -> Path | None:
    """`.cache/specs` of the project, the user's cache when the project is read-only, else None."""
    user_cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for directory in (project / ".cache" / "specs", user_cache / "ampeco-conformance" / "specs"):
        with suppress(OSError):
            directory.mkdir(parents=True, exist_ok=True)
            if os.access(directory, os.W_OK):
                return directory
    return None


def content_digest(*directories: Path) -> str:
    """One digest over the names and contents of all files under directories, but for compiled Python."""
    digest = hashlib.sha256()
    for directory in directories:
        for file in sorted(directory.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                content = file.read_bytes()
                digest.update(f"{file.relative_to(directory).as_posix()}\0{len(content)}\0".encode())
                digest.update(content)
    return digest.hexdigest()


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


def remember(file: Path, content: bytes, outdated: str) -> None:
    """Writes a cache file and drops its `outdated` siblings (a glob). A cache that cannot be written is no error."""
    with suppress(OSError):
        write_atomically(file, content + _END)
        for sibling in file.parent.glob(outdated):
            if sibling != file:
                sibling.unlink(missing_ok=True)


def recall(file: Path) -> bytes | None:
    """The content of a cache file, or None when there is none or it was cut off."""
    with suppress(OSError):
        content = file.read_bytes()
        if content.endswith(_END):
            return content[: -len(_END)]
    return None
