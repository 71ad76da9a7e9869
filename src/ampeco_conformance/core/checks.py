"""What a check is, and what it reports.

A check is declared once, in the module that judges it, and every violation is made from its declaration:

    FILTER_MATCHES_ONLY = declare(
        "filter_matches_only", title=..., severity=Severity.CRITICAL, claim=..., source=..., aspect="filters"
    )
    yield FILTER_MATCHES_ONLY.violation("status=1 returns 2 items outside the filter", "query status")

So severity, claim and source have one place. `checks/registry.py` collects all declarations.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ampeco_conformance.core.visible_text import one_line


class Severity(StrEnum):
    """How serious a violation is; the names are Allure's."""

    BLOCKER = "blocker"
    CRITICAL = "critical"
    NORMAL = "normal"
    MINOR = "minor"
    TRIVIAL = "trivial"


class Strictness(StrEnum):
    """How the findings of a check count."""

    STRICT = "strict"
    """A violation: the run fails."""
    TOLERANT = "tolerant"
    """Drift: listed with the undocumented fields, and a failure under `--strict` only."""
    ADVISORY = "advisory"
    """Shown, never a failure."""
    OFF = "off"
    """Not shown."""


class Reproduction(StrEnum):
    """How a finding of a check is reproduced before it is reported."""

    ANSWER = "answer"
    """The response alone breaks the specification: the request is repeated and its response judged again."""
    STATUS = "status"
    """The status is wrong: the request is repeated and the status compared."""
    TEST = "test"
    """Several requests are needed: the test itself repeats them before it reports."""
    SIGHT = "sight"
    """The response is the proof, as of a secret that it shows: nothing is repeated."""
    COMPARISON = "comparison"
    """No request is needed: two documents are compared."""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule: `claim` is what the contract says, `source` is where it says so, `aspect` is the test that looks.

    Ids are stable: known issues, strictness rules and histories refer to them. `on_tenants` is the strictness on a
    target that is no emulator, where that is another one: a tenant may have switched a feature off. `is_one_fault`
    says that all of its violations have one cause, whatever their kinds and statuses.
    """

    id: str
    title: str
    severity: Severity
    claim: str
    source: str
    aspect: str
    reproduction: Reproduction = Reproduction.TEST
    strictness: Strictness = Strictness.STRICT
    on_tenants: Strictness | None = None
    is_one_fault: bool = False

    def violation(
        self,
        message: str,
        location: str = "",
        *,
        expected: Any = None,
        actual: Any = None,
        kind: str = "",
        source: str = "",
        place: str = "",
        is_growth: bool = False,
        nearest: "Violation | None" = None,
    ) -> "Violation":
        """A violation of this check."""
        return Violation(self, one_line(message), location, expected, actual, kind, source, place, is_growth, nearest)


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation of a check: `message` says the fact in one line.

    `location` names the field, header or parameter (a JSON pointer where it has one). `kind` tells violations of one
    check at one location apart; it is a fixed term (a schema keyword, say), never prose, because fingerprints are made
    of it. `source` is where the specification has the rule, when that is more exact than the source of the check.
    `place` is the location with `*` for indexes and for the keys of maps, when that differs from the location.
    `is_growth` says that a newer version may do it, by the vendor's policy of additive change.
    `nearest` is the violation of the alternative that a value of `anyOf` or `oneOf` was meant for, when all are of one
    kind.
    """

    check: Check
    message: str
    location: str = ""
    expected: Any = None
    actual: Any = None
    kind: str = ""
    source: str = ""
    place: str = ""
    is_growth: bool = False
    nearest: "Violation | None" = None


_DECLARED: dict[str, Check] = {}


def declare(
    id: str,
    *,
    title: str,
    severity: Severity,
    claim: str,
    source: str,
    aspect: str,
    reproduction: Reproduction = Reproduction.TEST,
    strictness: Strictness = Strictness.STRICT,
    on_tenants: Strictness | None = None,
    is_one_fault: bool = False,
) -> Check:
    """Declare a check. Raises ValueError when the id is taken."""
    if id in _DECLARED:
        raise ValueError(f"the check {id!r} is declared twice; give one of them another id")
    check = Check(id, title, severity, claim, source, aspect, reproduction, strictness, on_tenants, is_one_fault)
    _DECLARED[id] = check
    return check


def declared() -> dict[str, Check]:
    """All checks of the modules imported so far, by id, in a stable order: by aspect, then by id."""
    return {check.id: check for check in sorted(_DECLARED.values(), key=lambda check: (check.aspect, check.id))}


def scenario_check(rule: str, severity: Severity = Severity.CRITICAL) -> Check:
    """The check of a business rule that a scenario asserts, such as `wallet-adds`: the scenario has its claim.

    `severity` is that of the scenario's mark.
    """
    title = rule.replace("-", " ").replace("_", " ").capitalize()
    return Check(rule, title, severity, "A business rule of the scenario.", "the scenario's docstring", "scenario")
