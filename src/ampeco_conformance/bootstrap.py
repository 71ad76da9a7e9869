"""Creates `.venv` with the locked dependencies, then runs the command line. Standard library only.

A stamp in `.venv` is written last. If it is missing or differs (an interrupted set-up, a changed lock, a moved folder,
another Python), `.venv` is rebuilt, so that calling `./conform` again fixes every broken set-up.
"""

import errno
import fcntl
import hashlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ampeco_conformance.core.errors import ExitCode, TargetError

LOCK_FILE = "requirements/runtime.txt"

#: Output of pip and venv, and the message for it. The first match counts.
_CAUSES = (
    (r"No space left on device|Disk quota exceeded", "the disk is full"),
    (r"Permission denied|Read-only file system|Operation not permitted", "{root} is not writable"),
    (r"No module named '?(venv|pip)", "{no_venv}"),
    (r"DO NOT MATCH THE HASHES", "a downloaded package is not the one that {lock} names; check your package index"),
    (
        r"NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|NameResolutionError|Connection(Reset|Refused)"
        r"|Remote end closed|Temporary failure in name resolution|Could not fetch URL",
        "the package index {index} cannot be reached; check network and proxy (pip's settings apply), then call again",
    ),
    (
        r"from versions: none\)[\s\S]*No matching .* for (?P<what>\S+)",
        "the package index {index} cannot be reached, or has no {what}",
    ),
    (r"No matching distribution found for (?P<what>\S+)", "the package index {index} has no {what}"),
)
_REPORT_EVERY = 10.0


def main(root: str, arguments: Sequence[str]) -> int:
    """Set up `.venv` if needed and become the command line; returns an exit code only when the set-up failed."""
    try:
        python = _ready_python(Path(root))
        # Without compiled modules every process compiles what it imports: as long again as the rest of a short command.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.execv(python, [str(python), "-P", "-m", "ampeco_conformance.cli.main", *arguments])
    except KeyboardInterrupt:
        return _say("interrupted during set-up; the next call starts again", ExitCode.INTERRUPTED)
    except TargetError as error:
        return _say(str(error), error.exit_code)
    except OSError as error:
        reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
        return _say(f"set-up failed: {error.filename or root}: {reason}", ExitCode.ENVIRONMENT)


def _say(line: str, code: ExitCode) -> int:
    sys.stderr.write(f"conform: {line}\n")
    return code


def _ready_python(root: Path) -> Path:
    """The Python of a complete `.venv`. Raises TargetError or OSError when it cannot be created."""
    python = root / ".venv/bin/python"
    if not _is_complete(root, python):
        with _only_one(root) as lock:
            # Another call may have finished the set-up in the meantime.
            if not _is_complete(root, python):
                _make(root, python, lock)
    return python


def _is_complete(root: Path, python: Path) -> bool:
    stamp = root / ".venv/conform-stamp"
    return os.access(python, os.X_OK) and stamp.exists() and stamp.read_text() == _fingerprint(root, python)


def _fingerprint(root: Path, python: Path) -> str:
    parts = ((root / LOCK_FILE).read_bytes(), os.fsencode(root), os.fsencode(python.resolve()))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


