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

from ampeco_conformance.core.exchanges import JsonObject
from ampeco_conformance.core.json_values import write_json
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
        self._claimed: dict[str, bool] = {}
        self._file = os.fdopen(private(str(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        if self._file.tell():
            # The last line may be torn.
            self._file.write(b"\n")
        self._write(dict(head))

    def sending(self, collection: str, marks: Mapping[str, str], shown: Mapping[str, str] | None = None) -> None:
        """A creation is about to be sent, which has `marks`, or of which a read shows some fields.

        Raises NotPermitted when it cannot be recorded: then it must not be sent.
        """
        fields = {} if shown is None else {"shown": [dict(shown)], "at": time.time()}
        try:
            self._write({"sending": collection, "marks": dict(marks), **fields})
        except OSError as error:
            raise NotPermitted(f"nothing is created: the journal {self.path} cannot be written: {error}") from None

    def answered(self, collection: str) -> None:
        """A creation was answered; what it created, if anything, is already recorded."""
        self._record({"answered": collection})

    def created(self, item: OwnItem) -> None:
        """An item exists; it is on the disk when this returns."""
        shown = {"shown": item.shown} if item.shown else {}
        self._record({"created": item.path, "status": item.status, "marks": item.marks, **shown})
        with suppress(OSError):
            os.fsync(self._file.fileno())

    def changing(self, path: str, shown: Mapping[str, str]) -> None:
        """An own item is about to be changed; a read may show these fields afterwards."""
        self._record({"changing": path, "shown": [dict(shown)]})

    def changing_shared(self, change: "SharedChange") -> None:
        """Something that the run did not create is about to be changed; its old values are on the disk then.

        Raises NotPermitted when they cannot be recorded: then it must not be changed.
        """
        values = {"before": change.before, "sent": change.sent}
        try:
            self._write({"shared": change.path, "method": change.method, **values})
            os.fsync(self._file.fileno())
        except OSError as error:
            raise NotPermitted(f"nothing is changed: the journal {self.path} cannot be written: {error}") from None

    def restored(self, path: str) -> None:
        """Something that the run did not create has its old values again."""
        self._record({"restored": path})

    def kept(self, path: str) -> None:
        """The target has refused to delete an item."""
        self._record({"kept": path})

    def keeps_one_of(self, collection: str) -> bool:
        """Whether the target has refused to delete an item of a collection, to this process or another of the run."""
        kept = f'{{"kept":"{collection}/'.encode()
        return any(kept in file.read_bytes() for file in self._of_run())

    def claims(self, collection: str) -> bool:
        """Whether this process of the run is the one that creates in a collection; the first to ask is."""
        if collection not in self._claimed:
            claim = {"claimed": collection}
            self._record(claim)
            line = orjson.dumps(claim)
            others = [file for file in self._of_run() if file != self.path]
            # Of two that ask at the same moment none is.
            self._claimed[collection] = not any(line in file.read_bytes() for file in others)
        return self._claimed[collection]

    def _of_run(self) -> Iterator[Path]:
        """The journals of all processes of the run."""
        return self.path.parent.glob(f"{self.path.name.rpartition('-')[0]}-*.jsonl")

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
        self._file.write(write_json(event) + b"\n")


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


@dataclass(frozen=True, slots=True)
class Sought:
    """A creation of which only some fields are known that a read shows, and when it was sent."""

    shown: dict[str, str]
    sent_at: float


@dataclass(frozen=True, slots=True)
class SharedChange:
    """A change of something that the run did not create, by PATCH or PUT, or an action that an opposite one undoes.

    `before` has the old values, or the body of the opposite action; `sent` the bodies of all changes.
    """

    method: str
    path: str
    before: dict[str, Any]
    sent: list[dict[str, Any]]


@dataclass(slots=True)
class JournalRecord:
    """What a journal contains: the run's `head`, what is left (oldest first), and creations that were not answered.

    `unknown` has the marks of those creations by collection, `sought` those that have fields instead, `unanswered` the
    number of all; `unidentified` why it is not known what one that succeeded created. `torn` lines, as a full disk or a
    killed process leaves them, cannot be read. `shared` are changes of what the run did not create, and did not undo.
    """

    path: Path
    head: dict[str, Any]
    left: list[OwnItem] = field(default_factory=list)
    unknown: dict[str, list[str]] = field(default_factory=dict)
    sought: dict[str, list[Sought]] = field(default_factory=dict)
    unanswered: dict[str, int] = field(default_factory=dict)
    unidentified: dict[str, str] = field(default_factory=dict)
    torn: int = 0
    shared: dict[str, SharedChange] = field(default_factory=dict)

    @property
    def contents(self) -> list[str]:
        """The items, the collections with creations that are not known to have made nothing, and what was changed."""
        return [*(item.path for item in self.left), *self.unanswered, *self.shared]

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


def _begin(record: JournalRecord, event: JsonObject, _sent: Counter[str]) -> None:
    record.head = dict(event)


def _create(record: JournalRecord, event: JsonObject, _sent: Counter[str]) -> None:
    marks, shown = dict(event.get("marks") or {}), list(event.get("shown", ()))
    record.left.append(OwnItem(str(event["created"]), int(event.get("status", 0)), marks, shown=shown))


def _change(record: JournalRecord, event: JsonObject, _sent: Counter[str]) -> None:
    for item in record.left:
        if item.path == event["changing"]:
            item.changed(event["shown"][0])


def _change_shared(record: JournalRecord, event: JsonObject, _sent: Counter[str]) -> None:
    path, method = str(event["shared"]), str(event["method"])
    record.shared[path] = SharedChange(method, path, dict(event["before"]), list(event["sent"]))


def _restore(record: JournalRecord, event: JsonObject, _sent: Counter[str]) -> None:
    record.shared.pop(event["restored"], None)


def _remove(record: JournalRecord, event: JsonObject, sent: Counter[str]) -> None:
    record.left = [item for item in record.left if item.path != event["removed"]]
    # What was created below it is gone with it.
    for collection in [name for name in sent if name.startswith(f"{event['removed']}/")]:
        del sent[collection]


def _send(record: JournalRecord, event: JsonObject, sent: Counter[str]) -> None:
    collection = event["sending"]
    sent[collection] += 1
    if "shown" in event:
        record.sought.setdefault(collection, []).append(Sought(event["shown"][0], float(event["at"])))
    else:
        record.unknown.setdefault(collection, []).extend(dict(event.get("marks") or {}).values())


def _fail_to_identify(record: JournalRecord, event: JsonObject, _sent: Counter[str]) -> None:
    record.unidentified[event["unidentified"]] = str(event["reason"])


def _answer(_record: JournalRecord, event: JsonObject, sent: Counter[str]) -> None:
    sent[event["answered"]] -= 1


#: What each event means, by the field that only it has; others change nothing.
_EVENTS = {
    "run": _begin,
    "created": _create,
    "changing": _change,
    "shared": _change_shared,
    "restored": _restore,
    "removed": _remove,
    "sending": _send,
    "unidentified": _fail_to_identify,
    "answered": _answer,
}


def _read(path: Path) -> JournalRecord:
    record = JournalRecord(path, {})
    sent = Counter[str]()
    for line in filter(None, path.read_bytes().split(b"\n")):
        try:
            event = dict(orjson.loads(line))
        except (ValueError, TypeError):
            record.torn += 1
            continue
        kind = next((name for name in _EVENTS if name in event), None)
        if kind is not None:
            _EVENTS[kind](record, event, sent)
    record.unanswered = {collection: count for collection, count in sent.items() if count > 0}
    record.unknown = {collection: marks for collection, marks in record.unknown.items() if sent[collection] > 0}
    record.sought = {collection: sought for collection, sought in record.sought.items() if sent[collection] > 0}
    return record
