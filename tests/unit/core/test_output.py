"""Output whose reader has gone, or whose disk is full."""

import io
import os
from pathlib import Path

import pytest

from ampeco_conformance.core.output import lasting_stream


def test_a_reader_that_has_gone_is_no_error() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as pipe:
        stream = lasting_stream(pipe)
        stream.write("one\n")
        os.close(reading)
        stream.write("two\n")
        stream.write("three\n")


def test_a_stream_that_the_caller_has_closed_is_no_error() -> None:
    descriptor = os.open(os.devnull, os.O_WRONLY)
    stream = lasting_stream(os.fdopen(descriptor, "w", closefd=False))
    os.close(descriptor)
    stream.write("one\n")
    stream.write("two\n")


def test_a_full_disk_is_an_error_once() -> None:
    with Path("/dev/full").open("w") as full:
        stream = lasting_stream(full)
        with pytest.raises(OSError, match="No space left"):
            stream.write("one\n")
        stream.write("two\n")


def test_what_the_encoding_lacks_is_written_as_an_escape(tmp_path: Path) -> None:
    file = tmp_path / "out"
    with file.open("w", encoding="latin-1") as narrow:
        lasting_stream(narrow).write("é → ✅\n")
    assert file.read_bytes() == "é ".encode("latin-1") + b"\\u2192 \\u2705\n"


def test_the_descriptor_stays_that_of_the_stream() -> None:
    with Path(os.devnull).open("w") as stream:
        assert lasting_stream(stream).fileno() == stream.fileno()
        assert isinstance(lasting_stream(stream), io.TextIOBase)
