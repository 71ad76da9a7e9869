"""How strict a check is on an operation at a version: by the first rule of `strictness.yaml` that applies.

A rule names a check (or a pattern), and may name operations and versions; it must give a reason. Without a rule the
default of the check's declaration applies.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ampeco_conformance.apis import describe
from ampeco_conformance.checks.acceptance import VALID_FIELD_REFUSED
from ampeco_conformance.checks.availability import ROUTE_EXISTS
from ampeco_conformance.checks.registry import check_of
from ampeco_conformance.core.checks import Strictness
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.wildcards import fits
from ampeco_conformance.specs import Operation
from ampeco_conformance.triage.rule_file import (
    checked_check,
    checked_keys,
    checked_versions,
    concerns,
    covers,
    read_entries,
    refuse_dead_patterns,
)

STRICTNESS_FILE = "strictness.yaml"

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class StrictnessRule:
    """One rule; the fields but the last three are its keys in a file. One `of_growth` is about nothing else."""

    check: str
    strictness: Strictness
    reason: str
    operation: str = "*"
    versions: str = "*"
    name: str
    location: str = "*"
    of_growth: bool = False

    def governs(self, check: str, operation: str, version: str, location: str, is_growth: bool) -> bool:
        """Whether the rule is about a violation of a check on a location of an operation at a version."""
        is_about = concerns(self.check, check) and concerns(self.operation, operation)
        is_there = fits(location, self.location) and (is_growth or not self.of_growth)
        return is_about and is_there and covers(self.versions, version)


@dataclass(frozen=True, slots=True)
class StrictnessSettings:
    """All rules, in their order; `strict` makes a failure of what would be drift.

    Checks may be less strict by default on a tenant than on an emulator.
    """

    rules: tuple[StrictnessRule, ...] = ()
    strict: bool = False
    is_emulator: bool = False

    def governing(
        self, check: str, operation: str, version: str, location: str = "", *, is_growth: bool = False
    ) -> tuple[Strictness, str]:
        """How strict a check is here, and the setting that says so, in words."""
        rule = next((rule for rule in self.rules if rule.governs(check, operation, version, location, is_growth)), None)
        strictness = rule.strictness if rule else self._default(check)
        words = f"{rule.name}: {strictness} because {rule.reason}" if rule else f"{strictness} by default"
        if self.strict and strictness is Strictness.TOLERANT:
            return Strictness.STRICT, f"{words}; strict by --strict"
        return strictness, words

    def _default(self, check: str) -> Strictness:
        declared = check_of(check)
        return declared.strictness if self.is_emulator or declared.on_tenants is None else declared.on_tenants


_NO_ENDS: Mapping[str, str] = {}


def feature_rules(api: str, features: Iterable[str]) -> tuple[StrictnessRule, ...]:
    """The rules that the features of a tenant make: their fields must be accepted."""
    known = describe(api).fields.features
    return tuple(
        StrictnessRule(
            check=VALID_FIELD_REFUSED.id,
            strictness=Strictness.STRICT,
            reason=f"the feature {name} is on",
            operation=known[name].operations,
            name="tenants.yaml",
            location=f"body /{field}",
        )
        for name in sorted(features)
        for field in sorted(known[name].fields or {"*"})
    )


def version_rules(
    application: str | None, *, is_older: bool, is_newer: bool, ends: Mapping[str, str] = _NO_ENDS
) -> tuple[StrictnessRule, ...]:
    """The rules that the version of the target makes, which is older or newer than the tested one, or neither.

    What a newer target adds is growth. What an older one has no route for may have come later; at the same or a newer
    version, or when the version is not known, the operation has gone. `ends` are the days that were announced as the
    end of operations, by their labels.
    """
    said = f"X-App-Version {application}"
    growth = StrictnessRule(
        check="*",
        strictness=Strictness.TOLERANT,
        reason="the target is newer than the tested version, and this is growth",
        name=said,
        of_growth=True,
    )
    skew = StrictnessRule(
        check=ROUTE_EXISTS.id,
        strictness=Strictness.ADVISORY,
        reason="the target is older than the tested version (version skew)",
        name=said,
    )
    gone = (
        StrictnessRule(
            check=ROUTE_EXISTS.id,
            strictness=Strictness.TOLERANT,
            reason=f"its end was announced for {day}",
            operation=label,
            name="the deprecation calendar",
        )
        for label, day in ends.items()
    )
    return (skew,) if is_older else (growth, *gone) if is_newer else ()


def ended(operations: Iterable[Operation], today: date) -> dict[str, str]:
    """The days that the specification announces as the end of operations, by their labels; only those that are past."""
    days = {operation.label: str(operation.definition.get("x-sunset", "")) for operation in operations}
    return {label: day for label, day in days.items() if _DAY.fullmatch(day) and day <= today.isoformat()}


def load_settings(file: Path | None, *, strict: bool = False) -> StrictnessSettings:
    """The rules of a file, none without one. Raises ConfigurationError for the first thing wrong with it."""
    entries = read_entries(file, "rules") if file else []
    rules: list[StrictnessRule] = []
    for number, entry in enumerate(entries, 1):
        name = f"{file.name if file else ''} rule {number}"
        where = f"{file}: rule {number}"
        checked_keys(entry, ("check", "strictness", "reason"), ("operation", "versions"), where)
        if entry["strictness"] not in list(Strictness):
            raise ConfigurationError(f"{where}: strictness {entry['strictness']!r}; known are {', '.join(Strictness)}")
        rules.append(
            StrictnessRule(
                check=checked_check(entry["check"], where),
                strictness=Strictness(entry["strictness"]),
                reason=entry["reason"],
                operation=entry.get("operation", "*"),
                versions=checked_versions(entry.get("versions", "*"), where),
                name=name,
            )
        )
    return StrictnessSettings(tuple(rules), strict)


def checked_settings(file: Path | None) -> StrictnessSettings:
    """The rules of a file. Raises ConfigurationError also for one whose operation is in no version."""
    settings = load_settings(file)
    refuse_dead_patterns({rule.operation: f"{file}: {rule.name.partition(' ')[2]}" for rule in settings.rules})
    return settings
