"""The pace of a quota in an SQLite database, shared by all processes of a user that send under the same quota.

SQLite does the locking: a process that is killed in the middle of a change leaves the state as it was before.
"""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

from ampeco_conformance.core.errors import TargetError

#: How long, in seconds, a process waits for others that hold the database, such as one that was stopped.
LOCK_TIMEOUT = 10.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS pace (id INTEGER PRIMARY KEY, next_slot REAL, paused_until REAL, began REAL, remaining REAL);
INSERT OR IGNORE INTO pace VALUES (1, 0.0, 0.0, 0.0, 0.0);
"""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@dataclass(slots=True)
class PaceState:
    """When the next request may leave, and until when none may; in seconds since 1970.

    `window_began` is when the target began to count anew, as far as its answers show, `remaining` what it has left.
    """

    next_slot: float = 0.0
    paused_until: float = 0.0
    window_began: float = 0.0
    remaining: float = 0.0


class SharedPace:
    """The state of one quota; `key` names it, such as address and token, and is not stored."""

    def __init__(self, key: str) -> None:
        folder = Path(tempfile.gettempdir()) / f"ampeco-conformance-{os.getuid()}"
        self.path = folder / f"limits-{hashlib.sha256(key.encode()).hexdigest()[:24]}.sqlite3"
        self._unshared = PaceState()

    @contextmanager
    def state(self) -> Iterator[PaceState]:
        """The state, for this process alone until it leaves; changes are kept.

        When another process holds it for longer than LOCK_TIMEOUT, this one goes on with a state of its own. Raises
        TargetError when the database cannot be kept.
        """
        try:
            connection = self._locked()
        except sqlite3.Error as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise self._unusable(error) from None
            yield self._unshared
            return
        with closing(connection):
            row = connection.execute("SELECT next_slot, paused_until, began, remaining FROM pace").fetchone() or ()
            # Values that another program wrote, and no row at all, are no pace.
            state = PaceState(*(value if isinstance(value, float) else 0.0 for value in row))
            before = astuple(state)
            yield state
            try:
                # Most requests leave at once and change nothing: to write costs twice as much as to read.
                if (after := astuple(state)) != before:
                    connection.execute("REPLACE INTO pace VALUES (1, ?, ?, ?, ?)", after)
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._unusable(error) from None

    def _unusable(self, error: sqlite3.Error) -> TargetError:
        return TargetError(
            f"{self.path}, the pace shared with other runs, cannot be kept: {error}; "
            "make it writable, or give another folder in TMPDIR"
        )

    def _locked(self) -> sqlite3.Connection:
        """A connection that holds the database; a damaged one is replaced by an empty one."""
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode not in _DAMAGED:
                raise
            self.path.unlink(missing_ok=True)
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        # A connection for each change: none is carried into a fork, and a replaced database is seen by all.
        connection = sqlite3.connect(self.path, timeout=LOCK_TIMEOUT, isolation_level=None)
        try:
            # What a power failure may damage is worth nothing after it.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'pace'").fetchone():
                for statement in _SCHEMA.strip().splitlines():
                    connection.execute(statement)
        except BaseException:
            connection.close()
            raise
        return connection
