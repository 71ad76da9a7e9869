"""Texts of reports: messages normalised, so that those about one cause are equal, and values masked and bounded."""

import json
import re

from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.redaction import MASK, Redactor

#: How a message ends that names the status of the response.
STATUS = re.compile(r" at (\d{3})$")

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\{.*\}|\[.*\]")
#: HTTP statuses stay: they tell causes apart.
_NUMBER = re.compile(r"\b(?![1-5]\d\d\b)\d[\d.:TZ-]*\b")


def normalised(message: str) -> str:
    """The first line of a message without ids, quoted values and numbers."""
    text = message.partition("\n")[0]
    for pattern, replacement in ((_UUID, "#"), (_QUOTED, "..."), (_NUMBER, "#")):
        text = pattern.sub(replacement, text)
    return " ".join(text.split())


def shown_value(value: object, redact: Redactor, most: int) -> str | None:
    """A value of any type as a bounded text; None stays None."""
    if value is None:
        return None
    is_structure = isinstance(value, dict | list | bool)
    shown = redact.value(value, received=isinstance(value, dict | list))
    return redact.text(json.dumps(shown, ensure_ascii=False, default=str) if is_structure else str(shown))[:most]


def shown_actual(finding: Finding, redact: Redactor, most: int) -> str | None:
    """What the target did, masked where it is the value of a secret; the status of the response is none."""
    is_secret = redact.hides(finding.location.rpartition("/")[2]) and finding.actual != finding.status
    return MASK if is_secret else shown_value(finding.actual, redact, most)
