"""A last look before anything is published: does a file of the report hold what the redaction should have masked?"""

from pathlib import Path

from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.redaction import Redactor

_NAMED = 3
# The report's configuration, and pages made from what is looked at here.
_NOT_OF_A_RUN = frozenset({"allure", "html"})


def refuse_secrets(reports: Path, redact: Redactor) -> None:
    """Read all that a run wrote; the HTML pages, made from it, come after.

    Raises TargetError, which names the files and never the secret, when a known secret is in one of them, or on a
    tenant somebody's e-mail address.
    """
    written = (path for entry in reports.iterdir() if entry.name not in _NOT_OF_A_RUN for path in _files(entry))
    leaking = sorted(path for path in written if redact.reveals_secret(path.read_bytes().decode("utf-8", "replace")))
    if not leaking:
        return
    named = ", ".join(str(path.relative_to(reports)) for path in leaking[:_NAMED])
    more = f" and {len(leaking) - _NAMED} more files" if len(leaking) > _NAMED else ""
    raise TargetError(
        f"the report is not published, because a secret or somebody's e-mail address is in {named}{more} of {reports}; "
        "remove what is in there, and tell us which field it was"
    )


def _files(entry: Path) -> list[Path]:
    return [entry] if entry.is_file() else [path for path in entry.rglob("*") if path.is_file()]