@contextmanager
def _only_one(root: Path) -> Iterator[int]:
    """Hold the set-up lock; the system releases it when its holders end."""
    path = root / ".cache/setup.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("waiting for another call to finish the set-up", ExitCode.CONFORM)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def _make(root: Path, python: Path, lock: int) -> None:
    total = len(re.findall(r"^\S+==", (root / LOCK_FILE).read_text(), re.MULTILINE))
    with _SetupProgress(root, lock) as progress:
        progress.begin("creating .venv")
        # The base Python: this one may be the link inside the .venv that is about to be deleted.
        base = getattr(sys, "_base_executable", sys.executable)
        progress.run([base, "-m", "venv", "--clear", "--without-pip", str(root / ".venv")])
        if _has("ensurepip"):
            progress.run([str(python), "-m", "ensurepip"])
            pip = [str(python), "-m", "pip"]
        else:
            pip = [base, "-m", "pip", "--python", str(python)]
        progress.begin("installing packages", total)
        install = ["install", "--require-hashes", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
        progress.run([*pip, *install, "-r", str(root / LOCK_FILE)])
        for packages in (root / ".venv/lib").glob("python3.*/site-packages"):
            # Relative, because Python reads it in the encoding of the locale, whatever alphabet the path is in.
            (packages / "ampeco_conformance.pth").write_text(f"{os.path.relpath(root / 'src', packages)}\n")
        (root / ".venv/conform-stamp").write_text(_fingerprint(root, python))


def _has(module: str) -> bool:
    try:
        __import__(module)
    except ImportError:
        return False
    return True


def _no_venv() -> str:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"this Python cannot make virtual environments; on Debian and Ubuntu: apt-get install python{version}-venv"


class _SetupProgress:
    """One line that is rewritten on a terminal, elsewhere a line every ten seconds."""

    def __init__(self, root: Path, lock: int) -> None:
        self._root = root
        self._lock = lock
        self._rewrites = sys.stderr.isatty()
        self._started = time.monotonic()
        self._last_report = 0.0
        self._phase = ""
        self._total = 0
        self._output: list[str] = []

    def __enter__(self) -> "_SetupProgress":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._rewrites:
            sys.stderr.write("\r\033[K")
        if kind is None:
            _say(f"set up in {self._elapsed():.0f} s", ExitCode.CONFORM)

    def begin(self, phase: str, total: int = 0) -> None:
        """Show the next phase; `total` is its number of packages."""
        self._phase, self._total, self._output = phase, total, []
        self._show(force=True)

    def run(self, command: Sequence[str]) -> None:
        """Run a command. Raises TargetError with the cause when it fails."""
        self._output = []
        environment = {"PIP_RETRIES": "2", **os.environ, "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # If this process is killed, the lock is held until the command ends too.
            pass_fds=(self._lock,),
        )
        assert process.stdout is not None
        reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            while reader.is_alive():
                reader.join(0.2)
                self._show()
            status = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        if status != 0:
            raise TargetError(self._cause())

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self._output.append(line)

    def _elapsed(self) -> float:
        return time.monotonic() - self._started

    def _show(self, force: bool = False) -> None:
        elapsed = self._elapsed()
        line = f"conform: first use, {self._phase}{self._detail()} ({elapsed:.0f} s)"
        if self._rewrites:
            width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            sys.stderr.write(f"\r\033[K{line[: width - 1]}")
            sys.stderr.flush()
        elif force or elapsed - self._last_report >= _REPORT_EVERY:
            self._last_report = elapsed
            sys.stderr.write(f"{line}\n")

    def _detail(self) -> str:
        found = [match[1] for line in self._output if (match := re.match(r"(?:Collecting|Processing) (\S+)", line))]
        if not found or not self._total:
            return ""
        if any(line.startswith("Installing collected packages") for line in self._output):
            return f": unpacking {len(found)} packages"
        name = re.split(r"==|-\d", found[-1].rsplit("/", 1)[-1])[0]
        return f": {len(found)} of {self._total}, {name}"

    def _cause(self) -> str:
        text = "".join(self._output)
        log = self._root / ".cache/setup.log"
        log.write_text(text)
        index = re.search(r"^Looking in indexes: \w+://(?:[^@/,]*@)?([\w.-]+)", text, re.MULTILINE)
        for pattern, message in _CAUSES:
            if match := re.search(pattern, text):
                cause = message.format(
                    root=self._root,
                    lock=LOCK_FILE,
                    index=index[1] if index else "pypi.org",
                    no_venv=_no_venv(),
                    what=match.groupdict().get("what"),
                )
                return f"set-up failed: {cause}"
        said = next((line.strip() for line in reversed(self._output) if line.strip()), "nothing")
        return f"set-up failed while {self._phase}: {said} (full output: {log})"
