"""Output that ends quietly when its reader has gone, such as `head`, and says once that a disk is full."""

import errno
import io
import os
from typing import TYPE_CHECKING, TextIO

from ampeco_conformance.core.visible_text import on_terminal

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

#: Errors of a stream whose reader has gone, or that the caller has closed.
_NOBODY_READS = (errno.EPIPE, errno.EBADF)


class _Descriptor(io.RawIOBase):
    """Writes to a descriptor until that is not possible any more; whatever comes later is dropped."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._is_lost = False

    def writable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether a person reads along."""
        return os.isatty(self._descriptor)

    def write(self, data: "ReadableBuffer", /) -> int:
        """Raises OSError for another reason than a reader that has gone, once."""
        if not self._is_lost:
            try:
                return os.write(self._descriptor, data)
            except OSError as error:
                self._is_lost = True
                if error.errno not in _NOBODY_READS:
                    raise
        return memoryview(data).nbytes


class _Readable(io.TextIOWrapper):
    """Shows what a terminal would obey as escapes."""

    def write(self, text: str, /) -> int:
        """Write a text; its length."""
        super().write(on_terminal(text))
        return len(text)


def lasting_stream(stream: TextIO, *, is_read: bool = False) -> TextIO:
    """A stream to where another one leads. What its encoding does not have is written as an escape.

    With `is_read` people read it: nothing that targets and documents say moves the cursor or reorders a line.
    A stream that leads to no descriptor, such as that of a notebook, is given back as it is.
    """
    try:
        descriptor = stream.fileno()
    except io.UnsupportedOperation:
        return stream
    raw = io.BufferedWriter(_Descriptor(descriptor))
    kind = _Readable if is_read else io.TextIOWrapper
    return kind(raw, encoding=stream.encoding, errors="backslashreplace", line_buffering=True)
