"""Scans the files of a report for secrets that redaction missed, before the report is published."""

from pathlib import Path

from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.redaction import Redactor

_NAMED = 3
# The report's configuration, and pages made from the scanned files.
_NOT_OF_A_RUN = frozenset({"allure", "html"})


def refuse_secrets(reports: Path, redact: Redactor) -> None:
    """Scan everything a run wrote; HTML pages are made from it afterwards.

    Raises TargetError, which names the files and never the secret, when one of them has a known secret or, on a tenant,
    a person's e-mail address.
    """
    written = (path for entry in reports.iterdir() if entry.name not in _NOT_OF_A_RUN for path in _files(entry))
    leaking = sorted(path for path in written if redact.reveals_secret(path.read_bytes().decode("utf-8", "replace")))
    if not leaking:
        return
    named = ", ".join(str(path.relative_to(reports)) for path in leaking[:_NAMED])
    more = f" and {len(leaking) - _NAMED} more files" if len(leaking) > _NAMED else ""
    raise TargetError(
        f"the report is not published: a secret or a person's e-mail address is in {named}{more} of {reports}; "
        "remove it, and report which field it was"
    )


def _files(entry: Path) -> list[Path]:
    return [entry] if entry.is_file() else [path for path in entry.rglob("*") if path.is_file()]
