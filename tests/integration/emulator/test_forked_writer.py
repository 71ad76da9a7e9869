"""A file is written aside: as of the moment that it was asked for, while the event loop goes on."""

import asyncio
import errno
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ampeco_emulator.control.forked_writer import write_forked


def _slow(content: Callable[[], bytes]) -> Callable[[], bytes]:
    def make() -> bytes:
        time.sleep(0.2)
        return content()

    return make


async def _written_while(path: Path, content: Callable[[], bytes], meanwhile: Callable[[], None]) -> None:
    with path.open("wb") as file:
        writing = asyncio.create_task(write_forked(file.fileno(), content))
        await asyncio.sleep(0.05)
        assert not writing.done()
        meanwhile()
        await writing


def test_the_file_has_the_content_of_the_moment(tmp_path: Path) -> None:
    values = [1]
    path = tmp_path / "file"
    asyncio.run(_written_while(path, _slow(lambda: repr(values).encode()), lambda: values.append(2)))
    assert path.read_bytes() == b"[1]"


def test_the_writer_holds_no_connection_of_its_parent(tmp_path: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def close_and_connect() -> None:
        address = listener.getsockname()
        listener.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)

    asyncio.run(_written_while(tmp_path / "file", _slow(bytes), close_and_connect))


def test_a_failure_is_told(tmp_path: Path) -> None:
    def fail() -> bytes:
        raise OSError(errno.ENOSPC, "full")

    with (tmp_path / "file").open("wb") as file, pytest.raises(OSError, match="No space left"):
        asyncio.run(write_forked(file.fileno(), fail))


def test_a_cancelled_write_ends_its_process(tmp_path: Path) -> None:
    async def write_and_cancel(descriptor: int) -> None:
        await asyncio.wait_for(write_forked(descriptor, _slow(lambda: b"late")), 0.05)

    path = tmp_path / "file"
    with path.open("wb") as file, pytest.raises(TimeoutError):
        asyncio.run(write_and_cancel(file.fileno()))
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    assert path.read_bytes() == b""
