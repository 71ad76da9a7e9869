"""The journal of what a run created on a tenant, so that it can be deleted however the run ended.

One JSON Lines file per process of a run: a line about the run and its target, then one line per event.
"""

import fcntl
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.private_files import private

FOLDER = "journal"


class Journal:
    """Writes the journal of one process; `head` is its first line. The file is locked while it is open."""

    def __init__(self, path: Path, head: Mapping[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = os.fdopen(private(str(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._write(dict(head))

    def sending(self, collection: str) -> None:
        """A creation is about to be sent."""
        self._write({"sending": collection})

    def answered(self, collection: str) -> None:
        """A creation got its response; what it created, if anything, is already written."""
        self._write({"answered": collection})

    def created(self, path: str) -> None:
        """An item exists; synchronised to disk on return."""
        self._write({"created": path})
        os.fsync(self._file.fileno())

    def removed(self, path: str) -> None:
        """An item was deleted."""
        self._write({"removed": path})

    def close(self, *, keep: bool) -> None:
        """Close the journal, and delete it unless it is to be kept."""
        self._file.close()
        if not keep:
            self.path.unlink(missing_ok=True)

    def _write(self, event: Mapping[str, Any]) -> None:
        self._file.write(orjson.dumps(event) + b"\n")


@dataclass(slots=True)
class JournalRecord:
    """A journal's content: the run's `head`, the items left (oldest first), collections with unknown creations."""

    path: Path
    head: dict[str, Any]
    left: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        """Whether the process that writes the journal is still alive."""
        with self.path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


def read_journals(folder: Path) -> Iterator[JournalRecord]:
    """The journals in a folder, oldest first. Raises ConfigurationError for a file that is not a journal."""
    for path in sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime):
        yield _read(path)


def _read(path: Path) -> JournalRecord:
    try:
        # A killed process may leave its last line unfinished.
        head, *events = [orjson.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]
        record, sent = JournalRecord(path, dict(head)), Counter[str]()
        for event in events:
            ((kind, what),) = event.items()
            if kind == "created":
                record.left.append(what)
            elif kind == "removed" and what in record.left:
                record.left.remove(what)
            elif kind in ("sending", "answered"):
                sent[what] += 1 if kind == "sending" else -1
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{path} is not a journal of ./conform run: {error}") from None
    record.unknown = [collection for collection, count in sent.items() if count > 0]
    return record
