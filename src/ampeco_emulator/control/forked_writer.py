"""Writes a file from a forked process, which has the memory as it was at the fork, while the event loop goes on."""

import asyncio
import errno
import gc
import os
import signal
from collections.abc import Callable
from typing import NoReturn

# More than any file descriptor of a process.
_LAST_DESCRIPTOR = 1 << 20


async def write_forked(descriptor: int, content: Callable[[], bytes]) -> None:
    """Write the content of the present moment to an open file and to its disk. Raises OSError."""
    ended, end = os.pipe()
    try:
        process = os.fork()
    except OSError:
        os.close(ended)
        raise
    else:
        if process == 0:
            _write_and_exit(descriptor, end, content)
    finally:
        os.close(end)
    try:
        await _until_ready(ended)
    except asyncio.CancelledError:
        os.kill(process, signal.SIGKILL)
        raise
    finally:
        os.close(ended)
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if code:
        # What ends such a process by a signal is the system, for want of memory.
        number = max(code, 0) or errno.ENOMEM
        raise OSError(number, os.strerror(number))


async def _until_ready(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)


def _write_and_exit(descriptor: int, end: int, content: Callable[[], bytes]) -> NoReturn:
    """In the forked process: write, and exit with the number of the error. The pipe's `end` closes with the process."""
    code = errno.EIO
    try:
        # The collector would visit, and so copy, the memory that both processes share.
        gc.disable()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        # Connections, the port and the lock of a parent that is killed must not live on here.
        os.dup2(end, 0)
        os.dup2(descriptor, 1)
        os.closerange(3, _LAST_DESCRIPTOR)
        with os.fdopen(1, "wb") as file:
            file.write(content())
            file.flush()
            os.fsync(1)
        code = 0
    except MemoryError:
        code = errno.ENOMEM
    except OSError as error:
        code = error.errno or errno.EIO
    finally:
        os._exit(code)
