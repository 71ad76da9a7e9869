"""What a check found: one violation of the contract, with all that a report needs to prove it."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ampeco_conformance.core.exchanges import Exchange, Response

_INDEX = re.compile(r"/\d+(?=/|$)")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}")
_REASON = re.compile(r"(breaks `\w+`): .*?((?: at \d{3})?)$", re.DOTALL)
_ASIDE = re.compile(r" \([^()]*\)")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NUMBER = re.compile(r"\d[\d.,:TZ+-]*")
_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_SHOWN_SHAPE = 200


class Severity(StrEnum):
    """How much a violation hurts; the names are Allure's."""

    BLOCKER = "blocker"
    CRITICAL = "critical"
    NORMAL = "normal"
    MINOR = "minor"
    TRIVIAL = "trivial"


class Standing(StrEnum):
    """What a finding counts for: only a violation fails the run."""

    VIOLATION = "violation"
    ADVISORY = "advisory"
    DRIFT = "drift"
    KNOWN = "known"


class Certainty(StrEnum):
    """What came of repeating what showed the finding."""

    DETERMINISTIC = "deterministic"
    """It came again at once."""
    FLAKY = "flaky"
    """It came again, but not every time."""
    STATE_DEPENDENT = "state-dependent"
    """The request changes what it is about, so that the same answer cannot be expected twice."""
    UNPROVEN = "unproven"
    """It did not come again, or could not be repeated without harm."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation: `check` is the stable rule id (see `checks/registry.py`), `operation` is "METHOD /path".

    `location` names the field, header or parameter (a JSON pointer where it has one);
    `source` is where the rule is written (a JSON pointer into the specification, or a fact).
    `setting` says in words which setting governs the check here; `issue` and `owner` name the ticket of a known issue,
    and who sees to it.
    """

    check: str
    operation: str
    api_version: str
    message: str
    location: str = ""
    expected: Any = None
    actual: Any = None
    severity: Severity = Severity.NORMAL
    source: str = ""
    exchange: Exchange | None = None
    standing: Standing = Standing.VIOLATION
    certainty: Certainty = Certainty.UNPROVEN
    setting: str = ""
    issue: str | None = None
    owner: str | None = None

    @property
    def headline(self) -> str:
        """The one line a machine can read: `[check] METHOD /path vX: what`."""
        return f"[{self.check}] {self.operation} v{self.api_version.removeprefix('v')}: {self.message}"

    @property
    def fingerprint(self) -> str:
        """The same for the same fault in every run, at every version and on every target; 12 hexadecimal digits.

        Made of check, operation, place, the message without its values, and the status; of a server error also the
        form of the body, so that another failure of the same operation is another fingerprint.
        """
        response = self.exchange.response if self.exchange else None
        parts = [
            self.check,
            self.operation,
            _INDEX.sub("/*", self.location),
            _shape_of_message(self.message),
            # An undocumented value is what an `enum` finding is about; elsewhere values are chance.
            str(self.actual) if self.source.endswith("/enum") else "",
            str(response.status_code) if response else "",
            _shape_of_body(response) if response and response.status_code >= 500 else "",
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


class ContractViolation(AssertionError):
    """Raised by a test whose checks found something; its text is the headlines, worst first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.headline for finding in self.findings))


def _shape_of_message(message: str) -> str:
    """A message without the values of this one case."""
    shape = _REASON.sub(r"\1\2", _INDEX.sub("/*", message))
    for pattern, stand_in in ((_ASIDE, ""), (_UUID, "#"), (_QUOTED, "_"), (_NUMBER, "#")):
        shape = pattern.sub(stand_in, shape)
    return shape


def _shape_of_body(response: Response) -> str:
    """What kind of failure a server error tells of: the keys and the texts of its JSON, or the words of its page."""
    try:
        body = json.dumps(response.json(), sort_keys=True)
    except ValueError:
        body = _MARKUP.sub(" ", response.body.decode("utf-8", "replace"))
    shape = _NUMBER.sub("#", _UUID.sub("#", body))
    return " ".join(shape.split())[:_SHOWN_SHAPE]
