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


def _held(folder: Path, content: Callable[[], bytes]) -> Callable[[], bytes]:
    """Content that waits for the test: it says that it has begun, and goes on when it is told to."""

    def make() -> bytes:
        (folder / "begun").touch()
        while not (folder / "go on").exists():
            time.sleep(0.01)
        return content()

    return make


async def _written_while(folder: Path, content: Callable[[], bytes], meanwhile: Callable[[], None]) -> None:
    with (folder / "file").open("wb") as file:
        writing = asyncio.create_task(write_forked(file.fileno(), _held(folder, content)))
        while not (folder / "begun").exists():
            await asyncio.sleep(0.01)
        assert not writing.done()
        meanwhile()
        (folder / "go on").touch()
        await writing


def _children() -> str:
    """The numbers of the processes that this one has."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text()


def test_the_file_has_the_content_of_the_moment(tmp_path: Path) -> None:
    values = [1]
    asyncio.run(_written_while(tmp_path, lambda: repr(values).encode(), lambda: values.append(2)))
    assert (tmp_path / "file").read_bytes() == b"[1]"


def test_the_writer_holds_no_connection_of_its_parent(tmp_path: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def close_and_connect() -> None:
        address = listener.getsockname()
        listener.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)

    asyncio.run(_written_while(tmp_path, bytes, close_and_connect))


def test_a_failure_is_told(tmp_path: Path) -> None:
    def fail() -> bytes:
        raise OSError(errno.ENOSPC, "full")

    with (tmp_path / "file").open("wb") as file, pytest.raises(OSError, match="No space left"):
        asyncio.run(write_forked(file.fileno(), fail))


def test_a_cancelled_write_ends_its_process(tmp_path: Path) -> None:
    async def write_and_cancel(descriptor: int) -> None:
        await asyncio.wait_for(write_forked(descriptor, _held(tmp_path, lambda: b"late")), 0.05)

    before, path = _children(), tmp_path / "file"
    with path.open("wb") as file, pytest.raises(TimeoutError):
        asyncio.run(write_and_cancel(file.fileno()))
    assert _children() == before
    assert path.read_bytes() == b""
