"""Files that hold what a target answered: only their owner can read them."""

import os
from pathlib import Path


def private(path: str, flags: int) -> int:
    """An opener for `open`: a new file gets mode 0600, whatever the umask."""
    return os.open(path, flags, 0o600)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read. Raises OSError."""
    with open(path, "wb", opener=private) as file:
        file.write(content)
