"""Reads files that other tools recorded, as text or as JSON, whatever their encoding and compression."""

import gzip
import zlib
from pathlib import Path
from typing import Any

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.json_values import read_json

_GZIP = b"\x1f\x8b"
_ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""Byte order mark -> encoding."""


def read_recorded(file: Path) -> str:
    """The text of a file, also when it is compressed by gzip. Bytes that are not text are replaced.

    Raises ConfigurationError when it cannot be read.
    """
    try:
        content = file.read_bytes()
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "it is compressed, and damaged or cut off"
        raise ConfigurationError(f"{file} cannot be read: {reason}") from None
    encoding = next((name for mark, name in _ENCODINGS.items() if content.startswith(mark)), "utf-8")
    return content.decode(encoding, errors="replace")


def parsed_json(text: str | bytes | None) -> Any:
    """The value of a JSON text; None when it is not JSON or nested too deeply to be read."""
    try:
        return read_json(text) if text else None
    except ValueError:
        return None
