"""The journal of what a run created on a tenant, so that it can be deleted however the run ended.

One JSON Lines file per process of a run: a line about the run and its target, then one line per event.
"""

import fcntl
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.core.private_files import private
from ampeco_conformance.http.ownership import OwnItem
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import NotPermitted

FOLDER = "journal"


class Journal:
    """Writes the journal of one process; `head` is its first line. The file is locked while it is open."""

    def __init__(self, path: Path, head: Mapping[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = os.fdopen(private(str(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        if self._file.tell():
            # The last line may be torn.
            self._file.write(b"\n")
        self._write(dict(head))

    def sending(self, collection: str, marks: Mapping[str, str]) -> None:
        """A creation is about to be sent. Raises NotPermitted when it cannot be recorded: then it must not be sent."""
        try:
            self._write({"sending": collection, "marks": dict(marks)})
        except OSError as error:
            raise NotPermitted(f"nothing is created: the journal {self.path} cannot be written: {error}") from None

    def answered(self, collection: str) -> None:
        """A creation was answered; what it created, if anything, is already recorded."""
        self._record({"answered": collection})

    def created(self, item: OwnItem) -> None:
        """An item exists; it is on the disk when this returns."""
        self._record({"created": item.path, "status": item.status, "marks": item.marks})
        with suppress(OSError):
            os.fsync(self._file.fileno())

    def unidentified(self, collection: str, reason: str) -> None:
        """A creation succeeded, but what it created is not known."""
        self._record({"unidentified": collection, "reason": reason})

    def removed(self, path: str) -> None:
        """An item is gone."""
        self._record({"removed": path})

    def close(self, *, keep: bool) -> None:
        """Close the journal, and delete it unless it is to be kept."""
        self._file.close()
        if not keep:
            self.path.unlink(missing_ok=True)

    def _record(self, event: Mapping[str, Any]) -> None:
        """Write what has happened already. On a full disk the creation stays recorded as sent, which sweep looks up."""
        with suppress(OSError):
            self._write(event)

    def _write(self, event: Mapping[str, Any]) -> None:
        self._file.write(orjson.dumps(event) + b"\n")


def open_journal(reports: Path, target: Target, run: str, worker: str = "main") -> Journal:
    """The journal of one process of a run on a target, below the reports folder."""
    head = {
        "run": run,
        "target": target.name,
        "base_url": target.base_url,
        "api": target.api,
        "api_version": target.api_version,
        "started_at": time.time(),
    }
    return Journal(reports / FOLDER / f"{run}-{worker}.jsonl", head)


@dataclass(slots=True)
class JournalRecord:
    """What a journal contains: the run's `head`, what is left (oldest first), and creations that were not answered.

    `unknown` has the marks of those creations by collection, `unanswered` their number; `unidentified` why it is not
    known what one that succeeded created. `torn` lines, as a full disk or a killed process leaves them, cannot be read.
    """

    path: Path
    head: dict[str, Any]
    left: list[OwnItem] = field(default_factory=list)
    unknown: dict[str, list[str]] = field(default_factory=dict)
    unanswered: dict[str, int] = field(default_factory=dict)
    unidentified: dict[str, str] = field(default_factory=dict)
    torn: int = 0

    @property
    def is_running(self) -> bool:
        """Whether the process that writes the journal is still alive."""
        with self.path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


def read_journals(reports: Path) -> Iterator[JournalRecord]:
    """The journals anywhere below a folder of reports, oldest first."""
    found = [path for path in reports.rglob("*.jsonl") if path.parent.name == FOLDER]
    for path in sorted(found, key=lambda path: path.stat().st_mtime):
        yield _read(path)


def _read(path: Path) -> JournalRecord:
    record = JournalRecord(path, {})
    sent = Counter[str]()
    for line in filter(None, path.read_bytes().split(b"\n")):
        try:
            event = dict(orjson.loads(line))
        except (ValueError, TypeError):
            record.torn += 1
            continue
        marks = dict(event.get("marks") or {})
        if "run" in event:
            record.head = event
        elif "created" in event:
            record.left.append(OwnItem(str(event["created"]), int(event.get("status", 0)), marks))
        elif "removed" in event:
            record.left = [item for item in record.left if item.path != event["removed"]]
            # What was created below it is gone with it.
            for collection in [name for name in sent if name.startswith(f"{event['removed']}/")]:
                del sent[collection]
        elif "sending" in event:
            sent[event["sending"]] += 1
            record.unknown.setdefault(event["sending"], []).extend(marks.values())
        elif "unidentified" in event:
            record.unidentified[event["unidentified"]] = str(event["reason"])
        elif "answered" in event:
            sent[event["answered"]] -= 1
    record.unanswered = {collection: count for collection, count in sent.items() if count > 0}
    record.unknown = {collection: marks for collection, marks in record.unknown.items() if sent[collection] > 0}
    return record
