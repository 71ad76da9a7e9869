"""Scans the files of a report for secrets that redaction missed, before the report is published."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import orjson

from ampeco_conformance.core.errors import TargetError, unwritable
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.core.private_files import write_private
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.reporting.plan import PLAN
from ampeco_conformance.reporting.results import ITEMS

_NAMED = 3
# The report's configuration, pages made from the scanned files, and what other runs wrote.
_NOT_OF_A_RUN = frozenset({"html", "history", "journal"})
# The verdict is computed from these: a masked copy takes their place.
_ESSENTIAL = frozenset({ITEMS, "run.json", PLAN})


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Files that were taken out of a report, relative to it, and the private folder they are in now."""

    files: tuple[Path, ...]
    folder: Path

    def __str__(self) -> str:
        named = ", ".join(map(str, self.files[:_NAMED]))
        more = f" and {len(self.files) - _NAMED} more files" if len(self.files) > _NAMED else ""
        return (
            f"a secret or a person's e-mail address is in {named}{more}; moved to {self.folder}, not published; "
            "remove it, and report which field it was"
        )


def quarantine_secrets(reports: Path, redact: Redactor) -> Quarantine | None:
    """Move each file of a run that has a known secret or, on a tenant, a person's e-mail address out of the report.

    The folder it is moved to is in the system's temporary folder and private to its owner. Raises TargetError when a
    file cannot be moved.
    """
    written = (path for entry in reports.iterdir() if entry.name not in _NOT_OF_A_RUN for path in _files(entry))
    leaking = sorted(path for path in written if redact.reveals_secret(path.read_bytes().decode("utf-8", "replace")))
    if not leaking:
        return None
    try:
        folder = Path(tempfile.mkdtemp(prefix="conform-quarantine-"))
        for path in leaking:
            _move(path, folder / path.relative_to(reports), redact)
    except OSError as error:
        raise TargetError(f"a file with a secret cannot be quarantined: {unwritable(error, reports)}") from None
    return Quarantine(tuple(path.relative_to(reports) for path in leaking), folder)


def _move(path: Path, moved: Path, redact: Redactor) -> None:
    content = path.read_bytes()
    moved.parent.mkdir(parents=True, exist_ok=True)
    write_private(moved, content)
    path.unlink()
    if path.name in _ESSENTIAL:
        write_private(path, _masked(content, redact))


def _masked(content: bytes, redact: Redactor) -> bytes:
    """JSON, or lines of it, with every text masked; a line that a killed run left unfinished is left out."""
    try:
        return write_json(redact.value(orjson.loads(content)), indent=True)
    except orjson.JSONDecodeError:
        lines = content.split(b"\n")[:-1]
        return b"".join(write_json(redact.value(orjson.loads(line))) + b"\n" for line in lines)


def _files(entry: Path) -> list[Path]:
    return [entry] if entry.is_file() else [path for path in entry.rglob("*") if path.is_file()]
